using Cdc.Contracts.Errors;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.DuckDb.Native;
using Cdc.Sink.Writers.DuckDb.Sql;

namespace Cdc.Sink.Writers.DuckDb;

/// <summary>
/// One DuckDB database file as the target, open only while a transaction runs. DuckDB answers on the thread that asks: each call ends
/// before it returns. A cancelled token interrupts what runs.
/// </summary>
/// <param name="options">Where it is.</param>
/// <param name="metadata">The platform's own columns in every table; null for those with the usual names.</param>
public sealed class DuckDbTableWriter(DuckDbTargetOptions options, MetadataColumns? metadata = null) : ITableWriter
{
    private readonly DuckDbFile file = new(options.Path);
    private DuckDbSession? session;

    public WriterCapabilities Capabilities { get; } = new("duckdb", SqlName.MaxBytes, FitsApart: false);

    public ValueTask<ITargetTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            session ??= Open();
            session.Begin();
            return ValueTask.FromResult<ITargetTransaction>(new DuckDbTargetTransaction(session, Close));
        }
        catch (Exception error)
        {
            Close();
            return ValueTask.FromException<ITargetTransaction>(error);
        }
    }

    /// <summary>Leaves the file whole: what its log holds is written into it, where nobody else has it open.</summary>
    public ValueTask DisposeAsync()
    {
        try
        {
            if (session is not null && file.WalBytes > 0)
            {
                session.Begin();
                session.RollBack();
                session.Detach(checkpoint: true);
            }
        }
        catch (Exception error) when (error is CdcException or DuckDbException)
        {
            // Nothing is lost: whoever opens the file next reads its log first.
        }

        Close();
        return ValueTask.CompletedTask;
    }

    private DuckDbSession Open()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file.Path)!);
            return DuckDbSession.Open(options, file, metadata ?? MetadataColumns.Default);
        }
        catch (DuckDbException error)
        {
            throw DuckDbErrors.Opening(error, file.Path, file.WalBytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CdcException(ErrorCodes.TargetAccessDenied, $"Making the folder of '{file.Path}' was refused.", error);
        }
    }

    private void Close()
    {
        session?.Dispose();
        session = null;
    }
}
