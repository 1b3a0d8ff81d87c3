using Cdc.Capture.Tables;
using Cdc.Contracts.Errors;
using Cdc.Testing.Scripted;

namespace Cdc.Capture.Tests.Scripted;

/// <summary>Tables that are read beside a scripted stream: what one of them meets is its own.</summary>
public sealed class SnapshotCoordinatorTests
{
    private static readonly CdcException Denied = new(ErrorCodes.SourceTableDenied,
        "Reading a table, the right to was found to be missing.");
    private static readonly CdcException Lost = new(ErrorCodes.SourceUnreachable, "Reading a table, the session was lost.");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_row_that_changes_while_it_is_read_is_as_it_was_changed()
    {
        var database = new ScriptedDatabase();
        var table = database.Create("orders", "1", "2");
        await using var capture = await ScriptedCapture.OpenAsync(database);
        var hold = capture.Reader.Hold(table);
        capture.Start();
        await capture.UntilAsync("the read has its rows", () => capture.Reader.Reads.ContainsKey(table));
        database.Commit(new ScriptedChange(table, "1", "changed"), new ScriptedChange(table, "2", null),
            new ScriptedChange(table, "3", "new"));
        await capture.UntilAsync("the changes are confirmed", () => capture.Source.Confirmed == database.End);
        hold.SetResult();
        await capture.UntilAsync("the table is read", () => capture.HealthOf(table).State == TableState.Complete);

        Assert.Equal("1=changed 3=new", await capture.TableOfAsync(table));
    }

    [Fact]
    public async Task A_read_continues_behind_what_was_published_of_it_also_in_another_session()
    {
        var database = new ScriptedDatabase();
        var table = database.Create("orders", "1", "2", "3", "4", "5", "6", "7", "8");
        await using var first = await ScriptedCapture.OpenAsync(database);
        first.Reader.Hold(table, read: 2);
        first.Start();
        await first.UntilAsync("its second chunk is being read", () => first.Reader.Reads.GetValueOrDefault(table) == 2);
        await first.DisposeAsync();

        await using var capture = await ScriptedCapture.OpenAsync(database, first);
        capture.Start();
        await capture.UntilAsync("the table is read", () => capture.HealthOf(table).State == TableState.Complete);

        Assert.Equal(2, capture.Reader.Reads[table]);
        Assert.Equal("1=read 1 2=read 2 3=read 3 4=read 4 5=read 5 6=read 6 7=read 7 8=read 8", await capture.TableOfAsync(table));
    }

    [Fact]
    public async Task A_table_that_cannot_be_read_waits_alone_and_is_read_once_it_can_be()
    {
        var database = new ScriptedDatabase();
        var (well, ill) = (database.Create("well", "1"), database.Create("ill", "1"));
        await using var capture = await ScriptedCapture.OpenAsync(database);
        capture.Reader.Fail(ill, Denied);
        capture.Start();
        await capture.UntilAsync("the other one is read", () => capture.HealthOf(well).State == TableState.Complete);
        await capture.UntilAsync("it has its trouble", () => capture.HealthOf(ill).Trouble?.Error.Code == ErrorCodes.SourceTableDenied);
        database.Commit(new ScriptedChange(ill, "2", "streamed"));
        await capture.UntilAsync("its changes go on", () => capture.Source.Confirmed == database.End);
        Assert.Equal("2=streamed", await capture.TableOfAsync(ill));
        Assert.True(capture.HealthOf(ill).IsPaused);

        var tried = capture.Reader.Reads[ill];
        capture.Clock.Leap(TimeSpan.FromMinutes(15));
        await capture.UntilAsync("it is tried again and fails", () => capture.Reader.Reads[ill] > tried
            && capture.HealthOf(ill).Trouble?.Tries > 1);
        capture.Reader.Fail(ill, null);
        capture.Clock.Leap(TimeSpan.FromMinutes(15));
        await capture.UntilAsync("it is read", () => capture.HealthOf(ill) is { State: TableState.Complete, Trouble: null });
        Assert.Equal("1=read 1 2=streamed", await capture.TableOfAsync(ill));
    }

    [Fact]
    public async Task A_table_whose_reads_cost_three_sessions_keeps_the_others_waiting_no_longer()
    {
        var database = new ScriptedDatabase();
        var (well, ill) = (database.Create("well", "1"), database.Create("ill", "1"));
        ScriptedCapture? before = null;
        for (var session = 1; session <= 3; session++)
        {
            await using var broken = await ScriptedCapture.OpenAsync(database, before);
            broken.Reader.Fail(ill, Lost);
            broken.Start();
            Assert.Equal(ErrorCodes.SourceUnreachable,
                (await Assert.ThrowsAsync<CdcException>(() => broken.Running.WaitAsync(Token))).Code);
            before = broken;
        }

        await using var capture = await ScriptedCapture.OpenAsync(database, before);
        capture.Reader.Fail(ill, Lost);
        capture.Start();
        await capture.UntilAsync("the other one is read", () => capture.HealthOf(well).State == TableState.Complete);
        Assert.Equal(ErrorCodes.SourceTableCrashes, capture.HealthOf(ill).Trouble?.Error.Code);
        Assert.False(capture.Reader.Reads.ContainsKey(ill));

        capture.Reader.Fail(ill, null);
        capture.Clock.Leap(TimeSpan.FromMinutes(15));
        await capture.UntilAsync("it is read", () => capture.HealthOf(ill) is { State: TableState.Complete, Trouble: null, Losses: 0 });
    }

    [Fact]
    public async Task A_table_that_is_renamed_while_it_is_looked_at_is_not_read_as_the_other_one()
    {
        var database = new ScriptedDatabase();
        var table = database.Create("orders", "1");
        await using var capture = await ScriptedCapture.OpenAsync(database);
        capture.Reader.Renamed[table] = new("public", "orders_old");
        capture.Start();
        await capture.UntilAsync("the table is read", () => capture.HealthOf(table).State == TableState.Complete);

        Assert.Equal("1=read 1", await capture.TableOfAsync(table));
        Assert.Equal("", await capture.TableOfAsync(new("public", "orders_old")));
    }

    [Fact]
    public async Task A_table_that_joins_while_transactions_are_open_waits_and_says_for_whom()
    {
        var database = new ScriptedDatabase();
        var first = database.Create("first", "1");
        await using var capture = await ScriptedCapture.OpenAsync(database);
        capture.Start();
        await capture.UntilAsync("the first one is read", () => capture.HealthOf(first).State == TableState.Complete);
        database.Commit(new ScriptedChange(first, "2", "streamed"));
        capture.Reader.Running = "somebody's transaction ends";
        var table = database.Create("joining", "1");
        capture.Clock.Leap(TimeSpan.FromSeconds(11));
        await capture.UntilAsync("it has joined", () => capture.Health.All.ContainsKey(table));
        Assert.Empty(capture.Waits);

        await capture.UntilAsync("it is said for whom it waits", () =>
        {
            capture.Clock.Leap(TimeSpan.FromSeconds(10));
            return !capture.Waits.IsEmpty;
        });
        Assert.Equal("public.joining: it may have been changed before it was published: it is read when somebody's transaction ends",
            Assert.Single(capture.Waits));
        Assert.Equal(TableState.Waiting, capture.HealthOf(table).State);

        capture.Reader.Running = null;
        await capture.UntilAsync("it is read", () =>
        {
            capture.Clock.Leap(TimeSpan.FromSeconds(10));
            return capture.HealthOf(table).State == TableState.Complete;
        });
    }

    [Fact]
    public async Task A_table_that_goes_while_it_is_read_is_gone_and_its_changes_are_left_out()
    {
        var database = new ScriptedDatabase();
        var (staying, going) = (database.Create("staying", "1"), database.Create("going", "1"));
        await using var capture = await ScriptedCapture.OpenAsync(database);
        var hold = capture.Reader.Hold(going);
        capture.Start();
        await capture.UntilAsync("the read has its rows", () => capture.Reader.Reads.ContainsKey(going));
        capture.Reader.Fail(going, new CdcException(ErrorCodes.SourceTableGone, "Reading a table, it was gone."));
        hold.SetException(new CdcException(ErrorCodes.SourceTableGone, "Reading a table, it was gone."));
        await capture.UntilAsync("it is gone", () => capture.HealthOf(going) is { State: TableState.Gone, Trouble: null });
        database.Commit(new ScriptedChange(staying, "2", "two"));
        await capture.UntilAsync("all is confirmed", () => capture.Source.Confirmed == database.End);

        Assert.True(capture.HealthOf(going).IsSettled);
        Assert.Equal("1=read 1 2=two", await capture.TableOfAsync(staying));
    }

    [Fact]
    public async Task Changes_of_a_table_that_goes_are_published_to_the_end_before_it_is_called_gone()
    {
        var database = new ScriptedDatabase();
        var table = database.Create("leaving", "1");
        await using (var first = await ScriptedCapture.OpenAsync(database))
        {
            first.Start();
            await first.UntilAsync("the table is read", () => first.HealthOf(table).State == TableState.Complete);
            await first.DisposeAsync();
            database.Commit(new ScriptedChange(table, "1", "last"));
            database.Drop(table);
            await using var capture = await ScriptedCapture.OpenAsync(database, first);
            capture.Start();
            await capture.UntilAsync("it is gone", () => capture.HealthOf(table).State == TableState.Gone);
            Assert.Equal("1=last", await capture.TableOfAsync(table));
            Assert.Equal(0, capture.HealthOf(table).LeftOut);
        }
    }

    [Fact]
    public async Task A_table_that_the_registry_refuses_is_read_again_once_it_does_not()
    {
        var database = new ScriptedDatabase();
        var table = database.Create("orders", "1");
        await using var capture = await ScriptedCapture.OpenAsync(database);
        capture.Registry.Refused["shop.public.orders-value"] = true;
        capture.Start();
        await capture.UntilAsync("it is stopped", () => capture.HealthOf(table).State == TableState.Stopped);
        database.Commit(new ScriptedChange(table, "2", "two"));
        await capture.UntilAsync("the stream goes on", () => capture.Source.Confirmed == database.End);
        Assert.Equal(1, capture.HealthOf(table).LeftOut);

        capture.Registry.Refused.Clear();
        capture.Clock.Leap(TimeSpan.FromMinutes(15));
        await capture.UntilAsync("it is read", () => capture.HealthOf(table) is { State: TableState.Complete, Trouble: null });
        Assert.Equal("1=read 1 2=two", await capture.TableOfAsync(table));
    }
}
