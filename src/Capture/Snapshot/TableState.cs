using Cdc.Contracts.Errors;

namespace Cdc.Capture.Snapshot;

/// <summary>Where the reading of a table stands. All but <see cref="Stopped"/> are kept in the checkpoint.</summary>
public enum TableState
{
    /// <summary>Nothing of it is read yet.</summary>
    Waiting,

    /// <summary>Its ranges are being read.</summary>
    Reading,

    /// <summary>Its ranges are read; keys that changed meanwhile are read again.</summary>
    Rereading,

    /// <summary>All that was there is in the log.</summary>
    Complete,

    /// <summary>It stands still for a reason that is noted elsewhere.</summary>
    Stopped,
}

/// <summary>What may happen to a table that is read.</summary>
public enum TableStep
{
    /// <summary>Its first window is to be opened: by the coordinator.</summary>
    Begin,

    /// <summary>The last range was published: by the reads, on publishing a chunk.</summary>
    RangesRead,

    /// <summary>The last key of the snapshot was published: by the reads, on publishing a chunk.</summary>
    KeysRead,

    /// <summary>What was read does not count any more (another file, too many keys): by the reads.</summary>
    StartAgain,

    /// <summary>Somebody asks that it is read again: by the reads.</summary>
    Ask,

    /// <summary>A part of it came that was never read: by the reads.</summary>
    Extend,

    /// <summary>By the publisher, or because the table cannot be read.</summary>
    Stop,
}

/// <summary>The one place that says how a table's state moves.</summary>
public static class TableStates
{
    public static TableState After(this TableState state, TableStep step) => (state, step) switch
    {
        (TableState.Waiting, TableStep.Begin) => TableState.Reading,
        (TableState.Reading, TableStep.RangesRead) => TableState.Rereading,
        (TableState.Rereading, TableStep.KeysRead) => TableState.Complete,
        (not TableState.Stopped, TableStep.StartAgain) => TableState.Waiting,
        (TableState.Complete or TableState.Stopped, TableStep.Ask) => TableState.Waiting,
        (TableState.Complete, TableStep.Extend) => TableState.Reading,
        (_, TableStep.Stop) => TableState.Stopped,
        _ => throw new CdcException(ErrorCodes.Internal, $"A table that is '{state}' cannot take the step '{step}'."),
    };
}
