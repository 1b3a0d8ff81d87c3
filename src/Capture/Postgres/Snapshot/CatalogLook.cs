using Cdc.Capture.Snapshot;
using Cdc.Contracts.Schema;
using Npgsql;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>What the catalog says of all published tables: their columns, and the files that hold the rows of those with a key.</summary>
internal static class CatalogLook
{
    public static async Task<IReadOnlyDictionary<TableId, TableLook>> TakeAsync(NpgsqlConnection session, string publication, CancellationToken cancellationToken)
    {
        var files = await ReadFilesAsync(session, publication, cancellationToken);
        await using var command = Command(session, SnapshotSql.Columns, publication);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tables = new Dictionary<TableId, TableLook>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var table = new TableId(reader.GetString(0), reader.GetString(1));
            tables[table] = new TableLook(ReadColumns(reader), files.GetValueOrDefault(table));
        }

        return tables;
    }

    /// <summary>
    /// The facts of columns that stand behind two other fields. This alone says which columns a snapshot has, so that they are the stream's:
    /// where the server lists columns (15 and later, but for a table without any), those, and else all; of either none that is never sent.
    /// Stored generated columns are sent from 18 on, where a column list or <c>publish_generated_columns</c> has them listed.
    /// </summary>
    public static TableColumns ReadColumns(NpgsqlDataReader reader)
    {
        var listed = reader.GetFieldValue<string[]>(2);
        var (names, numbers, isNeverSent) = (reader.GetFieldValue<string[]>(4), reader.GetFieldValue<int[]>(5), reader.GetFieldValue<bool[]>(6));
        var filled = reader.GetFieldValue<string[]>(7).ToHashSet(StringComparer.Ordinal);
        var isPublished = listed.ToHashSet(StringComparer.Ordinal);
        var columns = new List<TableColumn>(names.Length);
        for (var i = 0; i < names.Length; i++)
        {
            if (!isNeverSent[i] && (listed.Length == 0 || isPublished.Contains(names[i])))
                columns.Add(new TableColumn(names[i], numbers[i], filled.Contains(names[i])));
        }

        return new TableColumns(reader.GetInt32(3), columns, reader.GetFieldValue<int[]>(8));
    }

    private static async Task<Dictionary<TableId, List<TableFile>>> ReadFilesAsync(NpgsqlConnection session, string publication, CancellationToken cancellationToken)
    {
        await using var command = Command(session, SnapshotSql.Files, publication);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var files = new Dictionary<TableId, List<TableFile>>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var table = new TableId(reader.GetString(0), reader.GetString(1));
            if (!files.TryGetValue(table, out var known))
                files.Add(table, known = []);
            if (reader.GetFieldValue<uint>(5) is > 0 and var node)
                known.Add(new TableFile(reader.GetFieldValue<uint>(2), new TableId(reader.GetString(3), reader.GetString(4)), node));
        }

        return files;
    }

    private static NpgsqlCommand Command(NpgsqlConnection session, string sql, string publication) =>
        new(sql, session) { Parameters = { new NpgsqlParameter<string> { TypedValue = publication } } };
}
