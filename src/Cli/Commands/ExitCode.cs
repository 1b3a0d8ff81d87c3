using Cdc.Cli.Configuration;
using Cdc.Contracts.Errors;

namespace Cdc.Cli.Commands;

/// <summary>What the process tells whoever started it.</summary>
internal static class ExitCode
{
    public const int Stopped = 0;
    public const int Internal = 1;
    public const int Configuration = 2;
    public const int Surroundings = 3;

    /// <summary>
    /// The code for what ended a command; of several errors the one that asks for most counts: a defect, then the configuration.
    /// </summary>
    public static int From(Exception exception) => exception switch
    {
        ConfigurationException => Configuration,
        CdcException { Kind: ErrorKind.ConfigurationInvalid or ErrorKind.SecretMissing } => Configuration,
        CdcException { Kind: ErrorKind.Internal } => Internal,
        CdcException => Surroundings,
        AggregateException several => several.Flatten().InnerExceptions.Min(From),
        // A cancellation that was asked for never comes here; any other is a defect like the rest.
        _ => Internal,
    };
}
