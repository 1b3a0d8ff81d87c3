using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Sink.Batching;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.DuckDb.Native;
using Cdc.Sink.Writers.DuckDb.Sql;
using Cdc.Sink.Writers.DuckDb.Types;

namespace Cdc.Sink.Writers.DuckDb.Staging;

/// <summary>How batches of one schema go into one table: writers, names and statements, worked out once.</summary>
internal sealed class TablePlan
{
    /// <param name="present">The table's columns as the target has them.</param>
    /// <param name="metadata">The platform's own columns.</param>
    public TablePlan(TargetName table, TableSchema schema, string[] present, MetadataColumns metadata)
    {
        SqlName.Check(table, schema.Columns, metadata);
        Table = table;
        Schema = schema;
        Present = present;
        Columns = [.. schema.Columns.Select(SqlColumn.Of), .. RowColumns.Of(metadata)];
        Foreign = FindForeign();
        Writers = [.. schema.Columns.Select((column, number) =>
            ColumnWriter.Create(column.Type, $"column '{column.Name}' of table '{table}', of type '{Columns[number].Type}'"))];
        Key = [.. schema.Key];
        KeyColumns = [.. Key.Select(column => Columns[column])];
        Numbers = [.. Enumerable.Range(0, schema.Columns.Length)];
        CreateKeys = MergeSql.CreateKeys(KeyColumns.Select(column => column.Type));
        DeleteByKeys = MergeSql.DeleteByKeys(table, [.. KeyColumns.Select(column => column.Name)]);
        FindSeveral = MergeSql.FindSeveral(table, [.. KeyColumns.Select(column => column.Name)], metadata);
        AllNames = [.. Columns.Select(column => column.Name), .. Foreign];
        InsertPartial = MergeSql.InsertPartial(table, AllNames);
    }

    public TargetName Table { get; }

    public TableSchema Schema { get; }

    /// <summary>The table's columns when the plan was made.</summary>
    public string[] Present { get; }

    /// <summary>The table's columns that the schema does not have: rows that exist keep them.</summary>
    public string[] Foreign { get; }

    /// <summary>Names of <see cref="Columns"/>, then <see cref="Foreign"/>.</summary>
    public string[] AllNames { get; }

    /// <summary>The schema's columns, then the platform's.</summary>
    public SqlColumn[] Columns { get; }

    /// <summary>One for each of the schema's columns.</summary>
    public ColumnWriter[] Writers { get; }

    /// <summary>0, 1, 2… as many as the schema has columns.</summary>
    public int[] Numbers { get; }

    /// <summary>Numbers of the key's columns.</summary>
    public int[] Key { get; }

    /// <summary>The key's columns, in the order of <see cref="Key"/>.</summary>
    public SqlColumn[] KeyColumns { get; }

    public string CreateKeys { get; }

    public string DeleteByKeys { get; }

    /// <summary>Whether a key finds more than one row.</summary>
    public string FindSeveral { get; }

    public string InsertPartial { get; }

    public DuckDbAppender OpenTable(DuckDbConnection connection) =>
        Open(connection, new QualifiedName(SqlName.Catalog, Table.Schema, Table.Name), Columns, [.. Columns.Select(column => column.Name)]);

    /// <param name="connection">Where the staging table is.</param>
    /// <param name="name">The staging table's.</param>
    /// <param name="columns">What its first columns hold, which are named by their numbers.</param>
    /// <param name="own">Columns of the platform's own behind these.</param>
    public DuckDbAppender OpenStaging(DuckDbConnection connection, string name, SqlColumn[] columns, IEnumerable<SqlColumn> own)
    {
        SqlColumn[] all = [.. columns, .. own];
        return Open(
            connection, new QualifiedName("temp", "main", name), all,
            [.. all.Select((column, number) => number < columns.Length ? SqlName.Staged(number) : column.Name)]);
    }

    /// <summary>Whether a row that updates another takes something from it.</summary>
    public bool Keeps(BatchRow row) => row.Change == RowChange.Upsert && (row.HasUnchanged || Foreign.Length > 0);

    private string[] FindForeign()
    {
        var own = Columns.Select(column => SqlName.Fold(column.Name)).ToHashSet(StringComparer.Ordinal);
        var present = Present.Select(SqlName.Fold).ToHashSet(StringComparer.Ordinal);
        foreach (var column in Columns)
        {
            if (!present.Contains(SqlName.Fold(column.Name)))
                throw new CdcException(ErrorCodes.TargetColumnUnsuitable,
                    $"Writing into table '{Table}', its column '{column.Name}' was not found.");
        }

        return [.. Present.Where(name => !own.Contains(SqlName.Fold(name)))];
    }

    private DuckDbAppender Open(DuckDbConnection connection, QualifiedName table, SqlColumn[] columns, string[] names) =>
        DuckDbAppender.Open(connection, table, names, (number, found) => Verify(columns[number], found));

    private void Verify(SqlColumn column, string found)
    {
        if (!string.Equals(column.Type, found, StringComparison.Ordinal))
        {
            throw new CdcException(
                ErrorCodes.TargetColumnUnsuitable,
                $"Writing column '{column.Name}' of table '{Table}', type '{found}' was found, '{column.Type}' was expected.");
        }
    }
}
