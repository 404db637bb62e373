using System.Globalization;
using GradLint.SignalPropagation;

namespace GradLint.SignalPropagation.Tests;

public class EmbeddedPredictionTests
{
    private static readonly EmbeddedPrediction Whole = new()
    {
        Type = "Models.Outer+Net`1",
        ModulePath = "layers.3",
        WeightShape = "64x784",
        ActivationGradient = -9.77,
        ActivationGradientTolerance = 0.21,
        WeightGradient = -9.18,
        WeightGradientTolerance = 0.25,
        ForwardScale = -0.5,
        ForwardScaleTolerance = 0.1,
        RuleIds = ["GRAD1001", "GRAD4001"],
        File = "Models/Net.cs",
        Line = 12,
        Fingerprint = "9f86d081",
    };

    [Fact]
    public void The_format_is_stable() => Assert.Equal(
        "1|Models.Outer+Net`1||layers.3|64x784|-9.77|0.21|-9.18|0.25|-0.5|0.1|GRAD1001,GRAD4001|Models/Net.cs|12|9f86d081|", Whole.Encode());

    [Fact]
    public void What_is_written_is_read() => Assert.Equal(Whole, EmbeddedPrediction.TryParse(Whole.Encode()));

    [Theory]
    [InlineData("a|b")]
    [InlineData("a\\b")]
    [InlineData("a\\p")]
    [InlineData("\"quoted\" name\nsecond line\r\n\ttab")]
    [InlineData("ends with \\")]
    [InlineData("网络")]
    public void Odd_names_survive(string name)
    {
        var odd = Whole with { ModulePath = name, File = name, Site = name };
        Assert.DoesNotContain('\n', odd.Encode());
        var read = EmbeddedPrediction.TryParse(odd.Encode());
        Assert.Equal((name, name, name), (read!.ModulePath, read.File, read.Site));
    }

    [Fact]
    public void Many_travel_as_lines_and_a_damaged_one_is_left_out()
    {
        var other = Whole with { ModulePath = "two\nlines" };
        Assert.Equal([Whole, other], EmbeddedPrediction.ParseAll(EmbeddedPrediction.EncodeAll([Whole, other])));
        Assert.Equal([Whole, other], EmbeddedPrediction.ParseAll(Whole.Encode() + "\ndamaged|value\n\n" + other.Encode() + "\n"));
        Assert.Empty(EmbeddedPrediction.ParseAll(null));
        Assert.Empty(EmbeddedPrediction.ParseAll(EmbeddedPrediction.EncodeAll([])));
    }

    [Fact]
    public void Unknown_numbers_stay_unknown()
    {
        var read = EmbeddedPrediction.TryParse((Whole with { WeightGradient = null, ForwardScale = double.NaN, RuleIds = [] }).Encode());
        Assert.Null(read!.WeightGradient);
        Assert.Null(read.ForwardScale);
        Assert.Empty(read.RuleIds);
    }

    [Fact]
    public void The_culture_does_not_matter()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("de-DE");
            Assert.Contains("|-9.77|", Whole.Encode());
            Assert.Equal(-9.77, EmbeddedPrediction.TryParse(Whole.Encode())!.ActivationGradient);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("|||||||||||||||")]
    [InlineData("2|Net||fc1|64x784|-9.77|0.21|-9.18|0.25|-0.5|0.1||Net.cs|12|f|")]
    [InlineData("1|Net||fc1|64x784|minus nine|0.21|-9.18|0.25|-0.5|0.1||Net.cs|12|f|")]
    [InlineData("1|Net||fc1|64x784|-9.77|0.21|-9.18|0.25|-0.5|0.1||Net.cs|twelve|f|")]
    [InlineData("1|Net||fc1|64x784|-9.77|0.21")]
    public void A_damaged_value_is_no_prediction(string? value) => Assert.Null(EmbeddedPrediction.TryParse(value));

    [Fact]
    public void No_truncation_throws_or_changes_a_number()
    {
        var encoded = Whole.Encode();
        for (var length = 0; length < encoded.Length; length++)
            Assert.Null(EmbeddedPrediction.TryParse(encoded[..length]));
    }
}
