using System.Text;
using Cdc.Capture.Postgres.Decoding;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Events;

namespace Cdc.Capture.Tests.Postgres.Decoding;

/// <summary>Decodes any message and writes it down as one line, so that a test row is bytes and text.</summary>
internal static class DecodedText
{
    public static Lsn At => new(0x1_0000_00A0);

    public static string Of(byte[] payload, PgOutputDecoder? decoder = null)
    {
        switch (PgOutputDecoder.KindOf(payload, At))
        {
            case MessageKind.Begin:
                return BeginMessage.Decode(payload, At).ToString();
            case MessageKind.Commit:
                return CommitMessage.Decode(payload, At).ToString();
            case MessageKind.Origin:
                return OriginMessage.Decode(payload, At).ToString();
            case MessageKind.Type:
                return TypeMessage.Decode(payload, At).ToString();
            case MessageKind.Relation:
                var relation = RelationMessage.Decode(payload, At);
                var columns = string.Join("; ", relation.Columns);
                return $"{relation.RelationId} {relation.Schema}.{relation.Name} {relation.Identity}: {columns}";
            case MessageKind.Truncate:
                var truncate = TruncateMessage.Decode(payload, At);
                return $"{truncate.Options}: {string.Join(' ', truncate.RelationIds)}";
            case MessageKind.LogicalMessage:
                var message = LogicalMessage.Decode(payload, At);
                var prefix = Encoding.UTF8.GetString(message.Prefix);
                return $"{message.IsTransactional} {message.Lsn} {prefix} {Convert.ToHexString(message.Content)}";
            default:
                var row = (decoder ?? new PgOutputDecoder()).DecodeRow(payload, At);
                return $"{row.Operation} {row.RelationId} {row.OldKind}({Of(row.Old)}) New({Of(row.New)})";
        }
    }

    private static string Of(RowImage image)
    {
        var text = new StringBuilder();
        for (var i = 0; i < image.Columns.Length; i++)
            text.Append(i == 0 ? "" : ",")
                .Append(image.State(i) == ColumnState.Value ? $"'{Encoding.UTF8.GetString(image.Bytes(i))}'" : image.State(i));
        return text.ToString();
    }
}
