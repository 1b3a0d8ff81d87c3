using Cdc.Benchmarks.Running;

namespace Cdc.Benchmarks.Capture;

/// <summary>The rungs of capture, from the socket upward; each does what the one before does, and one thing more.</summary>
internal static class Rungs
{
    public static Task<RungResult> RunAsync(string rung, string settings) => rung switch
    {
        "read" => StreamRung.RunAsync(CaptureSettings.Parse(settings), decode: false),
        "decode" => StreamRung.RunAsync(CaptureSettings.Parse(settings), decode: true),
        "encode" => PipelineRung.RunAsync(CaptureSettings.Parse(settings), embedded: false),
        "embedded" => PipelineRung.RunAsync(CaptureSettings.Parse(settings), embedded: true),
        _ => throw new ArgumentOutOfRangeException(nameof(rung), rung, "No rung."),
    };
}
