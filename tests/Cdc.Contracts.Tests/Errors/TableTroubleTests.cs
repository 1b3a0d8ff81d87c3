using Cdc.Contracts.Errors;

namespace Cdc.Contracts.Tests.Errors;

public class TableTroubleTests
{
    private static readonly DateTimeOffset Now = new(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<int> OfSettings => [ErrorCodes.TargetValueTooLarge.Number, ErrorCodes.DuckDbRowsTooLarge.Number];

    [Theory]
    [MemberData(nameof(OfSettings))]
    public void What_a_setting_is_too_small_for_is_not_tried_again_and_its_remedy_names_the_setting(int number)
    {
        var code = ErrorCodes.All.Single(code => code.Number == number);
        var trouble = TableTrouble.After(null, new CdcException(code, "A value was found to be too large."), Now, TimeSpan.FromMinutes(1));

        Assert.Null(trouble.NextTry);
        Assert.Equal(ErrorResponse.StopTable, ErrorPolicy.For(code.Kind));
        Assert.Matches("^Raise the sink's '(maxValueSize|memoryLimit)'.*start again", code.Remedy);
    }

    [Fact]
    public void What_may_pass_is_tried_again_after_pauses_that_double()
    {
        var error = new CdcException(ErrorCodes.TargetTableDenied, "A right was found to be missing.");
        var first = TableTrouble.After(null, error, Now, TimeSpan.FromMinutes(1));
        var second = TableTrouble.After(first, error, Now, TimeSpan.FromMinutes(1));

        Assert.Equal([Now.AddSeconds(1), Now.AddSeconds(2)], [first.NextTry, second.NextTry]);
    }
}
