using Cdc.Contracts.Errors;

namespace Cdc.Capture.Tests.Tables;

public sealed class TableTroubleTests
{
    private static readonly DateTimeOffset Now = new(2024, 5, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Pauses_grow_up_to_a_quarter_of_an_hour() =>
        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900], Pauses(ErrorCodes.SourceTableDenied, 12));

    [Fact]
    public void Pauses_grow_to_what_is_set() =>
        Assert.Equal([1, 2, 4, 5, 5], Pauses(ErrorCodes.SourceTableDenied, 5, longest: 5));

    [Fact]
    public void Pauses_double_up_to_a_day() =>
        Assert.Equal([65_536, 86_400, 86_400], Pauses(ErrorCodes.SourceTableDenied, 19, longest: 86_400).TakeLast(3));

    [Fact]
    public void Where_somebody_has_a_lock_they_stay_short() =>
        Assert.Equal([1, 2, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5], Pauses(ErrorCodes.SourceTableLocked, 12));

    private static IEnumerable<double> Pauses(ErrorCode code, int count, int longest = 900)
    {
        TableTrouble? trouble = null;
        for (var i = 0; i < count; i++)
        {
            trouble = TableTrouble.After(trouble, new CdcException(code, "It failed."), Now, TimeSpan.FromSeconds(longest));
            yield return (trouble.NextTry!.Value - Now).TotalSeconds;
        }
    }
}
