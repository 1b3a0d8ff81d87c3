using Cdc.Contracts.Errors;

namespace Cdc.Capture.Tests.Reading;

/// <summary>Reasons for which tables stop in tests.</summary>
internal static class Troubles
{
    public static CdcException Some { get; } = new(ErrorCodes.SourceTableUnreadable, "Reading a table, it did not work.");
}
