using Cdc.Contracts.Topics;
using Cdc.Sink.Consuming;

namespace Cdc.Sink.Tests.Consuming;

public sealed class SubscriptionTests
{
    [Theory]
    [InlineData("shop.public.orders", true)]
    [InlineData("_cdc.requests.shop", false)]
    [InlineData("_cdc.", false)]
    [InlineData("_cdcx.public.orders", true)]
    public void No_pattern_selects_a_topic_of_the_platform(string topic, bool included)
    {
        Assert.Equal(included, new Subscription([]).Includes(topic));
        Assert.Equal(included, new Subscription(["*"]).Includes(topic));
        Assert.Equal(included, new Subscription(["_cdc*", "shop.*"]).Includes(topic));
    }

    [Theory]
    [InlineData("shop.public.café", true)]
    [InlineData("shop.public.caf_u00E9_", true)]
    [InlineData("shop.*.caf*", true)]
    [InlineData("shop.public.cafä", false)]
    public void Pattern_may_name_a_table_as_its_source_spells_it(string pattern, bool included) =>
        Assert.Equal(included, new Subscription([pattern]).Includes("shop.public.caf_u00E9_"));

    [Fact]
    public void Requests_wait_in_a_topic_of_the_platform() => Assert.True(TopicNaming.IsInternal(TopicNaming.RequestsOf("shop")));
}
