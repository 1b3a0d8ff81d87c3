using System.Security.Authentication;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;
using Npgsql;

namespace Cdc.Capture.Tests.Postgres.Replication;

public sealed class PostgresErrorsTests
{
    [Theory]
    [InlineData("28P01", 2002)]
    [InlineData("28000", 2002)]
    [InlineData("42501", 2012)]
    [InlineData("08006", 2001)]
    [InlineData("08P01", 2010)]
    [InlineData("57P01", 2001)]
    [InlineData("57P02", 2001)]
    [InlineData("57P03", 2001)]
    [InlineData("53300", 2001)]
    [InlineData("53400", 2008)]
    [InlineData("3D000", 2008)]
    [InlineData("55000", 2008)]
    [InlineData("55006", 2005)]
    [InlineData("42704", 2008)]
    [InlineData("58P01", 2007)]
    [InlineData("XX000", 2009)]
    [InlineData("99999", 2009)]
    [InlineData("", 2009)]
    public void State_decides_the_code_of_a_command_s_error(string sqlState, int code)
    {
        Assert.Equal(code, PostgresErrors.CodeOf(sqlState, SessionStep.Command).Number);
        Assert.Equal(code,
            PostgresErrors.From(new PostgresException("m", "ERROR", "ERROR", sqlState), SessionStep.Command, "Doing it")!.Code.Number);
    }

    [Theory]
    [InlineData("08006", 2001)]
    [InlineData("53200", 2001)]
    [InlineData("57P01", 2001)]
    [InlineData("58030", 2001)]
    [InlineData("28000", 2002)]
    [InlineData("42501", 2090)]
    [InlineData("XX000", 2091)]
    [InlineData("XX001", 2091)]
    [InlineData("57014", 2091)]
    [InlineData("54000", 2077)]
    [InlineData("22021", 2078)]
    [InlineData("22P05", 2078)]
    [InlineData("42704", 2091)]
    [InlineData("99999", 2091)]
    [InlineData("", 2091)]
    public void Errors_of_work_on_one_table_are_the_tables_unless_they_concern_the_session(string sqlState, int code) =>
        Assert.Equal(code, PostgresErrors.CodeOf(sqlState, SessionStep.Table).Number);

    // Invariant 8
    [Theory]
    [InlineData("22P02")]
    [InlineData("23505")]
    public void Message_about_data_is_left_out(string sqlState)
    {
        var error = PostgresErrors.From(new ServerError("ERROR", sqlState, "invalid input \"4711\""), SessionStep.Stream, "Doing it");

        Assert.DoesNotContain("4711", error.Message, StringComparison.Ordinal);
        Assert.Contains(sqlState, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lost_connection_of_the_driver_is_unreachable_and_bad_TLS_is_not()
    {
        Assert.Equal(ErrorCodes.SourceUnreachable,
            PostgresErrors.From(new NpgsqlException("x", new IOException()), SessionStep.Command, "Doing it")!.Code);
        Assert.Equal(ErrorCodes.SourceTlsFailed,
            PostgresErrors.From(new NpgsqlException("x", new AuthenticationException()), SessionStep.Open, "Doing it")!.Code);
        Assert.Null(PostgresErrors.From(new InvalidOperationException(), SessionStep.Command, "Doing it"));
    }
}
