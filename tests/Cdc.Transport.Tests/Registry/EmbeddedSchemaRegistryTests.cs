using Cdc.Contracts.Errors;
using Cdc.Transport.Registry;
using Cdc.Transport.Tests.Embedded;

namespace Cdc.Transport.Tests.Registry;

public sealed class EmbeddedSchemaRegistryTests : IDisposable
{
    private readonly TestFolder folder = new();

    private string FilePath => Path.Combine(folder.Path, EmbeddedSchemaRegistry.FileName);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Same_text_keeps_its_number_under_every_subject_and_after_reopening()
    {
        int first;
        using (var registry = Open())
        {
            first = await RegisterAsync(registry, "a-value", Schema());
            Assert.Equal(first, await RegisterAsync(registry, "a-value", Schema()));
            Assert.Equal(first, await RegisterAsync(registry, "b-value", Schema()));
            Assert.NotEqual(first, await RegisterAsync(registry, "a-value", Schema("x")));
            Assert.Equal(first, await RegisterAsync(registry, "a-value", Schema()));
        }

        Assert.Equal(3, (await File.ReadAllLinesAsync(FilePath)).Length);
        using var again = Open();
        Assert.Equal(first, await RegisterAsync(again, "a-value", Schema()));
        Assert.Equal(Schema("x"), await again.GetAsync(2, CancellationToken.None));
        Assert.Equal(3, await RegisterAsync(again, "a-value", Schema("x", "é\n\"")));
        Assert.Equal(Schema("x", "é\n\""), await again.GetAsync(3, CancellationToken.None));
    }

    [Fact]
    public async Task Unknown_number_is_refused()
    {
        using var registry = Open();
        Assert.Equal(ErrorCodes.SchemaUnknown,
            (await Assert.ThrowsAsync<CdcException>(async () => await registry.GetAsync(1, CancellationToken.None))).Code);
    }

    [Fact]
    public async Task Incompatible_schema_is_refused_by_subject_and_field_and_changes_nothing()
    {
        using var registry = Open();
        await RegisterAsync(registry, "a-value", Schema("x"));
        const string Stricter = """{"type":"record","name":"V","fields":[{"name":"id","type":"int"},{"name":"y","type":"int"}]}""";
        var error = await Assert.ThrowsAsync<CdcException>(() => RegisterAsync(registry, "a-value", Stricter));
        Assert.Equal(ErrorCodes.SchemaIncompatible, error.Code);
        Assert.Contains("'a-value'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'y'", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, await RegisterAsync(registry, "b-value", Stricter));
        Assert.Equal(3, await RegisterAsync(registry, "a-value", Schema("x", "z")));
    }

    [Fact]
    public async Task Key_that_becomes_another_one_is_taken_and_is_the_latest()
    {
        const string Other = """{"type":"record","name":"V","fields":[{"name":"org","type":"string"}]}""";
        using (var registry = Open())
        {
            Assert.Null(await registry.LatestAsync("a-key", CancellationToken.None));
            await RegisterAsync(registry, "a-key", Schema());
            Assert.Equal(2, await RegisterAsync(registry, "a-key", Other));
        }

        using var again = Open();
        Assert.Equal(Other, await again.LatestAsync("a-key", CancellationToken.None));
    }

    [Fact]
    public async Task Text_that_is_no_schema_is_refused()
    {
        using var registry = Open();
        Assert.Equal(ErrorCodes.AvroSchemaInvalid,
            (await Assert.ThrowsAsync<CdcException>(() => RegisterAsync(registry, "a-value", "{"))).Code);
        Assert.Equal(1, await RegisterAsync(registry, "a-value", Schema()));
    }

    [Fact]
    public async Task Torn_last_line_is_cut_off_wherever_it_was_torn()
    {
        using (var registry = Open())
        {
            await RegisterAsync(registry, "a-value", Schema());
            await RegisterAsync(registry, "b-value", Schema("x"));
        }

        var whole = await File.ReadAllBytesAsync(FilePath);
        var start = whole.AsSpan().IndexOf((byte)'\n') + 1;
        for (var length = start; length < whole.Length; length++)
        {
            await File.WriteAllBytesAsync(FilePath, whole[..length]);
            using var registry = Open();
            await Assert.ThrowsAsync<CdcException>(async () => await registry.GetAsync(2, CancellationToken.None));
            Assert.Equal(2, await RegisterAsync(registry, "c-value", Schema("y")));
        }
    }

    [Fact]
    public async Task Torn_last_line_whose_newline_is_there_is_cut_off_and_told_where_no_record_has_its_schema()
    {
        using (var registry = Open())
        {
            await RegisterAsync(registry, "a-value", Schema());
            await RegisterAsync(registry, "b-value", Schema("x"));
        }

        await NoteUseAsync(1);
        var whole = await File.ReadAllBytesAsync(FilePath);
        var start = whole.AsSpan().IndexOf((byte)'\n') + 1;
        for (var from = start; from < whole.Length - 1; from++)
        {
            byte[] torn = [.. whole[..from], .. new byte[whole.Length - from - 1], (byte)'\n'];
            await File.WriteAllBytesAsync(FilePath, torn);
            using var registry = Open();
            Assert.Contains($"{whole.Length - start} bytes", registry.CutOff, StringComparison.Ordinal);
            Assert.Equal(2, await RegisterAsync(registry, "c-value", Schema("y")));
        }

        using (var registry = Open())
            Assert.Null(registry.CutOff);
        await NoteUseAsync(2);
        whole = await File.ReadAllBytesAsync(FilePath);
        whole[^3] ^= 1;
        await File.WriteAllBytesAsync(FilePath, whole);
        Assert.Equal(ErrorCodes.LogCorrupt, Assert.Throws<CdcException>(Open).Code);
        Assert.Equal(whole, await File.ReadAllBytesAsync(FilePath));
    }

    [Fact]
    public async Task Any_byte_changed_stops_the_opening()
    {
        using (var registry = Open())
        {
            await RegisterAsync(registry, "a-value", Schema());
            await RegisterAsync(registry, "b-value", Schema("x"));
        }

        await NoteUseAsync(2);
        var whole = await File.ReadAllBytesAsync(FilePath);
        for (var at = 0; at < whole.Length - 1; at++)
        {
            whole[at] ^= 1;
            await File.WriteAllBytesAsync(FilePath, whole);
            Assert.Equal(ErrorCodes.LogCorrupt, Assert.Throws<CdcException>(Open).Code);
            whole[at] ^= 1;
        }

        var lines = (await File.ReadAllLinesAsync(FilePath)).ToList();
        await File.WriteAllTextAsync(FilePath, lines[1] + "\n");
        Assert.Equal(ErrorCodes.LogCorrupt, Assert.Throws<CdcException>(Open).Code);
    }

    // Invariant 5
    [Fact]
    public void Invariant_5_second_opening_is_refused()
    {
        using var registry = Open();
        Assert.Equal(ErrorCodes.LogLocked, Assert.Throws<CdcException>(Open).Code);
    }

    // Invariant 1
    [Fact]
    public async Task Invariant_1_number_is_given_out_after_the_flush_only()
    {
        var storage = new TestStorage();
        using (var registry = EmbeddedSchemaRegistry.Open(folder.Path, storage))
        {
            storage.Calls.Clear();
            await RegisterAsync(registry, "a-value", Schema());
            Assert.Equal(["write", "flush"], storage.Calls.Select(call => call.Split(' ')[0]));
            storage.FailFlush = true;
            Assert.Equal(ErrorCodes.LogStorageFailed,
                (await Assert.ThrowsAsync<CdcException>(() => RegisterAsync(registry, "b-value", Schema("x")))).Code);
            storage.FailFlush = false;
            Assert.Equal(ErrorCodes.LogStorageFailed,
                (await Assert.ThrowsAsync<CdcException>(() => RegisterAsync(registry, "b-value", Schema("y")))).Code);
            Assert.Equal(Schema(), await registry.GetAsync(1, CancellationToken.None));
        }
    }

    /// <summary>A record of that schema is durable.</summary>
    private async Task NoteUseAsync(int schema)
    {
        await using var log = JournalSample.Open(folder);
        await using var writer = await JournalSample.OpenWriterAsync(log);
        await writer.AppendAsync(JournalSample.Topic, 0, ["\0\0\0\0" + (char)schema + "body"]);
    }

    private static string Schema(params string[] more)
    {
        var fields = more.Select((doc, i) =>
            $$""",{"name":"f{{i}}","type":["null","int"],"doc":{{System.Text.Json.JsonSerializer.Serialize(doc)}},"default":null}""");
        return $$"""{"type":"record","name":"V","fields":[{"name":"id","type":"int"}{{string.Concat(fields)}}]}""";
    }

    private static Task<int> RegisterAsync(EmbeddedSchemaRegistry registry, string subject, string schema) =>
        registry.RegisterAsync(subject, schema, CancellationToken.None).AsTask();

    private EmbeddedSchemaRegistry Open() => EmbeddedSchemaRegistry.Open(folder.Path);
}
