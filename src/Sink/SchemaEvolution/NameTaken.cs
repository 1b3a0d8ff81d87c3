using Cdc.Contracts.Checks;
using Cdc.Contracts.Errors;

namespace Cdc.Sink.SchemaEvolution;

/// <summary>A column and one of the platform's own would share a name.</summary>
internal static class NameTaken
{
    /// <summary>The source's table has such a column.</summary>
    public static CdcException By(TargetName table, string column, MetadataColumns metadata) => new(ErrorCodes.TargetMetadataTaken,
        $"Fitting table '{table}', the source's column '{column}' was found, and '{string.Join("', '", metadata.Names)}' are the " +
        "platform's own columns there.");

    /// <summary>The target's table has such a column, and ours are going to get that name.</summary>
    public static Finding Foretold(TargetName table, string column) => Finding.Fault($"table '{table}'",
        $"it has a column '{column}', and the platform's own column there is to get that name",
        ErrorCodes.TargetMetadataTaken.Remedy, ErrorCodes.TargetMetadataTaken);

    /// <summary>The target's table has such a column.</summary>
    public static CdcException In(TargetName table, string column, string before) => new(ErrorCodes.TargetMetadataTaken,
        $"Renaming the platform's column '{before}' of table '{table}' to '{column}', another column of that name was found.");
}
