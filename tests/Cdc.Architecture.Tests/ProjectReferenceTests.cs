using System.Xml.Linq;

namespace Cdc.Architecture.Tests;

/// <summary>Which project may reference which, and which packages each brings.</summary>
public sealed class ProjectReferenceTests
{
    private static readonly Dictionary<string, string[]> Projects = new(StringComparer.Ordinal)
    {
        ["Contracts"] = [],
        ["Transport"] = ["Contracts"],
        ["Capture"] = ["Contracts"],
        ["Sink"] = ["Contracts"],
        ["Control"] = ["Contracts"],
        ["Hosting"] = ["Contracts", "Transport", "Capture", "Sink"],
        ["Cli"] = ["Contracts", "Transport", "Capture", "Sink", "Control", "Hosting"],
    };

    // Elsewhere a package needs a reason that is written in CONTRIBUTING.md; then it is added here.
    private static readonly Dictionary<string, string[]> Packages = new(StringComparer.Ordinal)
    {
        ["Contracts"] = [],
        ["Transport"] = ["Confluent.Kafka"],
        ["Capture"] = ["Npgsql"],
        ["Sink"] = ["DuckDB.NET.Bindings.Full", "Npgsql"],
        ["Control"] =
        [
            "OpenTelemetry.Exporter.OpenTelemetryProtocol", "OpenTelemetry.Exporter.Prometheus.AspNetCore",
            "OpenTelemetry.Extensions.Hosting", "OpenTelemetry.Instrumentation.Process", "OpenTelemetry.Instrumentation.Runtime",
        ],
        ["Hosting"] = ["Microsoft.Extensions.Hosting.Abstractions"],
        ["Cli"] =
        [
            "Microsoft.Extensions.Hosting.Systemd", "Spectre.Console", "System.CommandLine", "YamlDotNet",
        ],
    };

    [Fact]
    public void Projects_reference_only_what_their_place_permits()
    {
        Sources.ExpectNone(ProjectFiles().SelectMany(project => Names(project.Xml, "ProjectReference")
            .Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))["Cdc.".Length..])
            .Where(reference => !Projects[project.Name].Contains(reference))
            .Select(reference => $"{project.Path}: references '{reference}'; permitted are {Listed(Projects[project.Name])}.")));
    }

    [Fact]
    public void Projects_bring_only_the_packages_their_place_permits()
    {
        Sources.ExpectNone(ProjectFiles().SelectMany(project => Names(project.Xml, "PackageReference")
            .Where(package => !Packages[project.Name].Contains(package))
            .Select(package => $"{project.Path}: references package '{package}'; permitted are {Listed(Packages[project.Name])}.")));
    }

    [Fact]
    public void Versions_stand_in_one_place()
    {
        Sources.ExpectNone(AllProjects()
            .Where(path => XDocument.Load(Sources.PathOf(path)).Descendants("PackageReference")
                .Any(reference => reference.Attribute("Version") is not null))
            .Select(path => $"{path}: a version belongs into Directory.Packages.props."));
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Sources.PathOf("Cdc.Platform.sln")).Replace('\\', '/');
        Sources.ExpectNone(AllProjects()
            .Where(path => !solution.Contains(path, StringComparison.Ordinal))
            .Select(path => $"{path} is not in Cdc.Platform.sln, so nobody builds it."));
    }

    private static IEnumerable<string> AllProjects() =>
        ((string[])["src", "tests", "examples"]).SelectMany(folder => Sources.Files(folder, "*.csproj"));

    private static IEnumerable<(string Path, string Name, XDocument Xml)> ProjectFiles()
    {
        var files = Sources.Files("src", "*.csproj");
        Assert.Equal(
            Projects.Keys.Order(StringComparer.Ordinal), files.Select(path => path.Split('/')[1]).Order(StringComparer.Ordinal));
        return files.Select(path => (path, path.Split('/')[1], XDocument.Load(Sources.PathOf(path))));
    }

    private static IEnumerable<string> Names(XDocument xml, string kind) =>
        xml.Descendants(kind).Select(element => element.Attribute("Include")?.Value).OfType<string>();

    private static string Listed(string[] names) => names.Length == 0 ? "none" : string.Join(", ", names);
}
