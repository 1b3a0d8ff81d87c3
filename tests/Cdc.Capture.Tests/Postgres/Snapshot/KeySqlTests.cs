using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Sources;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Tests.Postgres.Snapshot;

/// <summary>The condition under which rows are read again by their keys, as text.</summary>
public sealed class KeySqlTests
{
    private static readonly KeyOperator Tree = new("a", "OPERATOR(\"public\".=)", "public.ltree");
    private static readonly KeyOperator Number = new("b \"c\"", "OPERATOR(\"pg_catalog\".=)", "numeric");

    [Fact]
    public void One_column_is_compared_with_all_values_at_once() => Assert.Equal(
        """
        "a" OPERATOR("public".=) ANY (ARRAY['x.y'::public.ltree, 'it''s'::public.ltree])
        """,
        Condition(["a"], [Number, Tree], ["x.y"], ["it's"]));

    [Fact]
    public void Collation_of_the_index_is_said_where_it_is_another_one() => Assert.Equal(
        """
        "a" COLLATE "own"."loose" OPERATOR("public".=) ANY (ARRAY['x'::public.ltree])
        """,
        Condition(["a"], [Tree with { Collation = "\"own\".\"loose\"" }], ["x"]));

    [Fact]
    public void Several_columns_are_compared_key_by_key() => Assert.Equal(
        """"
        (("b ""c""" OPERATOR("pg_catalog".=) '1'::numeric AND "a" OPERATOR("public".=) 'x'::public.ltree) OR ("b ""c""" OPERATOR("pg_catalog".=) '2'::numeric AND "a" OPERATOR("public".=) 'y'::public.ltree))
        """",
        Condition(["b \"c\"", "a"], [Tree, Number], ["1", "x"], ["2", "y"]));

    [Fact]
    public void Arrays_make_no_array_of_their_own() => Assert.Equal(
        """
        (("a" OPERATOR("pg_catalog".=) '{1}'::integer[]) OR ("a" OPERATOR("pg_catalog".=) '{{2},{3}}'::integer[]))
        """,
        Condition(["a"], [new KeyOperator("a", "OPERATOR(\"pg_catalog\".=)", "integer[]") { IsArray = true }], ["{1}"], ["{{2},{3}}"]));

    [Fact]
    public void Column_without_a_known_operator_is_compared_as_the_session_does() =>
        Assert.Equal("((\"a\" = 'x'))", Condition(["a"], [], ["x"]));

    private static string Condition(string[] columns, KeyOperator[] operators, params string[][] keys)
    {
        var schema = new TableSchema(
            new TableId("public", "t"), [.. columns.Select(name => new ColumnSchema(name, name, new ColumnType.Text(), "text"))],
            [.. Enumerable.Range(0, columns.Length)]);
        return KeySql.Condition(schema, operators, [.. keys.Select(values => KeyOf(schema, values))]);
    }

    private static byte[] KeyOf(TableSchema schema, string[] values)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(string.Concat(values));
        var slices = new ColumnSlice[values.Length];
        for (var (i, at) = (0, 0); i < values.Length; at += values[i++].Length)
            slices[i] = new ColumnSlice(at, values[i].Length, ColumnState.Value);
        using var key = new PooledBuffer();
        KeyText.Write(schema, new RowImage(bytes, slices), key);
        return key.WrittenSpan.ToArray();
    }
}
