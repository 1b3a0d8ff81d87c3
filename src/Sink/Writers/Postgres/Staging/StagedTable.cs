using System.Globalization;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Sink.Batching;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.Postgres.Sql;
using Npgsql;
using NpgsqlTypes;

namespace Cdc.Sink.Writers.Postgres.Staging;

/// <summary>
/// One target table's staging, for one schema of its batches: a temporary table that lives as long as the connection, or the transaction
/// where a pooler shares connections out, and the statements that move its rows on.
/// </summary>
internal sealed class StagedTable
{
    private const int CopyBytes = 1 << 16;

    // Emptying makes new files and a new plan; what is left behind is read past by the next merge and lies in the target's temporary space.
    private const long MaxLeftBytes = 1 << 20;

    private const int FirstWithMerge = 15;

    private readonly NpgsqlConnection connection;
    private readonly bool isKept;
    private readonly string name;
    private readonly TargetName target;
    private readonly TableLayout layout;
    private readonly CopyRows rows;
    private readonly Dictionary<BatchShape, NpgsqlBatch> merges = [];
    private int batches;
    private long leftBytes;
    private bool hasExact;

    private StagedTable(NpgsqlConnection connection, bool isKept, string name, TargetName target, TableSchema schema, TableLayout layout)
    {
        this.connection = connection;
        this.isKept = isKept;
        this.name = name;
        this.target = target;
        this.layout = layout;
        Schema = schema;
        rows = new CopyRows([.. layout.Staged.Select(staged => staged.Encoder)], [.. layout.Columns.Select(column => column.IsKey)],
            layout.Places);
    }

    /// <summary>The schema of the batches it takes.</summary>
    public TableSchema Schema { get; }

    /// <param name="connection">In a transaction.</param>
    /// <param name="isKept">Whether it outlives the transaction, with its statements prepared; else both end with it.</param>
    /// <param name="name">Of the temporary table.</param>
    /// <param name="target">Where rows go.</param>
    /// <param name="schema">Of the batches.</param>
    /// <param name="layout">The schema over the target as it is.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<StagedTable> CreateAsync(
        NpgsqlConnection connection, bool isKept, string name, TargetName target, TableSchema schema, TableLayout layout,
        CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(StagingStatements.Create(name, layout.Staged.Select(staged => staged.Type), isKept),
            connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return new StagedTable(connection, isKept, name, target, schema, layout);
    }

    /// <summary>
    /// The target's name for a staging column; for none, the names of those that the merge casts, one of which it is; or null.
    /// </summary>
    public string? ColumnAt(int number)
    {
        if ((uint)number < (uint)layout.Columns.Length)
            return layout.Columns[number].Name;
        var cast = layout.Columns.Where((column, i) => !column.Staged.Equals(column.Actual)
            || (hasExact && CanBeExact(Schema.Columns[i].Type)));
        var names = string.Join("' or '", cast.Select(column => column.Name));
        return names.Length == 0 ? null : names;
    }

    /// <summary>The transaction was rolled back: what lies in staging is no longer known.</summary>
    public void Distrust() => leftBytes = MaxLeftBytes;

    /// <summary>Answers with how many rows were inserted incomplete.</summary>
    public async Task<long> WriteAsync(TableBatch batch, PooledBuffer buffer, CancellationToken cancellationToken)
    {
        var shape = ShapeOf(batch);
        hasExact = shape.HasFlag(BatchShape.Exact);
        batches++;
        await CopyAsync(batch, shape, buffer, cancellationToken);
        var incomplete = await MergeAsync(shape, cancellationToken);
        leftBytes += batch.Bytes;
        if (leftBytes > MaxLeftBytes)
        {
            await ExecuteAsync(StagingStatements.Empty(name), cancellationToken);
            leftBytes = 0;
        }

        return incomplete;
    }

    private async Task<long> MergeAsync(BatchShape shape, CancellationToken cancellationToken)
    {
        if (!merges.TryGetValue(shape, out var merge))
        {
            merge = Merge(shape);
            if (isKept)
                await merge.PrepareAsync(cancellationToken);
            merges.Add(shape, merge);
        }

        foreach (var command in merge.BatchCommands)
        {
            if (command.Parameters is [NpgsqlParameter<int> current])
                current.TypedValue = batches;
        }

        long count;
        try
        {
            count = await ExecuteAsync(merge, cancellationToken);
        }
        catch (PostgresException exception) when (IsGuard(exception, merge))
        {
            throw new CdcException(
                ErrorCodes.TargetConflict,
                $"Merging into table '{target}' found its columns changed since the last batch; the sink looks at it again.", exception);
        }

        if (Schema.HasKey)
            return count;
        if (count > 0)
        {
            throw new CdcException(ErrorCodes.TargetRowMissing, string.Create(CultureInfo.InvariantCulture,
                $"Removing rows from table '{target}', which has no key, {count} different rows were found fewer times than they are to " +
                $"be removed."));
        }

        return 0;
    }

    /// <summary>Answers with the sum of what the statements answer with: how many rows were not found that should be there.</summary>
    private static async Task<long> ExecuteAsync(NpgsqlBatch merge, CancellationToken cancellationToken)
    {
        await using var reader = await merge.ExecuteReaderAsync(cancellationToken);
        var sum = 0L;
        do
        {
            while (await reader.ReadAsync(cancellationToken))
                sum += reader.GetInt64(0);
        }
        while (await reader.NextResultAsync(cancellationToken));
        return sum;
    }

    public async Task DropAsync(CancellationToken cancellationToken)
    {
        foreach (var merge in merges.Values)
            await merge.DisposeAsync();
        await ExecuteAsync(StagingStatements.Drop(name), cancellationToken);
    }

    private static bool IsGuard(PostgresException exception, NpgsqlBatch merge) =>
        exception.SqlState is "0A000" or "42703" or "42P01" && ReferenceEquals(exception.BatchCommand, merge.BatchCommands[0]);

    private static bool CanBeExact(ColumnType type) => type is ColumnType.Decimal or ColumnType.VariableDecimal or ColumnType.Array;

    private async Task ExecuteAsync(string text, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static BatchShape ShapeOf(TableBatch batch)
    {
        var shape = batch.HasExact ? BatchShape.Exact : BatchShape.Plain;
        for (var i = 0; i < batch.Count; i++)
        {
            var row = batch[i];
            if (row.Change == RowChange.Delete)
                shape |= BatchShape.Deletes;
            else if (row is { HasUnchanged: true, Change: RowChange.Upsert })
                shape |= BatchShape.Unchanged;
        }

        return shape;
    }

    // The driver sends while the next rows are encoded into the other half of the time: the socket's buffer is the overlap.
    private async Task CopyAsync(TableBatch batch, BatchShape shape, PooledBuffer buffer, CancellationToken cancellationToken)
    {
        var stream = await connection.BeginRawBinaryCopyAsync(StagingStatements.Copy(name, layout.Columns.Length, shape),
            cancellationToken);
        try
        {
            buffer.Clear(4 * CopyBytes);
            buffer.Write(CopyRows.Header);
            for (var row = 0; row < batch.Count;)
            {
                for (; row < batch.Count && buffer.Length < CopyBytes; row++)
                    rows.Write(batch, row, batches, shape, buffer);
                await stream.WriteAsync(buffer.WrittenMemory, cancellationToken);
                buffer.Clear(4 * CopyBytes);
            }

            buffer.Write(CopyRows.Trailer);
            await stream.WriteAsync(buffer.WrittenMemory, cancellationToken);
        }
        catch
        {
            // It ended already where the connection broke: that is what is told.
            await stream.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        await stream.DisposeAsync();
    }

    private NpgsqlBatch Merge(BatchShape shape)
    {
        var statements = new MergeStatements(target, name, layout.Columns, layout.Metadata);
        var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(statements.Guard()));
        if (!Schema.HasKey && shape.HasFlag(BatchShape.Deletes))
        {
            AddAll(MergeStatements.AllowReading);
            Add(statements.Reconcile(shape));
            AddAll(MergeStatements.ForbidReading);
            return batch;
        }

        if (shape.HasFlag(BatchShape.Deletes))
            Add(statements.Delete());
        if (Schema.HasKey && shape.HasFlag(BatchShape.Unchanged))
            Add(statements.CountIncomplete());
        foreach (var text in connection.PostgreSqlVersion.Major >= FirstWithMerge ? [statements.Merge(shape)]
            : statements.UpdateAndInsert(shape))
            Add(text);
        return batch;

        void AddAll(IEnumerable<string> texts)
        {
            foreach (var text in texts)
                batch.BatchCommands.Add(new NpgsqlBatchCommand(text));
        }

        void Add(string text) => batch.BatchCommands.Add(
            new NpgsqlBatchCommand(text) { Parameters = { new NpgsqlParameter<int> { NpgsqlDbType = NpgsqlDbType.Integer } } });
    }
}
