namespace GradLint.SignalPropagation.Moments;

/// <summary>The distribution of one element where it is far from Gaussian: values and their probabilities. A residual stream that an activation
/// rectifies again and again is of this kind: it stays positive, and its slopes stay near 1.</summary>
internal sealed class Atoms
{
    private const int Count = 61;
    private const double Range = 5;

    // Products of smaller numbers would be denormal, and slow.
    private const double Negligible = 1e-20;
    private readonly double[] values;
    private readonly double[] weights;

    private Atoms(double[] values, double[] weights)
    {
        var total = weights.Sum();
        for (var i = 0; i < weights.Length; i++)
            weights[i] /= total;
        (this.values, this.weights) = (values, weights);
    }

    /// <summary>N(0, q).</summary>
    public static Atoms Gaussian(double q)
    {
        var (values, weights) = (new double[Count], new double[Count]);
        var root = Math.Sqrt(q);
        for (var i = 0; i < Count; i++)
        {
            var z = Range * (2.0 * i / (Count - 1) - 1);
            values[i] = root * z;
            weights[i] = SpecialFunctions.NormalDensity(z);
        }

        return new Atoms(values, weights);
    }

    /// <summary>The distribution of φ of it, and E φ, E φ², E φ', E φ'².</summary>
    public (Atoms Value, double Mean, double Square, double SlopeMean, double SlopeSquare) Through(Activation function)
    {
        var mapped = new double[values.Length];
        double mean = 0, square = 0, slopeMean = 0, slopeSquare = 0;
        for (var i = 0; i < values.Length; i++)
        {
            var f = mapped[i] = ActivationFunction.Value(function.Kind, function.A ?? 0, function.B ?? 0, values[i]);
            var d = ActivationFunction.Derivative(function.Kind, function.A ?? 0, function.B ?? 0, values[i]);
            mean += weights[i] * f;
            square += weights[i] * f * f;
            slopeMean += weights[i] * d;
            slopeSquare += weights[i] * d * d;
        }

        return (new Atoms(mapped, (double[])weights.Clone()), mean, square, slopeMean, slopeSquare);
    }

    /// <summary>Its sum with an independent N(0, v).</summary>
    public Atoms Plus(double v)
    {
        if (!(v > 0))
            return this;
        var (low, high) = (values.Min() - Range * Math.Sqrt(v), values.Max() + Range * Math.Sqrt(v));
        var spacing = (high - low) / (Count - 1);
        // A grid cannot show a Gaussian narrower than its spacing.
        var width = Math.Max(v, 0.5 * spacing * spacing);
        var (sum, density) = (new double[Count], new double[Count]);
        for (var i = 0; i < Count; i++)
            sum[i] = low + i * spacing;
        var kernel = new double[Count];
        for (var k = 0; k < values.Length; k++)
        {
            Kernel(kernel, (values[k] - low) / spacing, width / (spacing * spacing));
            for (var i = 0; i < Count; i++)
                density[i] += weights[k] * kernel[i];
        }

        return new Atoms(sum, density);
    }

    /// <summary>E φ'²·u over the atoms, and u·φ'² scaled to mean 1: what passes back through φ where the gradient's square has the profile u
    /// over the values of φ (null: the same everywhere).</summary>
    public (double SlopeSquare, double[] Profile) BackThrough(Activation function, double[]? profile)
    {
        var back = new double[values.Length];
        var mean = 0.0;
        for (var i = 0; i < values.Length; i++)
        {
            var d = ActivationFunction.Derivative(function.Kind, function.A ?? 0, function.B ?? 0, values[i]);
            back[i] = d * d * (profile is not null && profile.Length == values.Length ? profile[i] : 1);
            mean += weights[i] * back[i];
        }

        for (var i = 0; i < back.Length && mean > 0; i++)
            back[i] /= mean;
        return (mean, back);
    }

    /// <summary>Where <paramref name="sum"/> is this plus N(0, v), the profile over these atoms of a gradient with a profile over the sum's.</summary>
    public double[]? BackFromSum(Atoms sum, double v, double[]? profile)
    {
        if (profile is null || profile.Length != sum.values.Length || !(v > 0))
            return null;
        var spacing = sum.values[1] - sum.values[0];
        var width = Math.Max(v, 0.5 * spacing * spacing);
        var back = new double[values.Length];
        var mean = 0.0;
        var kernel = new double[profile.Length];
        for (var i = 0; i < values.Length; i++)
        {
            double total = 0, weighted = 0;
            Kernel(kernel, (values[i] - sum.values[0]) / spacing, width / (spacing * spacing));
            for (var k = 0; k < profile.Length; k++)
            {
                total += kernel[k];
                weighted += kernel[k] * profile[k];
            }

            back[i] = total > 0 ? weighted / total : 1;
            mean += weights[i] * back[i];
        }

        for (var i = 0; i < back.Length && mean > 0; i++)
            back[i] /= mean;
        return back;
    }

    /// <summary>exp(−(i − center)²/2v) for each i, outwards from the nearest one: neighbours have a ratio that changes by a constant factor.</summary>
    private static void Kernel(double[] kernel, double center, double v)
    {
        var nearest = (int)Math.Max(0, Math.Min(kernel.Length - 1, Math.Round(center)));
        var offset = nearest - center;
        var (top, change) = (Math.Exp(-offset * offset / (2 * v)), Math.Exp(-1 / v));
        Array.Clear(kernel, 0, kernel.Length);
        kernel[nearest] = top;
        var (value, ratio) = (top, Math.Exp(-(0.5 + offset) / v));
        for (var i = nearest + 1; i < kernel.Length && value > Negligible; i++)
        {
            kernel[i] = value *= ratio;
            ratio *= change;
        }

        (value, ratio) = (top, Math.Exp(-(0.5 - offset) / v));
        for (var i = nearest - 1; i >= 0 && value > Negligible; i--)
        {
            kernel[i] = value *= ratio;
            ratio *= change;
        }
    }

    /// <summary>Its product with a number.</summary>
    public Atoms Times(double factor) => new([.. values.Select(x => x * factor)], (double[])weights.Clone());
}
