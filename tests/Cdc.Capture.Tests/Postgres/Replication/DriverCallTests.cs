using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;
using Npgsql;

namespace Cdc.Capture.Tests.Postgres.Replication;

public sealed class DriverCallTests
{
    [Fact]
    public async Task Call_that_its_cancellation_holds_up_is_left_and_holds_up_nobody_else()
    {
        using var stop = new CancellationTokenSource();
        using var hold = new ManualResetEventSlim();
        var never = new TaskCompletionSource<int>();
        var isOtherTold = false;
        await using var other = stop.Token.Register(() => isOtherTold = true);
        var running = DriverCall.RunAsync(
            async token =>
            {
                await using var told = token.Register(hold.Wait);
                return await never.Task;
            },
            stop.Token);

        await stop.CancelAsync().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.True(isOtherTold);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(60)));
        hold.Set();
        never.SetResult(1);
    }

    [Fact]
    public async Task Result_error_and_prompt_end_are_those_of_the_call()
    {
        using var stop = new CancellationTokenSource();
        Assert.Equal(3, await DriverCall.RunAsync(_ => Task.FromResult(3), stop.Token));
        await Assert.ThrowsAsync<FormatException>(() => DriverCall.RunAsync(Task<int> (_) => throw new FormatException(), stop.Token));

        var running = DriverCall.RunAsync(token => new TaskCompletionSource<int>().Task.WaitAsync(token), stop.Token);
        await stop.CancelAsync();
        var ended = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(stop.Token, ended.CancellationToken);
    }

    [Fact]
    public async Task Session_that_is_closed_by_now_is_lost_and_no_defect()
    {
        await using var session = new NpgsqlConnection("Host=db");
        await using var command = new NpgsqlCommand("SELECT 1", session);

        var error = await Assert.ThrowsAsync<CdcException>(() =>
            DriverCall.RunAsync(command.ExecuteScalarAsync, TestContext.Current.CancellationToken));

        Assert.Equal(ErrorCodes.SourceUnreachable, error.Code);
        await Assert.ThrowsAsync<InvalidOperationException>(() => DriverCall.RunAsync(
            Task<int> (_) => throw new InvalidOperationException(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Closing_throws_nothing()
    {
        await DriverCall.CloseAsync(null);
        await DriverCall.CloseAsync(new Broken());
    }

    private sealed class Broken : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => throw new IOException("Broken.");
    }
}
