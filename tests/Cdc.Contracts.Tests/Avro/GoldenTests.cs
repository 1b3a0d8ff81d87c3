using System.Text;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;
using Cdc.Testing.Avro;

namespace Cdc.Contracts.Tests.Avro;

/// <summary>
/// The event format as texts that change only on purpose: consumers of other makers read it, and topics keep it for as long as they keep
/// records. With <c>CDC_GOLDEN=write</c> these tests write the files instead of comparing them.
/// </summary>
public class GoldenTests
{
    public static TheoryData<string> Samples => [.. TypeSample.All.Select(sample => sample.Name)];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Column_type_keeps_its_schema_and_bytes(string name)
    {
        var sample = TypeSample.All.Single(sample => string.Equals(sample.Name, name, StringComparison.Ordinal));
        var text = new StringBuilder();
        text.Append(ColumnField(sample)).Append('\n');
        foreach (var value in sample.Values)
        {
            using var buffer = new PooledBuffer();
            value.Write(new AvroWriter(buffer));
            text.Append(Convert.ToHexStringLower(buffer.WrittenSpan)).Append(' ').Append(value.Json).Append('\n');
        }

        Compare($"type_{name}.txt", text.ToString());
    }

    [Fact]
    public void Table_of_every_type_keeps_its_schemas()
    {
        var schemas = EventSchemaMapping.ToSchemas(TypeSample.Table, "shop.public.orders", TestSource.Schema);
        Compare("every_type_key.avsc", AvroSchemaText.Write(schemas.Key!) + "\n");
        Compare("every_type_value.avsc", AvroSchemaText.Write(schemas.Value) + "\n");
    }

    [Fact]
    public void Envelope_keeps_its_bytes()
    {
        WriteValue one = writer => writer.WriteInt(1);
        TestEvent[] events =
        [
            new(Operation.Create) { After = [one] },
            new(Operation.Read) { After = [one], Read = ("7c1f", "first") },
            new(Operation.Update) { Before = [one], After = [null], Unchanged = ["id"], Exact = [("before", "id", "NaN")] },
            new(Operation.Delete) { Before = [one] },
            new(Operation.Truncate),
        ];
        Compare("envelope.txt",
            string.Concat(events.Select(change => $"{(char)change.Operation} {Convert.ToHexStringLower(change.Encode())}\n")));
    }

    private static string ColumnField(TypeSample sample)
    {
        var column = new ColumnSchema("the column", "the_column", sample.Type, sample.SourceType);
        var table = new TableSchema(new TableId("public", "t"), [column], []);
        var envelope = EventSchemaMapping.ToSchemas(table, "shop.public.t", TestSource.Schema).Value;
        var before = (AvroSchema.Union)envelope.Field(EnvelopeFields.Before)!.Type;
        return AvroSchemaText.Write(before.Branches[1]);
    }

    private static void Compare(string file, string actual)
    {
        var path = Path.Combine(Root(), "tests", "Cdc.Contracts.Tests", "Golden", file);
        if (string.Equals(Environment.GetEnvironmentVariable("CDC_GOLDEN"), "write", StringComparison.Ordinal))
            File.WriteAllText(path, actual);
        var expected = File.Exists(path) ? File.ReadAllText(path) : "";
        Assert.True(
            string.Equals(expected, actual, StringComparison.Ordinal),
            $"The event format differs from Golden/{file}. Readers of topics that exist would notice. Where that is meant, run the tests " +
            "with "
            + $"CDC_GOLDEN=write and commit the files.\nIn the file: {expected}\nNow:         {actual}");
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Cdc.Platform.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside of the repository that holds Golden/.");
    }
}
