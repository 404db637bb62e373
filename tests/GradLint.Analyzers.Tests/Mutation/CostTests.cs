using System.Collections.Immutable;
using System.Diagnostics;
using GradLint.Analyzers.Embedding;
using GradLint.Analyzers.Reading;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Xunit.Abstractions;

namespace GradLint.Analyzers.Tests.Mutation;

/// <summary>
/// What GradLint adds to the compilation of code that is nothing but models: processor time, so that other programs on the machine count
/// little, and only ratios within one run. <c>GRADLINT_COST_ROUNDS</c> in the environment says how often; <see cref="BindingTests"/>
/// counts what no clock can get wrong.
/// </summary>
[Collection(Alone.Name)]
public class CostTests(ITestOutputHelper output)
{
    private static readonly int Rounds = int.TryParse(Environment.GetEnvironmentVariable("GRADLINT_COST_ROUNDS"), out var rounds) ? rounds : 3;

    // Where it is measured, the runtime has compiled the compiler and GradLint for good by then, or nearly.
    private static readonly int WarmUps = Environment.GetEnvironmentVariable("GRADLINT_COST_ROUNDS") is null ? 1 : 12;

    [Fact]
    public void A_compilation_with_GradLint_takes_no_multiple()
    {
        var sources = Models.Sources(2);
        Assert.True(Added(sources).Rows > sources.Count);
        for (var i = 0; i < WarmUps; i++)
            Ratios(sources);
        var ratios = Enumerable.Range(0, Rounds).Select(_ => Ratios(sources)).ToList();
        var whole = Report.Median(ratios.Select(r => r.Whole));
        var withoutGenerator = Report.Median(ratios.Select(r => r.WithoutGenerator));
        output.WriteLine($"{whole:0.000} times the bare compilation, {withoutGenerator:0.000} times where no predictions are embedded (medians of {Rounds}, {sources.Count} files)");
        Report.Add("bare compilation, in process", whole);
        Report.Add("bare compilation, in process, no predictions embedded", withoutGenerator);

        // What the generator reads is bound once more than the compiler does it for itself, and to bind is about half of what a compiler
        // does; what the analyzers read alone is bound already. The bounds leave room for builds that are not optimized.
        Assert.True(whole < 4, $"{whole}");
        Assert.True(withoutGenerator < 3, $"{withoutGenerator}");
    }

    [Fact]
    public void Ten_times_the_code_costs_at_most_eleven_times_as_much()
    {
        var (few, many) = (Models.Sources(1), Models.Sources(10));
        Added(few);
        var (once, tenTimes) = (Added(few), Added(many));
        Assert.Equal(10 * once.Rows, tenTimes.Rows);
        Assert.InRange(Bound(many), 1, 10 * Bound(few));
        output.WriteLine($"{(double)tenTimes.Bytes / once.Bytes:0.00} times the memory for ten times the code");
        Report.Add("memory for ten times the code", (double)tenTimes.Bytes / once.Bytes);
        Assert.True(tenTimes.Bytes < 11 * once.Bytes, $"{tenTimes.Bytes} and {once.Bytes} bytes");

        var ratio = Report.Median(Enumerable.Range(0, Rounds).Select(_ => Added(many).Seconds / Enumerable.Range(0, 2).Average(_ => Added(few).Seconds)));
        output.WriteLine($"{ratio:0.00} times the time for ten times the code (median of {Rounds})");
        Report.Add("time for ten times the code", ratio);
        Assert.True(ratio < 20, $"{ratio}");
    }

    private static (double Whole, double WithoutGenerator) Ratios(IReadOnlyList<string> sources)
    {
        var bare = Seconds(() =>
        {
            using var assembly = new MemoryStream();
            Assert.DoesNotContain(Models.Compilation(sources).Emit(assembly).Diagnostics, d => d.Severity == DiagnosticSeverity.Error);
        });
        var nothing = Seconds(() => Analyze(Models.Compilation(sources), new AsksForFiles()));
        var analyzers = Seconds(() => Analyze(Models.Compilation(sources), WholeGradLint.Analyzers));
        var whole = Seconds(() => Analyze(Generate(Models.Compilation(sources)), WholeGradLint.Analyzers));
        return (1 + ((whole - nothing) / bare), 1 + ((analyzers - nothing) / bare));
    }

    /// <summary>What the reading, the prediction and the writing of all networks takes.</summary>
    private static (int Rows, double Seconds, long Bytes) Added(IReadOnlyList<string> sources)
    {
        var compilation = Models.Compilation(sources);
        compilation.GetDiagnostics();
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        Compilation generated = compilation;
        var seconds = Seconds(() => generated = Generate(compilation));
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        var rows = generated.Assembly.GetAttributes().SelectMany(a => EmbeddedPrediction.ParseAll(a.ConstructorArguments[^1].Value as string)).Count();
        return (rows, seconds, bytes);
    }

    private static int Bound(IReadOnlyList<string> sources)
    {
        var compilation = Models.Compilation(sources);
        var reader = new NetworkReader(compilation, TorchSharpSymbols.TryResolve(compilation)!);
        NetworkFinder.All(compilation, reader, default);
        return reader.Bound;
    }

    private static Compilation Generate(Compilation compilation)
    {
        CSharpGeneratorDriver.Create(WholeGradLint.Generators).RunGeneratorsAndUpdateCompilation(compilation, out var generated, out _);
        return generated;
    }

    /// <summary>As a compiler does it: every body is bound, and then the analyzers are asked.</summary>
    private static void Analyze(Compilation compilation, params ImmutableArray<DiagnosticAnalyzer> analyzers)
    {
        var options = new CompilationWithAnalyzersOptions(new AnalyzerOptions([]), null, concurrentAnalysis: false, logAnalyzerExecutionTime: false);
        compilation.WithAnalyzers(analyzers, options).GetAnalyzerDiagnosticsAsync().GetAwaiter().GetResult();
    }

    private static double Seconds(Action action)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        action();
        process.Refresh();
        return (process.TotalProcessorTime - before).TotalSeconds;
    }

#pragma warning disable RS1036, RS1038, RS1041 // Not one that is shipped: it makes the compiler bind everything, as a build does anyway.
    [DiagnosticAnalyzer(LanguageNames.CSharp)]
    private sealed class AsksForFiles : DiagnosticAnalyzer
    {
        public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
            [new("TEST0001", "Asks", "Asks", "Test", DiagnosticSeverity.Warning, isEnabledByDefault: true)];

        public override void Initialize(AnalysisContext context)
        {
            context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
            context.EnableConcurrentExecution();
            context.RegisterSemanticModelAction(static _ => { });
        }
    }
}
