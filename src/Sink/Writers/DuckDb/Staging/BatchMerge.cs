using System.Globalization;
using System.Runtime.InteropServices;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;
using Cdc.Sink.Batching;
using Cdc.Sink.Writers.DuckDb.Native;
using Cdc.Sink.Writers.DuckDb.Sql;
using Cdc.Sink.Writers.DuckDb.Types;
using DuckDB.NET.Native;

namespace Cdc.Sink.Writers.DuckDb.Staging;

/// <summary>
/// Merges one batch into its table inside the connection's transaction. The batch's keys are staged and the rows under them deleted; whole
/// rows go straight into the table, those with unchanged columns through a staging table that first takes these from the target.
/// </summary>
internal sealed unsafe class BatchMerge
{
    private readonly DuckDbConnection connection;
    private readonly TablePlan plan;
    private readonly TableBatch batch;
    private readonly List<int> all;
    private readonly List<int> whole;
    private readonly List<int> partial = [];
    private bool hasRemovals;
    private long incomplete;

    private BatchMerge(DuckDbConnection connection, TablePlan plan, TableBatch batch)
    {
        this.connection = connection;
        this.plan = plan;
        this.batch = batch;
        all = new List<int>(batch.Count);
        whole = new List<int>(batch.Count);
    }

    /// <summary>Answers with how many rows were inserted incomplete.</summary>
    public static long Write(DuckDbConnection connection, TablePlan plan, TableBatch batch)
    {
        var merge = new BatchMerge(connection, plan, batch);
        merge.Sort();
        // DuckDB copies texts when it takes a chunk; until then its vectors point into the batch.
        fixed (byte* pinned = batch.Buffer)
            merge.Write();
        return merge.incomplete;
    }

    private void Write()
    {
        if (hasRemovals && !plan.Schema.HasKey)
        {
            Reconcile();
            return;
        }

        if (plan.Schema.HasKey)
        {
            StageKeys();
            RequireWholeKey();
            if (partial.Count > 0)
                StagePartial();
            connection.Execute(plan.DeleteByKeys);
            connection.Execute(MergeSql.DropStaging(MergeSql.Keys));
            if (partial.Count > 0)
            {
                connection.Execute(plan.InsertPartial);
                connection.Execute(MergeSql.DropStaging(MergeSql.Partial));
            }
        }

        if (whole.Count == 0)
            return;
        using var appender = plan.OpenTable(connection);
        Append(appender, CollectionsMarshal.AsSpan(whole), plan.Numbers, withPlace: true, unchanged: []);
        appender.Close();
    }

    /// <summary>Puts the rows' numbers into their lists; a row that its key cannot find is refused.</summary>
    private void Sort()
    {
        var slices = batch.Columns;
        for (var row = 0; row < batch.Count; row++)
        {
            var change = batch[row];
            hasRemovals |= change.Change == RowChange.Delete;
            foreach (var column in plan.Key)
            {
                if (slices[row * plan.Numbers.Length + column].State is ColumnState.Null or ColumnState.Unchanged)
                    throw new CdcException(ErrorCodes.TargetValueUnsupported,
                        $"Writing key column '{plan.Columns[column].Name}' of table '{plan.Table}', a row without a value was found.");
            }

            all.Add(row);
            if (plan.Key.Length > 0 && plan.Keeps(change))
                partial.Add(row);
            else if (change.Change != RowChange.Delete)
                whole.Add(row);
        }
    }

    /// <summary>Removes and adds rows of a table without a key by what they hold.</summary>
    private void Reconcile()
    {
        var sql = new KeylessSql(plan.Table, plan.Schema, plan.Columns, plan.Foreign);
        connection.Execute(sql.CreateChanges);
        using (var appender = plan.OpenStaging(connection, KeylessSql.Changes, plan.Columns, KeylessSql.OrderColumns))
        {
            Append(appender, CollectionsMarshal.AsSpan(all), plan.Numbers, withPlace: true, unchanged: [], withOrder: true);
            appender.Close();
        }

        connection.Execute(sql.Count);
        using (var missing = connection.Query(KeylessSql.Missing))
        {
            if (missing.Read() && missing.Number(0) is > 0 and var count)
            {
                throw new CdcException(ErrorCodes.TargetRowMissing, string.Create(CultureInfo.InvariantCulture,
                    $"Removing rows from table '{plan.Table}', which has no key, {count} different rows were found fewer times than they " +
                    $"are to be removed."));
            }
        }

        connection.Execute(sql.Apply);
    }

    private void StageKeys()
    {
        connection.Execute(plan.CreateKeys);
        using var appender = plan.OpenStaging(connection, MergeSql.Keys, plan.KeyColumns, []);
        Append(appender, CollectionsMarshal.AsSpan(all), plan.Key, withPlace: false, unchanged: []);
        appender.Close();
    }

    /// <summary>
    /// A table with a column that the records lack may have had it in its key: rows that differ in that alone are not merged into one.
    /// </summary>
    private void RequireWholeKey()
    {
        if (plan.Foreign.Length == 0)
            return;
        using var several = connection.Query(plan.FindSeveral);
        if (several.Read())
        {
            var key = string.Join(',', plan.KeyColumns.Select(column => column.Name));
            throw new CdcException(ErrorCodes.TargetColumnUnsuitable,
                $"Merging into table '{plan.Table}' by its records' key '{key}', several rows of one key were found; one was expected.");
        }
    }

    /// <summary>Stages rows that keep something of the target's, and fills it in.</summary>
    private void StagePartial()
    {
        var unchanged = UnchangedColumns();
        var flags = unchanged.Select(number => new SqlColumn(MergeSql.UnchangedFlag(number), "BOOLEAN"));
        connection.Execute(MergeSql.CreatePartial(plan.Table, plan.AllNames, unchanged));
        using (var appender = plan.OpenStaging(connection, MergeSql.Partial, plan.Columns, flags))
        {
            Append(appender, CollectionsMarshal.AsSpan(partial), plan.Numbers, withPlace: true, unchanged);
            appender.Close();
        }

        if (unchanged.Count == 0 && plan.Foreign.Length == 0)
            return;
        if (unchanged.Count > 0)
        {
            using var count = connection.Query(MergeSql.CountIncomplete(plan.Table, plan.AllNames, plan.Key, unchanged));
            incomplete = count.Read() ? count.Number(0) ?? 0 : 0;
        }

        connection.Execute(MergeSql.FillPartial(plan.Table, plan.AllNames, plan.Key, unchanged, foreign: plan.Columns.Length));
    }

    private List<int> UnchangedColumns()
    {
        var slices = batch.Columns;
        var columns = new List<int>();
        foreach (var number in plan.Numbers)
        {
            foreach (var row in partial)
            {
                if (slices[row * plan.Numbers.Length + number].State != ColumnState.Unchanged)
                    continue;
                columns.Add(number);
                break;
            }
        }

        return columns;
    }

    /// <param name="columns">The schema's columns that the appender's first vectors take.</param>
    /// <param name="withPlace">Whether the next vectors take what the rows remember.</param>
    /// <param name="unchanged">The columns of which the last vectors tell whether they are unchanged.</param>
    /// <param name="withOrder">Whether the very last vectors take what <see cref="KeylessSql.OrderColumns"/> names.</param>
    private void Append(
        DuckDbAppender appender, ReadOnlySpan<int> rows, int[] columns, bool withPlace, List<int> unchanged, bool withOrder = false)
    {
        while (!rows.IsEmpty)
        {
            var some = rows[..Math.Min(rows.Length, DuckDbAppender.ChunkRows)];
            var vector = 0;
            foreach (var column in columns)
                plan.Writers[column]
                    .Write(new ColumnRows(batch.Buffer, batch.Columns, plan.Numbers.Length, column, some), appender.Vector(vector++));
            if (withPlace)
                vector = WritePlaces(appender, vector, some);
            foreach (var column in unchanged)
                WriteFlags((byte*)NativeMethods.Vectors.DuckDBVectorGetData(appender.Vector(vector++)), column, some);
            if (withOrder)
                WriteOrder(appender, vector, some);
            appender.Append(some.Length);
            rows = rows[some.Length..];
        }
    }

    private int WritePlaces(DuckDbAppender appender, int vector, ReadOnlySpan<int> rows)
    {
        var partitions = (int*)NativeMethods.Vectors.DuckDBVectorGetData(appender.Vector(vector++));
        var offsets = (long*)NativeMethods.Vectors.DuckDBVectorGetData(appender.Vector(vector++));
        var commits = (long*)NativeMethods.Vectors.DuckDBVectorGetData(appender.Vector(vector++));
        for (var i = 0; i < rows.Length; i++)
        {
            var row = batch[rows[i]];
            partitions[i] = row.Partition;
            offsets[i] = row.Offset;
            commits[i] = row.CommittedAt;
        }

        return vector;
    }

    private void WriteOrder(DuckDbAppender appender, int vector, ReadOnlySpan<int> rows)
    {
        var removals = (byte*)NativeMethods.Vectors.DuckDBVectorGetData(appender.Vector(vector));
        var numbers = (long*)NativeMethods.Vectors.DuckDBVectorGetData(appender.Vector(vector + 1));
        for (var i = 0; i < rows.Length; i++)
        {
            removals[i] = batch[rows[i]].Change == RowChange.Delete ? (byte)1 : (byte)0;
            numbers[i] = rows[i];
        }
    }

    private void WriteFlags(byte* flags, int column, ReadOnlySpan<int> rows)
    {
        var slices = batch.Columns;
        for (var i = 0; i < rows.Length; i++)
            flags[i] = slices[rows[i] * plan.Numbers.Length + column].State == ColumnState.Unchanged ? (byte)1 : (byte)0;
    }
}
