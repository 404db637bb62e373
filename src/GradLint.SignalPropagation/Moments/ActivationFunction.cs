using static GradLint.SignalPropagation.Moments.SpecialFunctions;

namespace GradLint.SignalPropagation.Moments;

/// <summary>Value and derivative of the elementwise activations, as libtorch computes them; at a kink the derivative from one side.
/// RReLU with its mean slope.</summary>
internal static class ActivationFunction
{
    // Klambauer et al. 2017, arXiv:1706.02515.
    private const double SeluAlpha = 1.6732632423543772;
    private const double SeluScale = 1.0507009873554805;
    private const double GeluCubic = 0.044715;
    private static readonly double SqrtTwoOverPi = Math.Sqrt(2 / Math.PI);

    public static double Value(ActivationKind kind, double a, double b, double x)
    {
        switch (kind)
        {
            case ActivationKind.ReLU:
                return Math.Max(x, 0);
            case ActivationKind.ReLU6:
                return Clamp(x, 0, 6);
            case ActivationKind.LeakyReLU or ActivationKind.PReLU:
                return x > 0 ? x : a * x;
            case ActivationKind.ELU:
                return x > 0 ? x : a * Expm1(x);
            case ActivationKind.CELU:
                return x > 0 ? x : a * Expm1(x / a);
            case ActivationKind.SELU:
                return SeluScale * (x > 0 ? x : SeluAlpha * Expm1(x));
            case ActivationKind.GELU:
                return x * NormalCdf(x);
            case ActivationKind.GELUTanh:
                return 0.5 * x * (1 + Math.Tanh(SqrtTwoOverPi * (x + GeluCubic * x * x * x)));
            case ActivationKind.SiLU:
                return x * Sigmoid(x);
            case ActivationKind.Mish:
                return x * Math.Tanh(Softplus(x));
            case ActivationKind.Hardswish:
                return x * Clamp(x + 3, 0, 6) / 6;
            case ActivationKind.Sigmoid:
                return Sigmoid(x);
            case ActivationKind.LogSigmoid:
                return -Softplus(-x);
            case ActivationKind.Hardsigmoid:
                return Clamp(x + 3, 0, 6) / 6;
            case ActivationKind.Tanh:
                return Math.Tanh(x);
            case ActivationKind.Hardtanh:
                return Clamp(x, a, b);
            case ActivationKind.Tanhshrink:
                return x - Math.Tanh(x);
            case ActivationKind.Hardshrink:
                return Math.Abs(x) > a ? x : 0;
            case ActivationKind.Softshrink:
                return x > a ? x - a : x < -a ? x + a : 0;
            case ActivationKind.Softplus:
                return a * x > b ? x : Softplus(a * x) / a;
            case ActivationKind.Softsign:
                return x / (1 + Math.Abs(x));
            case ActivationKind.Threshold:
                return x > a ? x : b;
            case ActivationKind.Abs:
                return Math.Abs(x);
            case ActivationKind.Erf:
                return Erf(x);
            case ActivationKind.Exp:
                return Math.Exp(x);
            case ActivationKind.Sin:
                return Math.Sin(x);
            case ActivationKind.Cos:
                return Math.Cos(x);
            case ActivationKind.Square:
                return x * x;
            case ActivationKind.RReLU:
                return x > 0 ? x : (a + b) / 2 * x;
            default:
                return x;
        }
    }

    public static double Derivative(ActivationKind kind, double a, double b, double x)
    {
        switch (kind)
        {
            case ActivationKind.ReLU:
                return x > 0 ? 1 : 0;
            case ActivationKind.ReLU6:
                return x > 0 && x < 6 ? 1 : 0;
            case ActivationKind.LeakyReLU or ActivationKind.PReLU:
                return x > 0 ? 1 : a;
            case ActivationKind.ELU:
                return x > 0 ? 1 : a * Math.Exp(x);
            case ActivationKind.CELU:
                return x > 0 ? 1 : Math.Exp(x / a);
            case ActivationKind.SELU:
                return SeluScale * (x > 0 ? 1 : SeluAlpha * Math.Exp(x));
            case ActivationKind.GELU:
                return NormalCdf(x) + x * NormalDensity(x);
            case ActivationKind.GELUTanh:
                var tanh = Math.Tanh(SqrtTwoOverPi * (x + GeluCubic * x * x * x));
                return 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh * tanh) * SqrtTwoOverPi * (1 + 3 * GeluCubic * x * x);
            case ActivationKind.SiLU:
                var s = Sigmoid(x);
                return s * (1 + x * (1 - s));
            case ActivationKind.Mish:
                var t = Math.Tanh(Softplus(x));
                return t + x * (1 - t * t) * Sigmoid(x);
            case ActivationKind.Hardswish:
                return x < -3 ? 0 : x > 3 ? 1 : (2 * x + 3) / 6;
            case ActivationKind.Sigmoid:
                var y = Sigmoid(x);
                return y * Sigmoid(-x);
            case ActivationKind.LogSigmoid:
                return Sigmoid(-x);
            case ActivationKind.Hardsigmoid:
                return x > -3 && x < 3 ? 1.0 / 6 : 0;
            case ActivationKind.Tanh:
                var h = Math.Tanh(x);
                return (1 - h) * (1 + h);
            case ActivationKind.Hardtanh:
                return x > a && x < b ? 1 : 0;
            case ActivationKind.Tanhshrink:
                var u = Math.Tanh(x);
                return u * u;
            case ActivationKind.Hardshrink or ActivationKind.Softshrink:
                return Math.Abs(x) > a ? 1 : 0;
            case ActivationKind.Softplus:
                return a * x > b ? 1 : Sigmoid(a * x);
            case ActivationKind.Softsign:
                var d = 1 + Math.Abs(x);
                return 1 / (d * d);
            case ActivationKind.Threshold:
                return x > a ? 1 : 0;
            case ActivationKind.Abs:
                return x > 0 ? 1 : -1;
            case ActivationKind.Erf:
                return 2 * SqrtTwoOverPi / Math.Sqrt(2) * Math.Exp(-x * x);
            case ActivationKind.Exp:
                return Math.Exp(x);
            case ActivationKind.Sin:
                return Math.Cos(x);
            case ActivationKind.Cos:
                return -Math.Sin(x);
            case ActivationKind.Square:
                return 2 * x;
            case ActivationKind.RReLU:
                return x > 0 ? 1 : (a + b) / 2;
            default:
                return 1;
        }
    }

    /// <summary>Where value or derivative jumps: an integral must be cut there.</summary>
    public static double[] Kinks(ActivationKind kind, double a, double b) => kind switch
    {
        ActivationKind.ReLU6 => [0, 6],
        ActivationKind.Hardswish or ActivationKind.Hardsigmoid => [-3, 3],
        ActivationKind.Hardtanh => [a, b],
        ActivationKind.Hardshrink or ActivationKind.Softshrink => [-a, a],
        ActivationKind.Threshold => [a],
        ActivationKind.Softplus => [b / a],
        _ => [],
    };

    private static double Clamp(double x, double low, double high) => x < low ? low : x > high ? high : x;
}
