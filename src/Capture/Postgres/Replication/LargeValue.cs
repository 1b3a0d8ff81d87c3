namespace Cdc.Capture.Postgres.Replication;

/// <summary>A value that is larger than may be taken.</summary>
/// <param name="Column">Which of its row's columns it is, from 0.</param>
/// <param name="Bytes">Its length as the source sends it.</param>
public readonly record struct LargeValue(int Column, long Bytes);

/// <summary>Looks for a value that is too large in as much of a message of the plugin as has come; null where none has come yet.</summary>
/// <param name="part">The message's begin.</param>
/// <param name="length">Of the whole message.</param>
public delegate LargeValue? LargeValueSearch(ReadOnlySpan<byte> part, int length);
