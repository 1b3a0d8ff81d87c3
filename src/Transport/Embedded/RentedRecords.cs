using Cdc.Contracts.Buffers;

namespace Cdc.Transport.Embedded;

/// <summary>Memory for one group's records; given back once.</summary>
internal sealed class RentedRecords(int length) : IDisposable
{
    private byte[] bytes = ByteArrays.Rent(length);

    public Memory<byte> Memory => bytes.AsMemory(0, length);

    public void Dispose()
    {
        if (bytes.Length > 0)
            ByteArrays.Return(bytes);
        bytes = [];
    }
}
