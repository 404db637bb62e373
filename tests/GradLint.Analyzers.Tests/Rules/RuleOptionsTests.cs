using System.Globalization;
using GradLint.Analyzers.Rules;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Analyzers.Tests.Rules;

public class RuleOptionsTests
{
    private static readonly (string Key, double Default, Func<RuleOptions, double> Value)[] Options =
    [
        ("gradlint.vanishing_decades", 3, o => o.VanishingDecades),
        ("gradlint.vanishing_decades_info", 2, o => o.VanishingDecadesInfo),
        ("gradlint.exploding_decades", 3, o => o.ExplodingDecades),
        ("gradlint.exploding_decades_info", 2, o => o.ExplodingDecadesInfo),
        ("gradlint.initialization_decades", 2, o => o.InitializationDecades),
        ("gradlint.initialization_decades_info", 0.5, o => o.InitializationDecadesInfo),
        ("gradlint.saturating_factor", 0.35, o => o.SaturatingFactor),
        ("gradlint.saturating_layers", 4, o => o.SaturatingLayers),
        ("gradlint.clip_norm", 1, o => o.ClipNorm),
        ("gradlint.clip_value", 0.5, o => o.ClipValue),
        ("gradlint.kaiming_layers", 4, o => o.KaimingLayers),
        ("gradlint.deep_layers", 8, o => o.DeepLayers),
    ];

    public static TheoryData<string> Keys() => [.. Options.Select(o => o.Key)];

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_positive_number_counts(string key)
    {
        Assert.Equal(7, Read(key, "7"));
        Assert.Equal(0.25, Read(key, " 0.25 "));
        Assert.Equal(1200, Read(key, "1.2e3"));
        Assert.Equal(Default(key), Read(key, null));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Anything_else_counts_as_not_given(string key)
    {
        foreach (var nonsense in (string[])["", " ", "none", "true", "0", "-0.0", "-3", "NaN", "Infinity", "-Infinity", "1e999", "3,5", "1_000", "0x10", "3 # three", "3;", "٣"])
            Assert.True(Default(key) == Read(key, nonsense), $"'{nonsense}' is read as {Read(key, nonsense)}");
    }

    /// <summary>A decimal comma of the machine's culture changes nothing.</summary>
    [Fact]
    public void The_culture_does_not_count()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("de-DE");
            Assert.Equal(2.5, Read("gradlint.vanishing_decades", "2.5"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static double Default(string key) => Options.Single(o => o.Key == key).Default;

    private static double Read(string key, string? text) => Options.Single(o => o.Key == key).Value(new RuleOptions(new OneOption(key, text)));

    private sealed class OneOption(string key, string? text) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string asked, out string value)
        {
            value = text ?? "";
            return asked == key && text is not null;
        }
    }
}
