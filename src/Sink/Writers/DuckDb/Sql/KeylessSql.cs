using Cdc.Contracts.Schema;
using Cdc.Sink.SchemaEvolution;

namespace Cdc.Sink.Writers.DuckDb.Sql;

/// <summary>
/// Statements for a table without a key, whose batch removes rows: each removal takes one row that equals it, an earlier one of the batch
/// where the target has none left. Equal rows cannot be told apart, so only their numbers count. Rows are compared as DuckDB compares them,
/// NULL to NULL, but floating point numbers by their text: zero has two signs. Columns of staging tables are named by their numbers, so no
/// column of the user's can be taken for another.
/// </summary>
/// <param name="table">The target.</param>
/// <param name="schema">The batch's.</param>
/// <param name="columns">Its columns, then the platform's.</param>
/// <param name="foreign">The table's columns that the schema does not have: rows that stay keep them.</param>
internal sealed class KeylessSql(TargetName table, TableSchema schema, IReadOnlyList<SqlColumn> columns, IReadOnlyList<string> foreign)
{
    public const string Changes = "_cdc_changes";

    private const string Removal = "removal";
    private const string Number = "number";

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

    public string CreateChanges
    {
        get
        {
            var staged = columns.Select((column, number) => column with { Name = SqlName.Staged(number) });
            return $"CREATE OR REPLACE TEMP TABLE {SqlName.Quote(Changes)} ({TableSql.Definitions(staged.Concat(OrderColumns))})";
        }
    }

    /// <summary>
    /// Whether a row has a place by which it can be found again: a column of the user's that is called <c>rowid</c> hides it. Then all rows
    /// like those to be removed go, and those that stay come back.
    /// </summary>
    private bool HasPlaces => !columns.Select(column => column.Name).Concat(foreign).Any(
        name => string.Equals(SqlName.Fold(name), "rowid", StringComparison.Ordinal));

    private IEnumerable<string> AllNames => columns.Select(column => SqlName.Quote(column.Name)).Concat(foreign.Select(SqlName.Quote));

    /// <summary>What is removed how often, and which rows of the target are like that.</summary>
    public string Count => $"""
        CREATE OR REPLACE TEMP TABLE _cdc_wanted AS
        SELECT row_number() OVER () AS id, * FROM (
            SELECT {Keys("c", "k")}, count(*) FILTER (c.{Removal}) AS removed, -min(c.balance) AS needed
            FROM (SELECT *, sum(CASE WHEN {Removal} THEN -1 ELSE 1 END)
                OVER (PARTITION BY {Keys("s")} ORDER BY {Number} ROWS UNBOUNDED PRECEDING) AS balance FROM {changes} AS s) AS c
            GROUP BY {Keys("c")} HAVING count(*) FILTER (c.{Removal}) > 0);
        CREATE OR REPLACE TEMP TABLE _cdc_found AS
        SELECT w.id, {Kept}, w.removed, row_number() OVER (PARTITION BY w.id) AS number
        FROM {target} AS t JOIN {wanted} AS w ON {MatchTarget}
        """;

    public string Apply => $"""
        {Remove};
        INSERT INTO {target} ({Names}) SELECT {StagedNames("c")}
        FROM (SELECT *, row_number() OVER (PARTITION BY {Keys("s")}, {Removal} ORDER BY {Number}) AS copy FROM {changes} AS s) AS c
        LEFT JOIN {wanted} AS w ON {MatchStaged}
        LEFT JOIN (SELECT id, count(*) AS copies FROM {found} GROUP BY id) AS f ON f.id = w.id
        WHERE NOT c.{Removal} AND c.copy > coalesce(w.removed - coalesce(f.copies, 0), 0);
        DROP TABLE {found}; DROP TABLE {wanted}; DROP TABLE {changes}
        """;

    private string Kept => HasPlaces
        ? "t.rowid AS place"
        : string.Join(", ", AllNames.Select((name, number) => $"t.{name} AS {SqlName.Staged(number)}"));

    private string Remove => HasPlaces
        ? $"DELETE FROM {target} WHERE rowid IN (SELECT place FROM {found} WHERE number <= removed)"
        : $"""
            DELETE FROM {target} AS t USING {wanted} AS w WHERE {MatchTarget};
            INSERT INTO {target} ({string.Join(", ", AllNames)})
            SELECT {string.Join(", ", AllNames.Select((_, number) => SqlName.Staged(number)))} FROM {found} WHERE number > removed
            """;

    private string Names => string.Join(", ", columns.Select(column => SqlName.Quote(column.Name)));

    private string MatchTarget => Match(number => $"t.{SqlName.Quote(columns[number].Name)}");

    private string MatchStaged => Match(number => $"c.{SqlName.Staged(number)}");

    private string StagedNames(string alias) => string.Join(", ", columns.Select((_, number) => $"{alias}.{SqlName.Staged(number)}"));

    /// <param name="alias">Of the staging table whose columns are compared.</param>
    /// <param name="name">What their names begin with; null for none.</param>
    private string Keys(string alias, string? name = null) => string.Join(", ", Enumerable.Range(0, schema.Columns.Length).Select(
        i => Compared(i, $"{alias}.{SqlName.Staged(i)}") + (name is null ? "" : FormattableString.Invariant($" AS {name}{i}"))));

    private string Match(Func<int, string> value) => string.Join(" AND ", Enumerable.Range(0, schema.Columns.Length).Select(
        i => FormattableString.Invariant($"{Compared(i, value(i))} IS NOT DISTINCT FROM w.k{i}")));

    private string Compared(int column, string value)
    {
        var isFloat = schema.Columns[column].Type is ColumnType.Float32 or ColumnType.Float64
            or ColumnType.Array { Element: ColumnType.Float32 or ColumnType.Float64 };
        return isFloat ? $"CAST({value} AS VARCHAR)" : value;
    }
}
