using System.Collections;
using System.Reflection;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace GradLint.Probe.Tests;

/// <summary>A model that is watched does what it does unwatched, whatever it does; and nothing is left of the watching.</summary>
public class MonitorMannersTests
{
    private static readonly MonitorOptions s_eachStep = new() { Every = 1 };

    public static TheoryData<string, bool> Habits
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (string habit in new[] { "plain", "adds in place", "squeezes in place", "in place in some steps only", "keeps outputs by a hook", "disposes what it made", "scopes", "own scalar layer", "shared layer", "gradient penalty", "backward twice", "convolutions in place", "recurrent", "recurrent, from data in place" })
            {
                data.Add(habit, true);
                data.Add(habit, false);
            }

            return data;
        }
    }

    [TorchTheory]
    [MemberData(nameof(Habits))]
    public void Watched_weights_are_bit_for_bit_those_of_an_unwatched_run(string habit, bool readsHostMemory)
    {
        float[] bare = Train(habit, null), watched = Train(habit, s_eachStep with { ReadsHostMemory = readsHostMemory });

        Assert.All(bare, weight => Assert.True(float.IsFinite(weight)));
        Assert.Equal(bare, watched);
    }

    [TorchTheory]
    [InlineData("plain")]
    [InlineData("adds in place")]
    [InlineData("squeezes in place")]
    [InlineData("convolutions in place")]
    [InlineData("shared layer")]
    [InlineData("disposes what it made")]
    public void What_the_monitor_says_is_what_a_measurement_says(string habit)
    {
        manual_seed(8);
        using var model = new Habitual(habit);
        var (x, y) = Batch(habit);
        var measured = GradientProbe.Measure(model, () => cross_entropy(model.call(x), y), new ProbeOptions { PredictFromRunningNetwork = false });
        using var monitor = new TrainingMonitor(model, s_eachStep);

        cross_entropy(model.call(x), y).backward();
        monitor.AfterBackward();
        var record = monitor.AfterStep()!;

        Assert.Null(monitor.Failure);
        foreach (var layer in measured.Layers)
        {
            var seen = record.Layers.Single(l => l.Path == layer.Path);
            Assert.Equal(layer.GradientRatio!.Value.Mean, seen.GradientRatio!.Value, 4e-6);
            Assert.Equal(layer.ForwardScale!.Value.Mean, seen.ForwardScale!.Value, 4e-6);
        }
    }

    [TorchTheory]
    [MemberData(nameof(Habits))]
    public void No_tensor_is_left_of_the_watching(string habit, bool readsHostMemory)
    {
        manual_seed(8);
        using var model = new Habitual(habit);
        var (x, y) = Batch(habit);
        var options = s_eachStep with { ReadsHostMemory = readsHostMemory };
        Run();
        long before = LiveTensors.Settled();

        Run();

        Assert.Equal(before, Tensor.TotalCount);

        void Run()
        {
            using var scope = NewDisposeScope();
            using var monitor = new TrainingMonitor(model, options);
            using var optimizer = optim.SGD(model.parameters(), 0.01);
            for (int step = 0; step < 3; step++)
            {
                Step(model, habit, x, y, optimizer, monitor);
                monitor.AfterStep();
            }

            model.Kept.Clear();
            optimizer.zero_grad();
            Assert.Null(monitor.Failure);
        }
    }

    [TorchFact]
    public void Watched_outputs_go_with_the_dispose_scope_of_the_step()
    {
        using var model = Sequential(Linear(16, 16), ReLU(), Linear(16, 4));
        using var x = randn(4, 16);
        using var monitor = new TrainingMonitor(model, s_eachStep);
        using var scope = NewDisposeScope();

        using var inner = NewDisposeScope();
        var output = model.call(x);

        Assert.True(inner.Contains(output));
        Assert.False(scope.Contains(output));
    }

    [TorchFact]
    public void A_sequential_keeps_no_more_tensors_alive_than_unwatched()
    {
        using var model = Sequential(Enumerable.Range(0, 12).SelectMany(_ => new Module<Tensor, Tensor>[] { Linear(16, 16), ReLU() }));
        using var x = randn(4, 16);
        long unwatched = KeptByForward(null);

        // What the last layer returned lives in two handles.
        Assert.InRange(KeptByForward(new TrainingMonitor(model, s_eachStep)), unwatched, unwatched + 2);

        long KeptByForward(TrainingMonitor? monitor)
        {
            long before = LiveTensors.Settled();
            using var output = model.call(x);
            long kept = Tensor.TotalCount - before;
            monitor?.Dispose();
            return kept;
        }
    }

    [TorchTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Hooks_that_others_remove_cost_that_captures_numbers_and_nothing_else(bool removed)
    {
        manual_seed(8);
        using var model = new Habitual("plain");
        var (x, y) = Batch("plain");
        using var optimizer = optim.SGD(model.parameters(), 0.01);
        using var monitor = new TrainingMonitor(model, s_eachStep);
        if (removed)
            Assert.True(RemoveAllHooks(model) > 0);

        Step(model, "plain", x, y, optimizer, monitor);
        var without = monitor.AfterStep()!;
        Step(model, "plain", x, y, optimizer, monitor);
        var again = monitor.AfterStep()!;

        Assert.Null(monitor.Failure);
        Assert.All(without.Layers, layer =>
        {
            Assert.Equal(removed ? LayerStatus.CalledThroughForward : LayerStatus.Measured, layer.Status);
            Assert.Equal(removed, layer.GradientRatio is null);
            Assert.NotNull(layer.WeightGradientRatio);
        });
        Assert.Equal(GradientVerdict.Healthy, monitor.Verdict);
        Assert.All(again.Layers, layer => Assert.Equal(LayerStatus.Measured, layer.Status));
    }

    [TorchFact]
    public void Hooks_that_others_remove_leave_nothing_behind()
    {
        using var model = new Habitual("plain");
        var (x, y) = Batch("plain");
        Run();
        long before = LiveTensors.Settled();

        Run();

        Assert.Equal(before, Tensor.TotalCount);
        Assert.Equal(0, RemoveAllHooks(model));

        void Run()
        {
            using var scope = NewDisposeScope();
            using var monitor = new TrainingMonitor(model, s_eachStep);
            using var loss = cross_entropy(model.call(x), y);
            RemoveAllHooks(model);
            loss.backward();
            monitor.AfterBackward(loss);
            Assert.NotNull(monitor.AfterStep());
        }
    }

    [TorchFact]
    public void A_model_that_others_have_stopped_watching_has_no_hook_left()
    {
        using var model = new Habitual("plain");
        using (var first = new TrainingMonitor(model, s_eachStep))
        using (new TrainingMonitor(model, s_eachStep))
            first.Dispose();

        Assert.Equal(0, RemoveAllHooks(model));
    }

    [TorchFact]
    public void A_model_that_is_moved_or_gets_another_layer_is_watched_anew()
    {
        manual_seed(8);
        using var model = new Habitual("plain");
        var (x, y) = Batch("plain");
        using var monitor = new TrainingMonitor(model, s_eachStep);
        using var wide = x.to_type(ScalarType.Float64);

        // Its parameters are others from here on.
        model.to(ScalarType.Float64);
        TrainingRecord[] records = [.. Enumerable.Range(0, 3).Select(_ =>
        {
            using var optimizer = optim.SGD(model.parameters(), 0.01);
            Step(model, "plain", wide, y, optimizer, monitor);
            return monitor.AfterStep()!;
        })];

        Assert.Null(monitor.Failure);
        Assert.All(records[0].Layers, layer => Assert.NotNull(layer.WeightGradientRatio));
        Assert.All(records[1..], record => Assert.All(record.Layers, layer =>
        {
            Assert.Equal(LayerStatus.Measured, layer.Status);
            Assert.InRange(layer.UpdateRatio!.Value, -6, -1);
        }));
        Assert.Equal(GradientVerdict.Healthy, monitor.Verdict);
    }

    [TorchFact]
    public void A_loss_that_is_disposed_already_is_no_reason_to_stop()
    {
        using var model = new Habitual("plain");
        var (x, y) = Batch("plain");
        using var monitor = new TrainingMonitor(model, s_eachStep);
        var loss = cross_entropy(model.call(x), y);
        loss.backward();
        loss.Dispose();

        monitor.AfterBackward(loss);
        var record = monitor.AfterStep()!;

        Assert.Null(monitor.Failure);
        Assert.Null(record.Loss);
        Assert.All(record.Layers, layer => Assert.Equal(LayerStatus.Measured, layer.Status));
    }

    [TorchFact]
    public void Gradients_that_are_gone_before_they_could_be_read_are_told_from_a_layer_without_one()
    {
        using var model = new Habitual("plain");
        var (x, y) = Batch("plain");
        using var monitor = new TrainingMonitor(model, s_eachStep);
        cross_entropy(model.call(x), y).backward();
        model.zero_grad();

        monitor.AfterBackward();
        var record = monitor.AfterStep()!;

        Assert.Null(record.GradientNorm);
        Assert.Equal("no parameter has a gradient: AfterBackward belongs between backward() and zero_grad()", Assert.Single(monitor.Findings).Message);
    }

    [TorchFact]
    public void A_model_that_another_thread_disposes_between_forward_and_step_stops_only_the_monitor()
    {
        var model = new Habitual("plain");
        var (x, y) = Batch("plain");
        using var monitor = new TrainingMonitor(model, s_eachStep);
        using var loss = cross_entropy(model.call(x), y);
        loss.backward();
        model.Dispose();

        monitor.AfterBackward(loss);
        Assert.Null(monitor.AfterStep());

        Assert.Contains("a network that was disposed has no parameters left", monitor.Failure!.Message, StringComparison.Ordinal);
    }

    [TorchTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_a_monitor_holds_between_steps_grows_with_the_layers_and_not_with_the_parameters(bool activations)
    {
        var (narrow, wide, deep) = (Held(layers: 4, width: 64), Held(layers: 4, width: 512), Held(layers: 8, width: 64));

        // 64 times the parameters: not a byte more. Twice the layers: twice the bytes, but for how the tables of a few bytes grow.
        Assert.Equal(narrow, wide);
        Assert.InRange(deep.AfterBackward, narrow.AfterBackward + 1, (2 * narrow.AfterBackward) + 512);
        Assert.InRange(narrow.AfterBackward / 4, 2 * 256 * sizeof(float), 4096);

        (long AfterBackward, long AfterStep) Held(int layers, int width)
        {
            using var model = Sequential(Enumerable.Range(0, layers).Select(_ => (Module<Tensor, Tensor>)Linear(width, width)));
            using var monitor = new TrainingMonitor(model, s_eachStep with { Activations = activations });
            using (var loss = model.call(ones(4, width)).pow(2).mean())
            {
                loss.backward();
                monitor.AfterBackward(loss);
            }

            long afterBackward = NumbersHeld.By(monitor);
            Assert.NotNull(monitor.AfterStep());
            return (afterBackward, NumbersHeld.By(monitor));
        }
    }

    private static float[] Train(string habit, MonitorOptions? options)
    {
        manual_seed(8);
        using var model = new Habitual(habit);
        var (x, y) = Batch(habit);
        using var optimizer = optim.SGD(model.parameters(), 0.1);
        using var monitor = options is null ? null : new TrainingMonitor(model, options);
        for (int step = 0; step < 4; step++)
        {
            Step(model, habit, x, y, optimizer, monitor);
            monitor?.AfterStep();
        }

        Assert.Null(monitor?.Failure);
        Assert.Equal(options is null ? null : 4, monitor?.History.Count);
        // What a hook of the user's kept is whole after the step.
        Assert.All(model.Kept, kept => Assert.True(float.IsFinite(kept.detach().sum().item<float>())));
        return [.. model.parameters().SelectMany(p => p.data<float>().ToArray())];
    }

    private static void Step(Habitual model, string habit, Tensor x, Tensor y, optim.Optimizer optimizer, TrainingMonitor? monitor)
    {
        optimizer.zero_grad();
        using var given = habit.EndsWith("data in place", StringComparison.Ordinal) ? x.clone() : x.alias();
        var output = model.call(given);
        var loss = cross_entropy(output, y);
        if (habit == "gradient penalty")
        {
            // Gulrajani et al. 2017, arXiv:1704.00028: the norm of the gradient is itself differentiated.
            using var point = x.detach().clone().requires_grad_(true);
            var slope = autograd.grad([model.call(point).sum()], [point], retain_graph: true, create_graph: true)[0];
            loss = loss + (slope.pow(2).sum([1]).sqrt() - 1).pow(2).mean();
        }

        loss.backward(retain_graph: habit == "backward twice");
        if (habit == "backward twice")
            output.pow(2).mean().backward();
        monitor?.AfterBackward(loss);
        optimizer.step();
    }

    private static (Tensor Input, Tensor Target) Batch(string habit)
    {
        manual_seed(99);
        var input = habit.StartsWith("conv", StringComparison.Ordinal) ? randn(6, 3, 8, 8) : habit.StartsWith("recurrent", StringComparison.Ordinal) ? randn(5, 6, 16) : randn(6, 16);
        return (input, arange(6, dtype: ScalarType.Int64) % 4);
    }

    /// <summary>Clears the dictionaries that hold a module's hooks, in all modules; a class that derives from a module can do that.</summary>
    private static int RemoveAllHooks(nn.Module model)
    {
        int removed = 0;
        foreach (var module in model.modules().Prepend(model).Distinct())
        {
            for (var type = module.GetType(); type is not null && type != typeof(object); type = type.BaseType)
            {
                foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly).Where(f => f.Name.EndsWith("hooks", StringComparison.OrdinalIgnoreCase)))
                {
                    var hooks = (IDictionary)field.GetValue(module)!;
                    removed += hooks.Count;
                    hooks.Clear();
                }
            }
        }

        return removed;
    }

    /// <summary>A network with one habit that a watcher could disturb.</summary>
    private sealed class Habitual : Module<Tensor, Tensor>
    {
        private readonly string habit;
        private readonly Linear first = Linear(16, 16);
        private readonly Linear second = Linear(16, 16);
        private readonly Linear head = Linear(16, 4);
        private readonly Conv2d? conv1, conv2;
        private readonly GRU? cell;
        private readonly Offset? offset;
        private int steps;

        public Habitual(string habit) : base(nameof(Habitual))
        {
            this.habit = habit;
            if (habit.StartsWith("conv", StringComparison.Ordinal))
                (conv1, conv2) = (Conv2d(3, 8, 3, padding: 1), Conv2d(8, 16, 3, stride: 2, padding: 1, bias: false));
            if (habit.StartsWith("recurrent", StringComparison.Ordinal))
                cell = GRU(16, 16);
            if (habit == "own scalar layer")
                offset = new Offset();
            RegisterComponents();
            if (habit == "keeps outputs by a hook")
                first.register_forward_hook((_, _, output) => { Kept.Add(output); return output; });
        }

        /// <summary>What a hook of the user's own keeps.</summary>
        public List<Tensor> Kept { get; } = [];

        public override Tensor forward(Tensor x)
        {
            steps++;
            switch (habit)
            {
                case "adds in place":
                    return head.call(second.call(first.call(x).add_(x).relu_()).mul_(2).tanh_());
                case "squeezes in place":
                    return head.call(second.call(first.call(x.unsqueeze(1)).squeeze_(1).tanh()).unsqueeze_(0).squeeze_(0).tanh());
                case "in place in some steps only":
                    var z = first.call(x);
                    return head.call(steps > 2 ? second.call(z.relu_()).sigmoid_() : second.call(relu(z)).sigmoid());
                case "disposes what it made":
                    using (var hidden = first.call(x))
                    using (var active = hidden.tanh())
                    using (var deeper = second.call(active))
                    using (var deep = deeper.tanh())
                        return head.call(deep);
                case "scopes":
                    using (var scope = NewDisposeScope())
                        return head.call(second.call(first.call(x).tanh()).tanh()).MoveToOuterDisposeScope();
                case "own scalar layer":
                    return head.call(second.call(first.call(x).tanh()).tanh()) + offset!.call(x);
                case "shared layer":
                    return head.call(second.call(first.call(first.call(first.call(x).tanh()).tanh()).tanh()).tanh());
                case "convolutions in place":
                    return head.call(second.call(first.call(conv2!.call(conv1!.call(x).relu_()).relu_().mean([2, 3])).tanh()).tanh());
                case "recurrent":
                    return head.call(second.call(first.call(cell!.call(x).Item1[-1]).tanh()).tanh());
                case "recurrent, from data in place":
                    return head.call(second.call(first.call(cell!.call(x.mul_(2)).Item1[-1]).tanh()).tanh());
                default:
                    return head.call(second.call(first.call(x).tanh()).tanh());
            }
        }

        /// <summary>A layer with a weight that returns a tensor without dimensions.</summary>
        private sealed class Offset : Module<Tensor, Tensor>
        {
            private readonly Parameter weight = new(ones(2, 2));

            public Offset() : base(nameof(Offset)) => RegisterComponents();

            public override Tensor forward(Tensor x) => weight.sum() * 0.01;
        }
    }
}
