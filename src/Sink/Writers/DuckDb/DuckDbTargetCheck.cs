using Cdc.Contracts.Checks;
using Cdc.Contracts.Errors;
using Cdc.Sink.Writers.DuckDb.Native;
using Cdc.Sink.Writers.DuckDb.Sql;

namespace Cdc.Sink.Writers.DuckDb;

/// <summary>Looks whether a sink can write into a DuckDB file. It opens the file for reading only, and makes none.</summary>
public static class DuckDbTargetCheck
{
    public static IReadOnlyList<Finding> Run(DuckDbTargetOptions options)
    {
        var findings = new List<Finding>();
        try
        {
            findings.Add(Finding.Good("library", $"DuckDB {DuckDbLibrary.Require()} is there"));
        }
        catch (CdcException error)
        {
            return [Finding.Of("library", error)];
        }

        var file = new DuckDbFile(options.Path);
        if (File.Exists(file.Path))
            findings.Add(Open(file));
        return findings;
    }

    private static Finding Open(DuckDbFile file)
    {
        const string subject = "file";
        try
        {
            using var connection = DuckDbConnection.OpenInMemory([]);
            connection.Execute($"ATTACH {SqlName.Literal(file.Path)} AS {SqlName.Catalog} (TYPE duckdb, READ_ONLY)");
            connection.Execute($"DETACH {SqlName.Catalog}");
            return Finding.Good(subject, $"'{file.Path}' can be opened");
        }
        catch (DuckDbException error)
        {
            var ours = DuckDbErrors.Opening(error, file.Path, file.WalBytes);
            return ours.Code == ErrorCodes.TargetHeld
                ? Finding.Warning(subject, $"'{file.Path}' is open elsewhere; a sink waits until it is closed",
                    "Close the other program, unless it is this installation itself.")
                : Finding.Of(subject, ours);
        }
    }
}
