using Cdc.Capture;
using Cdc.Contracts.Health;
using Cdc.Sink;
using Cdc.Transport.Embedded;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cdc.Hosting;

/// <summary>
/// Puts captures and sinks into a host of .NET: one log, and as many sources and sinks as there are calls. They start and stop with the
/// host (<see cref="RolesOptions"/> for other ways), log to its loggers, and their meters are named <c>Cdc.*</c>.
/// </summary>
public static class RoleRegistration
{
    /// <summary>The log in a folder of this machine, through which changes go from the captures to the sinks.</summary>
    public static IServiceCollection AddEmbeddedLog(this IServiceCollection services, EmbeddedLogOptions options)
    {
        services.AddSingleton<LogOpening>(provider => new EmbeddedLogOpening(
            options, provider.GetRequiredService<LoopHealth>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>().CreateLogger<EmbeddedLogOpening>()).OpenAsync);
        return AddRoles(services);
    }

    /// <summary>One source. Topic prefix, slot and publication are named as the source where they are left empty.</summary>
    public static IServiceCollection AddCapture(this IServiceCollection services, CaptureOptions options)
    {
        services.AddSingleton(options with
        {
            TopicPrefix = OrName(options.TopicPrefix, options.Name),
            Postgres = options.Postgres with
            {
                Slot = OrName(options.Postgres.Slot, options.Name),
                Publication = OrName(options.Postgres.Publication, options.Name),
            },
        });
        return AddRoles(services);
    }

    /// <summary>One sink.</summary>
    public static IServiceCollection AddSink(this IServiceCollection services, SinkOptions options)
    {
        services.AddSingleton(options);
        return AddRoles(services);
    }

    private static IServiceCollection AddRoles(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new LoopHealth(provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(new RolesOptions());
        services.TryAddSingleton<RolesOpening>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RolesService>());
        return services;
    }

    private static string OrName(string given, string name) => given.Length > 0 ? given : name;
}
