using GradLint.SignalPropagation;

namespace GradLint.Analyzers.Reading;

/// <summary>What the factories of <c>torch.nn</c> make, under the argument names of TorchSharp 0.99 to 0.107.</summary>
internal static class Layers
{
    private static readonly string[] InChannels = ["in_channels", "inputChannel"];
    private static readonly string[] OutChannels = ["out_channels", "outputChannel"];
    private static readonly string[] KernelSize = ["kernel_size", "kernelSize"];

    /// <summary>The operation that a factory's module performs; null when the name is no layer that can be read.</summary>
    public static Operation? Create(string factory, Arguments arguments, TorchSharpSymbols symbols) => factory switch
    {
        "Linear" => Linear(arguments),
        "Bilinear" => Bilinear(arguments),
        "Conv1d" => Convolution(arguments, 1, transposed: false),
        "Conv2d" => Convolution(arguments, 2, transposed: false),
        "Conv3d" => Convolution(arguments, 3, transposed: false),
        "ConvTranspose1d" => Convolution(arguments, 1, transposed: true),
        "ConvTranspose2d" => Convolution(arguments, 2, transposed: true),
        "ConvTranspose3d" => Convolution(arguments, 3, transposed: true),
        "Embedding" => new Operation.Embedding(arguments.Integer("num_embeddings"), arguments.Integer("embedding_dims"), Initializer.DefaultEmbedding),
        "EmbeddingBag" when Bag(arguments) is not null => new Operation.Embedding(arguments.Integer("num_embeddings"), arguments.Integer("embedding_dims"), Initializer.DefaultEmbedding),
        "Upsample" => Upsample(arguments),
        "BatchNorm1d" or "BatchNorm2d" or "BatchNorm3d" =>
            Normalization(NormalizationKind.Batch, arguments.Integer("num_features", "features"), null, arguments.Flag(true, "affine"), arguments),
        "InstanceNorm1d" or "InstanceNorm2d" or "InstanceNorm3d" =>
            Normalization(NormalizationKind.Instance, arguments.Integer("num_features", "features"), null, arguments.Flag(false, "affine"), arguments),
        "GroupNorm" => GroupNorm(arguments, symbols),
        "LayerNorm" => LayerNorm(arguments),
        "Dropout" => new Operation.Dropout(arguments.NumberOr(0.5, "p"), DropoutKind.Element),
        "Dropout1d" or "Dropout2d" or "Dropout3d" => new Operation.Dropout(arguments.NumberOr(0.5, "p"), DropoutKind.Channel),
        "AlphaDropout" => new Operation.Dropout(arguments.NumberOr(0.5, "p"), DropoutKind.Alpha),
        "MaxPool1d" => Pooling(PoolingKind.Max, 1, arguments),
        "MaxPool2d" => Pooling(PoolingKind.Max, 2, arguments),
        "MaxPool3d" => Pooling(PoolingKind.Max, 3, arguments),
        "AvgPool1d" => Pooling(PoolingKind.Average, 1, arguments),
        "AvgPool2d" => Pooling(PoolingKind.Average, 2, arguments),
        "AvgPool3d" => Pooling(PoolingKind.Average, 3, arguments),
        "AdaptiveMaxPool1d" => AdaptivePooling(PoolingKind.AdaptiveMax, 1, arguments),
        "AdaptiveMaxPool2d" => AdaptivePooling(PoolingKind.AdaptiveMax, 2, arguments),
        "AdaptiveMaxPool3d" => AdaptivePooling(PoolingKind.AdaptiveMax, 3, arguments),
        "AdaptiveAvgPool1d" => AdaptivePooling(PoolingKind.AdaptiveAverage, 1, arguments),
        "AdaptiveAvgPool2d" => AdaptivePooling(PoolingKind.AdaptiveAverage, 2, arguments),
        "AdaptiveAvgPool3d" => AdaptivePooling(PoolingKind.AdaptiveAverage, 3, arguments),
        "Flatten" => Flatten(arguments),
        "Identity" => new Operation.Nonlinearity(Activation.Identity),
        _ => Activations.Module(factory, arguments) is { } activation ? new Operation.Nonlinearity(activation) : Sequences.Create(factory, arguments),
    };

    /// <summary>What an <c>EmbeddingBag</c> makes of the rows of a bag; null where that is not known.</summary>
    public static ReductionKind? Bag(Arguments arguments) => arguments.Find("mode") is null ? ReductionKind.Mean : arguments.Integer("mode") switch
    {
        0 => ReductionKind.Sum,
        1 => ReductionKind.Mean,
        2 => ReductionKind.Max,
        _ => null,
    };

    /// <summary>Positions that are repeated; null for any other interpolation, which also mixes them.</summary>
    public static Operation? Upsample(Arguments arguments)
    {
        if (arguments.Find("mode") is not null && arguments.Integer("mode") != 0)
            return null;
        if (arguments.Find("scale_factor", "scaleFactors", "scaleFactor") is ListValue { Elements: { Count: > 0 } factors })
            return new Operation.Upsample(Sizes.Of([.. factors.Select(f => Constants.Number(f) is { } factor && factor == Math.Floor(factor) ? (int?)factor : null)]));
        return arguments.Find("size", "outputSizes", "outputSize") is ListValue { Elements: { Count: > 0 } sizes } ? new Operation.Upsample(Sizes.Square(sizes.Count, null)) : null;
    }

    /// <summary>A size that a layer tells as a property: <c>linear.in_features</c>; null where it is not known.</summary>
    public static int? Size(Operation operation, string property) => (operation, property) switch
    {
        (Operation.Linear o, "in_features") => o.InFeatures,
        (Operation.Linear o, "out_features") => o.OutFeatures,
        (Operation.Convolution o, "in_channels") => o.InChannels,
        (Operation.Convolution o, "out_channels") => o.OutChannels,
        _ => null,
    };

    /// <summary>Flattening everything after the batch dimension; anything else only rearranges.</summary>
    public static Operation Flatten(Arguments arguments) =>
        arguments.NumberOr(1, "start_dim", "startDim") == 1 && arguments.NumberOr(-1, "end_dim", "endDim") == -1
            ? new Operation.Flatten()
            : new Operation.Reshape(null, null);

    public static Operation Pooling(PoolingKind kind, int dimensions, Arguments arguments)
    {
        var window = arguments.Sizes(dimensions, Sizes.Square(dimensions, null), KernelSize);
        return new Operation.Pooling(kind, window, arguments.Sizes(dimensions, window, "stride", "strides"), arguments.Sizes(dimensions, Sizes.Square(dimensions, 0), "padding"));
    }

    public static Operation AdaptivePooling(PoolingKind kind, int dimensions, Arguments arguments) => new Operation.Pooling(
        kind, arguments.Sizes(dimensions, Sizes.Square(dimensions, null), "output_size", "outputSize"), Sizes.Square(dimensions, 1), Sizes.Square(dimensions, 0));

    private static Operation? Linear(Arguments arguments) =>
        // The overload with a ready-made weight initializes nothing.
        arguments.Find("inputSize") is null
            ? null
            : new Operation.Linear(arguments.Integer("inputSize"), arguments.Integer("outputSize"), Initializer.Default, Bias(arguments, "hasBias"));

    private static Operation Bilinear(Arguments arguments) => new Operation.Bilinear(
        arguments.Integer("in1_features", "in1Features"),
        arguments.Integer("in2_features", "in2Features"),
        arguments.Integer("out_features", "outputSize"),
        Initializer.Default,
        Bias(arguments, "hasBias"));

    private static Operation Convolution(Arguments arguments, int dimensions, bool transposed)
    {
        var kernel = arguments.Sizes(dimensions, Sizes.Square(dimensions, null), KernelSize);
        var one = Sizes.Square(dimensions, 1);
        var dilation = arguments.Sizes(dimensions, one, "dilation");
        return new Operation.Convolution(
            arguments.Integer(InChannels),
            arguments.Integer(OutChannels),
            kernel,
            arguments.Sizes(dimensions, one, "stride"),
            Padding(arguments, dimensions, kernel, dilation),
            dilation,
            arguments.Find("groups") is null ? 1 : arguments.Integer("groups"),
            transposed,
            Initializer.Default,
            Bias(arguments, "bias"));
    }

    private static Sizes Padding(Arguments arguments, int dimensions, Sizes kernel, Sizes dilation)
    {
        if (!arguments.IsEnum("padding"))
            return arguments.Sizes(dimensions, Sizes.Square(dimensions, 0), "padding");

        // Padding.Valid is 0, Padding.Same 1: dilation·(kernel − 1)/2 zeros on each side, exact for odd kernels.
        return arguments.Integer("padding") switch
        {
            0 => Sizes.Square(dimensions, 0),
            1 => Sizes.Of([.. kernel.Zip(dilation, (k, d) => k % 2 == 1 ? d * (k - 1) / 2 : null)]),
            _ => Sizes.Square(dimensions, null),
        };
    }

    private static Operation GroupNorm(Arguments arguments, TorchSharpSymbols symbols)
    {
        var written = symbols.GroupNormIsUninitialized ? Initializer.Uninitialized : null;
        var affine = arguments.Flag(true, "affine");
        return new Operation.Normalization(
            NormalizationKind.Group,
            arguments.Integer("num_channels"),
            arguments.Integer("num_groups"),
            affine == false ? null : affine is null ? Initializer.Unknown : written ?? Initializer.DefaultScale,
            affine == false ? null : affine is null ? Initializer.Unknown : written ?? Initializer.DefaultShift,
            arguments.NumberOr(1e-5, "eps"));
    }

    private static Operation LayerNorm(Arguments arguments)
    {
        var shape = arguments.Find("normalized_shape", "normalizedShape");
        var width = shape is ListValue { Elements: { Count: 1 } elements } ? Constants.Integer(elements[0]) : shape is null ? null : Constants.Integer(shape);
        var norm = Normalization(NormalizationKind.Layer, width, null, arguments.Flag(true, "elementwise_affine", "elementwiseAffine"), arguments);
        return arguments.Flag(true, "bias") switch
        {
            true => norm,
            false => norm with { Bias = null },
            null => norm with { Bias = norm.Bias is null ? null : Initializer.Unknown },
        };
    }

    private static Operation.Normalization Normalization(NormalizationKind kind, int? width, int? groups, bool? affine, Arguments arguments) => new Operation.Normalization(
        kind,
        width,
        groups,
        affine switch { true => Initializer.DefaultScale, false => null, null => Initializer.Unknown },
        affine switch { true => Initializer.DefaultShift, false => null, null => Initializer.Unknown },
        arguments.NumberOr(1e-5, "eps"));

    private static Initializer? Bias(Arguments arguments, string name) => arguments.Flag(true, name) switch
    {
        true => Initializer.DefaultBias,
        false => null,
        null => Initializer.Unknown,
    };
}
