using Cdc.Contracts.Errors;
using Cdc.Transport.Embedded;
using Cdc.Transport.Registry;

namespace Cdc.Transport.Tests.Embedded;

/// <summary>Who only looks sees what the log holds, changes nothing, and keeps nobody from opening it.</summary>
public sealed class EmbeddedLogViewTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Torn_tails_stay_and_what_lies_before_them_is_seen()
    {
        string expected;
        await using (var log = JournalSample.Open(folder, segmentBytes: 4096))
        {
            await using var writer = await JournalSample.OpenWriterAsync(log);
            for (var i = 0; i < 40; i++)
                await JournalSample.AppendAsync(writer, i);
            expected = await JournalSample.DescribeAsync(log);
        }

        using (var registry = EmbeddedSchemaRegistry.Open(folder.Path))
            await registry.RegisterAsync("a-value", "\"string\"", CancellationToken.None);
        await File.AppendAllTextAsync(folder.Segments[^1], "torn");
        await File.AppendAllTextAsync(Path.Combine(folder.Path, EmbeddedSchemaRegistry.FileName), "{\"id\":2");
        var before = await ContentAsync();

        var view = EmbeddedLogView.TryOpen(folder.Path, TimeProvider.System)!;
        Assert.Equal(expected, await JournalSample.DescribeAsync(view));
        Assert.Equal([JournalSample.Prefix], await view.ListPrefixesAsync(CancellationToken.None));
        Assert.Equal("\"string\"", await EmbeddedSchemaView.Read(folder.Path).LatestAsync("a-value", CancellationToken.None));
        Assert.Equal(before, await ContentAsync());

        await using var opened = JournalSample.Open(folder); // The lock is free.
        Assert.Equal(expected, await JournalSample.DescribeAsync(view));
    }

    [Fact]
    public async Task A_copy_without_a_lock_is_seen_and_gets_none()
    {
        await using (var log = JournalSample.Open(folder))
            await (await JournalSample.OpenWriterAsync(log)).DisposeAsync();
        File.Delete(Path.Combine(folder.Path, "lock"));
        var before = await ContentAsync();

        Assert.Single(await EmbeddedLogView.TryOpen(folder.Path, TimeProvider.System)!.DescribeTopicsAsync(_ => true,
            CancellationToken.None));

        Assert.Equal(before, await ContentAsync());
    }

    // Invariant 5
    [Fact]
    public async Task A_log_that_a_process_has_open_is_refused()
    {
        await using var log = JournalSample.Open(folder);

        Assert.Equal(ErrorCodes.LogLocked,
            Assert.Throws<CdcException>(() => EmbeddedLogView.TryOpen(folder.Path, TimeProvider.System)).Code);
    }

    [Fact]
    public void Where_no_log_is_none_is_made()
    {
        var missing = Path.Combine(folder.Path, "missing");

        Assert.Null(EmbeddedLogView.TryOpen(missing, TimeProvider.System));
        Assert.Null(EmbeddedLogView.TryOpen(folder.Path, TimeProvider.System));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    private async Task<string> ContentAsync()
    {
        var lines = new List<string>();
        foreach (var file in Directory.EnumerateFiles(folder.Path).Order(StringComparer.Ordinal))
            lines.Add($"{file} {Convert.ToHexString(await File.ReadAllBytesAsync(file))}");
        return string.Join('\n', lines);
    }
}
