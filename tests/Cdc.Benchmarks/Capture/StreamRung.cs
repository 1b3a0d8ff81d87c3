using Cdc.Benchmarks.Running;
using Cdc.Capture.Postgres.Decoding;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Events;

namespace Cdc.Benchmarks.Capture;

/// <summary>Reads the stream's frames, and decodes its rows where that is asked for; nothing is made of them.</summary>
internal static class StreamRung
{
    public static async Task<RungResult> RunAsync(CaptureSettings settings, bool decode)
    {
        await DrainAsync(settings, settings.WarmSlot, settings.Warming, decode);
        await Waiting.ForCompilerAsync();
        var meter = new Meter();
        var digest = await DrainAsync(settings, settings.Slot, settings.Changes, decode);
        return meter.Stop(settings.Changes, digest);
    }

    private static async Task<ulong> DrainAsync(CaptureSettings settings, string slot, long changes, bool decode)
    {
        await using var connection = await ReplicationConnection.OpenAsync(settings.Source(slot), "bench", TimeProvider.System,
            CancellationToken.None);
        await connection.StartStreamAsync(slot, Lsn.Zero, [CaptureWorkload.Publication], CancellationToken.None);
        var drain = new Drain(settings.Verify);
        while (drain.Changes < changes)
        {
            await connection.FillAsync(CancellationToken.None);
            drain.Take(connection, decode, changes);
        }

        return drain.Digest.Sum;
    }

    private sealed class Drain(bool verify)
    {
        private readonly PgOutputDecoder decoder = new();
        private ChangeDigest digest;

        public long Changes { get; private set; }

        public ChangeDigest Digest => digest;

        public void Take(ReplicationConnection connection, bool decode, long until)
        {
            while (Changes < until && connection.TryReadFrame(out var frame))
            {
                if (frame.Kind != FrameKind.XLogData)
                    continue;
                if (decode)
                    Decode(frame);
                else if (frame.Payload[0] is (byte)'I' or (byte)'U' or (byte)'D')
                    Changes++;
            }
        }

        private void Decode(ReplicationFrame frame)
        {
            switch (PgOutputDecoder.KindOf(frame.Payload, frame.WalStart))
            {
                case MessageKind.Insert or MessageKind.Update or MessageKind.Delete:
                    Changes++;
                    var row = decoder.DecodeRow(frame.Payload, frame.WalStart);
                    if (verify)
                        Add(row);
                    break;
                case MessageKind.Begin:
                    BeginMessage.Decode(frame.Payload, frame.WalStart);
                    break;
                case MessageKind.Commit:
                    CommitMessage.Decode(frame.Payload, frame.WalStart);
                    break;
            }
        }

        private void Add(RowMessage row)
        {
            if (row.Operation == Operation.Delete)
                digest.Add('d', row.Old.Bytes(0), []);
            else
                digest.Add((char)row.Operation, row.New.Bytes(0), row.New.Bytes(row.New.Columns.Length - 1));
        }
    }
}
