using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace Networks.DenseNetworks;

/// <summary>Srivastava et al. 2015: gates choose between a layer and its input.</summary>
public class HighwayNetwork : Module<Tensor, Tensor>
{
    private readonly Linear input, output;
    private readonly ModuleList<Linear> transforms = new ModuleList<Linear>();
    private readonly ModuleList<Linear> gates = new ModuleList<Linear>();

    public HighwayNetwork(int depth = 5, int width = 32) : base(nameof(HighwayNetwork))
    {
        input = Linear(20, width);
        for (int i = 0; i < depth; i++)
        {
            transforms.Add(Linear(width, width));
            var gate = Linear(width, width);
            init.constant_(gate.bias!, -2.0);
            gates.Add(gate);
        }

        output = Linear(width, 5);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = relu(input.call(x));
        for (int i = 0; i < transforms.Count; i++)
        {
            var h = relu(transforms[i].call(x));
            var t = torch.sigmoid(gates[i].call(x));
            x = h * t + x * (1 - t);
        }

        return output.call(x);
    }
}

/// <summary>Raissi et al. 2019: tanh layers from a list of widths, Xavier-initialized.</summary>
public class PhysicsInformed : Module<Tensor, Tensor>
{
    private readonly ModuleList<Linear> linears = new();
    private readonly Tanh activation = Tanh();

    public PhysicsInformed() : base("PINN")
    {
        int[] layers = { 2, 20, 20, 20, 20, 20, 20, 20, 20, 1 };
        for (var i = 0; i < layers.Length - 1; i++)
        {
            var layer = Linear(layers[i], layers[i + 1]);
            init.xavier_normal_(layer.weight, gain: 1.0);
            init.zeros_(layer.bias!);
            linears.Add(layer);
        }

        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var a = x;
        for (var i = 0; i < linears.Count - 1; i++)
            a = activation.call(linears[i].call(a));
        return linears[linears.Count - 1].call(a);
    }
}

/// <summary>Sitzmann et al. 2020: sines.</summary>
public class SineLayer : Module<Tensor, Tensor>
{
    private readonly double omega_0;
    private readonly Linear linear;

    public SineLayer(long in_features, long out_features, bool is_first = false, double omega_0 = 30) : base("SineLayer")
    {
        this.omega_0 = omega_0;
        linear = Linear(in_features, out_features);
        using (no_grad())
        {
            if (is_first)
                linear.weight!.uniform_(-1.0 / in_features, 1.0 / in_features);
            else
                linear.weight!.uniform_(-Math.Sqrt(6.0 / in_features) / omega_0, Math.Sqrt(6.0 / in_features) / omega_0);
        }

        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => torch.sin(omega_0 * linear.call(input));
}

public class Siren : Module<Tensor, Tensor>
{
    private readonly Sequential net;

    public Siren(int in_features = 2, int hidden_features = 64, int hidden_layers = 3, int out_features = 1) : base(nameof(Siren))
    {
        var layers = new List<Module<Tensor, Tensor>> { new SineLayer(in_features, hidden_features, is_first: true) };
        for (int i = 0; i < hidden_layers; i++)
            layers.Add(new SineLayer(hidden_features, hidden_features));
        layers.Add(Linear(hidden_features, out_features));
        net = Sequential(layers);
        RegisterComponents();
    }

    public override Tensor forward(Tensor coords) => net.call(coords);
}

/// <summary>Too many sigmoids: a list, a loop, a Sequential.</summary>
public class DeepSigmoid : Module<Tensor, Tensor>
{
    private readonly Sequential layers;

    public DeepSigmoid(int depth = 8, int width = 64) : base(nameof(DeepSigmoid))
    {
        var list = new List<(string, Module<Tensor, Tensor>)>();
        for (int i = 0; i < depth; i++)
        {
            list.Add(($"fc{i}", Linear(width, width)));
            list.Add(($"act{i}", Sigmoid()));
        }

        list.Add(("head", Linear(width, 10)));
        layers = Sequential(list);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => layers.call(x);
}

/// <summary>Tanh layers in a ModuleList, applied with foreach.</summary>
public class DeepTanh : Module<Tensor, Tensor>
{
    private readonly ModuleList<Module<Tensor, Tensor>> fc;
    private readonly Linear head;

    public DeepTanh(int depth = 10, int width = 64) : base(nameof(DeepTanh))
    {
        fc = new ModuleList<Module<Tensor, Tensor>>();
        for (var i = 1; i < depth; i++)
            fc.Add(Linear(width, width));
        head = Linear(width, 10);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        foreach (var m in fc)
            x = tanh(m.call(x));
        return head.call(x);
    }
}

/// <summary>Modules by name.</summary>
public class ModuleDictNet : Module<Tensor, Tensor>
{
    private readonly ModuleDict<Module<Tensor, Tensor>> blocks;

    public ModuleDictNet() : base(nameof(ModuleDictNet))
    {
        blocks = ModuleDict<Module<Tensor, Tensor>>(
            ("embed", Linear(12, 32)),
            ("hidden", Sequential(Linear(32, 32), ReLU())),
            ("head", Linear(32, 4)));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = blocks["embed"].call(x).relu();
        x = blocks["hidden"].call(x);
        return blocks["head"].call(x);
    }
}

/// <summary>Sequential inside Sequential, filled late.</summary>
public class SequentialForms : Module<Tensor, Tensor>
{
    private readonly Sequential net = Sequential();

    public SequentialForms() : base(nameof(SequentialForms))
    {
        net.append("first", Linear(16, 24));
        net.append(Tanh());
        var inner = Sequential(("a", Linear(24, 24)), ("b", ReLU()));
        net.append("inner", inner).append("drop", Dropout(0.1));
        inner.append("c", Linear(24, 24));
        net.append(ReLU()).append("last", Linear(24, 3));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => net.call(x);
}

public record MlpOptions
{
    public int Inputs { get; init; } = 32;

    public int[] Hidden { get; init; } = { 48, 48, 24 };

    public int Outputs { get; init; } = 5;

    public double Dropout { get; init; }

    public bool UseBatchNorm { get; init; } = true;
}

/// <summary>A network described by an options record.</summary>
public class ConfiguredMlp : Module<Tensor, Tensor>
{
    private readonly Sequential model;

    public ConfiguredMlp() : this(new MlpOptions { Hidden = new[] { 40, 20 } })
    {
    }

    public ConfiguredMlp(MlpOptions options) : base(nameof(ConfiguredMlp))
    {
        var modules = new List<Module<Tensor, Tensor>>();
        var previous = options.Inputs;
        foreach (var width in options.Hidden)
        {
            modules.Add(Linear(previous, width, hasBias: !options.UseBatchNorm));
            if (options.UseBatchNorm)
                modules.Add(BatchNorm1d(width));
            modules.Add(ReLU());
            if (options.Dropout > 0)
                modules.Add(Dropout(options.Dropout));
            previous = width;
        }

        modules.Add(Linear(previous, options.Outputs));
        model = Sequential(modules);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => model.call(x);
}

public enum ActivationKind
{
    ReLU,
    TanH,
    Sigmoid,
    Elu,
}

/// <summary>The activation chosen by an enum.</summary>
public class EnumMlp : Module<Tensor, Tensor>
{
    private readonly Linear fc1, fc2, fc3, fc4;
    private readonly Module<Tensor, Tensor> act;

    public EnumMlp(ActivationKind activation = ActivationKind.TanH) : base(nameof(EnumMlp))
    {
        fc1 = Linear(24, 48);
        fc2 = Linear(48, 48);
        fc3 = Linear(48, 48);
        fc4 = Linear(48, 6);
        act = Create(activation);
        RegisterComponents();
    }

    private static Module<Tensor, Tensor> Create(ActivationKind kind) => kind switch
    {
        ActivationKind.ReLU => ReLU(),
        ActivationKind.TanH => Tanh(),
        ActivationKind.Sigmoid => Sigmoid(),
        ActivationKind.Elu => ELU(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public override Tensor forward(Tensor x)
    {
        x = act.call(fc1.call(x));
        x = act.call(fc2.call(x));
        x = act.call(fc3.call(x));
        return fc4.call(x);
    }
}

/// <summary>The activation chosen by a string and passed on as a function.</summary>
public class FunctionMlp : Module<Tensor, Tensor>
{
    private readonly Linear first, second, third;
    private readonly Func<Tensor, Tensor> activation;

    public FunctionMlp(string activation = "sigmoid") : base(nameof(FunctionMlp))
    {
        first = Linear(16, 32);
        second = Linear(32, 32);
        third = Linear(32, 2);
        switch (activation)
        {
            case "tanh":
                this.activation = t => torch.tanh(t);
                break;
            case "sigmoid":
                this.activation = t => torch.sigmoid(t);
                break;
            default:
                this.activation = t => t.relu();
                break;
        }

        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = activation(first.call(x));
        x = activation(second.call(x));
        return third.call(x);
    }
}

/// <summary>Initialization of everything by name.</summary>
public class NamedInit : Module<Tensor, Tensor>
{
    private readonly Linear a = Linear(32, 32), b = Linear(32, 32), c = Linear(32, 8);

    public NamedInit() : base(nameof(NamedInit))
    {
        RegisterComponents();
        foreach (var (name, p) in named_parameters())
        {
            if (name.EndsWith(".weight"))
                init.xavier_uniform_(p, init.calculate_gain(init.NonlinearityType.Tanh));
            else
                init.zeros_(p);
        }
    }

    public override Tensor forward(Tensor x)
    {
        x = a.call(x).tanh();
        x = b.call(x).tanh();
        return c.call(x);
    }
}

/// <summary>Klambauer et al. 2017: SELU, LeCun initialization, alpha dropout.</summary>
public class SelfNormalizing : Module<Tensor, Tensor>
{
    private readonly Sequential net;

    public SelfNormalizing(int depth = 6) : base(nameof(SelfNormalizing))
    {
        net = Sequential(Enumerable.Range(0, depth).SelectMany(i => new Module<Tensor, Tensor>[] { Linear(40, 40), SELU() }).Append(Linear(40, 4)));
        RegisterComponents();
        foreach (var m in net.modules())
        {
            if (m is Linear l)
            {
                init.normal_(l.weight, 0, 1 / Math.Sqrt(l.in_features));
                init.zeros_(l.bias!);
            }
        }
    }

    public override Tensor forward(Tensor x) => net.call(x);
}

/// <summary>Pre-norm residual layers of a list.</summary>
public class ResidualMlp : Module<Tensor, Tensor>
{
    private readonly Linear embed = Linear(10, 32);
    private readonly ModuleList<ResidualLayer> layers = new();
    private readonly Linear head = Linear(32, 1);

    public ResidualMlp(int depth = 4) : base(nameof(ResidualMlp))
    {
        while (layers.Count < depth)
            layers.Add(new ResidualLayer(32));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = embed.call(x);
        foreach (var layer in layers)
            x = x + layer.call(x);
        return head.call(x);
    }

    private sealed class ResidualLayer : Module<Tensor, Tensor>
    {
        private readonly LayerNorm norm;
        private readonly Linear up, down;

        public ResidualLayer(long width) : base(nameof(ResidualLayer))
        {
            norm = LayerNorm(width);
            up = Linear(width, 4 * width);
            down = Linear(4 * width, width);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => down.call(silu(up.call(norm.call(x))));
    }
}

/// <summary>Bishop 1994: weights, means and deviations of a mixture.</summary>
public class MixtureDensity : Module<Tensor, (Tensor pi, Tensor mu, Tensor sigma)>
{
    private readonly Sequential z_h;
    private readonly Linear z_pi, z_mu, z_sigma;

    public MixtureDensity(int hidden = 20, int gaussians = 5) : base(nameof(MixtureDensity))
    {
        z_h = Sequential(Linear(1, hidden), Tanh());
        z_pi = Linear(hidden, gaussians);
        z_mu = Linear(hidden, gaussians);
        z_sigma = Linear(hidden, gaussians);
        RegisterComponents();
    }

    public override (Tensor pi, Tensor mu, Tensor sigma) forward(Tensor x)
    {
        var h = z_h.call(x);
        var pi = softmax(z_pi.call(h), -1);
        var sigma = exp(z_sigma.call(h));
        var mu = z_mu.call(h);
        return (pi, mu, sigma);
    }
}
