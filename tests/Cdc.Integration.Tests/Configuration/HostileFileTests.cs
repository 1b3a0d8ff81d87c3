using System.Text;
using Cdc.Cli.Configuration;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Configuration;

public sealed class HostileFileTests
{
    [Fact]
    public void Anchors_and_aliases_are_refused_so_that_nothing_can_grow()
    {
        var faults = Bindings.FaultsOf(Bindings.Head + Bindings.Source + """
            sinks:
              w: { duckdb: { path: a }, subscribe: &a [ x, x2 ] }
              v: { duckdb: { path: b }, subscribe: *a }
              u: { duckdb: { path: *a }, batch: *a }
            """);

        Assert.Equal(
            ["1002 7 sinks.w.subscribe", "1002 8 sinks.v.subscribe", "1002 9 sinks.u.duckdb.path", "1002 9 sinks.u.batch"], faults);
    }

    [Theory]
    [InlineData("    tables: [ !public.tmp_* ]", "1002 6 sources.shop.tables[0]", "tag")]
    [InlineData("    tables: [ *orders ]", "1002 6 sources.shop.tables[0]", "alias")]
    public void Patterns_that_YAML_reads_otherwise_are_asked_for_in_quotes(string line, string expected, string word)
    {
        var fault = Assert.Throws<ConfigurationException>(() => Bindings.Bind(Bindings.Head + Bindings.Source + line)).Faults.Single();

        Assert.Equal(expected, FormattableString.Invariant($"{fault.Code.Number} {fault.Line} {fault.Path}"));
        Assert.Contains(word, fault.Message, StringComparison.Ordinal);
        Assert.Contains("in quotes", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: [")]
    [InlineData("a: b: c")]
    [InlineData("a: \"b")]
    [InlineData("a: {b: c\nd: e")]
    [InlineData("a: @b")]
    [InlineData("%YAML 3.0\n---\na: b")]
    public void Broken_YAML_is_one_fault_with_its_line(string text)
    {
        var fault = Assert.Single(Assert.Throws<ConfigurationException>(() => Bindings.Bind(text)).Faults);

        Assert.Equal(1001, fault.Code.Number);
        Assert.InRange(fault.Line, 1, 3);
    }

    [Theory]
    [InlineData("", 1001)]
    [InlineData("# nothing\n", 1001)]
    [InlineData("- a\n- b\n", 1001)]
    [InlineData("just words", 1001)]
    [InlineData("!!map { name: a }", 1004)]
    public void What_is_no_group_of_keys_is_refused(string text, int code) =>
        Assert.Equal(code, Assert.Throws<ConfigurationException>(() => Bindings.Bind(text)).Faults[0].Code.Number);

    [Fact]
    public void A_second_document_is_refused() =>
        Assert.Equal(["1002 6 "], Bindings.FaultsOf(Bindings.Head + Bindings.Source + "---\nname: other\n"));

    [Fact]
    public void A_key_that_is_a_list_is_refused() =>
        Assert.Equal(["1002 7 "], Bindings.FaultsOf(Bindings.Head + Bindings.Source + "? [a, b]\n: c\n"));

    [Theory]
    [InlineData('[', 200_000)]
    [InlineData('{', 200_000)]
    public void Depth_is_bounded(char opening, int times)
    {
        var fault = Assert.Single(Assert.Throws<ConfigurationException>(() => Bindings.Bind("a: " + new string(opening, times))).Faults);

        Assert.Contains("nested deeper", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_of_blocks_is_bounded()
    {
        var text = new StringBuilder();
        for (var depth = 0; depth < 500; depth++)
            text.Append(' ', depth).Append("a:\n");

        Assert.Contains("nested deeper", Bindings.MessageOf(text.ToString()), StringComparison.Ordinal);
    }

    [Fact]
    public void Many_unknown_and_long_keys_end_soon_and_in_a_short_list()
    {
        var text = new StringBuilder();
        for (var key = 0; key < 5_000; key++)
            text.Append("key_number_").Append(key).Append(": 1\n");
        text.Append('k', 900).Append(": 1\n");

        var exception = Assert.Throws<ConfigurationException>(() => Bindings.Bind(text.ToString()));

        Assert.True(exception.Faults.Count > 5_000);
        Assert.Equal(101, exception.Describe().TrimEnd('\n').Split('\n').Length);
    }

    [Fact]
    public void Control_characters_of_the_file_do_not_reach_the_terminal()
    {
        var exception = Assert.Throws<ConfigurationException>(() =>
            Bindings.Bind(Bindings.Head + Bindings.Source + "\"a\\e[31m\\nb\": \"\\e\"\nhttp: { bind: \"\\e[2J\" }"));

        Assert.DoesNotContain('\u001b', exception.Describe());
    }

    [Fact]
    public void Damaged_files_are_read_or_refused_and_nothing_else()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var good = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "examples", "two-targets.yaml"));
        const string Pieces = "[]{}:,-?!&*'\"|>%@# \n\t$~a1\0\u00e9";
        for (var round = 0; round < 500; round++)
        {
            var text = new StringBuilder(good);
            for (var edits = random.Next(1, 6); edits > 0; edits--)
            {
                var at = random.Next(text.Length);
                text.Remove(at, random.Next(Math.Min(3, text.Length - at))).Insert(at, Pieces[random.Next(Pieces.Length)]);
            }

            var thrown = Record.Exception(() => Bindings.Bind(text.ToString()));
            Assert.True(thrown is null or ConfigurationException, $"Seed {seed}, round {round}: {thrown}\n{text}");
        }
    }

    [Fact]
    public void Files_that_cannot_be_read_are_a_fault()
    {
        var folder = Directory.CreateTempSubdirectory("cdc-conf-").FullName;
        var large = Path.Combine(folder, "large.yaml");
        File.WriteAllBytes(large, new byte[ConfigurationFile.MaxBytes + 1]);
        var binary = Path.Combine(folder, "binary.yaml");
        File.WriteAllBytes(binary, [0x61, 0xFF, 0xFE]);

        foreach (var file in (string[])[large, binary, Path.Combine(folder, "missing.yaml"), folder])
            Assert.Equal(1000, Assert.Single(Assert.Throws<ConfigurationException>(() => ConfigurationFile.Load(file)).Faults).Code.Number);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_secret_in_a_file_is_read_without_its_last_line_end_and_within_bounds()
    {
        var folder = Directory.CreateTempSubdirectory("cdc-conf-").FullName;
        File.WriteAllText(Path.Combine(folder, "good"), "two\nlines\n\n");
        File.WriteAllText(Path.Combine(folder, "large"), new string('x', 65_537));
        File.WriteAllText(Path.Combine(folder, "empty"), "\n");
        var references = new References(folder, _ => null);

        Assert.Equal("two\nlines\n", references.Resolve("${file:good}", out _));
        Assert.Null(references.Resolve("${file:large}", out var large));
        Assert.Contains("larger than 65536 bytes", large.Message, StringComparison.Ordinal);
        Assert.Null(references.Resolve("${file:empty}", out var empty));
        Assert.Contains("is empty", empty.Message, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }
}
