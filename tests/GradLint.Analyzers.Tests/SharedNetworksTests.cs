using System.Text;
using GradLint.Analyzers.Embedding;
using GradLint.Analyzers.Tests.Golden;
using GradLint.Analyzers.Tests.Mutation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.Analyzers.Tests;

/// <summary>What the generator has read serves the analyzers of the same build, and of no other.</summary>
public class SharedNetworksTests
{
    private const string Source = """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential(Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(), Linear(64, 1));
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x) => layers.call(x);
        }
        class Unreadable : Module<int, int>
        {
            public Unreadable() : base("Unreadable") { }
            public override int forward(int x) => x;
        }
        static class Elsewhere
        {
            public static Sequential Make() => Sequential(Linear(4, 8), Tanh(), Linear(8, 2));
        }
        """;

    private static readonly CSharpCompilation Written = Models.Compilation([GoldenNetwork.GlobalUsings, Source]);

    [Fact]
    public void The_analyzers_of_the_build_are_given_what_the_generator_read()
    {
        var shared = SharedNetworks.Of(Generate(Written));
        Assert.NotNull(shared);
        var network = Assert.Single(shared.OfClass(Type("Net"), default));
        Assert.Equal("Net", network.TypeName);
        Assert.Same(network, Assert.Single(shared.OfClass(Type("Net"), default)));
        Assert.Empty(shared.OfClass(Type("Unreadable"), default));
        Assert.Equal("Elsewhere.Make", Assert.Single(shared.OutsideOfClasses(Written.SyntaxTrees[1], default)).Site);
        Assert.Empty(shared.OutsideOfClasses(Written.SyntaxTrees[0], default));
    }

    [Fact]
    public async Task They_say_the_same_as_without_it()
    {
        var with = await Say(Generate(Written));
        Assert.Contains("GRAD1001", with);
        Assert.Equal(await Say(Written), with);

        static async Task<string> Say(Compilation compilation) =>
            string.Join("\n", (await compilation.WithAnalyzers(WholeGradLint.Analyzers).GetAnalyzerDiagnosticsAsync()).Select(d => d.ToString()).Order(StringComparer.Ordinal));
    }

    /// <summary>As the SDK's compiler does: it hashes generated text with SHA-256, and copies what was made for another hash.</summary>
    [Fact]
    public void The_generated_file_may_be_a_copy()
    {
        var generated = Generate(Written);
        var file = generated.SyntaxTrees.Last();
        var copy = file.WithChangedText(SourceText.From(file.ToString(), Encoding.UTF8, SourceHashAlgorithm.Sha256));
        Assert.NotNull(SharedNetworks.Of(generated.ReplaceSyntaxTree(file, copy)));
    }

    [Fact]
    public void Without_the_generator_there_is_nothing_to_share() => Assert.Null(SharedNetworks.Of(Models.Compilation([GoldenNetwork.GlobalUsings, Source])));

    [Fact]
    public void A_generator_that_runs_again_shares_what_it_read_last()
    {
        var first = SharedNetworks.Of(Generate(Written));
        Assert.NotSame(first, SharedNetworks.Of(Generate(Written)));
        Assert.NotNull(first);
    }

    [Fact]
    public void A_compilation_without_files_shares_nothing() => Assert.Null(SharedNetworks.Of(Written.RemoveAllSyntaxTrees()));

    [Fact]
    public void An_edited_file_is_read_again()
    {
        var edited = Written.SyntaxTrees[1].WithChangedText(SourceText.From(Source.Replace("Sigmoid", "Tanh")));
        Assert.Null(SharedNetworks.Of(Generate(Written).ReplaceSyntaxTree(Written.SyntaxTrees[1], edited)));
    }

    [Fact]
    public void What_another_generator_adds_is_read() =>
        Assert.Null(SharedNetworks.Of(Generate(Written).AddSyntaxTrees(CSharpSyntaxTree.ParseText("class Added { }"))));

    [Fact]
    public void Other_references_are_read_with() =>
        Assert.Null(SharedNetworks.Of(Generate(Written).AddReferences(Written.ToMetadataReference())));

    [Fact]
    public void Other_options_are_read_with()
    {
        var generated = Generate(Written);
        Assert.Null(SharedNetworks.Of(generated.WithOptions(generated.Options.WithOverflowChecks(true))));
        Assert.NotNull(SharedNetworks.Of(generated.WithOptions(generated.Options.WithSyntaxTreeOptionsProvider(new NoOptions()))));
    }

    private static Compilation Generate(Compilation compilation)
    {
        CSharpGeneratorDriver.Create(new PredictionGenerator()).RunGeneratorsAndUpdateCompilation(compilation, out var generated, out _);
        Assert.Equal(compilation.SyntaxTrees.Count() + 1, generated.SyntaxTrees.Count());
        return generated;
    }

    private static INamedTypeSymbol Type(string name) => Written.GetTypeByMetadataName(name)!;

    private sealed class NoOptions : SyntaxTreeOptionsProvider
    {
        public override GeneratedKind IsGenerated(SyntaxTree tree, CancellationToken cancellationToken) => GeneratedKind.Unknown;

        public override bool TryGetDiagnosticValue(SyntaxTree tree, string diagnosticId, CancellationToken cancellationToken, out ReportDiagnostic severity)
        {
            severity = default;
            return false;
        }

        public override bool TryGetGlobalDiagnosticValue(string diagnosticId, CancellationToken cancellationToken, out ReportDiagnostic severity)
        {
            severity = default;
            return false;
        }
    }
}
