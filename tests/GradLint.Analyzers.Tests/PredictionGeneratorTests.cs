using GradLint.Analyzers.Embedding;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Analyzers.Tests;

public class PredictionGeneratorTests
{
    private const string Usings = """
        using System;
        using TorchSharp;
        using TorchSharp.Modules;
        using static TorchSharp.torch;
        using static TorchSharp.torch.nn;

        """;

    private const string Sick = Usings + """
        namespace Models { class Outer { public class Net<T> : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential(
                ("fc1", Linear(64, 32)), ("s1", Sigmoid()), ("fc2", Linear(32, 32)), ("s2", Sigmoid()), ("fc3", Linear(32, 32)), ("s3", Sigmoid()),
                ("fc4", Linear(32, 32)), ("s4", Sigmoid()), ("fc5", Linear(32, 32)), ("s5", Sigmoid()));
            private readonly Linear head = Linear(32, 10);
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x) => head.call(layers.call(x));
        } } }
        """;

    private const string Healthy = Usings + """
        class Healthy : Module<Tensor, Tensor>
        {
            private readonly Linear fc = Linear(4, 8), head = Linear(8, 2);
            public Healthy() : base("Healthy") => RegisterComponents();
            public override Tensor forward(Tensor x) => head.call(functional.relu(fc.call(x)));
        }
        """;

    [Fact]
    public void One_row_for_each_weight_layer()
    {
        var rows = Generate(Sick);
        Assert.Equal(["layers.fc1", "layers.fc2", "layers.fc3", "layers.fc4", "layers.fc5", "head"], rows.Select(r => r.ModulePath));
        Assert.All(rows, r => Assert.Equal(("Models.Outer+Net`1", "", "Models/Net.cs"), (r.Type, r.Site, r.File)));
        Assert.Equal("32x64", rows[0].WeightShape);
        Assert.Equal("10x32", rows[5].WeightShape);
        Assert.Equal((9, 11), (rows[0].Line, rows[5].Line));
        Assert.All(rows, r => Assert.Equal(["GRAD1001"], r.RuleIds));
        Assert.Equal(0, rows[5].ActivationGradient!.Value, 6);
        Assert.True(rows[0].ActivationGradient < -3 && rows[0].ActivationGradientTolerance > 0);
        Assert.NotNull(rows[0].WeightGradient);
        Assert.NotNull(rows[0].ForwardScale);
        Assert.Single(rows.Select(r => r.Fingerprint).Distinct());
    }

    /// <summary>The compiler's driver of analyzers looks through the attributes of the assembly for every symbol.</summary>
    [Fact]
    public void All_rows_of_all_networks_are_one_attribute()
    {
        const string Quoted = Usings + """
            class Quoted : Module<Tensor, Tensor>
            {
                private readonly Sequential layers = Sequential(("a \"b\" \\ \n | \u2028 \ud800", Linear(4, 8)), ("r", ReLU()), ("head", Linear(8, 2)));
                public Quoted() : base("Quoted") => RegisterComponents();
                public override Tensor forward(Tensor x) => layers.call(x);
            }
            """;
        var compilation = Run(Sick + Healthy.Replace(Usings, "") + Quoted.Replace(Usings, ""), OutputKind.DynamicallyLinkedLibrary, []);
        var attribute = Assert.Single(Attributes(compilation));
        Assert.True(compilation.Emit(Stream.Null).Success);
        Assert.Equal(
            ["layers.fc1", "layers.fc2", "layers.fc3", "layers.fc4", "layers.fc5", "head", "fc", "head", "layers.a \"b\" \\ \n | \u2028 \ud800", "layers.head"],
            EmbeddedPrediction.ParseAll(attribute).OrderBy(p => p.Type switch { "Healthy" => 1, "Quoted" => 2, _ => 0 }).Select(p => p.ModulePath));
    }

    [Fact]
    public void A_healthy_network_has_rows_without_rules()
    {
        var rows = Generate(Healthy);
        Assert.Equal(["fc", "head"], rows.Select(r => r.ModulePath));
        Assert.All(rows, r => Assert.Empty(r.RuleIds));
    }

    [Theory]
    [InlineData("var model = Sequential(Linear(4, 8), Tanh(), Linear(8, 2));", "Program.<Main>$.model", OutputKind.ConsoleApplication)]
    [InlineData("static class Models { public static Sequential Make() => Sequential(Linear(4, 8), Tanh(), Linear(8, 2)); }", "Models.Make", OutputKind.DynamicallyLinkedLibrary)]
    [InlineData("static class Models { public static Sequential Model { get; } = Sequential(Linear(4, 8), Tanh(), Linear(8, 2)); }", "Models.Model", OutputKind.DynamicallyLinkedLibrary)]
    [InlineData("static class Models { public static Sequential Model => Sequential(Linear(4, 8), Tanh(), Linear(8, 2)); }", "Models.Model", OutputKind.DynamicallyLinkedLibrary)]
    [InlineData("class Trainer { private readonly Sequential net = Sequential(Linear(4, 8), Tanh(), Linear(8, 2)); }", "Trainer.net", OutputKind.DynamicallyLinkedLibrary)]
    public void A_network_without_a_class_is_named_by_its_place(string source, string site, OutputKind kind)
    {
        var rows = Generate(Usings + source, kind: kind);
        Assert.Equal(["0", "2"], rows.Select(r => r.ModulePath));
        Assert.All(rows, r => Assert.Equal(("TorchSharp.Modules.Sequential", site), (r.Type, r.Site)));
        Assert.Equal(["8x4", "2x8"], rows.Select(r => r.WeightShape));
    }

    /// <summary>A probe takes the one whose shapes are the model's; the fingerprint tells them apart.</summary>
    [Fact]
    public void Every_construction_with_other_arguments_has_rows()
    {
        const string Mlp = """
            class Mlp : Module<Tensor, Tensor>
            {
                private readonly Sequential layers = Sequential();
                public Mlp(int depth, int width) : base("Mlp")
                {
                    for (int i = 0; i < depth; i++)
                        layers.append($"fc{i}", Linear(width, width)).append($"act{i}", Sigmoid());
                    layers.append("head", Linear(width, 10));
                    RegisterComponents();
                }
                public override Tensor forward(Tensor x) => layers.call(x);
            }
            static class Program { static void Main() { Console.WriteLine(new Mlp(2, 16)); Console.WriteLine(new Mlp(9, 64)); Console.WriteLine(new Mlp(2, 16)); } }
            """;
        var networks = Generate(Usings + Mlp).GroupBy(r => r.Fingerprint).ToList();
        Assert.Equal([3, 10], networks.Select(n => n.Count()).Order());
        Assert.All(networks, n => Assert.All(n, r => Assert.Equal(("Mlp", ""), (r.Type, r.Site))));
        Assert.Equal(["16x16", "16x16", "10x16"], networks.Single(n => n.Count() == 3).Select(r => r.WeightShape));
        Assert.All(networks.Single(n => n.Count() == 3), r => Assert.Empty(r.RuleIds));
        Assert.All(networks.Single(n => n.Count() == 10), r => Assert.Equal(["GRAD1001"], r.RuleIds));
    }

    /// <summary>What only one of two alternatives has wrong is not said of either.</summary>
    [Theory]
    [InlineData("Sigmoid", "Softsign", 1)]
    [InlineData("Sigmoid", "ReLU", 0)]
    public void Of_alternatives_only_what_all_have_in_common(string one, string other, int rules)
    {
        var rows = Generate(Usings + $$"""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Sequential layers = Sequential();
                public Net(bool flag) : base("Net")
                {
                    for (int i = 0; i < 12; i++)
                        layers.append($"fc{i}", Linear(64, 64)).append($"act{i}", flag ? {{one}}() : {{other}}());
                    layers.append("head", Linear(64, 10));
                    RegisterComponents();
                }
                public override Tensor forward(Tensor x) => layers.call(x);
            }
            """);
        Assert.Equal(2, rows.Select(r => r.Fingerprint).Distinct().Count());
        Assert.All(rows, r => Assert.Equal(rules, r.RuleIds.Count));
    }

    [Fact]
    public void Nothing_when_switched_off() => Assert.Empty(Generate(Sick, ("build_property.GradLintEmbedPredictions", "false")));

    [Fact]
    public void Something_when_switched_on_in_words() => Assert.NotEmpty(Generate(Sick, ("build_property.GradLintEmbedPredictions", "true")));

    [Fact]
    public void No_generated_source_without_TorchSharp()
    {
        var compilation = CSharpCompilation.Create("Test", [CSharpSyntaxTree.ParseText("class Net { }")], ReferenceAssemblies.Framework, new(OutputKind.DynamicallyLinkedLibrary));
        var result = CSharpGeneratorDriver.Create(new PredictionGenerator()).RunGenerators(compilation).GetRunResult();
        Assert.Empty(result.GeneratedTrees);
        Assert.Empty(result.Diagnostics);
    }

    [Fact]
    public void A_file_outside_of_the_project_keeps_its_name_only() =>
        Assert.All(Generate(Healthy, ("build_property.ProjectDir", "/elsewhere/")), r => Assert.Equal("Net.cs", r.File));

    [Fact]
    public void The_directory_that_files_are_named_from_can_be_chosen() =>
        Assert.All(Generate(Healthy, ("build_property.GradLintProjectDirectory", "/src")), r => Assert.Equal("app/Models/Net.cs", r.File));

    [Fact]
    public void Broken_code_generates_what_can_be_read()
    {
        foreach (var source in BrokenCode.Mutations(Sick).Where((_, i) => i % 7 == 0))
            Run(source, OutputKind.DynamicallyLinkedLibrary, []);
    }

    private static List<EmbeddedPrediction> Generate(string source, (string Key, string Value)? option = null, OutputKind kind = OutputKind.DynamicallyLinkedLibrary)
    {
        var options = new Dictionary<string, string> { ["build_property.ProjectDir"] = "/src/app/" };
        if (option is { } given)
            options[given.Key] = given.Value;
        var compilation = Run(source, kind, options);
        Assert.Empty(compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error));
        return [.. Attributes(compilation).SelectMany(EmbeddedPrediction.ParseAll)];
    }

    private static IEnumerable<string?> Attributes(Compilation compilation) => compilation.Assembly.GetAttributes()
        .Where(a => a.AttributeClass!.Name == "AssemblyMetadataAttribute" && (string)a.ConstructorArguments[0].Value! == EmbeddedPrediction.MetadataKey)
        .Select(a => (string?)a.ConstructorArguments[1].Value);

    private static Compilation Run(string source, OutputKind kind, Dictionary<string, string> options)
    {
        var compilation = CSharpCompilation.Create("Test", [CSharpSyntaxTree.ParseText(source, path: "/src/app/Models/Net.cs")], ReferenceAssemblies.WithTorchSharp, new(kind));
        var driver = CSharpGeneratorDriver.Create([new PredictionGenerator().AsSourceGenerator()], optionsProvider: new Options(options));
        driver.RunGeneratorsAndUpdateCompilation(compilation, out var generated, out var diagnostics);
        Assert.Empty(diagnostics);
        return generated;
    }

    private sealed class Options(Dictionary<string, string> values) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Values(values);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;

        private sealed class Values(Dictionary<string, string> values) : AnalyzerConfigOptions
        {
            public override bool TryGetValue(string key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value) => values.TryGetValue(key, out value);
        }
    }
}
