using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Networks.HandWritten;

/// <summary>Multi-head attention as minGPT has it.</summary>
public class CausalSelfAttention : Module<Tensor, Tensor>
{
    private readonly Linear query, key, value, projection;
    private readonly int heads;

    public CausalSelfAttention(int width = 16, int heads = 4) : base(nameof(CausalSelfAttention))
    {
        this.heads = heads;
        query = Linear(width, width);
        key = Linear(width, width);
        value = Linear(width, width);
        projection = Linear(width, width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        long b = x.shape[0], t = x.shape[1], width = x.shape[2];
        var q = query.forward(x).view(b, t, heads, width / heads).transpose(1, 2);
        var k = key.forward(x).view(b, t, heads, width / heads).transpose(1, 2);
        var v = value.forward(x).view(b, t, heads, width / heads).transpose(1, 2);
        var scores = matmul(q, k.transpose(-2, -1)) / Math.Sqrt(width / heads);
        var future = ones(t, t).triu(1).to(ScalarType.Bool);
        var weights = functional.softmax(scores.masked_fill(future, float.NegativeInfinity), dim: -1);
        var y = matmul(weights, v).transpose(1, 2).contiguous().view(b, t, width);
        return projection.forward(y);
    }
}

/// <summary>One projection for query, key and value, as timm has it.</summary>
public class ChunkedAttention : Module<Tensor, Tensor>
{
    private readonly Linear qkv, projection;
    private readonly double scale;

    public ChunkedAttention(int width = 16) : base(nameof(ChunkedAttention))
    {
        scale = Math.Pow(width, -0.5);
        qkv = Linear(width, 3 * width, hasBias: false);
        projection = Linear(width, width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var parts = qkv.forward(x).chunk(3, -1);
        var attention = (parts[0] * scale).matmul(parts[1].transpose(-2, -1)).softmax(-1);
        return projection.forward(attention.matmul(parts[2]));
    }
}

/// <summary>Bahdanau et al. 2014.</summary>
public class AdditiveAttention : Module<Tensor, Tensor, Tensor>
{
    private readonly Linear query = Linear(8, 12), key = Linear(8, 12), energy = Linear(12, 1);

    public AdditiveAttention() : base(nameof(AdditiveAttention)) => RegisterComponents();

    public override Tensor forward(Tensor decoder, Tensor encoder)
    {
        var together = tanh(query.forward(decoder).unsqueeze(1) + key.forward(encoder));
        var weights = functional.softmax(energy.forward(together).squeeze(-1), dim: 1);
        return bmm(weights.unsqueeze(1), encoder).squeeze(1);
    }
}

/// <summary>Dauphin et al. 2016, spelled out.</summary>
public class GatedLinearUnit : Module<Tensor, Tensor>
{
    private readonly Conv1d conv = Conv1d(8, 24, 3, padding: 1);
    private readonly Linear head = Linear(12, 1);

    public GatedLinearUnit() : base(nameof(GatedLinearUnit)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        var halves = conv.forward(x).chunk(2, 1);
        return head.forward((halves[0] * sigmoid(halves[1])).mean(new long[] { 2 }));
    }
}

/// <summary>Srivastava et al. 2015, with 1 − t written as it stands.</summary>
public class HighwayStack : Module<Tensor, Tensor>
{
    private readonly ModuleList<Linear> gates = new(), transforms = new();

    public HighwayStack(int depth = 3) : base(nameof(HighwayStack))
    {
        for (int i = 0; i < depth; i++)
        {
            gates.Add(Linear(12, 12));
            transforms.Add(Linear(12, 12));
        }

        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        for (int i = 0; i < gates.Count; i++)
        {
            var t = sigmoid(gates[i].forward(x));
            x = t * functional.relu(transforms[i].forward(x)) + (1 - t) * x;
        }

        return x;
    }
}

/// <summary>The equations of an LSTM over a known number of steps.</summary>
public class LstmByHand : Module<Tensor, Tensor>
{
    private readonly Linear fromInput = Linear(3, 4 * 5), fromState = Linear(5, 4 * 5), head = Linear(5, 1);

    public LstmByHand() : base(nameof(LstmByHand)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        Tensor h = zeros(x.shape[0], 5), c = zeros(x.shape[0], 5);
        for (int t = 0; t < 6; t++)
        {
            var gates = (fromInput.forward(x.select(1, t)) + fromState.forward(h)).chunk(4, 1);
            c = sigmoid(gates[0]) * c + sigmoid(gates[1]) * tanh(gates[2]);
            h = sigmoid(gates[3]) * tanh(c);
        }

        return head.forward(h);
    }
}

/// <summary>A cell over tokens, with logits at every step.</summary>
public class GruLanguageModel : Module<Tensor, Tensor>
{
    private readonly Embedding embed = Embedding(30, 8);
    private readonly GRUCell cell = GRUCell(8, 10);
    private readonly Linear head = Linear(10, 30);

    public GruLanguageModel() : base(nameof(GruLanguageModel)) => RegisterComponents();

    public override Tensor forward(Tensor tokens)
    {
        var h = zeros(tokens.shape[0], 10);
        var logits = new List<Tensor>();
        for (int t = 0; t < tokens.shape[1]; t++)
        {
            h = cell.forward(embed.forward(tokens.select(1, t)), h);
            logits.Add(head.forward(h));
        }

        return stack(logits, 1);
    }
}

/// <summary>An LSTM cell with both of its states.</summary>
public class LstmCellClassifier : Module<Tensor, Tensor>
{
    private readonly LSTMCell cell = LSTMCell(3, 6);
    private readonly Linear head = Linear(6, 2);

    public LstmCellClassifier() : base(nameof(LstmCellClassifier)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        Tensor h = zeros(x.shape[0], 6), c = zeros(x.shape[0], 6);
        for (int t = 0; t < x.shape[1]; t++)
            (h, c) = cell.forward(x.select(1, t), (h, c));
        return head.forward(h);
    }
}

/// <summary>A plain cell over an unbound sequence.</summary>
public class RnnCellTagger : Module<Tensor, Tensor>
{
    private readonly RNNCell cell = RNNCell(3, 6);
    private readonly Linear head = Linear(6, 2);

    public RnnCellTagger() : base(nameof(RnnCellTagger)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        var h = zeros(x.shape[0], 6);
        foreach (var step in x.unbind(1))
            h = cell.forward(step, h);
        return head.forward(h);
    }
}

/// <summary>Two cells, one over the other, that begin with the states of a helper.</summary>
public class StackedCells : Module<Tensor, Tensor>
{
    private readonly LSTMCell first = LSTMCell(3, 12), second = LSTMCell(12, 10);
    private readonly Linear head = Linear(10, 4);

    public StackedCells() : base(nameof(StackedCells)) => RegisterComponents();

    private static (Tensor h, Tensor c) InitHidden(long batch, long hidden) => (zeros(batch, hidden), zeros(batch, hidden));

    public override Tensor forward(Tensor x)
    {
        var lower = InitHidden(x.shape[0], 12);
        var (h, c) = InitHidden(x.shape[0], 10);
        for (var t = 0; t < x.shape[1]; t++)
        {
            lower = first.call(x[.., t, ..], lower);
            (h, c) = second.call(lower.h, (h, c));
        }

        return head.call(h);
    }
}

/// <summary>A cell whose first state is null: zeros.</summary>
public class NullStateTagger : Module<Tensor, Tensor>
{
    private readonly GRUCell cell = GRUCell(3, 16);
    private readonly Linear head = Linear(16, 4);

    public NullStateTagger() : base(nameof(NullStateTagger)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        Tensor? h = null;
        var outputs = new List<Tensor>();
        for (var t = 0; t < x.shape[1]; t++)
        {
            h = cell.call(x.select(1, t), h);
            outputs.Add(h);
        }

        return head.call(stack(outputs, 1));
    }
}

/// <summary>Two sequences by their last steps, from states that forward makes and arranges.</summary>
public class LastSteps : Module<Tensor, Tensor>
{
    private readonly LSTM lstm = LSTM(3, 12, batchFirst: true);
    private readonly GRU gru = GRU(12, 10);
    private readonly LayerNorm norm = LayerNorm(10);
    private readonly Linear head = Linear(12 + 10, 4);

    public LastSteps() : base(nameof(LastSteps)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        var start = zeros(x.shape[0], 12).unsqueeze(0);
        var (a, _, _) = lstm.call(x, (start, start));
        var (b, _) = gru.call(a.transpose(0, 1), zeros(1, 1, 10).expand(1, x.shape[0], 10));
        b = norm.call(b.permute(1, 0, 2));
        return head.call(cat(new[] { a.select(1, a.shape[1] - 1), b[.., ^1, ..] }, 1));
    }
}

/// <summary>A state that is kept from call to call, without its gradient.</summary>
public class StatefulForecaster : Module<Tensor, Tensor>
{
    private readonly LSTM lstm = LSTM(3, 12, batchFirst: true);
    private readonly Linear head = Linear(12, 1);
    private Tensor? h, c;

    public StatefulForecaster() : base(nameof(StatefulForecaster)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        if (h is null || c is null)
        {
            h = zeros(1, x.shape[0], 12);
            c = zeros(1, x.shape[0], 12);
        }

        (var output, h, c) = lstm.call(x, (h.detach(), c.detach()));
        return head.call(output[.., -1, ..]);
    }
}
