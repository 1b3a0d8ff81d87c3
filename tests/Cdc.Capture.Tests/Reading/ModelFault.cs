namespace Cdc.Capture.Tests.Reading;

/// <summary>What a schedule did wrong.</summary>
internal sealed class ModelFault(string message) : Exception(message)
{
    /// <summary>Plays a schedule; answers with what went wrong, or null.</summary>
    public static string? Of(Action play)
    {
        try
        {
            play();
            return null;
        }
        catch (ModelFault fault)
        {
            return fault.Message;
        }
    }
}
