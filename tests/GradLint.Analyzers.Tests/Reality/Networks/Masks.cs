using System;
using System.Linq;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Networks.Masks;

/// <summary>Dropout written by hand in three ways, in one chain.</summary>
public class DroppedByHand : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(24, 96), fc2 = Linear(96, 96), fc3 = Linear(96, 96), fc4 = Linear(96, 6);

    public DroppedByHand() : base(nameof(DroppedByHand)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        x = Drop(functional.relu(fc1.forward(x)), 0.5);
        x = functional.relu(fc2.forward(x));
        x = x * (rand(x.shape) + 0.4).floor();
        x = functional.relu(fc3.forward(x));
        var kept = bernoulli(full(x.shape[0], 1, 0.7));
        return fc4.forward(x.div(0.7) * kept);
    }

    private static Tensor Drop(Tensor x, double p)
    {
        if (p == 0)
            return x;
        var mask = (rand_like(x) > p).to(ScalarType.Float32);
        return mask * x / (1 - p);
    }
}

/// <summary>Huang et al. 2016, as timm has it.</summary>
public class DropPath : Module<Tensor, Tensor>
{
    private readonly double p;

    public DropPath(double p) : base(nameof(DropPath)) => this.p = p;

    public override Tensor forward(Tensor x)
    {
        if (p == 0 || !training)
            return x;
        var keep = 1 - p;
        var shape = new long[] { x.shape[0] }.Concat(Enumerable.Repeat(1L, (int)x.dim() - 1)).ToArray();
        var mask = empty(shape).bernoulli_(keep);
        if (keep > 0)
            mask.div_(keep);
        return x * mask;
    }
}

public class StochasticBlock : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1, conv2;
    private readonly BatchNorm2d norm1, norm2;
    private readonly DropPath drop;

    public StochasticBlock(int width, double p) : base(nameof(StochasticBlock))
    {
        conv1 = Conv2d(width, width, 3, padding: 1, bias: false);
        norm1 = BatchNorm2d(width);
        conv2 = Conv2d(width, width, 3, padding: 1, bias: false);
        norm2 = BatchNorm2d(width);
        drop = new(p);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => functional.relu(x + drop.forward(norm2.forward(conv2.forward(functional.relu(norm1.forward(conv1.forward(x)))))));
}

public class StochasticDepth : Module<Tensor, Tensor>
{
    private readonly Conv2d stem;
    private readonly Sequential blocks;
    private readonly Linear head;

    public StochasticDepth(int width = 8, int depth = 3, double rate = 0.2) : base(nameof(StochasticDepth))
    {
        stem = Conv2d(3, width, 3, padding: 1);
        blocks = Sequential();
        for (var i = 0; i < depth; i++)
            blocks.append(new StochasticBlock(width, rate * i / (depth - 1)));
        head = Linear(width, 10);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => head.forward(blocks.forward(stem.forward(x)).mean(new long[] { 2, 3 }));
}

/// <summary>Positions by rotation (Su et al. 2021) and by a table of biases (Liu et al. 2021).</summary>
public class RotaryAttention : Module<Tensor, Tensor>
{
    private readonly Linear q_proj, k_proj, v_proj, o_proj;
    private readonly Parameter bias_table;
    private readonly Tensor cos, sin, index;
    private readonly int heads;

    public RotaryAttention(int width = 32, int heads = 4, int length = 6) : base(nameof(RotaryAttention))
    {
        this.heads = heads;
        q_proj = Linear(width, width);
        k_proj = Linear(width, width);
        v_proj = Linear(width, width);
        o_proj = Linear(width, width);
        bias_table = Parameter(randn(2 * length - 1, heads) * 0.02);
        var positions = arange(length);
        index = positions.unsqueeze(1) - positions.unsqueeze(0) + (length - 1);
        var size = width / heads;
        var frequencies = exp(arange(0, size, 2).to(ScalarType.Float32) * (-Math.Log(10000) / size));
        var angles = positions.to(ScalarType.Float32).unsqueeze(1) * frequencies.unsqueeze(0);
        var both = cat(new[] { angles, angles }, -1);
        cos = both.cos();
        sin = both.sin();
        register_buffer("cos", cos);
        register_buffer("sin", sin);
        register_buffer("index", index);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        long b = x.shape[0], n = x.shape[1], width = x.shape[2];
        var q = Rotate(q_proj.forward(x).view(b, n, heads, width / heads).transpose(1, 2));
        var k = Rotate(k_proj.forward(x).view(b, n, heads, width / heads).transpose(1, 2));
        var v = v_proj.forward(x).view(b, n, heads, width / heads).transpose(1, 2);
        var scores = matmul(q, k.transpose(-2, -1)) / Math.Sqrt(width / heads);
        scores = scores + bias_table[index.view(-1)].view(n, n, -1).permute(2, 0, 1).unsqueeze(0);
        var y = matmul(functional.softmax(scores, -1), v).transpose(1, 2).contiguous().view(b, n, width);
        return o_proj.forward(y);
    }

    private Tensor Rotate(Tensor x)
    {
        var halves = x.chunk(2, -1);
        return x * cos + cat(new[] { -halves[1], halves[0] }, -1) * sin;
    }
}

/// <summary>Hidden positions as BERT and as GPT-2 have them: large negative numbers, and where.</summary>
public class MaskedAttention : Module<Tensor, Tensor, Tensor>
{
    private readonly Linear q1, k1, v1, q2, k2, v2;
    private readonly int width;

    public MaskedAttention(int width = 16) : base(nameof(MaskedAttention))
    {
        this.width = width;
        (q1, k1, v1) = (Linear(width, width), Linear(width, width), Linear(width, width));
        (q2, k2, v2) = (Linear(width, width), Linear(width, width), Linear(width, width));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Tensor mask)
    {
        var hidden = (1.0 - mask.unsqueeze(1)) * -10000.0;
        var scores = matmul(q1.forward(x), k1.forward(x).transpose(-2, -1)) / Math.Sqrt(width);
        x = x + matmul(functional.softmax(scores + hidden, -1), v1.forward(x));

        var causal = ones(x.shape[1], x.shape[1]).tril().to(ScalarType.Bool);
        scores = matmul(q2.forward(x), k2.forward(x).transpose(-2, -1)) / Math.Sqrt(width);
        scores = where(causal, scores, full(1, 1, float.MinValue));
        return x + matmul(functional.softmax(scores, -1), v2.forward(x));
    }
}
