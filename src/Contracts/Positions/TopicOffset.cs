using System.Globalization;

namespace Cdc.Contracts.Positions;

/// <summary>
/// A record's place in its partition: the only order of everything after capture (Invariant 2). Text form <c>topic/partition@offset</c>.
/// </summary>
public readonly record struct TopicOffset(string Topic, int Partition, long Offset)
{
    public TopicPartition TopicPartition => new(Topic, Partition);

    public static TopicOffset Parse(string text) =>
        TryParse(text, out var offset) ? offset : throw new FormatException("An offset reads 'topic/partition@offset'.");

    public static bool TryParse(string? text, out TopicOffset offset)
    {
        offset = default;
        var at = text?.LastIndexOf('@') ?? -1;
        var slash = at > 0 ? text!.LastIndexOf('/', at) : -1;
        if (slash <= 0
            || !int.TryParse(text.AsSpan(slash + 1, at - slash - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            || !long.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            return false;
        offset = new TopicOffset(text![..slash], partition, value);
        return true;
    }

    public override string ToString() => FormattableString.Invariant($"{Topic}/{Partition}@{Offset}");
}
