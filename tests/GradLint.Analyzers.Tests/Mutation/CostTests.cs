using System.Collections.Immutable;
using System.Diagnostics;
using GradLint.Analyzers.Tests.Golden;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Xunit.Abstractions;

namespace GradLint.Analyzers.Tests.Mutation;

/// <summary>What GradLint adds to the compilation of code that is nothing but models. Only ratios within one run are compared: compilations
/// with GradLint and with an analyzer that only makes the compiler bind every body, by turns. <c>GRADLINT_COST_ROUNDS</c> in the environment
/// says how often.</summary>
public class CostTests(ITestOutputHelper output)
{
    private static readonly int Rounds = int.TryParse(Environment.GetEnvironmentVariable("GRADLINT_COST_ROUNDS"), out var rounds) ? rounds : 3;

    [Fact]
    public void A_compilation_with_GradLint_takes_no_multiple()
    {
        var sources = Models(2);
        var ratio = Median([.. Enumerable.Range(0, Rounds + 1).Select(_ => Time(sources, gradLint: true) / Time(sources, gradLint: false)).Skip(1)]);
        output.WriteLine($"{ratio:0.000} times the compilation without GradLint (median of {Rounds} pairs, {sources.Count} files)");

        // A guard against an order of magnitude: the machine may be busy with other tests, and the build not optimized.
        // The figure that counts is in the output.
        Assert.True(ratio < 5, $"{ratio}");
    }

    [Fact]
    public void Ten_times_the_code_costs_about_ten_times_as_much()
    {
        var (few, many) = (Models(1), Models(10));
        Cost(few);
        var ratio = Median([.. Enumerable.Range(0, Rounds).Select(_ => Cost(many) / Cost(few))]);
        output.WriteLine($"{ratio:0.0} times the cost for ten times the code (median of {Rounds} pairs)");
        Assert.True(ratio < 15, $"{ratio}");
    }

    /// <summary>Seconds that GradLint alone takes.</summary>
    private static double Cost(IReadOnlyList<string> sources) => WholeGradLint.Run(WholeGradLint.Compile(OutputKind.DynamicallyLinkedLibrary, Parse(sources))).Time.TotalSeconds;

    /// <summary>Seconds from the text to the assembly.</summary>
    private static double Time(IReadOnlyList<string> sources, bool gradLint)
    {
        var clock = Stopwatch.StartNew();
        Compilation compilation = WholeGradLint.Compile(OutputKind.DynamicallyLinkedLibrary, Parse(sources));
        if (gradLint)
            CSharpGeneratorDriver.Create(WholeGradLint.Generators).RunGeneratorsAndUpdateCompilation(compilation, out compilation, out _);
        ImmutableArray<DiagnosticAnalyzer> analyzers = gradLint ? WholeGradLint.Analyzers : [new BindsEverything()];
        var options = new CompilationWithAnalyzersOptions(new AnalyzerOptions([]), null, concurrentAnalysis: false, logAnalyzerExecutionTime: false);
        compilation.WithAnalyzers(analyzers, options).GetAnalyzerDiagnosticsAsync().GetAwaiter().GetResult();
        using var assembly = new MemoryStream();
        Assert.True(compilation.Emit(assembly).Success);
        return clock.Elapsed.TotalSeconds;
    }

    private static SyntaxTree[] Parse(IReadOnlyList<string> sources) => [.. sources.Select((s, i) => CSharpSyntaxTree.ParseText(s, path: $"/0/{i}.cs"))];

    /// <summary>The golden sources that are whole classes, each as often as wanted and in a namespace of its own.</summary>
    private static List<string> Models(int copies)
    {
        var models = GoldenNetwork.All().Where(n => n is { IsOld: false, IsNewer: false } && n.Source.Contains("class Net ")
            && !n.Idioms.Contains("top-level") && !n.Source.Contains("//--- ") && !n.Source.Contains("namespace ")).ToList();
        Assert.True(models.Count > 100);
        var sources = new List<string> { GoldenNetwork.GlobalUsings };
        for (var copy = 0; copy < copies; copy++)
            sources.AddRange(models.Select((m, i) => $"namespace Copy{copy}Model{i}\n{{\n{m.Source}\n}}\n"));
        return sources;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

#pragma warning disable RS1036, RS1038, RS1041 // A stand-in for "some analyzer", not one that is shipped.
    [DiagnosticAnalyzer(LanguageNames.CSharp)]
    private sealed class BindsEverything : DiagnosticAnalyzer
    {
        public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
            [new("TEST0001", "Binds", "Binds", "Test", DiagnosticSeverity.Warning, isEnabledByDefault: true)];

        public override void Initialize(AnalysisContext context)
        {
            context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
            context.EnableConcurrentExecution();
            context.RegisterOperationAction(static _ => { }, OperationKind.Invocation);
        }
    }
}
