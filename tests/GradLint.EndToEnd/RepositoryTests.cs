using System.Text.RegularExpressions;

namespace GradLint.EndToEnd;

/// <summary>What a clone must hold, beside code.</summary>
public sealed partial class RepositoryTests
{
    [Theory]
    [InlineData("README.md")]
    [InlineData("LICENSE")]
    [InlineData(".editorconfig")]
    public void It_has(string file) => Assert.True(new FileInfo(Repository.PathOf(file)) is { Exists: true, Length: > 0 }, $"{file} is missing or empty.");

    [UnixTheory]
    [InlineData("build.sh")]
    [InlineData(".ci/run")]
    [InlineData("eng/sum-tests.sh")]
    public void Its_scripts_can_be_run(string script) => Assert.True(UnixOnly.IsExecutable(Repository.PathOf(script)), $"{script} is not executable.");

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Repository.PathOf("GradLint.sln"));
        var projects = ((string[])["src", "samples", "tests"])
            .SelectMany(folder => Repository.SourceFiles(Repository.PathOf(folder)))
            .Where(file => file.EndsWith(".csproj", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('/', '\\'));

        Assert.All(projects, project => Assert.Contains($"\"{project}\"", solution));
    }

    /// <summary>Presets name every rule that the release notes of the analyzers name, with the severity that the preset stands for.</summary>
    [Theory]
    [InlineData("strict")]
    [InlineData("none")]
    public void Every_rule_is_in_every_preset(string preset)
    {
        var configured = PresetLine().Matches(File.ReadAllText(Repository.PathOf($"src/GradLint.Package/buildTransitive/presets/{preset}.globalconfig")))
            .ToDictionary(m => m.Groups["id"].Value, m => m.Groups["severity"].Value);
        var released = Directory.GetFiles(Repository.PathOf("src/GradLint.Analyzers"), "AnalyzerReleases.*.md")
            .SelectMany(file => ReleaseLine().Matches(File.ReadAllText(file)))
            .ToDictionary(m => m.Groups["id"].Value, m => m.Groups["severity"].Value);

        Assert.NotEmpty(configured);
        Assert.All(released, rule =>
        {
            var expected = preset == "none" ? "none" : rule.Value == "Info" ? "warning" : "error";
            Assert.Equal((rule.Key, expected), (rule.Key, configured.GetValueOrDefault(rule.Key)));
        });
    }

    [GeneratedRegex(@"^dotnet_diagnostic\.(?<id>\w+)\.severity = (?<severity>\w+)\r?$", RegexOptions.Multiline)]
    private static partial Regex PresetLine();

    [GeneratedRegex(@"^(?<id>GRAD\d{4})\s*\|[^|]*\|\s*(?<severity>\w+)\s*\|", RegexOptions.Multiline)]
    private static partial Regex ReleaseLine();
}
