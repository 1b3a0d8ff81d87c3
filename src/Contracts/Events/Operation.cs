namespace Cdc.Contracts.Events;

/// <summary>What an event tells; the values are the letters of the envelope's field <c>op</c>.</summary>
public enum Operation : byte
{
    Create = (byte)'c',
    Update = (byte)'u',
    Delete = (byte)'d',

    /// <summary>A row read from the table, not a change.</summary>
    Read = (byte)'r',
    Truncate = (byte)'t',
}
