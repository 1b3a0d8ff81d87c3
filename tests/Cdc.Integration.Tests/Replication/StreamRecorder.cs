using System.Text;
using Cdc.Capture.Postgres.Decoding;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Events;

namespace Cdc.Integration.Tests.Replication;

/// <summary>Reads a stream and writes each message down as one line of text.</summary>
internal sealed class StreamRecorder(ReplicationConnection connection)
{
    private readonly PgOutputDecoder decoder = new();
    private readonly Dictionary<uint, RelationMessage> relations = [];

    public List<string> Lines { get; } = [];

    public Lsn End { get; private set; }

    /// <summary>Reads until so many transactions are complete; a message outside of transactions counts too.</summary>
    public async Task ReadTransactionsAsync(int count, CancellationToken cancellationToken)
    {
        var (seen, inside) = (0, false);
        while (seen < count)
        {
            while (seen < count && connection.TryReadFrame(out var frame))
            {
                if (frame.Kind == FrameKind.Keepalive)
                    continue;
                var kind = PgOutputDecoder.KindOf(frame.Payload, frame.WalStart);
                Record(kind, frame);
                inside = kind == MessageKind.Begin || (inside && kind != MessageKind.Commit);
                if (kind == MessageKind.Commit || (kind == MessageKind.LogicalMessage && !inside))
                    seen++;
            }

            if (seen < count)
                await connection.FillAsync(cancellationToken);
        }
    }

    private void Record(MessageKind kind, ReplicationFrame frame)
    {
        switch (kind)
        {
            case MessageKind.Begin:
                BeginMessage.Decode(frame.Payload, frame.WalStart);
                Lines.Add("begin");
                break;
            case MessageKind.Commit:
                End = CommitMessage.Decode(frame.Payload, frame.WalStart).EndLsn;
                Lines.Add("commit");
                break;
            case MessageKind.Origin:
                Lines.Add($"origin {OriginMessage.Decode(frame.Payload, frame.WalStart).Name}");
                break;
            case MessageKind.Type:
                var type = TypeMessage.Decode(frame.Payload, frame.WalStart);
                Lines.Add($"type {type.Schema}.{type.Name}");
                break;
            case MessageKind.Relation:
                var relation = RelationMessage.Decode(frame.Payload, frame.WalStart);
                relations[relation.RelationId] = relation;
                var columns = string.Join(' ', relation.Columns.Select(Describe));
                Lines.Add($"relation {relation.Schema}.{relation.Name} {relation.Identity} {columns}");
                break;
            case MessageKind.Truncate:
                var truncate = TruncateMessage.Decode(frame.Payload, frame.WalStart);
                Lines.Add($"truncate {truncate.Options} {string.Join(' ', truncate.RelationIds.Select(id => relations[id].Name))}");
                break;
            case MessageKind.LogicalMessage:
                var message = LogicalMessage.Decode(frame.Payload, frame.WalStart);
                var (prefix, content) = (Encoding.UTF8.GetString(message.Prefix), Encoding.UTF8.GetString(message.Content));
                Lines.Add($"message {message.IsTransactional} {prefix}={content}");
                break;
            default:
                var row = decoder.DecodeRow(frame.Payload, frame.WalStart);
                Lines.Add($"{row.Operation} {relations[row.RelationId].Name} {row.OldKind}({Describe(row.Old)}) ({Describe(row.New)})");
                break;
        }
    }

    private static string Describe(RelationColumn column) =>
        FormattableString.Invariant($"{(column.IsKey ? "*" : "")}{column.Name}:{column.TypeId}:{column.TypeModifier}");

    private static string Describe(RowImage image)
    {
        var text = new StringBuilder();
        for (var i = 0; i < image.Columns.Length; i++)
        {
            var bytes = image.Bytes(i);
            text.Append(i == 0 ? "" : ",").Append(image.State(i) switch
            {
                ColumnState.Null => "null",
                ColumnState.Unchanged => "unchanged",
                _ => bytes.Length <= 100 ? Encoding.UTF8.GetString(bytes) : FormattableString.Invariant($"{bytes.Length} bytes"),
            });
        }

        return text.ToString();
    }
}
