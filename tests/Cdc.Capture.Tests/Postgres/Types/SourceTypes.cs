using System.Text;
using Cdc.Capture.Postgres.Types;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;

namespace Cdc.Capture.Tests.Postgres.Types;

/// <summary>Types as the catalog would resolve them, and one value's way through its transcoder.</summary>
internal static class SourceTypes
{
    public static ResolvedType BuiltIn(string name, int modifier = -1) =>
        new(new CatalogType(1, "pg_catalog", name, CatalogTypeKind.Plain), modifier, name);

    public static ResolvedType Other(string name, CatalogTypeKind kind = CatalogTypeKind.Plain) =>
        new(new CatalogType(20_000, "public", name, kind), -1, $"public.{name}");

    public static ResolvedType ArrayOf(ResolvedType element) => new(
        new CatalogType(2, "pg_catalog", "_" + element.Type.Name, CatalogTypeKind.Array) { ElementOid = element.Type.Oid },
        element.Modifier,
        element.Text + "[]",
        element);

    public static int Numeric(int precision, int scale) => ((precision << 16) | (scale & 0x7ff)) + 4;

    /// <summary>The value's Avro, or null where it cannot be carried.</summary>
    public static byte[]? Encode(ResolvedType type, string text)
    {
        using var buffer = new PooledBuffer(16);
        var written = PostgresTypeMapping.Map(type).Transcoder.TryWrite(Encoding.UTF8.GetBytes(text), new AvroWriter(buffer));
        if (!written)
            Assert.Equal(0, buffer.Length);
        return written ? buffer.WrittenSpan.ToArray() : null;
    }

    public static byte[]? Placeholder(ResolvedType type)
    {
        using var buffer = new PooledBuffer(16);
        return PostgresTypeMapping.Map(type).Transcoder.TryWritePlaceholder(new AvroWriter(buffer)) ? buffer.WrittenSpan.ToArray() : null;
    }

    public static long Long(byte[]? avro)
    {
        Assert.NotNull(avro);
        var reader = new AvroReader(avro);
        var value = reader.ReadLong();
        Assert.True(reader.IsAtEnd);
        return value;
    }

    public static string Text(byte[]? avro)
    {
        Assert.NotNull(avro);
        var reader = new AvroReader(avro);
        var value = reader.ReadString();
        Assert.True(reader.IsAtEnd);
        return value;
    }

    public static byte[] Bytes(byte[]? avro)
    {
        Assert.NotNull(avro);
        var reader = new AvroReader(avro);
        var value = reader.ReadBytes().ToArray();
        Assert.True(reader.IsAtEnd);
        return value;
    }
}
