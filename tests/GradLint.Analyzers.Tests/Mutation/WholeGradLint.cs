using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Analyzers.Tests.Mutation;

/// <summary>Every analyzer and every generator of GradLint over one compilation.</summary>
internal static class WholeGradLint
{
    private static readonly Type[] Types = typeof(NetworkAnalyzer).Assembly.GetTypes();

    private static readonly CSharpCompilation Library = Empty(OutputKind.DynamicallyLinkedLibrary), Program = Empty(OutputKind.ConsoleApplication);

    public static ImmutableArray<DiagnosticAnalyzer> Analyzers { get; } =
        [.. Types.Where(t => !t.IsAbstract && t.IsSubclassOf(typeof(DiagnosticAnalyzer))).Select(t => (DiagnosticAnalyzer)Activator.CreateInstance(t)!)];

    public static ImmutableArray<ISourceGenerator> Generators { get; } =
        [.. Types.Where(t => !t.IsAbstract && typeof(IIncrementalGenerator).IsAssignableFrom(t)).Select(t => ((IIncrementalGenerator)Activator.CreateInstance(t)!).AsSourceGenerator())];

    /// <summary>A compilation whose references are read once for all.</summary>
    public static CSharpCompilation Compile(OutputKind kind, params SyntaxTree[] trees) =>
        (kind == OutputKind.ConsoleApplication ? Program : Library).AddSyntaxTrees(trees);

    /// <summary>What GradLint says about a compilation, and how long that took, with the compiler's own work; what one of its parts throws is thrown.</summary>
    public static (string Result, TimeSpan Time) Run(CSharpCompilation compilation, CancellationToken cancellationToken = default)
    {
        Exception? thrown = null;
        var options = new CompilationWithAnalyzersOptions(new AnalyzerOptions([]), (e, _, _) => thrown ??= e, concurrentAnalysis: false, logAnalyzerExecutionTime: false);
        var clock = Stopwatch.StartNew();
        var reported = compilation.WithAnalyzers(Analyzers, options).GetAnalyzerDiagnosticsAsync(cancellationToken).GetAwaiter().GetResult();
        var generated = CSharpGeneratorDriver.Create(Generators, parseOptions: (CSharpParseOptions?)compilation.SyntaxTrees.FirstOrDefault()?.Options)
            .RunGenerators(compilation, cancellationToken).GetRunResult();
        var time = clock.Elapsed;
        thrown ??= generated.Results.Select(r => r.Exception).FirstOrDefault(e => e is not null);
        if (thrown is not null)
            throw new InvalidOperationException("GradLint threw: " + thrown, thrown);
        var lines = reported.Select(d => $"{d.Location.SourceSpan} {d.Id} {d.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}").Order(StringComparer.Ordinal)
            .Concat(generated.GeneratedTrees.Select(t => t.ToString()));
        return (string.Join("\n", lines), time);
    }

    private static CSharpCompilation Empty(OutputKind kind)
    {
        var compilation = CSharpCompilation.Create("Test", [], ReferenceAssemblies.WithTorchSharp, new CSharpCompilationOptions(kind));
        Assert.NotNull(compilation.GetTypeByMetadataName("TorchSharp.torch"));
        return compilation;
    }
}
