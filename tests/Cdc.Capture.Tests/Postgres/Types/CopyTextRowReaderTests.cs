using System.Text;
using Cdc.Capture.Postgres.Types;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;
using Cdc.Testing;

namespace Cdc.Capture.Tests.Postgres.Types;

public sealed class CopyTextRowReaderTests
{
    [Theory]
    [InlineData("a\tb\n", "a", "b")]
    [InlineData("\t\n", "", "")]
    [InlineData("\\N\t\\\\N\n", null, "\\N")]
    [InlineData("a\\tb\t\\n\\r\\b\\f\\v\\\\\n", "a\tb", "\n\r\b\f\v\\")]
    public void Row_is_split_and_unescaped(string text, string? first, string? second)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var reader = new CopyTextRowReader(2);
        Assert.Equal(bytes.Length, reader.Read(bytes));
        Assert.Equal([first, second], Values(bytes, reader.Columns));
    }

    [Fact]
    public void Row_without_its_end_is_left_alone()
    {
        var bytes = "a\\tb\tc"u8.ToArray();
        Assert.Equal(0, new CopyTextRowReader(2).Read(bytes));
        Assert.Equal("a\\tb\tc"u8.ToArray(), bytes);
        Assert.Equal(0, new CopyTextRowReader(1).Read([]));
    }

    [Theory]
    [InlineData("a\n")]
    [InlineData("a\tb\tc\n")]
    [InlineData("a\t\\q\n")]
    [InlineData("a\tx\\N\n")]
    [InlineData("a\t\\\n")]
    [InlineData("\\.\n")]
    public void Row_of_another_form_is_refused(string text) =>
        Assert.Equal(
            ErrorCodes.SourceCopyInvalid,
            Assert.Throws<CdcException>(() => new CopyTextRowReader(2).Read(Encoding.UTF8.GetBytes(text))).Code);

    [Fact]
    public void Random_rows_come_back_one_after_another()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            var columns = random.Next(1, 12);
            var rows = Enumerable.Range(0, random.Next(1, 20))
                .Select(_ => Enumerable.Range(0, columns).Select(_ => RandomText(random)).ToArray()).ToList();
            var bytes = Encoding.UTF8.GetBytes(string.Concat(rows.Select(row => string.Join('\t', row.Select(Printed)) + "\n")));
            var reader = new CopyTextRowReader(columns);
            var at = 0;
            foreach (var row in rows)
            {
                var rest = bytes.AsSpan(at);
                at += reader.Read(rest);
                Assert.True(row.SequenceEqual(Values(rest, reader.Columns), StringComparer.Ordinal), $"seed {seed}, round {round}");
            }

            Assert.Equal(bytes.Length, at);
        }
    }

    [Fact]
    public void Random_bytes_end_in_rows_or_an_error_of_ours()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < 50_000; round++)
        {
            var bytes = new byte[random.Next(1, 24)];
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] = "a\\\t\nN."u8[random.Next(6)];
            try
            {
                var read = new CopyTextRowReader(random.Next(1, 5)).Read(bytes);
                Assert.InRange(read, 0, bytes.Length);
            }
            catch (CdcException error)
            {
                Assert.True(error.Code == ErrorCodes.SourceCopyInvalid, $"seed {seed}, round {round}: {error.Message}");
            }
        }
    }

    [Fact]
    public void Reading_rows_allocates_nothing()
    {
        var source = "1\t\\N\tabc\\\\def\t2024-01-01\n"u8.ToArray();
        var bytes = new byte[source.Length];
        var reader = new CopyTextRowReader(4);

        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                source.CopyTo(bytes, 0);
                reader.Read(bytes);
            }
        }));
    }

    private static string? RandomText(Random random) =>
        random.Next(6) == 0 ? null
            : new string([.. Enumerable.Range(0, random.Next(0, 12)).Select(_ => "abN\\\t\n\r\b\f\vä."[random.Next(12)])]);

    private static string Printed(string? value) => value is null ? "\\N" : string.Concat(value.Select(letter => letter switch
    {
        '\\' => "\\\\",
        '\t' => "\\t",
        '\n' => "\\n",
        '\r' => "\\r",
        '\b' => "\\b",
        '\f' => "\\f",
        '\v' => "\\v",
        _ => letter.ToString(),
    }));

    private static List<string?> Values(ReadOnlySpan<byte> bytes, ReadOnlySpan<ColumnSlice> columns)
    {
        var values = new List<string?>();
        foreach (var column in columns)
            values.Add(column.State == ColumnState.Null ? null : Encoding.UTF8.GetString(bytes.Slice(column.Offset, column.Length)));
        return values;
    }
}
