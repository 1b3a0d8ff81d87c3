using System.Text.RegularExpressions;

namespace Cdc.Architecture.Tests;

/// <summary>Contracts is what capture and sink agree on: it knows neither of them, no product, and no package.</summary>
public sealed partial class ContractsPurityTests
{
    private static readonly string[] Products =
    [
        "Postgres", "PgOutput", "Npgsql", "MySql", "MariaDb", "Oracle", "SqlServer", "Kafka", "DuckDb", "Debezium", "Snowflake", "BigQuery",
        "Redshift",
        "Clickhouse", "Confluent", "Apicurio", "Librdkafka", "Kubernetes",
    ];

    // The codes are one list for the reader's sake, and some name the product whose fault they tell of.
    private const string Codes = "src/Contracts/Errors/ErrorCodes";

    private static readonly string[] ForeignNamespaces =
    [
        "Microsoft.Extensions", "Microsoft.AspNetCore", "Npgsql", "YamlDotNet", "System.Net", "System.Data",
    ];

    private static IEnumerable<SourceFile> Contracts =>
        Sources.Product.Where(file => string.Equals(file.Project, "Contracts", StringComparison.Ordinal));

    [Fact]
    public void No_identifier_names_a_product()
    {
        Sources.ExpectNone(Contracts.Where(file => !file.Path.StartsWith(Codes, StringComparison.Ordinal))
            .SelectMany(file => Identifier().Matches(file.Code)
            .Where(match => Products.Any(product => match.Value.Contains(product, StringComparison.OrdinalIgnoreCase)))
            .Select(match => $"{file.At(file.LineAt(match.Index))}: '{match.Value}' names a product; it belongs to capture or to sink.")));
    }

    [Fact]
    public void Only_the_base_class_library_is_used()
    {
        Sources.ExpectNone(Contracts.SelectMany(file => file.Usings
            .Where(use => Array.Exists(ForeignNamespaces, name => use.Name.StartsWith(name, StringComparison.Ordinal)))
            .Select(use => $"{file.At(use.Line)}: 'using {use.Name}' has no place in Contracts.")));
    }

    [GeneratedRegex(@"\b[A-Za-z_]\w*\b")]
    private static partial Regex Identifier();
}
