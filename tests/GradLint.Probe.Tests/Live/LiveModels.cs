using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace GradLint.Probe.Tests.Live;

/// <summary>A model whose forward is written where it is made: layers by name, and functions between them.</summary>
internal sealed class Written : Module<Tensor, Tensor>
{
    private readonly Dictionary<string, Module<Tensor, Tensor>> _layers = [];
    private readonly Func<Written, Tensor, Tensor> _forward;

    public Written(Func<Written, Tensor, Tensor> forward, params (string Name, Module<Tensor, Tensor> Layer)[] layers) : base(nameof(Written))
    {
        _forward = forward;
        foreach (var (name, layer) in layers)
        {
            _layers.Add(name, layer);
            register_module(name, layer);
        }
    }

    public Tensor this[string layer, Tensor x] => _layers[layer].call(x);

    public Module<Tensor, Tensor> Layer(string name) => _layers[name];

    public override Tensor forward(Tensor x) => _forward(this, x);
}

internal static class LiveModels
{
    public static Sequential Stack(int width, int layers, Func<Module<Tensor, Tensor>> activation, int classes = 10) => Sequential(
        Enumerable.Range(0, layers - 1).SelectMany(_ => new[] { Linear(width, width), activation() }).Append(Linear(width, classes)));

    /// <summary>Linear layers fc1, fc2, … with a function between them.</summary>
    public static Written Mlp(Func<Tensor, Tensor> activation, int layers = 3, int width = 64) => new(
        (net, x) =>
        {
            for (int i = 1; i < layers; i++)
                x = activation(net[$"fc{i}", x]);
            return net[$"fc{layers}", x];
        },
        [.. Enumerable.Range(1, layers).Select(i => ($"fc{i}", (Module<Tensor, Tensor>)Linear(width, i == layers ? 10 : width)))]);

    public static Sequential CnnOfModules() => Sequential(
        Conv2d(3, 16, 3, padding: 1), ReLU(inplace: true), MaxPool2d(2), Conv2d(16, 32, 3, padding: 1), ReLU(), MaxPool2d(2), Flatten(), Linear(32 * 4 * 4, 10));

    public static Written CnnOfFunctions() => new(
        (net, x) =>
        {
            x = max_pool2d(relu(net["conv1", x]), 2);
            x = max_pool2d(relu(net["conv2", x]), 2);
            x = x.view(x.shape[0], -1);
            return net["fc2", relu(net["fc1", x])];
        },
        ("conv1", Conv2d(3, 16, 3)), ("conv2", Conv2d(16, 32, 3, padding: 1)), ("fc1", Linear(32 * 3 * 3, 64)), ("fc2", Linear(64, 10)));

    /// <summary>Two blocks relu(x + f(x)).</summary>
    public static Written Residual(int width = 64) => new(
        (net, x) =>
        {
            x = net["stem", x];
            x = relu(x + net["f2", relu(net["f1", x])]);
            x = relu(x + net["g2", relu(net["g1", x])]);
            return net["head", x];
        },
        ("stem", Linear(width, width)), ("f1", Linear(width, width)), ("f2", Linear(width, width)),
        ("g1", Linear(width, width)), ("g2", Linear(width, width)), ("head", Linear(width, 10)));

    /// <summary>Blocks x + f(tanh(x)): nothing reads x itself but the next sum.</summary>
    public static Written PreActivation() => new(
        (net, x) =>
        {
            x = net["stem", x];
            for (int i = 1; i <= 3; i++)
                x = x + net[$"b{i}", relu(net[$"a{i}", tanh(x)])];
            return net["head", x];
        },
        [
            ("stem", Linear(64, 64)),
            .. Enumerable.Range(1, 3).SelectMany(i => new[] { ($"a{i}", (Module<Tensor, Tensor>)Linear(64, 64)), ($"b{i}", Linear(64, 64)) }),
            ("head", Linear(64, 10)),
        ]);

    public static Written Concatenating() => new(
        (net, x) =>
        {
            var a = relu(net["a", x]);
            var b = relu(net["b", a]);
            return net["head", cat([a, b], 1)];
        },
        ("a", Linear(64, 32)), ("b", Linear(32, 48)), ("head", Linear(80, 10)));
}

/// <summary>Convolutions with batch normalization, and the sum of the last block averaged before any layer reads it.</summary>
internal sealed class SmallResNet : Module<Tensor, Tensor>
{
    private readonly Conv2d stem = Conv2d(3, 16, 3, padding: 1, bias: false);
    private readonly BatchNorm2d bn = BatchNorm2d(16);
    private readonly ModuleList<Module<Tensor, Tensor>> blocks = new(new Block(16, 16, 1), new Block(16, 32, 2));
    private readonly Linear fc = Linear(32, 10);

    public SmallResNet() : base(nameof(SmallResNet)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        x = relu(bn.call(stem.call(x)));
        foreach (var block in blocks)
            x = block.call(x);
        return fc.call(adaptive_avg_pool2d(x, 1).flatten(1));
    }

    private sealed class Block : Module<Tensor, Tensor>
    {
        private readonly Conv2d c1, c2;
        private readonly BatchNorm2d b1, b2;
        private readonly Sequential? down;

        public Block(long from, long to, long stride) : base(nameof(Block))
        {
            c1 = Conv2d(from, to, 3, stride: stride, padding: 1, bias: false);
            b1 = BatchNorm2d(to);
            c2 = Conv2d(to, to, 3, padding: 1, bias: false);
            b2 = BatchNorm2d(to);
            down = stride == 1 ? null : Sequential(Conv2d(from, to, 1, stride: stride, bias: false), BatchNorm2d(to));
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => relu(b2.call(c2.call(relu(b1.call(c1.call(x))))) + (down is null ? x : down.call(x)));
    }
}

/// <summary>The layer in the middle is called with forward, which fires no hook.</summary>
internal sealed class OneCallUnseen : Module<Tensor, Tensor>
{
    private readonly Linear a = Linear(64, 64), b = Linear(64, 64), c = Linear(64, 10);

    public OneCallUnseen() : base(nameof(OneCallUnseen)) => RegisterComponents();

    public override Tensor forward(Tensor x) => c.call(b.forward(a.call(x)).relu());
}

/// <summary>A model with two inputs.</summary>
internal sealed class TwoInputs : Module<Tensor, Tensor, Tensor>
{
    private readonly Linear left = Linear(32, 64), right = Linear(16, 64), head = Linear(64, 10);

    public TwoInputs() : base(nameof(TwoInputs)) => RegisterComponents();

    public override Tensor forward(Tensor x, Tensor y) => head.call(tanh(left.call(x) + right.call(y)));
}

/// <summary>An output that the loss uses without the model returning it.</summary>
internal sealed class WithAuxiliaryHead : Module<Tensor, Tensor>
{
    private readonly Linear a = Linear(64, 64), aux = Linear(64, 5), head = Linear(64, 10);

    public WithAuxiliaryHead() : base(nameof(WithAuxiliaryHead)) => RegisterComponents();

    public Tensor? Auxiliary { get; private set; }

    public override Tensor forward(Tensor x)
    {
        var h = relu(a.call(x));
        Auxiliary = aux.call(h);
        return head.call(h);
    }
}
