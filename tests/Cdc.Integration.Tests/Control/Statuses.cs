using Cdc.Control.Status;

namespace Cdc.Integration.Tests.Control;

/// <summary>A status with something of everything.</summary>
internal static class Statuses
{
    public static InstallationStatus Busy { get; } = new()
    {
        Name = "shop",
        Started = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Sources =
        [
            new SourceStatus
            {
                Name = "shop",
                State = RoleState.Running,
                Activity = SourceActivity.ReadingTables,
                Slot = "shop",
                LagBytes = 3_500_000,
                LagSeconds = 0.4,
                Position = "16/B374D848",
                Records = 1_204_331,
                Tables =
                [
                    new()
                    {
                        Table = "public.customers", Topic = "shop.public.customers", State = TablePhase.Streaming, RowsRead = 81_220,
                        RowsEstimated = 81_000,
                    },
                    new()
                    {
                        Table = "public.orders", Topic = "shop.public.orders", State = TablePhase.Reading, RowsRead = 412_000,
                        RowsEstimated = 1_250_000,
                        RowsPerSecond = 61_500, SecondsLeft = 13.6,
                    },
                    new()
                    {
                        Table = "public.order_lines", Topic = "shop.public.order_lines", State = TablePhase.Waiting,
                        RowsEstimated = 5_100_000,
                    },
                    new()
                    {
                        Table = "public.<b>odd</b>", Topic = "shop.public._b_odd__b_", State = TablePhase.Stopped, RowsRead = 12,
                        Error = new StatusError("CDC-2031",
                            "Column 'mood' of table 'public.odd' has a type that is no longer in the catalog."),
                    },
                ],
            },
        ],
        Sinks =
        [
            new SinkStatus
            {
                Name = "warehouse",
                Target = "duckdb ./warehouse.duckdb",
                State = RoleState.Retrying,
                Error = new StatusError("CDC-5005", "The file 'warehouse.duckdb' is open in another program."),
                Tables =
                [
                    new()
                    {
                        Topic = "shop.public.customers", Table = "public.customers", AppliedRows = 81_220,
                        LastCommit = new DateTimeOffset(2026, 1, 2, 3, 5, 0, TimeSpan.Zero),
                    },
                    new() { Topic = "shop.public.orders", Table = "public.orders", AppliedRows = 398_112, OffsetLag = 13_888 },
                ],
            },
        ],
    };

    /// <summary>A table without a key is read, and everything else waits.</summary>
    public static InstallationStatus Held { get; } = Busy with
    {
        Sources =
        [
            Busy.Sources[0] with
            {
                Tables = [new()
                {
                    Table = "public.events", Topic = "shop.public.events", State = TablePhase.Reading, RowsRead = 12_000,
                    RowsEstimated = 80_000, HoldsStream = true,
                }],
            },
        ],
        Sinks = [],
    };
}
