using System.Text.Json.Nodes;
using Cdc.Contracts.Errors;

namespace Cdc.Integration.Tests.Commands;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData]
    [InlineData("rnu")]
    [InlineData("check")]
    [InlineData("check", "a.yaml", "b.yaml")]
    [InlineData("version", "--output", "xml")]
    [InlineData("explain", "CDC-0001")]
    [InlineData("explain", "hello")]
    public async Task What_is_not_understood_ends_with_2(params string[] arguments)
    {
        var called = await Called.WithAsync(arguments);

        Assert.Equal(2, called.Code);
        Assert.StartsWith("CDC-1030 ", called.Error, StringComparison.Ordinal);
        Assert.Empty(called.Out);
    }

    [Fact]
    public async Task Help_names_every_command()
    {
        var help = (await Called.WithAsync("--help")).Out;

        Assert.All((string[])["check", "explain", "init", "reset", "resync", "run", "status", "topics", "version"],
            command => Assert.Contains($"\n  {command} ", help, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("check", "--help")]
    [InlineData("--version")]
    [InlineData("version")]
    [InlineData("version", "--output", "json")]
    [InlineData("--output", "json", "version")]
    public async Task Help_and_version_end_with_0(params string[] arguments) => Assert.Equal(0, (await Called.WithAsync(arguments)).Code);

    [Fact]
    public async Task Version_is_told_in_JSON() =>
        Assert.Equal("0.1.0", (string?)JsonNode.Parse((await Called.WithAsync("version", "--output", "json")).Out)!["version"]);

    [Theory]
    [InlineData("CDC-1003")]
    [InlineData("cdc-1003")]
    [InlineData("1003")]
    public async Task A_code_is_explained_with_its_remedy(string code)
    {
        var called = await Called.WithAsync("explain", code);

        Assert.Equal(0, called.Code);
        Assert.Contains(ErrorCodes.KeyUnknown.Title, called.Out, StringComparison.Ordinal);
        Assert.Contains(ErrorCodes.KeyUnknown.Remedy, called.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_code_all_are_listed()
    {
        Assert.Equal(ErrorCodes.All.Count, Lines((await Called.WithAsync("explain")).Out).Length);
        var json = Lines((await Called.WithAsync("explain", "--output", "json")).Out);
        Assert.Equal("CDC-1000", (string?)JsonNode.Parse(json[0])!["code"]);
    }

    [Fact]
    public async Task A_good_file_is_valid()
    {
        using var folder = new ConfigurationFolder();

        var called = await Called.WithAsync("check", folder.File, "--offline");

        Assert.Equal((0, $"{folder.File}: the configuration is valid: 1 source, 0 sinks.\n", ""), (called.Code, called.Out, called.Error));
    }

    [Fact]
    public async Task A_bad_file_ends_with_2_and_all_its_faults()
    {
        using var folder = new ConfigurationFolder("name: shop\nsauces: {}\n");

        var called = await Called.WithAsync("check", folder.File);
        Assert.Equal(2, called.Code);
        Assert.Equal(3, Lines(called.Error).Length);
        Assert.Contains($"{folder.File}:2: sauces:", called.Error, StringComparison.Ordinal);
        Assert.Contains("did you mean 'sources'", called.Error, StringComparison.Ordinal);

        var json = await Called.WithAsync("check", folder.File, "--output", "json");
        Assert.Equal((2, ""), (json.Code, json.Error));
        var faults = (JsonArray)JsonNode.Parse(json.Out)!["faults"]!;
        Assert.Equal(3, faults.Count);
        Assert.Equal((2, "CDC-1003"), ((int)faults[2]!["line"]!, (string?)faults[2]!["code"]));
    }

    [Fact]
    public async Task Status_without_a_process_ends_with_3()
    {
        using var folder = new ConfigurationFolder();

        var called = await Called.WithAsync("status", folder.File);

        Assert.Equal(3, called.Code);
        Assert.Contains("No process answers for 'shop'", called.Error, StringComparison.Ordinal);
    }

    private static string[] Lines(string text) => text.TrimEnd('\n').Split('\n');
}
