using Cdc.Contracts.Buffers;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.Postgres.Sql;
using Cdc.Sink.Writers.Postgres.Staging;
using Npgsql;

namespace Cdc.Sink.Writers.Postgres;

/// <summary>One connection with its settings, and what lives as long as it: staging tables and prepared statements.</summary>
internal sealed class PostgresSession : IAsyncDisposable
{
    private const int MinMajor = 14;

    // A role's or a database's own defaults must not change what is written. The planner is held to index lookups: staging is never
    // analysed, a prepared plan outlives the size it was made for, and reading a large table for each batch is what must not happen.
    private const string Settings = """
        SET search_path = pg_catalog; SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'iso_8601'; SET bytea_output = 'hex';
        SET extra_float_digits = 1; SET lc_monetary = 'C'; SET xmloption = 'content'; SET standard_conforming_strings = on;
        SET statement_timeout = 0; SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '60s'; SET idle_session_timeout = 0;
        SET default_transaction_isolation = 'read committed'; SET default_transaction_read_only = off; SET jit = off;
        SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_material = off;
        SET plan_cache_mode = force_generic_plan
        """;

    // A client that is gone, or stands still, must not keep its locks. Some systems cannot do one or the other, and a database may lack the language: no fault.
    private const string Lifeline = """
        DO $$
        DECLARE setting text[];
        BEGIN
            FOREACH setting SLICE 1 IN ARRAY ARRAY[['tcp_keepalives_idle', '30'], ['tcp_keepalives_interval', '10'], ['tcp_keepalives_count', '3'],
                ['tcp_user_timeout', '60000'], ['client_connection_check_interval', '10s']] LOOP
                BEGIN
                    PERFORM pg_catalog.set_config(setting[1], setting[2], false);
                EXCEPTION WHEN invalid_parameter_value THEN
                    NULL;
                END;
            END LOOP;
        END
        $$
        """;

    /// <summary>
    /// For a transaction that changes tables: whoever reads one of them queues behind us while we wait for a lock, and must not wait long.
    /// </summary>
    public const string WaitShortly = "SET LOCAL lock_timeout = '1s'";

    private readonly Dictionary<TargetName, StagedTable> staged = [];
    private readonly List<TargetName> unsettled = [];
    private readonly PooledBuffer buffer = new(1 << 17);
    private int tables;

    private PostgresSession(NpgsqlConnection connection) => Connection = connection;

    public NpgsqlConnection Connection { get; }

    public static async Task<PostgresSession> OpenAsync(PostgresConnections servers, CancellationToken cancellationToken)
    {
        var connection = await servers.OpenAsync(cancellationToken);
        try
        {
            if (connection.PostgreSqlVersion.Major < MinMajor)
            {
                throw new CdcException(
                    ErrorCodes.TargetFailed, FormattableString.Invariant($"The target is PostgreSQL {connection.PostgreSqlVersion}, and {MinMajor} or later was expected."));
            }

            var session = new PostgresSession(connection);
            await session.ExecuteAsync(Settings, cancellationToken);
            await session.SetLifelineAsync(cancellationToken);
            await session.MakeLedgerAsync(cancellationToken);
            return session;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public NpgsqlCommand Command(string text, params ReadOnlySpan<object> parameters)
    {
        var command = new NpgsqlCommand(text, Connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter as NpgsqlParameter ?? new NpgsqlParameter { Value = parameter });
        return command;
    }

    public async Task<int> ExecuteAsync(string text, CancellationToken cancellationToken)
    {
        await using var command = Command(text);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>All rows of a small answer.</summary>
    public static async Task<List<T>> QueryAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using (command)
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var rows = new List<T>();
            while (await reader.ReadAsync(cancellationToken))
                rows.Add(read(reader));
            return rows;
        }
    }

    public Task<List<CatalogColumn>> ColumnsAsync(TargetName table, CancellationToken cancellationToken) => QueryAsync(
        Command(CatalogStatements.Columns, table.Schema, table.Name),
        reader => new CatalogColumn(reader.GetString(0), reader.GetString(1), reader.GetBoolean(2)),
        cancellationToken);

    /// <summary>The staging of a table for a schema, made where there is none or only that of another schema.</summary>
    public async Task<StagedTable> StageAsync(TargetName table, TableSchema schema, CancellationToken cancellationToken)
    {
        if (staged.TryGetValue(table, out var known))
        {
            if (ReferenceEquals(known.Schema, schema) || known.Schema.Equals(schema))
                return known;
            staged.Remove(table);
            await known.DropAsync(cancellationToken);
        }

        var layout = TableLayout.Plan(table, schema, Connection.PostgreSqlVersion.Major, await ColumnsAsync(table, cancellationToken));
        var made = await StagedTable.CreateAsync(Connection, ++tables, table, schema, layout, cancellationToken);
        staged.Add(table, made);
        unsettled.Add(table);
        return made;
    }

    /// <summary>A buffer for the rows on their way, one for all tables.</summary>
    public PooledBuffer Buffer => buffer;

    /// <summary>The transaction committed: what it made stays.</summary>
    public void Settle() => unsettled.Clear();

    /// <summary>The table changes: what was made for it no longer fits.</summary>
    public async Task ForgetAsync(TargetName table, CancellationToken cancellationToken)
    {
        if (staged.Remove(table, out var known))
            await known.DropAsync(cancellationToken);
    }

    /// <summary>The transaction was rolled back: staging made in it is gone.</summary>
    public void ForgetUnsettled()
    {
        foreach (var table in unsettled)
            staged.Remove(table);
        unsettled.Clear();
        foreach (var table in staged.Values)
            table.Distrust();
    }

    public async ValueTask DisposeAsync()
    {
        buffer.Dispose();
        await Connection.DisposeAsync();
    }

    private async Task SetLifelineAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(Lifeline, cancellationToken);
        }
        catch (PostgresException error) when (PostgresTargetErrors.CodeOf(error.SqlState) != ErrorCodes.TargetUnreachable)
        {
            // The session works without.
        }
    }

    private async Task MakeLedgerAsync(CancellationToken cancellationToken)
    {
        var exists = await QueryAsync(Command(LedgerStatements.Exists), reader => reader.GetBoolean(0), cancellationToken);
        if (exists[0])
            return;
        await using var transaction = await Connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(LedgerStatements.LockDefinitions, cancellationToken);
        await ExecuteAsync(LedgerStatements.Create, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
