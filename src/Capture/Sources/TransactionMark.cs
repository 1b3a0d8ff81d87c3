namespace Cdc.Capture.Sources;

/// <summary>
/// A transaction of a source, as a number that only this source understands: all changes of a transaction have one mark, and no two
/// transactions that are about at the same time have the same. The default is none.
/// </summary>
public readonly record struct TransactionMark(ulong Value);
