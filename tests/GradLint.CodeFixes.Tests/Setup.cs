using System.Runtime.CompilerServices;
using GradLint.Analyzers;

namespace GradLint.CodeFixes.Tests;

internal static class Setup
{
    [ModuleInitializer]
    internal static void BugsShow() => Guard.Rethrows = true;
}
