using System.Globalization;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.DuckDb.Native;
using Cdc.Sink.Writers.DuckDb.Sql;
using Cdc.Sink.Writers.DuckDb.Staging;

namespace Cdc.Sink.Writers.DuckDb;

/// <summary>
/// A database in memory to which the target's file is attached for a transaction and no longer, so that other processes can query it in
/// between. Attaching takes 1 ms, opening the file as a database of its own 17.
/// </summary>
internal sealed class DuckDbSession : IDisposable
{
    // What the file's log holds is applied again whenever the file is opened, by readers too: some 20 ms a MiB. To write the log into the
    // file costs 50 ms for a small table, half a second and more for a large one. So it is done when applying again has cost as much;
    // DuckDB itself does it, at a commit, when the log is longer than 16 MiB.
    private const long CheckpointAfterBytes = 32 << 20;

    // To write such rows into a log, and to apply it again, takes twice their size in memory. DuckDB goes by the number of rows: it would
    // write a row of 100 MB into the log.
    private const long LongestLog = 32 << 20;

    /// <summary>DuckDB's memory where nothing else is set and no batch needs more.</summary>
    private const long UsualMemory = 128 << 20;

    /// <summary>How often DuckDB has what a batch holds in its memory at once.</summary>
    private const int Copies = 8;

    /// <summary>How often it has what the log holds while it applies that, or writes it into the file.</summary>
    private const int LogCopies = 4;

    private readonly DuckDbFile file;
    private readonly bool isBounded;
    private readonly long usual;
    private readonly Dictionary<TargetName, TablePlan> plans = [];
    private long appliedAgain;
    private long written;
    private long log;
    private long memory;
    private bool isPastLog;

    private DuckDbSession(DuckDbConnection connection, DuckDbFile file, MetadataColumns metadata, long? limit)
    {
        Metadata = metadata;
        Connection = connection;
        this.file = file;
        isBounded = limit is not null;
        usual = limit ?? UsualMemory;
        memory = usual;
    }

    public DuckDbConnection Connection { get; }

    /// <summary>The platform's own columns in every table.</summary>
    public MetadataColumns Metadata { get; }

    public static DuckDbSession Open(DuckDbTargetOptions options, DuckDbFile file, MetadataColumns metadata)
    {
        var connection = DuckDbConnection.OpenInMemory(Settings(options, file));
        try
        {
            connection.Execute("SET TimeZone = 'UTC'; PRAGMA disable_checkpoint_on_shutdown");
            return new DuckDbSession(connection, file, metadata, options.MemoryLimitBytes);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens the file and starts a transaction. <c>CDC-5005</c> where another has it open.</summary>
    public void Begin()
    {
        if (!file.TryHold())
            throw new CdcException(ErrorCodes.TargetHeld,
                $"Opening '{file.Path}', another sink of this process was found to have it open.");
        try
        {
            appliedAgain += file.WalBytes;
            written = log = file.WalBytes;
            MakeRoomForLog();
            PassLongLog();
            Connection.Execute($"ATTACH {SqlName.Literal(file.Path)} AS {SqlName.Catalog} (TYPE duckdb)");
            Connection.Execute(LedgerSql.Prepare);
            Connection.Execute("BEGIN TRANSACTION");
        }
        catch (DuckDbException error)
        {
            throw DuckDbErrors.Opening(error, file.Path, file.WalBytes);
        }
    }

    /// <summary>
    /// So many bytes of rows are about to be written: DuckDB may take what they need, and what the log needs that was applied again, where
    /// its memory is not bounded by a setting.
    /// </summary>
    public void MakeRoom(long bytes)
    {
        written += bytes;
        var wanted = Copies * (written - log) + LogCopies * log;
        if (!isBounded && wanted > memory)
            Allow(wanted);
        PassLongLog();
    }

    public void Commit() => Connection.Execute("COMMIT");

    public void RollBack() => Connection.Execute("ROLLBACK");

    /// <summary>Closes the file after a transaction; now and then its log is written into it first.</summary>
    public void Detach(bool checkpoint = false)
    {
        var isLong = file.WalBytes >= LongestLog || LogCopies * file.WalBytes > usual;
        if (file.WalBytes > 0 && (checkpoint || appliedAgain >= CheckpointAfterBytes || isLong))
        {
            MakeRoomForLog();
            Connection.Execute($"CHECKPOINT {SqlName.Catalog}");
        }

        if (file.WalBytes == 0)
            appliedAgain = 0;
        Connection.Execute($"DETACH {SqlName.Catalog}");
        file.Free();
        Allow(usual);
        if (isPastLog)
            PassLog(false);
    }

    /// <summary>How a batch of this schema goes into the table; kept until the schema or the table changes.</summary>
    public TablePlan Plan(TargetName table, TableSchema schema)
    {
        var present = Connection.ColumnNames(TableSql.Columns(table));
        if (plans.TryGetValue(table, out var plan) && plan.Schema.Equals(schema) && plan.Present.AsSpan().SequenceEqual(present))
            return plan;
        return plans[table] = new TablePlan(table, schema, present, Metadata);
    }

    public void Dispose()
    {
        if (isPastLog)
            DuckDbAllocator.KeepAgain();
        Connection.Dispose();
        file.Free();
    }

    /// <summary>
    /// What is committed comes back whatever the limit: with less memory than the log needs the file could never be opened again. A log of
    /// ours is hardly longer than <see cref="LongestLog"/>. One that needs more than the limit is written into the file at the next
    /// closing.
    /// </summary>
    private void MakeRoomForLog() => Allow(Math.Max(memory, LogCopies * file.WalBytes));

    private void Allow(long bytes)
    {
        if (bytes == memory)
            return;
        Connection.Execute($"SET memory_limit = '{Limit(bytes)}'");
        memory = bytes;
    }

    private void PassLongLog()
    {
        if (written >= LongestLog && !isPastLog)
            PassLog(true);
    }

    /// <summary>Whether a commit writes into the file itself, and memory is given back at once.</summary>
    private void PassLog(bool passes)
    {
        Connection.Execute(passes ? "SET checkpoint_threshold = '0B'" : "RESET checkpoint_threshold");
        isPastLog = passes;
        if (passes)
            DuckDbAllocator.GiveBackAtOnce();
        else
            DuckDbAllocator.KeepAgain();
    }

    private static string Limit(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes}B");

    private static Dictionary<string, string> Settings(DuckDbTargetOptions options, DuckDbFile file) => new(StringComparer.Ordinal)
    {
        ["memory_limit"] = Limit(options.MemoryLimitBytes ?? UsualMemory),
        ["threads"] = Environment.ProcessorCount > 1 ? "2" : "1",
        ["temp_directory"] = file.SpillFolder,
        ["autoinstall_known_extensions"] = "false",
        ["autoload_known_extensions"] = "false",
    };
}
