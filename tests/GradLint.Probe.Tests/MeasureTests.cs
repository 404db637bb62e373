using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace GradLint.Probe.Tests;

public class MeasureTests
{
    [TorchFact]
    public void A_deep_sigmoid_stack_vanishes_by_the_number_that_PyTorch_measures()
    {
        // python3-torch, eight seeds, batch 64, cross-entropy: -9.77 and, for the weights, -9.18.
        var report = GradientProbe.Measure(() => Stack(64, 12, () => Sigmoid()), Batch(), CrossEntropyLoss());

        Assert.Equal(12, report.Layers.Count);
        Assert.InRange(report.EndToEnd!.Value.Mean, -9.87, -9.67);
        Assert.InRange(report.Layers[0].WeightGradientRatio!.Value.Mean, -9.33, -9.03);
        Assert.InRange(report.EndToEnd.Value.StandardDeviation, 0.01, 0.2);
        Assert.Equal("22", report.OutputLayer);
        Assert.Equal(GradientVerdict.Vanishing, report.Verdict);
        Assert.Equal("0", Assert.Single(report.Findings).Path);
    }

    [TorchFact]
    public void Verdict_and_ratios_do_not_depend_on_the_scale_of_the_loss()
    {
        var mean = GradientProbe.Measure(() => Stack(16, 6, () => Tanh()), Batch(16), (output, target) => cross_entropy(output, target));
        var scaled = GradientProbe.Measure(() => Stack(16, 6, () => Tanh()), Batch(16), (output, target) => 65536 * cross_entropy(output, target, reduction: Reduction.Sum));

        foreach (var (a, b) in mean.Layers.Zip(scaled.Layers))
            Assert.Equal(a.GradientRatio!.Value.Mean, b.GradientRatio!.Value.Mean, 1e-5);
    }

    [TorchFact]
    public void Gradients_far_below_the_range_of_float32_norms_are_still_measured()
    {
        // Twenty sigmoid layers lose 16 decades (theory: 20 x log10 .141 and the head); squares of 1e-22 are zero in float32.
        var report = GradientProbe.Measure(() => Stack(64, 24, () => Sigmoid()), Batch(), (output, target) => 1e-6 * cross_entropy(output, target));

        Assert.InRange(report.EndToEnd!.Value.Mean, -21, -19);
    }

    [TorchFact]
    public void The_random_state_of_the_caller_is_restored()
    {
        manual_seed(7);
        var expected = rand(3).data<float>().ToArray();
        manual_seed(7);

        GradientProbe.Measure(() => Stack(8, 2, () => ReLU()), (ones(4, 8), zeros(4, ScalarType.Int64)), CrossEntropyLoss());

        Assert.Equal(expected, rand(3).data<float>().ToArray());
    }

    [TorchFact]
    public void A_living_model_is_left_as_it_was()
    {
        manual_seed(1);
        using var model = Sequential(Linear(8, 8), BatchNorm1d(8), ReLU(), Linear(8, 3));
        using var x = randn(16, 8);
        cross_entropy(model.call(x), zeros(16, ScalarType.Int64)).backward();
        var before = State(model);

        GradientProbe.Measure(model, () => cross_entropy(model.call(x), zeros(16, ScalarType.Int64)));

        Assert.Equal(before, State(model));
        static float[] State(nn.Module model) =>
            [.. model.parameters().SelectMany(p => p.data<float>().Concat(p.grad!.data<float>())),
             .. model.named_buffers().SelectMany(b => b.buffer.to_type(ScalarType.Float32).data<float>())];
    }

    [TorchFact]
    public void No_tensor_and_no_hook_is_left_behind()
    {
        manual_seed(1);
        using var model = Stack(8, 4, () => Tanh());
        using var x = ones(4, 8);
        using var y = zeros(4, ScalarType.Int64);
        Measure();
        long before = LiveTensors.Settled();

        for (int i = 0; i < 5; i++)
            Measure();

        Assert.Equal(before, Tensor.TotalCount);
        void Measure() => GradientProbe.Measure(model, () => cross_entropy(model.call(x), y));
    }

    [TorchFact]
    public void A_layer_that_the_loss_does_not_use_is_disconnected()
    {
        var report = GradientProbe.Measure(() => new Disconnected(), (ones(4, 8), zeros(4, ScalarType.Int64)), CrossEntropyLoss());

        Assert.Equal(GradientVerdict.Disconnected, report.Verdict);
        Assert.Equal(LayerStatus.NoGradient, report.Layers.Single(l => l.Path == "unused").Status);
        Assert.Contains("'unused.weight' and 'unused.bias'", report.Findings.Single().Message, StringComparison.Ordinal);
        Assert.Contains("no gradient arrives", report.ToString(), StringComparison.Ordinal);
    }

    [TorchFact]
    public void A_frozen_layer_is_named_and_is_no_fault()
    {
        var report = GradientProbe.Measure(
            () =>
            {
                var model = Stack(8, 3, () => Tanh());
                foreach (var parameter in model.children().First().parameters())
                    parameter.requires_grad = false;
                return model;
            },
            (ones(4, 8), zeros(4, ScalarType.Int64)),
            CrossEntropyLoss());

        Assert.Equal(LayerStatus.Frozen, report.Layers[0].Status);
        Assert.Equal(GradientVerdict.Healthy, report.Verdict);
    }

    [TorchFact]
    public void NaN_is_traced_to_the_first_layer_that_shows_it()
    {
        var report = GradientProbe.Measure(
            () =>
            {
                var model = Stack(8, 4, () => ReLU());
                using (no_grad())
                    ((Linear)model.children().ElementAt(2)).weight!.fill_(float.NaN);
                return model;
            },
            (ones(4, 8), zeros(4, ScalarType.Int64)),
            CrossEntropyLoss());

        Assert.Equal(GradientVerdict.NotFinite, report.Verdict);
        Assert.Equal("2", report.Findings[0].Path);
    }

    [TorchFact]
    public void A_network_with_large_weights_explodes()
    {
        // N(0, 1) at width 64 with ReLU: factor sqrt(64/2) a layer, five layers are 3.8 decades.
        var report = GradientProbe.Measure(
            () =>
            {
                var model = Stack(64, 7, () => ReLU());
                foreach (var layer in model.children().OfType<Linear>())
                    init.normal_(layer.weight!, 0, 1);
                return model;
            },
            Batch(),
            CrossEntropyLoss());

        Assert.Equal(GradientVerdict.Exploding, report.Verdict);
        Assert.Contains(report.Findings, f => f.Message.StartsWith("the signal grows", StringComparison.Ordinal));
    }

    [TorchFact]
    public void A_model_whose_outputs_cannot_be_seen_is_judged_by_its_weight_gradients_and_told_so()
    {
        var report = GradientProbe.Measure(() => new CallsForward(), Batch(), CrossEntropyLoss());

        Assert.All(report.Layers, layer => Assert.Equal(LayerStatus.CalledThroughForward, layer.Status));
        Assert.Null(report.EndToEnd);
        Assert.Equal(0, report.Layers[^1].WeightGradientRatio!.Value.Mean);
        Assert.Contains("use call(x)", report.ToString(), StringComparison.Ordinal);
    }

    [TorchFact]
    public void A_module_with_a_parameter_of_its_own_is_not_taken_for_a_layer()
    {
        var report = GradientProbe.Measure(() => new WithOwnParameter(), Batch(), CrossEntropyLoss());

        Assert.Equal("fc", report.OutputLayer);
        Assert.Equal([("", LayerStatus.ParametersOnly), ("fc", LayerStatus.Measured)], report.Layers.Select(l => (l.Path, l.Status)));
        Assert.Equal(0, report.EndToEnd!.Value.Mean);
    }

    [TorchFact]
    public void A_factory_that_returns_null_is_named()
    {
        var failure = Assert.Throws<ProbeException>(() => GradientProbe.Measure(() => null!, Batch(), CrossEntropyLoss()));

        Assert.Equal("The model factory returned null for seed 0.", failure.Message);
    }

    [TorchFact]
    public void A_factory_that_returns_one_network_twice_is_told_what_to_call()
    {
        var model = Stack(64, 2, () => ReLU());

        var failure = Assert.Throws<ProbeException>(() => GradientProbe.Measure(() => model, Batch(), CrossEntropyLoss()));

        Assert.Contains("the same network twice", failure.Message, StringComparison.Ordinal);
    }

    [TorchFact]
    public void A_batch_that_does_not_fit_is_located()
    {
        var failure = Assert.Throws<ProbeException>(() => GradientProbe.Measure(() => Sequential(Linear(64, 32), Linear(16, 10)), Batch(), CrossEntropyLoss()));

        Assert.Contains("after layer '0' had run", failure.Message, StringComparison.Ordinal);
        Assert.Contains("64x32 and 16x10", failure.Message, StringComparison.Ordinal);
        Assert.NotNull(failure.InnerException);
    }

    [TorchFact]
    public void A_factory_that_throws_is_named_with_its_seed()
    {
        var failure = Assert.Throws<ProbeException>(() => GradientProbe.Measure(() => throw new FileNotFoundException("no weights file"), Batch(), CrossEntropyLoss(), new ProbeOptions { Seeds = [4] }));

        Assert.Equal("The model factory threw for seed 4: no weights file", failure.Message);
        Assert.IsType<FileNotFoundException>(failure.InnerException);
    }

    [TorchFact]
    public void A_loss_that_throws_is_located_behind_the_last_layer()
    {
        var failure = Assert.Throws<ProbeException>(() => GradientProbe.Measure(() => Stack(64, 2, () => ReLU()), Batch(), (_, _) => throw new FormatException("label out of range")));

        Assert.Equal("The forward pass or the loss threw for seed 0, after layer '2' had run: label out of range", failure.Message);
    }

    [TorchFact]
    public void A_backward_pass_that_throws_is_told_from_the_forward_pass()
    {
        var failure = Assert.Throws<ProbeException>(() => GradientProbe.Measure(() => new Overwrites(), Batch(), CrossEntropyLoss()));

        Assert.StartsWith("The backward pass threw for seed 0: one of the variables needed for gradient computation has been modified by an inplace operation", failure.Message, StringComparison.Ordinal);
    }

    [TorchFact]
    public void A_loss_that_is_disposed_already_is_refused()
    {
        var failure = Assert.Throws<ProbeException>(() => GradientProbe.Measure(() => Stack(64, 2, () => ReLU()), Batch(), (output, target) =>
        {
            using var loss = cross_entropy(output, target);
            return loss;
        }));

        Assert.Equal("The loss was disposed before it could be measured, for seed 0.", failure.Message);
    }

    [TorchFact]
    public void A_network_that_was_disposed_is_told_so()
    {
        var model = Stack(64, 2, () => ReLU());
        model.Dispose();

        var failure = Assert.Throws<ProbeException>(() => GradientProbe.Measure(model, () => cross_entropy(model.call(Batch().Input), Batch().Target)));

        Assert.Contains("a network that was disposed has no parameters left", failure.Message, StringComparison.Ordinal);
    }

    [TorchFact]
    public void A_batch_that_is_empty_or_disposed_is_refused()
    {
        var (x, y) = Batch();
        x.Dispose();

        Assert.Contains("no sample", Assert.Throws<ArgumentException>(() => GradientProbe.Measure(() => Stack(64, 2, () => ReLU()), (zeros(0, 64), zeros(0, ScalarType.Int64)), CrossEntropyLoss())).Message, StringComparison.Ordinal);
        Assert.Contains("Tensor invalid", Assert.Throws<ProbeException>(() => GradientProbe.Measure(() => Stack(64, 2, () => ReLU()), (x, y), CrossEntropyLoss())).Message, StringComparison.Ordinal);
    }

    [TorchTheory]
    [InlineData(0.0)]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    public void Thresholds_that_everything_or_nothing_passes_are_refused(double threshold)
    {
        using var model = Stack(64, 2, () => ReLU());
        var batch = Batch();

        foreach (var options in new[] { new ProbeOptions { VanishingDecades = threshold }, new ProbeOptions { ExplodingDecades = threshold } })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => GradientProbe.Measure(() => Stack(64, 2, () => ReLU()), batch, CrossEntropyLoss(), options));
            Assert.Throws<ArgumentOutOfRangeException>(() => GradientProbe.Measure(model, () => cross_entropy(model.call(batch.Input), batch.Target), options));
        }

        foreach (var options in new[] { new MonitorOptions { VanishingDecades = threshold }, new() { ExplodingDecades = threshold }, new() { DeadUnits = threshold }, new() { Saturated = threshold } })
            Assert.Throws<ArgumentOutOfRangeException>(() => new TrainingMonitor(model, options));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TrainingMonitor(model, new MonitorOptions { LeastUpdate = double.NaN }));
    }

    [TorchFact]
    public void A_device_that_is_not_there_is_said()
    {
        if (cuda.is_available())
            return;
        var failure = Assert.Throws<ProbeException>(() => GradientProbe.Measure(() => Stack(64, 2, () => ReLU()), Batch(), CrossEntropyLoss(), new ProbeOptions { Device = new Device("cuda") }));

        Assert.StartsWith("The batch cannot be brought to where it is measured: ", failure.Message, StringComparison.Ordinal);
    }

    [TorchFact]
    public void A_loss_without_a_gradient_is_refused()
    {
        var failure = Assert.Throws<ProbeException>(() => GradientProbe.Measure(() => Stack(64, 2, () => ReLU()), Batch(), (output, target) => cross_entropy(output.detach(), target)));

        Assert.StartsWith("The loss does not require a gradient for seed 0", failure.Message, StringComparison.Ordinal);
    }

    [TorchFact]
    public void A_loss_of_many_elements_is_refused()
    {
        var failure = Assert.Throws<ProbeException>(() => GradientProbe.Measure(() => Stack(64, 2, () => ReLU()), Batch(), (output, target) => cross_entropy(output, target, reduction: Reduction.None)));

        Assert.Contains("has the shape [64]", failure.Message, StringComparison.Ordinal);
    }

    [TorchFact]
    public void A_module_that_registers_nothing_is_told_so()
    {
        var failure = Assert.Throws<ProbeException>(() => GradientProbe.Measure(() => new Unregistered(), Batch(), CrossEntropyLoss()));

        Assert.Contains("RegisterComponents()", failure.Message, StringComparison.Ordinal);
    }

    [TorchFact]
    public void No_seeds_are_refused() =>
        Assert.Throws<ArgumentException>(() => GradientProbe.Measure(() => Stack(64, 2, () => ReLU()), Batch(), CrossEntropyLoss(), new ProbeOptions { Seeds = [] }));

    [TorchFact]
    public void AssertHealthy_returns_the_report_of_a_healthy_network()
    {
        var report = GradientProbe.Measure(() => Stack(64, 3, () => ReLU()), Batch(), CrossEntropyLoss(), new ProbeOptions { Seeds = [3] });

        Assert.Same(report, report.AssertHealthy());
        Assert.Equal(1, report.Seeds);
        Assert.True(double.IsNaN(report.EndToEnd!.Value.StandardDeviation));
    }

    [TorchFact]
    public void AssertHealthy_fails_with_the_table()
    {
        var failure = Assert.Throws<GradientException>(() => GradientProbe.Measure(() => Stack(64, 8, () => Sigmoid()), Batch(), CrossEntropyLoss()).AssertHealthy());

        Assert.Contains("VANISHING: the gradient at layer '0' is 10^-6", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Linear 64 -> 10", failure.Message, StringComparison.Ordinal);
    }

    [TorchTheory]
    [InlineData("RNN", 10, 14)]
    [InlineData("GRU", 13, 17)]
    [InlineData("LSTM", 12, 17)]
    public void A_recurrent_layer_forgets_after_its_horizon_as_predicted(string cell, int from, int to)
    {
        // theory, python3-torch: horizons of 11 to 12 (tanh RNN), 14 (LSTM) and 14 to 15 steps (GRU) at TorchSharp's initialization.
        manual_seed(5);
        var batch = (randn(40, 16, 24), randint(0, 5, [16]));

        var report = GradientProbe.Measure(() => new Remembering(cell), batch, CrossEntropyLoss(), new ProbeOptions { Seeds = [0, 1, 2] });

        var time = report.Layers[0].OverTime!;
        Assert.Equal(40, time.Steps);
        Assert.InRange(time.Horizon!.Value, from, to);
        Assert.InRange(time.PredictedHorizon!.Value, from, to);
        Assert.True(time.Ratio.Mean < -3);
        Assert.Contains($"it is gone (10^-3) after {time.Horizon} steps, predicted {time.PredictedHorizon}", report.ToString(), StringComparison.Ordinal);
        Assert.Null(report.Layers[1].OverTime);
    }

    private static Sequential Stack(int width, int depth, Func<Module<Tensor, Tensor>> activation)
    {
        var layers = new List<Module<Tensor, Tensor>>();
        for (int i = 1; i < depth; i++)
        {
            layers.Add(Linear(width, width));
            layers.Add(activation());
        }

        layers.Add(Linear(width, 10));
        return Sequential(layers);
    }

    private static (Tensor Input, Tensor Target) Batch(int width = 64)
    {
        manual_seed(99);
        return (randn(64, width), randint(0, 10, [64]));
    }

    private sealed class Remembering : Module<Tensor, Tensor>
    {
        private readonly Module cell;
        private readonly Linear head = Linear(128, 5);

        public Remembering(string kind) : base(nameof(Remembering))
        {
            cell = kind switch { "RNN" => RNN(24, 128), "GRU" => GRU(24, 128), _ => LSTM(24, 128) };
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => head.call(cell switch
        {
            RNN rnn => rnn.call(x).Item1[-1],
            GRU gru => gru.call(x).Item1[-1],
            _ => ((LSTM)cell).call(x, null).Item1[-1],
        });
    }

    private sealed class Disconnected : Module<Tensor, Tensor>
    {
        private readonly Linear used = Linear(8, 3);
        private readonly Linear unused = Linear(8, 3);

        public Disconnected() : base(nameof(Disconnected)) => RegisterComponents();

        public override Tensor forward(Tensor x)
        {
            unused.call(x).Dispose();
            return used.call(x);
        }
    }

    private sealed class Overwrites : Module<Tensor, Tensor>
    {
        private readonly Linear fc1 = Linear(64, 64);
        private readonly Linear fc2 = Linear(64, 10);

        public Overwrites() : base(nameof(Overwrites)) => RegisterComponents();

        public override Tensor forward(Tensor x)
        {
            var active = fc1.call(x).sigmoid();
            var output = fc2.call(active);
            active.mul_(2);
            return output;
        }
    }

    private sealed class CallsForward : Module<Tensor, Tensor>
    {
        private readonly Linear fc1 = Linear(64, 64);
        private readonly Linear fc2 = Linear(64, 10);

        public CallsForward() : base(nameof(CallsForward)) => RegisterComponents();

        public override Tensor forward(Tensor x)
        {
            using var hidden = fc1.forward(x);
            using var active = hidden.relu();
            using var output = fc2.forward(active);
            return output.clone() * 2;
        }
    }

    private sealed class WithOwnParameter : Module<Tensor, Tensor>
    {
        private readonly Linear fc = Linear(64, 10);
        private readonly Parameter offset = new(zeros(1, 64));

        public WithOwnParameter() : base(nameof(WithOwnParameter)) => RegisterComponents();

        public override Tensor forward(Tensor x) => fc.call(x + offset);
    }

    private sealed class Unregistered : Module<Tensor, Tensor>
    {
        private readonly Linear fc = Linear(64, 10);

        public Unregistered() : base(nameof(Unregistered))
        {
        }

        public override Tensor forward(Tensor x) => fc.call(x);
    }
}
