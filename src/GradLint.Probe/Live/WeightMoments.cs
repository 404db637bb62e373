using GradLint.SignalPropagation;
using static TorchSharp.torch;

namespace GradLint.Probe.Live;

/// <summary>What is measured of a weight or bias, and the initializer that such a draw comes from.</summary>
/// <param name="Shape">Its sizes.</param>
/// <param name="Mean">Mean of its entries.</param>
/// <param name="Variance">Variance of its entries, around their mean.</param>
/// <param name="Least">Smallest entry.</param>
/// <param name="Largest">Largest entry.</param>
internal sealed record WeightMoments(long[] Shape, double Mean, double Variance, double Least, double Largest)
{
    /// <summary>How many numbers <see cref="OnDevice"/> has.</summary>
    public const int Numbers = 4;

    // Standard errors by which a draw may be off: one network in a million has an entry beyond.
    private const double StandardErrors = 5;

    private long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Mean, variance, least and largest entry, still on the device.</summary>
    public static Tensor OnDevice(Tensor weight)
    {
        var value = weight.detach().reshape(-1);
        var wide = value.dtype == ScalarType.Float64 ? value : value.to_type(ScalarType.Float32);
        // Along a dimension: over all of a tensor TorchSharp's var is unbiased whatever it is told, and of one entry NaN.
        return stack([wide.mean(), wide.var(0, unbiased: false), wide.min(), wide.max()]);
    }

    public static WeightMoments FromHost(long[] shape, ReadOnlySpan<double> numbers) => new(shape, numbers[0], numbers[1], numbers[2], numbers[3]);

    /// <summary>The initializer of a weight or bias that by default is drawn from U(±bound).</summary>
    /// <param name="bound">1/√fan_in, or 1/√hidden.</param>
    /// <param name="whenDefault">What the layer's constructor does by itself.</param>
    public Initializer Uniform(double bound, Initializer whenDefault)
    {
        double reach = Math.Max(Math.Abs(Least), Math.Abs(Largest));
        bool isDefault = reach <= bound * (1 + 1e-6)
            // Nobody draws n numbers that all stay in the inner part of the interval.
            && Math.Pow(reach / bound, Count) > 1e-6
            && IsNear(Mean, 0, bound / Math.Sqrt(3 * Count))
            // The kurtosis of the uniform distribution is 9/5.
            && IsNear(Variance, bound * bound / 3, bound * bound / 3 * Math.Sqrt(0.8 / Count));
        return !IsConstant && isDefault ? whenDefault : AsMeasured();
    }

    /// <summary>The initializer of an embedding, by default N(0, 1).</summary>
    public Initializer Embedding() =>
        !IsConstant && IsNear(Mean, 0, 1 / Math.Sqrt(Count)) && IsNear(Variance, 1, Math.Sqrt(2.0 / Count)) ? Initializer.DefaultEmbedding : AsMeasured();

    /// <summary>The initializer of a normalization's scale or shift, by default a constant.</summary>
    public Initializer Normalization(Initializer whenDefault) => IsConstant && Mean == whenDefault.Mean ? whenDefault : AsMeasured();

    /// <summary>The value of all entries; <c>null</c> where they differ.</summary>
    public double? Constant => IsConstant ? Least : null;

    private bool IsConstant => Least == Largest;

    private Initializer AsMeasured()
    {
        if (!double.IsFinite(Mean) || !double.IsFinite(Variance) || !double.IsFinite(Least) || !double.IsFinite(Largest))
            return Initializer.Unknown;
        if (IsConstant)
            return Least switch { 0 => Initializer.Zeros, 1 => Initializer.Ones, _ => Initializer.Constant(Least) };
        if (IsIdentity)
            return Shape.Length == 2 ? Initializer.Eye : Initializer.Dirac;
        double deviation = Math.Sqrt(Variance);
        double mean = IsNear(Mean, 0, deviation / Math.Sqrt(Count)) ? 0 : Mean;
        double reach = Math.Max(Largest - Mean, Mean - Least) / deviation;
        // A uniform draw ends at √3 = 1.73 standard deviations; a normal one of this many entries does not.
        return Count >= 32 && reach < 1.8
            ? Initializer.Uniform(mean - Math.Sqrt(3) * deviation, mean + Math.Sqrt(3) * deviation)
            : Initializer.Normal(mean, deviation);
    }

    /// <summary>Zeros and min(rows, columns) ones: <c>eye_</c>, <c>dirac_</c>.</summary>
    private bool IsIdentity => Shape.Length >= 2 && Least == 0 && Largest == 1
        && Math.Abs(Mean * Count - Math.Min(Shape[0], Shape[1])) < 0.01
        && Math.Abs((Variance + Mean * Mean) * Count - Math.Min(Shape[0], Shape[1])) < 0.01;

    private static bool IsNear(double value, double expected, double standardError) => Math.Abs(value - expected) <= StandardErrors * standardError;
}
