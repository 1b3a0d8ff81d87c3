using System.Globalization;
using System.Text;
using Cdc.Contracts.Errors;

namespace Cdc.Integration.Tests.Pages;

public sealed class ErrorPageTests
{
    private static readonly (int From, string Name)[] Ranges =
    [
        (1000, "Configuration"), (2000, "Source"), (3000, "Log"), (4000, "Records and registry"), (5000, "Target"), (9000, "Internal"),
    ];

    [Fact]
    public void The_page_of_errors_is_as_the_program_explains_them()
    {
        var page = new StringBuilder("""
            # Errors

            Every error has three parts:

            * a code,
            * one line that says what was being done, on what, what was found and what was expected,
            * a remedy.

            `cdc explain CODE` prints an entry of this page. The page is generated from the program.

            A fault of the configuration ends the command. For other errors one of three things follows:

            * **tried again**: the error passes with time, or when somebody fixes its cause. `cdc run` tries again with growing
              pauses, and nothing is lost by waiting. Any other command ends.
            * **the table stops**: that table is stopped, in the source or in one sink. The status says why. The other tables
              continue.
            * **the role stops**: the capture of that source, or that sink, stops. `cdc run` then ends with exit code 3, with 2 if the
              configuration is wrong, or with 1 if it is a defect.
            """);
        foreach (var (from, name) in Ranges)
        {
            page.Append("\n## ").Append(name).Append("\n\n| code | what it is | what follows | what to do |\n|---|---|---|---|\n");
            foreach (var code in ErrorCodes.All.Where(code => code.Number / 1000 == from / 1000).OrderBy(code => code.Number))
                page.Append(CultureInfo.InvariantCulture, $"| `{code}` | {code.Title}. | {Follows(code)} | {code.Remedy} |\n");
        }

        GeneratedPage.Expect("errors.md", page.ToString());
    }

    [Fact]
    public void Every_code_is_on_the_page() =>
        Assert.All(ErrorCodes.All, code => Assert.Contains(Ranges, range => range.From / 1000 == code.Number / 1000));

    private static string Follows(ErrorCode code) => code.Kind switch
    {
        ErrorKind.ConfigurationInvalid or ErrorKind.SecretMissing => "the command ends",
        _ => ErrorPolicy.For(code.Kind) switch
        {
            ErrorResponse.Retry => "tried again",
            ErrorResponse.StopTable => "the table stops",
            ErrorResponse.StopRole => "the role stops",
            var other => throw new InvalidOperationException($"'{other}' has no words."),
        },
    };
}
