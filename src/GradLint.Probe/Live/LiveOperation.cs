using GradLint.SignalPropagation;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Probe.Live;

/// <summary>What one call of a layer computes.</summary>
/// <param name="Operation">The operation; <c>null</c> where the output is the input itself, or holds its elements in another arrangement.</param>
/// <param name="Axis">The dimension that must hold the input's features; <c>null</c> where it does not matter.</param>
/// <param name="ShapeAfter">Whether the sizes of the output do not follow from the operation and must be stated.</param>
internal readonly record struct LayerReading(Operation? Operation, int? Axis = null, bool ShapeAfter = false);

/// <summary>Reads the modules of TorchSharp: their own sizes and parameters, and initializers from the weights that they hold.</summary>
internal static class LiveOperation
{
    /// <summary>
    /// Whether calls of the module are recorded: it is a layer that is known here, or one that owns weights and has no layers within.
    /// What other modules compute is seen from what their layers read.
    /// </summary>
    public static bool IsRecorded(nn.Module module) =>
        module is Linear or Bilinear or Convolution or Embedding or BatchNorm or InstanceNorm or LayerNorm or GroupNorm or RNN or LSTM or GRU
            or Dropout or Dropout1d or Dropout2d or Dropout3d or AlphaDropout or Identity or Flatten or Unflatten or PReLU or Softmax or LogSoftmax
            or Softmin or GLU or RReLU || Elementwise(module) is not null || PoolingOf(module) is not null
            || (!module.children().Any() && module.parameters().Any());

    /// <summary>The operation of one call; an opaque one, with the reason, where it has no place in a network.</summary>
    /// <param name="call">The call; it has at least one input and one output.</param>
    /// <param name="moments">The measured moments of the module's parameters and buffers, by name.</param>
    public static LayerReading Of(TracedCall call, Func<string, WeightMoments?> moments)
    {
        long[] input = call.Inputs[0].Shape, output = call.Outputs[0].Shape;
        int last = input.Length - 1;
        switch (call.Module)
        {
            case Identity:
            case Dropout or Dropout1d or Dropout2d or Dropout3d or AlphaDropout when !call.IsTraining:
                return new(null);
            case Linear m:
                return new(new Operation.Linear((int)m.in_features, (int)m.out_features, Weight("weight", m.in_features), Bias(m.in_features)), last);
            case Bilinear m:
                return new(new Operation.Bilinear((int)m.in1_features, (int)m.in2_features, (int)m.out_features,
                    Weight("weight", m.in1_features), Bias(m.in1_features)), last);
            case Convolution m:
                return ConvolutionOf(m, input);
            case Embedding when moments("weight") is { } weight:
                return new(new Operation.Embedding((int)weight.Shape[0], (int)weight.Shape[1], weight.Embedding()));
            case RNN or LSTM or GRU:
                return new(RecurrentOf(call, moments), last);
            case BatchNorm m when call.IsTraining || moments("running_mean") is null:
                return new(Norm(NormalizationKind.Batch, m.num_features, null, m.eps), 1);
            case BatchNorm m:
                return new(InEvaluation(m), 1);
            case InstanceNorm m when call.IsTraining || moments("running_mean") is null:
                return new(Norm(NormalizationKind.Instance, m.num_features, null, m.eps), 1);
            case GroupNorm m:
                return new(Norm(NormalizationKind.Group, input[1], (int)m.num_groups, m.eps), 1);
            case LayerNorm { normalized_shape.Length: 1 } m:
                return new(Norm(NormalizationKind.Layer, m.normalized_shape[0], null, m.eps), last);
            case LayerNorm m when m.normalized_shape.Length == input.Length - 1:
                // Over all channels and positions of a sample: group normalization with one group.
                return new(Norm(NormalizationKind.Group, input[1], 1, m.eps), 1);
            case Dropout m:
                return new(new Operation.Dropout(m.p, DropoutKind.Element));
            case Dropout1d m:
                return new(new Operation.Dropout(m.p, DropoutKind.Channel), 1);
            case Dropout2d m:
                return new(new Operation.Dropout(m.p, DropoutKind.Channel), 1);
            case Dropout3d m:
                return new(new Operation.Dropout(m.p, DropoutKind.Channel), 1);
            case AlphaDropout m:
                return new(new Operation.Dropout(m.p, DropoutKind.Alpha));
            case Flatten:
                return new(input.Length > 2 && output.Length == 2 && output[0] == input[0] ? new Operation.Flatten() : null);
            case Unflatten:
                return new(null);
            case PReLU m:
                return new(new Operation.Nonlinearity(Activation.PReLU(moments("weight")?.Constant)), m.num_parameters == 1 ? null : 1);
            case RReLU m when call.IsTraining:
                return new(new Operation.Nonlinearity(Activation.RReLU(m.lower, m.upper)));
            case RReLU m:
                return new(new Operation.Nonlinearity(Activation.LeakyReLU((m.lower + m.upper) / 2)));
            case Softmax m:
                return Along(m.dim, Activation.Softmax);
            case LogSoftmax m:
                return Along(m.dim, Activation.LogSoftmax);
            case Softmin m:
                return Along(m.dim, Activation.Softmin);
            case GLU m:
                return Along(m.dim, Activation.GLU);
        }

        if (Elementwise(call.Module) is { } function)
            return new(new Operation.Nonlinearity(function));
        if (PoolingOf(call.Module) is { } pooling)
            return Checked(pooling, input);
        return new(new Operation.Opaque($"{call.Module.GetType().Name} is not modelled"));

        Initializer Weight(string name, double fanIn) => moments(name)?.Uniform(1 / Math.Sqrt(fanIn), Initializer.Default) ?? Initializer.Unknown;

        Initializer? Bias(double fanIn) => moments("bias")?.Uniform(1 / Math.Sqrt(fanIn), Initializer.DefaultBias);

        LayerReading ConvolutionOf(Convolution m, long[] shape)
        {
            int dimensions = m.kernel_size.Length;
            if (shape.Length != dimensions + 2)
                return new(new Operation.Opaque("a convolution of a single sample"));
            if (m.padding_mode != PaddingModes.Zeros)
                return new(new Operation.Opaque($"padding mode {m.padding_mode} is not modelled"));
            // Weight [out, in/groups, k], or [in, out/groups, k] where transposed: init takes the second size for fan_in.
            double fanIn = m.kernel_size.Aggregate((m.transposed ? m.out_channels : m.in_channels) / m.groups, (product, k) => product * k);
            var operation = new Operation.Convolution((int)m.in_channels, (int)m.out_channels, SizesOf(m.kernel_size), SizesOf(m.stride, dimensions),
                Padding(m), SizesOf(m.dilation, dimensions), (int)m.groups, m.transposed, Weight("weight", fanIn), Bias(fanIn));
            return new(operation, 1, ShapeAfter: m.output_padding is not null && m.output_padding.Any(p => p != 0));
        }

        Operation Norm(NormalizationKind kind, long width, int? groups, double epsilon) => new Operation.Normalization(kind, (int)width, groups,
            moments("weight")?.Normalization(Initializer.DefaultScale), moments("bias")?.Normalization(Initializer.DefaultShift), epsilon);

        // With running statistics it is one factor and one shift for each channel.
        Operation InEvaluation(BatchNorm m)
        {
            bool plain = moments("running_mean")?.Constant == 0 && (moments("bias")?.Constant ?? 0) == 0;
            double? weight = moments("weight") is { } w ? w.Constant : 1;
            return plain && moments("running_var")?.Constant is { } variance && weight is { } factor
                ? new Operation.Scale(factor / Math.Sqrt(variance + m.eps))
                : new Operation.Opaque("BatchNorm in evaluation mode, with statistics that differ between the channels");
        }

        LayerReading Along(long dimension, Activation coupling)
        {
            int features = (int)(dimension < 0 ? dimension + input.Length : dimension);
            return features > 0 ? new(new Operation.Nonlinearity(coupling), features) : new(new Operation.Opaque($"{coupling.Name} over the batch"));
        }
    }

    /// <summary>A function of each element alone; <c>null</c> for other modules.</summary>
    private static Activation? Elementwise(nn.Module module) => module switch
    {
        ReLU => Activation.ReLU,
        ReLU6 => Activation.ReLU6,
        LeakyReLU m => Activation.LeakyReLU(m.negative_slope),
        ELU m => Activation.ELU(m.alpha),
        CELU m => Activation.CELU(m.alpha),
        SELU => Activation.SELU,
        GELU => Activation.GELU,
        SiLU => Activation.SiLU,
        Mish => Activation.Mish,
        Hardswish => Activation.Hardswish,
        Sigmoid => Activation.Sigmoid,
        LogSigmoid => Activation.LogSigmoid,
        Hardsigmoid => Activation.Hardsigmoid,
        Tanh => Activation.Tanh,
        Hardtanh m => Activation.Hardtanh(m.min_val, m.max_val),
        Tanhshrink => Activation.Tanhshrink,
        Hardshrink m => Activation.Hardshrink(m.lambda),
        Softshrink m => Activation.Softshrink(m.lambda),
        Softplus m => Activation.Softplus(m.beta, m.threshold),
        Softsign => Activation.Softsign,
        Threshold m => Activation.Threshold(m.threshold, m.value),
        _ => null,
    };

    private static (Operation.Pooling Operation, bool ShapeAfter, string? Unmodelled)? PoolingOf(nn.Module module)
    {
        return module switch
        {
            MaxPool1d m => Pool(PoolingKind.Max, [m.kernel_size], One(m.stride), One(m.padding), m.ceil_mode, One(m.dilation)),
            MaxPool2d m => Pool(PoolingKind.Max, m.kernel_size, m.stride, m.padding, m.ceil_mode, m.dilation),
            MaxPool3d m => Pool(PoolingKind.Max, m.kernel_size, m.stride, m.padding, m.ceil_mode, m.dilation),
            AvgPool1d m => Pool(PoolingKind.Average, [m.kernel_size], One(m.stride), One(m.padding), m.ceil_mode, null),
            AvgPool2d m => Pool(PoolingKind.Average, m.kernel_size, m.stride, m.padding, m.ceil_mode, null, m.divisor_override),
            AvgPool3d m => Pool(PoolingKind.Average, m.kernel_size, m.stride, m.padding, m.ceil_mode, null, m.divisor_override),
            AdaptiveAvgPool1d m => Adaptive(PoolingKind.AdaptiveAverage, [m.output_size]),
            AdaptiveAvgPool2d m => Adaptive(PoolingKind.AdaptiveAverage, m.output_size),
            AdaptiveAvgPool3d m => Adaptive(PoolingKind.AdaptiveAverage, m.output_size),
            AdaptiveMaxPool1d m => Adaptive(PoolingKind.AdaptiveMax, [m.output_size]),
            AdaptiveMaxPool2d m => Adaptive(PoolingKind.AdaptiveMax, m.output_size),
            AdaptiveMaxPool3d m => Adaptive(PoolingKind.AdaptiveMax, m.output_size),
            _ => null,
        };

        static long[]? One(long? size) => size is { } s ? [s] : null;

        static (Operation.Pooling, bool, string?) Pool(PoolingKind kind, long[] window, long[]? stride, long[]? padding, bool ceilMode, long[]? dilation, long? divisor = null)
        {
            int dimensions = window.Length;
            string? unmodelled = dilation is not null && dilation.Any(d => d != 1) ? "pooling with a dilation" : divisor is not null ? "pooling with a divisor of its own" : null;
            return (new Operation.Pooling(kind, SizesOf(window), SizesOf(stride is { Length: > 0 } ? stride : window, dimensions),
                SizesOf(padding is { Length: > 0 } ? padding : [0], dimensions)), ceilMode, unmodelled);
        }

        static (Operation.Pooling, bool, string?) Adaptive(PoolingKind kind, long[] size) =>
            (new Operation.Pooling(kind, SizesOf(size), SizesOf(size), Sizes.Square(size.Length, 0)), false, null);
    }

    private static LayerReading Checked((Operation.Pooling Operation, bool ShapeAfter, string? Unmodelled) pooling, long[] input) =>
        pooling.Unmodelled is { } reason ? new(new Operation.Opaque(reason + " is not modelled"))
        : input.Length != pooling.Operation.Window.Count + 2 ? new(new Operation.Opaque("pooling of a single sample"))
        : new(pooling.Operation, 1, pooling.ShapeAfter);

    private static Operation RecurrentOf(TracedCall call, Func<string, WeightMoments?> moments)
    {
        if (moments("weight_ih_l0") is not { } input || moments("weight_hh_l0") is not { } hidden)
            return new Operation.Opaque($"the weights of {call.Module.GetType().Name} were not found");
        long size = hidden.Shape[1];
        int layers = Enumerable.Range(0, int.MaxValue).First(l => moments($"weight_ih_l{l}") is null);
        RecurrentCell? cell = call.Module switch
        {
            LSTM => RecurrentCell.LSTM,
            GRU => RecurrentCell.GRU,
            // The module does not tell its nonlinearity; its output does.
            _ when call.Outputs[0].Elements.Any(h => h < 0) => RecurrentCell.Tanh,
            _ when call.Outputs[0].Elements.Any(h => h > 1) => RecurrentCell.ReLU,
            _ => null,
        };
        if (cell is null)
            return new Operation.Opaque("the nonlinearity of the RNN could not be told");

        double bound = 1 / Math.Sqrt(size);
        var bias = moments("bias_ih_l0")?.Uniform(bound, Initializer.DefaultRecurrent);
        // The state, [layers, batch, hidden], tells which of the input's dimensions is the batch.
        long[] x = call.Inputs[0].Shape;
        long batch = call.Outputs.Count > 1 && call.Outputs[1].Shape.Length == 3 ? call.Outputs[1].Shape[1] : -1;
        int? steps = x.Length != 3 || x[0] == x[1] && x[0] == batch ? (x.Length == 3 ? (int)x[0] : null) : x[0] == batch ? (int)x[1] : (int)x[0];
        return new Operation.Recurrent(cell.Value, (int)input.Shape[1], (int)size, layers, steps, moments("weight_ih_l0_reverse") is not null,
            input.Uniform(bound, Initializer.DefaultRecurrent), hidden.Uniform(bound, Initializer.DefaultRecurrent), bias,
            // A raised forget bias shows in the draw as a whole; how much of it is one gate's is not read.
            bias is null or { IsDefault: true } ? 0 : null);
    }

    private static Sizes Padding(Convolution m)
    {
        int dimensions = m.kernel_size.Length;
        return m.padding_type switch
        {
            TorchSharp.Padding.Valid => Sizes.Square(dimensions, 0),
            // An even kernel is padded by one more on one side.
            TorchSharp.Padding.Same => Sizes.Of([.. m.kernel_size.Select((k, d) => SizesOf(m.dilation, dimensions)[d] * (int)(k - 1) is { } reach && reach % 2 == 0 ? reach / 2 : (int?)null)]),
            _ => SizesOf(m.padding ?? [0], dimensions),
        };
    }

    /// <summary>Sizes for each dimension; a single one counts for all.</summary>
    private static Sizes SizesOf(long[] sizes, int? dimensions = null) =>
        sizes.Length == 1 && dimensions is { } d ? Sizes.Square(d, (int)sizes[0]) : Sizes.Of([.. sizes.Select(s => (int?)s)]);
}
