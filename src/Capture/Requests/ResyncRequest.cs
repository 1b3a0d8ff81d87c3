using System.Collections.Immutable;
using System.Text.Json;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Selection;

namespace Cdc.Capture.Requests;

/// <summary>Somebody's request that tables be read again as a whole.</summary>
/// <param name="Id">Names the request for people; random.</param>
/// <param name="Tables">Patterns over <c>schema.table</c>, as a source's <c>tables</c>.</param>
public sealed record ResyncRequest(string Id, ImmutableArray<string> Tables)
{
    /// <summary>The pattern that covers every table of the source, and by that acknowledges a gap.</summary>
    public const string All = "*";

    /// <summary>More would be a mistake; a request is one record.</summary>
    public const int MaxTables = 1000;

    private readonly TableSelection selection = new(Tables);

    /// <summary>Whether every table of the source is asked for, whichever there are.</summary>
    public bool CoversAll => Tables.Contains(All, StringComparer.Ordinal) && !Tables.Any(pattern => pattern.StartsWith('!'));

    public bool Includes(string table) => selection.Includes(table);

    public static ResyncRequest For(IEnumerable<string> tables) => new(Guid.NewGuid().ToString("N"), [.. tables]);

    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(new Note(Id, [.. Tables]));

    /// <summary>Throws <c>CDC-2065</c> for anything else than <see cref="Encode"/> made.</summary>
    public static ResyncRequest Decode(ReadOnlySpan<byte> value)
    {
        try
        {
            var note = JsonSerializer.Deserialize<Note>(value);
            if (note is { Id: not null, Tables.Length: > 0 and <= MaxTables } && !note.Tables.Contains(null))
                return new ResyncRequest(note.Id, [.. note.Tables!]);
        }
        catch (JsonException error)
        {
            throw new CdcException(ErrorCodes.RequestUnreadable, "Reading a request for a re-read out of the log, it is not JSON.", error);
        }

        throw new CdcException(ErrorCodes.RequestUnreadable,
            "Reading a request for a re-read out of the log, it names no tables; expected an id and patterns.");
    }

    private sealed record Note(string? Id, string?[]? Tables);
}
