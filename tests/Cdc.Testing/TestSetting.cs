using System.Globalization;

namespace Cdc.Testing;

/// <summary>What turns a test of CI into its long form: whole numbers in environment variables.</summary>
public static class TestSetting
{
    public static int Read(string name, int otherwise) => Environment.GetEnvironmentVariable(name) switch
    {
        null or "" => otherwise,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) => value,
        var text => throw new InvalidOperationException($"{name} is '{text}', expected a whole number."),
    };
}
