namespace Cdc.Capture;

/// <summary>What a capture is doing.</summary>
public enum CaptureActivity
{
    /// <summary>It looks at the source and for where to continue.</summary>
    Connecting,

    /// <summary>Another process has the slot.</summary>
    WaitingForSlot,

    /// <summary>A session streams.</summary>
    Streaming,

    /// <summary>An error that passes is waited out.</summary>
    Retrying,
}
