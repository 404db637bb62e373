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

    public override Tensor forward(Tensor x) => _forward(this, x);
}

internal static class LiveModels
{
    public static Sequential Stack(int width, int layers, Func<Module<Tensor, Tensor>> activation, int classes = 10) => Sequential(
        Enumerable.Range(0, layers - 1).SelectMany(_ => new Module<Tensor, Tensor>[] { Linear(width, width), activation() }).Append(Linear(width, classes)));

    public static Written FunctionalMlp(Func<Tensor, Tensor> activation, int width = 64, int layers = 6) => new(
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
        ("conv1", Conv2d(3, 16, 3)), ("conv2", Conv2d(16, 32, 3, stride: 1, padding: 1)), ("fc1", Linear(32 * 3 * 3, 64)), ("fc2", Linear(64, 10)));

    public static Written Residual(int width = 64) => new(
        (net, x) =>
        {
            x = net["stem", x];
            x = relu(x + net["f2", relu(net["f1", x])]);
            x = relu(x + net["g2", relu(net["g1", x])]);
            return net["head", x];
        },
        ("stem", Linear(width, width)), ("f1", Linear(width, width)), ("f2", Linear(width, width)), ("g1", Linear(width, width)), ("g2", Linear(width, width)), ("head", Linear(width, 10)));
}
