using System.Text.Json;

namespace GradLint.EndToEnd;

/// <summary>What a project that references GradLint hands to the compiler, from the package and, in samples/, from the sources.</summary>
[Collection(nameof(PackedPackages))]
public sealed class ConsumerTests(PackedPackages packed)
{
    private static readonly string[] Rules = ["GRAD1001", "GRAD2001", "GRAD2002", "GRAD3001", "GRAD4001"];
    private static readonly string[] OwnAssemblies = ["GradLint.Analyzers.dll", "GradLint.CodeFixes.dll", "GradLint.SignalPropagation.dll"];

    [Fact]
    public void From_the_package()
    {
        using var consumer = PackageConsumer("""<PackageReference Include="GradLint" Version="*" PrivateAssets="all" />""", preset: "strict");

        AssertHandedToTheCompiler(DotNet.Run(consumer.Root, Cache(consumer), Compile("Consumer/Consumer.csproj")));
    }

    [Fact]
    public void From_the_sources()
    {
        WriteProject(packed.Folder, "samples/", """<PackageReference Include="GradLint" />""");

        AssertHandedToTheCompiler(packed.Run(Compile("samples/Consumer/Consumer.csproj")));
    }

    /// <summary>The first alternative of each rule's fix.</summary>
    [Fact]
    public void The_package_warns_and_dotnet_format_repairs_with_it()
    {
        using var consumer = ConsumerWithEveryFault();
        CommandResult Run(params string[] arguments) => DotNet.Run(consumer.PathOf("Consumer"), Cache(consumer), arguments).Succeeded();

        var build = Run("build").Output;
        Assert.Contains("SigmoidMlp.cs(27,13): warning GRAD1001: The gradient fades to 10^-9.8", build, StringComparison.Ordinal);
        Assert.All(Rules, rule => Assert.Contains($": warning {rule}: ", build, StringComparison.Ordinal));

        Run(["format", "analyzers", "--diagnostics", .. Rules, "--no-restore"]);

        Assert.Contains("0 Warning(s)", Run("build", "--no-restore").Output, StringComparison.Ordinal);
        AssertContains(consumer, "Deep.cs", "Linear(64, 64), BatchNorm1d(64), ReLU()");
        AssertContains(consumer, "Xavier.cs", "init.kaiming_uniform_(linear.weight, nonlinearity: init.NonlinearityType.ReLU);");
        AssertContains(consumer, "Kaiming.cs", "Linear(64, 64), ReLU(), Linear(64, 64), ReLU(), Linear(64, 10)");
        AssertContains(consumer, "Training.cs", "clip_grad_norm_(model.parameters(), 1.0);");
    }

    /// <summary>The other client of analyzers on a command line takes the alternative that it is told.</summary>
    [RoslynatorFact]
    public void Roslynator_applies_the_alternative_that_is_chosen()
    {
        using var consumer = ConsumerWithEveryFault();
        DotNet.Run(consumer.PathOf("Consumer"), Cache(consumer), "restore").Succeeded();

        DotNet.Run(
            consumer.PathOf("Consumer"),
            Cache(consumer),
            RoslynatorFactAttribute.Path,
            "fix", "Consumer.csproj",
            "--supported-diagnostics", "GRAD1001", "GRAD3001",
            "--diagnostic-fix-map", "GRAD1001=GradLint.AddSkipConnections", "GRAD3001=GradLint.ClipGradValue").Succeeded();

        AssertContains(consumer, "SigmoidMlp.cs", "x = x + sigmoid(fc1.call(x));");
        AssertContains(consumer, "Training.cs", "clip_grad_value_(model.parameters(), 0.5);");
        Assert.DoesNotContain("BatchNorm", File.ReadAllText(consumer.PathOf("Consumer/Deep.cs")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_project_without_TorchSharp_gets_no_generated_source_and_no_diagnostic()
    {
        using var consumer = PackageConsumer("""<PackageReference Include="GradLint" Version="*" PrivateAssets="all" />""", preset: "strict");
        consumer.Write("Consumer/Net.cs", """
            namespace Consumer;

            public abstract class Module<T, TResult> { public abstract TResult forward(T x); }

            public sealed class Net : Module<double, double> { public override double forward(double x) => Math.Tanh(Math.Tanh(x)); }
            """);

        var build = DotNet.Run(consumer.PathOf("Consumer"), Cache(consumer), "build", "-p:EmitCompilerGeneratedFiles=true", "-p:CompilerGeneratedFilesOutputPath=generated", "-warnaserror").Succeeded();

        Assert.DoesNotContain("GRAD", build.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.Exists(consumer.PathOf("Consumer/generated")) ? Directory.GetFiles(consumer.PathOf("Consumer/generated"), "*GradLint*", SearchOption.AllDirectories) : []);
    }

    [Fact]
    public void A_preset_that_does_not_exist_is_an_error()
    {
        WriteProject(packed.Folder, "samples/", """<PackageReference Include="GradLint" />""");

        Assert.Contains(
            "GradLintPreset is 'lenient'; it can be 'recommended', 'strict' or 'none'.",
            packed.Run("build", "samples/Consumer", "-c", "Release", "-p:GradLintPreset=lenient").Failed().Output);
    }

    private static void AssertContains(TemporaryFolder consumer, string file, string text)
    {
        var source = File.ReadAllText(consumer.PathOf("Consumer/" + file));
        Assert.True(source.Contains(text, StringComparison.Ordinal), $"{file} does not contain '{text}':\n{source}");
    }

    private TemporaryFolder ConsumerWithEveryFault()
    {
        var consumer = PackageConsumer($"""
            <PackageReference Include="GradLint" Version="*" PrivateAssets="all" />
            <Reference Include="{Path.Combine(AppContext.BaseDirectory, "TorchSharp.dll")}" />
            """, preset: "recommended");
        File.Copy(Repository.PathOf("samples/VanishingMlp/SigmoidMlp.cs"), consumer.PathOf("Consumer/SigmoidMlp.cs"));
        // A file for each: dotnet format changes a file for one rule at a time.
        Write("Deep", $$"""public static Sequential Make() => Sequential({{Stack(12, "ReLU()")}});""");
        Write("Xavier", Initialized(Stack(18, "ReLU()"), "xavier_uniform_"));
        Write("Kaiming", Initialized(Stack(6, "Sigmoid()"), "kaiming_normal_"));
        Write("Training", """
            public static void Run(Tensor x, Tensor y)
            {
                var model = LSTM(8, 16);
                var optimizer = optim.SGD(model.parameters(), 0.1);
                optimizer.zero_grad();
                functional.mse_loss(model.call(x).Item1, y).backward();
                optimizer.step();
            }
            """);
        return consumer;

        void Write(string name, string member) => consumer.Write($"Consumer/{name}.cs", $$"""
            using TorchSharp;
            using TorchSharp.Modules;
            using static TorchSharp.torch;
            using static TorchSharp.torch.nn;

            namespace Consumer;

            public static class {{name}}
            {
                {{member.Replace("\n", "\n    ")}}
            }
            """);

        static string Initialized(string stack, string function) => $$"""
            public static Sequential Make()
            {
                var model = Sequential({{stack}});
                foreach (var module in model.modules())
                {
                    if (module is Linear linear)
                        init.{{function}}(linear.weight);
                }

                return model;
            }
            """;

        static string Stack(int hidden, string activation) => string.Concat(Enumerable.Repeat($"Linear(64, 64), {activation}, ", hidden)) + "Linear(64, 10)";
    }

    // In Release, as the packages were built: the sources are not built again.
    private static string[] Compile(string project) =>
        ["msbuild", project, "-restore", "-t:Build", "-p:Configuration=Release", "-getItem:Analyzer", "-getItem:AdditionalFiles", "-getItem:EditorConfigFiles", "-getItem:CompilerVisibleProperty", "-warnaserror"];

    private TemporaryFolder PackageConsumer(string references, string preset)
    {
        var consumer = new TemporaryFolder();
        consumer.Write("nuget.config", $"""
            <configuration><packageSources><clear /><add key="packed" value="{packed.Folder.PathOf("packages")}" /></packageSources></configuration>
            """);
        WriteProject(consumer, "", references, preset);
        return consumer;
    }

    private static Dictionary<string, string?> Cache(TemporaryFolder consumer) => new() { ["NUGET_PACKAGES"] = consumer.PathOf("cache") };

    private static void WriteProject(TemporaryFolder folder, string under, string reference, string preset = "strict")
    {
        folder.Write($"{under}Consumer/Consumer.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net$(BundledNETCoreAppTargetFrameworkVersion)</TargetFramework><ImplicitUsings>enable</ImplicitUsings><GradLintPreset>{preset}</GradLintPreset></PropertyGroup>
              <ItemGroup>{reference}</ItemGroup>
            </Project>
            """);
        folder.Write($"{under}Consumer/Consumer.cs", "namespace Consumer;\n\npublic static class Consumer;\n");
        folder.Write($"{under}Consumer/gradlint.evidence.tsv", "");
    }

    private static void AssertHandedToTheCompiler(CommandResult build)
    {
        var output = build.Succeeded().Output;
        using var json = JsonDocument.Parse(output[output.IndexOf('{')..]);
        var items = json.RootElement.GetProperty("Items");
        string[] Names(string item) =>
            [.. items.GetProperty(item).EnumerateArray().Select(i => Path.GetFileName(i.GetProperty("Identity").GetString()!.Replace('\\', '/')))];

        Assert.Equal(OwnAssemblies, Names("Analyzer").Where(n => n.StartsWith("GradLint", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Contains("gradlint.evidence.tsv", Names("AdditionalFiles"));
        Assert.Contains("strict.globalconfig", Names("EditorConfigFiles"));
        Assert.Contains("GradLintEmbedPredictions", Names("CompilerVisibleProperty"));
        Assert.Contains("GradLintProjectDirectory", Names("CompilerVisibleProperty"));
    }
}
