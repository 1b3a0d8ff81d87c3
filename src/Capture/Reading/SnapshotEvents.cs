using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Reading;

/// <summary>What the reading of tables tells the outside.</summary>
/// <param name="OnProgress">A table's reading continued.</param>
/// <param name="OnRewritten">A look at a table differs from what its records are of: it is read again, for that reason.</param>
public sealed record SnapshotEvents(Action<TableSnapshotProgress> OnProgress, Action<TableId, string> OnRewritten)
{
    /// <summary>A table that is not read may hold other rows than its records say, or only lie elsewhere.</summary>
    public Action<TableId, string> OnMoved { get; init; } = (_, _) => { };

    /// <summary>A table's read was begun again so often that people should know; with what each time was the reason.</summary>
    public Action<TableId, CdcException> OnRestarted { get; init; } = (_, _) => { };

    /// <summary>A table keeps somebody waiting because it is being read; told once for each time that it lasts.</summary>
    public Action<TableId, string> OnWaiting { get; init; } = (_, _) => { };

    /// <summary>Whether something that a look saw waits for the stream: until then nobody can say that all is read.</summary>
    public Action<bool> OnLooked { get; init; } = _ => { };
}
