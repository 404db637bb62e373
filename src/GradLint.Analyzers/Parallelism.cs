using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers;

/// <summary>How many threads may work on a compilation: as many as the compiler itself uses.</summary>
internal static class Parallelism
{
    public static ParallelOptions Of(Compilation compilation, CancellationToken cancellationToken) =>
        new() { CancellationToken = cancellationToken, MaxDegreeOfParallelism = compilation.Options.ConcurrentBuild ? -1 : 1 };
}
