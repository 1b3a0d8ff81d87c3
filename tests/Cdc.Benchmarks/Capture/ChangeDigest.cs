using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Cdc.Benchmarks.Capture;

/// <summary>A sum over changes that does not depend on their order: each counts with its operation, its key and its text.</summary>
internal struct ChangeDigest
{
    public ulong Sum { get; private set; }

    public void Add(char operation, long id, ReadOnlySpan<byte> note)
    {
        var crc = uint.MaxValue;
        foreach (var next in note)
            crc = BitOperations.Crc32C(crc, next);
        var hash = (((ulong)crc << 32) ^ operation) * 0x9E3779B97F4A7C15 + (ulong)id * 0xC2B2AE3D27D4EB4F;
        Sum += (hash ^ (hash >> 29)) * 0xBF58476D1CE4E5B9;
    }

    public void Add(char operation, ReadOnlySpan<byte> id, ReadOnlySpan<byte> note)
    {
        if (!Utf8Parser.TryParse(id, out long number, out var used) || used != id.Length)
            throw new InvalidOperationException("A key is not a number.");
        Add(operation, number, note);
    }

    public void Add(char operation, long id, long change) =>
        Add(operation, id, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"note of the change number {change}")));
}
