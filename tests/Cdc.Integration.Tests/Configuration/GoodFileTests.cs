using Cdc.Capture;
using Cdc.Cli.Configuration;
using Cdc.Contracts.Security;
using Cdc.Testing;
using Cdc.Transport.Embedded;

namespace Cdc.Integration.Tests.Configuration;

public sealed class GoodFileTests
{
    [Fact]
    public void Everything_that_is_given_arrives()
    {
        var options = Bindings.Bind("""
            name: all
            log: { embedded: { path: /var/log/cdc, segment: 16MB, retentionBytes: 10GB, retentionAge: forever } }
            registry: {}
            topics: { partitions: { "shop.public.orders": 6, "*": 2 } }
            sources:
              shop:
                postgres: { host: DB, port: 5433, database: d, user: u, password: "a$$b-${env:SET_IT}", tls: { mode: verify-full }, slot: s1, publication: P 1, create: true, heartbeat: 1500ms }
                topicPrefix: p.x
                tables: [ "public.*", "!public.tmp_*" ]
                snapshot: { mode: never, parallel: 3, chunk: 64KiB, rowsPerSecond: 10 }
                retry: { longest: 1m }
                append: { bytes: 1MB }
            sinks:
              duck:
                duckdb: { path: ./w.duckdb, memoryLimit: 1GB, closedTime: 0s }
                subscribe: [ "p.x.*" ]
                target: { schema: "{source}_{schema}", table: "{database}_{table}", metadata: { prefix: sync_2_ } }
                batch: { rows: 1, bytes: 65536, time: 1h }
                mode: merge
                deletes: { default: apply }
              pg:
                postgres: { host: /run/pg, database: d2, user: u2 }
            http: { port: 9000, bind: "::" }
            """);

        Assert.Equal(("all", "/var/log/cdc"), (options.Name, options.Log.Embedded.Path));
        Assert.Equal((16L << 20, 10L << 30, null),
            (options.Log.Embedded.SegmentBytes, options.Log.Embedded.RetentionBytes, options.Log.Embedded.RetentionAge));
        var source = Assert.Single(options.Sources);
        Assert.Equal([new("shop.public.orders", 6), new("*", 2)], source.Partitions);
        Assert.Equal(("shop", "p.x"), (source.Name, source.TopicPrefix));
        Assert.Equal(["public.*", "!public.tmp_*"], source.Tables);
        Assert.Equal(new SnapshotOptions { Mode = SnapshotMode.Never, Parallel = 3, ChunkBytes = 65_536, RowsPerSecond = 10 },
            source.Snapshot);
        Assert.Equal(TimeSpan.FromMinutes(1), source.Retry.Longest);
        Assert.Equal(1 << 20, source.Append.Bytes);
        var database = source.Postgres;
        Assert.Equal(("DB", 5433, "d", "u", "s1", "P 1"),
            (database.Host, database.Port, database.Database, database.User, database.Slot, database.Publication));
        Assert.Equal((true, TimeSpan.FromMilliseconds(1500), TlsMode.VerifyFull), (database.Create, database.Heartbeat, database.Tls.Mode));
        Assert.Equal("a$b-value of SET_IT", database.Password!.Reveal());
        var duck = options.Sinks[0];
        Assert.Equal(("/conf/w.duckdb", 1L << 30, TimeSpan.Zero),
            (duck.DuckDb!.Path, duck.DuckDb.MemoryLimitBytes, duck.DuckDb.ClosedTime));
        Assert.Equal(("{source}_{schema}", "{database}_{table}", "sync_2_"),
            (duck.Target.Schema, duck.Target.Table, duck.Target.Metadata.Prefix));
        Assert.Equal((1, 65_536L, TimeSpan.FromHours(1)), (duck.Batch.Rows, duck.Batch.Bytes, duck.Batch.Time));
        Assert.Equal("/run/pg", options.Sinks[1].Postgres!.Host);
        Assert.Equal((9000, "::"), (options.Http.Port, options.Http.Bind));
    }

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        var options = Bindings.Bind(Bindings.Head + Bindings.Source);

        var source = Assert.Single(options.Sources);
        Assert.Equal(("shop", "shop", "shop"), (source.TopicPrefix, source.Postgres.Slot, source.Postgres.Publication));
        Assert.Equal(5432, source.Postgres.Port);
        Assert.Null(source.Postgres.Password);
        Assert.Equal(TimeSpan.FromSeconds(10), source.Postgres.Heartbeat);
        Assert.Equal(new SnapshotOptions(), source.Snapshot);
        Assert.Empty(options.Sinks);
        Assert.Empty(source.Partitions);
        Assert.Equal((null, "127.0.0.1"), (options.Http.Port, options.Http.Bind));
        Assert.Equal(new EmbeddedLogOptions { Path = "/conf/log" }, options.Log.Embedded);
    }

    [Fact]
    public void Numbers_may_be_quoted_or_come_from_the_environment()
    {
        var folder = Directory.CreateTempSubdirectory("cdc-conf-").FullName;
        File.WriteAllText(Path.Combine(folder, "port"), "6000\n");
        var options = Bindings.Bind(Bindings.Head + """
            sources:
              a: { postgres: { host: "${env:SET_HOST}", port: "${file:port}", database: "1", user: true } }
            """, folder);

        var database = options.Sources[0].Postgres;
        Assert.Equal(("value of SET_HOST", 6000, "1", "true"), (database.Host, database.Port, database.Database, database.User));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void One_number_of_partitions_holds_for_all_topics()
    {
        var options = Bindings.Bind(Bindings.Head + Bindings.Source + "topics: { partitions: 3 }");

        Assert.Equal([new("*", 3)], options.Sources[0].Partitions);
    }

    [Theory]
    [InlineData("0", 0L)]
    [InlineData("20ms", 20L)]
    [InlineData("10s", 10_000L)]
    [InlineData("5 m", 300_000L)]
    [InlineData("2h", 7_200_000L)]
    [InlineData("1d", 86_400_000L)]
    public void Durations_have_a_unit(string text, long milliseconds)
    {
        Assert.True(Units.TryDuration(text, out var value));
        Assert.Equal(milliseconds, (long)value.TotalMilliseconds);
    }

    [Theory]
    [InlineData("1", 1L)]
    [InlineData("7B", 7L)]
    [InlineData("64KiB", 65_536L)]
    [InlineData("64KB", 65_536L)]
    [InlineData("8MB", 8_388_608L)]
    [InlineData("1 GiB", 1L << 30)]
    [InlineData("2TB", 2L << 40)]
    public void Sizes_are_powers_of_1024(string text, long bytes)
    {
        Assert.True(Units.TrySize(text, out var value));
        Assert.Equal(bytes, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("10")]
    [InlineData("1.5s")]
    [InlineData("-1s")]
    [InlineData("1 week")]
    [InlineData("1S")]
    [InlineData("99999999999999999999s")]
    [InlineData("9223372036854775807d")]
    public void Rejects_other_forms_of_durations(string text) => Assert.False(Units.TryDuration(text, out _));

    [Theory]
    [InlineData("")]
    [InlineData("MB")]
    [InlineData("1mb")]
    [InlineData("1.5MB")]
    [InlineData("-1")]
    [InlineData("9223372036854775807KB")]
    public void Rejects_other_forms_of_sizes(string text) => Assert.False(Units.TrySize(text, out _));

    [Fact]
    public void Every_example_is_a_good_file()
    {
        var files = Directory.GetFiles(Path.Combine(RepositoryFolder.Root, "examples"), "*.yaml");

        Assert.NotEmpty(files);
        foreach (var file in files)
            Assert.NotEmpty(ConfigurationFile.Load(file, name => "value of " + name).Sources);
    }
}
