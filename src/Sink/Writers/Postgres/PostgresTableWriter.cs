using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.Postgres.Sql;

namespace Cdc.Sink.Writers.Postgres;

/// <summary>
/// A PostgreSQL database as the target: one connection, kept from transaction to transaction until one of them fails, or it is old.
/// </summary>
/// <param name="options">Where it is.</param>
/// <param name="clock">Measures a session's age.</param>
/// <param name="metadata">The platform's own columns in every table; null for those with the usual names.</param>
public sealed class PostgresTableWriter(PostgresTargetOptions options, TimeProvider clock, MetadataColumns? metadata = null) : ITableWriter
{
    /// <summary>Temporary tables hold the database's oldest transaction number back for as long as they live.</summary>
    private static readonly TimeSpan LongestSession = TimeSpan.FromHours(1);

    private readonly PostgresConnections servers = new(options);
    private TargetSession? session;
    private long openedAt;
    private bool isShared;

    public WriterCapabilities Capabilities { get; } = new("postgres", Identifiers.MaxBytes, FitsApart: true);

    public async ValueTask<ITargetTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        var doing = $"connecting to '{options.Host}:{options.Port}/{options.Database}'";
        try
        {
            if (session is { Connection.FullState: not System.Data.ConnectionState.Open }
                || clock.GetElapsedTime(openedAt) > LongestSession)
                await CloseAsync();
            if (session is null)
            {
                session = await TargetSession.OpenAsync(servers, metadata ?? MetadataColumns.Default, isShared, cancellationToken);
                openedAt = clock.GetTimestamp();
            }

            return new PostgresTargetTransaction(session, await session.BeginAsync(cancellationToken), CloseAsync);
        }
        catch (Exception exception)
        {
            await CloseAsync();
            if (PostgresTargetErrors.TranslateOpening(exception, doing, options) is { } translated)
                throw translated;
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await servers.DisposeAsync();
    }

    private async Task CloseAsync()
    {
        if (session is { } open)
        {
            isShared |= open.WasShared;
            session = null;
            await open.DisposeAsync();
        }
    }
}
