using System.Globalization;

namespace GradLint.SignalPropagation;

/// <summary>Shape of an initializer's distribution. Mean-field theory needs its variance only; finite-width bands and
/// symmetry breaking need the shape.</summary>
public enum InitializerDistribution
{
    /// <summary>Could not be read.</summary>
    Unknown,
    /// <summary>Uniform between two bounds.</summary>
    Uniform,
    /// <summary>Gaussian.</summary>
    Normal,
    /// <summary>Gaussian, cut at two bounds.</summary>
    TruncatedNormal,
    /// <summary>Every entry the same.</summary>
    Constant,
    /// <summary>A random (semi-)orthogonal matrix (Saxe et al. 2013, arXiv:1312.6120).</summary>
    Orthogonal,
    /// <summary>Ones on the diagonal, zeros elsewhere: <c>eye_</c>, <c>dirac_</c>.</summary>
    Identity,
    /// <summary>Gaussian with a share of zeros in each column: <c>sparse_</c>.</summary>
    Sparse,
}

/// <summary>Which size of the weight the variance is divided by.</summary>
public enum VarianceScaling
{
    /// <summary>None: the variance is a number.</summary>
    None,
    /// <summary>fan_in = inputs of one unit (times the kernel's size).</summary>
    FanIn,
    /// <summary>fan_out = units that one input reaches (times the kernel's size).</summary>
    FanOut,
    /// <summary>(fan_in + fan_out)/2, Glorot and Bengio 2010.</summary>
    FanAverage,
    /// <summary>The larger of the matrix's two sides, rows × (columns · kernel): a semi-orthogonal matrix.</summary>
    LargerSide,
    /// <summary>Hidden size of a recurrent cell, whatever the matrix.</summary>
    Hidden,
}

/// <summary>fan_in or fan_out, as kaiming initializers choose.</summary>
public enum FanMode
{
    /// <summary>Keeps the forward variance.</summary>
    FanIn,
    /// <summary>Keeps the backward variance.</summary>
    FanOut,
}

/// <summary>
/// How a weight or bias is drawn: a distribution with mean <see cref="Mean"/> and variance <see cref="Coefficient"/> divided by the size
/// that <see cref="Scaling"/> names. So fan_in·Var(W) is known for TorchSharp's default (1/3) or Kaiming (gain²) even where no width is.
/// </summary>
/// <remarks>The factory members describe what TorchSharp 0.99 to 0.107 really does, which is not always what the function's name says.</remarks>
public sealed record Initializer
{
    private Initializer(string name, InitializerDistribution distribution, VarianceScaling scaling, double? coefficient, double? mean = 0)
    {
        Name = name;
        Distribution = distribution;
        Scaling = scaling;
        Coefficient = coefficient;
        Mean = mean;
    }

    /// <summary>For people: the function's name, or <c>default</c>. Nothing that is predicted depends on it.</summary>
    public string Name { get; }

    /// <summary>Shape of the distribution.</summary>
    public InitializerDistribution Distribution { get; }

    /// <summary>What the variance is divided by.</summary>
    public VarianceScaling Scaling { get; }

    /// <summary>Variance times the size that <see cref="Scaling"/> names; null where it could not be read.</summary>
    public double? Coefficient { get; }

    /// <summary>Mean of the entries; null where it could not be read.</summary>
    public double? Mean { get; }

    /// <summary>Whether nobody chose it: what the layer's constructor does by itself.</summary>
    public bool IsDefault { get; private init; }

    /// <summary>Whether the variance and the mean could be read.</summary>
    public bool IsKnown => Coefficient is not null && Mean is not null;

    /// <summary>Whether all entries are equal, so that all units of a layer stay equal.</summary>
    public bool IsConstant => Distribution == InitializerDistribution.Constant;

    /// <summary>An initializer that could not be read.</summary>
    public static Initializer Unknown { get; } = new("unknown", InitializerDistribution.Unknown, VarianceScaling.None, null, null);

    /// <summary>Weights of Linear and Conv: <c>kaiming_uniform_(a: √5)</c>, that is U(±1/√fan_in), variance 1/(3·fan_in).</summary>
    public static Initializer Default { get; } =
        new("default", InitializerDistribution.Uniform, VarianceScaling.FanIn, 1.0 / 3) { IsDefault = true };

    /// <summary>Biases of Linear and Conv: U(±1/√fan_in) with the weight's fan_in.</summary>
    public static Initializer DefaultBias => Default;

    /// <summary>All weights and biases of RNN, LSTM, GRU and their cells: U(±1/√hidden).</summary>
    public static Initializer DefaultRecurrent { get; } =
        new("default", InitializerDistribution.Uniform, VarianceScaling.Hidden, 1.0 / 3) { IsDefault = true };

    /// <summary>Embedding and EmbeddingBag: N(0, 1).</summary>
    public static Initializer DefaultEmbedding { get; } =
        new("default", InitializerDistribution.Normal, VarianceScaling.None, 1) { IsDefault = true };

    /// <summary>Scale of a normalization layer: 1.</summary>
    public static Initializer DefaultScale { get; } =
        new("default", InitializerDistribution.Constant, VarianceScaling.None, 0, 1) { IsDefault = true };

    /// <summary>Shift of a normalization layer: 0.</summary>
    public static Initializer DefaultShift { get; } =
        new("default", InitializerDistribution.Constant, VarianceScaling.None, 0, 0) { IsDefault = true };

    /// <summary>Weight and bias of GroupNorm in TorchSharp 0.104 to 0.107: memory that nobody wrote.</summary>
    public static Initializer Uninitialized { get; } =
        new("uninitialized", InitializerDistribution.Unknown, VarianceScaling.None, null, null) { IsDefault = true };

    /// <summary>Entries 0: <c>zeros_</c>.</summary>
    public static Initializer Zeros { get; } = new("zeros_", InitializerDistribution.Constant, VarianceScaling.None, 0, 0);

    /// <summary>Entries 1: <c>ones_</c>.</summary>
    public static Initializer Ones { get; } = new("ones_", InitializerDistribution.Constant, VarianceScaling.None, 0, 1);

    /// <summary><c>eye_</c>: the identity matrix; for a square one the effective fan_in·Var(W) is 1.</summary>
    public static Initializer Eye { get; } = new("eye_", InitializerDistribution.Identity, VarianceScaling.LargerSide, 1);

    /// <summary><c>dirac_</c>: the identity convolution, ones at the kernel's centre.</summary>
    public static Initializer Dirac { get; } = new("dirac_", InitializerDistribution.Identity, VarianceScaling.LargerSide, 1);

    /// <summary><c>constant_(w, value)</c>; null where the value could not be read.</summary>
    public static Initializer Constant(double? value) => new("constant_", InitializerDistribution.Constant, VarianceScaling.None, 0, value);

    /// <summary><c>uniform_(w, low, high)</c>. TorchSharp's own defaults are 0 and 1: a mean of one half.</summary>
    public static Initializer Uniform(double? low = 0, double? high = 1) =>
        new("uniform_", InitializerDistribution.Uniform, VarianceScaling.None, (high - low) * (high - low) / 12, (low + high) / 2);

    /// <summary><c>normal_(w, mean, std)</c>.</summary>
    public static Initializer Normal(double? mean = 0, double? std = 1) =>
        new("normal_", InitializerDistribution.Normal, VarianceScaling.None, std * std, mean);

    /// <summary><c>trunc_normal_(w, mean, std, a, b)</c> as TorchSharp up to 0.107 computes it: mean and std are swapped, so that with mean 0
    /// <b>every weight is the constant std</b>, clamped to [a, b]. Another mean gives a distribution that is not modelled.</summary>
    public static Initializer TruncatedNormal(double? mean = 0, double? std = 1, double? a = -2, double? b = 2) => mean == 0
        ? new("trunc_normal_", InitializerDistribution.Constant, VarianceScaling.None, 0, std < a ? a : std > b ? b : std)
        : new("trunc_normal_", InitializerDistribution.TruncatedNormal, VarianceScaling.None, null, null);

    /// <summary><c>xavier_uniform_(w, gain)</c>: variance gain²·2/(fan_in + fan_out), Glorot and Bengio 2010.</summary>
    public static Initializer XavierUniform(double? gain = 1) =>
        new("xavier_uniform_", InitializerDistribution.Uniform, VarianceScaling.FanAverage, gain * gain);

    /// <summary><c>xavier_normal_(w, gain)</c>: in TorchSharp up to 0.107 it draws uniformly, with the right variance.</summary>
    public static Initializer XavierNormal(double? gain = 1) =>
        new("xavier_normal_", InitializerDistribution.Uniform, VarianceScaling.FanAverage, gain * gain);

    /// <summary><c>kaiming_uniform_</c>: variance gain²/fan, He et al. 2015, arXiv:1502.01852.</summary>
    /// <param name="gain"><see cref="Gain"/> of the nonlinearity that is named; TorchSharp's default (LeakyReLU with a = 0) is √2.</param>
    /// <param name="mode">Which fan.</param>
    public static Initializer KaimingUniform(double? gain = Gain.ReLU, FanMode mode = FanMode.FanIn) =>
        new("kaiming_uniform_", InitializerDistribution.Uniform, mode == FanMode.FanIn ? VarianceScaling.FanIn : VarianceScaling.FanOut, gain * gain);

    /// <summary><c>kaiming_normal_</c>: variance gain²/fan, He et al. 2015, arXiv:1502.01852.</summary>
    /// <param name="gain"><see cref="Gain"/> of the nonlinearity that is named; TorchSharp's default (LeakyReLU with a = 0) is √2.</param>
    /// <param name="mode">Which fan.</param>
    public static Initializer KaimingNormal(double? gain = Gain.ReLU, FanMode mode = FanMode.FanIn) =>
        new("kaiming_normal_", InitializerDistribution.Normal, mode == FanMode.FanIn ? VarianceScaling.FanIn : VarianceScaling.FanOut, gain * gain);

    /// <summary>N(0, gain²/fan_in), written by hand: <c>normal_(w, 0, gain/√fan_in)</c>. Gain 1 is LeCun's.</summary>
    public static Initializer LecunNormal(double? gain = 1) =>
        new("normal_", InitializerDistribution.Normal, VarianceScaling.FanIn, gain * gain);

    /// <summary><c>orthogonal_(w, gain)</c>: a semi-orthogonal rows × (columns · kernel) matrix, entries of variance gain²/(larger side).</summary>
    public static Initializer Orthogonal(double? gain = 1) =>
        new("orthogonal_", InitializerDistribution.Orthogonal, VarianceScaling.LargerSide, gain * gain);

    /// <summary><c>sparse_(w, sparsity, std)</c>: N(0, std²), a share of each column set to 0.</summary>
    public static Initializer Sparse(double? sparsity, double? std = 0.01) =>
        new("sparse_", InitializerDistribution.Sparse, VarianceScaling.None, (1 - sparsity) * std * std);

    /// <summary>The same values, each multiplied with a number; null where that could not be read.</summary>
    public Initializer Times(double? factor) => new(IsConstant ? "constant_" : Name, Distribution, Scaling, Coefficient * factor * factor, Mean * factor);

    /// <summary>The same values, a number added to each; null where that could not be read.</summary>
    public Initializer Plus(double? offset) => new(IsConstant ? "constant_" : Name, Distribution, Scaling, Coefficient, Mean + offset);

    /// <summary>For the transposed matrix: what its rows are here are its columns there.</summary>
    public Initializer Transposed() => Scaling switch
    {
        VarianceScaling.FanIn => new(Name, Distribution, VarianceScaling.FanOut, Coefficient, Mean),
        VarianceScaling.FanOut => new(Name, Distribution, VarianceScaling.FanIn, Coefficient, Mean),
        _ => this,
    };

    /// <summary>The same values where no matrix is meant: their variance itself, unknown where the shape does not tell it.</summary>
    public Initializer Of(in WeightShape shape) => Scaling == VarianceScaling.None ? this : new(Name, Distribution, VarianceScaling.None, Variance(shape), Mean);

    /// <summary>Variance of an entry; null where a size or the coefficient is unknown, or a size is not positive.</summary>
    public double? Variance(in WeightShape shape) => Scaling switch
    {
        VarianceScaling.None => Coefficient,
        VarianceScaling.FanIn => Coefficient / shape.FanIn,
        VarianceScaling.FanOut => Coefficient / shape.FanOut,
        VarianceScaling.FanAverage => Coefficient * 2 / (shape.FanIn + shape.FanOut),
        VarianceScaling.LargerSide => Coefficient / shape.LargerSide,
        _ => Coefficient / shape.Hidden,
    };

    /// <summary>fan_in·Var(W): the factor from one layer's mean square to the next. Known for fan_in scaling even where the width is not.</summary>
    public double? FanInVariance(in WeightShape shape) =>
        Scaling == VarianceScaling.FanIn ? Coefficient : shape.FanIn * Variance(shape);

    /// <summary>For example <c>kaiming_normal_ (var 2/fan_in)</c>.</summary>
    public override string ToString()
    {
        if (IsConstant)
            return $"{Name} ({Text(Mean)})";
        if (!IsKnown)
            return Name;
        var size = Scaling switch
        {
            VarianceScaling.None => "",
            VarianceScaling.FanIn => "/fan_in",
            VarianceScaling.FanOut => "/fan_out",
            VarianceScaling.FanAverage => "/fan_avg",
            VarianceScaling.LargerSide => "/larger_side",
            _ => "/hidden",
        };
        return Mean == 0 ? $"{Name} (var {Text(Coefficient)}{size})" : $"{Name} (mean {Text(Mean)}, var {Text(Coefficient)}{size})";
    }

    private static string Text(double? value) => value?.ToString("G6", CultureInfo.InvariantCulture) ?? "?";
}
