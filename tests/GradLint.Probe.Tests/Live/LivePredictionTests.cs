using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace GradLint.Probe.Tests.Live;

public class LivePredictionTests
{
    public static TheoryData<string, Func<Module<Tensor, Tensor>>, Func<Tensor>> Networks => new()
    {
        { "six tanh layers", () => LiveModels.Stack(64, 6, () => Tanh()), () => randn(64, 64) },
        { "twelve sigmoid layers", () => LiveModels.Stack(64, 12, () => Sigmoid()), () => randn(64, 64) },
        { "relu, as a function", () => LiveModels.Mlp(x => x.relu(), layers: 6), () => randn(64, 64) },
        { "gelu, as a function", () => LiveModels.Mlp(x => gelu(x), layers: 6), () => randn(64, 64) },
        { "data of another scale, samples alike", () => LiveModels.Mlp(x => x.tanh(), layers: 4), () => rand(64, 64) * 3 },
        { "dropout, as a function", () => LiveModels.Mlp(x => dropout(relu(x), 0.3), layers: 4), () => randn(64, 64) },
        { "batch normalization", () => Sequential(Linear(64, 64), BatchNorm1d(64), ReLU(), Dropout(0.2), Linear(64, 64), BatchNorm1d(64), ReLU(), Linear(64, 10)), () => randn(64, 64) },
        { "Kaiming", () => Kaiming(LiveModels.Stack(64, 8, () => ReLU())), () => randn(64, 64) },
        { "weights thirty times too large", () => Times(30, LiveModels.Mlp(x => x.relu(), layers: 6)), () => randn(64, 64) },
        { "convolutions", LiveModels.CnnOfModules, () => randn(32, 3, 16, 16) },
        { "convolutions and functions", LiveModels.CnnOfFunctions, () => randn(32, 3, 16, 16) },
        { "residual", () => LiveModels.Residual(), () => randn(64, 64) },
        { "residual, activation first", LiveModels.PreActivation, () => randn(64, 64) },
        { "residual convolutions", () => new SmallResNet(), () => randn(16, 3, 16, 16) },
        { "concatenation", LiveModels.Concatenating, () => randn(64, 64) },
        { "one layer twice", () => new Written((net, x) => net["head", tanh(net["a", tanh(net["a", x])])], ("a", Linear(64, 64)), ("head", Linear(64, 10))), () => randn(64, 64) },
        { "tokens", () => new Written((net, x) => net["head", tanh(net["fc", net["e", x].mean([1])])], ("e", Embedding(100, 32)), ("fc", Linear(32, 64)), ("head", Linear(64, 10))), () => randint(0, 100, [32, 12]) },
        { "float64", () => (Module<Tensor, Tensor>)LiveModels.Mlp(x => gelu(x)).to(ScalarType.Float64), () => randn(64, 64, ScalarType.Float64) },
        { "bfloat16", () => (Module<Tensor, Tensor>)LiveModels.Mlp(x => silu(x)).to(ScalarType.BFloat16), () => randn(64, 64).to(ScalarType.BFloat16) },
    };

    [TorchTheory]
    [MemberData(nameof(Networks))]
    public void Predicted_from_the_running_network_and_measured_agree(string what, Func<Module<Tensor, Tensor>> make, Func<Tensor> data)
    {
        manual_seed(5);
        using var x = data();
        using var y = randint(0, 10, [x.shape[0]]);

        var report = GradientProbe.Measure(make, (x, y), CrossEntropyLoss());

        var predictions = report.AssertMatchesPrediction().Predictions!;
        Assert.Equal(PredictionSource.Live, predictions.Source);
        Assert.Equal(report.Layers.Select(l => l.Path), predictions.Layers.Select(l => l.Path));
        Assert.All(predictions.Layers, layer => Assert.True(layer.Verdict == Confirmation.Confirmed && layer.Tolerance < 0.5, what));
        Assert.Null(predictions.UnknownBecause);
    }

    [TorchFact]
    public void The_table_says_from_where()
    {
        using var x = randn(64, 64);
        using var y = randint(0, 10, [64]);

        string table = GradientProbe.Measure(() => LiveModels.Stack(64, 12, () => Sigmoid()), (x, y), CrossEntropyLoss()).ToString();

        Assert.Contains("predicted from the running network, its weights taken as random draws", table, StringComparison.Ordinal);
        Assert.DoesNotContain("no warning", table, StringComparison.Ordinal);
        Assert.EndsWith("prediction confirmed: 12 of 12 layers agree", table, StringComparison.Ordinal);
    }

    [TorchFact]
    public void The_loss_is_told_by_its_module()
    {
        using var x = randn(64, 64);
        using var y = randn(64, 10);
        var model = () => LiveModels.Mlp(z => z.sigmoid(), layers: 5);

        var squared = GradientProbe.Measure(model, (x, y), MSELoss()).AssertMatchesPrediction();
        var entropy = GradientProbe.Measure(model, (x, y.softmax(1)), CrossEntropyLoss()).AssertMatchesPrediction();

        Assert.NotEqual(squared.Predictions!.Layers[0].Predicted!.Value, entropy.Predictions!.Layers[0].Predicted!.Value);
    }

    [TorchFact]
    public void A_gap_leaves_the_layers_before_it_without_a_number()
    {
        using var x = randn(64, 64);
        using var y = randint(0, 10, [64]);

        var report = GradientProbe.Measure(() => LiveModels.Mlp(z => z.pow(3), layers: 2), (x, y), CrossEntropyLoss());

        Assert.All(report.Predictions!.Layers, layer => Assert.Null(layer.Predicted));
        Assert.Contains("nothing that was tried explains it", report.Predictions.UnknownBecause, StringComparison.Ordinal);
        Assert.Contains("(2 without a prediction: an operation between layers", report.ToString(), StringComparison.Ordinal);
        Assert.Throws<GradientException>(() => report.AssertMatchesPrediction());
    }

    [TorchFact]
    public void A_layer_whose_call_was_not_seen_takes_the_numbers_away()
    {
        using var x = randn(64, 64);
        using var y = randint(0, 10, [64]);

        var report = GradientProbe.Measure(() => new OneCallUnseen(), (x, y), CrossEntropyLoss());

        Assert.All(report.Predictions!.Layers, layer => Assert.Null(layer.Predicted));
        Assert.Contains("layer 'b'", report.Predictions.UnknownBecause, StringComparison.Ordinal);
    }

    [TorchFact]
    public void A_loss_that_uses_more_than_the_model_returns_takes_the_numbers_away()
    {
        using var x = randn(64, 64);
        using var y = randint(0, 10, [64]);
        using var z = randint(0, 5, [64]);

        var alone = GradientProbe.Measure(() => new WithAuxiliaryHead(), model => cross_entropy(model.call(x), y));
        var both = GradientProbe.Measure(() => new WithAuxiliaryHead(), model => cross_entropy(model.call(x), y) + cross_entropy(model.Auxiliary!, z));

        Assert.Equal(["a", "head"], alone.AssertMatchesPrediction().Predictions!.Layers.Select(l => l.Path));
        Assert.All(both.Predictions!.Layers, layer => Assert.Null(layer.Predicted));
        Assert.Contains("layer 'aux'", both.Predictions.UnknownBecause, StringComparison.Ordinal);
    }

    [TorchFact]
    public void Layers_that_the_loss_calls_by_itself()
    {
        using var x = randn(64, 64);
        using var y = randint(0, 10, [64]);

        // The model's own call is seen, so a layer that runs outside it may feed anything.
        var report = GradientProbe.Measure(() => LiveModels.Mlp(z => z.tanh()), model => cross_entropy(model.call(x) + model["fc3", x], y));

        Assert.All(report.Predictions!.Layers, layer => Assert.Null(layer.Predicted));
    }

    [TorchFact]
    public void A_model_that_is_run_without_its_call()
    {
        using var x = randn(64, 64);
        using var y = randint(0, 10, [64]);

        GradientProbe.Measure(() => LiveModels.Mlp(z => z.tanh(), layers: 5), model => cross_entropy(model.forward(x), y));
        var report = GradientProbe.Measure(() => new Unwatched(), model => cross_entropy(model.Run(x), y)).AssertMatchesPrediction();

        Assert.Equal(["a", "b", "c"], report.Predictions!.Layers.Select(l => l.Path));
    }

    [TorchFact]
    public void Models_with_parameters_that_were_trained_are_compared_as_if_they_were_drawn()
    {
        manual_seed(3);
        using var model = LiveModels.Stack(64, 4, () => Tanh());
        using var x = randn(64, 64);
        using var y = x.narrow(1, 0, 10).argmax(1);
        using (var optimizer = optim.Adam(model.parameters(), 0.01))
        {
            for (int step = 0; step < 200; step++)
            {
                using var scope = NewDisposeScope();
                optimizer.zero_grad();
                cross_entropy(model.call(x), y).backward();
                optimizer.step();
            }
        }

        var report = GradientProbe.Measure(model, () => cross_entropy(model.call(x), y));

        Assert.Contains("its weights taken as random draws", report.ToString(), StringComparison.Ordinal);
        Assert.Equal(4, report.Predictions!.Layers.Count);
    }

    [TorchFact]
    public void Nothing_is_left_behind_and_nothing_is_changed()
    {
        manual_seed(1);
        using var model = Sequential(Conv2d(3, 8, 3), BatchNorm2d(8), ReLU(inplace: true), Dropout(0.3), Flatten(), Linear(8 * 36, 10));
        using var x = randn(4, 3, 8, 8);
        using var y = randint(0, 10, [4]);
        GradientProbe.Measure(model, () => cross_entropy(model.call(x), y));
        var before = model.state_dict().ToDictionary(p => p.Key, p => p.Value.clone());
        long tensors = LiveTensors.Settled();

        manual_seed(2);
        var without = GradientProbe.Measure(model, () => cross_entropy(model.call(x), y), new ProbeOptions { PredictFromRunningNetwork = false });
        using var drawnWithout = rand(3);
        manual_seed(2);
        var with = GradientProbe.Measure(model, () => cross_entropy(model.call(x), y));
        using var drawnWith = rand(3);

        Assert.Equal(tensors + 2, Tensor.TotalCount);
        Assert.Equal(drawnWithout.data<float>(), drawnWith.data<float>());
        Assert.Equal(without.Layers, with.Layers);
        Assert.All(model.state_dict(), p => Assert.True(before[p.Key].Equals(p.Value)));
    }

    [TorchFact]
    public void Hooks_are_gone_afterwards_also_when_the_model_throws()
    {
        using var model = LiveModels.Mlp(_ => throw new InvalidOperationException("no"));
        using var x = randn(4, 64);
        using var y = randint(0, 10, [4]);
        Assert.Throws<ProbeException>(() => Measure());
        long tensors = LiveTensors.Settled();

        Assert.Throws<ProbeException>(() => Measure());
        model.Layer("fc1").call(x).Dispose();

        Assert.Equal(tensors, Tensor.TotalCount);

        void Measure() => GradientProbe.Measure(model, () => cross_entropy(model.call(x) * float.NaN, y));
    }

    [TorchFact]
    public void Odd_models_are_measured_all_the_same()
    {
        using var x = randn(64, 64);
        using var y = randint(0, 10, [64]);

        GradientProbe.Measure(() => LiveModels.Mlp(z => z.narrow(0, 0, 0).sum() + z), (x, y), CrossEntropyLoss()).AssertHealthy();
        GradientProbe.Measure(() => LiveModels.Mlp(z => z * (z.sum() * 0 + 1)), (x, y), CrossEntropyLoss()).AssertHealthy();
        GradientProbe.Measure(() => new Written((net, z) => net["b", net["a", z].sum([0], keepdim: true).expand(64, 64)], ("a", Linear(64, 64)), ("b", Linear(64, 10))), (x, y), CrossEntropyLoss());
        GradientProbe.Measure(() => Sequential(Linear(64, 10)), (x.narrow(0, 0, 1), y.narrow(0, 0, 1)), CrossEntropyLoss());
    }

    private static Module<Tensor, Tensor> Kaiming(Sequential model)
    {
        foreach (var parameter in model.parameters())
        {
            if (parameter.dim() > 1)
                init.kaiming_normal_(parameter);
            else
                init.zeros_(parameter);
        }

        return model;
    }

    private static Module<Tensor, Tensor> Times(double factor, Module<Tensor, Tensor> model)
    {
        using var quiet = no_grad();
        foreach (var parameter in model.parameters())
            parameter.mul_(factor);
        return model;
    }

    /// <summary>A model whose type has no call that a hook could see.</summary>
    private sealed class Unwatched : Module
    {
        private readonly Linear a = Linear(64, 64), b = Linear(64, 64), c = Linear(64, 10);

        public Unwatched() : base(nameof(Unwatched)) => RegisterComponents();

        public Tensor Run(Tensor x) => c.call(tanh(b.call(relu(a.call(x)))));
    }
}
