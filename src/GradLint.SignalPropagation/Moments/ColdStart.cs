using System.Runtime.CompilerServices;

namespace GradLint.SignalPropagation.Moments;

/// <summary>For the few methods whose loops a compiler that has just started would run in the runtime's first, slow code.</summary>
internal static class ColdStart
{
    /// <summary>MethodImplOptions.AggressiveOptimization, which netstandard2.0 does not name; older runtimes ignore it.</summary>
    public const MethodImplOptions CompileAtOnce = (MethodImplOptions)512;
}
