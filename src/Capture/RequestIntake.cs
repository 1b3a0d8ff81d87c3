using Cdc.Capture.Reading;
using Cdc.Capture.Requests;
using Cdc.Contracts.Topics;

namespace Cdc.Capture;

/// <summary>Takes up requests for re-reads: those from before a session as it begins, later ones by an inbox.</summary>
internal sealed class RequestIntake(ITopicLog log, string prefix, TimeProvider clock)
{
    /// <summary>Starts the tables again that somebody asked for while nothing ran; new requests come by the inbox.</summary>
    public async Task<RequestInbox> TakeAsync(Checkpoint checkpoint, TableSnapshots reads, CancellationToken cancellationToken)
    {
        var topic = new ResyncRequests(log, prefix);
        var from = ResyncRequests.StartOf(checkpoint);
        var (requests, next) = await topic.ReadAsync(from, cancellationToken);
        reads.Take(requests);
        if (next > from)
            reads.Note(ResyncRequests.TakenUpTo(next));
        return new RequestInbox(topic, next, clock);
    }
}
