using System.Runtime.Versioning;

namespace GradLint.EndToEnd;

internal static class UnixOnly
{
    public static string? Skip { get; } = OperatingSystem.IsWindows() ? "Windows runs no shell scripts." : null;

    [UnsupportedOSPlatformGuard("windows")]
    public static bool IsExecutable(string file) =>
        !OperatingSystem.IsWindows() && File.GetUnixFileMode(file).HasFlag(UnixFileMode.UserExecute);
}

internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = UnixOnly.Skip;
}

internal sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute() => Skip = UnixOnly.Skip;
}
