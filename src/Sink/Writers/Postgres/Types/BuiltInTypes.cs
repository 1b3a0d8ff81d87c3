using System.Collections.Frozen;

namespace Cdc.Sink.Writers.Postgres.Types;

/// <summary>
/// The types of PostgreSQL 14 to 18 that a target's column can have, under the names of <c>format_type</c> and the short ones. Their object
/// identifiers are fixed in the server's own <c>pg_type.dat</c>.
/// </summary>
internal static class BuiltInTypes
{
    private static readonly BuiltInType[] Types =
    [
        new("boolean", 16), new("smallint", 21), new("integer", 23), new("bigint", 20), new("oid", 26), new("real", 700),
        new("double precision", 701), new("numeric", 1700, Modifier.Number), new("money", 790), new("text", 25),
        new("character varying", 1043, Modifier.Length), new("character", 1042, Modifier.Length), new("bpchar", 1042), new("name", 19),
        new("\"char\"", 18), new("bytea", 17), new("date", 1082), new("time without time zone", 1083, Modifier.Digits),
        new("time with time zone", 1266, Modifier.Digits), new("timestamp without time zone", 1114, Modifier.Digits),
        new("timestamp with time zone", 1184, Modifier.Digits), new("interval", 1186, Modifier.Digits), new("json", 114),
        new("jsonb", 3802),
        new("jsonpath", 4072), new("xml", 142), new("uuid", 2950), new("bit", 1560, Modifier.Length),
        new("bit varying", 1562, Modifier.Length),
        new("tsvector", 3614), new("tsquery", 3615), new("inet", 869), new("cidr", 650), new("macaddr", 829), new("macaddr8", 774),
        new("point", 600), new("line", 628), new("lseg", 601), new("box", 603), new("path", 602), new("polygon", 604), new("circle", 718),
        new("pg_lsn", 3220), new("xid", 28), new("xid8", 5069), new("int4range", 3904), new("int8range", 3926), new("numrange", 3906),
        new("tsrange", 3908), new("tstzrange", 3910), new("daterange", 3912), new("int4multirange", 4451), new("int8multirange", 4536),
        new("nummultirange", 4532), new("tsmultirange", 4533), new("tstzmultirange", 4534), new("datemultirange", 4535),
    ];

    private static readonly (string Short, string Name)[] ShortNames =
    [
        ("bool", "boolean"), ("int2", "smallint"), ("int4", "integer"), ("int", "integer"), ("int8", "bigint"), ("float4", "real"),
        ("float8", "double precision"), ("decimal", "numeric"), ("varchar", "character varying"), ("char", "character"),
        ("time", "time without time zone"), ("timetz", "time with time zone"), ("timestamp", "timestamp without time zone"),
        ("timestamptz", "timestamp with time zone"), ("varbit", "bit varying"),
    ];

    public static FrozenDictionary<string, BuiltInType> ByName { get; } = Types.Select(type => (type.Name, Type: type))
        .Concat(ShortNames.Select(pair =>
            (Name: pair.Short, Type: Types.Single(type => string.Equals(type.Name, pair.Name, StringComparison.Ordinal)))))
        .ToFrozenDictionary(entry => entry.Name, entry => entry.Type, StringComparer.Ordinal);
}
