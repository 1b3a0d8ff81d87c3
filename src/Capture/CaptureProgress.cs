namespace Cdc.Capture;

/// <summary>What a capture has done so far, for people and metrics. Written by the pipeline, read by anyone.</summary>
public sealed class CaptureProgress
{
    private long records;

    /// <summary>Records durable in the log since this process began.</summary>
    public long Records => Interlocked.Read(ref records);

    public void Tick(long appended) => Interlocked.Exchange(ref records, appended);
}
