using Cdc.Sink.Writers.Postgres.Sql;

namespace Cdc.Sink.Writers.Postgres;

/// <summary>A PostgreSQL database as the target: one connection, kept from transaction to transaction until one of them fails.</summary>
public sealed class PostgresTableWriter(PostgresTargetOptions options) : ITableWriter
{
    private readonly PostgresConnections servers = new(options);
    private PostgresSession? session;

    public WriterCapabilities Capabilities { get; } = new("postgres", Identifiers.MaxBytes, FitsApart: true);

    public async ValueTask<ITargetTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        var doing = $"connecting to '{options.Host}:{options.Port}/{options.Database}'";
        try
        {
            if (session is { Connection.FullState: not System.Data.ConnectionState.Open })
                await CloseAsync();
            session ??= await PostgresSession.OpenAsync(servers, cancellationToken);
            var transaction = await session.Connection.BeginTransactionAsync(cancellationToken);
            return new PostgresTargetTransaction(session, transaction, CloseAsync);
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
            session = null;
            await open.DisposeAsync();
        }
    }
}
