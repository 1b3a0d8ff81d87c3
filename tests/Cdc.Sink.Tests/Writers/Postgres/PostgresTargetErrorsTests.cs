using System.Net.Sockets;
using System.Security.Authentication;
using Cdc.Contracts.Errors;
using Cdc.Sink.Writers.Postgres;
using Npgsql;

namespace Cdc.Sink.Tests.Writers.Postgres;

public sealed class PostgresTargetErrorsTests
{
    [Theory]
    [InlineData("57P01", 5001)]
    [InlineData("57P03", 5001)]
    [InlineData("08006", 5001)]
    [InlineData("53300", 5001)]
    [InlineData("25006", 5001)]
    [InlineData("25P03", 5001)]
    [InlineData("25P04", 5001)]
    [InlineData("28P01", 5002)]
    [InlineData("42501", 5002)]
    [InlineData("3D000", 5002)]
    [InlineData("53100", 5003)]
    [InlineData("40001", 5004)]
    [InlineData("40P01", 5004)]
    [InlineData("55P03", 5004)]
    [InlineData("42703", 5012)]
    [InlineData("42P01", 5019)]
    [InlineData("42804", 5012)]
    [InlineData("22021", 5020)]
    [InlineData("23505", 5020)]
    [InlineData("P0001", 5020)]
    [InlineData("42601", 5090)]
    [InlineData("XX000", 5090)]
    public void State_tells_the_fault(string state, int code) => Assert.Equal(code, PostgresTargetErrors.CodeOf(state).Number);

    [Fact]
    public void Value_never_leaves_the_driver_s_exception()
    {
        var server = new PostgresException(
            "invalid input syntax for type inet: \"secret\"", "ERROR", "ERROR", "22P02", detail: "secret",
            where: "COPY cdc_stage_1, line 3, column c7");
        var error = PostgresTargetErrors.Translate(server, "writing 3 rows into table 's.t'", number => $"column {number}")!;
        Assert.Equal("While writing 3 rows into table 's.t', PostgreSQL refused column 'column 7' with SQLSTATE '22P02'.", error.Message);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
        Assert.Null(error.InnerException);
    }

    [Fact]
    public void Constraint_is_named_where_there_is_no_column()
    {
        var server = new PostgresException("duplicate key", "ERROR", "ERROR", "23505", constraintName: "t_pkey");
        Assert.Contains("constraint 't_pkey'", PostgresTargetErrors.Translate(server, "x")!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lost_connection_is_the_target_out_of_reach()
    {
        Assert.Equal(ErrorCodes.TargetUnreachable,
            PostgresTargetErrors.Translate(new NpgsqlException("x", new SocketException()), "x")!.Code);
        Assert.Equal(ErrorCodes.TargetTlsFailed,
            PostgresTargetErrors.Translate(new NpgsqlException("x", new AuthenticationException()), "x")!.Code);
    }

    [Fact]
    public void Cancellation_and_our_own_faults_are_left_alone()
    {
        Assert.Null(PostgresTargetErrors.Translate(new OperationCanceledException(), "x"));
        Assert.Null(PostgresTargetErrors.Translate(new InvalidOperationException(), "x"));
    }
}
