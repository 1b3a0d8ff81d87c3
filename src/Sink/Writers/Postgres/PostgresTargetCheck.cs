using System.Collections.Immutable;
using Cdc.Contracts.Checks;
using Cdc.Contracts.Errors;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.Postgres.Sql;
using Npgsql;

namespace Cdc.Sink.Writers.Postgres;

/// <summary>What a look at a PostgreSQL target found.</summary>
/// <param name="Findings">In the order in which one would mend them.</param>
/// <param name="SystemIdentifier">The cluster's number; empty where the target did not answer.</param>
public sealed record CheckedTarget(ImmutableArray<Finding> Findings, string SystemIdentifier);

/// <summary>
/// Looks whether a sink can write into a PostgreSQL database: everything that is wrong, at once. It writes nothing there.
/// </summary>
public static class PostgresTargetCheck
{
    private const string Connection = "connection";
    private const string LedgerSchema = "_cdc";
    private const int OldestMajor = 14;

    private const string FactsSql = """
        SELECT current_user::text, (SELECT system_identifier::text FROM pg_catalog.pg_control_system()), pg_catalog.pg_is_in_recovery(),
               has_database_privilege(current_database(), 'CREATE'), has_database_privilege(current_database(), 'TEMPORARY'),
               to_regclass('_cdc.tables') IS NOT NULL
        """;

    private const string SchemaSql =
        "SELECT has_schema_privilege(oid, 'USAGE') AND has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = $1";

    private const string KindSql =
        "SELECT c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2";

    // Columns that the platform's would be renamed to, of tables $1 and $2; a ledger from before notes no prefix.
    private const string TakenSql = $"""
        SELECT t.target_schema, t.target_table, a.attname::text
        FROM _cdc.tables t JOIN pg_namespace n ON n.nspname = t.target_schema
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.target_table
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        JOIN unnest($1::text[], $2::text[]) AS q (of_schema, of_table) ON q.of_schema = t.target_schema AND q.of_table = t.target_table
        WHERE a.attname = ANY ($3::text[]) AND coalesce(to_jsonb(t) ->> 'metadata_prefix', '{MetadataColumns.DefaultPrefix}') <> $4
        ORDER BY 1, 2, 3
        """;

    /// <param name="options">The target.</param>
    /// <param name="tables">The tables that will be written there, as far as they are known.</param>
    /// <param name="metadata">The platform's own columns in every table.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public static async Task<CheckedTarget> RunAsync(
        PostgresTargetOptions options, IReadOnlyCollection<TargetName> tables, MetadataColumns metadata,
        CancellationToken cancellationToken)
    {
        var findings = ImmutableArray.CreateBuilder<Finding>();
        try
        {
            await using var servers = new PostgresConnections(options);
            await using var connection = await servers.OpenAsync(cancellationToken);
            findings.Add(Finding.Good(Connection, $"'{options.User}' at {options.Host}:{options.Port}"));
            findings.Add(Version(connection));
            if (await TargetSession.BackendOfAsync(connection, cancellationToken) != connection.ProcessID)
            {
                findings.Add(Finding.Warning("pooler",
                    "a pooler shares connections out; this works, and small batches cost the server more",
                    "Name the server itself, or a port of the pooler that keeps sessions."));
            }

            var facts = (await TargetSession.QueryAsync(new NpgsqlCommand(FactsSql, connection), Facts.Read, cancellationToken))[0];
            findings.AddRange(Judge(facts, options.Database));
            foreach (var schema in tables.Select(table => table.Schema).Append(LedgerSchema).Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal))
                findings.AddRange(await LookAtSchemaAsync(connection, schema, facts, options.Database, cancellationToken));
            foreach (var table in tables)
                findings.AddRange(await LookAtTableAsync(connection, table, facts, cancellationToken));
            if (facts.HasLedger)
                findings.AddRange(await LookAtNamesAsync(connection, tables, metadata, cancellationToken));
            return new CheckedTarget(findings.ToImmutable(), facts.SystemIdentifier);
        }
        catch (Exception error)
            when (PostgresTargetErrors.Translate(error,
                $"looking at database '{options.Database}' at '{options.Host}:{options.Port}'") is { } ours)
        {
            findings.Add(Finding.Of(Connection, ours));
            return new CheckedTarget(findings.ToImmutable(), "");
        }
    }

    private static Finding Version(NpgsqlConnection connection) => connection.PostgreSqlVersion.Major >= OldestMajor
        ? Finding.Good("version", $"PostgreSQL {connection.PostgreSqlVersion}")
        : Finding.Fault("version", $"PostgreSQL {connection.PostgreSqlVersion}, {OldestMajor} or later was expected", "Upgrade the server.",
            ErrorCodes.TargetFailed);

    private static IEnumerable<Finding> Judge(Facts facts, string database)
    {
        if (facts.IsStandby)
            yield return Finding.Fault("server", "it is a standby, which takes no rows", "Name the primary's host.",
                ErrorCodes.TargetUnreachable);
        if (!facts.MayStage)
        {
            yield return Finding.Fault("staging", $"role '{facts.Role}' may not make temporary tables",
                $"GRANT TEMPORARY ON DATABASE {Identifiers.Quote(database)} TO {Identifiers.Quote(facts.Role)};",
                ErrorCodes.TargetAccessDenied);
        }
    }

    private static async Task<IEnumerable<Finding>> LookAtSchemaAsync(
        NpgsqlConnection connection, string schema, Facts facts, string database, CancellationToken cancellationToken)
    {
        var subject = $"schema '{schema}'";
        var role = Identifiers.Quote(facts.Role);
        var found = await TargetSession.QueryAsync(Command(connection, SchemaSql, schema), row => row.GetBoolean(0), cancellationToken);
        return found switch
        {
            [true] => [Finding.Good(subject, "there, and open to the role")],
            [false] => [Finding.Fault(subject, $"role '{facts.Role}' may not use it or make tables in it",
                $"GRANT USAGE, CREATE ON SCHEMA {Identifiers.Quote(schema)} TO {role};", ErrorCodes.TargetAccessDenied)],
            _ when facts.MayCreate => [Finding.Good(subject, "missing so far; the sink creates it")],
            _ => [Finding.Fault(subject, $"missing, and role '{facts.Role}' may not create it",
                $"CREATE SCHEMA {Identifiers.Quote(schema)} AUTHORIZATION {role}; -- or GRANT CREATE ON " +
                $"DATABASE {Identifiers.Quote(database)} TO {role};",
                ErrorCodes.TargetAccessDenied)],
        };
    }

    /// <summary>A table that is there must have been made by a sink, or be empty.</summary>
    private static async Task<IEnumerable<Finding>> LookAtTableAsync(
        NpgsqlConnection connection, TargetName table, Facts facts, CancellationToken cancellationToken)
    {
        var subject = $"table '{table}'";
        var kinds = await TargetSession.QueryAsync(Command(connection, KindSql, table.Schema, table.Name), row => row.GetString(0),
            cancellationToken);
        if (kinds.Count == 0)
            return [];
        if (kinds[0] is not ("r" or "p"))
            return [Finding.Fault(subject, $"something else of that name is there, of kind '{kinds[0]}'",
                "Drop it, or name the table with the sink's 'target'.", ErrorCodes.TargetTableTaken)];
        try
        {
            if (facts.HasLedger)
            {
                var claimed = await TargetSession.QueryAsync(Command(connection, LedgerStatements.Owner, table.Schema, table.Name),
                    row => row.GetString(0), cancellationToken);
                if (claimed.Count > 0)
                    return [];
            }

            var rows = await TargetSession.QueryAsync(new NpgsqlCommand(TableStatements.AnyRow(table), connection),
                row => row.GetBoolean(0), cancellationToken);
            return rows[0]
                ? [Finding.Fault(subject, "it holds rows that no sink wrote", "Name another with the sink's 'target', or empty it.",
                    ErrorCodes.TargetTableTaken)]
                : [];
        }
        catch (PostgresException error)
            when (string.Equals(error.SqlState, PostgresErrorCodes.InsufficientPrivilege, StringComparison.Ordinal))
        {
            return [Finding.Fault(subject, $"it is there, and role '{facts.Role}' may not read it",
                $"ALTER TABLE {Identifiers.Quote(table)} OWNER TO {Identifiers.Quote(facts.Role)};", ErrorCodes.TargetAccessDenied)];
        }
    }

    /// <summary>
    /// Where the prefix was changed, the platform's columns get new names in tables that are there: no other column may have one of
    /// them.
    /// </summary>
    private static async Task<IEnumerable<Finding>> LookAtNamesAsync(
        NpgsqlConnection connection, IReadOnlyCollection<TargetName> tables, MetadataColumns metadata, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(TakenSql, connection);
        string[] schemas = [.. tables.Select(table => table.Schema)], tableNames = [.. tables.Select(table => table.Name)];
        foreach (var names in (string[][])[schemas, tableNames, [.. metadata.Names]])
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = names });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = metadata.Prefix });
        var taken = await TargetSession.QueryAsync(
            command, row => (Table: new TargetName(row.GetString(0), row.GetString(1)), Column: row.GetString(2)), cancellationToken);
        return taken.Select(found => NameTaken.Foretold(found.Table, found.Column));
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string text, params ReadOnlySpan<string> parameters)
    {
        var command = new NpgsqlCommand(text, connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = parameter });
        return command;
    }

    private sealed record Facts(string Role, string SystemIdentifier, bool IsStandby, bool MayCreate, bool MayStage, bool HasLedger)
    {
        public static Facts Read(NpgsqlDataReader row) =>
            new(row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetBoolean(3), row.GetBoolean(4), row.GetBoolean(5));
    }
}
