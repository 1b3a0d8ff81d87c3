using System.Data;
using System.Globalization;
using System.Security.Cryptography;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.Postgres.Sql;
using Cdc.Sink.Writers.Postgres.Staging;
using Cdc.Sink.Writers.Postgres.Types;
using Npgsql;

namespace Cdc.Sink.Writers.Postgres;

/// <summary>One connection with its settings, and what lives as long as it: staging tables and prepared statements.</summary>
internal sealed class TargetSession : IAsyncDisposable
{
    private const int MinMajor = 14;

    // A client that is gone, or is stalled, must not keep its locks. Some systems cannot do one or the other, and a database may lack the
    // language: no fault.
    private const string Lifeline = """
        DO $$
        DECLARE setting text[];
        BEGIN
            FOREACH setting SLICE 1 IN ARRAY ARRAY[['tcp_keepalives_idle', '30'], ['tcp_keepalives_interval', '10'],
                ['tcp_keepalives_count', '3'],
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
    private readonly string name = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
    private int tables;

    private TargetSession(NpgsqlConnection connection, MetadataColumns metadata, int backend, bool isShared)
    {
        Metadata = metadata;
        Connection = connection;
        Backend = backend;
        IsShared = isShared;
    }

    public NpgsqlConnection Connection { get; }

    /// <summary>The platform's own columns in every table.</summary>
    public MetadataColumns Metadata { get; }

    /// <summary>The type of the extension <c>hstore</c>; null where the target does not have it.</summary>
    public PostgresType? Hstore { get; private set; }

    /// <summary>The number of the server's process behind the connection when it was opened.</summary>
    public int Backend { get; }

    /// <summary>
    /// A pooler gives each transaction a server's process of its choice: nothing may outlive a transaction there, neither settings nor
    /// staging nor prepared statements.
    /// </summary>
    public bool IsShared { get; }

    /// <summary>Another process of the server answered than before: it is shared out after all.</summary>
    public bool WasShared { get; private set; }

    /// <summary>
    /// Asked at each move of the ledger, before any rows: settings, staging and prepared statements are another process's than that which
    /// answered.
    /// </summary>
    public void RequireSame(int backend)
    {
        if (IsShared || backend == Backend)
            return;
        WasShared = true;
        throw new CdcException(ErrorCodes.TargetShared, string.Create(CultureInfo.InvariantCulture,
            $"Moving the ledger, server process {backend} answered instead of {Backend}, so a pooler stands between; nothing is kept " +
            $"from one transaction to the next from now on."));
    }

    /// <param name="servers">Makes the connection.</param>
    /// <param name="metadata">The platform's own columns in every table.</param>
    /// <param name="isShared">Whether it is known that a pooler stands between.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<TargetSession> OpenAsync(
        PostgresConnections servers, MetadataColumns metadata, bool isShared, CancellationToken cancellationToken)
    {
        var connection = await servers.OpenAsync(cancellationToken);
        try
        {
            var major = connection.PostgreSqlVersion.Major;
            if (major < MinMajor)
            {
                throw new CdcException(
                    ErrorCodes.TargetFailed,
                    FormattableString.Invariant(
                        $"The target is PostgreSQL {connection.PostgreSqlVersion}, and {MinMajor} or later was expected."));
            }

            var backend = await BackendOfAsync(connection, cancellationToken);
            var session = new TargetSession(connection, metadata, backend, isShared || backend != connection.ProcessID);
            if (!session.IsShared)
            {
                await session.ExecuteAsync(TargetSettings.ForSession(major), cancellationToken);
                await session.SetLifelineAsync(cancellationToken);
            }

            await session.MakeLedgerAsync(cancellationToken);
            session.Hstore = await session.ReadHstoreAsync(cancellationToken);
            return session;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// The number of the server's process that answers. The server tells it at a login too; a pooler tells another one there.
    /// </summary>
    public static async Task<int> BackendOfAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (await QueryAsync(new NpgsqlCommand("SELECT pg_catalog.pg_backend_pid()", connection), reader => reader.GetInt32(0),
            cancellationToken))[0];

    /// <summary>Begins a transaction with our settings.</summary>
    public async Task<NpgsqlTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        var transaction = await Connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
        if (IsShared)
            await ExecuteAsync(TargetSettings.ForTransaction(Connection.PostgreSqlVersion.Major), cancellationToken);
        return transaction;
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
    public static async Task<List<T>> QueryAsync<T>(
        NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
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

    public Task<List<LayoutColumn>> ColumnsAsync(TargetName table, CancellationToken cancellationToken) => QueryAsync(
        Command(CatalogStatements.Columns, table.Schema, table.Name),
        reader => new LayoutColumn(reader.GetString(0), reader.GetString(1), reader.GetBoolean(2)),
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

        // Prepared statements notice a column that is altered behind our back. Where there are none, it must not be altered before we are
        // done.
        if (IsShared)
            await ExecuteAsync(StagingStatements.Hold(table), cancellationToken);
        var layout = TableLayout.Plan(table, schema, Connection.PostgreSqlVersion.Major, await ColumnsAsync(table, cancellationToken),
            Metadata, Hstore);
        var made = await StagedTable.CreateAsync(
            Connection, isKept: !IsShared, StagingStatements.Table(name, ++tables), table, schema, layout, cancellationToken);
        staged.Add(table, made);
        unsettled.Add(table);
        return made;
    }

    /// <summary>A buffer for the rows on their way, one for all tables.</summary>
    public PooledBuffer Buffer => buffer;

    /// <summary>The transaction committed: what it made stays, but for what a pooler would give to others.</summary>
    public void Settle()
    {
        unsettled.Clear();
        if (IsShared)
            staged.Clear();
    }

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

    /// <summary>In a transaction, for our settings decide how the type's name is printed.</summary>
    private async Task<PostgresType?> ReadHstoreAsync(CancellationToken cancellationToken)
    {
        await using var transaction = await BeginAsync(cancellationToken);
        var found = await QueryAsync(
            Command(CatalogStatements.Hstore), reader => PostgresType.OfExtension(reader.GetString(0), reader.GetFieldValue<uint>(1)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return found.Count > 0 ? found[0] : null;
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
        await using var transaction = await BeginAsync(cancellationToken);
        await ExecuteAsync(LedgerStatements.LockDefinitions, cancellationToken);
        await ExecuteAsync(LedgerStatements.Create, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
