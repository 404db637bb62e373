using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace GradLint.Testing;

/// <summary>What test sources are compiled against.</summary>
public static class ReferenceAssemblies
{
    /// <summary>Names a TorchSharp.dll of another version to compile the test sources against.</summary>
    private const string OtherTorchSharp = "GRADLINT_TESTS_TORCHSHARP";

    /// <summary>The framework the tests run on (reference by implementation: no package download needed).</summary>
    public static ImmutableArray<MetadataReference> Framework { get; } =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(p => Path.GetFileName(p) is var f && (f.StartsWith("System.", StringComparison.Ordinal) || f is "mscorlib.dll" or "netstandard.dll"))
            .Select(p => MetadataReference.CreateFromFile(p))];

    /// <summary>The framework and TorchSharp.</summary>
    public static ImmutableArray<MetadataReference> WithTorchSharp { get; } =
        [.. Framework, MetadataReference.CreateFromFile(Environment.GetEnvironmentVariable(OtherTorchSharp) is { Length: > 0 } path ? path : Path.Combine(AppContext.BaseDirectory, "TorchSharp.dll"))];
}
