using TorchSharp;
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

    public static TheoryData<string> Float16 => ["linear", "convolution", "embedding", "recurrent", "attention-like product", "normalized"];

    [TorchTheory]
    [MemberData(nameof(Float16))]
    public void Float16_is_measured_where_this_libtorch_computes_it_and_refused_by_name_where_not(string kind)
    {
        var options = new ProbeOptions { Seeds = [0], PredictFromRunningNetwork = false };
        var single = GradientProbe.Measure(() => new HalfNet(kind), HalfBatch(kind), Loss, options);
        GradientReport? half = null;

        var failure = Record.Exception(() => half = GradientProbe.Measure(() => new HalfNet(kind), HalfBatch(kind), Loss, options with { ElementType = ScalarType.Float16 }));

        if (LibtorchComputesInFloat16(kind))
        {
            Assert.Null(failure);
            // Ten bits of a mantissa; a decade is a factor of ten.
            foreach (var (a, b) in single.Layers.Zip(half!.Layers))
            {
                Assert.Equal(a.GradientRatio!.Value.Mean, b.GradientRatio!.Value.Mean, 0.05);
                Assert.Equal(a.WeightGradientRatio!.Value.Mean, b.WeightGradientRatio!.Value.Mean, 0.05);
                Assert.Equal(a.ForwardScale!.Value.Mean, b.ForwardScale!.Value.Mean, 0.05);
            }
        }
        else
        {
            string message = Assert.IsType<ProbeException>(failure).Message;
            Assert.Contains("threw for seed 0", message, StringComparison.Ordinal);
            Assert.Contains("this libtorch cannot compute it in float16 on the CPU: use bfloat16, or a GPU", message, StringComparison.Ordinal);
        }

        static Tensor Loss(Tensor output, Tensor target) => cross_entropy(output.to_type(ScalarType.Float32), target);
    }

    [TorchTheory]
    [MemberData(nameof(Float16))]
    public void A_monitor_of_a_float16_network_says_what_that_of_a_float32_network_says(string kind)
    {
        if (!LibtorchComputesInFloat16(kind))
            return;
        var (single, half) = (Capture(ScalarType.Float32), Capture(ScalarType.Float16));
        foreach (var (a, b) in single.Layers.Zip(half.Layers))
        {
            Assert.Equal(a.GradientRatio!.Value, b.GradientRatio!.Value, 0.05);
            Assert.Equal(a.WeightGradientRatio!.Value, b.WeightGradientRatio!.Value, 0.05);
        }

        TrainingRecord Capture(ScalarType type)
        {
            manual_seed(0);
            using var model = new HalfNet(kind);
            model.to(type);
            using var monitor = new TrainingMonitor(model, new MonitorOptions { Every = 1 });
            var (x, y) = HalfBatch(kind);
            cross_entropy(model.call(x.is_floating_point() ? x.to_type(type) : x).to_type(ScalarType.Float32), y).backward();
            monitor.AfterBackward();
            var record = monitor.AfterStep();
            Assert.Null(monitor.Failure);
            return record!;
        }
    }

    /// <summary>Asks libtorch itself: forward and backward of such a network, without the probe.</summary>
    private static bool LibtorchComputesInFloat16(string kind)
    {
        using var scope = NewDisposeScope();
        manual_seed(0);
        using var model = new HalfNet(kind);
        model.to(ScalarType.Float16);
        var (x, y) = HalfBatch(kind);
        try
        {
            cross_entropy(model.call(x.is_floating_point() ? x.to_type(ScalarType.Float16) : x).to_type(ScalarType.Float32), y).backward();
            return true;
        }
        catch (System.Runtime.InteropServices.ExternalException exception)
        {
            Assert.Contains("'Half'", exception.Message, StringComparison.Ordinal);
            return false;
        }
    }

    private static (Tensor Input, Tensor Target) HalfBatch(string kind)
    {
        manual_seed(98);
        var input = kind switch
        {
            "embedding" => randint(0, 12, [16, 3]),
            "convolution" => randn(16, 2, 6, 6),
            "recurrent" => randn(5, 16, 8),
            _ => randn(16, 8),
        };
        return (input, randint(0, 8, [16]));
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
    public void A_network_of_three_inputs_is_measured_on_several_batches()
    {
        var (one, other) = (Batch(1), Batch(2));

        double both = GradientProbe.Measure(() => new ThreeInputs(), [one, other], (network, batch) => cross_entropy(network.call(batch.Input, batch.Input.abs(), 2 * batch.Input), batch.Target)).EndToEnd!.Value.Mean;

        Assert.Equal((Of(one) + Of(other)) / 2, both, 1e-9);
        Assert.Throws<ArgumentException>(() => GradientProbe.Measure(() => new ThreeInputs(), Array.Empty<Tensor>(), (network, x) => network.call(x, x, x).mean()));

        static double Of((Tensor Input, Tensor Target) batch) =>
            GradientProbe.Measure(() => new ThreeInputs(), network => cross_entropy(network.call(batch.Input, batch.Input.abs(), 2 * batch.Input), batch.Target)).EndToEnd!.Value.Mean;
    }

    [TorchFact]
    public void A_batch_of_any_kind_is_in_sight_of_the_search_for_layers_called_with_forward()
    {
        var report = GradientProbe.Measure(() => new OneLayer(), [(X: randn(9, 16), Y: zeros(9, ScalarType.Int64))], (network, batch) => cross_entropy(network.forward(batch.X), batch.Y));

        Assert.Equal(LayerStatus.Measured, report.Layers.Single().Status);
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

    /// <summary>Networks of one kind of operator each: libtorch got float16 on the CPU operator by operator.</summary>
    private sealed class HalfNet : Module<Tensor, Tensor>
    {
        private readonly string kind;
        private readonly Linear? first, head;
        private readonly Conv2d? convolution;
        private readonly Embedding? words;
        private readonly GRU? cell;
        private readonly LayerNorm? norm;

        public HalfNet(string kind) : base(nameof(HalfNet))
        {
            this.kind = kind;
            switch (kind)
            {
                case "convolution":
                    convolution = Conv2d(2, 8, 3);
                    break;
                case "embedding":
                    words = Embedding(12, 8);
                    break;
                case "recurrent":
                    cell = GRU(8, 8);
                    break;
                case "normalized":
                    (first, norm, head) = (Linear(8, 8), LayerNorm(8), Linear(8, 8));
                    break;
                default:
                    (first, head) = (Linear(8, 8), Linear(8, 8));
                    break;
            }

            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            switch (kind)
            {
                case "convolution":
                    return convolution!.call(x).mean([2, 3]);
                case "embedding":
                    return words!.call(x).sum(1);
                case "recurrent":
                    return cell!.call(x).Item1[-1];
                case "attention-like product":
                    var z = first!.call(x);
                    return head!.call(z.matmul(z.t()).softmax(-1).matmul(z));
                case "normalized":
                    return head!.call(norm!.call(first!.call(x)).tanh());
                default:
                    return head!.call(first!.call(x).tanh());
            }
        }
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

    private sealed class OneLayer : Module<Tensor, Tensor>
    {
        private readonly Linear fc = Linear(16, 10);

        public OneLayer() : base(nameof(OneLayer)) => RegisterComponents();

        public override Tensor forward(Tensor x) => fc.forward(x);
    }

    private sealed class Unused : Module<Tensor, Tensor>
    {
        private readonly Linear head = Linear(16, 10);
        private readonly Linear unused = Linear(16, 10);

        public Unused() : base(nameof(Unused)) => RegisterComponents();

        public override Tensor forward(Tensor x) => head.call(x);
    }
}
