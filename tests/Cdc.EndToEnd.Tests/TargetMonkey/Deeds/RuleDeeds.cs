using Cdc.EndToEnd.Tests.Monkey;

namespace Cdc.EndToEnd.Tests.TargetMonkey.Deeds;

/// <summary>Constraints, triggers, rules and indexes that the administrator gives tables of the target.</summary>
internal static class RuleDeeds
{
    private const string Refused = "CDC-5020";

    /// <summary>What a trigger of the administrator's may fail with, for reasons of its own.</summary>
    private static readonly string[] States =
        ["P0001", "P0004", "22012", "23514", "XX000", "0A000", "42883", "42P01", "42703", "42501", "55006", "28000", "3D000", "2F003",
            "53100", "53200", "40001", "57014", "08006", "25006"];

    public static IReadOnlyList<TargetDeed> All { get; } =
    [
        new("a check that no row passes",
            hand => StopAsync(hand, "ADD CONSTRAINT never CHECK (a IS NOT DISTINCT FROM -77) NOT VALID", "DROP CONSTRAINT never", Refused)),
        new("a column of the administrator's that must not be null",
            hand => StopAsync(hand, "ADD COLUMN must int NOT NULL DEFAULT 1; ALTER TABLE {0} ALTER COLUMN must DROP DEFAULT",
                "DROP COLUMN must", Refused)),
        new("a default that fails", hand => StopAsync(hand,
            "ADD COLUMN bad int DEFAULT 1; ALTER TABLE {0} ALTER COLUMN bad SET DEFAULT (1 / length(''))", "DROP COLUMN bad", Refused)),
        new("a foreign key to a table without rows", ForeignKeyAsync),
        new("a foreign key from another table", ReferenceAsync),
        new("a unique index over values that repeat", UniqueAsync),
        new("a deferred constraint", DeferredAsync),
        new("an exclusion constraint",
            hand => StopAsync(hand, "ADD CONSTRAINT alone EXCLUDE ((1) WITH =) WHERE (a = 424242)", "DROP CONSTRAINT alone",
                hand.RepeatAsync, Refused)),
        new("a trigger that raises", TriggerAsync),
        new("a trigger that raises at the commit", hand =>
            TriggerAsync(hand, "CONSTRAINT TRIGGER {0} AFTER INSERT OR UPDATE OR DELETE ON {1} DEFERRABLE INITIALLY DEFERRED", "P0001")),
        new("a trigger for each statement that raises",
            hand => TriggerAsync(hand, "TRIGGER {0} AFTER INSERT OR UPDATE OR DELETE ON {1}", "P0001", "STATEMENT")),
        new("a trigger whose table is gone", MissingAsync),
        new("a trigger that swallows rows", SwallowAsync),
        new("a rule instead", RuleAsync),
        new("a domain with a check", DomainAsync),
        new("the key dropped and made again", DropKeyAsync),
        new("the key under another name", RenameKeyAsync),
        new("a generated column in a column's place", GeneratedAsync),
        new("a view over a table", ViewAsync),
        new("attached as a partition and detached", PartitionAsync),
        new("a child by inheritance", InheritAsync),
    ];

    private static Task StopAsync(TargetHand hand, string change, string back, params string[] codes) =>
        StopAsync(hand, change, back, hand.TouchAsync, codes);

    private static async Task StopAsync(TargetHand hand, string change, string back, Func<Victim, Task> touch, params string[] codes)
    {
        var table = await hand.TakeAsync();
        await hand.DbaAsync($"ALTER TABLE {table.Sql} {string.Format(null, change, table.Sql)}");
        await touch(table);
        await hand.MeetsAsync(table, codes);
        await hand.PauseAsync(1);
        await hand.DbaAsync($"ALTER TABLE {table.Sql} {back}");
    }

    private static async Task ForeignKeyAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        var other = $"public.parent_{TargetHand.Fresh()}";
        await hand.DbaAsync($"CREATE TABLE {other} (a int PRIMARY KEY)");
        await hand.StopsAsync(table, $"ALTER TABLE {table.Sql} ADD CONSTRAINT parent FOREIGN KEY (a) REFERENCES {other} NOT VALID",
            $"ALTER TABLE {table.Sql} DROP CONSTRAINT parent; DROP TABLE {other}", Refused);
    }

    private static async Task ReferenceAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync(Shape.Toasted);
        var other = $"public.child_{TargetHand.Fresh()}";
        await hand.DbaAsync(
            $"CREATE TABLE {other} AS SELECT id FROM {table.Sql}; ALTER TABLE {other} ADD CONSTRAINT child FOREIGN KEY (id) " +
            $"REFERENCES {table.Sql} (id)");
        await hand.SourceAsync($"DELETE FROM {table.Sql} WHERE ctid IN (SELECT ctid FROM {table.Sql} LIMIT 9)");
        await hand.MeetsAsync(table, Refused);
        await hand.DbaAsync($"DROP TABLE {other}");
    }

    private static async Task UniqueAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        var index = $"once_{TargetHand.Fresh()}";
        await hand.DbaAsync($"CREATE UNIQUE INDEX {index} ON {table.Sql} (a) WHERE a = 424242");
        await hand.RepeatAsync(table);
        await hand.MeetsAsync(table, Refused);
        await hand.DbaAsync($"DROP INDEX {Victim.Quote(table.Schema)}.{index}");
    }

    private static async Task DeferredAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        var other = $"public.parent_{TargetHand.Fresh()}";
        await hand.DbaAsync($"CREATE TABLE {other} (a int PRIMARY KEY)");
        await hand.StopsAsync(table,
            $"ALTER TABLE {table.Sql} ADD CONSTRAINT later FOREIGN KEY (a) REFERENCES {other} DEFERRABLE INITIALLY DEFERRED NOT VALID",
            $"ALTER TABLE {table.Sql} DROP CONSTRAINT later; DROP TABLE {other}", Refused);
    }

    private static Task TriggerAsync(TargetHand hand) =>
        TriggerAsync(hand, "TRIGGER {0} BEFORE INSERT OR UPDATE OR DELETE ON {1}", States[hand.Random.Next(States.Length)]);

    private static async Task TriggerAsync(TargetHand hand, string trigger, string state, string each = "ROW")
    {
        var table = await hand.TakeAsync(Shape.Keyed, Shape.Keyless, Shape.Composite);
        var name = $"guard_{TargetHand.Fresh()}";
        await hand.DbaAsync(
            $"CREATE FUNCTION public.{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not this one' USING ERRCODE " +
            $"= '{state}'; END $$");
        await hand.StopsAsync(table,
            $"CREATE {string.Format(null, trigger, name, table.Sql)} FOR EACH {each} EXECUTE FUNCTION public.{name}()",
            $"DROP FUNCTION public.{name} CASCADE", Refused);
    }

    /// <summary>It keeps a record of its own, in a table that somebody dropped.</summary>
    private static async Task MissingAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        var name = $"audit_{TargetHand.Fresh()}";
        await hand.DbaAsync(
            $"CREATE FUNCTION public.{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.no_such VALUES (1); RETURN " +
            "NEW; END $$");
        await hand.StopsAsync(table,
            $"CREATE TRIGGER {name} AFTER INSERT OR UPDATE ON {table.Sql} FOR EACH ROW EXECUTE FUNCTION public.{name}()",
            $"DROP FUNCTION public.{name} CASCADE", "CDC-5019", "CDC-5090");
    }

    private static async Task SwallowAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        var name = $"swallow_{TargetHand.Fresh()}";
        await hand.DbaAsync($"CREATE FUNCTION public.{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$");
        await hand.DbaAsync(
            $"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE OR DELETE ON {table.Sql} FOR EACH ROW EXECUTE FUNCTION public.{name}()");
        await hand.TouchAsync(table);
        await hand.PauseAsync();
        await hand.DbaAsync($"DROP FUNCTION public.{name} CASCADE");
        await hand.ResyncAsync(table);
    }

    private static async Task RuleAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        await hand.StopsAsync(table, $"CREATE RULE nothing AS ON INSERT TO {table.Sql} DO INSTEAD NOTHING",
            $"DROP RULE nothing ON {table.Sql}", "CDC-5090", "CDC-5012");
    }

    private static async Task DomainAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        var name = $"public.short_{TargetHand.Fresh()}";
        await hand.DbaAsync($"CREATE DOMAIN {name} AS text CHECK (length(VALUE) < 10000)");
        await hand.StopsAsync(table, $"ALTER TABLE {table.Sql} ALTER COLUMN note TYPE {name}",
            $"ALTER TABLE {table.Sql} ALTER COLUMN note TYPE text; DROP DOMAIN {name}", "CDC-5012");
    }

    /// <summary>Whoever comes first makes it: the program a unique index, or the administrator.</summary>
    private static async Task DropKeyAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed);
        var key = await hand.AskAsync<string>(
            $"SELECT conname::text FROM pg_constraint WHERE contype = 'p' AND conrelid = {Victim.Literal(table.Sql)}::regclass");
        if (key is null)
            return;
        await hand.DbaAsync($"ALTER TABLE {table.Sql} DROP CONSTRAINT {Victim.Quote(key)}");
        await hand.TouchAsync(table);
        await hand.PauseAsync();
        await hand.DbaAsync($"ALTER TABLE {table.Sql} ADD PRIMARY KEY (id)");
    }

    private static async Task RenameKeyAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync(Shape.Composite);
        var key = await hand.AskAsync<string>(
            $"SELECT conname::text FROM pg_constraint WHERE contype = 'p' AND conrelid = {Victim.Literal(table.Sql)}::regclass");
        if (key is not null)
            await hand.DbaAsync($"ALTER TABLE {table.Sql} RENAME CONSTRAINT {Victim.Quote(key)} TO key_{TargetHand.Fresh()}");
        await hand.TouchAsync(table);
    }

    private static async Task GeneratedAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        await hand.DbaAsync(
            $"ALTER TABLE {table.Sql} RENAME COLUMN a TO a_kept; ALTER TABLE {table.Sql} ADD COLUMN a int GENERATED ALWAYS AS (a_kept * " +
            "2) STORED");
        await hand.TouchAsync(table);
        await hand.MeetsAsync(table, "CDC-5012");
        await hand.DbaAsync($"ALTER TABLE {table.Sql} DROP COLUMN a; ALTER TABLE {table.Sql} RENAME COLUMN a_kept TO a");
    }

    private static async Task ViewAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        var name = $"public.report_{TargetHand.Fresh()}";
        await hand.DbaAsync(
            $"CREATE VIEW {name} AS SELECT * FROM {table.Sql}; CREATE MATERIALIZED VIEW {name}_kept AS SELECT count(*) FROM {table.Sql}");
        await hand.SourceAsync($"ALTER TABLE {table.Sql} ADD COLUMN c_{TargetHand.Fresh()} int");
        await hand.TouchAsync(table);
        await hand.PauseAsync();
        await hand.DbaAsync($"REFRESH MATERIALIZED VIEW {name}_kept; DROP VIEW {name}; DROP MATERIALIZED VIEW {name}_kept");
    }

    private static async Task PartitionAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync(Shape.Composite);
        var parent = $"public.whole_{TargetHand.Fresh()}";
        await hand.DbaAsync(
            $"CREATE TABLE {parent} (LIKE {table.Sql}) PARTITION BY LIST (org); ALTER TABLE {parent} ATTACH PARTITION {table.Sql} DEFAULT");
        await hand.SourceAsync($"ALTER TABLE {table.Sql} ADD COLUMN c_{TargetHand.Fresh()} int");
        await hand.TouchAsync(table);
        await hand.MeetsAsync(table, "CDC-5090");
        await hand.DbaAsync($"ALTER TABLE {parent} DETACH PARTITION {table.Sql}; DROP TABLE {parent}");
    }

    private static async Task InheritAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        var child = $"public.child_{TargetHand.Fresh()}";
        await hand.DbaAsync($"CREATE TABLE {child} () INHERITS ({table.Sql})");
        await hand.SourceAsync($"ALTER TABLE {table.Sql} ADD COLUMN c_{TargetHand.Fresh()} int");
        await hand.TouchAsync(table);
        await hand.PauseAsync();
        await hand.DbaAsync($"DROP TABLE {child}");
    }
}
