using Cdc.Contracts.Checks;
using Cdc.Contracts.Errors;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.DuckDb.Native;
using Cdc.Sink.Writers.DuckDb.Sql;

namespace Cdc.Sink.Writers.DuckDb;

/// <summary>Looks whether a sink can write into a DuckDB file. It opens the file for reading only, and makes none.</summary>
public static class DuckDbTargetCheck
{
    /// <param name="options">The target.</param>
    /// <param name="metadata">The platform's own columns in every table.</param>
    public static IReadOnlyList<Finding> Run(DuckDbTargetOptions options, MetadataColumns metadata)
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
            findings.AddRange(Open(file, metadata));
        return findings;
    }

    private static IReadOnlyList<Finding> Open(DuckDbFile file, MetadataColumns metadata)
    {
        const string subject = "file";
        try
        {
            using var connection = DuckDbConnection.OpenInMemory([]);
            connection.Execute($"ATTACH {SqlName.Literal(file.Path)} AS {SqlName.Catalog} (TYPE duckdb, READ_ONLY)");
            IReadOnlyList<Finding> findings = [Finding.Good(subject, $"'{file.Path}' can be opened"), .. LookAtNames(connection, metadata)];
            connection.Execute($"DETACH {SqlName.Catalog}");
            return findings;
        }
        catch (DuckDbException error)
        {
            var ours = DuckDbErrors.Opening(error, file.Path, file.WalBytes);
            return ours.Code == ErrorCodes.TargetHeld
                ? [Finding.Warning(subject, $"'{file.Path}' is open elsewhere; a sink waits until it is closed",
                    "Close the other program, unless it is this installation itself.")]
                : [Finding.Of(subject, ours)];
        }
    }

    /// <summary>
    /// Where the prefix was changed, the platform's columns get new names in tables that are there: no other column may have one of
    /// them.
    /// </summary>
    private static List<Finding> LookAtNames(DuckDbConnection connection, MetadataColumns metadata)
    {
        var findings = new List<Finding>();
        using (var noted = connection.Query(LedgerSql.NotesPrefix))
        {
            if (!noted.Read())
                return findings; // From before there was another prefix, or of no sink yet.
        }

        using var taken = connection.Query(LedgerSql.Taken, metadata.Prefix, metadata.Partition, metadata.Offset, metadata.CommittedAt);
        while (taken.Read())
            findings.Add(NameTaken.Foretold(new TargetName(taken.Text(0)!, taken.Text(1)!), taken.Text(2)!));
        return findings;
    }
}
