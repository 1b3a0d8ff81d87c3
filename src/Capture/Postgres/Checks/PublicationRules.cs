using System.Collections.Immutable;
using System.Globalization;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Postgres.Slots;
using Cdc.Contracts.Checks;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Postgres.Checks;

/// <summary>Whether the publication has what is selected, or can be made so.</summary>
public static class PublicationRules
{
    public static IEnumerable<Finding> Judge(
        SourceFacts facts, SourceRights rights, PostgresOptions options, ImmutableArray<CatalogTable> selected)
    {
        var subject = $"publication '{options.Publication}'";
        var usable = selected.Where(TableRules.IsIdentified).ToImmutableArray();
        var publication = facts.Find(options.Publication);
        var halves = HalfKeys(subject, publication, options.Publication, selected, facts.Version / 10_000);
        if (publication is null)
            return [Missing(subject, rights, options, usable, facts.Version / 10_000), .. halves];
        var findings = Shape(subject, publication, selected).Concat(halves)
            .Concat(Unpublished(subject, publication, rights, options, usable)).ToList();
        return findings.Count > 0 ? findings : [Finding.Good(subject, $"there, with {Tables(publication.Tables.Length)}")];
    }

    private static Finding Missing(
        string subject, SourceRights rights, PostgresOptions options, ImmutableArray<CatalogTable> usable, int major)
    {
        var create = PublicationSetup.CreateStatement(options.Publication, usable.Select(table => table.Id), major) + ";";
        if (!options.Create)
            return Finding.Fault(subject, "missing, and 'create' is not set", create + " -- or 'create: true'",
                ErrorCodes.SourcePublicationMissing);
        var foreign = usable.Where(table => !IsOwner(rights, table)).ToList();
        if (rights.MayCreate && foreign.Count == 0)
            return Finding.Good(subject, $"missing so far; the first run creates it, with {Tables(usable.Length)}");
        return Finding.Fault(subject,
            $"missing, and role '{rights.Role}' may not create it: " +
            $"it {(rights.MayCreate ? $"does not own {Names(foreign)}" : "has no CREATE on the database")}",
            "As the tables' owner: " + create, ErrorCodes.SourceRightMissing);
    }

    private static IEnumerable<Finding> Shape(string subject, SourcePublication publication, ImmutableArray<CatalogTable> selected)
    {
        var name = ReplicationCommands.Identifier(publication.Name);
        if (!publication.ViaRoot && selected.FirstOrDefault(table => table.IsPartitioned) is { } root)
        {
            yield return Finding.Fault(subject,
                $"it publishes partitions one by one; those of '{root.Id}' must be published under its name",
                PublicationSetup.ViaRootStatement(publication.Name) + ";", ErrorCodes.SourceSettingUnsuitable);
        }

        if (!(publication.Inserts && publication.Updates && publication.Deletes && publication.Truncates))
        {
            yield return Finding.Warning(subject, "it does not publish every kind of change: what it leaves out never reaches the target",
                PublicationSetup.EveryKindStatement(publication.Name) + ";");
        }

        foreach (var (table, published) in selected.Join(publication.Tables, table => table.Id, published => published.Id,
            (table, published) => (table, published)))
        {
            if (published.RowFilter is not null)
                yield return Finding.Warning(subject, $"it publishes only some rows of '{table.Id}' (a row filter)");
        }
    }

    /// <summary>
    /// Tables of whose key a column is not sent: they stop, for rows that differ in it alone would be taken for one another.
    /// </summary>
    private static IEnumerable<Finding> HalfKeys(
        string subject, SourcePublication? publication, string name, ImmutableArray<CatalogTable> selected, int major)
    {
        foreach (var table in selected)
        {
            var published = publication?.Tables.FirstOrDefault(published => published.Id == table.Id)?.Columns ?? [];
            var generated = table.GeneratedColumns.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
            var sendsStored = major >= PublishableTable.RefusesUnpublished
                && (publication is null || publication.Tables.All(published => published.Id != table.Id));
            if (table.Key.FirstOrDefault(key => published.IsEmpty ? generated.Contains(key) && !sendsStored
                : !published.Contains(key, StringComparer.Ordinal)) is not { } missing)
                continue;
            var remedy = !generated.Contains(missing)
                ? $"ALTER PUBLICATION {ReplicationCommands.Identifier(name)} SET TABLE …; -- with the key's columns"
                : major >= PublishableTable.RefusesUnpublished
                ? PublicationSetup.StoredStatement(name) + "; -- or, where the table has a column list, with that column in it"
                : "CREATE UNIQUE INDEX … over columns that are sent, each NOT NULL; ALTER " +
                    $"TABLE {ReplicationCommands.Identifier(table.Id.Schema)}.{ReplicationCommands.Identifier(table.Id.Name)} REPLICA " +
                    "IDENTITY USING INDEX …;";
            yield return Finding.Fault(subject, published.IsEmpty
                ? $"'{missing}' of '{table.Id}' is generated, which this server does not send, and belongs to the key: the table would stop"
                : $"its columns of '{table.Id}' lack '{missing}', which belongs to the key: the table stops", remedy,
                ErrorCodes.SourceKeyUnknown);
        }
    }

    private static IEnumerable<Finding> Unpublished(
        string subject, SourcePublication publication, SourceRights rights, PostgresOptions options, ImmutableArray<CatalogTable> usable)
    {
        foreach (var table in usable.Where(table => !publication.Tables.Any(published => published.Id == table.Id)))
        {
            var statement = PublicationSetup.AddStatement(options.Publication, table.Id) + ";";
            if (!options.Create)
                yield return Finding.Warning(subject, $"table '{table.Id}' is selected and not published; it is left out", statement);
            else if (rights.OwnsPublication == false || !IsOwner(rights, table))
                yield return Finding.Fault(subject, $"table '{table.Id}' is not in it, and role '{rights.Role}' may not add it",
                    "As the owner: " + statement, ErrorCodes.SourceRightMissing);
        }
    }

    private static bool IsOwner(SourceRights rights, CatalogTable table) => rights.Tables.GetValueOrDefault(table.Id)?.IsOwner == true;

    private static string Names(List<CatalogTable> tables) =>
        $"'{tables[0].Id}'" + (tables.Count > 1 ? Text($" and {tables.Count - 1} more") : "");

    private static string Tables(int count) => count == 1 ? "1 table" : Text($"{count} tables");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
