using System.Collections.Immutable;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Selection;
using Npgsql;

namespace Cdc.Capture.Postgres.Slots;

/// <summary>
/// Makes the publication fit the selection, where that was asked for, at the start and while it runs. A table whose rows nothing identifies
/// is never added: its own updates and deletes would begin to fail on the source. What is left out is reported with the statement that adds
/// it.
/// </summary>
/// <param name="options">Name the publication.</param>
/// <param name="sessions">Where it is looked at.</param>
/// <param name="selection">The tables.</param>
/// <param name="onMissing">Told of what is left out; once, as long as it stays so.</param>
public sealed class PublicationSetup(PostgresOptions options, SessionPool sessions, TableSelection selection, Action<string> onMissing)
{
    /// <summary>Who changes the table may take long; it is tried again at the next look.</summary>
    private const string LockPatience = "SET LOCAL lock_timeout = '2s'";

    private readonly List<(string Text, TablePattern Pattern)> wanted = [];
    private HashSet<string> told = [];

    /// <summary>The source's patterns, so that one that matches no table is told of.</summary>
    public IEnumerable<string> Patterns
    {
        init => wanted = [.. value.Where(pattern => !pattern.StartsWith('!')).Select(pattern => (pattern, new TablePattern(pattern)))];
    }

    /// <summary>What a session before told of; that is no news.</summary>
    public IEnumerable<SourceWarning> Told
    {
        init => told = [.. value.Select(warning => warning.Text)];
    }

    /// <summary>Told after each look of all that is left out now.</summary>
    public Action<IReadOnlyList<SourceWarning>> OnLooked { get; init; } = _ => { };

    /// <summary>
    /// Looks at publication and tables; creates or extends the publication only where the options say so. Answers with the selected tables
    /// that are published now.
    /// </summary>
    public Task<ImmutableArray<TableId>> RunAsync(CancellationToken cancellationToken) => sessions.UseAsync(
        $"Looking at publication '{options.Publication}'", (session, token) => RunAsync(session, isStart: true, token), cancellationToken);

    /// <summary>The same while capture runs: tables that came to match since are published, and what is left out is told.</summary>
    public Task RefreshAsync(NpgsqlConnection session, CancellationToken cancellationToken) =>
        RunAsync(session, isStart: false, cancellationToken);

    /// <summary>Adding a table: the statement, for people and for ourselves.</summary>
    public static string AddStatement(string publication, TableId table) =>
        $"ALTER PUBLICATION {ReplicationCommands.Identifier(publication)} ADD TABLE {Qualified(table)}";

    /// <summary>
    /// Making the publication: the statement, for people and for ourselves. Of generated columns it sends what the server can send (18:
    /// stored ones).
    /// </summary>
    public static string CreateStatement(string publication, IEnumerable<TableId> tables, int major)
    {
        var list = string.Join(", ", tables.Select(Qualified));
        var generated = major < PublishableTable.RefusesUnpublished ? "" : ", publish_generated_columns = stored";
        return $"CREATE PUBLICATION {ReplicationCommands.Identifier(publication)}{(list.Length == 0 ? "" : " FOR TABLE " + list)} WITH " +
            $"(publish_via_partition_root = true{generated})";
    }

    /// <summary>Sending every kind of change: the statement, for people.</summary>
    public static string EveryKindStatement(string publication) =>
        $"ALTER PUBLICATION {ReplicationCommands.Identifier(publication)} SET (publish = 'insert, update, delete, truncate')";

    /// <summary>Sending partitions under the topmost table's name: the statement, for people.</summary>
    public static string ViaRootStatement(string publication) =>
        $"ALTER PUBLICATION {ReplicationCommands.Identifier(publication)} SET (publish_via_partition_root = true)";

    /// <summary>Sending stored generated columns (from 18 on): the statement, for people.</summary>
    public static string StoredStatement(string publication) =>
        $"ALTER PUBLICATION {ReplicationCommands.Identifier(publication)} SET (publish_generated_columns = stored)";

    private static string Qualified(TableId table) =>
        $"{ReplicationCommands.Identifier(table.Schema)}.{ReplicationCommands.Identifier(table.Name)}";

    private async Task<ImmutableArray<TableId>> RunAsync(NpgsqlConnection session, bool isStart, CancellationToken cancellationToken)
    {
        var said = new List<SourceWarning>();
        var tables = await PublishableTable.ReadAsync(session, selection, cancellationToken);
        var found = await ReadAsync(session, cancellationToken);
        var refused = SourceSession.MajorOf(session) < PublishableTable.RefusesUnpublished ? []
            : tables.Where(table => table.GeneratedInIdentity.Any(kind => kind == "v" || found is { SendsStored: false }))
            .Select(table => table.Id).ToHashSet();
        var usable = tables.Where(table => table.Unidentified.IsEmpty && !refused.Contains(table.Id)).ToImmutableArray();
        foreach (var table in refused)
            Tell(said,
                $"Table '{table}' has REPLICA IDENTITY FULL and a generated column that would not be published, so its own updates would " +
                "fail: it is left out",
                $"{StoredStatement(options.Publication)}, if its generated columns are stored; else another identity");
        foreach (var table in tables.Where(table => !table.Unidentified.IsEmpty))
        {
            Tell(said, $"Table '{table.Id}' has nothing that identifies its rows and is left out",
                string.Join("; ", table.Unidentified.Select(name => $"ALTER TABLE {name} REPLICA IDENTITY FULL")));
        }

        if (found is not { } publication)
        {
            if (isStart || options.Create)
                await CreateAsync(session, usable, said, cancellationToken);
        }
        else
        {
            TellOfKinds(publication, usable, said);
            if (!publication.HasAllTables)
                await ExtendAsync(session, usable, said, cancellationToken);
        }

        var sent = await PublishedTables.ReadAsync(session, options.Publication, cancellationToken);
        var published = sent.Select(table => table.Id).ToHashSet();
        TellOfPatterns(tables, said);
        TellOfParts(await UnsentParts.ReadAsync(session, options.Publication, [.. sent.Select(table => table.Oid)], cancellationToken),
            published, said);
        told = [.. said.Select(warning => warning.Text)];
        OnLooked(said);
        return [.. usable.Select(table => table.Id).Where(published.Contains)];
    }

    private void Tell(List<SourceWarning> said, string what, string remedy = "")
    {
        var warning = new SourceWarning(what, remedy);
        said.Add(warning);
        if (!told.Contains(what))
            onMissing(warning.ToString());
    }

    private void TellOfKinds(Publication publication, ImmutableArray<PublishableTable> usable, List<SourceWarning> said)
    {
        if (!publication.SendsEveryKind)
            Tell(said,
                $"Publication '{options.Publication}' does not send every kind of change; what it leaves out never reaches the target",
                EveryKindStatement(options.Publication));
        if (!publication.IsViaRoot && usable.FirstOrDefault(table => table.IsPartitioned) is { } root)
            Tell(said, $"Publication '{options.Publication}' sends partitions one by one; table '{root.Id}' is left out",
                ViaRootStatement(options.Publication));
    }

    private void TellOfPatterns(ImmutableArray<PublishableTable> tables, List<SourceWarning> said)
    {
        if (tables.IsEmpty)
        {
            Tell(said, "No table is selected", "look at 'tables' of the source");
            return;
        }

        var names = tables.Select(table => table.Id.ToString()).ToList();
        foreach (var (text, _) in wanted.Where(pattern => !names.Exists(pattern.Pattern.Matches)))
            Tell(said, $"Pattern '{text}' of 'tables' matches no table",
                "correct it: the whole name, 'schema.table', in the source's spelling");
    }

    private void TellOfParts(IReadOnlyList<UnsentPart> parts, HashSet<TableId> published, List<SourceWarning> said)
    {
        foreach (var part in parts.Where(part => selection.Includes(part.Table.ToString()) && published.Contains(part.Table))
            .GroupBy(part => (part.Table, part.Kind)))
        {
            var names = string.Join(", ", part.Select(one => $"'{one.Name}'"));
            Tell(said, part.Key.Kind switch
            {
                UnsentKind.Rows => $"Publication '{options.Publication}' sends only some rows of '{part.Key.Table}' (a row filter)",
                UnsentKind.GeneratedColumn => $"Generated columns of table '{part.Key.Table}' are not sent: {names}",
                UnsentKind.ForeignPartition =>
                    $"Partitions of table '{part.Key.Table}' are foreign tables, whose changes are not in this server's log: {names}",
                _ => throw new ArgumentOutOfRangeException(nameof(parts), part.Key.Kind, "Not a part of a table."),
            });
        }
    }

    private async Task<Publication?> ReadAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT puballtables, pubviaroot, pubinsert AND pubupdate AND pubdelete " +
            "AND pubtruncate, coalesce(to_jsonb(p) ->> 'pubgencols', '') = 's' FROM pg_catalog.pg_publication p WHERE pubname = $1",
            session)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = options.Publication } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new Publication(reader.GetBoolean(0), reader.GetBoolean(1), reader.GetBoolean(2), reader.GetBoolean(3)) : null;
    }

    private async Task CreateAsync(
        NpgsqlConnection session, ImmutableArray<PublishableTable> tables, List<SourceWarning> said, CancellationToken cancellationToken)
    {
        var statement = CreateStatement(options.Publication, tables.Select(table => table.Id), SourceSession.MajorOf(session));
        if (!options.Create)
            throw new CdcException(ErrorCodes.SourcePublicationMissing,
                $"Publication '{options.Publication}' does not exist, and 'create' is not set ({statement}).");
        if (await TryAsync(session, statement, cancellationToken) is not { } refused)
            return;

        // One table is enough to refuse all: then without any, and one by one.
        var empty = CreateStatement(options.Publication, [], SourceSession.MajorOf(session));
        if (!IsThere(refused) && await TryAsync(session, empty, cancellationToken) is { } again && !IsThere(again))
            throw refused;
        await ExtendAsync(session, tables, said, cancellationToken);
    }

    /// <summary>
    /// Somebody made it since it was looked for: the check finds it (42710), or, where both make it at once, the catalog's index (23505).
    /// </summary>
    private static bool IsThere(PostgresException refused) =>
        refused.SqlState is PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation;

    private async Task ExtendAsync(
        NpgsqlConnection session, ImmutableArray<PublishableTable> usable, List<SourceWarning> said, CancellationToken cancellationToken)
    {
        var published = (await PublishedTables.ReadAsync(session, options.Publication, cancellationToken)).Select(table => table.Id)
            .ToHashSet();
        foreach (var table in usable.Where(table => !published.Contains(table.Id)))
        {
            var statement = AddStatement(options.Publication, table.Id);
            if (!options.Create)
                Tell(said, $"Table '{table.Id}' is selected but not published", statement);
            else if (await TryAsync(session, statement, cancellationToken) is { } refused)
                Tell(said,
                    $"Table '{table.Id}' is selected and could not be published, so it is left out: the server " +
                    $"answered '{refused.MessageText}' (SQLSTATE '{refused.SqlState}'); it is tried again", statement);
        }
    }

    /// <summary>What the server refused the statement for; null where it is done.</summary>
    private static async Task<PostgresException?> TryAsync(NpgsqlConnection session, string statement, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(session, $"BEGIN; {LockPatience}; {statement}; COMMIT", cancellationToken);
            return null;
        }
        catch (PostgresException error) when (!error.IsTransient || error.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            await ExecuteAsync(session, "ROLLBACK", cancellationToken);
            return error;
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string statement, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(statement, session);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private sealed record Publication(bool HasAllTables, bool IsViaRoot, bool SendsEveryKind, bool SendsStored);
}
