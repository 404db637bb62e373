using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Standin.Tests.Behaviour;

public class ModuleTests
{
    [TorchFact]
    public void Fields_are_registered_under_their_names()
    {
        var net = new Net();

        // A property goes by the name of the field that the compiler makes for it.
        Assert.Equal(
            ["<Head>k__BackingField.weight", "First.bias", "First.weight", "_hidden.bias", "_hidden.weight", "scale"],
            net.named_parameters().Select(p => p.name).Order(StringComparer.Ordinal));
        Assert.Equal(["steps"], net.named_buffers().Select(b => b.name));
    }

    [TorchFact]
    public void Registering_twice_registers_once()
    {
        var net = new Net();
        net.RegisterAgain();
        Assert.Equal(6, net.named_parameters().Count());
        Assert.Equal(6, net.parameters().Count());
    }

    [TorchFact]
    public void Nested_modules_have_dotted_paths()
    {
        var net = new Nested();

        Assert.Equal(
            ["blocks.0.bias", "blocks.0.weight", "blocks.1.0.bias", "blocks.1.0.weight", "blocks.1.1.bias", "blocks.1.1.weight", "heads.left.bias", "heads.left.weight", "heads.right.bias", "heads.right.weight"],
            net.named_parameters().Select(p => p.name).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["blocks", "blocks.0", "blocks.1", "blocks.1.0", "blocks.1.1", "heads", "heads.left", "heads.right"],
            net.named_modules().Select(m => m.name).Order(StringComparer.Ordinal));
        Assert.Equal(["blocks", "heads"], net.named_children().Select(m => m.name));
    }

    [TorchFact]
    public void The_named_modules_do_not_contain_the_root()
    {
        var net = Sequential(Linear(2, 2), Sequential(ReLU()));

        Assert.Equal(["0", "1", "1.0"], net.named_modules().Select(m => m.name));
        Assert.DoesNotContain(net, net.named_modules().Select(m => m.module));
    }

    [TorchFact]
    public void The_name_of_a_two_dimensional_batch_norm_says_one()
    {
        Assert.Equal("BatchNorm1d", BatchNorm2d(3).GetName());
        Assert.Equal("BatchNorm1d", BatchNorm3d(3).GetName());
        Assert.Equal("Linear", Linear(2, 2).GetName());
    }

    [TorchFact]
    public void A_batch_norm_has_parameters_and_buffers()
    {
        var norm = BatchNorm2d(3);

        Assert.Equal(["weight", "bias"], norm.named_parameters().Select(p => p.name));
        Assert.Equal(["num_batches_tracked", "running_mean", "running_var"], norm.named_buffers().Select(b => b.name).Order(StringComparer.Ordinal));
        Assert.True(norm.weight!.allclose(ones(3)));
        Assert.True(norm.bias!.allclose(zeros(3)));
    }

    [TorchFact]
    public void Each_named_parameter_is_the_layers_own_object()
    {
        var linear = Linear(2, 2);

        Assert.Same(linear.weight, linear.named_parameters().First().parameter);
        Assert.Same(linear.weight, linear.parameters().First());
    }

    [TorchFact]
    public void A_layer_keeps_the_parameters_that_it_is_given()
    {
        var weight = Parameter(tensor(new float[] { 1, 2, 3, 4, 5, 6 }).reshape(2, 3));
        var bias = Parameter(tensor(new float[] { 7, 8 }));

        var linear = Linear(weight, bias);

        Assert.Equal((3L, 2L), (linear.in_features, linear.out_features));
        Assert.Equal([13f, 23f], linear.call(ones(1, 3)).data<float>().ToArray());
        Assert.Equal([1f, 2, 3, 4, 5, 6], linear.weight.data<float>().ToArray());
    }

    [TorchFact]
    public void Training_is_on_at_first_and_switches_for_all_descendants()
    {
        var net = new Nested();
        Assert.True(net.training);

        net.eval();
        Assert.All(net.named_modules(), m => Assert.False(m.module.training, m.name));
        Assert.False(net.training);

        net.train();
        Assert.All(net.named_modules(), m => Assert.True(m.module.training, m.name));
    }

    [TorchFact]
    public void Dropout_drops_while_training_and_scales_what_is_left()
    {
        manual_seed(1);
        var dropout = Dropout(0.25);
        var x = ones(10_000);

        var trained = dropout.call(x);
        var zeros = trained.eq(0).sum().item<long>();
        // Binomial(10000, 1/4) has a deviation of 43; six of them.
        Assert.InRange(zeros, 2500 - 260, 2500 + 260);
        Assert.Equal(4f / 3, trained.max().item<float>(), 6);

        dropout.eval();
        Assert.True(dropout.call(x).allclose(x));
    }

    [TorchFact]
    public void Moving_a_module_returns_the_module_and_moves_its_parameters_and_buffers()
    {
        var net = Sequential(Linear(2, 2), BatchNorm1d(2));

        Assert.Same(net, net.to(float64));

        Assert.All(net.parameters(), p => Assert.Equal(ScalarType.Float64, p.dtype));
        Assert.All(net.parameters(), p => Assert.True(p.requires_grad && p.is_leaf));
        Assert.Contains(net.named_buffers(), b => b.name.EndsWith("running_mean", StringComparison.Ordinal) && b.buffer.dtype == ScalarType.Float64);
        Assert.Equal(ScalarType.Float64, net.call(ones(3, 2, dtype: ScalarType.Float64)).dtype);
        Assert.Same(net, net.to(CPU));
        Assert.Equal(DeviceType.CPU, net.parameters().First().device_type);
    }

    [TorchFact]
    public void Recurrent_parameters_have_PyTorchs_names()
    {
        Assert.Equal(["bias_hh_l0", "bias_hh_l1", "bias_ih_l0", "bias_ih_l1", "weight_hh_l0", "weight_hh_l1", "weight_ih_l0", "weight_ih_l1"], Names(LSTM(3, 4, numLayers: 2)));
        Assert.Equal(["weight_hh_l0", "weight_hh_l0_reverse", "weight_ih_l0", "weight_ih_l0_reverse"], Names(GRU(3, 4, bias: false, bidirectional: true)));
        Assert.Equal(["bias_hh_l0", "bias_ih_l0", "weight_hh_l0", "weight_ih_l0"], Names(RNN(3, 4)));
        Assert.Equal(["bias_hh", "bias_ih", "weight_hh", "weight_ih"], Names(LSTMCell(3, 4)));
        Assert.Equal([16, 3], LSTM(3, 4).named_parameters().Single(p => p.name == "weight_ih_l0").parameter.shape);

        static IEnumerable<string> Names(nn.Module module) => module.named_parameters().Select(p => p.name).Order(StringComparer.Ordinal);
    }

    [TorchFact]
    public void A_transformer_layer_shows_parameters_and_no_modules()
    {
        var layer = TransformerEncoderLayer(8, 2, 16);

        Assert.Empty(layer.named_modules());
        Assert.Equal(
            [
                "linear1.bias", "linear1.weight", "linear2.bias", "linear2.weight", "norm1.bias", "norm1.weight", "norm2.bias", "norm2.weight",
                "self_attn.in_proj_bias", "self_attn.in_proj_weight", "self_attn.out_proj.bias", "self_attn.out_proj.weight",
            ],
            layer.named_parameters().Select(p => p.name).Order(StringComparer.Ordinal));
        Assert.Empty(MultiheadAttention(8, 2).named_modules());
    }

    [TorchFact]
    public void A_device_that_is_not_there_is_an_error_and_one_that_is_there_computes()
    {
        var linear = Linear(2, 2);

        if (cuda.is_available())
            Assert.Equal(DeviceType.CUDA, linear.to(CUDA).call(ones(1, 2, device: CUDA)).device_type);
        else
            Assert.ThrowsAny<Exception>(() => linear.to(CUDA));
    }

    [TorchFact]
    public void The_state_of_one_module_can_be_given_to_another()
    {
        var (source, target) = (Sequential(Linear(2, 3), BatchNorm1d(3)), Sequential(Linear(2, 3), BatchNorm1d(3)));
        source.call(arange(8, dtype: ScalarType.Float32).reshape(4, 2));
        var state = source.state_dict();
        Assert.Equal(
            ["0.bias", "0.weight", "1.bias", "1.num_batches_tracked", "1.running_mean", "1.running_var", "1.weight"],
            state.Keys.Order(StringComparer.Ordinal));

        target.load_state_dict(state);

        source.eval();
        target.eval();
        Assert.True(target.call(ones(1, 2)).allclose(source.call(ones(1, 2))));
        Assert.ThrowsAny<Exception>(() => Linear(2, 3).load_state_dict(state));
    }

    [TorchFact]
    public void A_module_may_have_two_inputs()
    {
        var add = new Add();
        Tensor? seen = null;
        add.register_forward_hook((_, a, b, sum) => { seen = sum; return sum; });

        Assert.Equal(3f, add.call(tensor(1f), tensor(2f)).item<float>());
        Assert.Equal(3f, seen!.item<float>());
    }

    [TorchFact]
    public void Apply_visits_the_descendants_and_then_the_module()
    {
        var visited = new List<string>();

        Sequential(Linear(2, 2), ReLU()).apply(m => visited.Add(m.GetName()));

        Assert.Equal(["Linear", "ReLU", "torch::nn::SequentialImpl"], visited);
    }

    private sealed class Net : Module<Tensor, Tensor>
    {
        public readonly Linear First = Linear(2, 3);
        private readonly Linear _hidden = Linear(3, 3);
        private readonly Parameter scale = Parameter(ones(1));
        private readonly Tensor steps = zeros(1);

        public Net() : base(nameof(Net)) => RegisterComponents();

        public Linear Head { get; } = Linear(3, 1, hasBias: false);

        public void RegisterAgain() => RegisterComponents();

        public override Tensor forward(Tensor input) => Head.call(_hidden.call(First.call(input))) * scale + steps;
    }

    private sealed class Nested : Module<Tensor, Tensor>
    {
        private readonly ModuleList<Module<Tensor, Tensor>> blocks = ModuleList<Module<Tensor, Tensor>>(Linear(2, 2), Sequential(Linear(2, 2), Linear(2, 2)));
        private readonly ModuleDict<Linear> heads = ModuleDict(("left", Linear(2, 1)), ("right", Linear(2, 1)));

        public Nested() : base(nameof(Nested)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            foreach (var block in blocks)
                input = block.call(input);
            return heads["left"].call(input) + heads["right"].call(input);
        }
    }

    private sealed class Add() : Module<Tensor, Tensor, Tensor>(nameof(Add))
    {
        public override Tensor forward(Tensor a, Tensor b) => a + b;
    }
}
