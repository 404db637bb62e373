using Microsoft.CodeAnalysis.CSharp;

namespace GradLint.Analyzers.Tests.Golden;

/// <summary>Reads every source in <c>Golden/Networks</c>; with <c>GRADLINT_WRITE_GOLDEN=1</c> in the environment it writes what it reads.</summary>
public class GoldenNetworkTests
{
    private const string WritesGolden = "GRADLINT_WRITE_GOLDEN";
    private const int FewestExamples = 3;

    public static TheoryData<string> Names() => [.. GoldenNetwork.All().Where(IsReadable).Select(n => n.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_read_as_it_is_meant(string name)
    {
        var network = GoldenNetwork.Named(name);
        var actual = network.Read();
        if (Environment.GetEnvironmentVariable(WritesGolden) == "1")
            File.WriteAllText(network.ExpectedPath, actual);
        Assert.Equal(File.ReadAllText(network.ExpectedPath).Replace("\r\n", "\n"), actual);
    }

    /// <summary>Classes are read side by side, and what one of them constructs serves the others.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void It_does_not_matter_which_class_is_read_first(string name)
    {
        var network = GoldenNetwork.Named(name);
        Assert.Equal(network.ReadAll(backwards: false), network.ReadAll(backwards: true));
    }

    [Fact]
    public void There_are_enough_of_them() => Assert.True(GoldenNetwork.All().Count >= 120, $"{GoldenNetwork.All().Count} sources");

    [Fact]
    public void Every_idiom_has_examples()
    {
        var examples = GoldenNetwork.All().SelectMany(n => n.Idioms).GroupBy(i => i).ToDictionary(g => g.Key, g => g.Count());
        Assert.Empty(examples.Keys.Except(Idioms.All));
        Assert.Empty(Idioms.All.Where(i => examples.GetValueOrDefault(i) < FewestExamples).Select(i => $"{i}: {examples.GetValueOrDefault(i)}"));
    }

    [Fact]
    public void No_expected_network_is_without_its_source() =>
        Assert.All(
            Directory.EnumerateFiles(Path.GetDirectoryName(Path.GetDirectoryName(GoldenNetwork.All()[0].ExpectedPath))!, "*.txt", SearchOption.AllDirectories),
            path => Assert.True(File.Exists(Path.ChangeExtension(path, ".cs")), path));

    /// <summary>C# 12 is known to compilers from 4.8 on; the others read all but those sources.</summary>
    private static bool IsReadable(GoldenNetwork network) => !network.IsNewer || LanguageVersionFacts.TryParse("12", out _);
}
