using System.Collections.Immutable;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.Postgres.Sql;
using Cdc.Sink.Writers.Postgres.Types;

namespace Cdc.Sink.Writers.Postgres.Staging;

/// <summary>A column of a target's table as the server's catalog has it.</summary>
internal readonly record struct LayoutColumn(string Name, string Type, bool IsComputed);

/// <summary>How the rows of one schema get into one table: staged types and encoders, and what the merge reads.</summary>
internal sealed record TableLayout(
    ImmutableArray<StagedType> Staged, ImmutableArray<MergedColumn> Columns, ImmutableArray<ValuePlace> Places, MetadataColumns Metadata)
{
    /// <summary>
    /// Lays a schema over the table as it is. <c>CDC-5012</c> where a column is missing, computed or of a type that cannot hold all its
    /// values: PostgreSQL would round some of them without a word (Invariant 4).
    /// </summary>
    public static TableLayout Plan(
        TargetName table, TableSchema schema, int serverMajor, IReadOnlyCollection<LayoutColumn> actual, MetadataColumns metadata,
        PostgresType? hstore = null)
    {
        if (actual.Count == 0)
            throw new CdcException(ErrorCodes.TargetTableLost, $"Writing into table '{table}', it was not found.");
        foreach (var (name, type) in MetadataTypes.Of(metadata))
            _ = Find(table, actual, name, type);
        var places = schema.Columns.Select(column => new ValuePlace(table.ToString(), column.Name)).ToImmutableArray();
        var staged = ImmutableArray.CreateBuilder<StagedType>();
        var columns = ImmutableArray.CreateBuilder<MergedColumn>();
        for (var i = 0; i < schema.Columns.Length; i++)
        {
            var column = schema.Columns[i];
            var wanted = TargetTypes.For(column);
            var found = Find(table, actual, column.Name, wanted.ToString());
            if (hstore is not null && string.Equals(found.Type, hstore.Name, StringComparison.Ordinal)
                && TargetTypes.For(column, schema.Key.Contains(i), hstore) == hstore)
            {
                staged.Add(new StagedType(hstore, new HstoreEncoder(places[i])));
                columns.Add(new MergedColumn(column.Name, hstore, hstore, hstore, IsKey: false));
                continue;
            }

            if (PostgresType.Parse(found.Type) is not { } type || !TypeWidening.Holds(type, wanted))
                throw Unsuitable(
                    $"Column '{column.Name}' of table '{table}' is of type '{found.Type}', and '{wanted}' or wider was expected.");
            staged.Add(StagedType.For(column.Type, wanted, serverMajor, places[i]));
            columns.Add(new MergedColumn(column.Name, staged[i].Type, wanted, type, schema.Key.Contains(i)));
        }

        return new TableLayout(staged.ToImmutable(), columns.ToImmutable(), places, metadata);
    }

    private static LayoutColumn Find(TargetName table, IReadOnlyCollection<LayoutColumn> actual, string name, string type)
    {
        foreach (var column in actual)
        {
            if (string.Equals(column.Name, name, StringComparison.Ordinal))
                return column.IsComputed
                    ? throw Unsuitable($"Column '{name}' of table '{table}' is computed by the server, and a plain one was expected.")
                    : column;
        }

        throw Unsuitable($"Column '{name}' of table '{table}' is missing, and one of type '{type}' was expected.");
    }

    private static CdcException Unsuitable(string message) => new(ErrorCodes.TargetColumnUnsuitable, message);
}
