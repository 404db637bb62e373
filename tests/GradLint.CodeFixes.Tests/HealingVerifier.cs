using System.Collections.Concurrent;
using GradLint.Analyzers;
using GradLint.Analyzers.Reading;
using GradLint.Probe;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;

namespace GradLint.CodeFixes.Tests;

/// <summary>A fix is proven on the running network: the fault is measured before, its absence after.</summary>
internal static class HealingVerifier
{
    /// <summary>A network with several repairs is measured once.</summary>
    private static readonly ConcurrentDictionary<string, Lazy<(double Ratio, double Geometry)>> Before = new();

    /// <summary>Before: the fault that the warning names, of the size that it says. After: a gradient that arrives, no warning, nothing left to apply.</summary>
    /// <param name="id">The rule that speaks before.</param>
    /// <param name="key">The alternative.</param>
    /// <param name="source">A class <c>Net</c>.</param>
    /// <param name="inputShape">Shape of one sample.</param>
    /// <param name="fault">The measured exponent must lie beyond it before: below a negative one, above a positive one.</param>
    public static async Task VerifyAsync<TFixer>(string id, string key, string source, long[] inputShape, double fault)
        where TFixer : CodeFixProvider, new()
    {
        var (before, geometryBefore) = Before.GetOrAdd(source, s => new(() => Healing.EndToEndGradientRatio(Healing.Compile(NetworkSource.Usings + s), inputShape))).Value;
        if (Math.Abs(fault) >= 3)
            Assert.Equal(fault < 0 ? GradientVerdict.Vanishing : GradientVerdict.Exploding, Healing.Report(Healing.Compile(NetworkSource.Usings + source), inputShape).Verdict);
        var (warnings, predicted) = await PredictedAsync(NetworkSource.Usings + source, inputShape);
        Assert.Equal(id, Assert.Single(warnings).Id);
        var measured = before - geometryBefore;
        Assert.True(fault < 0 ? measured < fault : measured > fault, $"measured 10^{measured:F2} before");
        Assert.True(Math.Abs(before - predicted!.Value) < 0.5, $"predicted 10^{predicted:F2}, measured 10^{before:F2} before");

        var repaired = await new CSharpCodeFixTest<NetworkAnalyzer, TFixer> { TestCode = NetworkSource.Usings + source, CodeActionEquivalenceKey = key }.FixedSourceAsync();
        Assert.NotEqual(NetworkSource.Usings + source, repaired);
        var (after, geometry) = Healing.EndToEndGradientRatio(Healing.Compile(repaired), inputShape);
        Assert.True(Math.Abs(after - geometry) < 1.5, $"measured 10^{after - geometry:F2} after{Environment.NewLine}{repaired}");
        Healing.Report(Healing.Compile(repaired), inputShape).AssertHealthy();
        var (remaining, repredicted) = await PredictedAsync(repaired, inputShape);
        Assert.Empty(remaining);
        Assert.True(repredicted is null || Math.Abs(after - repredicted.Value) < 0.5, $"predicted 10^{repredicted:F2}, measured 10^{after:F2} after");
    }

    private static async Task<(IReadOnlyList<Diagnostic> Warnings, double? Predicted)> PredictedAsync(string source, long[] inputShape)
    {
        var test = new CSharpAnalyzerTest<NetworkAnalyzer>();
        var project = test.CreateProject([("/0/Net.cs", source)]);
        var (all, _) = await CSharpAnalyzerTest<NetworkAnalyzer>.GetDiagnosticsAsync(project, default);
        var compilation = (await project.GetCompilationAsync())!;
        var reader = new NetworkReader(compilation, TorchSharpSymbols.TryResolve(compilation)!);
        var read = reader.Read(compilation.GetTypeByMetadataName("Net")!, default);
        return (all, Prediction.Of(read!.Network, new PredictionOptions { InputSpatial = Sizes.Of([.. inputShape.Skip(1).Select(s => (int?)s)]) }).EndToEndGradientRatio);
    }
}
