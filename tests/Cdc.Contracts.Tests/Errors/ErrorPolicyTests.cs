using System.Text.RegularExpressions;
using Cdc.Contracts.Errors;

namespace Cdc.Contracts.Tests.Errors;

public partial class ErrorPolicyTests
{
    public static TheoryData<ErrorKind> Kinds => [.. Enum.GetValues<ErrorKind>()];

    public static TheoryData<int> Codes => [.. ErrorCodes.All.Select(code => code.Number)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_has_an_answer(ErrorKind kind) => Assert.True(Enum.IsDefined(ErrorPolicy.For(kind)));

    [Theory]
    [InlineData(ErrorKind.SourceUnreachable, ErrorResponse.Retry)]
    [InlineData(ErrorKind.TargetConflict, ErrorResponse.Retry)]
    [InlineData(ErrorKind.RecordUnreadable, ErrorResponse.StopTable)]
    [InlineData(ErrorKind.RegistryIncompatible, ErrorResponse.StopTable)]
    [InlineData(ErrorKind.LogPositionLost, ErrorResponse.StopTable)]
    [InlineData(ErrorKind.SourcePositionLost, ErrorResponse.StopRole)]
    [InlineData(ErrorKind.LedgerMismatch, ErrorResponse.StopRole)]
    [InlineData(ErrorKind.Internal, ErrorResponse.StopRole)]
    public void Answers_are_as_decided(ErrorKind kind, ErrorResponse response) => Assert.Equal(response, ErrorPolicy.For(kind));

    [Fact]
    public void Rejects_a_kind_that_is_none() => Assert.Throws<ArgumentOutOfRangeException>(() => ErrorPolicy.For((ErrorKind)999));

    [Fact]
    public void Codes_are_numbered_once()
    {
        var all = ErrorCodes.All;
        Assert.NotEmpty(all);
        Assert.Equal(all.Count, all.Select(code => code.Number).Distinct().Count());
        Assert.Equal(all.Select(code => code.Number).Order(), all.Select(code => code.Number));
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void Code_has_a_kind_a_title_and_a_remedy(int number)
    {
        var code = ErrorCodes.All.Single(code => code.Number == number);
        Assert.True(Enum.IsDefined(code.Kind));
        Assert.Matches(@"^CDC-\d{4}$", code.ToString());
        Assert.Matches(TitleForm(), code.Title);
        Assert.Matches(RemedyForm(), code.Remedy);
    }

    [Fact]
    public void Description_has_code_message_and_remedy()
    {
        var error = new CdcException(ErrorCodes.AvroMalformed, "Reading a thing, it was not there.", new FormatException());
        Assert.Equal($"CDC-4001 Reading a thing, it was not there. {ErrorCodes.AvroMalformed.Remedy}", error.Describe());
        Assert.Equal(ErrorKind.RecordUnreadable, error.Kind);
        Assert.IsType<FormatException>(error.InnerException);
    }

    [GeneratedRegex(@"^\p{Lu}[^.]*[^.\s]$")]
    private static partial Regex TitleForm();

    [GeneratedRegex(@"^\p{Lu}.+\.$")]
    private static partial Regex RemedyForm();

}
