using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Networks.Choices;

/// <summary>The plan of a VGG by its name, as TorchSharp's examples have it.</summary>
public class PlannedVgg : Module<Tensor, Tensor>
{
    private readonly Dictionary<string, long[]> channels = new Dictionary<string, long[]>()
    {
        { "VGG5", new long[] { 8, 0, 16, 0 } },
        { "VGG7", new long[] { 8, 8, 0, 16, 16, 0 } },
    };

    private readonly Module<Tensor, Tensor> layers;

    public PlannedVgg(string name, int classes = 10) : base(name)
    {
        var modules = new List<(string, Module<Tensor, Tensor>)>();
        var plan = channels[name.ToUpper()];
        long inputs = 3;
        for (var i = 0; i < plan.Length; i++)
        {
            if (plan[i] == 0)
            {
                modules.Add(($"MaxPool2d-{i}a", MaxPool2d(2, 2)));
                continue;
            }

            modules.Add(($"conv2d-{i}a", Conv2d(inputs, plan[i], 3, padding: 1)));
            modules.Add(($"bnrm2d-{i}a", BatchNorm2d(plan[i])));
            modules.Add(($"relu-{i}b", ReLU(inplace: true)));
            inputs = plan[i];
        }

        modules.Add(("flatten", Flatten()));
        modules.Add(("linear", Linear(16 * 4 * 4, classes)));
        layers = Sequential(modules);
        RegisterComponents();
    }

    public static PlannedVgg Create() => new("vgg7");

    public override Tensor forward(Tensor input) => layers.call(input);
}

/// <summary>Activations as method groups, one of them by default.</summary>
public class DelegatedMlp : Module<Tensor, Tensor>
{
    private readonly Linear first = Linear(16, 32), second = Linear(32, 32), last = Linear(32, 4);
    private readonly Module<Tensor, Tensor> activation;
    private readonly Func<Tensor, Tensor> squash = tanh;

    public DelegatedMlp(Func<Module<Tensor, Tensor>>? activation = null) : base(nameof(DelegatedMlp))
    {
        this.activation = (activation ?? SiLU_)();
        RegisterComponents();
    }

    private static Module<Tensor, Tensor> SiLU_() => SiLU();

    public override Tensor forward(Tensor x) => last.forward(squash(second.forward(activation.forward(first.forward(x)))));
}

/// <summary>Sizes, dropout and norms that may be given, and are not.</summary>
public class OptionalParts : Module<Tensor, Tensor>
{
    private readonly Sequential net = Sequential();

    public OptionalParts(int[]? widths = null, double? dropout = null, Func<long, Module<Tensor, Tensor>>? norm = null) : base(nameof(OptionalParts))
    {
        widths ??= new[] { 24, 24 };
        norm = norm is not null ? norm : width => BatchNorm1d(width);
        var inputs = 12;
        foreach (var width in widths)
        {
            net.append(Linear(inputs, width, hasBias: false));
            net.append(norm(width));
            net.append(ReLU());
            if (dropout.HasValue)
                net.append(Dropout(dropout.Value));
            inputs = width;
        }

        net.append(Linear(inputs, 3));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => net.call(x);
}

/// <summary>A guard that throws behind the only way.</summary>
public class GuardedExcitation : Module<Tensor, Tensor>
{
    private readonly Conv2d conv = Conv2d(3, 8, 3, padding: 1), squeeze = Conv2d(8, 2, 1), excite = Conv2d(2, 8, 1);

    public GuardedExcitation() : base(nameof(GuardedExcitation)) => RegisterComponents();

    public override Tensor forward(Tensor input)
    {
        if ((input.ndim == 4 && input.shape[1] == 3) || (input.ndim == 3 && input.shape[0] == 3))
        {
            var x = conv.call(input);
            var scale = functional.adaptive_avg_pool2d(x, 1);
            scale = functional.relu(squeeze.call(scale));
            return x * sigmoid(excite.call(scale));
        }

        throw new ArgumentException("Expected three or four dimensions.");
    }
}

/// <summary>Each channel is scaled by itself, and all are put together again.</summary>
public class ChannelStatistics : Module<Tensor, Tensor>
{
    private readonly Conv2d conv = Conv2d(3, 8, 3);
    private readonly Linear head = Linear(8 * 6 * 6, 4);

    public ChannelStatistics() : base(nameof(ChannelStatistics)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        var red = unsqueeze(x[TensorIndex.Slice(), 0], 1) * (0.229f / 0.5f) + (0.485f - 0.5f) / 0.5f;
        var green = unsqueeze(x[TensorIndex.Slice(), 1], 1) * (0.224f / 0.5f) + (0.456f - 0.5f) / 0.5f;
        var blue = unsqueeze(x[TensorIndex.Slice(), 2], 1) * (0.225f / 0.5f) + (0.406f - 0.5f) / 0.5f;
        x = conv.call(cat(new[] { red, green, blue }, 1));
        return head.call(functional.relu(x).flatten(1));
    }
}

/// <summary>The last layer's final state.</summary>
public class FinalStateOfStack : Module<Tensor, Tensor>
{
    private readonly LSTM lstm = LSTM(5, 12, numLayers: 2, batchFirst: true);
    private readonly Linear fc = Linear(12, 3);

    public FinalStateOfStack() : base(nameof(FinalStateOfStack)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        var (_, hidden, _) = lstm.call(x);
        return fc.call(hidden[-1]);
    }
}

public class FinalStateOfOne : Module<Tensor, Tensor>
{
    private readonly GRU gru = GRU(5, 12);
    private readonly Linear fc = Linear(12, 3);

    public FinalStateOfOne() : base(nameof(FinalStateOfOne)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        var (_, state) = gru.call(x);
        return fc.call(functional.relu(state[0]));
    }
}
