namespace Cdc.Capture.Tests.Reading;

/// <summary>A part of the rule that a model run leaves out.</summary>
public enum ModelFlaw
{
    None,

    /// <summary>0: a table that joins is read at once.</summary>
    JoinsAtOnce,

    /// <summary>1: the window is opened after the read.</summary>
    LateWindow,

    /// <summary>2: every transaction counts as visible.</summary>
    VisibilityIgnored,

    /// <summary>3: the flushed position instead of the inserted one.</summary>
    FlushedPosition,

    /// <summary>4: published at once.</summary>
    PublishedEarly,

    /// <summary>4: a change of some columns leaves the row as it was read.</summary>
    ColumnsIgnored,

    /// <summary>5: no key of an incomplete change is read again.</summary>
    IncompleteForgotten,

    /// <summary>6: no key of a changed key is read again.</summary>
    KeyChangeForgotten,

    /// <summary>The list is not part of the checkpoint.</summary>
    ListNotKept,

    /// <summary>The race at the window's edge.</summary>
    EdgeIgnored,

    /// <summary>The recent transactions are not part of the checkpoint.</summary>
    RecentNotKept,

    /// <summary>A chunk is published though its keys did not fit.</summary>
    OverflowIgnored,

    /// <summary>A truncation is not looked at.</summary>
    TruncateIgnored,

    /// <summary>Another file is not looked at.</summary>
    FileIgnored,

    /// <summary>A chunk is cut behind a row whose place is not the highest so far.</summary>
    OrderIgnored,

    /// <summary>A snapshot's begin is taken for where its first rows are, behind changes of the first window.</summary>
    BeginsLate,

    /// <summary>A snapshot's begin is taken before what was gathered already.</summary>
    BeginsEarly,

    /// <summary>The progress is not in the append that has the rows, but in the one before.</summary>
    ProgressAhead,
}
