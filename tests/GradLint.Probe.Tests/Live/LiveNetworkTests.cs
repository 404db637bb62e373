using GradLint.Probe.Live;
using GradLint.SignalPropagation;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace GradLint.Probe.Tests.Live;

public class LiveNetworkTests
{
    private const string Default = "weight default (var 0.333333/fan_in)";

    [TorchFact]
    public void A_stack_of_modules() => Reads(() => LiveModels.Stack(64, 3, () => Tanh()), () => randn(8, 64), $"""
        TorchSharp.Modules.Sequential
           0  Input 64
           1  (0) Linear 64 -> 64, {Default}  0
           2  (1) Activation tanh  1
           3  (2) Linear 64 -> 64, {Default}  2
           4  (3) Activation tanh  3
           5  (4) Linear 64 -> 10, {Default}  4  -> output
        """);

    [TorchFact]
    public void Convolutions_and_an_activation_in_place() => Reads(LiveModels.CnnOfModules, () => randn(4, 3, 16, 16), $"""
        TorchSharp.Modules.Sequential
           0  Input 3 @ 16x16
           1  (0) Conv2d 3 -> 16, kernel 3x3, padding 1x1, {Default}  0
           2  (1) Activation relu  1
           3  (2) MaxPool 2x2, stride 2x2  2
           4  (3) Conv2d 16 -> 32, kernel 3x3, padding 1x1, {Default}  3
           5  (4) Activation relu  4
           6  (5) MaxPool 2x2, stride 2x2  5
           7  (6) Flatten  6
           8  (7) Linear 512 -> 10, {Default}  7  -> output
        """);

    [TorchFact]
    public void Functions_between_convolutions() => Reads(LiveModels.CnnOfFunctions, () => randn(4, 3, 16, 16), $"""
        GradLint.Probe.Tests.Live.Written
           0  Input 3 @ 16x16
           1  (0) Conv2d 3 -> 16, kernel 3x3, {Default}  conv1
           2  (1) Activation relu
           3  (2) MaxPool 2x2, stride 2x2
           4  (3) Conv2d 16 -> 32, kernel 3x3, padding 1x1, {Default}  conv2
           5  (4) Activation relu
           6  (5) MaxPool 2x2, stride 2x2
           7  (6) Flatten
           8  (7) Linear 288 -> 64, {Default}  fc1
           9  (8) Activation relu
          10  (9) Linear 64 -> 10, {Default}  fc2  -> output
        """);

    [TorchFact]
    public void Residual_blocks() => Reads(() => LiveModels.Residual(), () => randn(8, 64), $"""
        GradLint.Probe.Tests.Live.Written
           0  Input 64
           1  (0) Linear 64 -> 64, {Default}  stem
           2  (1) Linear 64 -> 64, {Default}  f1
           3  (2) Activation relu
           4  (3) Linear 64 -> 64, {Default}  f2
           5  (1, 4) Add
           6  (5) Activation relu
           7  (6) Linear 64 -> 64, {Default}  g1
           8  (7) Activation relu
           9  (8) Linear 64 -> 64, {Default}  g2
          10  (6, 9) Add
          11  (10) Activation relu
          12  (11) Linear 64 -> 10, {Default}  head  -> output
        """);

    [TorchFact]
    public void A_scaled_branch_and_a_difference() => Reads(
        () => new Written((net, x) => { x = net["a", x]; x = x + 0.1 * net["b", relu(x)]; return net["head", x - net["c", x]]; },
            ("a", Linear(64, 64)), ("b", Linear(64, 64)), ("c", Linear(64, 64)), ("head", Linear(64, 10))),
        () => randn(8, 64), $"""
        GradLint.Probe.Tests.Live.Written
           0  Input 64
           1  (0) Linear 64 -> 64, {Default}  a
           2  (1) Activation relu
           3  (2) Linear 64 -> 64, {Default}  b
           4  (3) Scale 0.1
           5  (1, 4) Add
           6  (5) Linear 64 -> 64, {Default}  c
           7  (6) Scale -1
           8  (5, 7) Add
           9  (8) Linear 64 -> 10, {Default}  head  -> output
        """);

    [TorchFact]
    public void A_skip_by_concatenation() => Reads(LiveModels.Concatenating, () => randn(8, 64), $"""
        GradLint.Probe.Tests.Live.Written
           0  Input 64
           1  (0) Linear 64 -> 32, {Default}  a
           2  (1) Activation relu
           3  (2) Linear 32 -> 48, {Default}  b
           4  (3) Activation relu
           5  (2, 4) Concatenate
           6  (5) Linear 80 -> 10, {Default}  head  -> output
        """);

    [TorchFact]
    public void Channels_side_by_side_and_then_flattened() => Reads(
        () => new Written((net, x) => { var a = net["a", x]; return net["head", cat([a, relu(net["b", a])], 1).flatten(1)]; },
            ("a", Conv2d(3, 8, 3, padding: 1)), ("b", Conv2d(8, 4, 3, padding: 1)), ("head", Linear(12 * 16, 10))),
        () => randn(4, 3, 4, 4), $"""
        GradLint.Probe.Tests.Live.Written
           0  Input 3 @ 4x4
           1  (0) Conv2d 3 -> 8, kernel 3x3, padding 1x1, {Default}  a
           2  (1) Conv2d 8 -> 4, kernel 3x3, padding 1x1, {Default}  b
           3  (2) Activation relu
           4  (1, 3) Concatenate
           5  (4) Flatten
           6  (5) Linear 192 -> 10, {Default}  head  -> output
        """);

    [TorchFact]
    public void A_gate() => Reads(
        () => new Written((net, x) => net["head", net["a", x] * net["g", x].sigmoid()], ("a", Linear(64, 64)), ("g", Linear(64, 64)), ("head", Linear(64, 10))),
        () => randn(8, 64), $"""
        GradLint.Probe.Tests.Live.Written
           0  Input 64
           1  (0) Linear 64 -> 64, {Default}  a
           2  (0) Linear 64 -> 64, {Default}  g
           3  (2) Activation sigmoid
           4  (1, 3) Product
           5  (4) Linear 64 -> 10, {Default}  head  -> output
        """);

    [TorchFact]
    public void Positions_in_another_order_then_one_of_them() => Reads(
        () => new Written((net, x) => net["head", net["conv", net["fc", net["e", x]].transpose(1, 2)].tanh().select(2, -1)],
            ("e", Embedding(100, 16)), ("fc", Linear(16, 32)), ("conv", Conv1d(32, 8, 3)), ("head", Linear(8, 10))),
        () => randint(0, 100, [16, 12]), $"""
        GradLint.Probe.Tests.Live.Written
           0  Input ? @ 12
           1  (0) Embedding 100 -> 16, weight default (var 1)  e
           2  (1) Linear 16 -> 32, {Default}  fc
           3  (2) Conv1d 32 -> 8, kernel 3, {Default}  conv
           4  (3) Activation tanh
           5  (4) Reduction Select
           6  (5) Linear 8 -> 10, {Default}  head  -> output
        """);

    [TorchFact]
    public void The_last_position() => Reads(
        () => new Written((net, x) => net["head", net["norm", net["fc", net["e", x]]].select(1, -1)],
            ("e", Embedding(100, 16)), ("fc", Linear(16, 32)), ("norm", LayerNorm(32)), ("head", Linear(32, 10))),
        () => randint(0, 100, [16, 12]), $"""
        GradLint.Probe.Tests.Live.Written
           0  Input ? @ 12
           1  (0) Embedding 100 -> 16, weight default (var 1)  e
           2  (1) Linear 16 -> 32, {Default}  fc
           3  (2) LayerNorm 32  norm
           4  (3) Reduction Select
           5  (4) Linear 32 -> 10, {Default}  head  -> output
        """);

    [TorchFact]
    public void The_last_block_of_a_residual_network_is_averaged_before_a_layer_reads_it() => Reads(() => new SmallResNet(), () => randn(4, 3, 16, 16), $"""
        GradLint.Probe.Tests.Live.SmallResNet
           0  Input 3 @ 16x16
           1  (0) Conv2d 3 -> 16, kernel 3x3, padding 1x1, {Default}, no bias  stem
           2  (1) BatchNorm 16  bn
           3  (2) Activation relu
           4  (3) Conv2d 16 -> 16, kernel 3x3, padding 1x1, {Default}, no bias  blocks.0.c1
           5  (4) BatchNorm 16  blocks.0.b1
           6  (5) Activation relu
           7  (6) Conv2d 16 -> 16, kernel 3x3, padding 1x1, {Default}, no bias  blocks.0.c2
           8  (7) BatchNorm 16  blocks.0.b2
           9  (3, 8) Add
          10  (9) Activation relu
          11  (10) Conv2d 16 -> 32, kernel 3x3, stride 2x2, padding 1x1, {Default}, no bias  blocks.1.c1
          12  (11) BatchNorm 32  blocks.1.b1
          13  (12) Activation relu
          14  (13) Conv2d 32 -> 32, kernel 3x3, padding 1x1, {Default}, no bias  blocks.1.c2
          15  (14) BatchNorm 32  blocks.1.b2
          16  (10) Conv2d 16 -> 32, kernel 1x1, stride 2x2, {Default}, no bias  blocks.1.down.0
          17  (16) BatchNorm 32  blocks.1.down.1
          18  (15, 17) Add
          19  (18) Activation relu
          20  (19) Reduction Mean
          21  (20) Linear 32 -> 10, {Default}  fc  -> output
        """);

    [TorchFact]
    public void A_layer_that_is_called_twice() => Reads(
        () => new Written((net, x) => net["head", tanh(net["a", tanh(net["a", x])])], ("a", Linear(64, 64)), ("head", Linear(64, 10))),
        () => randn(8, 64), $"""
        GradLint.Probe.Tests.Live.Written
           0  Input 64
           1  (0) Linear 64 -> 64, {Default}  a
           2  (1) Activation tanh
           3  (2) Linear 64 -> 64, {Default}  a
           4  (3) Activation tanh
           5  (4) Linear 64 -> 10, {Default}  head  -> output
        """);

    [TorchFact]
    public void In_evaluation_dropout_is_nothing_and_fresh_statistics_are_a_factor() => Reads(
        () =>
        {
            var model = Sequential(Linear(64, 64), BatchNorm1d(64), Dropout(0.5), Linear(64, 10));
            model.eval();
            return model;
        },
        () => randn(8, 64), $"""
        TorchSharp.Modules.Sequential
           0  Input 64
           1  (0) Linear 64 -> 64, {Default}  0
           2  (1) Scale 0.999995  1
           3  (2) Linear 64 -> 10, {Default}  3  -> output
        """);

    [TorchFact]
    public void A_layer_whose_call_is_not_seen_leaves_a_gap() => Reads(() => new OneCallUnseen(), () => randn(8, 64), $"""
        GradLint.Probe.Tests.Live.OneCallUnseen
           0  Input 64
           1  (0) Linear 64 -> 64, {Default}  a
           2  (1) Opaque (an operation between layers: nothing that was tried explains it)
           3  (2) Linear 64 -> 10, {Default}  c  -> output
        """);

    [TorchFact]
    public void What_only_the_data_went_through_is_the_input()
    {
        var live = Read(() => LiveModels.Mlp(x => x.relu(), layers: 2, width: 48), x => x.div(255).view(-1, 48), () => randn(8, 3, 4, 4) * 255);

        Assert.StartsWith("GradLint.Probe.Tests.Live.Written\n   0  Input 48\n   1  (0) Linear 48", live.Network.ToText(), StringComparison.Ordinal);
        Assert.InRange(live.Options.InputSecondMoment, 0.7, 1.3);
        Assert.Equal(8, live.Options.BatchSize);
    }

    [TorchFact]
    public void The_batch_tells_how_large_and_how_alike_its_samples_are()
    {
        // rand: mean square 1/3, product of two samples 1/4.
        var live = Read(() => LiveModels.Mlp(x => x.relu()), x => x, () => rand(64, 64));

        Assert.InRange(live.Options.InputSecondMoment, 1 / 3.0 - 0.02, 1 / 3.0 + 0.02);
        Assert.InRange(live.Options.InputCorrelation, 0.75 - 0.02, 0.75 + 0.02);
    }

    [TorchFact]
    public void Two_inputs_of_different_scale()
    {
        manual_seed(1);
        using var model = new TwoInputs();
        using var x = randn(64, 32);
        using var y = randn(64, 16) * 3;

        string text = LiveNetwork.Read(model, () => model.call(x, y).Dispose())!.Network.ToText();

        Assert.Matches(@"   2  Input 16\n   3  \(2\) Scale (2\.9|3\.|3 ).*\n   4  \(3\) Linear 16 -> 64", text);
        Assert.Contains("(1, 4) Add\n   6  (5) Activation tanh\n", text, StringComparison.Ordinal);
    }

    public static TheoryData<string, Func<Tensor, Tensor>> Functions => new()
    {
        { "Activation relu", x => x.relu() },
        { "Activation relu", x => relu(x, inplace: true) },
        { "Activation leaky_relu(0.01)", x => leaky_relu(x) },
        { "Activation leaky_relu(0.3)", x => leaky_relu(x, 0.3) },
        { "Activation sigmoid", x => x.sigmoid() },
        { "Activation tanh", x => x.tanh_() },
        { "Activation gelu", x => gelu(x) },
        { "Activation silu", x => silu(x) },
        { "Activation mish", x => mish(x) },
        { "Activation elu(1)", x => elu(x, 1) },
        { "Activation selu", x => selu(x) },
        { "Activation softplus(1, 20)", x => softplus(x) },
        { "Activation softsign", x => softsign(x) },
        { "Activation hardtanh(-1, 1)", x => x.hardtanh_(-1, 1) },
        { "Activation relu6", x => relu6(x) },
        { "Activation hardswish", x => hardswish(x) },
        { "Activation sin", x => x.sin() },
        { "Activation square", x => x * x },
        { "Activation softmax", x => x.softmax(-1) },
        { "Scale 0.5", x => x / 2 },
        { "Dropout 0.3", x => dropout(x, 0.3) },
    };

    [TorchTheory]
    [MemberData(nameof(Functions))]
    public void A_function_is_told_by_its_values(string expected, Func<Tensor, Tensor> function)
    {
        // Ten times the usual input: relu6 and hardtanh show their bounds.
        var live = Read(() => LiveModels.Mlp(function, layers: 2), x => x * 10, () => randn(64, 64));

        Assert.Contains($"   2  (1) {expected}\n   3  (2) Linear", live.Network.ToText(), StringComparison.Ordinal);
    }

    [TorchFact]
    public void Twice_a_rectifier_is_no_dropout() => Assert.Contains("   2  (1) Activation relu\n   3  (2) Scale 2\n   4  (3) Linear",
        Read(() => LiveModels.Mlp(x => 2 * x.relu(), layers: 2), x => x, () => randn(64, 64)).Network.ToText(), StringComparison.Ordinal);

    [TorchFact]
    public void Dropout_behind_a_rectifier() => Assert.Contains("   2  (1) Activation relu\n   3  (2) Dropout 0.25\n   4  (3) Linear",
        Read(() => LiveModels.Mlp(x => dropout(relu(x), 0.25), layers: 2), x => x, () => randn(64, 64)).Network.ToText(), StringComparison.Ordinal);

    public static TheoryData<string, Func<Tensor, Tensor>> Unknowns => new()
    {
        { "a power", x => x.pow(3) },
        { "a shift", x => x.relu() + 1 },
        { "saturated: tanh and hardtanh agree", x => (x * 1e6).tanh() },
        { "a constant", x => x * 0 },
        { "not a number", x => x.log() },
        { "over the batch", x => x - x.mean([0], keepdim: true) },
        { "sorted", x => x.sort(1).Values },
    };

    [TorchTheory]
    [MemberData(nameof(Unknowns))]
    public void What_nothing_explains_has_no_number(string what, Func<Tensor, Tensor> function)
    {
        var live = Read(() => LiveModels.Mlp(function, layers: 2), x => x, () => randn(64, 64));

        Assert.True(live.Network.Nodes.Any(n => n.Operation is Operation.Opaque { Reason.Length: > 0 }), what);
        Assert.Null(Prediction.Of(live.Network, live.Options).Layers.Single(l => l.Path == "fc1").GradientRatio);
    }

    [TorchFact]
    public void A_detached_value_carries_no_gradient()
    {
        var live = Read(() => LiveModels.Mlp(x => x.detach(), layers: 2), x => x, () => randn(8, 64));

        Assert.Contains("   2  (1) Detach\n   3  (2) Linear", live.Network.ToText(), StringComparison.Ordinal);
    }

    [TorchFact]
    public void A_model_without_calls_has_no_network()
    {
        using var model = Sequential(Linear(4, 4));

        Assert.Null(LiveNetwork.Read(model, () => { }));
        Assert.Null(LiveNetwork.Read(Sequential(Tanh(), Identity()).append(Flatten()), () => { }));
    }

    private static void Reads(Func<Module<Tensor, Tensor>> make, Func<Tensor> data, string expected) =>
        Assert.Equal(expected.ReplaceLineEndings("\n") + "\n", Read(make, x => x, data).Network.ToText());

    private static LiveReading Read(Func<Module<Tensor, Tensor>> make, Func<Tensor, Tensor> prepare, Func<Tensor> data)
    {
        manual_seed(1);
        using var scope = NewDisposeScope();
        using var model = make();
        var x = data();
        return LiveNetwork.Read(model, () => model.call(prepare(x)))!;
    }
}
