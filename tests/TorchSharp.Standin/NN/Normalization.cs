using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    namespace Modules
    {
        public abstract class NormBase : Module<Tensor, Tensor>
        {
            internal sealed record Options(long Features, double Eps, double? Momentum, bool Affine, bool Track, Device? Device, ScalarType? Dtype);

            internal NormBase(string name, Options options) : base(name)
            {
                (num_features, eps, momentum, affine, track_running_stats, var device, var dtype) = options;
                if (affine)
                {
                    Own(new Parameter(ones(num_features, dtype, device)), nameof(weight));
                    Own(new Parameter(zeros(num_features, dtype, device)), nameof(bias));
                }
                if (!track_running_stats) return;
                OwnBuffer(zeros(num_features, dtype, device), nameof(running_mean));
                OwnBuffer(ones(num_features, dtype, device), nameof(running_var));
                OwnBuffer(tensor(0L, dtype, device), nameof(num_batches_tracked));
            }

            public long num_features { get; }

            public double eps { get; set; }

            public double? momentum { get; set; }

            public bool affine { get; }

            public bool track_running_stats { get; }

            public Parameter weight { get => OwnParameter()!; set => Own(value ?? throw new ArgumentNullException(nameof(weight))); }

            public Parameter? bias { get => OwnParameter(); set => Own(value); }

            public Tensor? running_mean { get => OwnBuffer(); set => OwnBuffer(value); }

            public Tensor? running_var { get => OwnBuffer(); set => OwnBuffer(value); }

            public Tensor? num_batches_tracked { get => OwnBuffer(); set => OwnBuffer(value); }

            public void reset_running_stats()
            {
                if (!track_running_stats) return;
                init.zeros_(running_mean!);
                init.ones_(running_var!);
                init.zeros_(num_batches_tracked!);
            }

            public void reset_parameters()
            {
                reset_running_stats();
                if (!affine) return;
                init.ones_(weight);
                init.zeros_(bias!);
            }

            protected abstract void ValidateInputDimensions(Tensor input);

            internal static void Require(bool fits, string expected, Tensor input)
            {
                if (!fits) throw new ArgumentException($"expected {expected} input, but got {input.ndim}D input.");
            }
        }

        /// <summary>S. Ioffe and C. Szegedy, "Batch normalization" (2015). All three call themselves BatchNorm1d, as in TorchSharp.</summary>
        public abstract class BatchNorm : NormBase
        {
            internal BatchNorm(Options options) : base(nameof(BatchNorm1d), options)
            {
            }

            public override Tensor forward(Tensor input)
            {
                ValidateInputDimensions(input);
                var factor = momentum ?? 0.0;
                if (training && num_batches_tracked is { } count)
                {
                    count.add_(1);
                    factor = momentum ?? 1.0 / count.ToDouble();
                }
                var usesStatistics = !training || track_running_stats;
                return functional.batch_norm(input, usesStatistics ? running_mean : null, usesStatistics ? running_var : null, weight, bias, training || running_mean is null, factor, eps);
            }
        }

        public abstract class InstanceNorm : NormBase
        {
            internal InstanceNorm(Options options) : base(nameof(InstanceNorm1d), options with { Momentum = options.Momentum ?? 0.1 })
            {
            }

            protected abstract long GetNumberOfBatchDimensions();

            public override Tensor forward(Tensor input)
            {
                ValidateInputDimensions(input);
                var features = (int)(input.ndim - GetNumberOfBatchDimensions());
                if (input.size(features) != num_features) throw new ArgumentException($"expected input's size at dim={features} to match num_features ({num_features}), but got: {input.size(features)}.");
                if (features > 0) return Normalize(input);
                using var batch = input.unsqueeze(0);
                return Normalize(batch).squeeze_(0);
            }

            private Tensor Normalize(Tensor input) =>
                functional.instance_norm(input, running_mean, running_var, weight, bias, training || !track_running_stats, momentum ?? 0.1, eps);
        }

        /// <summary>J. Ba et al., "Layer normalization" (2016).</summary>
        public sealed class LayerNorm : Module<Tensor, Tensor>
        {
            internal LayerNorm(long[] shape, double eps, bool affine, bool hasBias, Device? device, ScalarType? dtype) : base(nameof(LayerNorm))
            {
                (normalized_shape, this.eps, elementwise_affine) = (shape, eps, affine);
                if (!affine) return;
                Own(new Parameter(ones(shape, dtype, device)), nameof(weight));
                if (hasBias) Own(new Parameter(zeros(shape, dtype, device)), nameof(bias));
            }

            public long[] normalized_shape { get; set; }

            public double eps { get; set; }

            public bool elementwise_affine { get; set; }

            public Parameter weight { get => OwnParameter()!; set => Own(value ?? throw new ArgumentNullException(nameof(weight))); }

            public Parameter? bias { get => OwnParameter(); set => Own(value); }

            public void reset_parameters()
            {
                if (elementwise_affine) init.ones_(weight);
                if (bias is not null) init.zeros_(bias);
            }

            public override Tensor forward(Tensor tensor) => functional.layer_norm(tensor, normalized_shape, weight, bias, eps);
        }

        /// <summary>Y. Wu and K. He, "Group normalization" (2018). As in TorchSharp, weight and bias are uninitialized memory.</summary>
        public sealed class GroupNorm : Module<Tensor, Tensor>
        {
            internal GroupNorm(long groups, long channels, double eps, bool affine, Device? device, ScalarType? dtype) : base(nameof(GroupNorm))
            {
                (num_groups, this.eps, this.affine) = (groups, eps, affine);
                if (!affine) return;
                Own(new Parameter(empty(channels, dtype, device)), nameof(weight));
                Own(new Parameter(empty(channels, dtype, device)), nameof(bias));
            }

            public long num_groups { get; set; }

            public double eps { get; set; }

            public bool affine { get; set; }

            public Parameter weight { get => OwnParameter()!; set => Own(value ?? throw new ArgumentNullException(nameof(weight))); }

            public Parameter? bias { get => OwnParameter(); set => Own(value); }

            public override Tensor forward(Tensor tensor) => tensor.ndim >= 3
                ? functional.group_norm(tensor, num_groups, weight, bias, eps)
                : throw new ArgumentException($"Invalid number of dimensions for GroupNorm argument: {tensor.ndim}");
        }

        public sealed class BatchNorm1d : BatchNorm
        {
            internal BatchNorm1d(Options options) : base(options)
            {
            }

            protected override void ValidateInputDimensions(Tensor input) => Require(input.ndim is 2 or 3, "2D or 3D", input);
        }

        public sealed class BatchNorm2d : BatchNorm
        {
            internal BatchNorm2d(Options options) : base(options)
            {
            }

            protected override void ValidateInputDimensions(Tensor input) => Require(input.ndim == 4, "4D", input);
        }

        public sealed class BatchNorm3d : BatchNorm
        {
            internal BatchNorm3d(Options options) : base(options)
            {
            }

            protected override void ValidateInputDimensions(Tensor input) => Require(input.ndim == 5, "5D", input);
        }

        public sealed class InstanceNorm1d : InstanceNorm
        {
            internal InstanceNorm1d(Options options) : base(options)
            {
            }

            protected override long GetNumberOfBatchDimensions() => 2;

            protected override void ValidateInputDimensions(Tensor input) => Require(input.ndim is 2 or 3, "2D or 3D", input);
        }

        public sealed class InstanceNorm2d : InstanceNorm
        {
            internal InstanceNorm2d(Options options) : base(options)
            {
            }

            protected override long GetNumberOfBatchDimensions() => 3;

            protected override void ValidateInputDimensions(Tensor input) => Require(input.ndim is 3 or 4, "3D or 4D", input);
        }

        public sealed class InstanceNorm3d : InstanceNorm
        {
            internal InstanceNorm3d(Options options) : base(options)
            {
            }

            protected override long GetNumberOfBatchDimensions() => 4;

            protected override void ValidateInputDimensions(Tensor input) => Require(input.ndim is 4 or 5, "4D or 5D", input);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static BatchNorm1d BatchNorm1d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) => new(new(num_features, eps, momentum, affine, track_running_stats, device, dtype));

            public static BatchNorm2d BatchNorm2d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) => new(new(num_features, eps, momentum, affine, track_running_stats, device, dtype));

            public static BatchNorm3d BatchNorm3d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) => new(new(num_features, eps, momentum, affine, track_running_stats, device, dtype));

            public static InstanceNorm1d InstanceNorm1d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = false, bool track_running_stats = false, Device? device = null, ScalarType? dtype = null) => new(new(num_features, eps, momentum, affine, track_running_stats, device, dtype));

            public static InstanceNorm2d InstanceNorm2d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = false, bool track_running_stats = false, Device? device = null, ScalarType? dtype = null) => new(new(num_features, eps, momentum, affine, track_running_stats, device, dtype));

            public static InstanceNorm3d InstanceNorm3d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = false, bool track_running_stats = false, Device? device = null, ScalarType? dtype = null) => new(new(num_features, eps, momentum, affine, track_running_stats, device, dtype));

            public static LayerNorm LayerNorm(long[] normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null) => new(normalized_shape, eps, elementwise_affine, bias, device, dtype);

            public static LayerNorm LayerNorm(long normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null) => new([normalized_shape], eps, elementwise_affine, bias, device, dtype);

            public static GroupNorm GroupNorm(long num_groups, long num_channels, double eps = 1e-05, bool affine = true, Device? device = null, ScalarType? dtype = null) => new(num_groups, num_channels, eps, affine, device, dtype);

            public static partial class functional
            {
                public static Tensor batch_norm(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight = null, Tensor? bias = null, bool training = false, double momentum = 0.1, double eps = 1e-5) =>
                    Native.Call("aten::batch_norm", input, weight, bias, running_mean, running_var, training, momentum, eps, true);

                public static Tensor instance_norm(Tensor input, Tensor? running_mean = null, Tensor? running_var = null, Tensor? weight = null, Tensor? bias = null, bool use_input_stats = true, double momentum = 0.1, double eps = 1e-5) =>
                    Native.Call("aten::instance_norm", input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, true);

                public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                    Native.Call("aten::layer_norm", input, normalized_shape, weight, bias, eps, true);

                public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                    Native.Call("aten::group_norm", input, num_groups, weight, bias, eps, true);

                public static Tensor normalize(Tensor input, double p = 2.0, long dim = 1L, double eps = 1e-12) =>
                    input / input.norm((int)dim, true, (float)p).clamp(min: eps).expand_as(input);
            }
        }
    }
}
