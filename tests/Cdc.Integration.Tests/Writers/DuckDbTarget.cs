using Cdc.Contracts.Schema;
using Cdc.Integration.Tests.DuckDb;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers;
using Cdc.Sink.Writers.DuckDb;

namespace Cdc.Integration.Tests.Writers;

/// <summary>A throwaway DuckDB file as the target.</summary>
public sealed class DuckDbTarget : WriterTarget
{
    private readonly TemporaryDuckDb database = new();

    public override (ColumnSchema Column, object Value) Unsupported =>
        (new ColumnSchema("bad", "bad", new ColumnType.Decimal(10, 2), "numeric(10,2)"), new BatchBuilder.Exact("NaN"));

    public override Task StartAsync() => Task.CompletedTask;

    public override ITableWriter CreateWriter(MetadataColumns metadata) => new DuckDbTableWriter(database.Options, metadata);

    public override Task<IReadOnlyList<string?[]>> QueryAsync(string sql) => Task.FromResult(database.Query(sql));

    public override Task ExecuteAsync(string sql)
    {
        database.Execute(sql);
        return Task.CompletedTask;
    }

    public override Task MakeForeignTableAsync(TargetName table, int rows)
    {
        database.Execute(
            $"CREATE SCHEMA IF NOT EXISTS \"{table.Schema}\"; CREATE TABLE \"{table.Schema}\".\"{table.Name}\" (id BIGINT); "
            + $"INSERT INTO \"{table.Schema}\".\"{table.Name}\" SELECT range FROM range(1, {rows + 1})");
        return Task.CompletedTask;
    }

    /// <summary>DuckDB's own print where it differs; what is VARCHAR there keeps the canonical text.</summary>
    public override string? Printed(TypeCase value) => value.Name switch
    {
        "decimal NaN" or "array of two dimensions" or "array with a lower bound" => null,
        "timestamp of seconds, the last" => null,
        "timestamp of milliseconds, the first" => "4714-11-24 (BC) 00:00:00",
        "bit of one" => "true",
        "float32 NaN" => "nan",
        "float64 infinity" => "inf",
        "money" => "-92233720368547758.08",
        "char" => "ab  ",
        "bytes" => "\\x00\\x01\\xFF",
        "zoned timestamp before Christ" => "0044-03-15 (BC) 12:00:00+00",
        "zoned time" or "interval" => (string)value.Value,
        "array" => "[1, NULL, -3]",
        "empty array" => "[]",
        "array of text" => "[a b, '', '\"']",
        "array of networks" => "[10.0.0.1, NULL]",
        "array of numbers" => "[1.5, -20000.0]",
        _ => value.Printed,
    };

    public override ValueTask DisposeAsync()
    {
        database.Dispose();
        return ValueTask.CompletedTask;
    }
}

public sealed class DuckDbWriterTests(DuckDbTarget target) : WriterConformance(target), IClassFixture<DuckDbTarget>;
