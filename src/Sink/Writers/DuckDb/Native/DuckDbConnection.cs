using System.Runtime.InteropServices;
using System.Text;

namespace Cdc.Sink.Writers.DuckDb.Native;

/// <summary>A value of a statement's parameter: text, a number or null.</summary>
internal readonly record struct Parameter(string? Text, long? Number)
{
    public static implicit operator Parameter(string? text) => new(text, null);

    public static implicit operator Parameter(long number) => new(null, number);
}

/// <summary>One database in memory, to which files are attached, and one connection to it. Not safe for several threads.</summary>
internal sealed unsafe class DuckDbConnection : IDisposable
{
    private readonly DatabaseHandle database;

    private DuckDbConnection(DatabaseHandle database, ConnectionHandle handle)
    {
        this.database = database;
        Handle = handle;
    }

    public ConnectionHandle Handle { get; }

    /// <param name="settings">DuckDB's configuration, by name.</param>
    public static DuckDbConnection OpenInMemory(IEnumerable<KeyValuePair<string, string>> settings)
    {
        DuckDbLibrary.Require();
        Check(NativeMethods.CreateConfig(out var config), "its configuration could not be made");
        using (config)
        {
            foreach (var (name, value) in settings)
                Check(NativeMethods.SetConfig(config, name, value), $"it refuses the setting '{name}'");
            if (NativeMethods.Open(null, out var database, config, out var error) != 0)
                throw Refused(error);
            if (NativeMethods.Connect(database, out var connection) == 0)
                return new DuckDbConnection(database, connection);
            database.Dispose();
            throw new DuckDbException(DuckDbFault.Invalid, "a connection could not be made");
        }
    }

    /// <summary>Runs statements, separated by semicolons.</summary>
    public void Execute(string sql)
    {
        using var result = new ResultHandle();
        if (NativeMethods.Query(Handle, sql, result) != 0)
            throw DuckDbException.Create(NativeMethods.ResultFault(result), NativeMethods.ResultError(result));
    }

    /// <summary>Runs one statement with its parameters; answers with the number of rows it changed.</summary>
    public long Execute(string sql, params ReadOnlySpan<Parameter> parameters)
    {
        using var result = Run(sql, parameters);
        return (long)NativeMethods.RowsChanged(result);
    }

    public DuckDbRows Query(string sql, params ReadOnlySpan<Parameter> parameters) => new(Run(sql, parameters));

    /// <summary>The names of a query's columns, without running it.</summary>
    public string[] ColumnNames(string sql)
    {
        using var statement = Prepare(sql);
        var names = new string[NativeMethods.StatementColumns(statement)];
        for (var i = 0; i < names.Length; i++)
        {
            var name = NativeMethods.StatementColumnName(statement, (ulong)i);
            names[i] = Marshal.PtrToStringUTF8(name) ?? "";
            NativeMethods.Free(name);
        }

        return names;
    }

    /// <summary>Until disposed: a cancelled token interrupts what runs.</summary>
    public CancellationTokenRegistration InterruptOn(CancellationToken cancellationToken) =>
        cancellationToken.UnsafeRegister(static handle => NativeMethods.Interrupt((ConnectionHandle)handle!), Handle);

    public void Dispose()
    {
        Handle.Dispose();
        database.Dispose();
    }

    private ResultHandle Run(string sql, ReadOnlySpan<Parameter> parameters)
    {
        using var statement = Prepare(sql);
        for (var i = 0; i < parameters.Length; i++)
            Check(Bind(statement, (ulong)i + 1, parameters[i]), "it refuses a parameter");
        var result = new ResultHandle();
        if (NativeMethods.ExecutePrepared(statement, result) == 0)
            return result;
        using (result)
            throw DuckDbException.Create(NativeMethods.ResultFault(result), NativeMethods.ResultError(result));
    }

    private StatementHandle Prepare(string sql)
    {
        if (NativeMethods.Prepare(Handle, sql, out var statement) == 0)
            return statement;
        using (statement)
            throw DuckDbException.Create(DuckDbFault.Binder, NativeMethods.PrepareError(statement));
    }

    private static int Bind(StatementHandle statement, ulong number, Parameter value)
    {
        if (value.Number is { } integer)
            return NativeMethods.BindInt64(statement, number, integer);
        if (value.Text is null)
            return NativeMethods.BindNull(statement, number);
        var utf8 = Encoding.UTF8.GetBytes(value.Text);
        fixed (byte* text = utf8)
            return NativeMethods.BindText(statement, number, text, (ulong)utf8.Length);
    }

    private static DuckDbException Refused(nint error)
    {
        var refused = DuckDbException.Create(DuckDbFault.InputOutput, error);
        NativeMethods.Free(error);
        return refused;
    }

    private static void Check(int state, string what)
    {
        if (state != 0)
            throw new DuckDbException(DuckDbFault.Invalid, what);
    }
}
