using System.Text.Json;

namespace GradLint.EndToEnd;

/// <summary>What a project that references GradLint hands to the compiler, from the package and, in samples/, from the sources.</summary>
[Collection(nameof(PackedPackages))]
public sealed class ConsumerTests(PackedPackages packed)
{
    private static readonly string[] OwnAssemblies = ["GradLint.Analyzers.dll", "GradLint.CodeFixes.dll", "GradLint.SignalPropagation.dll"];

    [Fact]
    public void From_the_package()
    {
        using var consumer = new TemporaryFolder();
        consumer.Write("nuget.config", $"""
            <configuration><packageSources><clear /><add key="packed" value="{packed.Folder.PathOf("packages")}" /></packageSources></configuration>
            """);
        WriteProject(consumer, "", """<PackageReference Include="GradLint" Version="*" PrivateAssets="all" />""");

        AssertHandedToTheCompiler(DotNet.Run(consumer.Root, new Dictionary<string, string?> { ["NUGET_PACKAGES"] = consumer.PathOf("cache") }, Compile("Consumer/Consumer.csproj")));
    }

    [Fact]
    public void From_the_sources()
    {
        WriteProject(packed.Folder, "samples/", """<PackageReference Include="GradLint" />""");

        AssertHandedToTheCompiler(packed.Run(Compile("samples/Consumer/Consumer.csproj")));
    }

    [Fact]
    public void A_preset_that_does_not_exist_is_an_error()
    {
        WriteProject(packed.Folder, "samples/", """<PackageReference Include="GradLint" />""");

        Assert.Contains(
            "GradLintPreset is 'lenient'; it can be 'recommended', 'strict' or 'none'.",
            packed.Run("build", "samples/Consumer", "-c", "Release", "-p:GradLintPreset=lenient").Failed().Output);
    }

    // In Release, as the packages were built: the sources are not built again.
    private static string[] Compile(string project) =>
        ["msbuild", project, "-restore", "-t:Build", "-p:Configuration=Release", "-getItem:Analyzer", "-getItem:AdditionalFiles", "-getItem:EditorConfigFiles", "-getItem:CompilerVisibleProperty", "-warnaserror"];

    private static void WriteProject(TemporaryFolder folder, string under, string reference)
    {
        folder.Write($"{under}Consumer/Consumer.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net$(BundledNETCoreAppTargetFrameworkVersion)</TargetFramework><GradLintPreset>strict</GradLintPreset></PropertyGroup>
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
