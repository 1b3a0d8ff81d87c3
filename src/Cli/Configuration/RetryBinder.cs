using Cdc.Contracts.Errors;

namespace Cdc.Cli.Configuration;

/// <summary>Reads how what fails for one table is tried again.</summary>
internal static class RetryBinder
{
    public static RetryOptions Bind(Section section)
    {
        var options = new RetryOptions();
        return options with { Longest = section.Duration("longest", options.Longest, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)) };
    }
}
