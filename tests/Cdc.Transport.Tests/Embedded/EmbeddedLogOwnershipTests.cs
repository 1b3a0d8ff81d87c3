using System.Diagnostics;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;

namespace Cdc.Transport.Tests.Embedded;

public sealed class EmbeddedLogOwnershipTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    // Invariant 5
    [Fact]
    public async Task Invariant_5_second_opening_is_refused_until_the_first_is_closed()
    {
        await using (var log = JournalSample.Open(folder))
        {
            await using var writer = await JournalSample.OpenWriterAsync(log);
            Assert.Equal(ErrorCodes.LogLocked, Assert.Throws<CdcException>(() => JournalSample.Open(folder)).Code);
            await JournalSample.AppendAsync(writer, 1);
        }

        await using var again = JournalSample.Open(folder);
    }

    // Invariant 5
    [Fact]
    public async Task Invariant_5_lock_holds_against_another_process()
    {
        if (!File.Exists("/usr/bin/flock"))
            Assert.Skip("The program 'flock' is not there.");
        await using (JournalSample.Open(folder))
            Assert.Equal(1, await FlockAsync("--nonblock", "true"));
        Assert.Equal(0, await FlockAsync("--nonblock", "true"));

        using var holder = Start("cat");
        await Testing.Eventually.HoldsAsync("the other process has the lock", async () => await FlockAsync("--nonblock", "true") == 1);
        Assert.Equal(ErrorCodes.LogLocked, Assert.Throws<CdcException>(() => JournalSample.Open(folder)).Code);
        holder.StandardInput.Close();
        await holder.WaitForExitAsync();
        await using var log = JournalSample.Open(folder);
    }

    [Fact]
    public void Folder_that_cannot_be_used_is_not_taken_for_one_in_use()
    {
        var path = Path.Combine(folder.Path, "file");
        File.WriteAllText(path, "");
        Assert.Equal(
            ErrorCodes.LogStorageFailed,
            Assert.Throws<CdcException>(() => Transport.Embedded.EmbeddedLog.Open(new() { Path = path }, TimeProvider.System)).Code);
        Assert.Equal(ErrorCodes.LogStorageFailed,
            Assert.Throws<CdcException>(() => Transport.Registry.EmbeddedSchemaRegistry.Open(path)).Code);
    }

    [Fact]
    public async Task Files_are_for_their_owner_only()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no file modes.");
            return;
        }

        var path = Path.Combine(folder.Path, "log");
        await using var log = Transport.Embedded.EmbeddedLog.Open(new() { Path = path }, TimeProvider.System);
        using var registry = Transport.Registry.EmbeddedSchemaRegistry.Open(path);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
        foreach (var file in Directory.GetFiles(path))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(["journal-0000000001.log", "lock", "registry.jsonl"],
            Directory.GetFiles(path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Closed_log_is_of_no_use_to_anybody()
    {
        var log = JournalSample.Open(folder);
        var writer = await JournalSample.OpenWriterAsync(log);
        var reader = await log.OpenReaderAsync([new(JournalSample.Topic, 0, 0)], CancellationToken.None);
        var waiting = reader.ReadAsync(TimeSpan.FromMinutes(1), CancellationToken.None).AsTask();
        await log.DisposeAsync();
        await log.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => writer.NoteAsync(new CheckpointEntry("a", "b")));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await log.OpenWriterAsync("p", CancellationToken.None));
        await reader.DisposeAsync();
    }

    private async Task<int> FlockAsync(string option, string command)
    {
        using var process = Start(command, option);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private Process Start(string command, params string[] options) =>
        Process.Start(new ProcessStartInfo("/usr/bin/flock",
            [.. options, Path.Combine(folder.Path, "lock"), command]) { RedirectStandardInput = true })!;
}
