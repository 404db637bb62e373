using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    public enum PaddingModes
    {
        Zeros = 0,
        Reflect = 1,
        Replicate = 2,
        Circular = 3,
        Constant = 4,
    }

    public enum Padding
    {
        Valid = 0,
        Same = 1,
    }

    namespace Modules
    {
        /// <summary>A convolution; weight of shape [out_channels, in_channels / groups, kernel...], transposed [in, out / groups, kernel...].</summary>
        public abstract class Convolution : Module<Tensor, Tensor>
        {
            internal sealed record Shape(long In, long Out, long[] Kernel, long[] Stride, long[]? Padding, Padding? PaddingType, long[] Dilation, long[]? OutputPadding, PaddingModes Mode, long Groups, bool Bias, Device? Device, ScalarType? Dtype);

            internal Convolution(string name, Shape shape) : base(name)
            {
                transposed = shape.OutputPadding is not null;
                if (transposed && shape.Mode != PaddingModes.Zeros) throw new ArgumentException("Only PaddingModes.Zeros is supported for ConvTransposeND", "padding_mode");
                (in_channels, out_channels, groups, padding_mode) = (shape.In, shape.Out, shape.Groups, shape.Mode);
                (kernel_size, stride, dilation, padding, padding_type) = (shape.Kernel, shape.Stride, shape.Dilation, shape.Padding, shape.PaddingType);
                output_padding = shape.OutputPadding ?? new long[kernel_size.Length];
                if (padding_type == Padding.Same && stride.Any(s => s != 1)) throw new ArgumentException("padding='same' is not supported for strided convolutions");
                long[] channels = transposed ? [in_channels, out_channels / groups] : [out_channels, in_channels / groups];
                Own(new Parameter(empty([.. channels, .. kernel_size], shape.Dtype, shape.Device)), nameof(weight));
                if (shape.Bias) Own(new Parameter(empty(out_channels, shape.Dtype, shape.Device)), nameof(bias));
                reset_parameters();
            }

            public long in_channels { get; }

            public long out_channels { get; }

            public bool transposed { get; }

            public long[] kernel_size { get; set; }

            public long[] stride { get; set; }

            public long[]? padding { get; private set; }

            public Padding? padding_type { get; private set; }

            public long[] dilation { get; set; }

            public long[] output_padding { get; set; }

            public long groups { get; set; }

            public PaddingModes padding_mode { get; set; }

            public Parameter weight { get => OwnParameter()!; set => Own(value ?? throw new ArgumentNullException(nameof(weight))); }

            public Parameter? bias { get => OwnParameter(); set => Own(value); }

            public void reset_parameters()
            {
                init.kaiming_uniform_(weight, Math.Sqrt(5));
                var (fanIn, _) = init.CalculateFanInAndFanOut(weight);
                if (bias is not null && fanIn != 0) init.uniform_(bias, -1 / Math.Sqrt(fanIn), 1 / Math.Sqrt(fanIn));
            }

            internal Tensor Convolve(Tensor input, int dimensions, string op)
            {
                RequireChannels(input, dimensions);
                if (padding_mode != PaddingModes.Zeros)
                {
                    using var padded = functional.pad(input, Around(), padding_mode);
                    return Native.Call(op, padded, weight, bias, stride, new long[dimensions], dilation, groups);
                }
                return padding_type is Padding kind
                    ? Native.Call($"{op}.padding", input, weight, bias, stride, kind == Padding.Same ? "same" : "valid", dilation, groups)
                    : Native.Call(op, input, weight, bias, stride, padding, dilation, groups);
            }

            internal void RequireChannels(Tensor input, int dimensions)
            {
                var shape = input.shape;
                var batched = shape.Length == dimensions + 2 && shape[1] == in_channels;
                var unbatched = shape.Length == dimensions + 1 && shape[0] == in_channels;
                if (!batched && !unbatched) throw new ArgumentException($"Expected {dimensions + 1}D (unbatched) or {dimensions + 2}D (batched) input with {in_channels} channels to {GetType().Name}.");
            }

            /// <summary>The padding as functional.pad wants it: the last dimension first, each before and after.</summary>
            private long[] Around()
            {
                var around = new List<long>();
                for (var k = kernel_size.Length - 1; k >= 0; k--)
                {
                    var total = padding is not null ? 2 * padding[k] : padding_type == Padding.Same ? dilation[k] * (kernel_size[k] - 1) : 0;
                    around.AddRange([total / 2, total - total / 2]);
                }
                return [.. around];
            }
        }

        public abstract class ConvolutionTranspose : Convolution
        {
            internal ConvolutionTranspose(string name, Shape shape) : base(name, shape)
            {
            }

            public override Tensor forward(Tensor input) => forward(input, null);

            public abstract Tensor forward(Tensor input, long[]? output_size);

            internal Tensor Transpose(Tensor input, long[]? outputSize, int dimensions, string op)
            {
                RequireChannels(input, dimensions);
                return Native.Call(op, input, weight, bias, stride, padding, Extra(input, outputSize, dimensions), groups, dilation);
            }

            /// <summary>What must be added on one side for the output to have the size that is asked for.</summary>
            private long[] Extra(Tensor input, long[]? outputSize, int dimensions)
            {
                if (outputSize is null) return output_padding;
                var first = (int)input.ndim - dimensions;
                var wanted = outputSize.Length == dimensions ? outputSize : outputSize[^dimensions..];
                var extra = new long[dimensions];
                for (var k = 0; k < dimensions; k++)
                {
                    var least = (input.size(first + k) - 1) * stride[k] - 2 * padding![k] + dilation[k] * (kernel_size[k] - 1) + 1;
                    extra[k] = wanted[k] - least;
                    if (extra[k] < 0 || extra[k] >= stride[k]) throw new ArgumentException($"Requested an output size of {wanted[k]}, but valid sizes range from {least} to {least + stride[k] - 1}");
                }
                return extra;
            }
        }

        public sealed class Conv1d : Convolution
        {
            internal Conv1d(Shape shape) : base(nameof(Conv1d), shape)
            {
            }

            public override Tensor forward(Tensor input) => Convolve(input, 1, "aten::conv1d");
        }

        public sealed class ConvTranspose1d : ConvolutionTranspose
        {
            internal ConvTranspose1d(Shape shape) : base(nameof(ConvTranspose1d), shape)
            {
            }

            public override Tensor forward(Tensor input, long[]? output_size) => Transpose(input, output_size, 1, "aten::conv_transpose1d");
        }

        public sealed class Conv2d : Convolution
        {
            internal Conv2d(Shape shape) : base(nameof(Conv2d), shape)
            {
            }

            public override Tensor forward(Tensor input) => Convolve(input, 2, "aten::conv2d");
        }

        public sealed class ConvTranspose2d : ConvolutionTranspose
        {
            internal ConvTranspose2d(Shape shape) : base(nameof(ConvTranspose2d), shape)
            {
            }

            public override Tensor forward(Tensor input, long[]? output_size) => Transpose(input, output_size, 2, "aten::conv_transpose2d.input");
        }

        public sealed class Conv3d : Convolution
        {
            internal Conv3d(Shape shape) : base(nameof(Conv3d), shape)
            {
            }

            public override Tensor forward(Tensor input) => Convolve(input, 3, "aten::conv3d");
        }

        public sealed class ConvTranspose3d : ConvolutionTranspose
        {
            internal ConvTranspose3d(Shape shape) : base(nameof(ConvTranspose3d), shape)
            {
            }

            public override Tensor forward(Tensor input, long[]? output_size) => Transpose(input, output_size, 3, "aten::conv_transpose3d.input");
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Conv1d Conv1d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) => new(new(in_channels, out_channels, [kernel_size], [stride], [padding], null, [dilation], null, padding_mode, groups, bias, device, dtype));

            public static Conv1d Conv1d(long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) => new(new(in_channels, out_channels, [kernel_size], [stride], null, padding, [dilation], null, padding_mode, groups, bias, device, dtype));

            public static ConvTranspose1d ConvTranspose1d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long output_padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) => new(new(in_channels, out_channels, [kernel_size], [stride], [padding], null, [dilation], [output_padding], padding_mode, groups, bias, device, dtype));

            public static Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) => new(new(in_channels, out_channels, [kernel_size, kernel_size], [stride, stride], [padding, padding], null, [dilation, dilation], null, padding_mode, groups, bias, device, dtype));

            public static Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) => new(new(in_channels, out_channels, [kernel_size, kernel_size], [stride, stride], null, padding, [dilation, dilation], null, padding_mode, groups, bias, device, dtype));

            public static ConvTranspose2d ConvTranspose2d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long output_padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) => new(new(in_channels, out_channels, [kernel_size, kernel_size], [stride, stride], [padding, padding], null, [dilation, dilation], [output_padding, output_padding], padding_mode, groups, bias, device, dtype));

            public static Conv2d Conv2d(long in_channels, long out_channels, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) => new(new(in_channels, out_channels, Each(kernel_size), Each(stride, 1), Each(padding, 0), null, Each(dilation, 1), null, padding_mode, groups, bias, device, dtype));

            public static Conv2d Conv2d(long in_channels, long out_channels, (long, long) kernel_size, Padding padding, (long, long)? stride = null, (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) => new(new(in_channels, out_channels, Each(kernel_size), Each(stride, 1), null, padding, Each(dilation, 1), null, padding_mode, groups, bias, device, dtype));

            public static ConvTranspose2d ConvTranspose2d(long in_channels, long out_channels, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? output_padding = null, (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) => new(new(in_channels, out_channels, Each(kernel_size), Each(stride, 1), Each(padding, 0), null, Each(dilation, 1), Each(output_padding, 0), padding_mode, groups, bias, device, dtype));

            public static Conv3d Conv3d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) => new(new(in_channels, out_channels, [kernel_size, kernel_size, kernel_size], [stride, stride, stride], [padding, padding, padding], null, [dilation, dilation, dilation], null, padding_mode, groups, bias, device, dtype));

            public static Conv3d Conv3d(long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) => new(new(in_channels, out_channels, [kernel_size, kernel_size, kernel_size], [stride, stride, stride], null, padding, [dilation, dilation, dilation], null, padding_mode, groups, bias, device, dtype));

            public static ConvTranspose3d ConvTranspose3d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long output_padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) => new(new(in_channels, out_channels, [kernel_size, kernel_size, kernel_size], [stride, stride, stride], [padding, padding, padding], null, [dilation, dilation, dilation], [output_padding, output_padding, output_padding], padding_mode, groups, bias, device, dtype));

            public static Conv3d Conv3d(long in_channels, long out_channels, (long, long, long) kernel_size, (long, long, long)? stride = null, (long, long, long)? padding = null, (long, long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) => new(new(in_channels, out_channels, Each(kernel_size), Each(stride, 1), Each(padding, 0), null, Each(dilation, 1), null, padding_mode, groups, bias, device, dtype));

            public static Conv3d Conv3d(long in_channels, long out_channels, (long, long, long) kernel_size, Padding padding, (long, long, long)? stride = null, (long, long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) => new(new(in_channels, out_channels, Each(kernel_size), Each(stride, 1), null, padding, Each(dilation, 1), null, padding_mode, groups, bias, device, dtype));

            public static ConvTranspose3d ConvTranspose3d(long in_channels, long out_channels, (long, long, long) kernel_size, (long, long, long)? stride = null, (long, long, long)? padding = null, (long, long, long)? output_padding = null, (long, long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) => new(new(in_channels, out_channels, Each(kernel_size), Each(stride, 1), Each(padding, 0), null, Each(dilation, 1), Each(output_padding, 0), padding_mode, groups, bias, device, dtype));

            private static long[] Each((long, long) t) => [t.Item1, t.Item2];

            private static long[] Each((long, long, long) t) => [t.Item1, t.Item2, t.Item3];

            private static long[] Each((long, long)? t, long otherwise) => Each(t ?? (otherwise, otherwise));

            private static long[] Each((long, long, long)? t, long otherwise) => Each(t ?? (otherwise, otherwise, otherwise));

            public static partial class functional
            {
                public static Tensor conv1d(Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, long? padding = null, long? dilation = null, long groups = 1) =>
                    Native.Call("aten::conv1d", input, weight, bias, stride ?? 1, padding ?? 0, dilation ?? 1, groups);

                public static Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1) =>
                    Native.Call("aten::conv2d", input, weight, bias, strides ?? [1], padding ?? [0], dilation ?? [1], groups);

                public static Tensor conv3d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1) =>
                    Native.Call("aten::conv3d", input, weight, bias, strides ?? [1], padding ?? [0], dilation ?? [1], groups);
            }
        }
    }
}
