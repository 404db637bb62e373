using Microsoft.Extensions.Logging;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace GradLint.Probe.Tests;

public class TrainingMonitorTests
{
    private static readonly MonitorOptions s_eachStep = new() { Every = 1 };
    private static readonly MonitorOptions s_anotherDevice = s_eachStep with { ReadsHostMemory = false };

    [TorchTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_capture_agrees_with_a_measurement_of_the_same_network(bool readsHostMemory)
    {
        manual_seed(3);
        using var model = Stack(4, () => Tanh());
        var (x, y) = Batch();
        var measured = GradientProbe.Measure(model, () => cross_entropy(model.call(x), y));
        using var monitor = new TrainingMonitor(model, s_eachStep with { ReadsHostMemory = readsHostMemory });

        var record = Step(model, monitor, x, y, optim.SGD(model.parameters(), 0.01));

        foreach (var (expected, actual) in measured.Layers.Zip(record!.Layers))
        {
            Assert.Equal(expected.Path, actual.Path);
            // 1e-5 relative is 4e-6 decades.
            Assert.Equal(expected.GradientRatio!.Value.Mean, actual.GradientRatio!.Value, 4e-6);
            Assert.Equal(expected.WeightGradientRatio!.Value.Mean, actual.WeightGradientRatio!.Value, 4e-6);
            Assert.Equal(expected.ForwardScale!.Value.Mean, actual.ForwardScale!.Value, 4e-6);
        }
    }

    [TorchTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Later_captures_agree_too_whether_activations_work_in_place_or_not(bool inPlace)
    {
        manual_seed(3);
        using var model = Stack(4, () => ReLU(inPlace));
        var (x, y) = Batch();
        using var monitor = new TrainingMonitor(model, s_eachStep);
        var optimizer = optim.SGD(model.parameters(), 0.01);
        Step(model, monitor, x, y, optimizer);
        Step(model, monitor, x, y, optimizer);
        monitor.Dispose();
        using var second = new TrainingMonitor(model, s_eachStep);
        var measured = GradientProbe.Measure(model, () => cross_entropy(model.call(x), y));
        cross_entropy(model.call(x), y).backward();
        second.AfterBackward();
        second.AfterStep();

        // The model has not changed between these two captures, so that the second must repeat what the measurement says.
        optimizer.zero_grad();
        cross_entropy(model.call(x), y).backward();
        second.AfterBackward();
        var record = second.AfterStep()!;

        foreach (var (expected, actual) in measured.Layers.Zip(record.Layers))
        {
            Assert.Equal(expected.GradientRatio!.Value.Mean, actual.GradientRatio!.Value, 1e-4);
            Assert.Equal(expected.ForwardScale!.Value.Mean, actual.ForwardScale!.Value, 1e-4);
        }
    }

    [TorchTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_gradient_norm_is_that_of_clip_grad_norm(bool readsHostMemory)
    {
        manual_seed(3);
        using var model = Sequential(Linear(16, 16), BatchNorm1d(16), ReLU(), Linear(16, 10));
        var (x, y) = Batch();
        using var monitor = new TrainingMonitor(model, s_eachStep with { ReadsHostMemory = readsHostMemory });
        cross_entropy(model.call(x), y).backward();
        monitor.AfterBackward();

        var record = monitor.AfterStep()!;

        double expected = nn.utils.clip_grad_norm_(model.parameters(), 1e9);
        Assert.Equal(expected, record.GradientNorm!.Value, 1e-5 * expected);
        double first = model.parameters().First().grad!.norm().item<float>();
        Assert.Equal(first, record.Layers[0].WeightGradientNorm!.Value, 1e-5 * first);
    }

    [TorchTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_shared_weight_counts_once_in_the_gradient_norm(bool readsHostMemory)
    {
        manual_seed(3);
        var first = Linear(16, 16);
        var again = Linear(16, 16);
        again.weight = first.weight!;
        using var model = Sequential(("first", first), ("again", again), ("head", Linear(16, 10)));
        var (x, y) = Batch();
        using var monitor = new TrainingMonitor(model, s_eachStep with { ReadsHostMemory = readsHostMemory });
        cross_entropy(model.call(x), y).backward();
        monitor.AfterBackward();

        double expected = Math.Sqrt(model.parameters().Distinct().Sum(p => Math.Pow(p.grad!.norm().item<float>(), 2)));
        Assert.Equal(expected, monitor.AfterStep()!.GradientNorm!.Value, 1e-5 * expected);
    }

    [TorchFact]
    public void NaN_in_the_gradient_of_a_bias_alone_is_reported()
    {
        using var model = Stack(2, () => Tanh());
        var (x, y) = Batch();
        using var monitor = new TrainingMonitor(model, s_eachStep);
        cross_entropy(model.call(x), y).backward();
        using (no_grad())
            model.parameters().ElementAt(1).grad!.fill_(float.NaN);

        monitor.AfterBackward();
        monitor.AfterStep();

        Assert.Contains("of a bias or of a normalization is NaN", Assert.Single(monitor.Findings, f => f.Verdict == GradientVerdict.NotFinite).Message, StringComparison.Ordinal);
    }

    [TorchFact]
    public void The_update_ratio_is_the_learning_rate_times_gradient_over_weight()
    {
        manual_seed(3);
        using var model = Stack(2, () => Tanh());
        var (x, y) = Batch();
        using var monitor = new TrainingMonitor(model, s_eachStep);
        var weight = model.parameters().First();
        double size = weight.norm().item<float>();

        var record = Step(model, monitor, x, y, optim.SGD(model.parameters(), 0.1));

        // Plain SGD: ΔW = -0.1 G; a sample of 256 entries is right to some percent.
        double expected = Math.Log10(0.1 * weight.grad!.norm().item<float>() / size);
        Assert.Equal(expected, record!.Layers[0].UpdateRatio!.Value, 0.1);
        Assert.Equal(Math.Pow(10, record.Layers[0].UpdateRatio!.Value), record.Layers[0].Movement!.Value, 1e-6);
    }

    [TorchFact]
    public void Only_every_nth_step_is_captured()
    {
        using var model = Stack(2, () => Tanh());
        var (x, y) = Batch();
        using var monitor = new TrainingMonitor(model, new MonitorOptions { Every = 3 });
        var optimizer = optim.SGD(model.parameters(), 0.01);

        bool[] captured = [.. Enumerable.Range(0, 7).Select(_ => Step(model, monitor, x, y, optimizer) is not null)];

        Assert.Equal([true, false, false, true, false, false, true], captured);
        Assert.Equal([0, 3, 6], monitor.History.Select(r => r.Step));
        Assert.Equal(7, monitor.Steps);
    }

    [TorchFact]
    public void Dead_units_are_those_without_any_gradient()
    {
        using var model = Sequential(Linear(8, 10), ReLU(), Linear(10, 3));
        using (no_grad())
        {
            var bias = ((TorchSharp.Modules.Linear)model.children().First()).bias!;
            bias.fill_(10);
            bias[TensorIndex.Slice(0, 6)] = tensor(-1000f);
        }

        using var x = randn(32, 8);
        using var monitor = new TrainingMonitor(model, s_eachStep);

        var record = Step(model, monitor, x, zeros(32, ScalarType.Int64), optim.SGD(model.parameters(), 1e-6));

        Assert.Equal(0.6, record!.Layers[0].DeadUnits!.Value, 1e-6);
        Assert.Equal("0", Assert.Single(monitor.Findings, f => f.Verdict == GradientVerdict.DeadUnits).Path);
    }

    [TorchFact]
    public void A_saturated_activation_is_named()
    {
        using var model = Sequential(("fc", Linear(8, 16)), ("squash", Tanh()), ("head", Linear(16, 3)));
        using (no_grad())
            model.parameters().First().mul_(1000);
        using var monitor = new TrainingMonitor(model, s_eachStep);

        Step(model, monitor, randn(32, 8), zeros(32, ScalarType.Int64), optim.SGD(model.parameters(), 1e-3));

        Assert.Equal("squash", monitor.Findings.Single(f => f.Verdict == GradientVerdict.Saturated).Path);
    }

    [TorchFact]
    public void The_gradient_over_time_of_a_default_RNN_is_gone_after_its_horizon()
    {
        // theory: a tanh RNN at TorchSharp's initialization has a horizon of 11 to 12 steps, 0.562 a step.
        manual_seed(0);
        using var model = new LastStep(RNN(16, 128), 128);
        using var monitor = new TrainingMonitor(model, s_eachStep);
        using var x = randn(40, 32, 16);

        model.call(x).pow(2).mean().backward();
        monitor.AfterBackward();
        var layer = monitor.AfterStep()!.Layers.Single(l => l.Path == "cell");

        Assert.InRange(layer.Horizon!.Value, 10, 14);
        Assert.InRange(layer.GradientOverTime!.Value, 39 * Math.Log10(0.562) - 1.5, 39 * Math.Log10(0.562) + 1.5);
    }

    [TorchFact]
    public void NaN_is_reported_with_the_layer_where_it_begins()
    {
        using var model = Stack(4, () => ReLU());
        using (no_grad())
            model.parameters().ElementAt(2).fill_(float.NaN);
        var log = new ListLogger();
        using var monitor = new TrainingMonitor(model, s_eachStep with { Logger = log });
        var (x, y) = Batch();

        Step(model, monitor, x, y, optim.SGD(model.parameters(), 0.01));

        Assert.Equal((GradientVerdict.NotFinite, "2"), (monitor.Findings[0].Verdict, monitor.Findings[0].Path));
        Assert.Contains(log.Lines, line => line.Contains("layer '2' is NaN", StringComparison.Ordinal));
    }

    [TorchFact]
    public void A_loss_that_does_not_come_down_is_stagnating_and_one_that_does_is_not()
    {
        Assert.Contains(Train(() => Stack(12, () => Sigmoid())).Findings, f => f.Verdict == GradientVerdict.NotUpdating && f.Path.Length == 0);
        Assert.DoesNotContain(Train(() => Stack(3, () => Tanh())).Findings, f => f.Verdict == GradientVerdict.NotUpdating);

        static TrainingMonitor Train(Func<TorchSharp.Modules.Sequential> make)
        {
            manual_seed(1);
            using var model = make();
            using var monitor = new TrainingMonitor(model, s_eachStep);
            var optimizer = optim.SGD(model.parameters(), 0.1);
            for (int i = 0; i < 60; i++)
            {
                using var x = randn(64, 16);
                using var y = x.narrow(1, 0, 10).argmax(1);
                Step(model, monitor, x, y, optimizer);
            }

            return monitor;
        }
    }

    [TorchFact]
    public void The_history_stays_bounded_and_keeps_the_whole_run_in_sight()
    {
        using var model = Sequential(Linear(2, 2));
        using var x = ones(1, 2);
        using var monitor = new TrainingMonitor(model, new MonitorOptions { Every = 1, HistoryLength = 16, Activations = false });

        for (int i = 0; i < 1000; i++)
        {
            model.call(x).sum().backward();
            monitor.AfterBackward();
            monitor.AfterStep();
        }

        Assert.InRange(monitor.History.Count, 8, 16);
        Assert.Equal(0, monitor.History[0].Step);
        Assert.True(monitor.History[^1].Step > 900);
        Assert.Equal(999, monitor.Latest!.Step);
    }

    [TorchFact]
    public void Removal_leaves_the_model_as_it_was_and_no_tensor_behind()
    {
        manual_seed(1);
        using var model = Stack(4, () => ReLU(inplace: true));
        var (x, y) = Batch();
        var optimizer = optim.SGD(model.parameters(), 0.01);
        TrainSteps(monitored: true);
        long before = LiveTensors.Settled();

        TrainSteps(monitored: true);

        Assert.Equal(before, Tensor.TotalCount);

        void TrainSteps(bool monitored)
        {
            using var scope = NewDisposeScope();
            using var monitor = monitored ? new TrainingMonitor(model, s_eachStep) : null;
            for (int i = 0; i < 3; i++)
            {
                optimizer.zero_grad();
                cross_entropy(model.call(x), y).backward();
                monitor?.AfterBackward();
                optimizer.step();
                monitor?.AfterStep();
            }
        }
    }

    [TorchFact]
    public void Monitoring_does_not_change_the_training()
    {
        Assert.Equal(Train(monitored: false), Train(monitored: true));

        static float[] Train(bool monitored)
        {
            manual_seed(5);
            using var model = Stack(4, () => ReLU(inplace: true));
            var (x, y) = Batch();
            using var monitor = monitored ? new TrainingMonitor(model, s_eachStep) : null;
            var optimizer = optim.SGD(model.parameters(), 0.1);
            for (int i = 0; i < 5; i++)
            {
                optimizer.zero_grad();
                cross_entropy(model.call(x), y).backward();
                monitor?.AfterBackward();
                optimizer.step();
                monitor?.AfterStep();
            }

            return [.. model.parameters().SelectMany(p => p.data<float>().ToArray())];
        }
    }

    [TorchFact]
    public void Two_monitors_on_one_model_see_the_same()
    {
        manual_seed(2);
        using var model = Stack(3, () => Tanh());
        var (x, y) = Batch();
        using var first = new TrainingMonitor(model, s_eachStep);
        using var second = new TrainingMonitor(model, s_eachStep);

        cross_entropy(model.call(x), y).backward();
        first.AfterBackward();
        second.AfterBackward();
        var (a, b) = (first.AfterStep()!, second.AfterStep()!);

        foreach (var (one, other) in a.Layers.Zip(b.Layers))
            Assert.Equal(one.GradientRatio!.Value, other.GradientRatio!.Value, 1e-5);
    }

    [TorchFact]
    public void A_pass_that_throws_is_forgotten()
    {
        using var model = Stack(3, () => Tanh());
        var (x, y) = Batch();
        using var monitor = new TrainingMonitor(model, s_eachStep);
        using var wrong = randn(64, 17);
        Assert.ThrowsAny<Exception>(() => model.call(wrong));

        var record = Step(model, monitor, x, y, optim.SGD(model.parameters(), 0.01));

        Assert.Null(monitor.Failure);
        Assert.All(record!.Layers, layer => Assert.Equal(LayerStatus.Measured, layer.Status));
    }

    [TorchFact]
    public void A_model_that_is_disposed_while_monitored_stops_the_monitor_and_not_the_program()
    {
        var log = new ListLogger();
        var model = Stack(3, () => Tanh());
        using var monitor = new TrainingMonitor(model, s_eachStep with { Logger = log });
        model.Dispose();

        monitor.AfterBackward();
        Assert.Null(monitor.AfterStep());

        Assert.NotNull(monitor.Failure);
        Assert.Contains("GradLint stopped watching", Assert.Single(log.Lines), StringComparison.Ordinal);
        monitor.AfterBackward();
        monitor.AfterStep();
        Assert.Single(log.Lines);
    }

    [CountingTheory]
    [InlineData(3)]
    [InlineData(9)]
    [InlineData(30)]
    public void A_capture_reads_from_another_device_once_whatever_the_number_of_layers(int layers)
    {
        using var model = Stack(layers, () => Sigmoid());
        var (x, y) = Batch();
        using var monitor = new TrainingMonitor(model, s_anotherDevice);
        long before = CountingFactAttribute.HostReads!();

        for (int step = 0; step < 3; step++)
        {
            cross_entropy(model.call(x), y).backward();
            monitor.AfterBackward();
            monitor.AfterStep();
        }

        Assert.Equal(3, monitor.History.Count);
        Assert.Equal(3, CountingFactAttribute.HostReads() - before);
    }

    [CountingFact]
    public void What_lies_in_the_memory_of_the_host_is_not_copied_there()
    {
        using var model = Stack(9, () => Sigmoid());
        var (x, y) = Batch();
        using var monitor = new TrainingMonitor(model, s_eachStep);
        cross_entropy(model.call(x), y).backward();
        long before = CountingFactAttribute.HostReads!();

        monitor.AfterBackward();
        monitor.AfterStep();

        Assert.Equal(0, CountingFactAttribute.HostReads() - before);
    }

    [CountingTheory]
    [InlineData(false, false, 2)]
    [InlineData(false, true, 14)]
    [InlineData(true, false, 0)]
    [InlineData(true, true, 4)]
    public void A_capture_makes_the_same_few_native_calls_for_each_layer(bool readsHostMemory, bool activations, int most)
    {
        long four = CallsFor(4), eight = CallsFor(8), twelve = CallsFor(12);

        Assert.Equal(twelve - eight, eight - four);
        Assert.InRange((eight - four) / 4, 0, most);

        long CallsFor(int layers)
        {
            using var model = Stack(layers, () => ReLU());
            var (x, y) = Batch();
            using var monitor = new TrainingMonitor(model, new MonitorOptions { Every = 1, Activations = activations, ReadsHostMemory = readsHostMemory });
            Calls(monitor);
            long watched = Calls(monitor);
            monitor.Dispose();
            return watched - Calls(monitor);

            long Calls(TrainingMonitor watching)
            {
                long before = CountingFactAttribute.NativeCalls!();
                model.zero_grad();
                using (var loss = cross_entropy(model.call(x), y))
                {
                    loss.backward();
                    watching.AfterBackward(loss);
                }

                watching.AfterStep();
                return CountingFactAttribute.NativeCalls() - before;
            }
        }
    }

    [TorchTheory]
    [InlineData(ScalarType.Float32, true)]
    [InlineData(ScalarType.Float32, false)]
    [InlineData(ScalarType.Float64, true)]
    [InlineData(ScalarType.BFloat16, true)]
    public void The_loss_is_the_sum_of_what_was_handed_over_wherever_it_is_read(ScalarType type, bool readsHostMemory)
    {
        using var model = Linear(4, 3);
        using var monitor = new TrainingMonitor(model, (readsHostMemory ? s_eachStep : s_anotherDevice) with { Activations = false });
        using var alone = (model.call(ones(2, 4)) * 0).sum().to_type(type) + 2.5;
        using var several = (model.call(ones(2, 4)) * 0).to_type(type) + 0.25;
        several.sum().backward();

        monitor.AfterBackward(alone);
        var first = monitor.AfterStep()!;
        monitor.AfterBackward(several.t());
        var second = monitor.AfterStep()!;

        Assert.Equal(2.5, first.Loss!.Value, 1e-6);
        Assert.Equal(6 * 0.25, second.Loss!.Value, 1e-6);
    }

    [TorchFact]
    public void What_a_capture_keeps_grows_with_the_layers_and_not_with_their_size()
    {
        long small = KeptFor(layers: 4, width: 32);

        Assert.Equal(small, KeptFor(layers: 4, width: 512));
        Assert.Equal(2 * small, KeptFor(layers: 8, width: 32));

        static long KeptFor(int layers, int width)
        {
            using var model = Sequential(Enumerable.Range(0, layers).Select(_ => (Module<Tensor, Tensor>)Linear(width, width)));
            using var monitor = new TrainingMonitor(model, s_eachStep);
            using var loss = model.call(ones(4, width)).pow(2).mean();
            loss.backward();
            monitor.AfterBackward(loss);
            return monitor.NumbersKept;
        }
    }

    [TorchFact]
    public void A_record_is_a_table_to_be_read()
    {
        manual_seed(3);
        using var model = Sequential(("fc", Linear(16, 32)), ("squash", Sigmoid()), ("head", Linear(32, 10)));
        var (x, y) = Batch();
        using var monitor = new TrainingMonitor(model, s_eachStep);

        var record = Step(model, monitor, x, y, optim.SGD(model.parameters(), 0.1))!;

        string[] lines = record.ToString().ReplaceLineEndings("\n").Split('\n');
        Assert.Matches(@"^step 0, loss 2\.\d+, gradient norm 0\.\d+; ratios are against the output layer 'head'$", lines[0]);
        Assert.Matches("^layer +type +gradient +weight gradient +forward scale +update +moved +dead$", lines[2]);
        Assert.Matches(@"^fc +Linear 16 -> 32 +10\^-\d\.\d\d +10\^-\d\.\d\d +10\^-\d\.\d\d +10\^-\d\.\d\d +0\.\d % +0 %$", lines[4]);
        Assert.Matches(@"^head +Linear 32 -> 10 +10\^0\.00 +10\^0\.00 ", lines[5]);
        Assert.Equal("0 % of the outputs of 'squash' are at its limits", lines[6]);
        Assert.Equal(7, lines.Length);
    }

    [TorchFact]
    public void Progress_gets_every_record()
    {
        using var model = Stack(2, () => Tanh());
        var (x, y) = Batch();
        var seen = new List<TrainingRecord>();
        using var monitor = new TrainingMonitor(model, s_eachStep with { Progress = new Collect(seen) });

        var record = Step(model, monitor, x, y, optim.SGD(model.parameters(), 0.01));

        Assert.Same(record, Assert.Single(seen));
    }

    [TorchFact]
    public void A_log_and_a_progress_that_throw_do_not_stop_the_training()
    {
        using var model = Stack(12, () => Sigmoid());
        var (x, y) = Batch();
        using var monitor = new TrainingMonitor(model, s_eachStep with { Progress = new Throwing(), Logger = new Throwing() });
        var optimizer = optim.SGD(model.parameters(), 0.01);

        Step(model, monitor, x, y, optimizer);
        var record = Step(model, monitor, x, y, optimizer);

        Assert.Equal(1, record!.Step);
        Assert.Equal("the disk is full", monitor.Failure!.Message);
    }

    [TorchFact]
    public void A_layer_that_returns_indices_is_no_fault()
    {
        using var model = new Codebook();
        using var monitor = new TrainingMonitor(model, s_eachStep);
        var (x, y) = Batch();

        var record = Step(model, monitor, x, y, optim.SGD(model.parameters(), 0.01));

        Assert.Null(monitor.Failure);
        Assert.Equal(LayerStatus.Measured, record!.Layers.Single(l => l.Path == "head").Status);
    }

    [TorchFact]
    public void A_weight_that_no_optimizer_moves_is_not_updating_from_the_second_capture_on()
    {
        manual_seed(4);
        using var model = Stack(3, () => Tanh());
        var (x, y) = Batch();
        using var monitor = new TrainingMonitor(model, s_eachStep);
        var optimizer = optim.SGD(model.parameters().Skip(2), 0.01);

        Step(model, monitor, x, y, optimizer);
        Assert.Equal(GradientVerdict.Healthy, monitor.Verdict);
        Step(model, monitor, x, y, optimizer);

        var finding = Assert.Single(monitor.Findings);
        Assert.Equal((GradientVerdict.NotUpdating, "0", double.NegativeInfinity, -7.0), (finding.Verdict, finding.Path, finding.Number!.Value, finding.Threshold!.Value));
    }

    [TorchFact]
    public void A_sparse_gradient_is_captured_as_the_dense_one()
    {
        var (sparse, dense) = (Record(true), Record(false));

        Assert.Equal(dense.Layers[0].WeightGradientRatio!.Value, sparse.Layers[0].WeightGradientRatio!.Value, 1e-5);

        static TrainingRecord Record(bool sparse)
        {
            manual_seed(3);
            using var model = Sequential(Embedding(20, 8, sparse: sparse), Linear(8, 5));
            using var monitor = new TrainingMonitor(model, s_eachStep);
            // Words that come twice: their entries in the sparse gradient add up.
            cross_entropy(model.call(arange(32, dtype: ScalarType.Int64) % 7), arange(32, dtype: ScalarType.Int64) % 5).backward();
            monitor.AfterBackward();
            return monitor.AfterStep()!;
        }
    }

    [TorchFact]
    public void Gradient_accumulation_and_the_factor_of_a_scaler_change_no_ratio()
    {
        var plain = Record(times: 1, scale: 1);
        var scaled = Record(times: 4, scale: 65536);

        foreach (var (a, b) in plain.Layers.Zip(scaled.Layers))
        {
            Assert.Equal(a.GradientRatio!.Value, b.GradientRatio!.Value, 1e-5);
            Assert.Equal(a.WeightGradientRatio!.Value, b.WeightGradientRatio!.Value, 1e-5);
        }

        static TrainingRecord Record(int times, double scale)
        {
            manual_seed(3);
            using var model = Stack(5, () => Tanh());
            var (x, y) = Batch();
            using var monitor = new TrainingMonitor(model, s_eachStep);
            for (int i = 0; i < times; i++)
            {
                (cross_entropy(model.call(x), y) * scale).backward();
                monitor.AfterBackward();
            }

            return monitor.AfterStep()!;
        }
    }

    [TorchTheory]
    [InlineData(ScalarType.Float64, 1e-5)]
    [InlineData(ScalarType.BFloat16, 0.1)]
    public void Element_types_agree_with_float32(ScalarType type, double decades)
    {
        var single = Record(ScalarType.Float32);
        var other = Record(type);

        foreach (var (a, b) in single.Layers.Zip(other.Layers))
        {
            Assert.Equal(a.GradientRatio!.Value, b.GradientRatio!.Value, decades);
            Assert.Equal(a.ForwardScale!.Value, b.ForwardScale!.Value, decades);
        }

        static TrainingRecord Record(ScalarType type)
        {
            manual_seed(3);
            using var model = Stack(4, () => Tanh());
            var (x, y) = Batch();
            model.to(type);
            using var monitor = new TrainingMonitor(model, s_eachStep);
            cross_entropy(model.call(x.to_type(type)).to_type(ScalarType.Float32), y).backward();
            monitor.AfterBackward();
            var record = monitor.AfterStep();
            Assert.Null(monitor.Failure);
            return record!;
        }
    }

    [TorchFact]
    public void Norms_of_a_capture_are_right_to_five_digits_whatever_the_size()
    {
        // 5 million equal entries: one float32 sum over all of them is off by 4e-4.
        using var model = Sequential(Linear(2304, 2304, hasBias: false));
        using (no_grad())
            model.parameters().First().fill_(0.1);
        using var monitor = new TrainingMonitor(model, s_eachStep);
        using var x = ones(2, 2304);

        model.call(x).sum().backward();
        monitor.AfterBackward();
        var layer = monitor.AfterStep()!.Layers[0];

        // Each output is the sum of 2304 terms of 0.1.
        Assert.Equal(230.4, Math.Pow(10, layer.ForwardScale!.Value), 230.4 * 1e-5);
    }

    [TorchTheory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public void Gradients_whose_squares_are_zero_in_float32_are_measured(bool readsHostMemory, int captures)
    {
        var plain = Record(1, 1);
        var tiny = Record(1e-30, captures);

        foreach (var (a, b) in plain.Layers.Zip(tiny.Layers))
        {
            Assert.Equal(LayerStatus.Measured, b.Status);
            Assert.Equal(a.GradientRatio!.Value, b.GradientRatio!.Value, 1e-4);
            Assert.Equal(a.WeightGradientRatio!.Value, b.WeightGradientRatio!.Value, 1e-4);
        }

        // On another device the first capture finds out that squares are zero there, and the next takes them in double precision.
        TrainingRecord Record(double scale, int captures)
        {
            manual_seed(3);
            using var model = Stack(3, () => Tanh());
            var (x, y) = Batch();
            using var monitor = new TrainingMonitor(model, s_eachStep with { ReadsHostMemory = readsHostMemory });
            for (int i = 0; ; i++)
            {
                model.zero_grad();
                (cross_entropy(model.call(x), y) * scale).backward();
                monitor.AfterBackward();
                if (monitor.AfterStep() is { } record && i == captures - 1)
                    return record;
            }
        }
    }

    [TorchFact]
    public void Units_that_only_few_samples_reach_are_not_called_dead()
    {
        // From the second step on each unit gets a gradient from one sample only, and from one of the last rows.
        using var model = Sequential(("wide", Linear(64, 64)));
        var rows = eye(64);
        using var x = randn(2048, 64);
        using var monitor = new TrainingMonitor(model, s_eachStep);

        var shares = Enumerable.Range(0, 4).Select(step =>
        {
            using var weights = zeros(2048, 64);
            if (step > 0)
                weights[TensorIndex.Slice(2048 - 64)] = rows;
            else
                weights.fill_(1);
            (model.call(x) * weights).sum().backward();
            monitor.AfterBackward();
            var record = monitor.AfterStep()!;
            Assert.DoesNotContain(monitor.Findings, f => f.Verdict == GradientVerdict.DeadUnits);
            return record.Layers[0].DeadUnits;
        }).ToArray();

        Assert.Equal([0.0, 0.0, 0.0, 0.0], shares);
    }

    [TorchFact]
    public void A_million_steps_leave_a_bounded_history()
    {
        using var model = Sequential(Linear(2, 2));
        using var x = ones(1, 2);
        model.call(x).sum().backward();
        using var monitor = new TrainingMonitor(model, new MonitorOptions { Every = 1000, HistoryLength = 100, Activations = false });

        for (int i = 0; i < 1_000_000; i++)
        {
            monitor.AfterBackward();
            monitor.AfterStep();
        }

        Assert.InRange(monitor.History.Count, 50, 100);
        Assert.Equal(0, monitor.History[0].Step);
        Assert.Equal(999_000, monitor.Latest!.Step);
    }

    [TorchFact]
    public void A_monitor_may_be_read_and_disposed_from_other_threads()
    {
        using var model = Stack(4, () => Tanh());
        var (x, y) = Batch();
        using var monitor = new TrainingMonitor(model, s_eachStep);
        var optimizer = optim.SGD(model.parameters(), 0.01);
        using var stop = new CancellationTokenSource();
        var reader = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
                _ = (monitor.History.Count, monitor.Findings.Count, monitor.Verdict, monitor.Latest);
        });

        for (int i = 0; i < 30; i++)
        {
            if (i == 20)
                Task.Run(monitor.Dispose).Wait();
            Step(model, monitor, x, y, optimizer);
        }

        stop.Cancel();
        reader.Wait();
        Assert.Null(monitor.Failure);
        Assert.Equal(20, monitor.History.Count);
    }

    [Fact]
    public void Every_finding_has_a_page_that_is_there()
    {
        string docs = Path.Combine(AppContext.BaseDirectory, "docs");
        var chapters = File.ReadLines(Path.Combine(docs, "probe.md")).Where(line => line.StartsWith("### ", StringComparison.Ordinal)).Select(line => line[4..].ToLowerInvariant().Replace(' ', '-')).ToHashSet();
        foreach (var verdict in Enum.GetValues<GradientVerdict>().Where(v => v != GradientVerdict.Healthy))
        {
            var page = new Finding(verdict, "", null, null, "").Page;
            Assert.Matches("^https://.*/docs/probe.md$", page.GetLeftPart(UriPartial.Path));
            Assert.Contains(page.Fragment[1..], chapters);
        }

        foreach (string rule in new[] { "GRAD1001", "GRAD3001", "GRAD4001" })
        {
            var page = new Finding(GradientVerdict.Vanishing, "", null, null, "") { RuleId = rule }.Page;
            Assert.True(File.Exists(Path.Combine(docs, "rules", Path.GetFileName(page.AbsolutePath))), page.ToString());
        }
    }

    [TorchFact]
    public void A_model_without_layers_and_senseless_options_are_refused()
    {
        using var model = Stack(2, () => Tanh());
        Assert.Throws<ProbeException>(() => new TrainingMonitor(Sequential(ReLU())));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TrainingMonitor(model, new MonitorOptions { Every = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TrainingMonitor(model, new MonitorOptions { HistoryLength = 1 }));
    }

    private static TrainingRecord? Step(Module<Tensor, Tensor> model, TrainingMonitor monitor, Tensor x, Tensor y, optim.Optimizer optimizer)
    {
        optimizer.zero_grad();
        using var loss = cross_entropy(model.call(x), y);
        loss.backward();
        monitor.AfterBackward(loss);
        optimizer.step();
        return monitor.AfterStep();
    }

    private static TorchSharp.Modules.Sequential Stack(int depth, Func<Module<Tensor, Tensor>> activation)
    {
        var layers = new List<Module<Tensor, Tensor>>();
        for (int i = 1; i < depth; i++)
        {
            layers.Add(Linear(16, 16));
            layers.Add(activation());
        }

        layers.Add(Linear(16, 10));
        return Sequential(layers);
    }

    private static (Tensor Input, Tensor Target) Batch()
    {
        manual_seed(99);
        return (randn(64, 16), randint(0, 10, [64]));
    }

    private sealed class LastStep : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor?, (Tensor, Tensor)> cell;
        private readonly TorchSharp.Modules.Linear head;

        public LastStep(Module<Tensor, Tensor?, (Tensor, Tensor)> cell, int hidden) : base(nameof(LastStep))
        {
            this.cell = cell;
            head = Linear(hidden, 5);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => head.call(cell.call(x, null).Item1[-1]);
    }

    private sealed class Codebook : Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Linear head = Linear(16, 10);
        private readonly Quantizer quantizer = new();

        public Codebook() : base(nameof(Codebook)) => RegisterComponents();

        public override Tensor forward(Tensor x) => head.call(x + (0.01 * quantizer.call(x).unsqueeze(1)));

        private sealed class Quantizer : Module<Tensor, Tensor>
        {
            private readonly TorchSharp.Modules.Parameter codes = new(randn(4, 16));

            public Quantizer() : base(nameof(Quantizer)) => RegisterComponents();

            public override Tensor forward(Tensor x) => x.matmul(codes.t()).argmax(1);
        }
    }

    private sealed class Throwing : IProgress<TrainingRecord>, ILogger
    {
        public void Report(TrainingRecord value) => throw new IOException("the disk is full");

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => throw new IOException("the disk is full");
    }

    private sealed class Collect(List<TrainingRecord> seen) : IProgress<TrainingRecord>
    {
        public void Report(TrainingRecord value) => seen.Add(value);
    }

    private sealed class ListLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Add(formatter(state, exception));
    }
}
