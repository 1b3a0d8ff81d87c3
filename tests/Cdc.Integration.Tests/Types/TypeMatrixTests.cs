using System.Text;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Types;
using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Events;
using Cdc.Contracts.Selection;
using Cdc.Integration.Tests.Replication;
using Npgsql;

namespace Cdc.Integration.Tests.Types;

public sealed class TypeMatrixTests(ReplicatedServer server)
{
    private const string HostileRole = """
        CREATE ROLE hostile SUPERUSER LOGIN;
        ALTER ROLE hostile SET DateStyle = 'SQL, DMY'; ALTER ROLE hostile SET IntervalStyle = 'postgres_verbose';
        ALTER ROLE hostile SET TimeZone = 'Asia/Kathmandu'; ALTER ROLE hostile SET extra_float_digits = -15;
        ALTER ROLE hostile SET bytea_output = 'escape'; ALTER ROLE hostile SET search_path = public, other;
        ALTER ROLE hostile SET quote_all_identifiers = on; ALTER ROLE hostile SET client_encoding = 'LATIN1';
        ALTER ROLE hostile SET statement_timeout = '1ms'; ALTER ROLE hostile SET standard_conforming_strings = off;
        ALTER ROLE hostile SET default_transaction_isolation = 'serializable';
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_type_is_described_and_encoded_by_contract()
    {
        var options = server.Options(await CreateAsync());
        await using var session = await SourceSession.OpenAsync(options, Cancel);
        var table = await ReadTableAsync(session);
        var values = await EncodeAsync(session, table);
        for (var i = 0; i < TypeMatrix.Columns.Count; i++)
        {
            var expected = TypeMatrix.Columns[i];
            var column = table.Schema.Columns[i];
            Assert.Equal((expected.Type, expected.Column), (expected.Type, column.Type));
            Assert.Equal((expected.Type, expected.SourceType), (expected.Type, column.SourceType));
            Assert.Equal((expected.Type, expected.Value, expected.Expected),
                (expected.Type, expected.Value, Shown(column.Type, values[i])));
        }
    }

    [Fact]
    public async Task Settings_of_a_role_change_no_value_and_no_type()
    {
        var database = await CreateAsync();
        await server.Server.ExecuteAsync($"DROP ROLE IF EXISTS hostile; {HostileRole}");
        await using var plain = await SourceSession.OpenAsync(server.Options(database), Cancel);
        await using var hostile = await SourceSession.OpenAsync(server.Options(database, "hostile"), Cancel);
        var (expected, found) = (await ReadTableAsync(plain), await ReadTableAsync(hostile));
        Assert.Equal(expected.Schema, found.Schema);
        Assert.Equal(await EncodeAsync(plain, expected), await EncodeAsync(hostile, found));
    }

    [Fact]
    public async Task Copied_rows_encode_as_selected_text_does()
    {
        await using var session = await SourceSession.OpenAsync(server.Options(await CreateAsync()), Cancel);
        var table = await ReadTableAsync(session);
        var names = string.Join(", ", table.Schema.Columns.Select(column => column.Name));
        using var rows = new MemoryStream();
        using (var copy = await session.BeginTextExportAsync($"COPY (SELECT {names} FROM public.matrix) TO STDOUT", Cancel))
            await ((StreamReader)copy).BaseStream.CopyToAsync(rows, Cancel);
        var bytes = rows.ToArray();
        var reader = new CopyTextRowReader(table.Schema.Columns.Length);
        Assert.Equal(bytes.Length, reader.Read(bytes));
        var image = reader.Columns.ToArray();
        Assert.All(image, column => Assert.Equal(ColumnState.Value, column.State));
        Assert.Equal(await EncodeAsync(session, table),
            image.Select((column, i) => Encode(table.Transcoders[i], bytes.AsSpan(column.Offset, column.Length))));
    }

    [Fact]
    public async Task Random_numbers_and_times_come_back_from_the_servers_own_arithmetic()
    {
        await using var session = await SourceSession.OpenAsync(server.Options(await server.CreateDatabaseAsync()), Cancel);
        await using var command = new NpgsqlCommand("""
            SELECT ts::text, (extract(epoch FROM ts) * 1000000)::int8::text, d::text, (d - date '1970-01-01')::text, n::text, (n * 10000000000)::numeric(40,0)::text
            FROM (SELECT timestamp '2000-01-01' + make_interval(secs => (random() - 0.6) * 2e11) AS ts, date '2000-01-01' + ((random() - 0.001) * 2e9)::int4 AS d,
                         (((random() - 0.5) * power(10, i % 25))::numeric)::numeric(40,10) AS n
                  FROM generate_series(1, 20000) i) x
            """, session);
        await using var rows = await command.ExecuteReaderAsync(Cancel);
        var (timestamp, date, number) = (Mapping("timestamp"), Mapping("date"), Mapping("numeric", ((40 << 16) | 10) + 4));
        while (await rows.ReadAsync(Cancel))
        {
            Assert.Equal(rows.GetString(1), Shown(timestamp, rows.GetString(0)));
            Assert.Equal(rows.GetString(3), Shown(date, rows.GetString(2)));
            Assert.Equal(rows.GetString(5), Shown(number, rows.GetString(4)));
        }
    }

    private static ColumnMapping Mapping(string name, int modifier = -1) =>
        PostgresTypeMapping.Map(new ResolvedType(new CatalogType(1, "pg_catalog", name, CatalogTypeKind.Plain), modifier, name));

    private static string Shown(ColumnMapping mapping, string text) =>
        AvroText.Of(mapping.Type, Encode(mapping.Transcoder, Encoding.UTF8.GetBytes(text)));

    private static string Shown(Contracts.Schema.ColumnType type, byte[]? value) => value is null ? "exact" : AvroText.Of(type, value);

    private async Task<string> CreateAsync()
    {
        var columns = string.Join(", ", TypeMatrix.Columns.Select((column, i) => $"c{i} {column.Type}"));
        var values = string.Join(", ",
            TypeMatrix.Columns.Select(column => $"'{column.Value.Replace("'", "''", StringComparison.Ordinal)}'"));
        return await server.CreateDatabaseAsync(
            $"{TypeMatrix.Types} CREATE TABLE public.matrix ({columns}); INSERT INTO public.matrix VALUES ({values});");
    }

    private static async Task<SourceTable> ReadTableAsync(NpgsqlConnection session)
    {
        var tables = await new CatalogReader(session, new TypeCatalog()).ReadTablesAsync(new TableSelection(["public.matrix"]),
            PartitionedTables.AsRoot, Cancel);
        return TableDescriber.Describe(Assert.Single(tables));
    }

    /// <summary>Each column's Avro of the table's one row; null where the value cannot be carried.</summary>
    private static async Task<byte[]?[]> EncodeAsync(NpgsqlConnection session, SourceTable table)
    {
        // A cast to text gives what the type's output function gives, but for these: it cuts blanks off, or is a function of its own.
        var texts = string.Join(", ", table.Schema.Columns.Select(column => column.SourceType switch
        {
            "character(5)" => $"concat({column.Name})",
            "boolean" => $"left({column.Name}::text, 1)",
            "inet" => $"host({column.Name}) || '/' || masklen({column.Name})",
            _ => column.Name + "::text",
        }));
        await using var command = new NpgsqlCommand($"SELECT {texts} FROM public.matrix", session);
        await using var rows = await command.ExecuteReaderAsync(Cancel);
        Assert.True(await rows.ReadAsync(Cancel));
        return [.. table.Transcoders.Select((transcoder, i) => Encode(transcoder, Encoding.UTF8.GetBytes(rows.GetString(i))))];
    }

    private static byte[]? Encode(ColumnTranscoder transcoder, ReadOnlySpan<byte> text)
    {
        using var buffer = new PooledBuffer();
        return transcoder.TryWrite(text, new AvroWriter(buffer)) ? buffer.WrittenSpan.ToArray() : null;
    }
}
