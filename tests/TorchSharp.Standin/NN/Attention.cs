using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>A. Vaswani et al., "Attention is all you need" (2017). Query, key and value of shape [length, batch, features].</summary>
        public sealed class MultiheadAttention : Module<Tensor, Tensor, Tensor, Tensor?, bool, Tensor?, Tuple<Tensor, Tensor>>
        {
            private readonly AttentionCore core;

            internal MultiheadAttention(long features, long heads, double dropout, bool bias) : base("torch::nn::MultiheadAttentionImpl") =>
                core = new AttentionCore(this, "", features, heads, dropout, bias);

            public override Tuple<Tensor, Tensor> forward(Tensor query, Tensor key, Tensor value, Tensor? key_padding_mask, bool need_weights, Tensor? attn_mask)
            {
                var (output, weights) = core.Attend(query, key, value, key_padding_mask, attn_mask);
                return Tuple.Create(output, need_weights ? weights.mean([1]) : Tensor.Undefined());
            }

            public new Tuple<Tensor, Tensor> call(Tensor query, Tensor key, Tensor value, Tensor? key_padding_mask = null, bool need_weights = true, Tensor? attn_mask = null) =>
                base.call(query, key, value, key_padding_mask, need_weights, attn_mask);
        }

        /// <summary>The parameters in_proj_weight, in_proj_bias, out_proj.weight, out_proj.bias, and what they compute.</summary>
        internal sealed class AttentionCore
        {
            private readonly Module module;
            private readonly string prefix;
            private readonly long features, heads;
            private readonly double dropout;

            internal AttentionCore(Module module, string prefix, long features, long heads, double dropout, bool bias)
            {
                if (features % heads != 0) throw new System.Runtime.InteropServices.ExternalException("embed_dim must be divisible by num_heads");
                (this.module, this.prefix, this.features, this.heads, this.dropout) = (module, prefix, features, heads, dropout);
                Add("in_proj_weight", empty(3 * features, features));
                if (bias) Add("in_proj_bias", empty(3 * features));
                using var last = Linear(features, features, bias);
                Add("out_proj.weight", last.weight.detach());
                if (bias) Add("out_proj.bias", last.bias!.detach());
                init.xavier_uniform_(Get("in_proj_weight")!);
                if (!bias) return;
                init.zeros_(Get("in_proj_bias")!);
                init.zeros_(Get("out_proj.bias")!);
            }

            private void Add(string name, Tensor value) => module.Own(new Parameter(value), prefix + name);

            private Parameter? Get(string name) => module.OwnParameter(prefix + name);

            /// <returns>The output, [length, batch, features], and each head's weights, [batch, heads, length, keys].</returns>
            internal (Tensor output, Tensor weights) Attend(Tensor query, Tensor key, Tensor value, Tensor? keyPaddingMask, Tensor? mask)
            {
                long length = query.shape[0], batch = query.shape[1], keys = key.shape[0], width = features / heads;
                var weight = Get("in_proj_weight")!.chunk(3);
                var bias = Get("in_proj_bias")?.chunk(3);
                Tensor Heads(Tensor x, int part, long n) => functional.linear(x, weight[part], bias?[part]).view(n, batch * heads, width).transpose(0, 1);
                var scores = (Heads(query, 0, length) * (1 / Math.Sqrt(width))).bmm(Heads(key, 1, keys).transpose(1, 2)).view(batch, heads, length, keys);
                if (mask is not null) scores = Masked(scores, mask.ndim == 3 ? mask.view(batch, heads, length, keys) : mask);
                if (keyPaddingMask is not null) scores = scores.masked_fill(keyPaddingMask.to(ScalarType.Bool).view(batch, 1, 1, keys), double.NegativeInfinity);
                var weights = functional.dropout(scores.softmax(-1), dropout, module.training);
                var mixed = weights.view(batch * heads, length, keys).bmm(Heads(value, 2, keys)).transpose(0, 1).contiguous().view(length, batch, features);
                return (functional.linear(mixed, Get("out_proj.weight")!, Get("out_proj.bias")), weights);
            }

            /// <summary>A truth mask excludes, any other is added.</summary>
            private static Tensor Masked(Tensor scores, Tensor mask) =>
                mask.dtype == ScalarType.Bool ? scores.masked_fill(mask, double.NegativeInfinity) : scores + mask;
        }

        /// <summary>Self-attention, then a feed-forward network, each with a residual and a LayerNorm after it. No modules below it, only dotted names.</summary>
        public sealed class TransformerEncoderLayer : Module<Tensor, Tensor>, IModule<Tensor, Tensor, Tensor>, IModule<Tensor, Tensor, Tensor, Tensor>
        {
            private readonly EncoderCore core;

            internal TransformerEncoderLayer(long features, long heads, long feedForward, double dropout, Activations activation) : base("torch::nn::TransformerEncoderLayerImpl") =>
                core = new EncoderCore(this, "", (features, heads, feedForward, dropout, activation));

            internal (long features, long heads, long feedForward, double dropout, Activations activation) Options => core.Options;

            public override Tensor forward(Tensor src) => core.Encode(src, null, null);

            /// <summary>Fires no hooks, as in TorchSharp.</summary>
            public Tensor call(Tensor src, Tensor src_mask) => core.Encode(src, src_mask, null);

            /// <summary>Fires no hooks, as in TorchSharp.</summary>
            public Tensor call(Tensor src, Tensor src_mask, Tensor src_key_padding_mask) => core.Encode(src, src_mask, src_key_padding_mask);
        }

        internal sealed class EncoderCore
        {
            private readonly Module module;
            private readonly string prefix;
            private readonly AttentionCore attention;

            internal EncoderCore(Module module, string prefix, (long features, long heads, long feedForward, double dropout, Activations activation) options)
            {
                (this.module, this.prefix, Options) = (module, prefix, options);
                attention = new AttentionCore(module, prefix + "self_attn.", options.features, options.heads, options.dropout, true);
                Add("linear1", Linear(options.features, options.feedForward));
                Add("linear2", Linear(options.feedForward, options.features));
                Add("norm1", LayerNorm(options.features));
                Add("norm2", LayerNorm(options.features));
            }

            internal (long features, long heads, long feedForward, double dropout, Activations activation) Options { get; }

            private void Add(string name, Module part)
            {
                using (part)
                    foreach (var (own, p) in part.named_parameters()) module.Own(new Parameter(p.detach()), $"{prefix}{name}.{own}");
            }

            private Parameter Get(string name) => module.OwnParameter(prefix + name)!;

            private Tensor Drop(Tensor x) => functional.dropout(x, Options.dropout, module.training);

            private Tensor Apply(string linear, Tensor x) => functional.linear(x, Get($"{linear}.weight"), Get($"{linear}.bias"));

            private Tensor Normalized(string norm, Tensor x) => functional.layer_norm(x, [Options.features], Get($"{norm}.weight"), Get($"{norm}.bias"));

            internal Tensor Encode(Tensor x, Tensor? mask, Tensor? keyPaddingMask)
            {
                x = Normalized("norm1", x + Drop(attention.Attend(x, x, x, keyPaddingMask, mask).output));
                var hidden = Apply("linear1", x);
                hidden = Options.activation == Activations.GELU ? hidden.gelu() : hidden.relu();
                return Normalized("norm2", x + Drop(Apply("linear2", Drop(hidden))));
            }
        }

        /// <summary>Layers with the same weights at first, one after the other: each is a copy of the layer that is given.</summary>
        public sealed class TransformerEncoder : Module<Tensor, Tensor?, Tensor?, Tensor>
        {
            private readonly List<EncoderCore> layers = [];

            internal TransformerEncoder(TransformerEncoderLayer layer, long count) : base("torch::nn::TransformerEncoderImpl")
            {
                for (var k = 0L; k < count; k++)
                {
                    var prefix = $"layers.{k}.";
                    layers.Add(new EncoderCore(this, prefix, layer.Options));
                    using var quiet = no_grad();
                    foreach (var (name, p) in layer.named_parameters()) OwnParameter(prefix + name)!.copy_(p);
                }
            }

            public override Tensor forward(Tensor src, Tensor? src_mask, Tensor? src_key_padding_mask)
            {
                var x = src;
                foreach (var layer in layers) x = layer.Encode(x, src_mask, src_key_padding_mask);
                return ReferenceEquals(x, src) ? src.alias() : x;
            }

            public Tensor call(Tensor src, Tensor src_mask) => base.call(src, src_mask, null);

            public Tensor call(Tensor src) => base.call(src, null, null);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public enum Activations
            {
                ReLU = 0,
                GELU = 1,
            }

            public static MultiheadAttention MultiheadAttention(long embedded_dim, long num_heads, double dropout = 0.0, bool bias = true, bool add_bias_kv = false, bool add_zero_attn = false, long? kdim = null, long? vdim = null) =>
                add_bias_kv || add_zero_attn || (kdim ?? embedded_dim) != embedded_dim || (vdim ?? embedded_dim) != embedded_dim
                    ? throw new NotSupportedException("TorchSharp's stand-in has MultiheadAttention with key and value as wide as the query, without added rows.")
                    : new(embedded_dim, num_heads, dropout, bias);

            public static TransformerEncoderLayer TransformerEncoderLayer(long d_model = 512, long nhead = 8, long dim_feedforward = 2048, double dropout = 0.1, Activations activation = Activations.ReLU) => new(d_model, nhead, dim_feedforward, dropout, activation);

            public static TransformerEncoder TransformerEncoder(TransformerEncoderLayer encoder_layer, long num_layers) => new(encoder_layer, num_layers);

            public static partial class functional
            {
                public static Tensor scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0.0, bool is_casual = false)
                {
                    if (p < 0) throw new ArgumentException("Dropout probability must be greater than or equal to zero.");
                    if (is_casual && attn_mask is not null) throw new ArgumentException("Casual attention masking cannot pass a mask.");
                    var scores = query.matmul(key.transpose(-2, -1)) / Math.Sqrt(query.shape[^1]);
                    // A truth mask says here what takes part, unlike MultiheadAttention's.
                    if (is_casual) attn_mask = ones(query.shape[^2], key.shape[^2], ScalarType.Bool, query.device).tril();
                    if (attn_mask is not null) scores = attn_mask.dtype == ScalarType.Bool ? scores.masked_fill(attn_mask.logical_not(), double.NegativeInfinity) : scores + attn_mask;
                    return dropout(scores.softmax(-1), p, true).matmul(value);
                }
            }
        }
    }
}
