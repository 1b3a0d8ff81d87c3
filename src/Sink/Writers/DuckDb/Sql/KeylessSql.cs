using Cdc.Contracts.Schema;
using Cdc.Sink.SchemaEvolution;

namespace Cdc.Sink.Writers.DuckDb.Sql;

/// <summary>
/// Statements for a table without a key, whose batch removes rows: each removal takes one row that equals it, an earlier one of the batch
/// where the target has none left. Equal rows cannot be told apart, so only their numbers count. Rows are compared as DuckDB compares them,
/// NULL to NULL, but floating point numbers by their text: zero has two signs.
/// </summary>
internal sealed class KeylessSql(TargetName table, TableSchema schema, IReadOnlyList<SqlColumn> columns)
{
    public const string Changes = "_cdc_changes";

    private const string Removal = "_cdc_removal";
    private const string Number = "_cdc_number";

    private readonly string target = SqlName.Table(table);
    private readonly string changes = SqlName.Staging(Changes);
    private readonly string wanted = SqlName.Staging("_cdc_wanted");
    private readonly string found = SqlName.Staging("_cdc_found");

    /// <summary>The last columns of <see cref="Changes"/>: whether a row is removed, and its number in the batch.</summary>
    public static IReadOnlyList<SqlColumn> OrderColumns { get; } = [new(Removal, "BOOLEAN"), new(Number, "BIGINT")];

    /// <summary>How many different rows are removed more often than they are there, in the batch's order.</summary>
    public static string Missing { get; } = $"""
        SELECT count(*) FROM {SqlName.Staging("_cdc_wanted")} AS w
        LEFT JOIN (SELECT id, count(*) AS copies FROM {SqlName.Staging("_cdc_found")} GROUP BY id) AS f ON f.id = w.id
        WHERE w.needed > coalesce(f.copies, 0)
        """;

    public string CreateChanges =>
        $"CREATE OR REPLACE TEMP TABLE {SqlName.Quote(Changes)} ({TableSql.Definitions(columns.Concat(OrderColumns))})";

    /// <summary>What is removed how often, and which rows of the target are like that.</summary>
    public string Count => $"""
        CREATE OR REPLACE TEMP TABLE _cdc_wanted AS
        SELECT row_number() OVER () AS id, * FROM (
            SELECT {Keys("c", "k")}, count(*) FILTER (c.{Removal}) AS removed, -min(c.balance) AS needed
            FROM (SELECT *, sum(CASE WHEN {Removal} THEN -1 ELSE 1 END)
                OVER (PARTITION BY {Keys("s")} ORDER BY {Number} ROWS UNBOUNDED PRECEDING) AS balance FROM {changes} AS s) AS c
            GROUP BY {Keys("c")} HAVING count(*) FILTER (c.{Removal}) > 0);
        CREATE OR REPLACE TEMP TABLE _cdc_found AS
        SELECT w.id, t.rowid AS place, w.removed, row_number() OVER (PARTITION BY w.id) AS number
        FROM {target} AS t JOIN {wanted} AS w ON {Match("t")}
        """;

    public string Apply => $"""
        DELETE FROM {target} WHERE rowid IN (SELECT place FROM {found} WHERE number <= removed);
        INSERT INTO {target} ({Names("")}) SELECT {Names("c.")}
        FROM (SELECT *, row_number() OVER (PARTITION BY {Keys("s")}, {Removal} ORDER BY {Number}) AS copy FROM {changes} AS s) AS c
        LEFT JOIN {wanted} AS w ON {Match("c")}
        LEFT JOIN (SELECT id, count(*) AS copies FROM {found} GROUP BY id) AS f ON f.id = w.id
        WHERE NOT c.{Removal} AND c.copy > coalesce(w.removed - coalesce(f.copies, 0), 0);
        DROP TABLE {found}; DROP TABLE {wanted}; DROP TABLE {changes}
        """;

    private string Names(string prefix) => string.Join(", ", columns.Select(column => prefix + SqlName.Quote(column.Name)));

    /// <param name="alias">Of the table whose columns are compared.</param>
    /// <param name="name">What their names begin with; null for none.</param>
    private string Keys(string alias, string? name = null) => string.Join(
        ", ", Enumerable.Range(0, schema.Columns.Length)
        .Select(i => Key(alias, i) + (name is null ? "" : FormattableString.Invariant($" AS {name}{i}"))));

    private string Match(string alias) => string.Join(
        " AND ", Enumerable.Range(0, schema.Columns.Length)
        .Select(i => FormattableString.Invariant($"{Key(alias, i)} IS NOT DISTINCT FROM w.k{i}")));

    private string Key(string alias, int column)
    {
        var name = $"{alias}.{SqlName.Quote(columns[column].Name)}";
        var isFloat = schema.Columns[column].Type is ColumnType.Float32 or ColumnType.Float64
            or ColumnType.Array { Element: ColumnType.Float32 or ColumnType.Float64 };
        return isFloat ? $"CAST({name} AS VARCHAR)" : name;
    }
}
