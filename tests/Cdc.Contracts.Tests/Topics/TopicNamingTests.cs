using System.Text;
using System.Text.RegularExpressions;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Contracts.Tests.Topics;

public class TopicNamingTests
{
    private const string Pieces = "abZ09_-.u$ /'\"\\éäёあ\u0301\u200b\ufffd";

    [Theory]
    [InlineData("public", "orders", "shop.public.orders")]
    [InlineData("a-b", "D_e", "shop.a-b.D_e")]
    [InlineData("my schema", "café", "shop.my_u0020_schema.caf_u00E9_")]
    [InlineData("public", "cafä", "shop.public.caf_u00E4_")]
    [InlineData("public", "a$b", "shop.public.a_u0024_b")]
    [InlineData("a.b", "c", "shop.a_u002E_b.c")]
    [InlineData("a", "b.c", "shop.a.b_u002E_c")]
    [InlineData("public", "注文", "shop.public._u6CE8__u6587_")]
    [InlineData("public", "🛒", "shop.public._u1F6D2_")]
    [InlineData("public", "caf_u00E9_", "shop.public.caf_u005F_u00E9_")]
    [InlineData("public", "a_u00e9_b", "shop.public.a_u00e9_b")]
    [InlineData("public", "is_used", "shop.public.is_used")]
    public void Topic_is_prefix_schema_and_table_and_escapes_what_it_cannot_hold(string schema, string table, string topic)
    {
        Assert.Equal(topic, TopicNaming.TopicOf("shop", new TableId(schema, table)));
        Assert.Equal(topic + "-key", TopicNaming.KeySubject(topic));
        Assert.Equal(topic + "-value", TopicNaming.ValueSubject(topic));
    }

    [Theory]
    [InlineData("public", "orders", "shop.public.orders")]
    [InlineData("my schema", "Ürün/2", "shop.my_schema._r_n_2")]
    [InlineData("a-b", "c.d_e", "shop.a-b.c.d_e")]
    [InlineData("public", "🛒", "shop.public.__")]
    public void Debeziums_spelling_has_an_underscore_for_each_character(string schema, string table, string topic) =>
        Assert.Equal(topic, TopicNaming.TopicOf("shop", new TableId(schema, table), TopicSpelling.Underscores));

    [Fact]
    public void No_two_tables_have_one_topic()
    {
        var random = new Random(8);
        var tables = new Dictionary<string, TableId>(StringComparer.Ordinal);
        for (var i = 0; i < 200_000; i++)
        {
            var table = new TableId(RandomName(random), RandomName(random));
            var topic = TopicNaming.TopicOf("shop", table);
            Assert.True(topic.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'), topic);
            Assert.Equal(2, topic.Count(c => c == '.'));
            Assert.True(tables.TryAdd(topic, table) || tables[topic] == table,
                $"'{table}' and '{tables[topic]}' have the topic '{topic}'.");
            Assert.Equal(table, new TableId(Unescape(topic.Split('.')[1]), Unescape(topic.Split('.')[2])));
        }
    }

    [Fact]
    public void Too_long_a_name_is_cut_and_told_apart_by_a_hash_of_the_whole()
    {
        var table = new string('t', TopicNaming.MaxLength - "shop.s.".Length);
        Assert.Equal("shop.s." + table, TopicNaming.TopicOf("shop", new TableId("s", table)));
        foreach (var spelling in Enum.GetValues<TopicSpelling>())
        {
            var cut = TopicNaming.TopicOf("shop", new TableId("s", table + "t"), spelling);
            Assert.Equal(TopicNaming.MaxLength, cut.Length);
            Assert.Matches("^shop\\.s\\.t+_[0-9a-f]{32}$", cut);
            Assert.Equal(cut, TopicNaming.TopicOf("shop", new TableId("s", table + "t"), spelling));
            Assert.NotEqual(cut, TopicNaming.TopicOf("shop", new TableId("s", table + "tt"), spelling));
        }
    }

    [Fact]
    public void The_longest_names_of_a_source_fit()
    {
        var longest = new TableId(new string('я', 31), new string('ж', 31));
        Assert.Equal(TopicNaming.MaxLength, TopicNaming.TopicOf(new string('p', 100), longest).Length);
    }

    [Theory]
    [InlineData("shop.public.*", "shop.public.*")]
    [InlineData("!shop.public.café*", "!shop.public.caf_u00E9_*")]
    [InlineData("shop.public.caf_u00E9_", "shop.public.caf_u00E9_")]
    [InlineData("*.🛒", "*._u1F6D2_")]
    public void Pattern_may_be_written_as_the_source_spells_names(
        string pattern, string escaped) => Assert.Equal(escaped, TopicNaming.EscapePattern(pattern));

    /// <summary>Short, of few characters, so that names come near each other; often with what looks escaped.</summary>
    private static string RandomName(Random random)
    {
        var name = new StringBuilder();
        for (var left = random.Next(1, 5); left > 0; left--)
        {
            name.Append(random.Next(6) switch
            {
                0 => "_u",
                1 => FormattableString.Invariant($"{(int)Pieces[random.Next(Pieces.Length)]:X4}"),
                2 => FormattableString.Invariant($"_u{(int)Pieces[random.Next(Pieces.Length)]:X4}_"),
                3 => char.ConvertFromUtf32(random.Next(0x10000, 0x10010)),
                4 => ((char)random.Next(0xD800, 0xE000)).ToString(),
                _ => Pieces[random.Next(Pieces.Length)].ToString(),
            });
        }

        return name.ToString();
    }

    private static string Unescape(string part) => Regex.Replace(part, "_u([0-9A-F]{4,6})_", match =>
        Convert.ToInt32(match.Groups[1].Value, 16) is var code and > 0xFFFF ? char.ConvertFromUtf32(code)
            : ((char)Convert.ToInt32(match.Groups[1].Value, 16)).ToString());
}
