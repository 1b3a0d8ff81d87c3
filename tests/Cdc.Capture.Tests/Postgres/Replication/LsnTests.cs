using Cdc.Capture.Postgres.Replication;

namespace Cdc.Capture.Tests.Postgres.Replication;

public sealed class LsnTests
{
    [Theory]
    [InlineData("0/0", 0UL)]
    [InlineData("0/16B3748", 0x16B3748UL)]
    [InlineData("1/0", 0x1_0000_0000UL)]
    [InlineData("FFFFFFFF/FFFFFFFF", ulong.MaxValue)]
    public void Text_and_number_are_the_same_position(string text, ulong value)
    {
        Assert.Equal(new Lsn(value), Lsn.Parse(text));
        Assert.Equal(text, new Lsn(value).ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("1")]
    [InlineData("1/")]
    [InlineData("/1")]
    [InlineData("1/2/3")]
    [InlineData(" 1/2")]
    [InlineData("-1/2")]
    [InlineData("G/2")]
    [InlineData("123456789/0")]
    [InlineData("0/123456789")]
    public void Rejects_what_is_no_position(string? text) => Assert.False(Lsn.TryParse(text, out _));

    [Fact]
    public void Positions_are_ordered_as_unsigned_numbers()
    {
        Assert.True(new Lsn(ulong.MaxValue) > new Lsn(1));
        Assert.True(Lsn.Zero < new Lsn(1));
        Assert.True(Lsn.Parse("1/0") >= Lsn.Parse("0/FFFFFFFF"));
        Assert.Equal(0, Lsn.Parse("a/b").CompareTo(Lsn.Parse("A/B")));
    }
}
