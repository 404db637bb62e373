using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

namespace Networks.LearnedTensors;

/// <summary>Matrix products with parameters, as a course on the basics has them.</summary>
public class MlpByHand : Module<Tensor, Tensor>
{
    private readonly Parameter w1, b1, w2, b2;

    public MlpByHand(int inputs = 20, int hidden = 32, int outputs = 5) : base(nameof(MlpByHand))
    {
        w1 = Parameter(randn(inputs, hidden) * 0.05);
        b1 = Parameter(zeros(hidden));
        w2 = Parameter(randn(hidden, outputs) * 0.05);
        b2 = Parameter(zeros(outputs));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var h = F.relu(matmul(x, w1) + b1);
        return h.matmul(w2) + b2;
    }
}

/// <summary>torch.nn.Linear written again.</summary>
public class OwnLinear : Module<Tensor, Tensor>
{
    private readonly Parameter weight, bias;

    public OwnLinear(int inputs, int outputs) : base(nameof(OwnLinear))
    {
        weight = Parameter(empty(outputs, inputs));
        bias = Parameter(empty(outputs));
        init.xavier_normal_(weight);
        init.zeros_(bias);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => F.linear(x, weight, bias);
}

public class LinearByHand : Module<Tensor, Tensor>
{
    private readonly OwnLinear first = new(24, 48), second = new(48, 48), third = new(48, 48), last = new(48, 6);

    public LinearByHand() : base(nameof(LinearByHand)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        x = sigmoid(first.forward(x));
        x = sigmoid(second.forward(x));
        x = sigmoid(third.forward(x));
        return last.forward(x);
    }
}

/// <summary>Weights of variance 1, scaled where they are used (Karras et al. 2018, arXiv:1710.10196); the shape is input first.</summary>
public class EqualizedLinear : Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly double gain;

    public EqualizedLinear(int inputs, int outputs) : base(nameof(EqualizedLinear))
    {
        weight = Parameter(randn(inputs, outputs));
        gain = Math.Sqrt(2.0 / inputs);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => x.matmul(weight * gain);
}

public class EqualizedMlp : Module<Tensor, Tensor>
{
    private readonly EqualizedLinear first = new(16, 64), second = new(64, 64), last = new(64, 4);

    public EqualizedMlp() : base(nameof(EqualizedMlp)) => RegisterComponents();

    public override Tensor forward(Tensor x) => last.forward(F.relu(second.forward(F.relu(first.forward(x)))));
}

/// <summary>A scale for each feature, not 1 and not all the same.</summary>
public class ScaledMlp : Module<Tensor, Tensor>
{
    private readonly Linear first = Linear(18, 64), second = Linear(64, 64), last = Linear(64, 5);
    private readonly Parameter small, random;

    public ScaledMlp() : base(nameof(ScaledMlp))
    {
        small = Parameter(0.1f * ones(64));
        random = Parameter(empty(64));
        init.normal_(random, 0.5, 0.5);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = F.relu(first.forward(x)) * small;
        x = F.relu(second.forward(x)) * random;
        return last.forward(x);
    }
}

/// <summary>A random vector is added to every sample before each activation.</summary>
public class ShiftedMlp : Module<Tensor, Tensor>
{
    private readonly Linear first = Linear(18, 64), second = Linear(64, 64), last = Linear(64, 5);
    private readonly Parameter one, two;

    public ShiftedMlp() : base(nameof(ShiftedMlp))
    {
        one = Parameter(randn(64));
        two = Parameter(randn(64).mul(0.5));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = tanh(first.forward(x) + one);
        x = tanh(second.forward(x).add(two));
        return last.forward(x);
    }
}

/// <summary>Dosovitskiy et al. 2020: a class token before the patches, positions learned.</summary>
public class TokenTransformer : Module<Tensor, Tensor>
{
    private readonly Conv2d patches;
    private readonly Parameter token, positions;
    private readonly ModuleList<Module<Tensor, Tensor>> blocks = new();
    private readonly LayerNorm norm;
    private readonly Linear head;

    public TokenTransformer(int width = 24, int depth = 2) : base(nameof(TokenTransformer))
    {
        patches = Conv2d(3, width, kernel_size: 4, stride: 4);
        token = Parameter(zeros(1, 1, width));
        positions = Parameter(randn(1, 17, width) * 0.02f);
        for (var i = 0; i < depth; i++)
            blocks.Add(new TokenMixer(width));
        norm = LayerNorm(width);
        head = Linear(width, 10);
        RegisterComponents();
    }

    public override Tensor forward(Tensor image)
    {
        var x = patches.forward(image).flatten(2).transpose(1, 2);
        x = cat(new[] { token.expand(x.shape[0], -1, -1), x }, dim: 1) + positions;
        foreach (var block in blocks)
            x = block.forward(x);
        return head.forward(norm.forward(x)[.., 0]);
    }
}

public class TokenMixer : Module<Tensor, Tensor>
{
    private readonly LayerNorm norm1, norm2;
    private readonly Linear query, key, value, output, wide, narrow;
    private readonly double scale;

    public TokenMixer(int width) : base(nameof(TokenMixer))
    {
        norm1 = LayerNorm(width);
        norm2 = LayerNorm(width);
        query = Linear(width, width);
        key = Linear(width, width);
        value = Linear(width, width);
        output = Linear(width, width);
        wide = Linear(width, 4 * width);
        narrow = Linear(4 * width, width);
        scale = 1 / Math.Sqrt(width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var y = norm1.forward(x);
        var weights = (query.forward(y).matmul(key.forward(y).transpose(-2, -1)) * scale).softmax(-1);
        x = x + output.forward(weights.matmul(value.forward(y)));
        return x + narrow.forward(F.gelu(wide.forward(norm2.forward(x))));
    }
}

/// <summary>nanoGPT's embedding, with a table of positions that is a parameter.</summary>
public class LearnedPositionGpt : Module<Tensor, Tensor>
{
    private readonly Embedding tokens = Embedding(40, 16);
    private readonly Parameter positions = Parameter(randn(12, 16) * 0.02);
    private readonly LayerNorm norm = LayerNorm(16);
    private readonly Linear head = Linear(16, 40, hasBias: false);

    public LearnedPositionGpt() : base(nameof(LearnedPositionGpt)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        var length = x.shape[1];
        var h = tokens.forward(x) + positions[TensorIndex.Slice(0, length)].unsqueeze(0);
        return head.forward(norm.forward(h));
    }
}

/// <summary>Liu et al. 2022, with the layer scale of Touvron et al. 2021.</summary>
public class ConvNextBlock : Module<Tensor, Tensor>
{
    private readonly Conv2d depthwise = Conv2d(6, 6, 3, padding: 1, groups: 6);
    private readonly Linear wide = Linear(6, 24), narrow = Linear(24, 6);
    private readonly Parameter weight = Parameter(ones(6)), bias = Parameter(zeros(6)), gamma = Parameter(full(6, 1e-2f));

    public ConvNextBlock() : base(nameof(ConvNextBlock)) => RegisterComponents();

    public override Tensor forward(Tensor input)
    {
        var x = depthwise.forward(input).permute(0, 2, 3, 1);
        x = F.layer_norm(x, new long[] { 6 }, weight, bias, 1e-6);
        x = narrow.forward(F.gelu(wide.forward(x)));
        return input + (gamma * x).permute(0, 3, 1, 2);
    }
}

/// <summary>The same matrices written with indices.</summary>
public class EinsumMixer : Module<Tensor, Tensor>
{
    private readonly Parameter project = Parameter(empty(12, 20)), back = Parameter(empty(12, 20));

    public EinsumMixer() : base(nameof(EinsumMixer))
    {
        init.xavier_uniform_(project);
        init.kaiming_normal_(back);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => einsum("bto,io->bti", tanh(einsum("bti,io->bto", x, project)), back);
}

/// <summary>Queries that are learned look at a set (Lee et al. 2019, arXiv:1810.00825).</summary>
public class QueryPooling : Module<Tensor, Tensor>
{
    private readonly Parameter queries = Parameter(randn(3, 8));
    private readonly Linear key = Linear(8, 8), value = Linear(8, 8), head = Linear(8, 2);

    public QueryPooling() : base(nameof(QueryPooling)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        var weights = (queries.unsqueeze(0).matmul(key.forward(x).transpose(1, 2)) / Math.Sqrt(8)).softmax(-1);
        return head.forward(weights.matmul(value.forward(x)));
    }
}

/// <summary>Vaswani et al. 2017: a table of sines, which is no parameter.</summary>
public class SinusoidalEncoder : Module<Tensor, Tensor>
{
    private readonly Tensor table;
    private readonly Linear embed = Linear(16, 16), head = Linear(16, 3);

    public SinusoidalEncoder(int length = 30, int width = 16) : base(nameof(SinusoidalEncoder))
    {
        var position = arange(length).unsqueeze(1).to(ScalarType.Float32);
        var rate = (arange(0, width, 2).to(ScalarType.Float32) * (-Math.Log(10000.0) / width)).exp();
        table = zeros(length, width);
        table[.., TensorIndex.Slice(0, null, 2)] = (position * rate).sin();
        table[.., TensorIndex.Slice(1, null, 2)] = (position * rate).cos();
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => head.forward(embed.forward(x) + table[..(int)x.shape[1]]);
}

/// <summary>A recurrent layer whose first state is learned.</summary>
public class LearnedState : Module<Tensor, Tensor>
{
    private readonly Parameter start = Parameter(zeros(1, 1, 10));
    private readonly GRU gru = GRU(3, 10, batchFirst: true);
    private readonly Linear head = Linear(10, 2);

    public LearnedState() : base(nameof(LearnedState)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        var (output, _) = gru.forward(x, start.expand(1, x.shape[0], 10).contiguous());
        return head.forward(output);
    }
}

/// <summary>(x − mean) / √(variance + ε) between layers.</summary>
public class NormalizedByHand : Module<Tensor, Tensor>
{
    private readonly Linear first = Linear(12, 40), second = Linear(40, 40), last = Linear(40, 5);

    public NormalizedByHand() : base(nameof(NormalizedByHand))
    {
        init.normal_(first.weight, 0, 2);
        RegisterComponents();
    }

    private static Tensor Normalize(Tensor x)
    {
        var mean = x.mean(new long[] { -1 }, keepdim: true);
        var centered = x - mean;
        var variance = centered.pow(2).mean(new long[] { -1 }, keepdim: true);
        return centered / sqrt(variance + 1e-5);
    }

    public override Tensor forward(Tensor x) => last.forward(F.relu(Normalize(second.forward(F.relu(Normalize(first.forward(x)))))));
}

/// <summary>LayerNorm as "The Annotated Transformer" has it.</summary>
public class AnnotatedNorm : Module<Tensor, Tensor>
{
    private readonly Parameter a_2, b_2;
    private readonly double eps;

    public AnnotatedNorm(int features, double eps = 1e-6) : base(nameof(AnnotatedNorm))
    {
        a_2 = Parameter(ones(features));
        b_2 = Parameter(zeros(features));
        this.eps = eps;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var mean = x.mean(new long[] { -1 }, keepdim: true);
        var std = x.std(-1, keepdim: true);
        return a_2 * (x - mean) / (std + eps) + b_2;
    }
}

public class AnnotatedNorms : Module<Tensor, Tensor>
{
    private readonly Linear first = Linear(16, 64), second = Linear(64, 64), last = Linear(64, 4);
    private readonly AnnotatedNorm norm1 = new(64), norm2 = new(64);

    public AnnotatedNorms() : base(nameof(AnnotatedNorms)) => RegisterComponents();

    public override Tensor forward(Tensor x) => last.forward(tanh(norm2.forward(second.forward(tanh(norm1.forward(first.forward(x)))))));
}

/// <summary>The norm of Segment Anything and ConvNeXt: over the channels of each position.</summary>
public class ChannelNorm : Module<Tensor, Tensor>
{
    private readonly Parameter weight, bias;

    public ChannelNorm(int channels) : base(nameof(ChannelNorm))
    {
        weight = Parameter(ones(channels));
        bias = Parameter(zeros(channels));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var u = x.mean(new long[] { 1 }, keepdim: true);
        var s = (x - u).pow(2).mean(new long[] { 1 }, keepdim: true);
        x = (x - u) / sqrt(s + 1e-6);
        return weight[TensorIndex.Colon, TensorIndex.None, TensorIndex.None] * x + bias[TensorIndex.Colon, TensorIndex.None, TensorIndex.None];
    }
}

public class ChannelNorms : Module<Tensor, Tensor>
{
    private readonly Conv2d first = Conv2d(3, 16, 3, padding: 1), second = Conv2d(16, 16, 3, padding: 1), last = Conv2d(16, 2, 1);
    private readonly ChannelNorm norm1 = new(16), norm2 = new(16);

    public ChannelNorms() : base(nameof(ChannelNorms)) => RegisterComponents();

    public override Tensor forward(Tensor x) => last.forward(F.gelu(norm2.forward(second.forward(F.gelu(norm1.forward(first.forward(x)))))));
}

/// <summary>functional.layer_norm with a scale that is not 1.</summary>
public class FunctionalNorms : Module<Tensor, Tensor>
{
    private readonly Linear first = Linear(10, 50), second = Linear(50, 50), last = Linear(50, 5);
    private readonly Parameter gamma = Parameter(full(50, 0.2)), beta = Parameter(zeros(50));

    public FunctionalNorms() : base(nameof(FunctionalNorms)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        x = F.relu(F.layer_norm(first.forward(x), new long[] { 50 }, gamma, beta));
        x = F.relu(F.layer_norm(second.forward(x), new long[] { 50 }));
        return last.forward(x);
    }
}

/// <summary>MobileNetV2's blocks as TorchVision builds them: norms by a function that may be given, sizes rounded, an optional number.</summary>
public class InvertedResiduals : Module<Tensor, Tensor>
{
    private readonly Sequential features;

    public InvertedResiduals(double multiplier = 0.5, Func<long, Module<Tensor, Tensor>>? norm = null) : base(nameof(InvertedResiduals))
    {
        norm ??= BatchNorm2d_;
        var width = Divisible(32 * multiplier, 8);
        var layers = new List<Module<Tensor, Tensor>> { Conv2d(3, width, 3, padding: 1, bias: false), norm(width), ReLU6() };
        foreach (var (expand, channels, stride) in new[] { (1, 16, 1), (6, 24, 2), (6, 24, 1) })
        {
            var outputs = Divisible(channels * multiplier, 8);
            layers.Add(new InvertedBlock(width, outputs, stride, expand, norm));
            width = outputs;
        }

        features = Sequential(layers);
        RegisterComponents();
    }

    private static Module<Tensor, Tensor> BatchNorm2d_(long width) => BatchNorm2d(width);

    public static long Divisible(double v, long divisor, long? least = null)
    {
        if (!least.HasValue)
            least = divisor;
        var rounded = Math.Max(least.Value, (long)(v + divisor / 2.0) / divisor * divisor);
        return rounded < 0.9 * v ? rounded + divisor : rounded;
    }

    public override Tensor forward(Tensor x) => features.forward(x);
}

public class InvertedBlock : Module<Tensor, Tensor>
{
    private readonly Sequential conv;
    private readonly bool isResidual;

    public InvertedBlock(long inputs, long outputs, long stride, double expand, Func<long, Module<Tensor, Tensor>> norm) : base(nameof(InvertedBlock))
    {
        if (stride != 1 && stride != 2)
            throw new ArgumentOutOfRangeException(nameof(stride));
        var hidden = (long)Math.Round(inputs * expand);
        isResidual = stride == 1 && inputs == outputs;
        var layers = new List<Module<Tensor, Tensor>>();
        if (expand != 1)
            layers.AddRange(new List<Module<Tensor, Tensor>> { Conv2d(inputs, hidden, 1, bias: false), norm(hidden), ReLU6() });
        layers.Add(Conv2d(hidden, hidden, 3, stride: stride, padding: 1, groups: hidden, bias: false));
        layers.Add(norm(hidden));
        layers.Add(ReLU6());
        layers.Add(Conv2d(hidden, outputs, 1, bias: false));
        layers.Add(norm(outputs));
        conv = Sequential(layers);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        if (isResidual)
            return x + conv.forward(x);
        else
            return conv.forward(x);
    }
}

/// <summary>A matrix for each head is no linear layer: it must be opaque, not wrong.</summary>
public class HeadsByHand : Module<Tensor, Tensor>
{
    private readonly Parameter heads = Parameter(randn(4, 8, 8) * 0.3);
    private readonly Linear embed = Linear(8, 8), head = Linear(8, 1);

    public HeadsByHand() : base(nameof(HeadsByHand)) => RegisterComponents();

    public override Tensor forward(Tensor x) => head.forward(matmul(embed.forward(x).unsqueeze(0), heads)).sum(dim: 0);
}
