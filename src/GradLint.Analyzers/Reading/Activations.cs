using GradLint.SignalPropagation;

namespace GradLint.Analyzers.Reading;

/// <summary>Activation functions by every name that TorchSharp has for them.</summary>
internal static class Activations
{
    /// <summary>The activation of a <c>torch.nn</c> factory: <c>LeakyReLU(0.2)</c>; null when it makes no activation.</summary>
    public static Activation? Module(string factory, Arguments arguments) => factory switch
    {
        "ReLU" => Activation.ReLU,
        "ReLU6" => Activation.ReLU6,
        "LeakyReLU" => Activation.LeakyReLU(arguments.NumberOr(0.01, "negative_slope", "negativeSlope")),
        "RReLU" => Activation.RReLU(arguments.NumberOr(1.0 / 8, "lower"), arguments.NumberOr(1.0 / 3, "upper")),
        "PReLU" => Activation.PReLU(arguments.NumberOr(0.25, "init")),
        "ELU" => Activation.ELU(arguments.NumberOr(1, "alpha")),
        "CELU" => Activation.CELU(arguments.NumberOr(1, "alpha")),
        "SELU" => Activation.SELU,
        "GELU" => arguments.Find("approximate") is null ? Activation.GELU : arguments.Integer("approximate") switch { 0 => Activation.GELU, 1 => Activation.GELUTanh, _ => Activation.Unknown },
        "SiLU" => Activation.SiLU,
        "Mish" => Activation.Mish,
        "Hardswish" => Activation.Hardswish,
        "Sigmoid" => Activation.Sigmoid,
        "LogSigmoid" => Activation.LogSigmoid,
        "Hardsigmoid" => Activation.Hardsigmoid,
        "Tanh" => Activation.Tanh,
        "Hardtanh" => Hardtanh(false, arguments),
        "Tanhshrink" => Activation.Tanhshrink,
        "Hardshrink" => Activation.Hardshrink(arguments.NumberOr(0.5, "lambda")),
        "Softshrink" => Activation.Softshrink(arguments.NumberOr(0.5, "lambda")),
        "Softplus" => Activation.Softplus(arguments.NumberOr(1, "beta"), arguments.NumberOr(20, "threshold")),
        "Softsign" => Activation.Softsign,
        "Threshold" => Activation.Threshold(arguments.Number("threshold"), arguments.Number("value")),
        "Softmax" or "Softmax2d" => Activation.Softmax,
        "LogSoftmax" => Activation.LogSoftmax,
        "Softmin" => Activation.Softmin,
        "GLU" => Activation.GLU,
        _ => null,
    };

    /// <summary>
    /// The activation of a function or tensor method, with or without the underscore of an in-place one: <c>functional.relu</c>,
    /// <c>torch.sigmoid</c>, <c>x.tanh_()</c>; null when it is no activation.
    /// </summary>
    public static Activation? Function(string method, Arguments arguments) => method.TrimEnd('_').ToLowerInvariant() switch
    {
        "relu" => Activation.ReLU,
        "relu6" => Activation.ReLU6,
        "leaky_relu" => Activation.LeakyReLU(arguments.NumberOr(0.01, "negative_slope")),
        "rrelu" => Activation.RReLU(arguments.NumberOr(1.0 / 8, "lower"), arguments.NumberOr(1.0 / 3, "upper")),
        "elu" when arguments.Find("scale") is null && arguments.Find("input_scale") is null => Activation.ELU(arguments.NumberOr(1, "alpha")),
        "celu" => Activation.CELU(arguments.NumberOr(1, "alpha")),
        "selu" => Activation.SELU,
        "gelu" => arguments.Find("approximate") is null ? Activation.GELU : Activation.Unknown,
        "silu" => Activation.SiLU,
        "mish" => Activation.Mish,
        "hardswish" => Activation.Hardswish,
        "sigmoid" => Activation.Sigmoid,
        "logsigmoid" or "log_sigmoid" => Activation.LogSigmoid,
        "hardsigmoid" => Activation.Hardsigmoid,
        "tanh" => Activation.Tanh,
        "hardtanh" => Hardtanh(method[method.Length - 1] == '_', arguments),
        "tanhshrink" => Activation.Tanhshrink,
        "softplus" => Activation.Softplus(arguments.NumberOr(1, "beta"), arguments.NumberOr(20, "threshold")),
        "softsign" => Activation.Softsign,
        "softmax" => Activation.Softmax,
        "log_softmax" => Activation.LogSoftmax,
        "softmin" => Activation.Softmin,
        "glu" => Activation.GLU,
        "erf" => Activation.Erf,
        "exp" => Activation.Exp,
        "sin" => Activation.Sin,
        "cos" => Activation.Cos,
        "abs" => Activation.Abs,
        "square" => Activation.Square,
        _ => null,
    };
    /// <summary>
    /// TorchSharp drops what <c>hardtanh</c> computes and returns its input, from 0.100.7 on at the latest, unless it works in place; and a
    /// <c>Sequential</c> has disposed of that input.
    /// </summary>
    private static Activation Hardtanh(bool isInPlace, Arguments arguments) => isInPlace || arguments.Flag(false, "inplace") == true
        ? Activation.Hardtanh(arguments.NumberOr(-1, "min_val", "min"), arguments.NumberOr(1, "max_val", "max"))
        : Activation.Unknown;
}
