using Cdc.Contracts.Schema;

namespace Cdc.Integration.Tests.Types;

/// <summary>How DuckDB prints a value of the matrix; what is VARCHAR there keeps the canonical text.</summary>
internal static class DuckDbText
{
    public static string Of(MatrixColumn column, string canonical) => column.Column switch
    {
        ColumnType.Boolean => "true",
        _ => canonical,
    };
}
