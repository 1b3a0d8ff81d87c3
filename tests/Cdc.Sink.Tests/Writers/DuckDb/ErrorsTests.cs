using Cdc.Contracts.Errors;
using Cdc.Sink.Writers.DuckDb;
using Cdc.Sink.Writers.DuckDb.Native;
using DuckDB.NET.Native;

namespace Cdc.Sink.Tests.Writers.DuckDb;

public sealed class ErrorsTests
{
    [Theory]
    [InlineData(DuckDBErrorType.OutOfMemory, "Out of Memory Error: failed to pin block")]
    [InlineData(DuckDBErrorType.Transaction,
        "Failure while replaying WAL file: Failed to commit: could not allocate block of size 28.0 MiB")]
    public void File_whose_log_does_not_fit_into_memory_says_how_long_it_is(DuckDBErrorType fault, string text)
    {
        var error = DuckDbErrors.Opening(new DuckDbException(fault, text), "/lake/shop.duckdb", logBytes: 29_360_498);
        Assert.Equal(ErrorCodes.DuckDbMemoryShort, error.Code);
        Assert.Contains("'/lake/shop.duckdb' and applying its log of 29360498 bytes", error.Message, StringComparison.Ordinal);
        Assert.Contains("memoryLimit", ErrorCodes.DuckDbMemoryShort.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Commit_that_does_not_fit_into_memory_is_of_its_rows()
    {
        var refused = new DuckDbException(DuckDBErrorType.Transaction, "Failed to commit: could not allocate block");
        var error = DuckDbErrors.Translate(refused, "committing", DuckDbStep.Commit, CancellationToken.None);
        Assert.Equal(ErrorCodes.DuckDbRowsTooLarge, Assert.IsType<CdcException>(error).Code);
    }
}
