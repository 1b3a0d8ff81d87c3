using System.Text;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Postgres.Snapshot;

namespace Cdc.Capture.Tests.Postgres.Snapshot;

/// <summary>A value in COPY text that is too large is found however the text is cut, and its size is told.</summary>
public sealed class CopiedValueWatchTests
{
    private const int Most = 1024;

    private static readonly (string Text, int Column, int Bytes)[] Large =
    [
        (new string('x', Most + 1), 1, Most + 1),
        (new string('x', 5000), 1, 5000),
        (string.Concat(Enumerable.Repeat(@"\\\n", 1000)), 1, 2000),
        (new string('x', 5000) + @"\t" + new string('y', 3000) + @"\\", 1, 8002),
        (string.Concat(Enumerable.Repeat(@"\t", Most + 1)), 1, Most + 1),
    ];

    private static readonly string[] Fitting = [new('x', Most), string.Concat(Enumerable.Repeat(@"\\", Most)), @"\N", "", @"a\tb"];

    [Fact]
    public void Large_value_is_found_with_its_size_in_any_pieces()
    {
        foreach (var (value, column, bytes) in Large)
        {
            var text = $"(0,1)\t{Fitting[0]}\t{Fitting[1]}\n(0,2)\t7\t{value}\tnext\n(0,3)\t8\tlast\n";
            foreach (var piece in (int[])[1, 2, 3, 7, 500, 4096, int.MaxValue])
                Assert.Equal(new LargeValue(column, bytes), Find(text, piece));
        }
    }

    [Fact]
    public void Values_that_fit_are_taken_also_where_their_row_is_long()
    {
        var text = string.Concat(Enumerable.Range(1, 20).Select(row => $"(0,{row})\t{string.Join('\t', Fitting)}\n"));
        foreach (var piece in (int[])[1, 2, 3, 7, 500, 4096, int.MaxValue])
            Assert.Null(Find(text, piece));
    }

    private static LargeValue? Find(string text, int piece)
    {
        ReadOnlySpan<byte> bytes = Encoding.UTF8.GetBytes(text);
        var watch = new CopiedValueWatch(new ValueLimit("shop", Most));
        for (var come = 0; come < bytes.Length;)
        {
            come = (int)Math.Min(bytes.Length, (long)come + piece);
            if (watch.Take(bytes[..come]) is not { } found)
                continue;
            var size = found.Bytes;
            for (; watch.IsOpen && come < bytes.Length; come = (int)Math.Min(bytes.Length, (long)come + piece))
                size += watch.Measure(bytes[come..(int)Math.Min(bytes.Length, (long)come + piece)]);
            return found with { Bytes = size };
        }

        return null;
    }
}
