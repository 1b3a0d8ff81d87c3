using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers;
using Cdc.Sink.Writers.Postgres;
using Cdc.Testing;
using Npgsql;

namespace Cdc.Integration.Tests.Writers;

/// <summary>A throwaway PostgreSQL cluster as the target.</summary>
public abstract class PostgresTarget(int major) : WriterTarget
{
    private PostgresServer? server;

    public PostgresServer Server => server!;

    public virtual PostgresTargetOptions Options =>
        new() { Host = PostgresServer.Host, Port = Server.Port, Database = "postgres", User = PostgresServer.User };

    public override (ColumnSchema Column, object Value) Unsupported =>
        (new ColumnSchema("bad", "bad", new ColumnType.Text(), "text"), "zero \0 byte");

    public override SourceDatabase Identity =>
        new(QueryAsync("SELECT (system_identifier::numeric + 18446744073709551616) % 18446744073709551616 FROM pg_control_system()")
            .GetAwaiter().GetResult()[0][0]!, "postgres");

    public override async Task StartAsync()
    {
        if (server is null)
            await StartAsync(server = await PostgresServer.StartAsync(major));
    }

    /// <summary>The server was started.</summary>
    protected virtual Task StartAsync(PostgresServer started) => Task.CompletedTask;

    public override ITableWriter CreateWriter(MetadataColumns metadata) => new PostgresTableWriter(Options, TimeProvider.System, metadata);

    public override async Task<IReadOnlyList<string?[]>> QueryAsync(string sql)
    {
        await using var connection = await Server.ConnectAsync();
        await using var command = new NpgsqlCommand($"SET TimeZone = 'UTC'; {sql}", connection) { AllResultTypesAreUnknown = true };
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string?[]>();
        while (await reader.ReadAsync())
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetString(i))]);
        return rows;
    }

    public override Task ExecuteAsync(string sql) => Server.ExecuteAsync(sql);

    public override Task MakeForeignTableAsync(TargetName table, int rows) => Server.ExecuteAsync(
        $"CREATE SCHEMA IF NOT EXISTS \"{table.Schema}\"; CREATE TABLE \"{table.Schema}\".\"{table.Name}\" (id bigint PRIMARY KEY); "
        + $"INSERT INTO \"{table.Schema}\".\"{table.Name}\" SELECT generate_series(1, {rows})");

    public override string? Printed(TypeCase value) => value.Printed;

    protected virtual ValueTask StopAsync() => ValueTask.CompletedTask;

    public override async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (server is not null)
            await server.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

public sealed class Postgres15Target() : PostgresTarget(15);

public sealed class Postgres18Target() : PostgresTarget(18);

public sealed class Postgres15WriterTests(Postgres15Target target) : WriterConformance(target), IClassFixture<Postgres15Target>;

public sealed class Postgres18WriterTests(Postgres18Target target) : WriterConformance(target), IClassFixture<Postgres18Target>;

/// <summary>A cluster behind a pooler that gives each transaction another of the server's processes.</summary>
public sealed class PooledTarget() : PostgresTarget(15)
{
    private PgBouncer? pooler;

    public override PostgresTargetOptions Options => base.Options with { Port = pooler!.Port };

    protected override async Task StartAsync(PostgresServer started) => pooler = await PgBouncer.StartAsync(started);

    protected override ValueTask StopAsync() => pooler?.DisposeAsync() ?? ValueTask.CompletedTask;
}

public sealed class PooledWriterTests(PooledTarget target) : WriterConformance(target), IClassFixture<PooledTarget>;
