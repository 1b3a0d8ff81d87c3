using System.Globalization;
using Cdc.Capture.Sources;
using Cdc.Capture.Tables;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Reading;

/// <summary>What the catalog and the stream's announcements say of tables, and what follows from it.</summary>
public sealed partial class SnapshotCoordinator
{
    /// <summary>The stream shows a table: one that is not known has joined by now.</summary>
    public void Meet(SourceTable table)
    {
        catalog.Hurry();
        Join(table.Schema.Id);
        reads.Meet(table);
    }

    /// <summary>The stream names a table, selected or not: by its number a known one can be told under another name.</summary>
    /// <param name="name">As the stream has it.</param>
    /// <param name="number">The source's number of it.</param>
    /// <param name="isAgain">The session has named it before: something of it was changed.</param>
    public void Announce(TableId name, uint number, bool isAgain)
    {
        if (reads.Announce(name, number) || isAgain)
            catalog.Hurry();
    }

    /// <summary>Rows of a partition are streamed as the table's: a look must show that partition, or they have no place any more.</summary>
    /// <param name="table">The root.</param>
    /// <param name="partition">The source's number of the partition.</param>
    public void Bring(TableId table, uint partition) => reads.Bring(table, partition);

    private void Join(TableId table)
    {
        if (reads.Find(table) is { } known)
        {
            if (known.State == TableState.Gone)
                reads.Return(known);
            return;
        }

        if (pace.ReadsNewTables)
            reads.Add(table, isJoining: true);
        else
            reads.AddUnread(table);
        Report(reads.Find(table)!);
    }

    private async ValueTask LookAtCatalogAsync(ulong reached)
    {
        var (sight, found) = await catalog.AdvanceAsync(reached, stopping.Token);
        foreach (var difference in found)
            Take(difference, sight);
        foreach (var (table, look) in sight?.Tables ?? new Dictionary<TableId, TableLook>())
        {
            // One whose rows nothing identifies is told of, and joins when it gets what it lacks.
            if (look.Fingerprint?.IsIdentified != false)
                Join(table);
        }

        events.OnLooked(catalog.IsWaiting || !catalog.HasLooked);
    }

    private void Take(FoundDifference found, CatalogSight? sight)
    {
        var table = found.Table;
        if (!table.IsUnread)
        {
            reads.ReadAgain(found);
            events.OnRewritten(table.Table, found.Difference.Because);
            Report(table);
        }
        else if (found.IsOfFiles)
        {
            events.OnMoved(table.Table, found.Difference.Because);
            if (sight?.Tables.TryGetValue(table.Table, out var now) == true)
                table.TakeFiles(now);
        }
        else
        {
            table.Health.Stop(new CdcException(ErrorCodes.SourceTableChanged,
                $"Looking at table '{table.Table}', its {found.Difference.Because}: rows may be missing or old, and with 'snapshot.mode: " +
                "never' it is not read again."));
        }
    }

    private void Restarted(TableSnapshot table, LookDifference difference)
    {
        if (table.Catalog.Restarts < RestartPauses.Many)
            return;
        events.OnRestarted(table.Table, new CdcException(ErrorCodes.SourceTableUnsteady, string.Create(CultureInfo.InvariantCulture,
            $"Reading table '{table.Table}', it was changed while it was read for the {table.Catalog.Restarts}th time: " +
            $"its {difference.Because}. The next try starts " +
            $"in {RestartPauses.After(table.Catalog.Restarts, reads.Health.LongestPause).TotalSeconds:0} s.")));
    }
}
