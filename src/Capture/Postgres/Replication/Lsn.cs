using System.Globalization;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>
/// A byte position in PostgreSQL's write-ahead log (type <c>pg_lsn</c>). Text form <c>X/Y</c>: the two 32-bit halves in hexadecimal,
/// as the server prints them.
/// </summary>
public readonly record struct Lsn(ulong Value) : IComparable<Lsn>
{
    /// <summary><c>0/0</c>: no position; the server itself never uses it for a record.</summary>
    public static Lsn Zero => default;

    public static bool operator <(Lsn left, Lsn right) => left.Value < right.Value;

    public static bool operator >(Lsn left, Lsn right) => left.Value > right.Value;

    public static bool operator <=(Lsn left, Lsn right) => left.Value <= right.Value;

    public static bool operator >=(Lsn left, Lsn right) => left.Value >= right.Value;

    public static Lsn Parse(string text) =>
        TryParse(text, out var lsn) ? lsn
            : throw new FormatException("A log position reads 'X/Y', two hexadecimal numbers of at most 8 digits.");

    public static bool TryParse(string? text, out Lsn lsn)
    {
        lsn = default;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (slash is < 1 or > 8 || text!.Length - slash - 1 is < 1 or > 8
            || !uint.TryParse(text.AsSpan(0, slash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var high)
            || !uint.TryParse(text.AsSpan(slash + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low))
            return false;
        lsn = new Lsn(((ulong)high << 32) | low);
        return true;
    }

    public int CompareTo(Lsn other) => Value.CompareTo(other.Value);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value >> 32:X}/{(uint)Value:X}");
}
