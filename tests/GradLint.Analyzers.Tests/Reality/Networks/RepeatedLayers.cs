using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Networks.RepeatedLayers;

// How many layers these have depends on a name that only the caller knows.

/// <summary>A perceptron of any depth.</summary>
public class UnknownMlp : Module<Tensor, Tensor>
{
    private readonly Sequential body;
    private readonly Linear head = Linear(16, 3);

    public UnknownMlp(string name) : base(name)
    {
        var layers = new List<Module<Tensor, Tensor>> { Linear(12, 16), Tanh() };
        for (var i = 0; i < name.Length; i++)
        {
            layers.Add(Linear(16, 16));
            layers.Add(Tanh());
        }

        body = Sequential(layers);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => head.forward(body.forward(x));
}

/// <summary>Residual blocks of two convolutions.</summary>
public class UnknownResNet : Module<Tensor, Tensor>
{
    private readonly Conv2d stem = Conv2d(3, 8, 3, padding: 1, bias: false);
    private readonly ModuleList<Block> blocks = new();
    private readonly Linear head = Linear(8, 5);

    public UnknownResNet(string name) : base(name)
    {
        for (int i = 0; i < name.Length; i++)
            blocks.Add(new Block(8));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = stem.forward(x);
        foreach (var block in blocks)
            x = block.forward(x);
        return head.forward(x.mean(new long[] { 2, 3 }));
    }

    private class Block : Module<Tensor, Tensor>
    {
        private readonly Conv2d conv1, conv2;
        private readonly BatchNorm2d bn1, bn2;

        public Block(int width) : base("Block")
        {
            conv1 = Conv2d(width, width, 3, padding: 1, bias: false);
            bn1 = BatchNorm2d(width);
            conv2 = Conv2d(width, width, 3, padding: 1, bias: false);
            bn2 = BatchNorm2d(width);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            var y = functional.relu(bn1.forward(conv1.forward(x)));
            return functional.relu(x + bn2.forward(conv2.forward(y)));
        }
    }
}

/// <summary>Two lists that one loop fills and another walks through.</summary>
public class UnknownWithNorms : Module<Tensor, Tensor>
{
    private readonly ModuleList<Linear> layers = new();
    private readonly ModuleList<LayerNorm> norms = new();
    private readonly Linear head = Linear(16, 1);

    public UnknownWithNorms(string name) : base(name)
    {
        for (int i = 0; i < name.Length; i++)
        {
            layers.Add(Linear(16, 16));
            norms.Add(LayerNorm(16));
        }

        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        for (int i = 0; i < layers.Count; i++)
            x = functional.gelu(norms[i].forward(layers[i].forward(x)));
        return head.forward(x);
    }
}

/// <summary>Wang et al. 2017: every layer sees the input again.</summary>
public class UnknownCrossNetwork : Module<Tensor, Tensor>
{
    private readonly ModuleList<Linear> cross;
    private readonly Linear head = Linear(10, 1);

    public UnknownCrossNetwork(string name) : base(name)
    {
        cross = new ModuleList<Linear>(Enumerable.Range(0, name.Length).Select(_ => Linear(10, 10)).ToArray());
        RegisterComponents();
    }

    public override Tensor forward(Tensor x0)
    {
        var x = x0;
        foreach (var layer in cross)
            x = x0 * layer.forward(x) + x;
        return head.forward(x);
    }
}

/// <summary>Each layer reads all that came before it: no chain of rounds.</summary>
public class UnknownDenseNet : Module<Tensor, Tensor>
{
    private readonly ModuleList<Linear> layers = new();
    private readonly Linear head;

    public UnknownDenseNet(string name) : base(name)
    {
        for (int i = 0; i < name.Length; i++)
            layers.Add(Linear(6 + 4 * i, 4));
        head = Linear(6 + 4 * name.Length, 2);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var features = new List<Tensor> { x };
        foreach (var layer in layers)
            features.Add(functional.relu(layer.forward(cat(features.ToArray(), 1))));
        return head.forward(cat(features.ToArray(), 1));
    }
}

/// <summary>An array of unknown length.</summary>
public class UnknownArrayOfLayers : Module<Tensor, Tensor>
{
    private readonly Sequential layers;

    public UnknownArrayOfLayers(string name) : base(name)
    {
        var modules = new Module<Tensor, Tensor>[name.Length];
        modules[0] = Linear(5, 9);
        for (int i = 1; i < modules.Length; i++)
            modules[i] = Sequential(Sigmoid(), Linear(9, 9));
        layers = Sequential(modules);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => layers.forward(x);
}

/// <summary>Bai et al. 2019, with a fixed number of steps: the same weights in every round.</summary>
public class EquilibriumModel : Module<Tensor, Tensor>
{
    private readonly Linear inject = Linear(6, 8), step = Linear(8, 8), head = Linear(8, 2);
    private readonly int steps;

    public EquilibriumModel(string name) : base(name)
    {
        steps = name.Length;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var injected = inject.forward(x);
        var z = zeros_like(injected);
        for (int i = 0; i < steps; i++)
            z = tanh(step.forward(z) + injected);
        return head.forward(z);
    }
}

/// <summary>ModuleList in its spellings.</summary>
public class ListForms : Module<Tensor, Tensor>
{
    private readonly ModuleList<Linear> first = new(Linear(4, 8), Linear(8, 8));
    private readonly ModuleList<Module<Tensor, Tensor>> second = ModuleList<Module<Tensor, Tensor>>(Linear(8, 8), Tanh());
    private readonly ModuleList<Linear> third;
    private readonly ModuleDict<Module<Tensor, Tensor>> last = new();

    public ListForms() : base(nameof(ListForms))
    {
        int[] sizes = { 8, 6, 4 };
        third = new ModuleList<Linear>(sizes.Zip(sizes.Skip(1), (a, b) => Linear(a, b)).ToArray());
        last.Add("norm", LayerNorm(4));
        last.Add(("head", Linear(4, 2)));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        for (int i = 0; i < first.Count; i++)
            x = functional.relu(first[i].forward(x));
        foreach (var module in second)
            x = module.forward(x);
        foreach (var layer in third)
            x = layer.forward(x);
        return last["head"].forward(last["norm"].forward(x));
    }
}
