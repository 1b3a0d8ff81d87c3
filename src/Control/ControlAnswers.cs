using Cdc.Contracts.Health;
using Cdc.Control.Commands;
using Cdc.Control.Status;
using Microsoft.AspNetCore.Http;

namespace Cdc.Control;

/// <summary>What the HTTP face tells.</summary>
/// <param name="Status">Makes a snapshot of how the process is doing; called from several threads, answers at once.</param>
public sealed record ControlAnswers(Func<InstallationStatus> Status, LoopHealth Health)
{
    /// <summary>Answers who scrapes; null: metrics are not told here.</summary>
    public Func<HttpContext, Task>? Metrics { get; init; }

    /// <summary>
    /// Has tables read again; null: commands are not taken here. Throws a <c>CdcException</c> where the command is refused.
    /// </summary>
    public Func<ResyncArguments, CancellationToken, Task<ResyncReceipt>>? Resync { get; init; }

    /// <summary>Tells what topics the log has; null: not told here.</summary>
    public Func<TopicsArguments, CancellationToken, Task<TopicListing>>? Topics { get; init; }

    /// <summary>
    /// Tells events of a topic, rows' values among them; null: not told here. Throws a <c>CdcException</c> where the command is refused.
    /// </summary>
    public Func<EventsArguments, CancellationToken, Task<EventPage>>? Events { get; init; }

    /// <summary>Why the process should be started again; empty where it is alive.</summary>
    public IReadOnlyList<string> FindDead() => [.. Health.FindStuck().Select(loop => $"Loop '{loop}' has not ticked in time.")];

    /// <summary>Why the process is not ready: every role has to work; empty where it is.</summary>
    public IReadOnlyList<string> FindUnready()
    {
        var status = Status();
        return
        [
            .. status.Sources.Where(source => source.State is not (RoleState.Running or RoleState.Ended))
                .Select(source => Describe("Source", source.Name, source.State, source.Error)),
            .. status.Sinks.Where(sink => sink.State != RoleState.Running)
                .Select(sink => Describe("Sink", sink.Name, sink.State, sink.Error)),
        ];
    }

    private static string Describe(string role, string name, RoleState state, StatusError? error) =>
        $"{role} '{name}' is {state.ToString().ToLowerInvariant()}{(error is null ? "" : $": {error.Code} {error.Text}")}";
}
