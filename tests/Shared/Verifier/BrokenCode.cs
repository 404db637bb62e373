using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Xunit.Sdk;

namespace GradLint.Testing;

/// <summary>Half-typed sources, as an analyzer meets them at every keystroke.</summary>
public static class BrokenCode
{
    /// <summary>The source cut off after each token, and the source without each token.</summary>
    public static IEnumerable<string> Mutations(string source)
    {
        foreach (var token in CSharpSyntaxTree.ParseText(source).GetRoot().DescendantTokens())
        {
            if (token.Span.Length == 0)
                continue;
            yield return source[..token.Span.End];
            yield return source.Remove(token.SpanStart, token.Span.Length);
        }
    }

    /// <summary>Runs the analyzer over every source and fails on the first exception that it throws.</summary>
    /// <returns>How many sources were analyzed.</returns>
    public static async Task<int> VerifySurvivesAsync<TAnalyzer>(IEnumerable<string> sources, OutputKind outputKind = OutputKind.DynamicallyLinkedLibrary)
        where TAnalyzer : DiagnosticAnalyzer, new()
    {
        var compilation = CSharpCompilation.Create("Broken", references: ReferenceAssemblies.WithTorchSharp, options: new CSharpCompilationOptions(outputKind));
        var count = 0;
        foreach (var source in sources)
        {
            Exception? thrown = null;
            var options = new CompilationWithAnalyzersOptions(new AnalyzerOptions([]), (e, _, _) => thrown ??= e, concurrentAnalysis: false, logAnalyzerExecutionTime: false);
            var broken = compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText(source, path: "/0/Broken.cs")).WithAnalyzers([new TAnalyzer()], options);
            var reported = await broken.GetAnalyzerDiagnosticsAsync();
            if (thrown is not null || reported.Any(d => d.Id == "AD0001"))
                throw new XunitException($"{typeof(TAnalyzer).Name} threw {thrown} on:{Environment.NewLine}{source}");
            count++;
        }

        return count;
    }
}
