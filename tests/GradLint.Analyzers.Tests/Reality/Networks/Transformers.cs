using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace Networks.Transformers;

/// <summary>Vaswani et al. 2017 with TorchSharp's own layers, as its word language model has it.</summary>
public class TransformerModel : Module<Tensor, Tensor, Tensor>
{
    private readonly TransformerEncoder transformer_encoder;
    private readonly PositionalEncoding pos_encoder;
    private readonly Embedding encoder;
    private readonly Linear decoder;
    private readonly long ninputs;

    public TransformerModel(long ntokens = 50, long ninputs = 16, long nheads = 2, long nhidden = 32, long nlayers = 2, double dropout = 0.2) : base("Transformer")
    {
        this.ninputs = ninputs;
        pos_encoder = new PositionalEncoding(ninputs, dropout);
        var encoder_layers = TransformerEncoderLayer(ninputs, nheads, nhidden, dropout);
        transformer_encoder = TransformerEncoder(encoder_layers, nlayers);
        encoder = Embedding(ntokens, ninputs);
        decoder = Linear(ninputs, ntokens);
        InitWeights();
        RegisterComponents();
    }

    private void InitWeights()
    {
        var initrange = 0.1;
        init.uniform_(encoder.weight!, -initrange, initrange);
        init.zeros_(decoder.bias!);
        init.uniform_(decoder.weight, -initrange, initrange);
    }

    public override Tensor forward(Tensor t, Tensor mask)
    {
        var src = pos_encoder.call(encoder.call(t) * MathF.Sqrt(ninputs));
        var enc = transformer_encoder.call(src, mask);
        return decoder.call(enc);
    }
}

public class PositionalEncoding : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> dropout;
    private readonly Tensor pe;

    public PositionalEncoding(long dmodel, double dropout, int maxLen = 64) : base("PositionalEncoding")
    {
        this.dropout = Dropout(dropout);
        var pe = zeros(new long[] { maxLen, dmodel });
        var position = arange(0, maxLen, 1).unsqueeze(1);
        var divTerm = (arange(0, dmodel, 2) * (-Math.Log(10000.0) / dmodel)).exp();
        pe[TensorIndex.Ellipsis, TensorIndex.Slice(0, null, 2)] = (position * divTerm).sin();
        pe[TensorIndex.Ellipsis, TensorIndex.Slice(1, null, 2)] = (position * divTerm).cos();
        this.pe = pe.unsqueeze(0).transpose(0, 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor t)
    {
        using var x = t + pe[TensorIndex.Slice(null, t.shape[0]), TensorIndex.Slice()];
        return dropout.call(x);
    }
}

/// <summary>A stack of built-in encoder layers over features, its mean classified.</summary>
public class EncoderClassifier : Module<Tensor, Tensor>
{
    private readonly Linear project = Linear(6, 16);
    private readonly TransformerEncoderLayer layer1 = TransformerEncoderLayer(16, 4, 32, 0.0);
    private readonly TransformerEncoderLayer layer2 = TransformerEncoderLayer(16, 4, 32, 0.0, Activations.GELU);
    private readonly Linear head = Linear(16, 3);

    public EncoderClassifier() : base(nameof(EncoderClassifier)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        x = project.call(x);
        x = layer1.call(x);
        x = layer2.call(x);
        return head.call(x.mean(new long[] { 0 }));
    }
}

/// <summary>Karpathy's minGPT: attention by hand.</summary>
public class CausalSelfAttention : Module<Tensor, Tensor>
{
    private readonly Linear c_attn, c_proj;
    private readonly Dropout resid_dropout;
    private readonly int n_head, n_embd;

    public CausalSelfAttention(GptConfig config) : base("CausalSelfAttention")
    {
        c_attn = Linear(config.Embedding, 3 * config.Embedding);
        c_proj = Linear(config.Embedding, config.Embedding);
        resid_dropout = Dropout(config.Dropout);
        n_head = config.Heads;
        n_embd = config.Embedding;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var (B, T, C) = (x.shape[0], x.shape[1], x.shape[2]);
        var qkv = c_attn.call(x).split(n_embd, dim: 2);
        var q = qkv[0].view(B, T, n_head, C / n_head).transpose(1, 2);
        var k = qkv[1].view(B, T, n_head, C / n_head).transpose(1, 2);
        var v = qkv[2].view(B, T, n_head, C / n_head).transpose(1, 2);
        var att = q.matmul(k.transpose(-2, -1)) * (1.0 / Math.Sqrt(C / n_head));
        att = att.masked_fill(ones(T, T).tril() == 0, float.NegativeInfinity);
        att = softmax(att, -1);
        var y = att.matmul(v).transpose(1, 2).contiguous().view(B, T, C);
        return resid_dropout.call(c_proj.call(y));
    }
}

public record GptConfig(int Vocabulary = 40, int BlockSize = 16, int Layers = 2, int Heads = 2, int Embedding = 16, double Dropout = 0.1);

public class GptBlock : Module<Tensor, Tensor>
{
    private readonly LayerNorm ln_1, ln_2;
    private readonly CausalSelfAttention attn;
    private readonly Sequential mlp;

    public GptBlock(GptConfig config) : base("Block")
    {
        ln_1 = LayerNorm(config.Embedding);
        attn = new CausalSelfAttention(config);
        ln_2 = LayerNorm(config.Embedding);
        mlp = Sequential(
            ("c_fc", Linear(config.Embedding, 4 * config.Embedding)),
            ("act", GELU()),
            ("c_proj", Linear(4 * config.Embedding, config.Embedding)),
            ("dropout", Dropout(config.Dropout)));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = x + attn.call(ln_1.call(x));
        x = x + mlp.call(ln_2.call(x));
        return x;
    }
}

public class TinyGpt : Module<Tensor, Tensor>
{
    private readonly Embedding wte, wpe;
    private readonly Dropout drop;
    private readonly ModuleList<GptBlock> h;
    private readonly LayerNorm ln_f;
    private readonly Linear lm_head;

    public TinyGpt() : this(new GptConfig())
    {
    }

    public TinyGpt(GptConfig config) : base("GPT")
    {
        wte = Embedding(config.Vocabulary, config.Embedding);
        wpe = Embedding(config.BlockSize, config.Embedding);
        drop = Dropout(config.Dropout);
        h = new ModuleList<GptBlock>();
        for (var i = 0; i < config.Layers; i++)
            h.Add(new GptBlock(config));
        ln_f = LayerNorm(config.Embedding);
        lm_head = Linear(config.Embedding, config.Vocabulary, hasBias: false);
        RegisterComponents();
    }

    public override Tensor forward(Tensor idx)
    {
        var pos = arange(0, idx.shape[1], dtype: ScalarType.Int64).unsqueeze(0);
        var x = drop.call(wte.call(idx) + wpe.call(pos));
        foreach (var block in h)
            x = block.call(x);
        x = ln_f.call(x);
        return lm_head.call(x);
    }
}

/// <summary>Self-attention by hand with separate projections, a helper for the heads.</summary>
public class SelfAttention : Module<Tensor, Tensor>
{
    private readonly Linear q, k, v, o;
    private readonly long heads;

    public SelfAttention(long dim, long heads) : base(nameof(SelfAttention))
    {
        this.heads = heads;
        q = Linear(dim, dim);
        k = Linear(dim, dim);
        v = Linear(dim, dim);
        o = Linear(dim, dim);
        RegisterComponents();
    }

    private Tensor Split(Tensor x) => x.view(x.size(0), x.size(1), heads, -1).transpose(1, 2);

    public override Tensor forward(Tensor x)
    {
        var y = scaled_dot_product_attention(Split(q.call(x)), Split(k.call(x)), Split(v.call(x)));
        y = y.transpose(1, 2).reshape(x.size(0), x.size(1), -1);
        return o.call(y);
    }
}

/// <summary>Dosovitskiy et al. 2020: patches as tokens.</summary>
public class VisionTransformer : Module<Tensor, Tensor>
{
    private readonly Conv2d patch;
    private readonly Parameter cls_token, pos_embedding;
    private readonly Sequential layers;
    private readonly LayerNorm norm;
    private readonly Linear head;

    public VisionTransformer(int image = 16, int patchSize = 4, int dim = 24, int depth = 2, int heads = 3, int classes = 10) : base("ViT")
    {
        var patches = image / patchSize * (image / patchSize);
        patch = Conv2d(3, dim, patchSize, stride: patchSize);
        cls_token = Parameter(zeros(1, 1, dim));
        pos_embedding = Parameter(randn(1, patches + 1, dim) * 0.02);
        layers = Sequential();
        for (int i = 0; i < depth; i++)
            layers.append(new EncoderBlock(dim, heads, dim * 2));
        norm = LayerNorm(new long[] { dim });
        head = Linear(dim, classes);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var tokens = patch.call(x).flatten(2).transpose(1, 2);
        tokens = cat(new Tensor[] { cls_token.expand(tokens.shape[0], -1, -1), tokens }, dim: 1);
        tokens = tokens + pos_embedding;
        tokens = layers.call(tokens);
        return head.call(norm.call(tokens[.., 0]));
    }

    private class EncoderBlock : Module<Tensor, Tensor>
    {
        private readonly LayerNorm norm1, norm2;
        private readonly SelfAttention attention;
        private readonly Linear fc1, fc2;

        public EncoderBlock(long dim, long heads, long hidden) : base(nameof(EncoderBlock))
        {
            norm1 = LayerNorm(dim);
            attention = new SelfAttention(dim, heads);
            norm2 = LayerNorm(dim);
            fc1 = Linear(dim, hidden);
            fc2 = Linear(hidden, dim);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            x = x + attention.call(norm1.call(x));
            var y = fc2.call(gelu(fc1.call(norm2.call(x))));
            return x + y;
        }
    }
}

/// <summary>Tolstikhin et al. 2021: layers across tokens, then across channels.</summary>
public class MlpMixer : Module<Tensor, Tensor>
{
    private readonly Linear stem;
    private readonly ModuleList<MixerBlock> blocks;
    private readonly LayerNorm norm;
    private readonly Linear head;

    public MlpMixer(int tokens = 16, int channels = 24, int depth = 2) : base(nameof(MlpMixer))
    {
        stem = Linear(12, channels);
        blocks = new ModuleList<MixerBlock>();
        for (int i = 0; i < depth; i++)
            blocks.append(new MixerBlock(tokens, channels));
        norm = LayerNorm(channels);
        head = Linear(channels, 10);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = stem.call(x);
        for (int i = 0; i < blocks.Count; i++)
            x = blocks[i].call(x);
        x = norm.call(x).mean(new long[] { 1 });
        return head.call(x);
    }

    private class MixerBlock : Module<Tensor, Tensor>
    {
        private readonly LayerNorm norm1, norm2;
        private readonly Mlp tokenMix, channelMix;

        public MixerBlock(int tokens, int channels) : base("MixerBlock")
        {
            norm1 = LayerNorm(channels);
            tokenMix = new Mlp(tokens, 2 * tokens);
            norm2 = LayerNorm(channels);
            channelMix = new Mlp(channels, 2 * channels);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            var y = norm1.call(x).transpose(1, 2);
            y = tokenMix.call(y).transpose(1, 2);
            x = x + y;
            return x + channelMix.call(norm2.call(x));
        }
    }

    private class Mlp : Module<Tensor, Tensor>
    {
        private readonly Linear fc1, fc2;
        private readonly GELU act = GELU();

        public Mlp(int features, int hidden) : base("Mlp")
        {
            fc1 = Linear(features, hidden);
            fc2 = Linear(hidden, features);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => fc2.call(act.call(fc1.call(x)));
    }
}
