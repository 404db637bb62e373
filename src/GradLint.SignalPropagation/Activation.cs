using System.Globalization;

namespace GradLint.SignalPropagation;

/// <summary>The elementwise (and softmax-like) functions between weight layers, by the name that torch.nn gives them.</summary>
public enum ActivationKind
{
    /// <summary>An activation that could not be read.</summary>
    Unknown,
    /// <summary>x</summary>
    Identity,
    /// <summary>max(x, 0)</summary>
    ReLU,
    /// <summary>min(max(x, 0), 6)</summary>
    ReLU6,
    /// <summary>x, or slope·x below zero; A is the slope.</summary>
    LeakyReLU,
    /// <summary>LeakyReLU with a slope drawn from U(A, B) for every element in training.</summary>
    RReLU,
    /// <summary>LeakyReLU with a learned slope; A is its initial value.</summary>
    PReLU,
    /// <summary>x, or A·(e^x − 1) below zero.</summary>
    ELU,
    /// <summary>x, or A·(e^(x/A) − 1) below zero.</summary>
    CELU,
    /// <summary>Klambauer et al. 2017, arXiv:1706.02515.</summary>
    SELU,
    /// <summary>x·Φ(x); Hendrycks and Gimpel 2016, arXiv:1606.08415.</summary>
    GELU,
    /// <summary>GELU by its tanh approximation.</summary>
    GELUTanh,
    /// <summary>x·sigmoid(x)</summary>
    SiLU,
    /// <summary>x·tanh(softplus(x))</summary>
    Mish,
    /// <summary>x·relu6(x + 3)/6</summary>
    Hardswish,
    /// <summary>1/(1 + e^−x)</summary>
    Sigmoid,
    /// <summary>log sigmoid(x)</summary>
    LogSigmoid,
    /// <summary>relu6(x + 3)/6</summary>
    Hardsigmoid,
    /// <summary>tanh x</summary>
    Tanh,
    /// <summary>x clipped to [A, B].</summary>
    Hardtanh,
    /// <summary>x − tanh x</summary>
    Tanhshrink,
    /// <summary>x, or 0 where |x| ≤ A.</summary>
    Hardshrink,
    /// <summary>x moved towards 0 by A, or 0 where |x| ≤ A.</summary>
    Softshrink,
    /// <summary>log(1 + e^(A·x))/A; the identity where A·x exceeds B.</summary>
    Softplus,
    /// <summary>x/(1 + |x|)</summary>
    Softsign,
    /// <summary>x above A, otherwise B.</summary>
    Threshold,
    /// <summary>e^x</summary>
    Exp,
    /// <summary>sin x</summary>
    Sin,
    /// <summary>cos x</summary>
    Cos,
    /// <summary>x²</summary>
    Square,
    /// <summary>|x|</summary>
    Abs,
    /// <summary>erf x</summary>
    Erf,
    /// <summary>Softmax over the feature dimension: it couples the units.</summary>
    Softmax,
    /// <summary>Log-softmax over the feature dimension.</summary>
    LogSoftmax,
    /// <summary>Softmax of −x.</summary>
    Softmin,
    /// <summary>Gated linear unit: one half of the features times the sigmoid of the other (arXiv:1612.08083).</summary>
    GLU,
}

/// <summary>An activation function with its parameters.</summary>
public sealed record Activation
{
    private static readonly string[] Names =
    [
        "unknown", "identity", "relu", "relu6", "leaky_relu", "rrelu", "prelu", "elu", "celu",
        "selu", "gelu", "gelu_tanh", "silu", "mish", "hardswish", "sigmoid", "logsigmoid", "hardsigmoid",
        "tanh", "hardtanh", "tanhshrink", "hardshrink", "softshrink", "softplus", "softsign", "threshold", "exp",
        "sin", "cos", "square", "abs", "erf", "softmax", "log_softmax", "softmin", "glu",
    ];

    private Activation(ActivationKind kind, double? a = 0, double? b = 0) => (Kind, A, B) = (kind, a, b);

    /// <summary>Which function.</summary>
    public ActivationKind Kind { get; }

    /// <summary>First parameter, as <see cref="ActivationKind"/> describes it; 0 where there is none, null where it could not be read.</summary>
    public double? A { get; }

    /// <summary>Second parameter; 0 where there is none, null where it could not be read.</summary>
    public double? B { get; }

    /// <summary>An activation that could not be read.</summary>
    public static Activation Unknown { get; } = new(ActivationKind.Unknown);

    /// <summary>The identity.</summary>
    public static Activation Identity { get; } = new(ActivationKind.Identity);

    /// <summary>ReLU.</summary>
    public static Activation ReLU { get; } = new(ActivationKind.ReLU);

    /// <summary>ReLU6.</summary>
    public static Activation ReLU6 { get; } = new(ActivationKind.ReLU6);

    /// <summary>SELU.</summary>
    public static Activation SELU { get; } = new(ActivationKind.SELU);

    /// <summary>GELU, exact.</summary>
    public static Activation GELU { get; } = new(ActivationKind.GELU);

    /// <summary>GELU by its tanh approximation.</summary>
    public static Activation GELUTanh { get; } = new(ActivationKind.GELUTanh);

    /// <summary>SiLU, also called swish.</summary>
    public static Activation SiLU { get; } = new(ActivationKind.SiLU);

    /// <summary>Mish.</summary>
    public static Activation Mish { get; } = new(ActivationKind.Mish);

    /// <summary>Hardswish.</summary>
    public static Activation Hardswish { get; } = new(ActivationKind.Hardswish);

    /// <summary>Sigmoid.</summary>
    public static Activation Sigmoid { get; } = new(ActivationKind.Sigmoid);

    /// <summary>LogSigmoid.</summary>
    public static Activation LogSigmoid { get; } = new(ActivationKind.LogSigmoid);

    /// <summary>Hardsigmoid.</summary>
    public static Activation Hardsigmoid { get; } = new(ActivationKind.Hardsigmoid);

    /// <summary>Tanh.</summary>
    public static Activation Tanh { get; } = new(ActivationKind.Tanh);

    /// <summary>Tanhshrink.</summary>
    public static Activation Tanhshrink { get; } = new(ActivationKind.Tanhshrink);

    /// <summary>Softsign.</summary>
    public static Activation Softsign { get; } = new(ActivationKind.Softsign);

    /// <summary>The exponential function.</summary>
    public static Activation Exp { get; } = new(ActivationKind.Exp);

    /// <summary>The sine.</summary>
    public static Activation Sin { get; } = new(ActivationKind.Sin);

    /// <summary>The cosine.</summary>
    public static Activation Cos { get; } = new(ActivationKind.Cos);

    /// <summary>The square.</summary>
    public static Activation Square { get; } = new(ActivationKind.Square);

    /// <summary>The absolute value.</summary>
    public static Activation Abs { get; } = new(ActivationKind.Abs);

    /// <summary>The error function.</summary>
    public static Activation Erf { get; } = new(ActivationKind.Erf);

    /// <summary>Softmax over the features.</summary>
    public static Activation Softmax { get; } = new(ActivationKind.Softmax);

    /// <summary>Log-softmax over the features.</summary>
    public static Activation LogSoftmax { get; } = new(ActivationKind.LogSoftmax);

    /// <summary>Softmin over the features.</summary>
    public static Activation Softmin { get; } = new(ActivationKind.Softmin);

    /// <summary>Gated linear unit: halves the width.</summary>
    public static Activation GLU { get; } = new(ActivationKind.GLU);

    /// <summary>LeakyReLU.</summary>
    /// <param name="slope">Slope below zero; null where it could not be read.</param>
    public static Activation LeakyReLU(double? slope = 0.01) => new(ActivationKind.LeakyReLU, slope);

    /// <summary>LeakyReLU with a random slope.</summary>
    /// <param name="lower">Smallest slope.</param>
    /// <param name="upper">Largest slope.</param>
    public static Activation RReLU(double? lower = 1.0 / 8, double? upper = 1.0 / 3) => new(ActivationKind.RReLU, lower, upper);

    /// <summary>LeakyReLU with a learned slope.</summary>
    /// <param name="initial">Its value before training.</param>
    public static Activation PReLU(double? initial = 0.25) => new(ActivationKind.PReLU, initial);

    /// <summary>ELU.</summary>
    /// <param name="alpha">Value towards minus infinity, negated.</param>
    public static Activation ELU(double? alpha = 1) => new(ActivationKind.ELU, alpha);

    /// <summary>CELU.</summary>
    /// <param name="alpha">Value towards minus infinity, negated.</param>
    public static Activation CELU(double? alpha = 1) => new(ActivationKind.CELU, alpha);

    /// <summary>Hardtanh.</summary>
    /// <param name="min">Lower bound.</param>
    /// <param name="max">Upper bound.</param>
    public static Activation Hardtanh(double? min = -1, double? max = 1) => new(ActivationKind.Hardtanh, min, max);

    /// <summary>Hardshrink.</summary>
    /// <param name="lambda">Half-width of the dead zone.</param>
    public static Activation Hardshrink(double? lambda = 0.5) => new(ActivationKind.Hardshrink, lambda);

    /// <summary>Softshrink.</summary>
    /// <param name="lambda">Half-width of the dead zone.</param>
    public static Activation Softshrink(double? lambda = 0.5) => new(ActivationKind.Softshrink, lambda);

    /// <summary>Softplus.</summary>
    /// <param name="beta">Sharpness.</param>
    /// <param name="threshold">The identity is used where beta·x exceeds it.</param>
    public static Activation Softplus(double? beta = 1, double? threshold = 20) => new(ActivationKind.Softplus, beta, threshold);

    /// <summary>Threshold.</summary>
    /// <param name="threshold">x passes above it.</param>
    /// <param name="value">What replaces x at or below it.</param>
    public static Activation Threshold(double? threshold, double? value) => new(ActivationKind.Threshold, threshold, value);

    /// <summary>Whether the derivative falls to zero on at least one side because the value approaches a bound, so that a chain of them
    /// fades: sigmoid, tanh, softsign, their hard and logarithmic forms, softmax. (ReLU is off on one side, but passes the other whole.)</summary>
    public bool IsSaturating => Kind is ActivationKind.Sigmoid or ActivationKind.Tanh or ActivationKind.Softsign or ActivationKind.Hardsigmoid
        or ActivationKind.LogSigmoid or ActivationKind.Softmax or ActivationKind.Softmin or ActivationKind.Hardtanh or ActivationKind.Erf;

    /// <summary>Whether it is a function of each element alone, the same for all elements.</summary>
    public bool IsElementwise => Kind is not (ActivationKind.Unknown or ActivationKind.Softmax or ActivationKind.LogSoftmax
        or ActivationKind.Softmin or ActivationKind.GLU);

    /// <summary>The name as torch.nn.functional spells it: <c>leaky_relu</c>.</summary>
    public string Name => Names[(int)Kind];

    /// <inheritdoc/>
    public bool Equals(Activation? other) => other is not null && Kind == other.Kind && Same(A, other.A) && Same(B, other.B);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((((int)Kind * 397) ^ A.GetHashCode()) * 397) ^ B.GetHashCode();

    /// <summary>Name and parameters: <c>leaky_relu(0.2)</c>.</summary>
    public override string ToString() => Kind switch
    {
        ActivationKind.LeakyReLU or ActivationKind.PReLU or ActivationKind.ELU or ActivationKind.CELU or ActivationKind.Hardshrink
            or ActivationKind.Softshrink => $"{Name}({Text(A)})",
        ActivationKind.RReLU or ActivationKind.Hardtanh or ActivationKind.Softplus or ActivationKind.Threshold => $"{Name}({Text(A)}, {Text(B)})",
        _ => Name,
    };

    private static bool Same(double? one, double? other) => one.HasValue == other.HasValue && one.GetValueOrDefault().Equals(other.GetValueOrDefault());

    private static string Text(double? value) => value?.ToString("G6", CultureInfo.InvariantCulture) ?? "?";
}
