using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace GradLint.Probe.Tests;

/// <summary>
/// Models that say <c>layer.forward(x)</c>, which fires no hooks, measured like the same models that say <c>layer.call(x)</c>, whose
/// numbers OracleTests compare with PyTorch.
/// </summary>
public class ForwardCallsTests
{
    public static TheoryData<string> Networks => ["mlp", "convolutional", "residual", "shared", "rnn", "lstm", "words", "in evaluation", "tokens", "no bias"];

    [TorchTheory]
    [MemberData(nameof(Networks))]
    public void A_model_that_says_forward_is_measured_like_one_that_says_call(string name)
    {
        var called = Measure(name, (layer, x) => layer.call(x));
        var forwarded = Measure(name, (layer, x) => layer.forward(x));

        Assert.Equal(called.OutputLayer, forwarded.OutputLayer);
        Assert.Equal(called.Layers.Select(l => (l.Path, LayerStatus.Measured)), forwarded.Layers.Select(l => (l.Path, l.Status)));
        foreach (var (a, b) in called.Layers.Zip(forwarded.Layers))
        {
            Assert.Equal(a.GradientRatio!.Value.Mean, b.GradientRatio!.Value.Mean, 1e-6);
            Assert.Equal(a.WeightGradientRatio!.Value.Mean, b.WeightGradientRatio!.Value.Mean, 1e-6);
            Assert.Equal(a.ForwardScale!.Value.Mean, b.ForwardScale!.Value.Mean, 1e-6);
        }
    }

    [TorchTheory]
    [InlineData("mlp")]
    [InlineData("residual")]
    [InlineData("tokens")]
    [InlineData("shared")]
    [InlineData("rnn")]
    public void The_running_network_is_predicted_alike(string name)
    {
        var called = Measure(name, (layer, x) => layer.call(x)).Predictions!;
        var forwarded = Measure(name, (layer, x) => layer.forward(x)).Predictions!;

        Assert.Equal(PredictionSource.Live, forwarded.Source);
        Assert.NotNull(called.Layers[0].Predicted);
        foreach (var (a, b) in called.Layers.Zip(forwarded.Layers))
            Assert.Equal(a.Predicted!.Value, b.Predicted!.Value, 1e-6);
    }

    [TorchTheory]
    [InlineData("rnn")]
    [InlineData("gru")]
    [InlineData("lstm")]
    public void The_gradient_over_time_is_that_of_the_model_that_says_call(string cell)
    {
        var called = Measure(cell, (layer, x) => layer.call(x)).Layers[0].OverTime!;
        var forwarded = Measure(cell, (layer, x) => layer.forward(x)).Layers[0].OverTime!;

        Assert.Equal((called.Steps, called.Horizon, called.PredictedHorizon), (forwarded.Steps, forwarded.Horizon, forwarded.PredictedHorizon));
        Assert.Equal(7, forwarded.Steps);
        Assert.Equal(called.Ratio.Mean, forwarded.Ratio.Mean, 1e-5);
    }

    [TorchFact]
    public void A_gradient_over_time_that_cannot_be_seen_is_said_to_be_missing()
    {
        // The loss reads the last state and not the sequence of outputs, which is all that is left to be found.
        var report = Measure("rnn, last state", (layer, x) => layer.forward(x));

        var cell = report.Layers.Single(l => l.Path == "rnn");
        Assert.Null(cell.OverTime);
        Assert.Null(cell.GradientRatio);
        Assert.Contains("over time: not measured at 'rnn', its output was not seen, because forward(x) fires no hooks: use call(x)", report.ToString(), StringComparison.Ordinal);
    }

    [TorchFact]
    public void A_sequence_as_long_as_the_batch_is_large_is_said_to_be_ambiguous()
    {
        var report = GradientProbe.Measure(() => new Net((layer, x) => layer.call(x), "rnn"), (randn(4, 4, 12), zeros(4, ScalarType.Int64)), CrossEntropyLoss());

        Assert.Null(report.Layers[0].OverTime);
        Assert.Contains("over time: not measured at 'rnn', which dimension of its sequence is time cannot be told", report.ToString(), StringComparison.Ordinal);
    }

    [TorchFact]
    public void Layers_stand_in_the_order_in_which_they_run_and_not_in_that_of_their_fields()
    {
        var report = GradientProbe.Measure(() => new Backwards(), (randn(8, 12), zeros(8, ScalarType.Int64)), CrossEntropyLoss());

        Assert.Equal(["first", "second", "last"], report.Layers.Select(l => l.Path));
        Assert.Equal("last", report.OutputLayer);
    }

    [TorchFact]
    public void A_batch_that_a_lambda_captured_is_found()
    {
        manual_seed(3);
        using var model = new Net((layer, x) => layer.forward(x), "mlp");
        var batch = (Input: randn(8, 12), Target: zeros(8, ScalarType.Int64));

        var report = GradientProbe.Measure(model, () => cross_entropy(model.forward(batch.Input), batch.Target));

        Assert.All(report.Layers, layer => Assert.Equal(LayerStatus.Measured, layer.Status));
    }

    [TorchTheory]
    [InlineData("disposed")]
    [InlineData("overwritten")]
    public void An_output_that_is_gone_is_not_guessed(string name)
    {
        var report = GradientProbe.Measure(() => new Gone(name), (randn(8, 12), zeros(8, ScalarType.Int64)), CrossEntropyLoss());

        Assert.Equal(LayerStatus.CalledThroughForward, report.Layers[0].Status);
        Assert.Equal(LayerStatus.Measured, report.Layers[1].Status);
        Assert.Null(report.Layers[0].GradientRatio);
        Assert.Contains("use call(x)", report.ToString(), StringComparison.Ordinal);
    }

    [TorchFact]
    public void A_copy_that_gets_only_part_of_the_gradient_is_not_taken_for_the_output()
    {
        // The layer's own output is disposed; its clone has the same values, and half of the gradient.
        var report = GradientProbe.Measure(() => new Forked(), (randn(8, 12), zeros(8, ScalarType.Int64)), CrossEntropyLoss());

        Assert.Null(report.Layers.Single(l => l.Path == "first").GradientRatio);
    }

    [TorchFact]
    public void No_tensor_is_left_behind()
    {
        using var model = new Net((layer, x) => layer.forward(x), "convolutional");
        using var x = randn(4, 3, 8, 8);
        using var y = zeros(4, ScalarType.Int64);
        Measure();
        long before = LiveTensors.Settled();

        Measure();

        Assert.Equal(before, Tensor.TotalCount);
        void Measure() => GradientProbe.Measure(model, () => cross_entropy(model.forward(x), y));
    }

    private static GradientReport Measure(string name, Func<Module<Tensor, Tensor>, Tensor, Tensor> run)
    {
        manual_seed(11);
        var input = name switch
        {
            "convolutional" or "residual" => randn(4, 3, 8, 8),
            "rnn" or "rnn, last state" or "gru" or "lstm" or "tokens" => randn(7, 4, 12),
            "words" => randint(0, 20, [8, 3]),
            _ => randn(8, 12),
        };
        var target = arange(name is "rnn" or "rnn, last state" or "gru" or "lstm" or "tokens" ? 4 : input.shape[0], dtype: ScalarType.Int64) % 5;
        return GradientProbe.Measure(() => new Net(run, name), (input, target), CrossEntropyLoss(), new ProbeOptions { Seeds = [1, 2], Training = name != "in evaluation" });
    }

    /// <summary>Several networks in one class; each runs its weight layers through <paramref name="run"/>.</summary>
    private sealed class Net : Module<Tensor, Tensor>
    {
        private readonly Func<Module<Tensor, Tensor>, Tensor, Tensor> run;
        private readonly string kind;
        private readonly ModuleList<Module<Tensor, Tensor>> layers;
        private readonly RNN? rnn;
        private readonly GRU? gru;
        private readonly LSTM? lstm;

        public Net(Func<Module<Tensor, Tensor>, Tensor, Tensor> run, string kind) : base(nameof(Net))
        {
            this.run = run;
            this.kind = kind;
            layers = ModuleList<Module<Tensor, Tensor>>(kind switch
            {
                "convolutional" => [Conv2d(3, 6, 3, padding: 1), Conv2d(6, 6, 3, stride: 2, padding: 1, bias: false), BatchNorm2d(6), Linear(96, 5)],
                "residual" => [Conv2d(3, 6, 3, padding: 1), Conv2d(6, 6, 3, padding: 1), Conv2d(6, 6, 3, padding: 1), Linear(6, 5)],
                "words" => [Embedding(20, 12), Linear(12, 5)],
                "rnn" or "rnn, last state" or "gru" or "lstm" => [Linear(10, 5)],
                "no bias" => [Linear(12, 12, hasBias: false), Linear(12, 12, hasBias: false), Linear(12, 5, hasBias: false)],
                _ => [Linear(12, 12), Linear(12, 12), Linear(12, 5)],
            });
            rnn = kind is "rnn" or "rnn, last state" ? RNN(12, 10) : null;
            gru = kind == "gru" ? GRU(12, 10) : null;
            lstm = kind == "lstm" ? LSTM(12, 10) : null;
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            switch (kind)
            {
                case "convolutional":
                    x = relu(run(layers[0], x));
                    x = max_pool2d(relu(layers[2].forward(run(layers[1], x))), 1);
                    return run(layers[3], x.flatten(1));
                case "residual":
                    x = run(layers[0], x);
                    x = relu(x + run(layers[1], relu(x)));
                    x = relu(x + run(layers[2], x));
                    return run(layers[3], x.mean([2, 3]));
                case "shared":
                    return run(layers[2], run(layers[0], run(layers[0], run(layers[1], x).tanh()).tanh()).tanh());
                case "rnn":
                    return run(layers[0], (Called ? rnn!.call(x) : rnn!.forward(x, null)).Item1[-1]);
                case "rnn, last state":
                    return run(layers[0], (Called ? rnn!.call(x) : rnn!.forward(x, null)).Item2[0]);
                case "gru":
                    return run(layers[0], (Called ? gru!.call(x) : gru!.forward(x, null)).Item1[-1]);
                case "lstm":
                    return run(layers[0], (Called ? lstm!.call(x, null) : lstm!.forward(x, null)).Item1[-1]);
                case "words":
                    return run(layers[1], run(layers[0], x).mean([1]));
                case "tokens":
                    return run(layers[2], run(layers[1], run(layers[0], x).tanh()).tanh()).mean([0]);
                case "in evaluation":
                    x = dropout(run(layers[0], x), 0.5, training);
                    return run(layers[2], dropout(run(layers[1], x.tanh()), 0.5, training).tanh());
                default:
                    return run(layers[2], run(layers[1], run(layers[0], x).tanh()).tanh());
            }
        }

        // The tuple layers have types of their own: whether the others are called is found out once.
        private bool Called
        {
            get
            {
                using var probe = Identity();
                bool called = false;
                probe.register_forward_hook((_, _, y) => { called = true; return y; });
                run(probe, ones(1)).Dispose();
                return called;
            }
        }
    }

    private sealed class Backwards : Module<Tensor, Tensor>
    {
        private readonly Linear last = Linear(12, 5);
        private readonly Linear second = Linear(12, 12);
        private readonly Linear first = Linear(12, 12);

        public Backwards() : base(nameof(Backwards)) => RegisterComponents();

        public override Tensor forward(Tensor x) => last.forward(second.forward(first.forward(x).tanh()).tanh());
    }

    private sealed class Gone : Module<Tensor, Tensor>
    {
        private readonly string how;
        private readonly Linear first = Linear(12, 12);
        private readonly Linear last = Linear(12, 5);

        public Gone(string how) : base(nameof(Gone))
        {
            this.how = how;
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            if (how == "overwritten")
                return last.forward(first.forward(x).relu_());
            using var z = first.forward(x);
            return last.forward(z.relu());
        }
    }

    private sealed class Forked : Module<Tensor, Tensor>
    {
        private readonly Linear first = Linear(12, 12);
        private readonly Linear last = Linear(12, 5);

        public Forked() : base(nameof(Forked)) => RegisterComponents();

        public override Tensor forward(Tensor x)
        {
            using var z = first.forward(x);
            return last.forward(z.clone().tanh() + (2 * z));
        }
    }
}
