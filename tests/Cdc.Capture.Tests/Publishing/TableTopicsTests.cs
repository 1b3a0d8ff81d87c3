using Cdc.Capture.Publishing;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Tests.Publishing;

public sealed class TableTopicsTests
{
    private static readonly TableId First = new("public", "café");
    private static readonly TableId Second = new("public", "cafä");
    private static readonly TableId Plain = new("public", "caf_");

    [Fact]
    public void Table_keeps_the_topic_it_has_whatever_the_spelling_is_now()
    {
        var topics = new TableTopics("shop", TopicSpelling.Underscores, Checkpoint.Empty);
        Assert.Equal("shop.public.caf_", topics.Claim(First));

        var later = new TableTopics("shop", TopicSpelling.Escaped, Noted(topics));

        Assert.Equal("shop.public.caf_", later.Claim(First));
        Assert.Equal("shop.public.caf_u00E4_", later.Claim(Second));
        Assert.Single(later.TakeNews());
        Assert.False(later.HasNews);
    }

    [Fact]
    public void Of_two_tables_with_one_topic_the_one_that_had_it_keeps_it_whichever_comes_first_after_a_restart()
    {
        var topics = new TableTopics("shop", TopicSpelling.Underscores, Checkpoint.Empty);
        topics.Claim(First);

        var restarted = new TableTopics("shop", TopicSpelling.Underscores, Noted(topics));
        var refused = Assert.Throws<CdcException>(() => restarted.Claim(Second));

        Assert.Same(ErrorCodes.TopicShared, refused.Code);
        Assert.Contains("'public.café'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'topics: { naming: escaped }' it would get 'shop.public.caf_u00E4_'", refused.Message, StringComparison.Ordinal);
        Assert.Equal("shop.public.caf_", restarted.Claim(First));
    }

    [Fact]
    public void A_table_whose_plain_name_another_one_got_is_refused_and_told_to_get_another_name()
    {
        var topics = new TableTopics("shop", TopicSpelling.Underscores, Checkpoint.Empty);
        topics.Claim(First);
        var later = new TableTopics("shop", TopicSpelling.Escaped, Noted(topics));

        Assert.Contains("rename the table", Assert.Throws<CdcException>(() => later.Claim(Plain)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_does_not_note_its_topics_gives_each_to_the_table_that_filled_it()
    {
        var topics = new TableTopics("shop", TopicSpelling.Escaped, Checkpoint.Empty);
        TableId orders = new("public", "orders"), unread = new("public", "a$b");

        topics.Adopt([Second, First, orders, unread], Existing("shop.public.caf_", "shop.public.orders", "shop.public.a_b"), table =>
            table == Second ? false : table == unread ? null : true);

        Assert.Equal("shop.public.caf_", topics.Claim(First));
        Assert.Equal("shop.public.caf_u00E4_", topics.Claim(Second));
        Assert.Equal("shop.public.orders", topics.Claim(orders));
        Assert.Equal("shop.public.a_b", topics.Claim(unread));
    }

    [Fact]
    public void A_topic_that_two_tables_may_have_filled_is_given_to_neither()
    {
        var topics = new TableTopics("shop", TopicSpelling.Escaped, Checkpoint.Empty);

        topics.Adopt([First, Second], Existing("shop.public.caf_"), _ => null);

        Assert.Equal("shop.public.caf_u00E9_", topics.Claim(First));
        Assert.Equal("shop.public.caf_u00E4_", topics.Claim(Second));
    }

    [Fact]
    public void Tables_that_were_never_captured_get_a_topic_of_their_own_though_others_exist()
    {
        var topics = new TableTopics("shop", TopicSpelling.Escaped, Checkpoint.Empty);

        topics.Adopt([First, Second], Existing("shop.public.orders"), _ => true);

        Assert.False(topics.HasNews);
        Assert.Equal("shop.public.caf_u00E9_", topics.TopicOf(First));
    }

    private static HashSet<string> Existing(params string[] topics) => new(topics, StringComparer.Ordinal);

    private static Checkpoint Noted(TableTopics topics) =>
        new(topics.TakeNews().Select(entry => KeyValuePair.Create(entry.Key, entry.Value!)));
}
