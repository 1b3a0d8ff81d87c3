using Cdc.Contracts.Errors;

namespace Cdc.Capture.Tables;

/// <summary>
/// Where a table stands. All but <see cref="Stopped"/> are kept in its entry of the checkpoint; that has an entry of its own.
/// </summary>
public enum TableState
{
    /// <summary>Nothing of it is read yet.</summary>
    Waiting,

    /// <summary>Its ranges are being read.</summary>
    Reading,

    /// <summary>Its ranges are read; keys that changed meanwhile are read again.</summary>
    Rereading,

    /// <summary>All that was there is in the log; changes follow.</summary>
    Complete,

    /// <summary>A change of it could not be published: nothing more is, until it is read again.</summary>
    Stopped,

    /// <summary>The source no longer has it. That is no fault; its topic stays as it is.</summary>
    Gone,
}

/// <summary>What may happen to a table.</summary>
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

    /// <summary>A change could not be published: by the publisher or the stream.</summary>
    Stop,

    /// <summary>It is no longer in the catalog: by who looked there.</summary>
    Leave,
}

/// <summary>The one place that says how a table's state moves.</summary>
public static class TableStates
{
    public static TableState After(this TableState state, TableStep step) => (state, step) switch
    {
        (TableState.Waiting, TableStep.Begin) => TableState.Reading,
        (TableState.Reading, TableStep.RangesRead) => TableState.Rereading,
        (TableState.Rereading, TableStep.KeysRead) => TableState.Complete,
        (not (TableState.Stopped or TableState.Gone), TableStep.StartAgain) => TableState.Waiting,
        (TableState.Complete or TableState.Stopped or TableState.Gone, TableStep.Ask) => TableState.Waiting,
        (TableState.Complete, TableStep.Extend) => TableState.Reading,
        (not TableState.Gone, TableStep.Stop) => TableState.Stopped,
        (_, TableStep.Leave) => TableState.Gone,
        _ => throw new CdcException(ErrorCodes.Internal, $"A table that is '{state}' cannot take the step '{step}'."),
    };
}
