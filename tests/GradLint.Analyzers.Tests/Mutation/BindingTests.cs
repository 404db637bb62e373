using GradLint.Analyzers.Reading;
using GradLint.Analyzers.Tests.Golden;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Analyzers.Tests.Mutation;

/// <summary>To bind bodies is what GradLint costs a compiler. How many it binds is counted here, and is the same on every machine.</summary>
public class BindingTests
{
    private const string Net = """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc = Linear(4, 8), head = Linear(8, 2);
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x) => head.call(torch.sigmoid(fc.call(x)));
            public void Unasked() => Console.WriteLine(fc.weight.ToString());
        }
        """;

    private const string Elsewhere = """
        static class Elsewhere
        {
            public static int Add(int a, int b) => a + b;
            public static Sequential Make() => Sequential(Linear(4, 8), Tanh(), Linear(8, 2));
            public static void Print(Tensor x) => Console.WriteLine(x.ToString());
            public static void Train(Module<Tensor, Tensor> model, torch.optim.Optimizer optimizer, Tensor x)
            {
                model.call(x).sum().backward();
                optimizer.step();
            }
        }
        """;

    [Fact]
    public async Task The_compiler_binds_nothing_for_the_analyzers()
    {
        var analyzers = Compile(Net, Elsewhere).WithAnalyzers(WholeGradLint.Analyzers);
        await analyzers.GetAnalyzerDiagnosticsAsync();
        foreach (var analyzer in WholeGradLint.Analyzers)
        {
            var registered = await analyzers.GetAnalyzerTelemetryInfoAsync(analyzer, default);
            Assert.Equal(1, registered.CompilationStartActionsCount);
            Assert.Equal(
                0,
                registered.OperationActionsCount + registered.OperationBlockActionsCount + registered.OperationBlockStartActionsCount
                    + registered.CodeBlockActionsCount + registered.CodeBlockStartActionsCount + registered.SyntaxNodeActionsCount);
        }
    }

    [Fact]
    public void Of_a_class_only_what_a_network_is_made_of_is_bound()
    {
        var compilation = Compile(Net, Elsewhere);
        var reader = Reader(compilation);
        Assert.Single(reader.OfClass(compilation.GetTypeByMetadataName("Net")!, default));

        // The two initializers, the constructor and forward.
        Assert.Equal(4, reader.Bound);
    }

    [Fact]
    public void Of_a_file_only_bodies_that_make_a_network_are_bound()
    {
        var compilation = Compile(Elsewhere);
        var reader = Reader(compilation);
        Assert.Single(reader.OutsideOfClasses(compilation.SyntaxTrees[1], default));
        Assert.Equal(1, reader.Bound);
    }

    [Fact]
    public void Of_a_file_only_bodies_that_train_are_bound()
    {
        var compilation = Compile(Elsewhere);
        Assert.Equal(["Train"], Bodies.Mentioning("step", compilation.SyntaxTrees[1], default).Select(b => ((MethodDeclarationSyntax)b).Identifier.Text));
        Assert.Empty(Bodies.Mentioning("step", Compile(Net).SyntaxTrees[1], default));
    }

    [Fact]
    public void No_body_is_bound_twice()
    {
        var compilation = Models.Compilation(Models.Sources(1));
        var reader = Reader(compilation);
        foreach (var tree in compilation.SyntaxTrees)
        {
            reader.OutsideOfClasses(tree, default);
            var model = compilation.GetSemanticModel(tree);
            foreach (var type in tree.GetRoot().DescendantNodes().OfType<TypeDeclarationSyntax>())
                reader.OfClass((INamedTypeSymbol)model.GetDeclaredSymbol(type)!, default);
        }

        var bodies = compilation.SyntaxTrees.SelectMany(t => t.GetRoot().DescendantNodes()).Count(n => n
            is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax or ArrowExpressionClauseSyntax { Parent: PropertyDeclarationSyntax }
            or EqualsValueClauseSyntax { Parent: PropertyDeclarationSyntax or VariableDeclaratorSyntax { Parent.Parent: FieldDeclarationSyntax } });
        Assert.InRange(reader.Bound, bodies / 2, bodies);
    }

    private static NetworkReader Reader(Compilation compilation) => new(compilation, TorchSharpSymbols.TryResolve(compilation)!);

    private static CSharpCompilation Compile(params string[] sources) => Models.Compilation([GoldenNetwork.GlobalUsings, .. sources]);
}
