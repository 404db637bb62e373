using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>y = x Wᵀ + b, W of shape [out_features, in_features].</summary>
        public sealed class Linear : Module<Tensor, Tensor>
        {
            internal Linear(Parameter weight, Parameter? bias) : base(nameof(Linear))
            {
                (in_features, out_features) = (weight.shape[1], weight.shape[0]);
                Own(weight, nameof(weight));
                Own(bias, nameof(bias));
            }

            internal Linear(long inputs, long outputs, bool hasBias, Device? device, ScalarType? dtype) : base(nameof(Linear))
            {
                (in_features, out_features) = (inputs, outputs);
                Own(new Parameter(empty(outputs, inputs, dtype, device)), nameof(weight));
                init.kaiming_uniform_(weight, Math.Sqrt(5));
                if (!hasBias) return;
                Own(new Parameter(empty(outputs, dtype, device)), nameof(bias));
                var bound = inputs > 0 ? 1 / Math.Sqrt(inputs) : 0;
                init.uniform_(bias!, -bound, bound);
            }

            public long in_features { get; set; }

            public long out_features { get; set; }

            public Parameter weight { get => OwnParameter()!; set => Own(value ?? throw new ArgumentNullException(nameof(weight))); }

            public Parameter? bias { get => OwnParameter(); set => Own(value); }

            public override Tensor forward(Tensor tensor) => functional.linear(tensor, weight, bias);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device? device = null, ScalarType? dtype = null) => new(inputSize, outputSize, hasBias, device, dtype);

            public static Linear Linear(Parameter weight, Parameter? bias = null) => new(weight, bias);

            public static partial class functional
            {
                public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Native.Call("aten::linear", input, weights, bias);
            }
        }
    }
}
