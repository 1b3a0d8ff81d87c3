using System.Diagnostics;
using System.Globalization;
using System.Text;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Hosting;

/// <summary>The example <c>examples/embedded</c>, as its page says that it is run.</summary>
public sealed class EmbeddedExampleTests
{
    [Fact]
    public async Task Example_copies_a_table_until_it_is_told_to_stop()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(
            "CREATE TABLE orders (id int PRIMARY KEY, item text); INSERT INTO orders VALUES (1, 'tea'), (2, 'jam')", "source");
        using var folder = new TemporaryFolder();
        using var example = Example.Start(
            "--Log", folder.Path, "--Source:Host", PostgresServer.Host, "--Source:Port", Text(server.Port), "--Source:Database", "source",
            "--Target:Host", PostgresServer.Host, "--Target:Port", Text(server.Port), "--Target:Database", "target");

        await Eventually.HoldsAsync("the target has what was there", () => HasAsync(2));
        await server.ExecuteAsync("INSERT INTO orders VALUES (3, 'salt')", "source");
        await Eventually.HoldsAsync("the target has what came", () => HasAsync(3));

        var code = await example.StopAsync();
        Assert.True(code == 0, $"It ended with {code}:\n{example.Told}");

        async Task<bool> HasAsync(long rows)
        {
            Assert.False(example.HasExited, $"It ended by itself:\n{example.Told}");
            return await CountAsync(server) == rows;
        }
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private static async Task<long> CountAsync(PostgresServer server) =>
        await server.QueryAsync<bool>("SELECT to_regclass('public.orders') IS NOT NULL", "target")
            ? await server.QueryAsync<long>("SELECT count(*) FROM public.orders", "target")
            : 0;

    private sealed class Example : IDisposable
    {
        private readonly StringBuilder lines = new();
        private readonly Process process;

        private Example(ProcessStartInfo start)
        {
            process = Process.Start(start)!;
            process.OutputDataReceived += (_, line) => Note(line.Data);
            process.ErrorDataReceived += (_, line) => Note(line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        /// <summary>It lies where it is built, beside the tests: with the packages of its own.</summary>
        private static string Folder
        {
            get
            {
                var own = new DirectoryInfo(AppContext.BaseDirectory);
                return Path.Combine(own.Parent!.Parent!.FullName, "Cdc.Examples.Embedded", own.Name);
            }
        }

        public static Example Start(params string[] arguments)
        {
            var start = new ProcessStartInfo(Path.Combine(Folder, "Cdc.Examples.Embedded"), arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            return new Example(start);
        }

        public bool HasExited => process.HasExited;

        public string Told
        {
            get
            {
                lock (lines)
                    return lines.ToString();
            }
        }

        public async Task<int> StopAsync()
        {
            using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
            return process.ExitCode;
        }

        public void Dispose()
        {
            if (!process.HasExited)
                process.Kill();
            process.Dispose();
        }

        private void Note(string? line)
        {
            lock (lines)
                lines.AppendLine(line);
        }
    }
}
