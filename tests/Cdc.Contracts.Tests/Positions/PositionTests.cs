using Cdc.Contracts.Positions;

namespace Cdc.Contracts.Tests.Positions;

public class PositionTests
{
    [Theory]
    [InlineData("shop.public.orders", 0, 0)]
    [InlineData("a/b@c", 17, long.MaxValue)]
    public void Topic_offset_comes_back_from_its_text(string topic, int partition, long offset)
    {
        var position = new TopicOffset(topic, partition, offset);
        Assert.Equal(position, TopicOffset.Parse(position.ToString()));
        Assert.Equal(new TopicPartition(topic, partition), position.TopicPartition);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("topic")]
    [InlineData("topic/1")]
    [InlineData("topic@1")]
    [InlineData("/1@2")]
    [InlineData("topic/@2")]
    [InlineData("topic/1@")]
    [InlineData("topic/-1@2")]
    [InlineData("topic/1@-2")]
    [InlineData("topic/ 1@2")]
    [InlineData("topic/1@2 ")]
    [InlineData("topic/99999999999@2")]
    [InlineData("topic/1@99999999999999999999")]
    public void Rejects_texts_that_are_no_offset(string? text)
    {
        Assert.False(TopicOffset.TryParse(text, out var offset));
        Assert.Equal(default, offset);
        if (text is not null)
            Assert.Throws<FormatException>(() => TopicOffset.Parse(text));
    }

    [Fact]
    public void Source_position_is_its_text()
    {
        var position = SourcePosition.Parse("v1;anything at all");
        Assert.Equal("v1;anything at all", position.ToString());
        Assert.Equal(position, SourcePosition.Parse(position.ToString()));
        Assert.False(position.IsNone);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public void Rejects_an_empty_source_position(string? text)
    {
        Assert.False(SourcePosition.TryParse(text, out var position));
        Assert.True(position.IsNone);
        Assert.Equal("", position.ToString());
        Assert.Throws<FormatException>(() => SourcePosition.Parse(text!));
    }
}
