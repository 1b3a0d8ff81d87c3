using System.Text;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.Postgres.Types;

namespace Cdc.Sink.Writers.Postgres.Sql;

/// <summary>What a batch has beside values, which decides over columns of the copy and the text of the merge.</summary>
[Flags]
internal enum BatchShape
{
    Plain = 0,

    /// <summary>Some rows are removals.</summary>
    Deletes = 1,

    /// <summary>Some rows leave columns as they are.</summary>
    Unchanged = 2,

    /// <summary>Some values come as text.</summary>
    Exact = 4,
}

/// <summary>
/// The temporary table a batch is copied into. Its columns are <c>c0</c>, <c>c1</c>, …: no name from outside, so the server's context of an
/// error tells the column.
/// </summary>
internal static class StagingStatements
{
    /// <summary>The batch's number: rows of earlier ones stay until there are enough of them to make emptying worth it.</summary>
    public const string Batch = "b";

    public const string Partition = "p";
    public const string Offset = "o";
    public const string CommittedAt = "at";
    public const string Deleted = "deleted";

    /// <summary>Bit i, from the lowest of the first byte: column i keeps the target's value.</summary>
    public const string Unchanged = "unchanged";

    /// <summary>Element i + 1: column i's value as text.</summary>
    public const string Exact = "exact";

    /// <param name="session">Two sessions of ours may meet in one of the server's, behind a pooler.</param>
    /// <param name="number">Of the table in the session.</param>
    public static string Table(string session, int number) => FormattableString.Invariant($"pg_temp.cdc_stage_{session}_{number}");

    /// <summary>From now on to the transaction's end nobody alters the table.</summary>
    public static string Hold(TargetName table) => $"LOCK TABLE {Identifiers.Quote(table)} IN ROW EXCLUSIVE MODE";

    public static string Column(int number) => FormattableString.Invariant($"c{number}");

    // Not emptied at commit: that touches the files of every temporary table of the session, whether the transaction used it or not.
    public static string Create(string table, IEnumerable<PostgresType> types, bool isKept)
    {
        var text = new StringBuilder("CREATE TEMPORARY TABLE ").Append(table["pg_temp.".Length..])
            .Append($" ({Batch} integer, {Partition} integer, {Offset} bigint, {CommittedAt} timestamp with time zone, ")
            .Append($"{Deleted} boolean, {Unchanged} bytea, {Exact} text[]");
        var number = 0;
        foreach (var type in types)
            text.Append(", ").Append(Column(number++)).Append(' ').Append(type);
        return text.Append(isKept ? ")" : ") ON COMMIT DROP").ToString();
    }

    public static string Empty(string table) => $"TRUNCATE {table}";

    public static string Drop(string table) => $"DROP TABLE {table}";

    public static string Copy(string table, int columns, BatchShape shape)
    {
        var text = new StringBuilder($"COPY {table} ({Batch}, {Partition}, {Offset}, {CommittedAt}");
        if (shape.HasFlag(BatchShape.Deletes))
            text.Append(", ").Append(Deleted);
        if (shape.HasFlag(BatchShape.Unchanged))
            text.Append(", ").Append(Unchanged);
        if (shape.HasFlag(BatchShape.Exact))
            text.Append(", ").Append(Exact);
        for (var i = 0; i < columns; i++)
            text.Append(", ").Append(Column(i));
        return text.Append(") FROM STDIN (FORMAT binary)").ToString();
    }
}
