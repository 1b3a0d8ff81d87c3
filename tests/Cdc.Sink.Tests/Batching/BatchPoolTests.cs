using Cdc.Sink.Batching;

namespace Cdc.Sink.Tests.Batching;

public sealed class BatchPoolTests
{
    private const long Kept = 4 << 20;

    [Fact]
    public void Storage_is_used_again()
    {
        var pool = new BatchPool(Kept);
        var storage = Filled(1000);
        pool.Give([storage]);

        Assert.Equal(storage.Capacity, pool.IdleBytes);
        Assert.Same(storage, pool.Take(1000));
        Assert.Equal(0, pool.IdleBytes);
        Assert.Equal(0, storage.Bytes.Length);
    }

    // Invariant 7
    [Fact]
    public void No_more_is_kept_than_may_be()
    {
        var pool = new BatchPool(Kept);
        for (var i = 0; i < 20; i++)
            pool.Give([Filled(1 << 20)]);
        pool.Give([Filled(2 * (int)Kept)]);

        Assert.InRange(pool.IdleBytes, 1, Kept);
    }

    // Invariant 7: while one batch is applied and the next one is gathered, nothing lies about beside them.
    [Fact]
    public void What_is_in_use_counts_too()
    {
        var pool = new BatchPool(Kept);
        var used = pool.Take(0);
        used.Bytes.Write(new byte[3 << 20]);
        pool.Give([Filled(1 << 19), Filled(1 << 20), Filled(1 << 20)]);
        Assert.InRange(pool.IdleBytes + used.Capacity, used.Capacity + 1, Kept);

        pool.Give([used]);
        Assert.InRange(pool.IdleBytes, used.Capacity, Kept);
    }

    [Fact]
    public void Table_gets_what_fits_it()
    {
        var pool = new BatchPool(Kept);
        var large = Filled(1 << 20);
        var small = Filled(1000);
        var middle = Filled(100_000);
        pool.Give([large]);
        pool.Give([small]);
        pool.Give([middle]);

        Assert.Same(middle, pool.Take(50_000));
        Assert.Same(large, pool.Take(8 << 20));
        Assert.Same(small, pool.Take(8 << 20));
    }

    [Fact]
    public void Storage_of_a_few_rows_is_small() => Assert.InRange(Filled(100).Capacity, 1, 16 << 10);

    private static BatchStorage Filled(int bytes)
    {
        var storage = new BatchStorage();
        storage.Bytes.Write(new byte[bytes]);
        return storage;
    }
}
