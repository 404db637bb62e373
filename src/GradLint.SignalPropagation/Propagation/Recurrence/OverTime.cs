namespace GradLint.SignalPropagation.Propagation;

/// <summary>Second moments between the time steps of a sequence: of a unit's value, or of its gradient. Symmetric.</summary>
internal sealed class OverTime(int steps)
{
    // The lower triangle, row by row. The whole square would be a large object from 104 steps on, and those are freed by full collections only.
    private readonly double[] moments = new double[Row(steps)];

    public readonly int Steps = steps;

    /// <summary>The product's mean at two steps. Setting one sets both.</summary>
    public double this[int t, int s]
    {
        get => moments[t >= s ? Row(t) + s : Row(s) + t];
        set => moments[t >= s ? Row(t) + s : Row(s) + t] = value;
    }

    /// <summary>Sum of the squares over all steps.</summary>
    public double Sum
    {
        get
        {
            var sum = 0.0;
            for (var t = 0; t < Steps; t++)
                sum += moments[Row(t) + t];
            return sum;
        }
    }

    /// <summary>Mean square of a step.</summary>
    public double MeanSquare => Sum / Steps;

    /// <summary>Mean product of two different steps; 0 for a single one.</summary>
    public double MeanProduct
    {
        get
        {
            if (Steps < 2)
                return 0;
            // Two sums side by side: each addition waits for the one before it.
            double sum = 0, odd = 0;
            for (var i = 1; i < moments.Length; i += 2)
                (sum, odd) = (sum + moments[i - 1], odd + moments[i]);
            sum += odd + (moments.Length % 2 == 0 ? 0 : moments[moments.Length - 1]);
            return 2 * (sum - Sum) / ((double)Steps * (Steps - 1));
        }
    }

    /// <summary>Whether the sequence read backwards is the same.</summary>
    public bool IsReversible
    {
        get
        {
            for (var t = 0; t < Steps; t++)
            {
                for (var s = 0; s <= t; s++)
                {
                    if (this[t, s] != this[Steps - 1 - s, Steps - 1 - t])
                        return false;
                }
            }

            return true;
        }
    }

    /// <summary>What is left between the steps that are farthest apart.</summary>
    public double Farthest => this[0, Steps - 1];

    /// <summary>The same moments at all steps.</summary>
    public static OverTime Even(int steps, double square, double product)
    {
        var result = new OverTime(steps);
        for (var i = 0; i < result.moments.Length; i++)
            result.moments[i] = product;
        for (var t = 0; t < steps; t++)
            result[t, t] = square;
        return result;
    }

    /// <summary>Something at the last step only.</summary>
    public static OverTime AtLast(int steps)
    {
        var result = new OverTime(steps);
        result[steps - 1, steps - 1] = 1;
        return result;
    }

    /// <summary>The same pattern with another mean square and mean product.</summary>
    public OverTime Matched(double square, double product)
    {
        var (ownSquare, ownProduct) = (MeanSquare, MeanProduct);
        if (!(ownSquare > 0))
            return Even(Steps, square, product);
        var result = new OverTime(Steps);
        // Where the pattern has nothing to scale between steps, the product is the same for all.
        var (scale, shift) = Math.Abs(ownProduct) > 1e-12 * ownSquare ? (product / ownProduct, 0.0) : (0.0, product);
        for (var t = 0; t < Steps; t++)
        {
            for (var s = 0; s < t; s++)
                result[t, s] = this[t, s] * scale + shift;
            result[t, t] = this[t, t] * square / ownSquare;
        }

        return result;
    }

    /// <summary>The last steps of the pattern, or, where it is shorter, its first step repeated before it.</summary>
    public OverTime LastSteps(int count)
    {
        if (count == Steps)
            return this;
        var result = new OverTime(count);
        for (var t = 0; t < count; t++)
        {
            var from = Math.Max(0, t + Steps - count);
            for (var s = 0; s < t; s++)
            {
                var (u, v) = (from, Math.Max(0, s + Steps - count));
                result[t, s] = u == v ? this[u, Steps - 1] : this[u, v];
            }

            result[t, t] = this[from, from];
        }

        return result;
    }

    /// <summary>The sequence read backwards.</summary>
    public OverTime Reversed()
    {
        var result = new OverTime(Steps);
        for (var t = 0; t < Steps; t++)
        {
            for (var s = 0; s <= t; s++)
                result[t, s] = this[Steps - 1 - s, Steps - 1 - t];
        }

        return result;
    }

    public static OverTime operator +(OverTime a, OverTime b)
    {
        var result = new OverTime(a.Steps);
        for (var i = 0; i < a.moments.Length; i++)
            result.moments[i] = a.moments[i] + b.moments[i];
        return result;
    }

    public static OverTime operator *(OverTime a, double factor)
    {
        var result = new OverTime(a.Steps);
        for (var i = 0; i < a.moments.Length; i++)
            result.moments[i] = a.moments[i] * factor;
        return result;
    }

    /// <summary>The products of step t with all steps up to it, one after the other from <see cref="Row"/> on.</summary>
    public double[] Rows => moments;

    /// <summary>Where those of a step begin.</summary>
    public static int Row(int t) => t * (t + 1) / 2;
}
