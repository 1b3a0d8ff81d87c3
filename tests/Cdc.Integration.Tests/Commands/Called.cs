using Cdc.Cli;
using Cdc.Cli.Commands;
using Cdc.Cli.Output;
using Cdc.Cli.Running;

namespace Cdc.Integration.Tests.Commands;

/// <summary>What a call of the command line ended with and wrote.</summary>
internal sealed record Called(int Code, string Out, string Error)
{
    public static async Task<Called> WithAsync(InstallationFactory open, params string[] arguments)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var code = await new CommandLine(new Terminal(output, error, IsLive: false), open).RunAsync(arguments);
        return new Called(code, output.ToString(), error.ToString());
    }

    public static Task<Called> WithAsync(params string[] arguments) => WithAsync(Installation.OpenAsync, arguments);
}
