using System.Globalization;
using Cdc.Contracts.Errors;

namespace Cdc.Transport.Embedded;

/// <summary>The folder of a journal: its lock and the names in it.</summary>
internal sealed class JournalFolder : IDisposable
{
    /// <summary>At the end of the name of a segment that is being made.</summary>
    public const string UnfinishedEnding = ".new";

    private const string Prefix = "journal-";
    private const string Ending = ".log";

    private const string LockName = "lock";

    private readonly FileStream? held;

    private JournalFolder(string path, FileStream? held)
    {
        Path = path;
        this.held = held;
    }

    public string Path { get; }

    /// <summary>Makes the folder where it is missing and takes its lock; <c>CDC-3002</c> where another has it (Invariant 5).</summary>
    public static JournalFolder Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        DiskStorage.CreateFolder(path);
        var first = Lock(path) ?? throw Held(path);
        try
        {
            // Where locks do not work .NET says nothing; then a second handle gets the lock too.
            using var second = Lock(path);
            return second is null
                ? new JournalFolder(path, first)
                : throw new CdcException(ErrorCodes.LogLockUnsupported,
                    $"Opening the log in '{path}', its lock was taken and then taken once more; expected to be refused, for two " +
                    "processes would write one log.");
        }
        catch
        {
            first.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The folder for who only looks: its lock is taken, and nothing is made. A folder without a lock is a copy, which no process has open.
    /// </summary>
    public static JournalFolder Look(string path)
    {
        var isLocked = File.Exists(System.IO.Path.Combine(path, LockName));
        return new JournalFolder(path, isLocked ? Lock(path, FileMode.Open, FileAccess.Read) ?? throw Held(path) : null);
    }

    private static CdcException Held(string path) =>
        new(ErrorCodes.LogLocked, $"Opening the log in '{path}', its lock was found held by another.");

    /// <summary>A handle that holds the lock; null where another has it.</summary>
    private static FileStream? Lock(string path, FileMode mode = FileMode.OpenOrCreate, FileAccess access = FileAccess.ReadWrite)
    {
        try
        {
            return DiskStorage.Open(System.IO.Path.Combine(path, LockName), mode, access, FileShare.None);
        }
        catch (IOException error) when (DiskStorage.IsHeldElsewhere(error))
        {
            return null;
        }
    }

    public string PathOf(long number) =>
        System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number:D10}{Ending}"));

    /// <summary>The numbers of the segments there are, oldest first, without a gap.</summary>
    public List<long> ListSegments()
    {
        var numbers = new List<long>();
        foreach (var file in Directory.EnumerateFiles(Path, Prefix + "*" + Ending))
        {
            var name = System.IO.Path.GetFileName(file);
            if (!long.TryParse(name.AsSpan(Prefix.Length, name.Length - Prefix.Length - Ending.Length), NumberStyles.None,
                CultureInfo.InvariantCulture, out var number)
                || !string.Equals(file, PathOf(number), StringComparison.Ordinal))
                throw JournalErrors.Damaged(file, 0, "its name is not a segment's");
            numbers.Add(number);
        }

        numbers.Sort();
        for (var i = 1; i < numbers.Count; i++)
        {
            if (numbers[i] != numbers[i - 1] + 1)
                throw JournalErrors.Damaged(PathOf(numbers[i - 1] + 1), 0, "the file is missing between others");
        }

        return numbers;
    }

    /// <summary>Moves all segments, newest first: what is left after a kill is a log that lost its end, which capture refuses.</summary>
    public string SetAside(DateTimeOffset now)
    {
        var aside = System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"damaged-{now:yyyyMMdd'T'HHmmssfff'Z'}"));
        DiskStorage.CreateFolder(aside);
        foreach (var file in Directory.EnumerateFiles(Path, Prefix + "*").OrderDescending(StringComparer.Ordinal))
            File.Move(file, System.IO.Path.Combine(aside, System.IO.Path.GetFileName(file)));
        DiskStorage.Instance.FlushFolder(aside);
        DiskStorage.Instance.FlushFolder(Path);
        return aside;
    }

    /// <summary>The files that a journal made: its segments, oldest first, and what one that was being made left behind.</summary>
    public IReadOnlyList<string> ListFiles() =>
        [.. Directory.EnumerateFiles(Path, Prefix + "*").Where(IsOurs)
            .OrderBy(file => file.EndsWith(UnfinishedEnding, StringComparison.Ordinal)).ThenBy(file => file, StringComparer.Ordinal)];

    private bool IsOurs(string file)
    {
        var name = file.EndsWith(UnfinishedEnding, StringComparison.Ordinal) ? file[..^UnfinishedEnding.Length] : file;
        var digits = System.IO.Path.GetFileName(name).AsSpan(Prefix.Length);
        return digits.EndsWith(Ending)
            && long.TryParse(digits[..^Ending.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && string.Equals(name, PathOf(number), StringComparison.Ordinal);
    }

    public void Dispose() => held?.Dispose();
}
