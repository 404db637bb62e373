using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Reading;

/// <summary>The functions of <c>torch.nn.init</c>, and the tensor methods that overwrite a parameter.</summary>
internal static class Initialization
{
    /// <summary>What a call leaves in a parameter; null for a function that writes nothing.</summary>
    public static Initializer? Create(string function, Arguments arguments) => function switch
    {
        "xavier_uniform_" or "glorot_uniform_" => Initializer.XavierUniform(arguments.NumberOr(1, "gain")),
        "xavier_normal_" or "glorot_normal_" => Initializer.XavierNormal(arguments.NumberOr(1, "gain")),
        "kaiming_uniform_" => Mode(arguments) is { } mode ? Initializer.KaimingUniform(KaimingGain(arguments), mode) : Initializer.Unknown,
        "kaiming_normal_" => Mode(arguments) is { } mode ? Initializer.KaimingNormal(KaimingGain(arguments), mode) : Initializer.Unknown,
        "normal_" => Initializer.Normal(arguments.NumberOr(0, "mean"), arguments.NumberOr(1, "std", "stddev")),
        "uniform_" => Initializer.Uniform(arguments.NumberOr(0, "low", "from"), arguments.NumberOr(1, "high", "to")),
        "trunc_normal_" => Initializer.TruncatedNormal(arguments.NumberOr(0, "mean"), arguments.NumberOr(1, "std"), arguments.NumberOr(-2, "a"), arguments.NumberOr(2, "b")),
        "orthogonal_" => Initializer.Orthogonal(arguments.NumberOr(1, "gain")),
        "sparse_" => Initializer.Sparse(arguments.Number("sparsity"), arguments.NumberOr(0.01, "std")),
        "constant_" => Initializer.Constant(arguments.Number("val")),
        "fill_" => Initializer.Constant(arguments.Number("value")),
        "zeros_" or "zero_" => Initializer.Zeros,
        "ones_" => Initializer.Ones,
        "eye_" => Initializer.Eye,
        "dirac_" => Initializer.Dirac,
        "calculate_gain" => null,
        _ => Initializer.Unknown,
    };

    /// <summary><c>calculate_gain</c> as TorchSharp has it.</summary>
    public static double? GainOf(int? nonlinearity, double? param) => nonlinearity switch
    {
        >= 0 and <= 7 => Gain.Linear,
        8 => Gain.Tanh,
        9 => Gain.ReLU,
        10 => param is { } slope ? Gain.LeakyReLU(slope) : null,
        _ => null,
    };

    /// <summary>What <c>CalculateFanInAndFanOut</c> returns; unknown for the weight of a transposed convolution, which has its sides exchanged.</summary>
    public static Value Fans(Value weight) => weight is ParameterValue { Name: "weight", Layer.Operation: { } operation }
        ? operation switch
        {
            Operation.Linear { InFeatures: { } inputs, OutFeatures: { } outputs } => Pair(inputs, outputs),
            Operation.Convolution { Transposed: false, InChannels: { } inputs, OutChannels: { } outputs, Groups: > 0 and int groups, Kernel.Product: { } kernel } => Pair(inputs / groups * kernel, outputs * kernel),
            _ => Value.Unknown,
        }
        : Value.Unknown;

    private static TupleValue Pair(double fanIn, double fanOut) => new([new ConstantValue((long)fanIn), new ConstantValue((long)fanOut)]);

    /// <summary>Puts an initializer in place of the one that a parameter has.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="initializer">What is written into it.</param>
    /// <param name="call">The call that does so; null where that is not known.</param>
    public static void Assign(ParameterValue parameter, Initializer initializer, SyntaxNode? call = null)
    {
        var layer = parameter.Layer;
        if (layer.IsTrained)
            return;
        if (parameter.Name is "weight" or "")
            layer.Initialization = call;
        layer.Operation = (parameter.Name, layer.Operation) switch
        {
            ("weight", Operation.Linear o) => o with { Weight = initializer },
            ("bias", Operation.Linear { Bias: not null } o) => o with { Bias = initializer },
            ("weight", Operation.Bilinear o) => o with { Weight = initializer },
            ("bias", Operation.Bilinear { Bias: not null } o) => o with { Bias = initializer },
            ("weight", Operation.Convolution o) => o with { Weight = initializer },
            ("bias", Operation.Convolution { Bias: not null } o) => o with { Bias = initializer },
            ("weight", Operation.Embedding o) => o with { Weight = initializer },
            ("weight", Operation.Normalization { Weight: not null } o) => o with { Weight = initializer },
            ("bias", Operation.Normalization { Bias: not null } o) => o with { Bias = initializer },
            ("weight", Operation.Nonlinearity { Function.Kind: ActivationKind.PReLU }) => new Operation.Nonlinearity(Activation.PReLU(initializer.IsConstant ? initializer.Mean : null)),
            ("", Operation.LearnedTensor o) => o with { Values = initializer },
            (_, Operation.Recurrent or Operation.MultiheadAttention or Operation.TransformerEncoderLayer) => Sequences.Assign(layer.Operation, parameter.Name, initializer),
            _ => layer.Operation,
        };
    }

    /// <summary>Every parameter of a layer by its name.</summary>
    public static IEnumerable<string> ParameterNames(Operation operation) => operation switch
    {
        Operation.Linear { Bias: null } or Operation.Bilinear { Bias: null } or Operation.Convolution { Bias: null } or Operation.Embedding => ["weight"],
        Operation.Linear or Operation.Bilinear or Operation.Convolution => ["weight", "bias"],
        Operation.Normalization { Weight: not null, Bias: not null } => ["weight", "bias"],
        Operation.Nonlinearity { Function.Kind: ActivationKind.PReLU } => ["weight"],
        Operation.LearnedTensor => [""],
        _ => Sequences.ParameterNames(operation),
    };

    /// <summary>How many dimensions a parameter has: what the usual <c>p.dim() &gt; 1</c> asks.</summary>
    public static int? Dimensions(ParameterValue parameter) => (parameter.Name, parameter.Layer.Operation) switch
    {
        ("bias", _) => 1,
        ("weight", Operation.Linear or Operation.Embedding) => 2,
        ("", Operation.LearnedTensor o) => o.Shape?.Count,
        ("weight", Operation.Bilinear) => 3,
        ("weight", Operation.Convolution o) => 2 + o.Kernel.Count,
        ("weight", Operation.Normalization or Operation.Nonlinearity) => 1,
        (var name, Operation.Recurrent or Operation.MultiheadAttention or Operation.TransformerEncoderLayer) => name.Contains("bias") || name.StartsWith("norm", StringComparison.Ordinal) ? 1 : 2,
        _ => null,
    };

    private static FanMode? Mode(Arguments arguments) => arguments.Find("mode") is null ? FanMode.FanIn : arguments.Integer("mode") switch
    {
        0 => FanMode.FanIn,
        1 => FanMode.FanOut,
        _ => null,
    };

    private static double? KaimingGain(Arguments arguments)
    {
        var nonlinearity = arguments.Find("nonlinearity") is null ? 10 : arguments.Integer("nonlinearity");
        return GainOf(nonlinearity, arguments.NumberOr(0, "a"));
    }
}
