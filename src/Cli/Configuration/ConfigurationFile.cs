using System.Text;
using Cdc.Contracts.Errors;

namespace Cdc.Cli.Configuration;

/// <summary>Reads a configuration file; the same call stands behind every command.</summary>
internal static class ConfigurationFile
{
    public const int MaxBytes = 1 << 20;

    /// <summary>The file's options, or a <see cref="ConfigurationException"/> with everything that is wrong in it.</summary>
    public static InstallationOptions Load(string file, Func<string, string?>? environment = null)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file)) ?? "/";
        return Bind(ReadText(file), file, new Binding(folder, environment ?? Environment.GetEnvironmentVariable));
    }

    /// <summary>As <see cref="Load"/> for a text that was read already.</summary>
    public static InstallationOptions Bind(string text, string file, Binding binding)
    {
        var root = YamlTree.Read(text, binding.Faults);
        InstallationOptions? options = null;
        if (root is MappingNode mapping)
            options = Section.Read(binding, mapping, 0, "", InstallationBinder.Bind);
        else if (root is not null || binding.Faults.Count == 0)
        {
            binding.Fault(ErrorCodes.ConfigurationSyntaxInvalid, root?.Line ?? 0, "",
                $"There is {root?.Sort ?? "nothing"}; expected groups of keys: name, log, sources, sinks.");
        }

        return binding.Faults.Count == 0
            ? options!
            : throw new ConfigurationException(file, [.. binding.Faults.OrderBy(fault => fault.Line)]);
    }

    private static string ReadText(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            var bytes = new byte[MaxBytes + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > MaxBytes)
                throw Unreadable(file, $"The file is larger than {MaxBytes} bytes; expected a configuration.");
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, length);
            return text.TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            throw Unreadable(file, "The file is not UTF-8 text; expected a configuration in YAML.");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Unreadable(file, "There is no such file; expected a configuration.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(file, "The file cannot be read; expected one that this user may read.");
        }
    }

    private static ConfigurationException Unreadable(string file, string message) =>
        new(file, [new Fault(ErrorCodes.ConfigurationUnreadable, 0, "", message)]);
}
