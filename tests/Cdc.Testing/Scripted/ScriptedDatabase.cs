using System.Text;
using Cdc.Capture.Sources;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;

namespace Cdc.Testing.Scripted;

/// <summary>A change of one row; a text of null removes it.</summary>
public sealed record ScriptedChange(TableId Table, string Key, string? Text);

/// <summary>Changes that came together, and where the log ends behind them.</summary>
public sealed record ScriptedTransaction(TransactionMark Mark, ulong End, IReadOnlyList<ScriptedChange> Changes);

/// <summary>
/// A database of tables with a key and a text, and its change log: what the script commits is visible at once and in the log for good.
/// Positions are numbers that mean nothing else.
/// </summary>
public sealed class ScriptedDatabase
{
    private const ulong Step = 10;

    private readonly Lock gate = new();
    private readonly Dictionary<TableId, SortedDictionary<string, string>> tables = [];
    private readonly Dictionary<TableId, SourceTable> shapes = [];
    private readonly List<ScriptedTransaction> log = [];
    private TaskCompletionSource moved = NewSignal();

    /// <summary>Where the log ends.</summary>
    public ulong End
    {
        get
        {
            lock (gate)
                return (ulong)log.Count * Step;
        }
    }

    /// <summary>Completes with the next commit.</summary>
    public Task Moved
    {
        get
        {
            lock (gate)
                return moved.Task;
        }
    }

    /// <summary>All that is committed by now is seen.</summary>
    /// <param name="isHeld">Somebody's transaction is running that began before everything.</param>
    public ScriptedSight Look(bool isHeld = false)
    {
        lock (gate)
            return new ScriptedSight(log.Select(transaction => transaction.Mark).ToHashSet(), isHeld);
    }

    public TableId Create(string name, params string[] keys)
    {
        var table = new TableId("public", name);
        lock (gate)
        {
            tables[table] = new SortedDictionary<string, string>(keys.ToDictionary(key => key, key => "read " + key),
                StringComparer.Ordinal);
            var schema = new TableSchema(table, [Column("id"), Column("note")], [0]);
            shapes[table] = new SourceTable(schema, [new ScriptedText(), new ScriptedText()]);
        }

        return table;
    }

    public void Drop(TableId table)
    {
        lock (gate)
            tables.Remove(table);
    }

    /// <summary>One transaction.</summary>
    public void Commit(params ScriptedChange[] changes)
    {
        lock (gate)
        {
            foreach (var change in changes)
            {
                if (change.Text is null)
                    tables[change.Table].Remove(change.Key);
                else
                    tables[change.Table][change.Key] = change.Text;
            }

            log.Add(new ScriptedTransaction(MarkOf(log.Count + 1), (ulong)(log.Count + 1) * Step, changes));
            moved.TrySetResult();
            moved = NewSignal();
        }
    }

    /// <summary>The transaction at a place in the log; null where there is none yet.</summary>
    public ScriptedTransaction? At(int number)
    {
        lock (gate)
            return number < log.Count ? log[number] : null;
    }

    public SourceTable ShapeOf(TableId table) => shapes[table];

    /// <summary>The rows there are now; null where the table is gone.</summary>
    public IReadOnlyList<(string Key, string Text)>? Rows(TableId table)
    {
        lock (gate)
            return tables.TryGetValue(table, out var rows) ? [.. rows.Select(row => (row.Key, row.Value))] : null;
    }

    public IReadOnlyList<TableId> Tables
    {
        get
        {
            lock (gate)
                return [.. tables.Keys];
        }
    }

    /// <summary>A row as bytes and the slices of its two columns.</summary>
    public static (byte[] Bytes, ColumnSlice[] Columns) RowOf(string key, string? text)
    {
        var (first, second) = (Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(text ?? ""));
        return ([.. first, .. second],
            [new ColumnSlice(0, first.Length, ColumnState.Value), text is null ? ColumnSlice.Null
                : new ColumnSlice(first.Length, second.Length, ColumnState.Value)]);
    }

    /// <summary>A name that no other transaction has and that says nothing of when it came.</summary>
    private static TransactionMark MarkOf(int number) => new((ulong)number * 0x9E3779B97F4A7C15);

    private static ColumnSchema Column(string name) => new(name, name, new ColumnType.Text(), "text");

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
