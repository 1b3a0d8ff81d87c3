using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Errors;

namespace Cdc.Contracts.Tests.Avro;

public class WireFormatTests
{
    [Theory]
    [InlineData(0, "0000000000")]
    [InlineData(258, "0000000102")]
    [InlineData(int.MaxValue, "007fffffff")]
    public void Head_is_zero_and_a_big_endian_number(int id, string hex)
    {
        using var buffer = new PooledBuffer();
        WireFormat.WriteHead(buffer, id);
        buffer.WriteByte(7);
        Assert.Equal(hex + "07", Convert.ToHexStringLower(buffer.WrittenSpan));
        var body = WireFormat.ReadBody(buffer.WrittenSpan, out var back);
        Assert.Equal(id, back);
        Assert.Equal([7], body.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("00000000")]
    [InlineData("0100000001ff")]
    [InlineData("7b226964223a317d")]
    public void Rejects_other_formats(string hex) =>
        Assert.Same(
            ErrorCodes.WireFormatUnknown,
            Assert.Throws<CdcException>(() => { _ = WireFormat.ReadBody(Convert.FromHexString(hex), out _); }).Code);
}
