using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace GradLint.Probe.Tests;

/// <summary>What else people train: other element types, modes, weights that are shared or sparse, several outputs, several batches.</summary>
public class KindsOfNetworksTests
{
    [TorchTheory]
    [InlineData(ScalarType.Float64, 1e-3)]
    [InlineData(ScalarType.BFloat16, 0.1)]
    public void Element_types_agree_with_float32(ScalarType type, double decades)
    {
        var single = GradientProbe.Measure(Net, Batch(), Loss);
        var other = GradientProbe.Measure(Net, Batch(), Loss, new ProbeOptions { ElementType = type });

        foreach (var (a, b) in single.Layers.Zip(other.Layers))
            Assert.Equal(a.GradientRatio!.Value.Mean, b.GradientRatio!.Value.Mean, decades);

        static Tensor Loss(Tensor output, Tensor target) => cross_entropy(output.to_type(ScalarType.Float32), target);
    }

    [TorchFact]
    public void Float16_on_a_CPU_that_cannot_is_explained()
    {
        // libtorch up to 2.0 has no float16 matrix product for the CPU.
        GradientReport? report = null;
        var failure = Record.Exception(() => report = GradientProbe.Measure(Net, Batch(), (output, target) => cross_entropy(output.to_type(ScalarType.Float32), target), new ProbeOptions { ElementType = ScalarType.Float16, Seeds = [0] }));

        if (failure is null)
            Assert.All(report!.Layers, layer => Assert.True(double.IsFinite(layer.GradientRatio!.Value.Mean)));
        else
            Assert.Contains("float16 on the CPU", Assert.IsType<ProbeException>(failure).Message, StringComparison.Ordinal);
    }

    [TorchFact]
    public void Dropout_is_off_in_evaluation_mode()
    {
        var training = Measure(training: true);
        var evaluation = Measure(training: false);

        // In evaluation every seed-free thing is fixed, so that two measurements agree to the last digit; dropout draws anew in training.
        Assert.Equal(evaluation, Measure(training: false));
        Assert.NotEqual(training, evaluation);

        static double Measure(bool training) => GradientProbe.Measure(
            () => Sequential(Linear(16, 32), Dropout(0.5), Linear(32, 10)), Batch(), (o, y) => cross_entropy(o, y), new ProbeOptions { Training = training, Seeds = [1] }).EndToEnd!.Value.Mean;
    }

    [TorchFact]
    public void Several_batches_give_the_mean_over_them()
    {
        var (one, other) = (Batch(1), Batch(2));
        Func<Tensor, Tensor, Tensor> loss = (output, target) => cross_entropy(output, target);

        double both = GradientProbe.Measure(Net, [one, other], loss).EndToEnd!.Value.Mean;

        double mean = (GradientProbe.Measure(Net, one, loss).EndToEnd!.Value.Mean + GradientProbe.Measure(Net, other, loss).EndToEnd!.Value.Mean) / 2;
        Assert.Equal(mean, both, 1e-9);
    }

    [TorchFact]
    public void A_sparse_gradient_is_measured_as_the_dense_one()
    {
        var sparse = Words(sparse: true);
        var dense = Words(sparse: false);

        Assert.Equal(dense.Layers[0].WeightGradientRatio!.Value.Mean, sparse.Layers[0].WeightGradientRatio!.Value.Mean, 1e-5);
        Assert.Equal(dense.Layers[0].GradientRatio!.Value.Mean, sparse.Layers[0].GradientRatio!.Value.Mean, 1e-5);

        static GradientReport Words(bool sparse) => GradientProbe.Measure(
            () => Sequential(Embedding(20, 8, sparse: sparse), Linear(8, 5)),
            (arange(16, dtype: ScalarType.Int64) % 7, arange(16, dtype: ScalarType.Int64) % 5),
            (output, target) => cross_entropy(output, target));
    }

    [TorchFact]
    public void A_weight_that_two_layers_share_has_one_gradient()
    {
        var report = GradientProbe.Measure(() => new Tied(), Batch(), (output, target) => cross_entropy(output, target));

        Assert.Equal(GradientVerdict.Healthy, report.Verdict);
        Assert.All(report.Layers, layer => Assert.NotNull(layer.GradientRatio));
    }

    [TorchFact]
    public void A_network_with_two_outputs_is_measured_through_its_own_loss()
    {
        var (x, y) = Batch();

        var report = GradientProbe.Measure(() => new TwoHeads(), network =>
        {
            var (policy, value) = network.call(x);
            return cross_entropy(policy, y) + value.pow(2).mean();
        });

        Assert.Equal(["trunk", "policy", "value"], report.Layers.Select(l => l.Path));
        Assert.Equal(GradientVerdict.Healthy, report.Verdict);
    }

    [TorchFact]
    public void A_network_of_three_inputs_is_measured_through_its_own_loss()
    {
        var (x, y) = Batch();

        var report = GradientProbe.Measure(() => new ThreeInputs(), network => cross_entropy(network.call(x, x.abs(), 2 * x), y));

        Assert.Equal(["first", "second", "mix", "head"], report.Layers.Select(l => l.Path));
        Assert.All(report.Layers, layer => Assert.Equal(LayerStatus.Measured, layer.Status));
    }

    [TorchFact]
    public void AssertNoVanishing_and_AssertConnected_each_mean_one_fault()
    {
        var vanishing = GradientProbe.Measure(() => Deep(() => Sigmoid()), Batch(), (output, target) => cross_entropy(output, target));
        var disconnected = GradientProbe.Measure(() => new Unused(), Batch(), (output, target) => cross_entropy(output, target));

        Assert.Same(vanishing, vanishing.AssertConnected());
        Assert.Same(disconnected, disconnected.AssertNoVanishing());
        Assert.Contains("VANISHING", Assert.Throws<GradientException>(() => vanishing.AssertNoVanishing()).Message, StringComparison.Ordinal);
        Assert.Contains("'unused.weight'", Assert.Throws<GradientException>(() => disconnected.AssertConnected()).Message, StringComparison.Ordinal);
    }

    [TorchFact]
    public void Compare_shows_two_networks_side_by_side()
    {
        var comparison = GradientProbe.Compare(() => Deep(() => Sigmoid()), () => Deep(() => Tanh()), Batch(), (output, target) => cross_entropy(output, target));

        Assert.Equal(GradientVerdict.Vanishing, comparison.First.Verdict);
        Assert.Equal(GradientVerdict.Healthy, comparison.Second.Verdict);
        Assert.Equal(comparison.Second.EndToEnd!.Value.Mean - comparison.First.EndToEnd!.Value.Mean, comparison.Gain);
        string[] lines = comparison.ToString().ReplaceLineEndings("\n").Split('\n');
        Assert.Equal(2 + 8 + 2, lines.Length);
        Assert.Matches(@"^0 +10\^-\d\.\d\d +10\^-?\d\.\d\d  \|  0 +10\^-\d\.\d\d +10\^-?\d\.\d\d$", lines[2]);
        Assert.StartsWith("Vanishing -> Healthy; 10^", lines[^1], StringComparison.Ordinal);
    }

    private static Module<Tensor, Tensor> Net() => Sequential(Linear(16, 32), Tanh(), Linear(32, 32), Tanh(), Linear(32, 10));

    private static Module<Tensor, Tensor> Deep(Func<Module<Tensor, Tensor>> activation)
    {
        var layers = new List<Module<Tensor, Tensor>> { Linear(16, 64) };
        for (int i = 0; i < 6; i++)
        {
            layers.Add(activation());
            layers.Add(Linear(64, 64));
        }

        layers.Add(activation());
        layers.Add(Linear(64, 10));
        return Sequential(layers);
    }

    private static (Tensor Input, Tensor Target) Batch(long seed = 99)
    {
        manual_seed(seed);
        return (randn(64, 16), randint(0, 10, [64]));
    }

    private sealed class Tied : Module<Tensor, Tensor>
    {
        private readonly Linear encode = Linear(16, 16);
        private readonly Linear again;
        private readonly Linear head = Linear(16, 10);

        public Tied() : base(nameof(Tied))
        {
            again = Linear(16, 16);
            again.weight = encode.weight!;
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => head.call(again.call(encode.call(x).tanh()).tanh());
    }

    private sealed class TwoHeads : Module<Tensor, (Tensor Policy, Tensor Value)>
    {
        private readonly Linear trunk = Linear(16, 32);
        private readonly Linear policy = Linear(32, 10);
        private readonly Linear value = Linear(32, 1);

        public TwoHeads() : base(nameof(TwoHeads)) => RegisterComponents();

        public override (Tensor Policy, Tensor Value) forward(Tensor x)
        {
            var shared = trunk.call(x).relu();
            return (policy.call(shared), value.call(shared));
        }
    }

    private sealed class ThreeInputs : Module<Tensor, Tensor, Tensor, Tensor>
    {
        private readonly Linear first = Linear(16, 8);
        private readonly Linear second = Linear(16, 8);
        private readonly Bilinear mix = Bilinear(8, 8, 16);
        private readonly Linear head = Linear(16, 10);

        public ThreeInputs() : base(nameof(ThreeInputs)) => RegisterComponents();

        public override Tensor forward(Tensor a, Tensor b, Tensor c) => head.call(mix.call(first.call(a), second.call(b)).tanh() + c);
    }

    private sealed class Unused : Module<Tensor, Tensor>
    {
        private readonly Linear head = Linear(16, 10);
        private readonly Linear unused = Linear(16, 10);

        public Unused() : base(nameof(Unused)) => RegisterComponents();

        public override Tensor forward(Tensor x) => head.call(x);
    }
}
