using System.Runtime.CompilerServices;
using GradLint.Analyzers;

namespace GradLint.Testing;

/// <summary>Whoever hosts the analyzers in tests sees the exceptions that a user's build swallows.</summary>
internal static class BugsShow
{
    [ModuleInitializer]
    internal static void Set() => Guard.Rethrows = true;
}
