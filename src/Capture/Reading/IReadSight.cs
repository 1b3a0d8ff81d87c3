using Cdc.Capture.Sources;

namespace Cdc.Capture.Reading;

/// <summary>What a read of the source could see. Never changes; any thread.</summary>
public interface IReadSight
{
    /// <summary>Where the source was: whatever was running then had begun below that number. It grows with the source.</summary>
    ulong Horizon { get; }

    /// <summary>Whether the changes of a streamed transaction were visible. It is asked for rows: nothing is allocated.</summary>
    bool Sees(TransactionMark transaction);

    /// <summary>Whether everything that had begun below another sight's <see cref="Horizon"/> was over.</summary>
    bool HasPassed(ulong horizon);
}
