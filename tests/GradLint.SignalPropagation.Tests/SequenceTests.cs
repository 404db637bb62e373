using GradLint.SignalPropagation.Tests.Oracle;

namespace GradLint.SignalPropagation.Tests;

/// <summary>Recurrent layers and attention where sizes are odd or unknown. (How well they are predicted: <see cref="AccuracyTests"/>.)</summary>
public class SequenceTests
{
    private static Prediction Recurrent(string cell, int? inputs = 32, int? hidden = 64, int? layers = 1, int? steps = null, int? positions = null, string[]? options = null)
    {
        var b = new NetworkBuilder("Net");
        var operation = SpecNetwork.Recurrent(cell, 32, 64, options ?? []) with { InFeatures = inputs, Hidden = hidden, Layers = layers, Steps = steps };
        var x = b.Linear(b.Input(16, positions is null ? null : Sizes.Of(positions)), 16, 32, path: "before");
        x = b.Add(operation, x, path: "rnn");
        return Prediction.Of(b.Build(b.Linear(b.Add(new Operation.Reduction(ReductionKind.Select), x), 64, 10, path: "head")));
    }

    // Measured by PyTorch at 100 steps, 256 units: tanh 11–12, ReLU 8, LSTM 14, GRU 14–15 steps; factors .562, .408, .631, .637.
    [Theory]
    [InlineData("RNN", 10, 13, 0.52, 0.58)]
    [InlineData("RELU", 8, 8, 0.40, 0.42)]
    [InlineData("LSTM", 13, 15, 0.62, 0.65)]
    [InlineData("GRU", 13, 15, 0.62, 0.65)]
    public void TheHorizonNeedsNoLength(string cell, int least, int most, double low, double high)
    {
        var time = Recurrent(cell, hidden: 256).Layers[1].Time!;
        Assert.InRange(time.Horizon!.Value, least, most);
        Assert.InRange(time.StepFactor, low, high);
        Assert.Null(time.Steps);
        Assert.Null(time.Ratio);
    }

    [Fact]
    public void AGradientThatGrowsHasNoHorizon()
    {
        var time = Recurrent("LSTM", options: ["memory6"]).Layers[1].Time!;
        Assert.Null(time.Horizon);
        Assert.True(time.StepFactor > 1);
    }

    [Fact]
    public void AnIdentityFadesAsAPowerAndHasNoHorizon() => Assert.Null(Recurrent("RELU", options: ["identity"]).Layers[1].Time!.Horizon);

    [Fact]
    public void OnlyRecurrentLayersHaveTime()
    {
        var layers = Recurrent("GRU", positions: 20).Layers;
        Assert.Equal([false, true, false], layers.Select(l => l.Time is not null));
        Assert.Equal(20, layers[1].Time!.Steps);
        Assert.Equal(["before", "rnn", "head"], layers.Select(l => l.Path));
    }

    [Fact]
    public void AnUnknownLengthCountsAsSixtyFourSteps()
    {
        var (unknown, known) = (Recurrent("LSTM"), Recurrent("LSTM", positions: 64));
        Assert.Null(unknown.EndToEndGradientRatio);
        Assert.Equal(known.EndToEndSignalRatio!.Value, unknown.EndToEndSignalRatio!.Value, 6);
        Assert.Equal(-Math.Log10(64) / 2, known.Layers[0].GeometryShare!.Value, 6);
    }

    [Fact]
    public void LongSequencesGoOnAsTheyWere()
    {
        var (half, whole) = (Recurrent("LSTM", positions: 128).Layers[1].Time!, Recurrent("LSTM", positions: 256).Layers[1].Time!);
        Assert.Equal(half.Ratio!.Value + 128 * Math.Log10(half.StepFactor), whole.Ratio!.Value, 1);
        Assert.True(Recurrent("LSTM", positions: int.MaxValue).Layers[1].Time!.Ratio >= -Prediction.SaturatedExponent);
    }

    [Theory]
    [InlineData("hidden", "the hidden size of a recurrent layer is unknown")]
    [InlineData("layers", "the number of recurrent layers is unknown")]
    [InlineData("identity", "identity weights of this recurrent cell are not modelled")]
    public void UnknownHasAReason(string what, string reason)
    {
        var prediction = what switch
        {
            "hidden" => Recurrent("GRU", hidden: null),
            "layers" => Recurrent("GRU", layers: null),
            _ => Recurrent("RNN", options: ["identity"]),
        };
        Assert.Null(prediction.EndToEndNormRatio);
        Assert.Equal(reason, prediction.UnknownBecause);
    }

    [Fact]
    public void OddSizesAreDefined()
    {
        foreach (var cell in new[] { "RNN", "RELU", "LSTM", "GRU" })
        {
            foreach (var n in new int?[] { int.MinValue, -1, 0, 1, 2, 1000, int.MaxValue, null })
            {
                foreach (var p in new[] { Recurrent(cell, n, n), Recurrent(cell, hidden: n), Recurrent(cell, layers: n is > 3 ? 3 : n), Recurrent(cell, steps: n), Recurrent(cell, positions: n), Recurrent(cell, options: ["memory" + (n ?? 0)]) })
                {
                    Assert.All(p.Layers, l => Assert.False(l.GradientRatio is double.NaN || l.Scale is double.NaN || l.WeightRatio is double.NaN || l.Time?.Ratio is double.NaN));
                }
            }
        }
    }

    [Fact]
    public void AttentionWithoutThreeInputsIsUnknown()
    {
        var b = new NetworkBuilder("Net");
        var x = b.Linear(b.Input(16, Sizes.Of(8)), 16, 16);
        x = b.Add(new Operation.MultiheadAttention(16, 4, Initializer.XavierUniform(), Initializer.Default), x);
        Assert.Equal("attention without query, key and value", Prediction.Of(b.Build(b.Linear(x, 16, 2))).UnknownBecause);
    }

    [Fact]
    public void AnEncoderLayerIsOneRow()
    {
        var b = new NetworkBuilder("Net");
        var x = b.Linear(b.Input(16, Sizes.Of(8)), 16, 32, path: "embed");
        for (var i = 0; i < 3; i++)
            x = b.Add(new Operation.TransformerEncoderLayer(32, 4, 64, Activation.ReLU, 0.1), x, path: $"layers.{i}");
        var prediction = Prediction.Of(b.Build(b.Linear(b.Add(new Operation.Reduction(ReductionKind.Mean), x), 32, 2, path: "head")));
        Assert.Equal(["embed", "layers.0", "layers.1", "layers.2", "head"], prediction.Layers.Select(l => l.Path));
        Assert.All(prediction.Layers, l => Assert.NotNull(l.GradientRatio));
        Assert.Equal("it has several weight matrices", prediction.Layers[1].UnknownBecause);
    }

    [Fact]
    public void MillionsOfTokensTakeNoTime()
    {
        var b = new NetworkBuilder("Net");
        var x = b.Linear(b.Input(16, Sizes.Of(int.MaxValue)), 16, 32);
        x = b.Add(new Operation.TransformerEncoderLayer(32, 4, 64, Activation.ReLU, 0.1), x);
        Assert.NotNull(Prediction.Of(b.Build(b.Linear(x, 32, 2))).EndToEndGradientRatio);
    }
}
