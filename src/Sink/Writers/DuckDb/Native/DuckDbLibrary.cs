using Cdc.Contracts.Errors;
using DuckDB.NET.Native;

namespace Cdc.Sink.Writers.DuckDb.Native;

/// <summary>DuckDB's library, which comes with the package DuckDB.NET.Bindings.Full and lies beside the program.</summary>
internal static class DuckDbLibrary
{
    /// <summary>Loads the library where it is not loaded, and answers with its version. <c>CDC-5050</c> where that fails.</summary>
    public static string Require()
    {
        try
        {
            return NativeMethods.Startup.DuckDBLibraryVersion();
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            throw new CdcException(ErrorCodes.DuckDbLibraryMissing, "Loading DuckDB's library failed.", error);
        }
    }
}
