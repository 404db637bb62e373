using GradLint.Probe.Live;
using GradLint.SignalPropagation;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace GradLint.Probe.Tests.Live;

public class WeightMomentsTests
{
    [TorchFact]
    public void A_default_draw_is_told_from_its_neighbours()
    {
        manual_seed(1);
        double bound = 1 / Math.Sqrt(64);

        Assert.Same(Initializer.Default, Of(init.uniform_(empty(64, 64), -bound, bound)).Uniform(bound, Initializer.Default));
        Assert.Equal("normal_", Of(init.normal_(empty(64, 64), 0, bound / Math.Sqrt(3))).Uniform(bound, Initializer.Default).Name);
        Assert.Equal("uniform_", Of(init.uniform_(empty(64, 64), -0.9 * bound, 0.9 * bound)).Uniform(bound, Initializer.Default).Name);
        Assert.Equal("uniform_", Of(init.uniform_(empty(64, 64), 0, bound)).Uniform(bound, Initializer.Default).Name);
    }

    [TorchFact]
    public void Ten_biases_are_enough_to_tell_a_draw_from_another_scale()
    {
        manual_seed(1);
        double bound = 1 / Math.Sqrt(64);

        Assert.True(Of(init.uniform_(empty(10), -bound, bound)).Uniform(bound, Initializer.DefaultBias).IsDefault);
        Assert.False(Of(init.normal_(empty(10), 0, 0.01 * bound)).Uniform(bound, Initializer.DefaultBias).IsDefault);
    }

    [TorchFact]
    public void Another_draw_keeps_its_measured_variance_and_loses_a_mean_that_is_chance()
    {
        manual_seed(1);
        var kaiming = Of(init.kaiming_normal_(empty(64, 64))).Uniform(0.125, Initializer.Default);
        Assert.Equal(0, kaiming.Mean);
        Assert.InRange(kaiming.Coefficient!.Value, 2.0 / 64 * 0.9, 2.0 / 64 * 1.1);

        var shifted = Of(init.normal_(empty(64, 64), 0.1, 0.1)).Uniform(0.125, Initializer.Default);
        Assert.InRange(shifted.Mean!.Value, 0.09, 0.11);
        Assert.InRange(shifted.Coefficient!.Value, 0.009, 0.011);
    }

    [TorchFact]
    public void Constants_and_the_identity()
    {
        Assert.Same(Initializer.Zeros, Of(zeros(4, 4)).Uniform(0.5, Initializer.Default));
        Assert.Same(Initializer.Ones, Of(ones(4, 4)).Uniform(0.5, Initializer.Default));
        Assert.Equal(Initializer.Constant(0.25), Of(full([4, 4], 0.25)).Uniform(0.5, Initializer.Default));
        Assert.Equal(Initializer.Constant(0.25), Of(full([1], 0.25)).Uniform(0.5, Initializer.Default));
        Assert.Same(Initializer.Eye, Of(init.eye_(empty(8, 4))).Uniform(0.5, Initializer.Default));
        Assert.Same(Initializer.DefaultScale, Of(ones(8)).Normalization(Initializer.DefaultScale));
        Assert.Same(Initializer.Zeros, Of(zeros(8)).Normalization(Initializer.DefaultScale));
        Assert.Same(Initializer.DefaultEmbedding, Of(randn(100, 16)).Embedding());
        Assert.Same(Initializer.Unknown, Of(full([4, 4], double.NaN)).Uniform(0.5, Initializer.Default));
    }

    private static WeightMoments Of(Tensor weight)
    {
        using var numbers = WeightMoments.OnDevice(weight);
        return WeightMoments.FromHost(weight.shape, [.. numbers.data<float>().Select(n => (double)n)]);
    }
}
