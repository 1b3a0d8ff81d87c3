using System.Runtime.InteropServices;
using System.Text;
using DuckDB.NET.Native;

namespace Cdc.Sink.Writers.DuckDb.Native;

/// <summary>
/// DuckDB's own allocator, jemalloc, which its library has on Linux. It keeps freed memory for a second. Where values of many megabytes are
/// written, that is one copy more at the peak. So it gives memory back at once while they are; usual batches would take a fifth longer.
/// </summary>
internal static unsafe class DuckDbAllocator
{
    private static readonly Lock Gate = new();
    private static readonly string[] Settings = ["dirty_decay_ms", "muzzy_decay_ms"];
    private static readonly delegate* unmanaged[Cdecl]<byte*, void*, nuint*, void*, nuint, int> Control = Find();
    private static readonly Dictionary<string, long> Before = new(StringComparer.Ordinal);
    private static int askers;

    /// <summary>Gives memory back at once, until each who asked has called <see cref="KeepAgain"/>.</summary>
    public static void GiveBackAtOnce()
    {
        lock (Gate)
        {
            if (askers++ > 0 || Control is null)
                return;
            uint arenas = 0;
            nuint length = sizeof(uint);
            Call("arenas.narenas", &arenas, &length, null, 0);
            var names = Enumerable.Range(0, (int)arenas).SelectMany(
                arena => Settings.Select(setting => FormattableString.Invariant($"arena.{arena}.{setting}")));
            foreach (var name in names)
            {
                long before = 0;
                long atOnce = 0;
                length = sizeof(long);
                if (Call(name, &before, &length, &atOnce, sizeof(long)) == 0)
                    Before[name] = before;
            }
        }
    }

    public static void KeepAgain()
    {
        lock (Gate)
        {
            if (--askers > 0)
                return;
            foreach (var (name, before) in Before)
            {
                var value = before;
                Call(name, null, null, &value, sizeof(long));
            }

            Before.Clear();
        }
    }

    private static int Call(string name, void* old, nuint* oldLength, void* value, nuint length)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
            return Control(text, old, oldLength, value, length);
    }

    private static delegate* unmanaged[Cdecl]<byte*, void*, nuint*, void*, nuint, int> Find()
    {
        nint function = 0;
        if (NativeLibrary.TryLoad(UndeclaredMethods.Library, typeof(NativeMethods).Assembly, null, out var library))
            NativeLibrary.TryGetExport(library, "duckdb_je_mallctl", out function);
        return (delegate* unmanaged[Cdecl]<byte*, void*, nuint*, void*, nuint, int>)function;
    }
}
