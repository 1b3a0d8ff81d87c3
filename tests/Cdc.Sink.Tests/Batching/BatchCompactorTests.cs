using System.Text;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;
using Cdc.Sink.Batching;

namespace Cdc.Sink.Tests.Batching;

public sealed class BatchCompactorTests
{
    private static readonly TableSchema Schema = new(
        new TableId("public", "t"),
        [
            new ColumnSchema("id", "id", new ColumnType.Text(), "text"),
            new ColumnSchema("a", "a", new ColumnType.Text(), "text"),
            new ColumnSchema("b", "b", new ColumnType.Text(), "text"),
        ],
        [0]);

    [Fact]
    public void Later_change_of_a_key_replaces_the_earlier()
    {
        var compactor = new BatchCompactor(Schema, new BatchStorage());
        Add(compactor, Operation.Create, "1", "x", "y");
        Add(compactor, Operation.Update, "1", "z", "y");

        Assert.Equal(["Upsert 1 z y"], Rows(compactor.Batch));
    }

    [Fact]
    public void Unchanged_column_is_filled_from_the_earlier_change()
    {
        var compactor = new BatchCompactor(Schema, new BatchStorage());
        Add(compactor, Operation.Create, "1", "x", "y");
        Add(compactor, Operation.Update, "1", "z", "~");

        Assert.Equal(["Upsert 1 z y"], Rows(compactor.Batch));
        Assert.False(compactor.Batch[0].HasUnchanged);
    }

    [Fact]
    public void Unchanged_column_stays_unchanged_where_the_batch_has_no_value()
    {
        var compactor = new BatchCompactor(Schema, new BatchStorage());
        Add(compactor, Operation.Update, "1", "x", "~");
        Add(compactor, Operation.Update, "1", "z", "~");

        Assert.Equal(["Upsert 1 z ~"], Rows(compactor.Batch));
        Assert.True(compactor.Batch[0].HasUnchanged);
    }

    [Fact]
    public void Create_after_a_delete_inherits_nothing()
    {
        var compactor = new BatchCompactor(Schema, new BatchStorage());
        Add(compactor, Operation.Update, "1", "x", "y");
        Add(compactor, Operation.Delete, "1", "", "");
        Add(compactor, Operation.Create, "1", "z", "~");

        Assert.Equal(["Replace 1 z ~"], Rows(compactor.Batch));
    }

    [Fact]
    public void Create_with_unchanged_columns_replaces_the_target_row()
    {
        var compactor = new BatchCompactor(Schema, new BatchStorage());
        Add(compactor, Operation.Create, "1", "z", "~");
        Add(compactor, Operation.Update, "1", "w", "~");

        Assert.Equal(["Replace 1 w ~"], Rows(compactor.Batch));
    }

    [Fact]
    public void Delete_is_last_only_where_it_came_last()
    {
        var compactor = new BatchCompactor(Schema, new BatchStorage());
        Add(compactor, Operation.Create, "1", "x", "y");
        Add(compactor, Operation.Delete, "1", "", "");
        Add(compactor, Operation.Delete, "2", "", "");
        Add(compactor, Operation.Create, "2", "x", "y");

        Assert.Equal(["Delete 1  ", "Replace 2 x y"], Rows(compactor.Batch));
    }

    [Fact]
    public void Table_without_a_key_keeps_every_row()
    {
        var compactor = new BatchCompactor(Schema with { Key = [] }, new BatchStorage());
        Add(compactor, Operation.Create, "1", "x", "y");
        Add(compactor, Operation.Create, "1", "x", "y");

        Assert.Equal(2, compactor.Batch.Count);
    }

    [Fact]
    public void Storage_is_as_new_after_clearing()
    {
        using var storage = new BatchStorage();
        Add(new BatchCompactor(Schema, storage), Operation.Create, "1", "x", "y");
        storage.Clear();
        var compactor = new BatchCompactor(Schema, storage);
        Add(compactor, Operation.Update, "1", "z", "~");

        Assert.Equal(["Upsert 1 z ~"], Rows(compactor.Batch));
    }

    // Invariant 2: what a table holds in the end does not depend on where batches end.
    [Fact]
    public void Any_split_leaves_the_same_table()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var changes = Enumerable.Range(0, 40).Select(_ => Change(random)).ToList();
            var whole = Apply(changes, _ => false);
            var single = Apply(changes, _ => true);
            var split = Apply(changes, _ => random.Next(5) == 0);

            Assert.True(whole.SequenceEqual(single),
                $"seed {seed}: one batch {string.Join(';', whole)}, a batch a change {string.Join(';', single)}");
            Assert.True(whole.SequenceEqual(split), $"seed {seed}: one batch {string.Join(';', whole)}, split {string.Join(';', split)}");
        }
    }

    private static (Operation Operation, string Key, string A, string B) Change(Random random)
    {
        var operation = random.Next(5) switch
        {
            0 => Operation.Create,
            1 => Operation.Delete,
            _ => Operation.Update,
        };
        return (operation, $"{random.Next(4)}", Value(random), Value(random));
    }

    private static string Value(Random random) => random.Next(3) == 0 ? "~" : $"{random.Next(100)}";

    /// <summary>The target's rule for each kind of row, over a dictionary; columns that never came are null.</summary>
    private static List<string> Apply(List<(Operation Operation, string Key, string A, string B)> changes, Func<int, bool> endsBatch)
    {
        var table = new SortedDictionary<string, (string A, string B)>(StringComparer.Ordinal);
        var compactor = new BatchCompactor(Schema, new BatchStorage());
        for (var i = 0; i < changes.Count; i++)
        {
            Add(compactor, changes[i].Operation, changes[i].Key, changes[i].A, changes[i].B);
            if (!endsBatch(i) && i < changes.Count - 1)
                continue;
            Merge(table, compactor.Batch);
            compactor = new BatchCompactor(Schema, new BatchStorage());
        }

        return [.. table.Select(row => $"{row.Key}={row.Value.A},{row.Value.B}")];
    }

    private static void Merge(SortedDictionary<string, (string A, string B)> table, TableBatch batch)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            var image = batch.Image(i);
            var key = Text(image, 0);
            if (batch[i].Change == RowChange.Delete)
            {
                table.Remove(key);
                continue;
            }

            var old = batch[i].Change == RowChange.Upsert && table.TryGetValue(key, out var present) ? present : ("null", "null");
            table[key] = (Keep(Text(image, 1), old.Item1), Keep(Text(image, 2), old.Item2));
        }
    }

    private static string Keep(string value, string old) => value == "~" ? old : value;

    private static void Add(BatchCompactor compactor, Operation operation, string key, string a, string b)
    {
        string?[] values = operation == Operation.Delete ? [key, null, null] : [key, a, b];
        var bytes = new List<byte>();
        var slices = new ColumnSlice[3];
        for (var i = 0; i < 3; i++)
        {
            if (values[i] is null)
                continue;
            if (values[i] == "~")
            {
                slices[i] = ColumnSlice.Unchanged;
                continue;
            }

            var text = Encoding.UTF8.GetBytes(values[i]!);
            slices[i] = new ColumnSlice(bytes.Count, text.Length, ColumnState.Value);
            bytes.AddRange(text);
        }

        compactor.Add(operation, Encoding.UTF8.GetBytes(key), new RowImage(bytes.ToArray(), slices), new BatchRow(default, 0, 0, 0, false));
    }

    private static List<string> Rows(TableBatch batch) =>
        [.. Enumerable.Range(0, batch.Count)
            .Select(i => $"{batch[i].Change} {Text(batch.Image(i), 0)} {Text(batch.Image(i), 1)} {Text(batch.Image(i), 2)}")];

    private static string Text(RowImage image, int column) =>
        image.State(column) == ColumnState.Unchanged ? "~" : Encoding.UTF8.GetString(image.Bytes(column));
}
