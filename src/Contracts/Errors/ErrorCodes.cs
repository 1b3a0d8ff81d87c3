using System.Reflection;

namespace Cdc.Contracts.Errors;

/// <summary>Every code there is; the parts of this class are named by the side that raises them.</summary>
public static partial class ErrorCodes
{
    public static readonly ErrorCode Internal = new(9000, ErrorKind.Internal, "A rule of the platform was broken",
        "This is a defect. Keep the log and report it with the lines above.");

    /// <summary>All codes in order of their number.</summary>
    public static IReadOnlyList<ErrorCode> All =>
    [
        .. typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(member => member.GetValue(null)).OfType<ErrorCode>().OrderBy(code => code.Number),
    ];
}
