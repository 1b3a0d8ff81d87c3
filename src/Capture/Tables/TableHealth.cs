using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Tables;

/// <summary>
/// Whether a table continues: its state, and what it is waiting out. Who reads it and who publishes it share this one object. Moved by the
/// thread that takes the stream's changes, looked at by any.
/// </summary>
public sealed class TableHealth
{
    /// <summary>A block that crashes the server loses a session each time it is read.</summary>
    private const int MostLosses = 3;

    /// <summary>After so many, about half a minute has passed.</summary>
    private const int PatientTries = 5;

    private readonly TablesHealth all;
    private volatile TableTrouble? trouble;
    private volatile TableState state = TableState.Waiting;
    private long leftOut;

    internal TableHealth(TablesHealth all, TableId table)
    {
        this.all = all;
        Table = table;
    }

    public TableId Table { get; }

    public TableState State => state;

    /// <summary>What failed last, until a step succeeds; null where nothing did.</summary>
    public TableTrouble? Trouble => trouble;

    /// <summary>The trouble as one line for people: code, message, remedy.</summary>
    public string? Reason => trouble?.Error.Describe();

    /// <summary>Whether its changes are published.</summary>
    public bool IsPublished => state is not (TableState.Stopped or TableState.Gone);

    /// <summary>Changes that were not published since this process began.</summary>
    public long LeftOut => Interlocked.Read(ref leftOut);

    /// <summary>Sessions that were lost in a row while it was read.</summary>
    public int Losses { get; private set; }

    /// <summary>
    /// Nobody who waits for the end of all reads need wait for this one: it is read, or what it waits for may take any time.
    /// </summary>
    public bool IsSettled => state is TableState.Complete or TableState.Stopped or TableState.Gone
        || (IsPaused && trouble is { NextTry: null } or { Tries: >= PatientTries });

    /// <summary>The failed step is not tried now.</summary>
    public bool IsPaused => trouble is { } found && (found.NextTry is not { } at || at > all.Now);

    /// <summary>A change was not published.</summary>
    public void LeaveOut() => Interlocked.Increment(ref leftOut);

    public void Move(TableStep step)
    {
        var before = state;
        all.Moving();
        state = before.After(step);
        if (step is TableStep.KeysRead or TableStep.Leave)
            trouble = null;
        else if (step == TableStep.Ask)
            TryNow();
        all.Moved(this, before);
    }

    /// <summary>A change could not be published: nothing more is, until the table is read again. Only the first reason counts.</summary>
    public void Stop(CdcException error)
    {
        if (!IsPublished)
            return;
        trouble = all.After(trouble, error);
        Move(TableStep.Stop);
        all.Told(this, error);
    }

    /// <summary>A step failed, and no change was lost by it: it is tried again, alone, after a pause.</summary>
    public void Fail(CdcException error)
    {
        if (state == TableState.Gone)
            return;
        var isNews = trouble?.Error.Code != error.Code;
        trouble = all.After(trouble, error);
        if (isNews)
            all.Told(this, error);
    }

    /// <summary>The step that had failed went well.</summary>
    public void Recover()
    {
        Losses = 0;
        if (state != TableState.Stopped)
            trouble = null;
    }

    /// <summary>A session was lost while the table was read. True where that happened too often to be chance.</summary>
    public bool Lose() => ++Losses >= MostLosses;

    /// <summary>Somebody asks for the table: what failed is tried at once.</summary>
    public void TryNow()
    {
        if (trouble is { } waited)
            trouble = waited with { NextTry = all.Now }; // How often it failed is kept until it is read.
    }

    internal void Restore(TableState noted)
    {
        var wasPublished = IsPublished;
        state = noted;
        all.Count(wasPublished, IsPublished);
    }

    internal void Restore(TableTrouble? noted, int losses) => (trouble, Losses) = (noted, losses);
}
