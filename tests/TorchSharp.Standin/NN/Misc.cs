using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    namespace Modules
    {
        public sealed class Identity : ParameterLessModule<Tensor, Tensor>
        {
            internal Identity() : base(nameof(Identity))
            {
            }

            public override Tensor forward(Tensor tensor) => tensor.alias();
        }

        public sealed class Flatten : ParameterLessModule<Tensor, Tensor>
        {
            internal Flatten(long start, long end) : base(nameof(Flatten)) => (start_dim, end_dim) = (start, end);

            public long start_dim { get; set; }

            public long end_dim { get; set; }

            public override Tensor forward(Tensor input) => input.flatten(start_dim, end_dim);
        }

        public sealed class Unflatten : ParameterLessModule<Tensor, Tensor>
        {
            internal Unflatten(long dim, long[] sizes) : base(nameof(Unflatten)) => (this.dim, unflattened_size) = (dim, sizes);

            public long dim { get; set; }

            public long[] unflattened_size { get; set; }

            public override Tensor forward(Tensor tensor) => tensor.unflatten(dim, unflattened_size);
        }

        /// <summary>max(0, x) + weight · min(0, x), the weight learned. K. He et al., "Delving deep into rectifiers" (2015).</summary>
        public sealed class PReLU : Module<Tensor, Tensor>
        {
            internal PReLU(long parameters, double init) : base(nameof(PReLU))
            {
                (num_parameters, this.init) = (parameters, init);
                Own(new Parameter(full(parameters, init)), nameof(weight));
            }

            public long num_parameters { get; private set; }

            public double init { get; private set; }

            public Parameter weight { get => OwnParameter()!; set => Own(value ?? throw new ArgumentNullException(nameof(weight))); }

            public override string GetName() => nameof(PReLU);

            public override Tensor forward(Tensor tensor) => functional.prelu(tensor, weight);
        }

        /// <summary>y = x₁ᵀ A x₂ + b, A of shape [out_features, in1_features, in2_features].</summary>
        public sealed class Bilinear : Module<Tensor, Tensor, Tensor>
        {
            internal Bilinear(long in1, long in2, long outputs, bool hasBias, Device? device, ScalarType? dtype) : base(nameof(Bilinear))
            {
                (in1_features, in2_features, out_features) = (in1, in2, outputs);
                var bound = 1 / Math.Sqrt(in1);
                Own(new Parameter(empty(outputs, in1, in2, dtype, device)), nameof(weight));
                nn.init.uniform_(weight, -bound, bound);
                if (!hasBias) return;
                Own(new Parameter(empty(outputs, dtype, device)), nameof(bias));
                nn.init.uniform_(bias!, -bound, bound);
            }

            public long in1_features { get; set; }

            public long in2_features { get; set; }

            public long out_features { get; set; }

            public Parameter weight { get => OwnParameter()!; set => Own(value ?? throw new ArgumentNullException(nameof(weight))); }

            public Parameter? bias { get => OwnParameter(); set => Own(value); }

            public override Tensor forward(Tensor input1, Tensor input2) => functional.bilinear(input1, input2, weight, bias);
        }

        public abstract class PadBase : ParameterLessModule<Tensor, Tensor>
        {
            private readonly PaddingModes mode;

            internal PadBase(string name, PaddingModes mode, double value, long[] padding) : base(name) => (this.mode, this.value, this.padding) = (mode, value, padding);

            public long[] padding { get; set; }

            public double value { get; set; }

            public override Tensor forward(Tensor input) => functional.pad(input, padding, mode, value);
        }

        public sealed class ZeroPad2d : PadBase
        {
            internal ZeroPad2d(params long[] padding) : base(nameof(ZeroPad2d), PaddingModes.Constant, 0, padding)
            {
            }
        }

        public sealed class ReflectionPad2d : PadBase
        {
            internal ReflectionPad2d(params long[] padding) : base(nameof(ReflectionPad2d), PaddingModes.Reflect, 0, padding)
            {
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Identity Identity() => new();

            public static Flatten Flatten(long start_dim = 1, long end_dim = -1) => new(start_dim, end_dim);

            public static Unflatten Unflatten(long dim, long[] unflattened_size) => new(dim, unflattened_size);

            public static PReLU PReLU(long num_parameters, double init = 0.25, Device? device = null, ScalarType? dtype = null) => new PReLU(num_parameters, init).Placed(device, dtype);

            public static Bilinear Bilinear(long in1_features, long in2_features, long out_features, bool hasBias = true, Device? device = null, ScalarType? dtype = null) => new(in1_features, in2_features, out_features, hasBias, device, dtype);

            public static ZeroPad2d ZeroPad2d(long padding) => new(padding, padding, padding, padding);

            public static ReflectionPad2d ReflectionPad2d(long padding) => new(padding, padding, padding, padding);

            public static partial class functional
            {
                public static Tensor prelu(Tensor input, Tensor weight) => Native.Call("aten::prelu", input, weight);

                public static Tensor bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? bias = null) => Native.Call("aten::bilinear", input1, input2, weight, bias);

                public static Tensor one_hot(Tensor x, long num_classes = -1) => Native.Call("aten::one_hot", x, num_classes);

                public static Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1, double eps = 1e-8) => Native.Call("aten::cosine_similarity", x1, x2, dim, eps);

                public static Tensor pairwise_distance(Tensor input1, Tensor input2, double p = 2.0, double eps = 1e-6, bool keepdim = false) => Native.Call("aten::pairwise_distance", input1, input2, p, eps, keepdim);

                /// <param name="pad">Before and after, the last dimension first.</param>
                public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => mode switch
                {
                    PaddingModes.Constant or PaddingModes.Zeros => Native.Call("aten::constant_pad_nd", input, pad, value),
                    _ => Native.Call("aten::pad", input, pad, mode.ToString().ToLowerInvariant(), default),
                };
            }
        }
    }
}
