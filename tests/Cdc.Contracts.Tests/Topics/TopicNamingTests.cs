using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Contracts.Tests.Topics;

public class TopicNamingTests
{
    [Theory]
    [InlineData("public", "orders", "shop.public.orders")]
    [InlineData("my schema", "Ürün/2", "shop.my_schema._r_n_2")]
    [InlineData("a-b", "c.d_e", "shop.a-b.c.d_e")]
    public void Topic_is_prefix_schema_and_table(string schema, string table, string topic)
    {
        Assert.Equal(topic, TopicNaming.TopicOf("shop", new TableId(schema, table)));
        Assert.Equal(topic + "-key", TopicNaming.KeySubject(topic));
        Assert.Equal(topic + "-value", TopicNaming.ValueSubject(topic));
    }

    [Fact]
    public void Names_up_to_the_bound_are_taken_and_longer_ones_refused()
    {
        var table = new string('t', TopicNaming.MaxLength - "shop.s.".Length);
        Assert.Equal(TopicNaming.MaxLength, TopicNaming.TopicOf("shop", new TableId("s", table)).Length);
        var error = Assert.Throws<CdcException>(() => TopicNaming.TopicOf("shop", new TableId("s", table + "t")));
        Assert.Same(ErrorCodes.TopicNameTooLong, error.Code);
    }
}
