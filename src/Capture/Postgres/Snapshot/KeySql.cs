using System.Text;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Sources;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>
/// How a key column is compared with a value: as its index compares, whatever the search path holds. Another operator of the same name
/// would find other rows, or find them without the index (<c>citext</c> as text), or be none at all (<c>ltree</c>).
/// </summary>
/// <param name="Column">Its name.</param>
/// <param name="Operator">In SQL, with its schema.</param>
/// <param name="Type">The value's type in SQL, domains taken away: their checks may be younger than the row.</param>
internal sealed record KeyOperator(string Column, string Operator, string Type)
{
    /// <summary>The index's collation in SQL, where it is not the column's; else null.</summary>
    public string? Collation { get; init; }

    /// <summary>The type is an array: values of it make no array of their own.</summary>
    public bool IsArray { get; init; }
}

/// <summary>The condition under which rows have one of some keys, as text.</summary>
internal static class KeySql
{
    /// <summary>
    /// Of the tables $1, by column of the key's index of each, which is chosen as for its key: name, equality operator of the operator
    /// class (1 and 3 are its numbers for hash and btree), type without domains, whether that is an array, and the index's collation where
    /// it is another one.
    /// </summary>
    public const string Operators = """
        SELECT a.attname::text, opn.nspname::text, op.oprname::text, pg_catalog.format_type(base.oid, -1), base.typcategory = 'A',
               CASE WHEN k.sorting <> a.attcollation THEN con.nspname::text END, co.collname::text, c.oid
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
            AND CASE c.relreplident WHEN 'i' THEN i.indisreplident WHEN 'n' THEN false ELSE i.indisprimary END
        CROSS JOIN LATERAL unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[]) WITH ORDINALITY AS k(number, opclass, sorting,
            place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
        JOIN pg_catalog.pg_opclass oc ON oc.oid = k.opclass
        JOIN pg_catalog.pg_am am ON am.oid = oc.opcmethod
        JOIN pg_catalog.pg_amop ao ON ao.amopfamily = oc.opcfamily AND ao.amoplefttype = oc.opcintype AND ao.amoprighttype = oc.opcintype
            AND ao.amopstrategy = CASE am.amname WHEN 'btree' THEN 3 WHEN 'hash' THEN 1 END
        JOIN pg_catalog.pg_operator op ON op.oid = ao.amopopr
        JOIN pg_catalog.pg_namespace opn ON opn.oid = op.oprnamespace
        CROSS JOIN LATERAL (
            WITH RECURSIVE domains(oid, basetype) AS (
                SELECT t.oid, t.typbasetype FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid
                UNION ALL
                SELECT t.oid, t.typbasetype FROM domains JOIN pg_catalog.pg_type t ON t.oid = domains.basetype)
            SELECT t.oid, t.typcategory FROM domains JOIN pg_catalog.pg_type t ON t.oid = domains.oid WHERE domains.basetype = 0) base
        LEFT JOIN pg_catalog.pg_collation co ON co.oid = k.sorting
        LEFT JOIN pg_catalog.pg_namespace con ON con.oid = co.collnamespace
        WHERE c.oid = ANY ($1) AND k.place <= i.indnkeyatts
        """;

    /// <param name="schema">Whose key.</param>
    /// <param name="operators">In any order; a column that has none is compared as the session's search path says.</param>
    /// <param name="keys">At least one, as <see cref="KeyText"/> writes them.</param>
    public static string Condition(TableSchema schema, IReadOnlyList<KeyOperator> operators, IReadOnlyList<byte[]> keys)
    {
        var columns = schema.Key.Select(column => schema.Columns[column].Name).ToList();
        var found = columns.ConvertAll(column =>
            operators.FirstOrDefault(known => string.Equals(known.Column, column, StringComparison.Ordinal)));
        var values = keys.Select(Values);
        if (columns.Count == 1 && found[0] is { IsArray: false } alone)
            return $"{Left(alone)} ANY (ARRAY[{string.Join(", ", values.Select(key => Value(alone, key[0])))}])";
        var alternatives = values.Select(key => string.Join(" AND ", key.Select((value, i) => Equal(columns[i], found[i], value))));
        return $"({string.Join(" OR ", alternatives.Select(key => $"({key})"))})";
    }

    private static string Equal(string column, KeyOperator? known, string value) => known is null
        ? $"{ReplicationCommands.Identifier(column)} = {ReplicationCommands.Literal(value)}"
        : $"{Left(known)} {Value(known, value)}";

    private static string Left(KeyOperator known) =>
        $"{ReplicationCommands.Identifier(known.Column)}{(known.Collation is null ? "" : $" COLLATE {known.Collation}")} {known.Operator}";

    private static string Value(KeyOperator known, string value) => $"{ReplicationCommands.Literal(value)}::{known.Type}";

    private static List<string> Values(byte[] key)
    {
        ReadOnlySpan<byte> rest = key;
        var columns = new List<string>();
        while (KeyText.TryTake(ref rest, out var column))
            columns.Add(Encoding.UTF8.GetString(column));
        return columns;
    }
}
