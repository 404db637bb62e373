using GradLint.Analyzers;
using GradLint.Analyzers.Training;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;
using static GradLint.Testing.NetworkSource;
using Clip = GradLint.CodeFixes.GRAD3001_RecurrentTrainingWithoutClippingFixer;
using Deep = GradLint.CodeFixes.GRAD4001_DeepStackWithoutNormalizationFixer;
using Misfit = GradLint.CodeFixes.GRAD2002_KaimingInitializationWithSaturatingActivationFixer;
using Relu = GradLint.CodeFixes.GRAD2001_XavierInitializationWithReluFixer;
using Saturating = GradLint.CodeFixes.GRAD1001_SaturatingActivationsVanishGradientFixer;

namespace GradLint.CodeFixes.Tests;

/// <summary>Whatever the code around it looks like, a fix is correct or not offered.</summary>
public class EveryFixTests
{
    private static readonly string Sigmoids = FiveLayers("""
        x = torch.sigmoid(fc1.call(x));
        x = fc2.call(x).sigmoid();
        x = functional.sigmoid(fc3.call(x));
        using var y = fc4.call(x).sigmoid();
        return head.call(torch.sigmoid(fc5.call(y)));
        """);

    private const string Relus = """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear head = Linear(64, 10);
            private readonly ModuleList<Linear> layers = new();

            public Net(int depth = 12, int width = 64) : base("Net")
            {
                for (var i = 0; i < depth; i++)
                    layers.Add(Linear(width, width));
                RegisterComponents();
            }

            public override Tensor forward(Tensor x)
            {
                foreach (var layer in layers)
                    x = functional.relu(layer.call(x));
                return head.call(x);
            }
        }
        """;

    private const string Loop = """
        static class Training
        {
            public static void Run(Tensor x, Tensor y)
            {
                var model = LSTM(8, 16);
                var optimizer = optim.SGD(model.parameters(), 0.1);
                for (var i = 0; i < 10; i++)
                {
                    optimizer.zero_grad();
                    var loss = functional.mse_loss(model.call(x).Item1, y);
                    loss.backward();
                    optimizer.step();
                }
            }
        }
        """;

    private static readonly FixedCode[] All =
    [
        FixedCode.Of<NetworkAnalyzer, Saturating>("GRAD1001", Saturating.UseReluWithKaiming, Sigmoids),
        FixedCode.Of<NetworkAnalyzer, Saturating>("GRAD1001", Saturating.UseLeakyReluWithKaiming, Stack(6, "Sigmoid()", "")),
        FixedCode.Of<NetworkAnalyzer, Saturating>("GRAD1001", Saturating.UseEluWithFittingInitialization, Sigmoids),
        FixedCode.Of<NetworkAnalyzer, Saturating>("GRAD1001", Saturating.UseGeluWithFittingInitialization, Stack(6, "Sigmoid()", "")),
        FixedCode.Of<NetworkAnalyzer, Saturating>("GRAD1001", Saturating.InsertBatchNorm, Sigmoids),
        FixedCode.Of<NetworkAnalyzer, Saturating>("GRAD1001", Saturating.InsertLayerNorm, Stack(6, "Sigmoid()", "")),
        FixedCode.Of<NetworkAnalyzer, Saturating>("GRAD1001", Saturating.AddSkipConnections, Sigmoids),
        FixedCode.Of<NetworkAnalyzer, Relu>("GRAD2001", Relu.UseKaiming, Stack(10, "ReLU()", "init.xavier_uniform_(linear.weight);")),
        FixedCode.Of<NetworkAnalyzer, Relu>("GRAD2001", Relu.UseXavierWithGain, Stack(10, "ReLU()", "init.xavier_normal_(linear.weight);")),
        FixedCode.Of<NetworkAnalyzer, Misfit>("GRAD2002", Misfit.UseFittingInitialization, Stack(10, "SELU()", "init.kaiming_normal_(linear.weight);")),
        FixedCode.Of<NetworkAnalyzer, Misfit>("GRAD2002", Misfit.UseRelu, Stack(8, "Sigmoid()", "init.kaiming_normal_(linear.weight);")),
        FixedCode.Of<NetworkAnalyzer, Misfit>("GRAD2002", Misfit.InsertBatchNorm, Stack(8, "Sigmoid()", "init.kaiming_normal_(linear.weight);")),
        FixedCode.Of<TrainingAnalyzer, Clip>("GRAD3001", Clip.ClipGradNorm, Loop),
        FixedCode.Of<TrainingAnalyzer, Clip>("GRAD3001", Clip.ClipGradValue, Loop),
        FixedCode.Of<NetworkAnalyzer, Deep>("GRAD4001", Deep.InsertBatchNorm, Stack(10, "ReLU()", "")),
        FixedCode.Of<NetworkAnalyzer, Deep>("GRAD4001", Deep.AddSkipConnections, Relus),
    ];

    public static TheoryData<FixedCode> Fixes() => [.. All];

    [Theory]
    [MemberData(nameof(Fixes))]
    public async Task Line_endings_stay_and_no_line_is_added_at_the_end(FixedCode fix)
    {
        var source = (NetworkSource.Usings + fix.Source).TrimEnd();
        Assert.False((await fix.RepairAsync(source)).EndsWith('\n'));
        var repaired = await fix.RepairAsync(source.ReplaceLineEndings("\r\n"));
        Assert.Equal(repaired.ReplaceLineEndings("\r\n"), repaired);
    }

    /// <summary>A comment on every line, regions, and code that is compiled under other symbols.</summary>
    [Theory]
    [MemberData(nameof(Fixes))]
    public async Task Comments_regions_and_inactive_code_stay(FixedCode fix)
    {
        var lines = fix.Source.Split('\n').Select((line, i) => line.Length == 0 ? line : $"{line} // comment {i}").ToList();
        foreach (var at in lines.Select((line, i) => (line, i)).Where(l => l.line.Contains("RegisterComponents();") || l.line.Contains("backward")).Select(l => l.i).Reverse())
            lines.InsertRange(at, ["#if OTHER", "        this does not even compile: Sigmoid(", "#else", "        // active", "#endif"]);
        var source = NetworkSource.Usings + "#region networks\n/// <summary>Documented.</summary>\n" + string.Join("\n", lines) + "\n#endregion\n";

        var repaired = await fix.RepairAsync(source);

        Assert.Equal(Trivia(source), Trivia(repaired));
    }

    /// <summary>The code that is warned about is itself under a symbol: the active branch is repaired, the other one left alone.</summary>
    [Theory]
    [MemberData(nameof(Fixes))]
    public async Task Code_under_a_symbol_is_repaired_where_it_is_active(FixedCode fix)
    {
        var other = fix.Source.Replace("64", "32");
        var repaired = await fix.RepairAsync($"{NetworkSource.Usings}#if OTHER\n{other}\n#else\n{fix.Source}\n#endif\n");
        Assert.Contains($"#if OTHER\n{other}\n#else\n", repaired);
        Assert.EndsWith("\n#endif\n", repaired);
    }

    [Theory]
    [MemberData(nameof(Fixes))]
    public async Task Nested_and_generic_classes(FixedCode fix)
    {
        var repaired = await fix.RepairAsync($"{NetworkSource.Usings}namespace A.B\n{{\n    static class Outer<T> where T : class\n    {{\n        {fix.Source.Replace("\n", "\n        ")}\n    }}\n}}\n");
        Assert.StartsWith(NetworkSource.Usings + "namespace A.B\n{\n    static class Outer<T> where T : class\n    {\n        ", repaired);
        Assert.EndsWith("\n        }\n    }\n}\n", repaired);
    }

    /// <summary>Two networks in one file; Fix All takes both, and neither twice.</summary>
    [Theory]
    [MemberData(nameof(Fixes))]
    public async Task Two_in_one_file(FixedCode fix)
    {
        var (first, second) = (fix.Source, fix.Source.Replace("class Net ", "class Two ").Replace("Net(", "Two(").Replace("static class Training", "static class Two"));
        var alone = await fix.RepairAsync(NetworkSource.Usings + first + "\n");
        var project = fix.Project(("/0/Net.cs", $"{NetworkSource.Usings}{first}\n\n{second}\n"));
        var document = project.Documents.Single();
        var reported = await fix.ReportedAsync(project);
        Assert.Equal(2, reported.Count);
        var action = Assert.Single(await fix.ActionsAsync(document, reported[0]));
        var repaired = (await ChangedAsync(action, document.Id)).ToString();
        Assert.StartsWith(alone.TrimEnd(), repaired);
        Assert.EndsWith(second + "\n", repaired);
    }

    [Theory]
    [MemberData(nameof(Fixes))]
    public async Task Not_offered_for_code_that_changed_meanwhile(FixedCode fix)
    {
        var project = fix.Project(("/0/Net.cs", NetworkSource.Usings + fix.Source));
        var document = project.Documents.Single();
        var warning = Assert.Single(await fix.ReportedAsync(project));
        Assert.Single(await fix.ActionsAsync(document, warning));
        foreach (var changed in new[] { "", "class Net { }", "// typed\n" + NetworkSource.Usings + fix.Source, (NetworkSource.Usings + fix.Source)[..^40] })
            Assert.Empty(await fix.ActionsAsync(document.WithText(SourceText.From(changed)), warning));
    }

    [Theory]
    [MemberData(nameof(Fixes))]
    public async Task Nothing_is_reported_in_generated_code(FixedCode fix)
    {
        Assert.Empty(await fix.ReportedAsync(fix.Project(("/0/Net.g.cs", NetworkSource.Usings + fix.Source))));
        Assert.Empty(await fix.ReportedAsync(fix.Project(("/0/Net.cs", "// <auto-generated/>\n#nullable enable\n" + NetworkSource.Usings + fix.Source))));
    }

    /// <summary>What a fix would have to change in a second file, or in a generated one, is not changed by half.</summary>
    [Theory]
    [InlineData("/0/Net.Layers.cs")]
    [InlineData("/0/Net.Layers.g.cs")]
    public async Task Not_offered_where_the_class_is_in_two_files(string path)
    {
        var at = Sigmoids.IndexOf("    public override", StringComparison.Ordinal);
        var layers = NetworkSource.Usings + Sigmoids[..at].Replace("class Net", "partial class Net") + "}\n";
        var forward = NetworkSource.Usings + "partial class Net\n{\n" + Sigmoids[at..];
        foreach (var fix in All.Where(f => f.Source == Sigmoids))
        {
            var project = fix.Project((path, layers), ("/0/Net.cs", forward));
            var warning = Assert.Single(await fix.ReportedAsync(project));
            var offered = await fix.ActionsAsync(project.Documents.Single(d => d.Name == "Net.cs"), warning);
            Assert.Empty(offered);
        }
    }

    /// <summary>One file in two projects: both get the same text, the edit is made once.</summary>
    [Theory]
    [MemberData(nameof(Fixes))]
    public async Task A_linked_file(FixedCode fix)
    {
        var alone = await fix.RepairAsync(NetworkSource.Usings + fix.Source);
        var first = fix.Project(("/0/Net.cs", NetworkSource.Usings + fix.Source));
        var id = ProjectId.CreateNewId();
        var solution = first.Solution.AddProject(id, "Second", "Second", LanguageNames.CSharp).WithProjectParseOptions(id, first.ParseOptions!)
            .WithProjectCompilationOptions(id, first.CompilationOptions!).AddMetadataReferences(id, first.MetadataReferences);
        var linked = DocumentId.CreateNewId(id);
        solution = solution.AddDocument(linked, "Net.cs", SourceText.From(NetworkSource.Usings + fix.Source), filePath: "/0/Net.cs");
        foreach (var document in new[] { solution.GetProject(first.Id)!.Documents.Single(), solution.GetDocument(linked)! })
        {
            Assert.Single(document.GetLinkedDocumentIds());
            var warning = Assert.Single(await fix.ReportedAsync(document.Project));
            Assert.Equal(alone, (await ChangedAsync(Assert.Single(await fix.ActionsAsync(document, warning)), document.Id)).ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Fixes))]
    public async Task A_second_application_changes_nothing(FixedCode fix)
    {
        var repaired = await fix.RepairAsync(NetworkSource.Usings + fix.Source);
        Assert.Empty(await fix.ReportedAsync(fix.Project(("/0/Net.cs", repaired))));
    }

    [Fact]
    public void Every_key_is_public_constant_and_its_own()
    {
        var keys = typeof(Saturating).Assembly.GetExportedTypes().Where(t => t.Name.StartsWith("GRAD", StringComparison.Ordinal))
            .SelectMany(t => t.GetFields().Where(f => f is { IsLiteral: true, IsPublic: true })).Select(f => (string)f.GetRawConstantValue()!).ToList();
        Assert.Equal(keys.Count, keys.Distinct().Count());
        Assert.Equal(All.Select(f => f.Key).Order(), keys.Where(k => All.Any(f => f.Key == k)).Order());
        Assert.All(keys, key => Assert.StartsWith("GradLint.", key));
        var page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory[..AppContext.BaseDirectory.LastIndexOf("tests", StringComparison.Ordinal)], "docs", "rules", "README.md"));
        Assert.All(keys, key => Assert.Contains($"`{key}`", page));
    }

    private static async Task<SourceText> ChangedAsync(CodeAction action, DocumentId id)
    {
        var operations = await action.GetOperationsAsync(default);
        return await operations.OfType<ApplyChangesOperation>().Single().ChangedSolution.GetDocument(id)!.GetTextAsync();
    }

    /// <summary>Comments, directives and inactive code, in order.</summary>
    private static IEnumerable<string> Trivia(string source) => CSharpSyntaxTree.ParseText(source).GetRoot().DescendantTrivia()
        .Where(t => !t.IsKind(SyntaxKind.WhitespaceTrivia) && !t.IsKind(SyntaxKind.EndOfLineTrivia)).Select(t => t.ToString().Trim());

    /// <summary>A class with a Sequential, an element a line, and an initialization.</summary>
    private static string Stack(int hidden, string activation, string initialization) => $$"""
        class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential(
                {{string.Concat(Enumerable.Repeat($"Linear(64, 64),\n        {activation},\n        ", hidden))}}Linear(64, 10));

            public Net() : base("Net")
            {
                RegisterComponents();
                foreach (var module in layers.modules())
                {
                    if (module is Linear linear)
                    {
                        {{initialization}}
                    }
                }
            }

            public override Tensor forward(Tensor x) => layers.call(x);
        }
        """;
}
