using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers;

namespace Cdc.Integration.Tests.Writers;

/// <summary>
/// One real target that the conformance suite runs against; shared by the tests of a class, which each use a table of their own.
/// </summary>
public abstract class WriterTarget : IAsyncDisposable
{
    /// <summary>Starts the target where it is not started; skips the test, by name, where it is missing.</summary>
    public abstract Task StartAsync();

    /// <summary>Which database it is, asked beside the writers; null where it could be no source.</summary>
    public virtual SourceDatabase? Identity => null;

    /// <summary>A writer of its own into the one target.</summary>
    public ITableWriter CreateWriter() => CreateWriter(MetadataColumns.Default);

    /// <summary>A writer whose own columns have other names than usual.</summary>
    public abstract ITableWriter CreateWriter(MetadataColumns metadata);

    /// <summary>Runs a query beside the writers, while none has a transaction; each value as text, null as null.</summary>
    public abstract Task<IReadOnlyList<string?[]>> QueryAsync(string sql);

    /// <summary>Runs statements beside the writers, while none has a transaction.</summary>
    public abstract Task ExecuteAsync(string sql);

    /// <summary>Makes a table without the platform, with one column <c>id bigint</c>, and maybe a row in it.</summary>
    public abstract Task MakeForeignTableAsync(TargetName table, int rows);

    /// <summary>How the target prints a value it holds; null where it cannot hold it and refuses it with <c>CDC-5020</c>.</summary>
    public abstract string? Printed(TypeCase value);

    /// <summary>A column with a value that the target cannot hold.</summary>
    public abstract (ColumnSchema Column, object Value) Unsupported { get; }

    public abstract ValueTask DisposeAsync();
}
