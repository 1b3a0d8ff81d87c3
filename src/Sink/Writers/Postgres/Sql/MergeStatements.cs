using System.Collections.Immutable;
using System.Text;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.Postgres.Types;

namespace Cdc.Sink.Writers.Postgres.Sql;

/// <summary>One column's way from staging to target.</summary>
/// <param name="Name">The target's column.</param>
/// <param name="Staged">The staging column's type.</param>
/// <param name="Wanted">The type the column's values have.</param>
/// <param name="Actual">The target column's type, which can hold those values.</param>
internal sealed record MergedColumn(string Name, PostgresType Staged, PostgresType Wanted, PostgresType Actual, bool IsKey);

/// <summary>
/// From staging into the target, the rows of the batch whose number is parameter 1. Removals go first: where two keys are equal to
/// PostgreSQL but not to the letter (<c>1.0</c> and
/// <c>1.00</c>), a changed key is the removal of one and the insertion of the other, in whatever order a batch has them.
/// </summary>
internal sealed class MergeStatements(TargetName table, string stage, ImmutableArray<MergedColumn> columns, MetadataColumns metadata)
{
    private readonly string target = Identifiers.Quote(table);

    /// <summary>
    /// Reads nothing. Prepared once, the server refuses it when the type of one of the columns is no longer what it was
    /// (<c>0A000</c>, "cached plan must not change result type"): a narrower one would round values without a word.
    /// </summary>
    public string Guard() => $"SELECT {string.Join(", ", TargetColumns())} FROM {target} WHERE false";

    public string Delete() =>
        $"DELETE FROM {target} AS t USING {stage} AS s WHERE s.{StagingStatements.Batch} = $1 AND " +
        $"s.{StagingStatements.Deleted} AND {SameKey()}";

    /// <summary>Before the merge: how many rows leave columns as they are and find no row.</summary>
    public string CountIncomplete() =>
        $"SELECT count(*) FROM {stage} AS s WHERE s.{StagingStatements.Batch} = $1 AND s.{StagingStatements.Unchanged} IS NOT NULL " +
        $"AND NOT EXISTS (SELECT FROM {target} AS t WHERE {SameKey()})";

    /// <summary>For servers from version 15. Of a table without a key: where nothing is removed.</summary>
    public string Merge(BatchShape shape)
    {
        if (!columns.Any(column => column.IsKey))
            return Insert(shape, "");
        var text = new StringBuilder($"MERGE INTO {target} AS t USING {Rows(shape)} AS s ON {SameKey()} WHEN MATCHED THEN UPDATE SET ");
        AppendAssignments(text, shape);
        text.Append(" WHEN NOT MATCHED THEN INSERT (").AppendJoin(", ", TargetColumns()).Append(") VALUES (")
            .AppendJoin(", ", Values(shape)).Append(')');
        return text.ToString();
    }

    /// <summary>What <see cref="Merge"/> does, for version 14, which lacks MERGE: two statements.</summary>
    public ImmutableArray<string> UpdateAndInsert(BatchShape shape)
    {
        if (!columns.Any(column => column.IsKey))
            return [Insert(shape, "")];
        var text = new StringBuilder($"UPDATE {target} AS t SET ");
        AppendAssignments(text, shape);
        text.Append($" FROM {Rows(shape)} AS s WHERE {SameKey()}");
        var keys = string.Join(", ", columns.Where(column => column.IsKey).Select(column => Identifiers.Quote(column.Name)));
        return [text.ToString(), Insert(shape, $" ON CONFLICT ({keys}) DO NOTHING")];
    }

    /// <summary>
    /// For a table without a key, whose batch removes rows: each removal takes one row that equals it in every column's text (the only
    /// thing all types can be compared by; NULL equals NULL, for arrays compare so), an earlier one of the batch where the target has none
    /// left. Equal rows cannot be told apart, so only their numbers count, and one statement does it all. Answers with how many different
    /// rows were removed more often than they were there, in the batch's order.
    /// </summary>
    public string Reconcile(BatchShape shape)
    {
        var staged = string.Join(", ", Enumerable.Range(0, columns.Length).Select(i => $"({Value(i, shape)})::text"));
        var held = string.Join(", ", columns.Select(column => $"{Identifiers.Quote(column.Name)}::text"));
        return $"""
            WITH changes AS MATERIALIZED (
                SELECT s.*, ARRAY[{staged}] AS cdc_row FROM {stage} AS s WHERE s.{StagingStatements.Batch} = $1),
            counted AS MATERIALIZED (
                SELECT c.*, row_number() OVER (PARTITION BY cdc_row, {StagingStatements.Deleted}
                    ORDER BY {StagingStatements.Partition}, {StagingStatements.Offset}) AS cdc_number,
                    sum(CASE WHEN {StagingStatements.Deleted} THEN -1 ELSE 1 END) OVER (PARTITION BY cdc_row
                        ORDER BY {StagingStatements.Partition}, {StagingStatements.Offset}, {StagingStatements.Deleted} NULLS LAST
                        ROWS UNBOUNDED PRECEDING) AS cdc_balance
                FROM changes AS c),
            wanted AS MATERIALIZED (
                SELECT cdc_row, count({StagingStatements.Deleted}) AS removed, -min(cdc_balance) AS needed
                FROM counted GROUP BY cdc_row HAVING count({StagingStatements.Deleted}) > 0),
            found AS MATERIALIZED (
                SELECT t.place, w.cdc_row, w.removed, row_number() OVER (PARTITION BY w.cdc_row) AS number
                FROM (SELECT ctid AS place, ARRAY[{held}] AS cdc_row FROM {target}) AS t JOIN wanted AS w ON w.cdc_row = t.cdc_row),
            present AS MATERIALIZED (SELECT cdc_row, count(*) AS copies FROM found GROUP BY cdc_row),
            gone AS (DELETE FROM {target} AS t USING found AS f WHERE t.ctid = f.place AND f.number <= f.removed),
            come AS (
                INSERT INTO {target} ({string.Join(", ", TargetColumns())}) SELECT {string.Join(", ", Values(shape))}
                FROM counted AS s LEFT JOIN wanted AS w ON w.cdc_row = s.cdc_row LEFT JOIN present AS f ON f.cdc_row = s.cdc_row
                WHERE s.{StagingStatements.Deleted} IS NULL AND s.cdc_number > coalesce(w.removed - coalesce(f.copies, 0), 0))
            SELECT count(*) FROM wanted AS w LEFT JOIN present AS f ON f.cdc_row = w.cdc_row WHERE w.needed > coalesce(f.copies, 0)
            """;
    }

    /// <summary>Around <see cref="Reconcile"/>: without a key there is no index, and the table must be read.</summary>
    public static ImmutableArray<string> AllowReading { get; } = ["SET LOCAL enable_hashjoin = on", "SET LOCAL enable_seqscan = on"];

    public static ImmutableArray<string> ForbidReading { get; } = ["SET LOCAL enable_hashjoin = off", "SET LOCAL enable_seqscan = off"];

    private string Insert(BatchShape shape, string ending) =>
        $"INSERT INTO {target} ({string.Join(", ", TargetColumns())}) " +
        $"SELECT {string.Join(", ", Values(shape))} FROM {Rows(shape)} AS s{ending}";

    private string Rows(BatchShape shape)
    {
        var written = shape.HasFlag(BatchShape.Deletes) ? $" AND {StagingStatements.Deleted} IS NULL" : "";
        return $"(SELECT * FROM {stage} WHERE {StagingStatements.Batch} = $1{written})";
    }

    private string SameKey() => string.Join(
        " AND ", Enumerable.Range(0, columns.Length).Where(i => columns[i].IsKey)
        .Select(i => $"t.{Identifiers.Quote(columns[i].Name)} = {Value(i)}"));

    private void AppendAssignments(StringBuilder text, BatchShape shape)
    {
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i].IsKey)
                continue;
            var name = Identifiers.Quote(columns[i].Name);
            var value = Value(i, shape);
            if (shape.HasFlag(BatchShape.Unchanged))
                value = FormattableString.Invariant(
                    $"CASE WHEN get_bit(s.{StagingStatements.Unchanged}, {i}) = 1 THEN t.{name} ELSE {value} END");
            text.Append(name).Append(" = ").Append(value).Append(", ");
        }

        text.Append($"{metadata.Partition} = s.{StagingStatements.Partition}, {metadata.Offset} = s.{StagingStatements.Offset}, ")
            .Append($"{metadata.CommittedAt} = s.{StagingStatements.CommittedAt}");
    }

    private IEnumerable<string> TargetColumns() => columns.Select(column => Identifiers.Quote(column.Name)).Concat(metadata.Names);

    private IEnumerable<string> Values(BatchShape shape) => Enumerable.Range(0, columns.Length).Select(i => Value(i, shape))
        .Concat([$"s.{StagingStatements.Partition}", $"s.{StagingStatements.Offset}", $"s.{StagingStatements.CommittedAt}"]);

    private string Value(int i, BatchShape shape)
    {
        if (!shape.HasFlag(BatchShape.Exact) || columns[i].IsKey)
            return Value(i);
        var exact = FormattableString.Invariant($"s.{StagingStatements.Exact}[{i + 1}]");
        return $"CASE WHEN {exact} IS NULL THEN {Value(i)} ELSE {Cast(exact, PostgresType.Of("text"), i)} END";
    }

    private string Value(int i) => Cast($"s.{StagingStatements.Column(i)}", columns[i].Staged, i);

    private string Cast(string value, PostgresType type, int i)
    {
        if (!type.Equals(columns[i].Wanted))
            value += $"::{columns[i].Wanted}";
        return columns[i].Wanted.Equals(columns[i].Actual) ? value : $"{value}::{columns[i].Actual}";
    }
}
