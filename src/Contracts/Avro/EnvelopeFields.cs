namespace Cdc.Contracts.Avro;

/// <summary>The names of an envelope's fields and of the fields of its parts.</summary>
public static class EnvelopeFields
{
    public const string Before = "before";
    public const string After = "after";
    public const string Source = "source";
    public const string Transaction = "transaction";
    public const string Op = "op";
    public const string TsMs = "ts_ms";
    public const string TsUs = "ts_us";
    public const string TsNs = "ts_ns";

    /// <summary>Ours: null for a change, else which snapshot read the row and why.</summary>
    public const string Read = "read";

    /// <summary>Ours: the columns of <c>after</c> whose value the source did not send.</summary>
    public const string Unchanged = "unchanged";

    /// <summary>Ours: values that a column's schema cannot carry, as text.</summary>
    public const string Exact = "exact";

    public const string ReadSnapshot = "snapshot";
    public const string ReadReason = "reason";

    public const string ExactImage = "image";
    public const string ExactColumn = "column";
    public const string ExactText = "text";

    public const string SourceName = "name";
    public const string SourceDatabase = "db";
    public const string SourceSchema = "schema";
    public const string SourceTable = "table";
}
