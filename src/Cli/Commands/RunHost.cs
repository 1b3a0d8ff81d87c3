using System.Collections;
using Cdc.Capture;
using Cdc.Cli.Configuration;
using Cdc.Control.Metrics;
using Cdc.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace Cdc.Cli.Commands;

/// <summary>The host of a run: what it logs to, its signals, and the configuration's log, captures and sinks.</summary>
internal static class RunHost
{
    /// <param name="options">The configuration.</param>
    /// <param name="reload">Whether tables that are only read are read again.</param>
    /// <param name="lines">Where events go.</param>
    /// <param name="shutdown">The signals.</param>
    public static IHost Build(InstallationOptions options, ReloadPolicy reload, ILoggerProvider lines, Shutdown shutdown)
    {
        // Without the usual: neither files nor the environment change what the configuration says, but for where meters are sent to.
        var builder = Host.CreateEmptyApplicationBuilder(
            new HostApplicationBuilderSettings { ApplicationName = "cdc", ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(TelemetryVariables());
        builder.Logging.AddProvider(lines);
        builder.Services.AddSingleton(shutdown);
        builder.Services.AddSingleton<ISystemdNotifier, SystemdNotifier>();
        builder.Services.AddSingleton<IHostLifetime, RunLifetime>();
        builder.Services.AddMeters(VersionCommand.Version, CaptureMetrics.PerTable);
        builder.Services.AddSingleton(new RolesOptions { Start = RolesStart.ByCaller, Reload = reload });
        builder.Services.AddEmbeddedLog(options.Log.Embedded);
        foreach (var source in options.Sources)
            builder.Services.AddCapture(source);
        foreach (var sink in options.Sinks)
            builder.Services.AddSink(sink);
        return builder.Build();
    }

    private static IEnumerable<KeyValuePair<string, string?>> TelemetryVariables() => Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>()
        .Select(variable => KeyValuePair.Create((string)variable.Key, (string?)variable.Value))
        .Where(variable => variable.Key.StartsWith("OTEL_", StringComparison.Ordinal));
}
