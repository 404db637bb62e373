using GradLint.SignalPropagation;
using GradLint.SignalPropagation.Moments;

namespace GradLint.Probe.Live;

/// <summary>The functions that are tried on values to explain another one, the usual ones first.</summary>
internal static class ElementwiseFunctions
{
    public static IReadOnlyList<Activation> All { get; } =
    [
        Activation.ReLU, Activation.LeakyReLU(0.01), Activation.LeakyReLU(0.1), Activation.LeakyReLU(0.2), Activation.Sigmoid, Activation.Tanh,
        Activation.GELU, Activation.GELUTanh, Activation.SiLU, Activation.ELU(), Activation.SELU, Activation.Mish, Activation.Softplus(),
        Activation.Softsign, Activation.ReLU6, Activation.Hardtanh(), Activation.Hardtanh(0, 1), Activation.Hardswish, Activation.Hardsigmoid,
        Activation.LogSigmoid, Activation.Tanhshrink, Activation.Softshrink(), Activation.Hardshrink(), Activation.Abs, Activation.Square,
        Activation.Exp, Activation.Sin, Activation.Cos, Activation.Erf,
    ];

    public static double Value(Activation function, double x) => function.Kind switch
    {
        ActivationKind.Identity => x,
        ActivationKind.Square => x * x,
        ActivationKind.Exp => Math.Exp(x),
        ActivationKind.Sin => Math.Sin(x),
        ActivationKind.Cos => Math.Cos(x),
        _ => ActivationFunction.Value(function.Kind, function.A ?? 0, function.B ?? 0, x),
    };

    public static double Slope(Activation function, double x) => function.Kind switch
    {
        ActivationKind.Identity => 1,
        ActivationKind.Square => 2 * x,
        ActivationKind.Exp => Math.Exp(x),
        ActivationKind.Sin => Math.Cos(x),
        ActivationKind.Cos => -Math.Sin(x),
        _ => ActivationFunction.Derivative(function.Kind, function.A ?? 0, function.B ?? 0, x),
    };
}
