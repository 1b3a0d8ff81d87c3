using System.Globalization;
using Cdc.Cli.Configuration;
using Cdc.Contracts.Checks;
using Cdc.Contracts.Errors;

namespace Cdc.Cli.Checks;

/// <summary>Whether the folder of something that grows can take it.</summary>
internal static class FolderCheck
{
    private const long Little = 1L << 30;

    /// <param name="path">The folder; it need not be there yet.</param>
    /// <param name="most">What it may come to hold in bytes; null where that has no bound.</param>
    /// <param name="denied">The code of the error that a missing right would end in.</param>
    public static IEnumerable<Finding> Look(string path, long? most, ErrorCode denied)
    {
        var nearest = FolderRights.Nearest(path);
        if (File.Exists(path))
            yield return Finding.Fault("folder", $"'{path}' is a file", "Name another folder.", denied);
        else if (!FolderRights.MayWrite(nearest))
            yield return Finding.Fault("folder", $"'{nearest}' cannot be written to by this user",
                $"chown or chmod '{nearest}', or name another folder.", denied);
        else
            yield return Finding.Good("folder", nearest == Path.GetFullPath(path) ? $"'{path}' can be written to"
                : $"'{path}' will be made");

        var free = new DriveInfo(nearest).AvailableFreeSpace;
        var message = string.Create(CultureInfo.InvariantCulture, $"{free / (double)(1L << 30):0.0} GiB free");
        if (most > free + Held(path))
            yield return Finding.Warning("disk", $"{message}, less than 'retentionBytes' of {Units.Shown(most.Value)}",
                "Make room, or lower 'retentionBytes'.");
        else if (free < Little)
            yield return Finding.Warning("disk", $"{message}: little",
                "Make room: a full disk stops capture and sinks until there is some.");
        else
            yield return Finding.Good("disk", message);
    }

    private static long Held(string path)
    {
        var folder = new DirectoryInfo(path);
        return folder.Exists ? folder.EnumerateFiles().Sum(file => file.Length) : 0;
    }
}
