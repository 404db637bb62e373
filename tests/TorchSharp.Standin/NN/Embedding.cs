using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>A row of the weight for each index; weight of shape [num_embeddings, embedding_dims], N(0, 1) at first.</summary>
        public sealed class Embedding : Module<Tensor, Tensor>
        {
            private readonly long? paddingIndex;
            private readonly double? maxNorm;
            private readonly double normType;
            private readonly bool scaleByFrequency, sparse;

            internal Embedding(Tensor weight, bool trains, long? paddingIndex, double? maxNorm, double normType, bool scaleByFrequency, bool sparse) : base("torch::nn::EmbeddingImpl")
            {
                var rows = weight.shape[0];
                if (paddingIndex >= rows || paddingIndex < -rows) throw new System.Runtime.InteropServices.ExternalException("Padding_idx must be within num_embeddings");
                (this.paddingIndex, this.maxNorm, this.normType, this.scaleByFrequency, this.sparse) = (paddingIndex < 0 ? paddingIndex + rows : paddingIndex, maxNorm, normType, scaleByFrequency, sparse);
                Own(new Parameter(weight, trains), "weight");
            }

            /// <summary>The weight, a new object at each read (named_parameters has one that stays).</summary>
            public Parameter? weight { get => OwnParameter()!.Again(); set => Own(Parameter.NotNull(value)); }

            public override Tensor forward(Tensor input)
            {
                var table = OwnParameter("weight")!;
                if (maxNorm is double limit)
                {
                    using var quiet = no_grad();
                    Native.Do("aten::embedding_renorm_", table, input.contiguous(), limit, normType);
                }
                return Native.Call("aten::embedding", table, input, paddingIndex ?? -1, scaleByFrequency, sparse);
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Embedding Embedding(long num_embeddings, long embedding_dims, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null)
            {
                var table = init.normal_(empty(num_embeddings, embedding_dims));
                var result = new Embedding(table, true, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse);
                if (padding_idx is long row)
                {
                    using var quiet = no_grad();
                    using var scope = NewDisposeScope();
                    result.OwnParameter("weight")!.select(0, row).zero_();
                }
                return result.Placed(device, dtype);
            }

            public static Embedding Embedding_from_pretrained(Tensor embeddings, bool freeze = true, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null) =>
                new Embedding(embeddings.alias(), !freeze, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse).Placed(device, dtype);
        }
    }
}
