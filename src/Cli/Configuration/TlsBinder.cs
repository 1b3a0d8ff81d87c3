using Cdc.Contracts.Errors;
using Cdc.Contracts.Security;

namespace Cdc.Cli.Configuration;

/// <summary>Reads TLS of one connection and refuses settings that would silently do nothing.</summary>
internal static class TlsBinder
{
    public static TlsOptions Bind(Section section)
    {
        var options = new TlsOptions();
        options = options with
        {
            Mode = section.Choice("mode", options.Mode),
            CaFile = section.ExistingFile("ca"),
            CertificateFile = section.ExistingFile("certificate"),
            KeyFile = section.ExistingFile("key"),
        };
        if (section.Has("ca") && options.Mode < TlsMode.VerifyCa)
        {
            section.Fault(ErrorCodes.SettingsConflict, "ca",
                "A certificate authority is given, but the mode does not check it; expected 'mode' verify-ca or verify-full.");
        }

        if (section.Has("certificate") != section.Has("key"))
        {
            section.Fault(ErrorCodes.SettingsConflict, section.Has("key") ? "key" : "certificate",
                "One of 'certificate' and 'key' is given; expected both or none.");
        }

        if (section.Has("certificate") && options.Mode == TlsMode.Disable)
            section.Fault(ErrorCodes.SettingsConflict, "certificate",
                "A certificate is given, but 'mode' is disable; expected another mode.");
        return options;
    }
}
