using System.Globalization;
using Cdc.Capture.Postgres.Decoding;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Postgres.Catalog;

/// <summary>The largest value of a column that is taken from a source: one is several times in memory on its way (Invariant 7).</summary>
/// <param name="source">The source's name, for messages.</param>
/// <param name="bytes">The length of the value's text; null for any.</param>
public sealed class ValueLimit(string source, long? bytes)
{
    /// <summary>Any value is taken.</summary>
    public static ValueLimit None { get; } = new("", null);

    public long Bytes { get; } = bytes ?? long.MaxValue;

    public bool IsSet => bytes is not null;

    /// <summary>Looks through what has come of a row's message; one that is shorter than a value may be is not looked through.</summary>
    public LargeValue? Find(ReadOnlySpan<byte> part, int length) => length > Bytes ? LargeValues.Find(part, length, Bytes) : null;

    /// <summary>What stops the table: how large the value is, and how rows like that are found; never the value (Invariant 8).</summary>
    public CdcException Refuse(TableSchema schema, LargeValue value)
    {
        if (value.Column >= schema.Columns.Length)
        {
            return new CdcException(ErrorCodes.SourceProtocolViolation, string.Create(CultureInfo.InvariantCulture,
                $"Reading a row of table '{schema.Id}', it has more than the {schema.Columns.Length} columns that were announced."));
        }

        var column = schema.Columns[value.Column].Name;
        var key = schema.HasKey
            ? string.Join(", ", schema.Key.Select(part => ReplicationCommands.Identifier(schema.Columns[part].Name))) : "ctid";
        var table = $"{ReplicationCommands.Identifier(schema.Id.Schema)}.{ReplicationCommands.Identifier(schema.Id.Name)}";
        return new CdcException(ErrorCodes.SourceValueTooLarge, string.Create(CultureInfo.InvariantCulture,
            $"Reading a row of table '{schema.Id}', column '{column}' was found to hold {value.Bytes} bytes, and at most {Bytes} were " +
            $"expected, which is 'maxValueSize' of source '{source}'. Such rows are found with: SELECT {key} FROM {table} WHERE " +
            $"octet_length({ReplicationCommands.Identifier(column)}::text) > {Bytes}."));
    }
}
