using System.Reflection;
using GradLint.Analyzers.Reading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Analyzers.Tests.Reality;

/// <summary>The texts of the networks: as they are, for the reader, and compiled, to be run.</summary>
internal static class Sources
{
    private const string ImplicitUsings = "global using System; global using System.Collections.Generic; global using System.Linq;";

    private static readonly CSharpParseOptions Parsing = new(LanguageVersion.Latest);

    private static readonly SyntaxTree[] Trees = [.. Texts().Select(t => CSharpSyntaxTree.ParseText(t.Text, Parsing, t.Path)), CSharpSyntaxTree.ParseText(ImplicitUsings, Parsing)];

    /// <summary>All networks, as they are written.</summary>
    public static CSharpCompilation Written { get; } = CSharpCompilation.Create("Written", Trees, ReferenceAssemblies.WithTorchSharp,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    /// <summary>
    /// The same with <c>call</c> wherever <c>forward</c> is called: TorchSharp's hooks fire on <c>call</c> alone, and otherwise the two are the same.
    /// </summary>
    public static Assembly Runnable { get; } = Compile();

    private static readonly NetworkReader Reader = new(Written, TorchSharpSymbols.TryResolve(Written)!);

    public static ReadNetwork? Read(string name) => Reader.Read(Written.GetTypeByMetadataName(name)!, default);

    private static Assembly Compile()
    {
        var calling = new ForwardBecomesCall();
        var compilation = Written.RemoveAllSyntaxTrees().AddSyntaxTrees(Trees.Select(t => t.WithRootAndOptions(calling.Visit(t.GetRoot()), Parsing)));
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)));
        return Assembly.Load(image.ToArray());
    }

    private static IEnumerable<(string Path, string Text)> Texts()
    {
        var assembly = typeof(Sources).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith("Networks/", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return ("/0/" + name, reader.ReadToEnd());
        }
    }

    private sealed class ForwardBecomesCall : CSharpSyntaxRewriter
    {
        public override SyntaxNode? VisitMemberAccessExpression(MemberAccessExpressionSyntax node)
        {
            var visited = (MemberAccessExpressionSyntax)base.VisitMemberAccessExpression(node)!;
            return node.Name.Identifier.ValueText == "forward" && node.Expression is not BaseExpressionSyntax
                ? visited.WithName(SyntaxFactory.IdentifierName("call").WithTriviaFrom(visited.Name))
                : visited;
        }
    }
}
