namespace GradLint.SignalPropagation.Moments;

/// <summary>The distribution of one element where it is far from Gaussian: values and their probabilities. A residual stream that an activation
/// rectifies again and again is of this kind: it stays positive, and its slopes stay near 1.</summary>
internal sealed class Atoms
{
    private const int Count = 61;
    private const double Range = 5;
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
        {
            sum[i] = low + i * spacing;
            for (var k = 0; k < values.Length; k++)
            {
                var distance = sum[i] - values[k];
                var exponent = distance * distance / (2 * width);
                if (exponent < 20)
                    density[i] += weights[k] * Math.Exp(-exponent);
            }
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
        for (var i = 0; i < values.Length; i++)
        {
            double total = 0, weighted = 0;
            for (var k = 0; k < profile.Length; k++)
            {
                var distance = sum.values[k] - values[i];
                var exponent = distance * distance / (2 * width);
                if (exponent >= 20)
                    continue;
                var kernel = Math.Exp(-exponent);
                total += kernel;
                weighted += kernel * profile[k];
            }

            back[i] = total > 0 ? weighted / total : 1;
            mean += weights[i] * back[i];
        }

        for (var i = 0; i < back.Length && mean > 0; i++)
            back[i] /= mean;
        return back;
    }

    /// <summary>Its product with a number.</summary>
    public Atoms Times(double factor) => new([.. values.Select(x => x * factor)], (double[])weights.Clone());
}
