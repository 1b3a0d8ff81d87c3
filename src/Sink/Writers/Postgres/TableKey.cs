using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.Postgres.Sql;
using Npgsql;

namespace Cdc.Sink.Writers.Postgres;

/// <summary>
/// The unique index over a table's key. Without one each lookup would read the whole table, and two rows could have one key. A source whose
/// key becomes another one reads the table again, so rows that do not fit the new key are replaced soon.
/// </summary>
internal static class TableKey
{
    /// <summary>The table was made by us: so was its primary key.</summary>
    public static async Task MarkAsync(TargetSession session, TargetName table, CancellationToken cancellationToken)
    {
        foreach (var index in await ReadAsync(session, table, cancellationToken))
            await session.ExecuteAsync(KeyStatements.MarkAsOurs(table, index), cancellationToken);
    }

    /// <summary>
    /// Sees to it that the table has a unique index over exactly the schema's key, and none of ours over another one. <c>CDC-5012</c> where
    /// the server refuses that.
    /// </summary>
    public static async Task FitAsync(TargetSession session, TargetName table, TableSchema schema, CancellationToken cancellationToken)
    {
        string[] key = [.. schema.Key.Select(i => schema.Columns[i].Name)];
        var indexes = await ReadAsync(session, table, cancellationToken);
        foreach (var earlier in indexes.Where(index => index.IsOurs && !IsOver(index, key)))
            await ChangeAsync(session, table, KeyStatements.Drop(table, earlier), "the index over its earlier key is in the way",
                cancellationToken);
        if (key.Length == 0 || indexes.Exists(index => IsOver(index, key)))
            return;
        await CreateAsync(session, table, key, cancellationToken);
        foreach (var made in (await ReadAsync(session, table, cancellationToken)).Where(index => IsOver(index, key)))
            await session.ExecuteAsync(KeyStatements.MarkAsOurs(table, made), cancellationToken);
    }

    private static async Task CreateAsync(TargetSession session, TargetName table, string[] key, CancellationToken cancellationToken)
    {
        var create = KeyStatements.Create(table, key);
        var lack = $"it has no primary key or unique index over exactly '{string.Join(',', key)}', and the merge needs one";
        await session.ExecuteAsync("SAVEPOINT cdc_key", cancellationToken);
        if (await TryCreateAsync(session, table, create, lack, cancellationToken))
            return;

        // Only those of before a gap may go: others would be lost. A source whose key became another one reads the table again, and at that
        // gap it continues.
        await session.ExecuteAsync("ROLLBACK TO SAVEPOINT cdc_key", cancellationToken);
        foreach (var text in (string[])
        [
            .. MergeStatements.AllowReading, KeyStatements.RemoveEqual(table, key, session.Metadata), .. MergeStatements.ForbidReading,
        ])
            await session.ExecuteAsync(text, cancellationToken);
        if (!await TryCreateAsync(session, table, create, lack, cancellationToken))
            throw new CdcException(ErrorCodes.TargetColumnUnsuitable,
                $"Giving table '{table}' its key, {lack}; rows were found that it cannot tell apart.");
    }

    /// <summary>False where rows cannot be told apart by the key.</summary>
    private static async Task<bool> TryCreateAsync(
        TargetSession session, TargetName table, string create, string lack, CancellationToken cancellationToken)
    {
        try
        {
            await ChangeAsync(session, table, create, lack, cancellationToken);
            return true;
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return false;
        }
    }

    /// <summary>What the server does not let us do to this table is that table's trouble.</summary>
    private static async Task ChangeAsync(
        TargetSession session, TargetName table, string statement, string why, CancellationToken cancellationToken)
    {
        try
        {
            await session.ExecuteAsync(statement, cancellationToken);
        }
        catch (PostgresException error)
            when (error.SqlState != PostgresErrorCodes.InsufficientPrivilege && error.SqlState[..2] is "42" or "0A" or "2B")
        {
            throw new CdcException(ErrorCodes.TargetColumnUnsuitable,
                $"Giving table '{table}' its key, {why}; the server " +
                $"answered '{error.MessageText}' (SQLSTATE '{error.SqlState}') to: {statement}", error);
        }
    }

    private static bool IsOver(UniqueIndex index, string[] key) =>
        index.Columns.SequenceEqual(key.Order(StringComparer.Ordinal), StringComparer.Ordinal);

    private static Task<List<UniqueIndex>> ReadAsync(
        TargetSession session, TargetName table, CancellationToken cancellationToken) => TargetSession.QueryAsync(
        session.Command(CatalogStatements.UniqueIndexes, table.Schema, table.Name),
        reader => new UniqueIndex(
            reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1), [.. reader.GetFieldValue<string[]>(3)],
            !reader.IsDBNull(2) && string.Equals(reader.GetString(2), KeyStatements.Mark, StringComparison.Ordinal)),
        cancellationToken);
}
