using GradLint.Probe;
using VanishingMlp;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace GradientTests;

public class MlpGradientTests
{
    [TorchFact]
    public void The_repaired_network_gets_its_gradient_to_the_first_layer()
    {
        GradientProbe.Measure(() => new ReluMlp(), Batch(), CrossEntropyLoss()).AssertHealthy();
    }

    [TorchFact]
    public void The_sigmoid_network_loses_almost_ten_orders_of_magnitude()
    {
        var report = GradientProbe.Measure(() => new SigmoidMlp(), Batch(), CrossEntropyLoss());

        Assert.Equal(GradientVerdict.Vanishing, report.Verdict);
        Assert.InRange(report.EndToEnd!.Value.Mean, -10.07, -9.47);
        var failure = Assert.Throws<GradientException>(() => report.AssertHealthy());
        Assert.Contains("the gradient at layer 'fc1' is 10^-9", failure.Message, StringComparison.Ordinal);
    }

    private static (Tensor Input, Tensor Target) Batch()
    {
        manual_seed(0);
        return (randn(64, 64), randint(0, 10, [64]));
    }
}
