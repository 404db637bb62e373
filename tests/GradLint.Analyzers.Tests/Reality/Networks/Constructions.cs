using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Networks.Constructions;

/// <summary>Its size is known where it is made.</summary>
public class SizedMlp : Module<Tensor, Tensor>
{
    private readonly Sequential layers;

    public SizedMlp(int inputs, int depth, int width, string activation)
        : base(nameof(SizedMlp))
    {
        var modules = new List<(string, Module<Tensor, Tensor>)>();
        for (int i = 0; i < depth; i++)
        {
            modules.Add(($"fc{i}", Linear(i == 0 ? inputs : width, width)));
            modules.Add(($"act{i}", Activation(activation)));
        }

        modules.Add(("head", Linear(width, 10)));
        layers = Sequential(modules);
        RegisterComponents();
    }

    public static SizedMlp Create() => new(inputs: 20, depth: 6, width: 48, activation: "sigmoid");

    private static Module<Tensor, Tensor> Activation(string name) => name switch
    {
        "relu" => ReLU(),
        "tanh" => Tanh(),
        "sigmoid" => Sigmoid(),
        _ => throw new ArgumentException(name),
    };

    public override Tensor forward(Tensor x) => layers.call(x);
}

public enum Nonlinearity
{
    Relu,
    Tanh,
}

public sealed class NetOptions
{
    public int[] Hidden { get; init; } = new[] { 16 };

    public Nonlinearity Nonlinearity { get; init; }

    public bool Normalize { get; set; }
}

/// <summary>Its options are an object.</summary>
public class OptionsMlp : Module<Tensor, Tensor>
{
    private static readonly NetOptions Standard = new() { Hidden = new[] { 32, 32, 32, 32 }, Nonlinearity = Nonlinearity.Tanh };

    private readonly NetOptions options;
    private readonly ModuleList<Linear> hidden = new();
    private readonly ModuleList<BatchNorm1d> norms = new();
    private readonly Linear head;

    public OptionsMlp(NetOptions options)
        : base(nameof(OptionsMlp))
    {
        this.options = options;
        var inputs = 12;
        foreach (var width in options.Hidden)
        {
            hidden.Add(Linear(inputs, width));
            if (options.Normalize)
                norms.Add(BatchNorm1d(width));
            inputs = width;
        }

        head = Linear(inputs, 4);
        RegisterComponents();
    }

    public static OptionsMlp Create()
    {
        var options = Standard;
        options.Normalize = true;
        return new OptionsMlp(options);
    }

    public override Tensor forward(Tensor x)
    {
        for (int i = 0; i < hidden.Count; i++)
        {
            x = hidden[i].call(x);
            if (options.Normalize)
                x = norms[i].call(x);
            x = options.Nonlinearity == Nonlinearity.Relu ? functional.relu(x) : x.tanh();
        }

        return head.call(x);
    }
}

/// <summary>Whoever makes it initializes it: Xavier with the gain of tanh.</summary>
public class InitializedOutside : Module<Tensor, Tensor>
{
    private readonly Sequential layers = Sequential();

    public InitializedOutside(int depth)
        : base(nameof(InitializedOutside))
    {
        for (int i = 0; i < depth; i++)
            layers.append(Linear(40, 40)).append(Tanh());
        layers.append(Linear(40, 10));
        RegisterComponents();
    }

    public static InitializedOutside Create()
    {
        var net = new InitializedOutside(12);
        net.apply(Weights.Initialize);
        return net;
    }

    public override Tensor forward(Tensor x) => layers.call(x);
}

/// <summary>Whoever makes it draws the weights much too small.</summary>
public class DrawnOutside : Module<Tensor, Tensor>
{
    public readonly Linear Fc1 = Linear(30, 50), Fc2 = Linear(50, 50), Head = Linear(50, 8);

    public DrawnOutside()
        : base(nameof(DrawnOutside)) => RegisterComponents();

    public static DrawnOutside Create() => new DrawnOutside().Drawn(0.05);

    public override Tensor forward(Tensor x) => Head.call(functional.relu(Fc2.call(functional.relu(Fc1.call(x)))));
}

public static class Weights
{
    public static void Initialize(Module module)
    {
        switch (module)
        {
            case Linear linear:
                init.xavier_normal_(linear.weight, init.calculate_gain(init.NonlinearityType.Tanh));
                init.zeros_(linear.bias!);
                break;
        }
    }

    public static T Drawn<T>(this T module, double std)
        where T : Module
    {
        foreach (var (name, parameter) in module.named_parameters())
        {
            if (name.EndsWith(".weight"))
                init.normal_(parameter, 0, std);
        }

        return module;
    }
}
