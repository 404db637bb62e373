using System.Runtime.CompilerServices;

namespace GradLint.Analyzers.Tests;

internal static class Setup
{
    [ModuleInitializer]
    internal static void BugsShow() => Guard.Rethrows = true;
}
