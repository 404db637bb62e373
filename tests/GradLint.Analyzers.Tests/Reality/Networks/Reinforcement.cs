using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace Networks.Reinforcement;

/// <summary>Mnih et al. 2015, for a small state.</summary>
public class Dqn : Module<Tensor, Tensor>
{
    private readonly Linear layer1, layer2, layer3;

    public Dqn(int nObservations = 4, int nActions = 2) : base("DQN")
    {
        layer1 = Linear(nObservations, 128);
        layer2 = Linear(128, 128);
        layer3 = Linear(128, nActions);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = relu(layer1.forward(x));
        x = relu(layer2.forward(x));
        return layer3.forward(x);
    }
}

/// <summary>Mnih et al. 2015, for frames.</summary>
public class AtariDqn : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> conv, fc;

    public AtariDqn(long channels = 4, long actions = 6) : base(nameof(AtariDqn))
    {
        conv = Sequential(
            Conv2d(channels, 32, 8, stride: 4), ReLU(),
            Conv2d(32, 64, 4, stride: 2), ReLU(),
            Conv2d(64, 64, 3), ReLU());
        fc = Sequential(Linear(ConvOutput(84) * ConvOutput(84) * 64, 512), ReLU(), Linear(512, actions));
        RegisterComponents();
    }

    private static long ConvOutput(long size)
    {
        foreach (var (kernel, stride) in new (long, long)[] { (8, 4), (4, 2), (3, 1) })
            size = (size - kernel) / stride + 1;
        return size;
    }

    public override Tensor forward(Tensor x)
    {
        var features = conv.call(x / 255.0).view(x.size(0), -1);
        return fc.call(features);
    }
}

/// <summary>Wang et al. 2015.</summary>
public class DuelingDqn : Module<Tensor, Tensor>
{
    private readonly Sequential feature, value, advantage;

    public DuelingDqn(long inputs = 8, long actions = 4, long hidden = 64) : base(nameof(DuelingDqn))
    {
        feature = Sequential(Linear(inputs, hidden), ReLU());
        value = Sequential(Linear(hidden, hidden), ReLU(), Linear(hidden, 1));
        advantage = Sequential(Linear(hidden, hidden), ReLU(), Linear(hidden, actions));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = feature.call(x);
        var v = value.call(x);
        var a = advantage.call(x);
        return v + (a - a.mean(new long[] { 1 }, keepdim: true));
    }
}

/// <summary>Fortunato et al. 2017: weights with learned noise.</summary>
public class NoisyLinear : Module<Tensor, Tensor>
{
    private readonly Parameter weight_mu, weight_sigma, bias_mu, bias_sigma;
    private readonly long inFeatures, outFeatures;

    public NoisyLinear(long inFeatures, long outFeatures, double std_init = 0.5) : base(nameof(NoisyLinear))
    {
        this.inFeatures = inFeatures;
        this.outFeatures = outFeatures;
        weight_mu = Parameter(empty(outFeatures, inFeatures));
        weight_sigma = Parameter(empty(outFeatures, inFeatures));
        bias_mu = Parameter(empty(outFeatures));
        bias_sigma = Parameter(empty(outFeatures));
        var range = 1 / Math.Sqrt(inFeatures);
        init.uniform_(weight_mu, -range, range);
        init.constant_(weight_sigma, std_init / Math.Sqrt(inFeatures));
        init.uniform_(bias_mu, -range, range);
        init.constant_(bias_sigma, std_init / Math.Sqrt(outFeatures));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        if (!training)
            return linear(x, weight_mu, bias_mu);
        var epsilonIn = randn(inFeatures);
        var epsilonOut = randn(outFeatures);
        var weight = weight_mu + weight_sigma * epsilonOut.unsqueeze(1) * epsilonIn.unsqueeze(0);
        return linear(x, weight, bias_mu + bias_sigma * epsilonOut);
    }
}

public class NoisyDqn : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> fc1, fc2, fc3;

    public NoisyDqn(bool noisy = true) : base(nameof(NoisyDqn))
    {
        fc1 = Linear(8, 32);
        fc2 = noisy ? new NoisyLinear(32, 32) : Linear(32, 32);
        fc3 = noisy ? new NoisyLinear(32, 4) : Linear(32, 4);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => fc3.call(relu(fc2.call(relu(fc1.call(x)))));
}

/// <summary>Schulman et al. 2017: one trunk, two heads, orthogonal initialization.</summary>
public class ActorCritic : Module<Tensor, (Tensor logits, Tensor value)>
{
    private readonly Sequential trunk;
    private readonly Linear actor, critic;

    public ActorCritic(int observations = 8, int actions = 4, int hidden = 64) : base(nameof(ActorCritic))
    {
        trunk = Sequential(
            LayerInit(Linear(observations, hidden)), Tanh(),
            LayerInit(Linear(hidden, hidden)), Tanh());
        actor = LayerInit(Linear(hidden, actions), std: 0.01);
        critic = LayerInit(Linear(hidden, 1), std: 1.0);
        RegisterComponents();
    }

    private static Linear LayerInit(Linear layer, double? std = null, double biasConst = 0.0)
    {
        init.orthogonal_(layer.weight, std ?? Math.Sqrt(2));
        init.constant_(layer.bias!, biasConst);
        return layer;
    }

    public override (Tensor logits, Tensor value) forward(Tensor x)
    {
        var h = trunk.call(x);
        return (actor.call(h), critic.call(h));
    }
}

/// <summary>The policy alone, its log-deviation a parameter beside the network.</summary>
public class GaussianPolicy : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(8, 64), fc2 = Linear(64, 64), mean = Linear(64, 2);
    private readonly Parameter log_std;

    public GaussianPolicy() : base(nameof(GaussianPolicy))
    {
        log_std = Parameter(zeros(2));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = torch.tanh(fc1.call(x));
        x = torch.tanh(fc2.call(x));
        return mean.call(x);
    }

    public Tensor Deviation() => log_std.exp();
}

/// <summary>Lillicrap et al. 2015: state and action in, one value out.</summary>
public class DdpgCritic : Module<Tensor, Tensor, Tensor>
{
    private readonly Linear l1, l2, l3;

    public DdpgCritic(int stateDim = 6, int actionDim = 2) : base("critic")
    {
        l1 = Linear(stateDim + actionDim, 64);
        l2 = Linear(64, 64);
        l3 = Linear(64, 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor state, Tensor action)
    {
        var q = cat(new[] { state, action }, 1);
        q = relu(l1.call(q));
        q = relu(l2.call(q));
        return l3.call(q);
    }
}

/// <summary>Haarnoja et al. 2018: two critics side by side.</summary>
public class TwinCritic : Module<Tensor, Tensor, (Tensor, Tensor)>
{
    private readonly Sequential q1, q2;

    public TwinCritic() : base(nameof(TwinCritic))
    {
        q1 = Mlp(8, 32, 1);
        q2 = Mlp(8, 32, 1);
        RegisterComponents();
    }

    private static Sequential Mlp(params int[] sizes)
    {
        var net = Sequential();
        for (var i = 0; i + 1 < sizes.Length; i++)
        {
            net.append(Linear(sizes[i], sizes[i + 1]));
            if (i + 2 < sizes.Length)
                net.append(ReLU());
        }

        return net;
    }

    public override (Tensor, Tensor) forward(Tensor state, Tensor action)
    {
        var x = torch.cat(new[] { state, action }, dim: -1);
        return (q1.call(x), q2.call(x));
    }
}
