using System.Text.Json.Nodes;
using Cdc.Cli;
using Cdc.Cli.Configuration;
using Cdc.Cli.Output;
using Cdc.Cli.Running;
using Cdc.Cli.Setup;
using Cdc.Contracts.Errors;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Commands;

/// <summary><c>cdc init</c>: what it writes is what every other command reads.</summary>
public sealed class InitCommandTests
{
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task The_file_that_is_written_passes_the_check_whatever_names_there_are(int major)
    {
        const string database = "Shop \"1\": #${x} $$é";
        await using var server = await PostgresServer.StartAsync(major);
        await server.ExecuteAsync($"CREATE DATABASE \"{database.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
        await server.ExecuteAsync("""
            CREATE TABLE orders (id int PRIMARY KEY, note text); INSERT INTO orders SELECT i, repeat('x', 100) FROM generate_series(1, 1000) i; ANALYZE orders;
            CREATE TABLE notes (text text);
            CREATE SCHEMA "!odd, $$'\ "; CREATE TABLE "!odd, $$'\ "."a ""b"" #" (id int PRIMARY KEY);
            CREATE SCHEMA "süß: *"; CREATE TABLE "süß: *".t (a int, b int, PRIMARY KEY (b, a));
            """ + $"CREATE SCHEMA \"lines\n- x: \u0085 [\"; CREATE TABLE \"lines\n- x: \u0085 [\".\"no\nkey\" (id int);", database);
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "shop.yaml");
        string[] arguments =
        [
            "init", file, "--source",
            $"postgres://{PostgresServer.User}@{PostgresServer.Host}:{server.Port}/{Uri.EscapeDataString(database)}",
            "--target", $"duckdb:{folder.Path}/x \"y\" $${{z}}.duckdb", "--yes",
        ];

        var called = await Called.WithAsync(arguments);

        Assert.True(called is { Code: 0, Error: "" }, called.Out + called.Error);
        Assert.Matches(@"\npublic\.orders +~1,000 +\d+\.0 KiB  id\n", called.Out);
        Assert.Contains("Left out: public.notes\n", called.Out, StringComparison.Ordinal);
        Assert.Contains("    → ALTER TABLE \"public\".\"notes\" ADD PRIMARY KEY (…)", called.Out, StringComparison.Ordinal);
        Assert.Contains("Everything that a run needs is there", called.Out, StringComparison.Ordinal);
        Assert.EndsWith($"'{file}' was written. Next: cdc run {file}\n", called.Out, StringComparison.Ordinal);
        var options = ConfigurationFile.Load(file);
        Assert.Equal(("shop__1______x", database), (options.Name, options.Sources[0].Postgres.Database));
        Assert.Equal($"{folder.Path}/x \"y\" $${{z}}.duckdb", options.Sinks[0].DuckDb!.Path);
        Assert.Contains("!public.notes", options.Sources[0].Tables);
        var check = await Called.WithAsync("check", file);
        Assert.True(check is { Code: 0, Error: "" }, check.Out + check.Error);
        Assert.Contains("3 selected", check.Out, StringComparison.Ordinal);
        Assert.Equal(0,
            await server.QueryAsync<long>("SELECT (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_replication_slots)",
                database));

        var text = await File.ReadAllTextAsync(file);
        foreach (var repeated in (string[][])[arguments, ["init", file]])
        {
            var again = await Called.WithAsync(repeated);
            Assert.Equal((2, ""), (again.Code, again.Out));
            Assert.StartsWith("CDC-1042 ", again.Error, StringComparison.Ordinal);
        }

        Assert.Equal(text, await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task A_person_is_asked_and_the_password_stays_out_of_the_file()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(
            "CREATE SCHEMA sales; CREATE TABLE sales.orders (id int PRIMARY KEY); CREATE TABLE tmp (id int PRIMARY KEY)", "source");
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "shop.yaml");
        var address = $"{PostgresServer.User}@{PostgresServer.Host}:{server.Port}";
        var answers =
            $"mysql://{address}/source\n\npostgres://{address}/source\nsales.*,\"\nsales.*, !sales.tmp\npostgres://{address}/target\n\n";

        var called = await AskedAsync(answers, () => "geheim", "init", file, "--name", "my-shop");

        Assert.True(called is { Code: 0, Error: "" }, called.Out + called.Error);
        Assert.Contains("Reading the source, something else was found", called.Out, StringComparison.Ordinal);
        Assert.Contains("Tables to capture, as patterns with commas between [public.*, sales.*]: ", called.Out, StringComparison.Ordinal);
        Assert.Contains("set PGPASSWORD and TARGET_PASSWORD in the environment", called.Out, StringComparison.Ordinal);
        var text = await File.ReadAllTextAsync(file);
        Assert.DoesNotContain("geheim", text + called.Out, StringComparison.Ordinal);
        var options = ConfigurationFile.Load(file, variable => variable is "PGPASSWORD" or "TARGET_PASSWORD" ? variable : null);
        Assert.Equal(("my-shop", "my_shop", "sales.*,!sales.tmp"),
            (options.Name, options.Sources[0].Postgres.Slot, string.Join(',', options.Sources[0].Tables)));
        Assert.Equal(("PGPASSWORD", "TARGET_PASSWORD"),
            (options.Sources[0].Postgres.Password!.Reveal(), options.Sinks[0].Postgres!.Password!.Reveal()));

        var declined = await AskedAsync($"postgres://{address}/source\n\n\nn\n", () => null, "init",
            Path.Combine(folder.Path, "other.yaml"));
        Assert.Equal(0, declined.Code);
        Assert.EndsWith("Nothing was written.\n", declined.Out, StringComparison.Ordinal);
        var ended = await AskedAsync($"postgres://{address}/source\n", () => null, "init", Path.Combine(folder.Path, "other.yaml"));
        Assert.StartsWith("CDC-1044 ", ended.Error, StringComparison.Ordinal);
        Assert.Equal([file], Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task What_has_to_be_mended_is_told_and_the_file_is_written_all_the_same()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(15, "wal_level = replica");
        await server.ExecuteAsync("CREATE ROLE restricted LOGIN");
        await server.ExecuteAsync(
            "CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE hidden (id int PRIMARY KEY); GRANT SELECT ON orders TO restricted",
            "source");
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "shop.yaml");
        var address = $"restricted@{PostgresServer.Host}:{server.Port}";

        var called = await Called.WithAsync("init", file, "--source", $"postgres://{address}/source", "--target",
            $"postgres://{address}/target", "--tables", "public.orders,public.h*", "--output", "json");

        Assert.Equal((3, ""), (called.Code, called.Error));
        var json = JsonNode.Parse(called.Out)!;
        Assert.Equal(["public.hidden", "public.orders"], json["tables"]!.AsArray().Select(table => (string)table!["table"]!));
        Assert.Equal([true, false], json["tables"]!.AsArray().Select(table => (bool)table!["leftOut"]!));
        Assert.Contains(json["findings"]!.AsArray(), finding => (string)finding!["subject"]! == "wal_level"
            && ((string)finding["remedy"]!).StartsWith("ALTER SYSTEM SET wal_level = logical", StringComparison.Ordinal));
        var text = await File.ReadAllTextAsync(file);
        Assert.Contains(
            "# role 'restricted' may not read it: GRANT USAGE ON SCHEMA \"public\" TO \"restricted\"; GRANT " +
            "SELECT ON \"public\".\"hidden\" TO \"restricted\";\n      - \"!public.hidden\"\n", text, StringComparison.Ordinal);
        Assert.Equal(["public.orders", "public.h*", "!public.hidden"], ConfigurationFile.Load(file).Sources[0].Tables);
    }

    [Theory]
    [InlineData(2, "CDC-1044")]
    [InlineData(2, "CDC-1044", "--yes")]
    [InlineData(2, "CDC-1044", "--source", "postgres://u@127.0.0.1:1/d")]
    [InlineData(2, "CDC-1043", "--source", "u@127.0.0.1/hunter2", "--target", "duckdb:x")]
    [InlineData(2, "CDC-1043", "--source", "postgres://127.0.0.1/hunter2", "--yes")]
    [InlineData(2, "CDC-1043", "--source", "postgres://u:hunter2@127.0.0.1", "--yes")]
    [InlineData(2, "CDC-1043", "--source", "postgres://u:hunter2@127.0.0.1:99999/d", "--yes")]
    [InlineData(2, "CDC-1043", "--source", "postgres://u:hunter2%zz@127.0.0.1/d", "--yes")]
    [InlineData(2, "CDC-1043", "--source", "postgres://u:hunter2@127.0.0.1/d%0Ax", "--yes")]
    [InlineData(2, "CDC-1043", "--source", "postgres://u:hunter2@127.0.0.1/d?sslmode=allow", "--yes")]
    [InlineData(2, "CDC-1043", "--source", "postgres://u:hunter2@127.0.0.1/d", "--name", "My Shop", "--yes")]
    [InlineData(3, "CDC-2001", "--source", "postgres://u:hunter2@127.0.0.1:1/d", "--yes")]
    public async Task What_cannot_be_made_is_refused_and_nothing_is_written(int code, string error, params string[] arguments)
    {
        using var folder = new TemporaryFolder();

        var called = await Called.WithAsync(["init", Path.Combine(folder.Path, "shop.yaml"), .. arguments]);

        Assert.Equal((code, ""), (called.Code, called.Out));
        Assert.StartsWith(error + " ", called.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", called.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("postgres://cdc@db/shop", "db", 5432, "shop", "cdc", null, null)]
    [InlineData("postgresql://c%40x:p%2F%40@db.example:6432/my%20shop?sslmode=verify-full", "db.example", 6432, "my shop", "c@x", "p/@",
        "verify-full")]
    [InlineData("postgres://cdc:a@b:c@[::1]:5433/shop", "::1", 5433, "shop", "cdc", "a@b:c", null)]
    [InlineData("postgres://cdc@/shop?host=/run/postgresql&port=5433", "/run/postgresql", 5433, "shop", "cdc", null, null)]
    [InlineData("postgres://cdc@%2Frun%2Fpg/shop", "/run/pg", 5432, "shop", "cdc", null, null)]
    [InlineData("postgres://cdc@/shop?", "localhost", 5432, "shop", "cdc", null, null)]
    public void Addresses_are_read_as_people_write_them(
        string text, string host, int port, string database, string user, string? password, string? tls)
    {
        var address = DatabaseAddress.Parse(text, "source");

        Assert.Equal((host, port, database, user, password, tls),
            (address.Host, address.Port, address.Database, address.User, address.Password?.Reveal(), address.TlsMode));
    }

    [Theory]
    [InlineData("duckdb:")]
    [InlineData("shop.duckdb")]
    [InlineData("duckdb:a\nb")]
    public void Targets_that_are_none_are_refused(string text) =>
        Assert.Equal(ErrorCodes.SetupAnswerInvalid, Assert.Throws<CdcException>(() => SetupTarget.Parse(text)).Code);

    private static async Task<Called> AskedAsync(string answers, Func<string?> password, params string[] arguments)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        using var typed = new StringReader(answers);
        var code = await new CommandLine(new Terminal(output, error, IsLive: false) { In = typed, ReadHidden = password },
            Installation.OpenAsync).RunAsync(arguments);
        return new Called(code, output.ToString(), error.ToString());
    }
}
