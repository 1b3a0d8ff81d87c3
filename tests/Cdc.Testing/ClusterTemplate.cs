using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Cdc.Testing;

/// <summary>
/// Makes data folders fast: <c>initdb</c> runs once per set of programs, later clusters are copies of its result. A copy gets a system
/// identifier of its own, for that is how the platform tells one database server from another.
/// </summary>
internal static class ClusterTemplate
{
    public static async Task CreateAsync(PostgresPrograms programs, string binaries, string dataFolder)
    {
        var built = File.GetLastWriteTimeUtc(Path.Combine(binaries, "postgres")).Ticks;
        var name = $"{Path.GetFileName(Path.GetDirectoryName(binaries))}-{built:x}-{Environment.UserName}";
        var template = Path.Combine(RepositoryFolder.Root, "artifacts", "postgres-templates", name);
        if (Directory.Exists(template))
        {
            await CopyAsync(template, dataFolder);
            GiveIdentity(dataFolder, RandomNumberGenerator.GetBytes(sizeof(ulong)));
            return;
        }

        await programs.RunAsync("initdb", "-D", dataFolder, "-U", PostgresServer.User, "-A", "trust", "-E", "UTF8", "--locale=C",
            "--no-sync");
        await KeepAsync(dataFolder, template);
    }

    private static Task CopyAsync(string from, string to) => PostgresPrograms.RunAnyAsync("cp", "-a", "--reflink=auto", from, to);

    private static async Task KeepAsync(string dataFolder, string template)
    {
        var partial = $"{template}.{Guid.NewGuid():n}";
        Directory.CreateDirectory(Path.GetDirectoryName(template)!);
        await CopyAsync(dataFolder, partial);
        try
        {
            Directory.Move(partial, template);
        }
        catch (IOException)
        {
            // Another test was faster; its template serves as well.
            Directory.Delete(partial, recursive: true);
        }
    }

    /// <summary>
    /// The system identifier is the first field of <c>global/pg_control</c> (src/include/catalog/pg_control.h, the same from 14 to 18).
    /// That file ends in a CRC-32C of what is before it. The identifier is also in the long header of each WAL segment's first page
    /// (access/xlog_internal.h).
    /// </summary>
    private static void GiveIdentity(string dataFolder, ReadOnlySpan<byte> identity)
    {
        const int segmentIdentityOffset = 24;
        var path = Path.Combine(dataFolder, "global", "pg_control");
        var control = File.ReadAllBytes(path);
        var checksumOffset = FindChecksum(control);
        identity.CopyTo(control);
        BinaryPrimitives.WriteUInt32LittleEndian(control.AsSpan(checksumOffset), Checksum(control.AsSpan(0, checksumOffset)));
        File.WriteAllBytes(path, control);

        foreach (var segment in Directory.EnumerateFiles(Path.Combine(dataFolder, "pg_wal")))
        {
            using var stream = File.OpenWrite(segment);
            stream.Position = segmentIdentityOffset;
            stream.Write(identity);
        }
    }

    // The structure's length differs between versions, its checksum tells where it ends.
    private static int FindChecksum(ReadOnlySpan<byte> control)
    {
        for (var offset = 64; offset < 512; offset += sizeof(uint))
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(control[offset..]) == Checksum(control[..offset]))
                return offset;
        }

        throw new InvalidOperationException("The cluster's control file holds no checksum where one was expected.");
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}
