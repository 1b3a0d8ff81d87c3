using Cdc.Capture.Tables;
using Cdc.Contracts.Errors;
using Cdc.Testing.Scripted;

namespace Cdc.Capture.Tests.Scripted;

/// <summary>The pipeline over a scripted source: what is confirmed, and how it ends.</summary>
public sealed class CapturePipelineTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Invariant 1
    [Fact]
    public async Task Nothing_is_confirmed_that_is_not_durable()
    {
        var database = new ScriptedDatabase();
        var table = database.Create("orders");
        await using var capture = await ScriptedCapture.OpenAsync(database);
        capture.Start();
        await capture.UntilAsync("the table is read", () => capture.HealthOf(table).State == TableState.Complete);
        database.Commit(new ScriptedChange(table, "1", "one"));
        await capture.UntilAsync("the first change is confirmed", () => capture.Source.Confirmed == database.End);
        var before = capture.Source.Confirmed;

        capture.Log.FailNextAppend(new CdcException(ErrorCodes.LogStorageFailed, "Appending, the disk was found to be full."));
        database.Commit(new ScriptedChange(table, "2", "two"));
        await Assert.ThrowsAsync<CdcException>(() => capture.Running.WaitAsync(Token));
        Assert.Equal(before, capture.Source.Confirmed);
        Assert.Equal("1=one", await capture.TableOfAsync(table));
        Assert.False(capture.Source.IsFilling);
    }

    // Invariant 1: who waits until all is read ends the process then.
    [Fact]
    public async Task Tables_are_settled_once_the_end_of_their_read_is_durable()
    {
        var database = new ScriptedDatabase();
        var table = database.Create("orders", "1", "2");
        await using var capture = await ScriptedCapture.OpenAsync(database);
        var read = capture.Reader.Hold(table);
        capture.Start();
        await capture.UntilAsync("the table is being read", () => capture.Reader.Reads.ContainsKey(table));
        capture.Log.HoldAppends();
        read.SetResult();
        await capture.UntilAsync("all of it is read", () => capture.HealthOf(table).State == TableState.Complete);
        Assert.False(capture.Health.AreSettled);

        capture.Log.LetAppendsGo();
        await capture.UntilAsync("the end of the read is noted", () => capture.Health.AreSettled);
        Assert.Equal("1=read 1 2=read 2", await capture.TableOfAsync(table));
    }

    [Fact]
    public async Task End_in_order_appends_what_was_gathered_and_leaves_nobody_waiting()
    {
        var database = new ScriptedDatabase();
        var table = database.Create("orders", "1", "2");
        var capture = await ScriptedCapture.OpenAsync(database);
        capture.Start();
        await capture.UntilAsync("the table is read", () => capture.HealthOf(table).State == TableState.Complete);
        database.Commit(new ScriptedChange(table, "1", "one"), new ScriptedChange(table, "2", null),
            new ScriptedChange(table, "3", "three"));
        await capture.UntilAsync("all is confirmed", () => capture.Source.Confirmed == database.End);
        await capture.DisposeAsync();

        Assert.Equal("1=one 3=three", await capture.TableOfAsync(table));
        Assert.False(capture.Source.IsFilling);
        Assert.True(capture.Running.IsCompletedSuccessfully);
    }
}
