using System.Text.Unicode;
using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Postgres.Types;

/// <summary>A column of a database that takes any bytes as text: what is not UTF-8 is refused (Invariant 4).</summary>
/// <param name="inner">What the column's type has.</param>
/// <param name="table">For the error.</param>
/// <param name="column">The same.</param>
internal sealed class CheckedTextTranscoder(ColumnTranscoder inner, TableId table, string column) : ColumnTranscoder
{
    public override bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer) => Utf8.IsValid(source)
        ? inner.TryWrite(source, writer)
        : throw new CdcException(ErrorCodes.SourceTextNotUtf8,
            $"Encoding a row of table '{table}', column '{column}' holds bytes that are not UTF-8, in a database whose encoding is " +
            "SQL_ASCII.");

    public override bool TryWritePlaceholder(AvroWriter writer) => inner.TryWritePlaceholder(writer);
}
