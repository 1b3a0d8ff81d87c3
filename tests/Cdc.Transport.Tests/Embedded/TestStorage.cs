using System.Threading.Channels;
using Cdc.Transport.Embedded;
using Microsoft.Win32.SafeHandles;

namespace Cdc.Transport.Tests.Embedded;

/// <summary>Storage that writes as the real one, flushes nothing unless told so, and fails or waits as told.</summary>
internal sealed class TestStorage : IJournalStorage
{
    private readonly Channel<bool> flushing = Channel.CreateUnbounded<bool>();
    private volatile TaskCompletionSource? held;

    /// <summary>What was done, in order: <c>write POSITION LENGTH</c>, <c>flush</c>, <c>uncache LENGTH</c>, <c>folder</c>.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Lets the next write stop after so many bytes with an error.</summary>
    public int? FailWriteAfter { get; set; }

    public bool FailFlush { get; set; }

    public void Hold() => held = new TaskCompletionSource();

    public void Release() => held?.SetResult();

    /// <summary>Completes when a flush has begun that was not waited for before.</summary>
    public Task FlushBegunAsync() => flushing.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1));

    public void Write(SafeFileHandle file, IReadOnlyList<ReadOnlyMemory<byte>> parts, long position)
    {
        Calls.Add(FormattableString.Invariant($"write {position} {parts.Sum(part => part.Length)}"));
        if (FailWriteAfter is { } bytes)
        {
            FailWriteAfter = null;
            RandomAccess.Write(file, parts.SelectMany(part => part.ToArray()).Take(bytes).ToArray(), position);
            throw new IOException("No space left on device");
        }

        DiskStorage.Instance.Write(file, parts, position);
    }

    public void Flush(SafeFileHandle file)
    {
        Calls.Add("flush");
        flushing.Writer.TryWrite(true);
        held?.Task.Wait(TimeSpan.FromMinutes(1));
        if (FailFlush)
            throw new IOException("Input/output error");
    }

    public void Uncache(SafeFileHandle file, long length) => Calls.Add(FormattableString.Invariant($"uncache {length}"));

    public void FlushFolder(string path) => Calls.Add("folder");
}
