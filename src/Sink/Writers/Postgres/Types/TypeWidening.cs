namespace Cdc.Sink.Writers.Postgres.Types;

/// <summary>Which types of a target's column hold every value of another type, unchanged.</summary>
internal static class TypeWidening
{
    public static bool Holds(PostgresType actual, PostgresType wanted)
    {
        if (actual.Equals(wanted))
            return true;
        if (actual.IsArray != wanted.IsArray)
            return false;
        return actual.Type == wanted.Type ? HoldsModifiers(actual, wanted) : HoldsOther(actual, wanted);
    }

    private static bool HoldsModifiers(PostgresType actual, PostgresType wanted) =>
        (actual.Type.Modifier, actual.Modifiers, wanted.Modifiers) switch
    {
        // Fixed lengths are padded, so another length is another value.
        (Modifier.Length, _, _) when actual.Name is "bit" or "character" => false,
        (_, [], _) => true,
        (Modifier.Digits, [var digits], []) => digits == 6,
        (Modifier.Length or Modifier.Digits, [var most], [var needed]) => most >= needed,
        (Modifier.Number, [var precision, .. var scale], [var neededPrecision, .. var neededScale]) =>
            HoldsNumber(precision, scale is [var some] ? some : 0, neededPrecision, neededScale is [var other] ? other : 0),
        _ => false,
    };

    private static bool HoldsOther(PostgresType actual, PostgresType wanted) => (actual.Name, wanted.Name) switch
    {
        ("integer", "smallint") or ("bigint", "smallint" or "integer" or "oid") => true,
        ("numeric", "smallint") => HoldsDigits(actual, 5),
        ("numeric", "integer") => HoldsDigits(actual, 10),
        ("numeric", "bigint") => HoldsDigits(actual, 19),
        ("double precision", "real" or "smallint" or "integer") => true,
        ("text" or "character varying", "text" or "character varying" or "name" or "xml" or "json" or "uuid") => actual.Modifiers.IsEmpty,
        _ => false,
    };

    private static bool HoldsDigits(PostgresType actual, int digits) =>
        actual.Modifiers is not [var precision, .. var scale] || precision - (scale is [var some] ? some : 0) >= digits;

    private static bool HoldsNumber(int precision, int scale, int neededPrecision, int neededScale) =>
        scale >= neededScale && precision - scale >= neededPrecision - neededScale;
}
