using Cdc.Capture;
using Cdc.Capture.Postgres;
using Cdc.Contracts.Errors;
using Cdc.Hosting;
using Cdc.Sink;
using Cdc.Sink.Writers.Postgres;
using Cdc.Testing;
using Cdc.Transport.Embedded;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cdc.Integration.Tests.Hosting;

/// <summary>Captures and sinks in a host of somebody's own.</summary>
public sealed class HostedRolesTests
{
    [Fact]
    public async Task Host_stops_by_itself_once_it_has_caught_up()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3)", "source");
        using var folder = new TemporaryFolder();
        var builder = BuilderOf(folder);
        builder.Services.AddSingleton(new RolesOptions { Until = RunUntil.CaughtUp });
        builder.Services.AddCapture(SourceOn(server.Port, create: true)).AddSink(SinkOn(server.Port));

        await builder.Build().RunAsync();

        Assert.Equal(3L, await server.QueryAsync<long>("SELECT count(*) FROM t", "target"));
    }

    /// <summary>A host that returned as if all were well would be taken for a run that was stopped as asked.</summary>
    [Fact]
    public async Task What_ends_a_role_stops_the_host_and_is_thrown_by_it()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        using var folder = new TemporaryFolder();
        var builder = BuilderOf(folder);
        builder.Services.AddCapture(SourceOn(server.Port, create: false));

        var error = await Assert.ThrowsAsync<CdcException>(() => builder.Build().RunAsync());

        Assert.Equal(ErrorCodes.SourceSlotMissing, error.Code);
    }

    [Fact]
    public async Task Log_that_cannot_be_opened_fails_the_start()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "taken"), "");
        var builder = BuilderOf(Path.Combine(folder.Path, "taken"));
        builder.Services.AddCapture(SourceOn(1, create: false));

        var error = await Assert.ThrowsAsync<CdcException>(() => builder.Build().RunAsync());

        Assert.Equal(ErrorCodes.LogStorageFailed, error.Code);
    }

    [Fact]
    public async Task Two_sources_of_one_prefix_are_refused()
    {
        using var folder = new TemporaryFolder();
        var builder = BuilderOf(folder);
        var source = SourceOn(1, create: false);
        builder.Services.AddCapture(source).AddCapture(source with { Name = "other", TopicPrefix = "shop" });

        var error = await Assert.ThrowsAsync<CdcException>(() => builder.Build().RunAsync());

        Assert.Equal(ErrorCodes.SettingsConflict, error.Code);
        Assert.Contains("topic prefix 'shop' was found twice", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The slot is named as the source, and the server would take neither.</summary>
    [Fact]
    public async Task Texts_that_a_configuration_file_may_not_have_are_refused_all_at_once()
    {
        using var folder = new TemporaryFolder();
        var builder = BuilderOf(folder);
        builder.Services.AddCapture(SourceOn(1, create: false) with { Name = "Shop\n", Tables = ["orders"] });
        builder.Services.AddSink(SinkOn(1) with { Subscribe = [" "], Target = new TargetOptions { Schema = "{tenant}" } });

        var error = await Assert.ThrowsAsync<CdcException>(() => builder.Build().RunAsync());

        Assert.Equal(ErrorCodes.ValueMalformed, error.Code);
        foreach (var (option, found, rule) in ((string, string, TextRule)[])
            [
                ("Name' of source 'Shop?", "Shop?", TextRule.Name), ("TopicPrefix' of source 'Shop?", "Shop?", TextRule.Prefix),
                ("Slot' of source 'Shop?", "Shop?", TextRule.Slot), ("Publication' of source 'Shop?", "Shop?", TextRule.Identifier),
                ("Tables' of source 'Shop?", "orders", TextRule.TablePattern),
                ("Subscribe' of sink 'warehouse", " ", TextRule.TopicPattern),
                ("Schema' of sink 'warehouse", "{tenant}", TextRule.Template),
            ])
        {
            Assert.Contains($"'{option}' is '{found}'; expected {rule.Expected}", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Host_without_a_log_is_refused()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSink(SinkOn(1));

        var error = await Assert.ThrowsAsync<CdcException>(() => builder.Build().RunAsync());

        Assert.Contains("0 logs were found; expected one", error.Message, StringComparison.Ordinal);
    }

    private static HostApplicationBuilder BuilderOf(TemporaryFolder folder) => BuilderOf(folder.Path);

    private static HostApplicationBuilder BuilderOf(string log)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddEmbeddedLog(new EmbeddedLogOptions { Path = log });
        return builder;
    }

    private static CaptureOptions SourceOn(int port, bool create) => new()
    {
        Name = "shop",
        Postgres = new PostgresOptions
        {
            Host = PostgresServer.Host, Port = port, Database = "source", User = PostgresServer.User, Create = create,
        },
    };

    private static SinkOptions SinkOn(int port) => new()
    {
        Name = "warehouse",
        Postgres = new PostgresTargetOptions { Host = PostgresServer.Host, Port = port, Database = "target", User = PostgresServer.User },
    };
}
