using System.Buffers.Text;
using System.Text;
using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Postgres;

/// <summary>
/// The envelope's block <c>source</c> of a Postgres source, field by field as Debezium 3.6 has it
/// (<c>AbstractSourceInfoStructMaker</c>, <c>PostgresSourceInfoStructMaker</c>). What is the same in every event is encoded once.
/// </summary>
public sealed class PostgresSourceBlock : SourceBlock
{
    private const string Name = "io.debezium.connector.postgresql.Source";
    private const string SnapshotFlags = "true,first,first_in_data_collection,last_in_data_collection,last,false,incremental";

    private readonly byte[] head;
    private readonly byte[] database;

    /// <param name="version">The platform's own version.</param>
    /// <param name="topicPrefix">Told as the source's name.</param>
    /// <param name="database">The database's name.</param>
    public PostgresSourceBlock(string version, string topicPrefix, string database)
    {
        head = Encode(version, "postgresql", topicPrefix);
        this.database = Encode(database);
    }

    /// <summary>When the transaction was committed, or the row read, in microseconds since 1970.</summary>
    public long CommittedAt { get; set; }

    /// <summary>Whether the event is a row that was read: then it has neither transaction nor place in the log.</summary>
    public bool IsRead { get; set; }

    /// <summary>The transaction's number.</summary>
    public long TransactionId { get; set; }

    /// <summary>Where the change lies in the server's log.</summary>
    public long Lsn { get; set; }

    /// <summary>Where the transaction before this one ended; 0 where it is not known.</summary>
    public long LastCommitLsn { get; set; }

    /// <summary>The replication origin's name in UTF-8, empty for none.</summary>
    public byte[] Origin { get; set; } = [];

    /// <summary>Where the change lay at its origin.</summary>
    public long OriginLsn { get; set; }

    public override AvroSchema.Record Schema { get; } = new(
        AvroName.Of(Name, ""),
        [
            new AvroField("version", Primitive(AvroKind.String)),
            new AvroField("connector", Primitive(AvroKind.String)),
            new AvroField("name", Primitive(AvroKind.String)),
            new AvroField("ts_ms", Primitive(AvroKind.Long)),
            SnapshotField(),
            new AvroField("db", Primitive(AvroKind.String)),
            Optional("sequence", AvroKind.String),
            Optional("ts_us", AvroKind.Long),
            Optional("ts_ns", AvroKind.Long),
            new AvroField("schema", Primitive(AvroKind.String)),
            new AvroField("table", Primitive(AvroKind.String)),
            Optional("txId", AvroKind.Long),
            Optional("lsn", AvroKind.Long),
            Optional("xmin", AvroKind.Long),
            Optional("origin", AvroKind.String),
            Optional("origin_lsn", AvroKind.Long),
        ])
    {
        Properties = AvroProperties.None.With(SchemaNames.ConnectVersion, 1).With(SchemaNames.ConnectName, Name),
    };

    public override void BeginRead(DateTimeOffset now)
    {
        IsRead = true;
        CommittedAt = (now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        Origin = [];
    }

    public override void EndRead() => IsRead = false;

    public override byte[] EncodeTable(TableId table) => Encode(table.Schema, table.Name);

    public override void Write(AvroWriter writer, ReadOnlySpan<byte> table)
    {
        writer.Buffer.Write(head);
        writer.WriteLong(FloorToMilliseconds(CommittedAt));
        writer.WriteUnionIndex(0);
        writer.WriteBytes(IsRead ? "incremental"u8 : "false"u8);
        writer.Buffer.Write(database);
        WriteSequence(writer, LastCommitLsn == 0 ? null : LastCommitLsn, IsRead ? null : Lsn);
        WriteOptional(writer, CommittedAt);
        WriteOptional(writer, CommittedAt is < long.MaxValue / 1000 and > long.MinValue / 1000 ? CommittedAt * 1000 : null);
        writer.Buffer.Write(table);
        WriteOptional(writer, IsRead ? null : TransactionId);
        WriteOptional(writer, IsRead ? null : Lsn);
        writer.WriteUnionIndex(0);
        WriteOrigin(writer);
    }

    private void WriteOrigin(AvroWriter writer)
    {
        writer.WriteUnionIndex(Origin.Length == 0 ? 0 : 1);
        if (Origin.Length > 0)
            writer.WriteBytes(Origin);
        WriteOptional(writer, Origin.Length == 0 ? null : OriginLsn);
    }

    // A JSON list of two decimal numbers as strings, or null where one is not known.
    private static void WriteSequence(AvroWriter writer, long? lastCommit, long? lsn)
    {
        Span<byte> text = stackalloc byte[64];
        var length = 0;
        text[length++] = (byte)'[';
        length += FormatQuoted(lastCommit, text[length..]);
        text[length++] = (byte)',';
        length += FormatQuoted(lsn, text[length..]);
        text[length++] = (byte)']';
        writer.WriteUnionIndex(1);
        writer.WriteBytes(text[..length]);
    }

    private static int FormatQuoted(long? number, Span<byte> text)
    {
        if (number is not { } value)
        {
            "null"u8.CopyTo(text);
            return 4;
        }

        text[0] = (byte)'"';
        Utf8Formatter.TryFormat(value, text[1..], out var digits);
        text[digits + 1] = (byte)'"';
        return digits + 2;
    }

    private static void WriteOptional(AvroWriter writer, long? value)
    {
        writer.WriteUnionIndex(value is null ? 0 : 1);
        if (value is { } number)
            writer.WriteLong(number);
    }

    private static long FloorToMilliseconds(long microseconds) => microseconds / 1000 - (microseconds % 1000 < 0 ? 1 : 0);

    private static byte[] Encode(params ReadOnlySpan<string> texts)
    {
        using var buffer = new PooledBuffer(256);
        var writer = new AvroWriter(buffer);
        foreach (var text in texts)
            writer.WriteBytes(Encoding.UTF8.GetBytes(text));
        return buffer.WrittenSpan.ToArray();
    }

    private static AvroField SnapshotField()
    {
        var properties = AvroProperties.None
            .With(SchemaNames.ConnectVersion, 1)
            .With(SchemaNames.ConnectParameters, [new KeyValuePair<string, string>(SchemaNames.Allowed, SnapshotFlags)])
            .With(SchemaNames.ConnectDefault, "false")
            .With(SchemaNames.ConnectName, SchemaNames.Enum);
        var type = new AvroSchema.Primitive(AvroKind.String) { Properties = properties };
        return new AvroField("snapshot", new AvroSchema.Union([type, Primitive(AvroKind.Null)]))
        {
            Properties = AvroProperties.None.With("default", "false"),
        };
    }

    private static AvroField Optional(string name, AvroKind kind) =>
        new(name, new AvroSchema.Union([Primitive(AvroKind.Null), Primitive(kind)])) { Properties = AvroProperties.None.WithJson("default",
            "null") };

    private static AvroSchema.Primitive Primitive(AvroKind kind) => new(kind);
}
