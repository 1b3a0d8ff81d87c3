using System.Text;
using Cdc.Contracts.Schema;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.Postgres.Types;

namespace Cdc.Sink.Writers.Postgres.Sql;

/// <summary>Making and changing target tables.</summary>
internal static class TableStatements
{
    public static string CreateSchema(string schema) => $"CREATE SCHEMA IF NOT EXISTS {Identifiers.Quote(schema)}";

    /// <summary>The table with its key as primary key; no other constraint, for tables arrive one by one and in batches.</summary>
    public static string Create(TargetName table, TableSchema schema, MetadataColumns metadata, PostgresType? hstore = null)
    {
        Identifiers.Check(table);
        Identifiers.Check(table, schema.Columns, metadata);
        var text = new StringBuilder("CREATE TABLE IF NOT EXISTS ").Append(Identifiers.Quote(table)).Append(" (");
        for (var i = 0; i < schema.Columns.Length; i++)
        {
            var column = schema.Columns[i];
            text.Append(Identifiers.Quote(column.Name)).Append(' ').Append(TargetTypes.For(column, schema.Key.Contains(i), hstore))
                .Append(schema.Key.Contains(i) ? " NOT NULL, " : ", ");
        }

        text.AppendJoin(", ", MetadataTypes.Definitions(metadata));
        if (schema.HasKey)
            text.Append(", PRIMARY KEY (").AppendJoin(", ", schema.Key.Select(i => Identifiers.Quote(schema.Columns[i].Name))).Append(')');
        return text.Append(')').ToString();
    }

    public static string AddColumns(
        TargetName table, IReadOnlyCollection<ColumnSchema> columns, MetadataColumns metadata,
        Func<ColumnSchema, PostgresType>? typeOf = null)
    {
        Identifiers.Check(table, columns, metadata);
        return AddColumns(table, columns.Select(column => $"{Identifiers.Quote(column.Name)} {(typeOf ?? TargetTypes.For)(column)}"));
    }

    /// <summary>Gives a table that we did not make the columns that every table of ours has.</summary>
    public static string AddMetadataColumns(
        TargetName table, MetadataColumns metadata) => AddColumns(table, MetadataTypes.Definitions(metadata));

    public static string RenameColumn(TargetName table, string before, string after) =>
        $"ALTER TABLE {Identifiers.Quote(table)} RENAME COLUMN {Identifiers.Quote(before)} TO {Identifiers.Quote(after)}";

    public static string Truncate(TargetName table, MetadataColumns metadata) =>
        $"DELETE FROM {Identifiers.Quote(table)} WHERE {metadata.Partition} = $1";

    /// <summary>
    /// $1 partition, $2 offset; $3 the first partition out of use, where there are rows of such. Rows of no record go too: somebody wrote
    /// them by hand.
    /// </summary>
    public static string Sweep(TargetName table, MetadataColumns metadata, int? unusedFrom) =>
        $"DELETE FROM {Identifiers.Quote(table)} WHERE {metadata.Partition} = $1 AND {metadata.Offset} < $2"
        + (unusedFrom is not null ? $" OR {metadata.Partition} >= $3 OR {metadata.Partition} IS NULL OR {metadata.Offset} IS NULL" : "");

    /// <summary>Rows of a partition whose topic is counted again are older than all its records.</summary>
    public static string ForgetOffsets(TargetName table, MetadataColumns metadata) =>
        $"UPDATE {Identifiers.Quote(table)} SET {metadata.Offset} = -1 WHERE {metadata.Partition} = $1 AND {metadata.Offset} <> -1";

    public static string AnyRow(TargetName table) => $"SELECT EXISTS (SELECT FROM {Identifiers.Quote(table)})";

    private static string AddColumns(TargetName table, IEnumerable<string> definitions) =>
        "ALTER " +
        $"TABLE {Identifiers.Quote(table)} {string.Join(", ", definitions.Select(definition => $"ADD COLUMN IF NOT EXISTS {definition}"))}";
}
