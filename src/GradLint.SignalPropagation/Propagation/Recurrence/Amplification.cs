namespace GradLint.SignalPropagation.Propagation;

/// <summary>
/// What the finite size of weight_hh adds where the same random matrix is applied many times: a power of an N×N matrix grows with its largest
/// eigenvalue, which lies beyond √(N·Var(W)) by a share of order 1/√N. Slopes that change from step to step undo it.
/// </summary>
internal readonly struct Amplification
{
    // ln ‖Wⁿv‖ minus n·ln √(N·Var(W)) over uniform random matrices of 32 to 256 is about 0.37·(n/√N − 2), its standard deviation
    // 0.16·n/√N + 0.35·max(0, n/√N − 2) (measured with NumPy, 60 matrices each). A gated cell's is larger, as far as the gradient stays in it.
    private const double Slope = 0.37;
    private const double Onset = 2;
    private const double Rounding = 0.3;

    private readonly double rate;

    /// <param name="weights">The cell's.</param>
    /// <param name="steps">Steps.</param>
    /// <param name="coherence">E φ'φ' of two distant steps over E φ'².</param>
    public Amplification(in CellWeights weights, int steps, double coherence)
    {
        var edge = Slope / Math.Sqrt(weights.Width);
        var incoherence = coherence > 0 ? -Math.Log(Math.Min(1, coherence)) / 2 : double.PositiveInfinity;
        // Slopes that change from step to step cost ½·ln of their coherence: measured on tanh networks of 32 to 256 units, 20 to 200 steps.
        rate = weights.IsIsometry || steps < 2 ? 0 : edge / (1 + 0.7 * incoherence / edge);
    }

    /// <summary>The factor on the squared gradient from <paramref name="step"/> − 1 to <paramref name="step"/> steps back.</summary>
    public double At(int step) => rate > 0 ? Math.Exp(2 * (Logarithm(step) - Logarithm(step - 1))) : 1;

    /// <summary>Variance of ln of the squared gradient after n steps, one draw of the weights.</summary>
    /// <param name="weights">The cell's.</param>
    /// <param name="coherence">E φ'φ' of two distant steps over E φ'².</param>
    /// <param name="share">Share of a step that leads through weight_hh; the rest of it stays in the cell.</param>
    /// <param name="n">Steps.</param>
    public static double Variance(in CellWeights weights, double coherence, double share, double n)
    {
        // What slopes that differ from unit to unit add at each step.
        var uneven = 100 * (1 - coherence) * (1 - coherence) * n / weights.Width;
        if (weights.IsIsometry)
            return uneven;
        // Beyond the length over which slopes stay alike, stretches are independent.
        var length = Math.Max(1, Math.Min(n, coherence < 1 ? -2 / Math.Log(Math.Max(1e-9, coherence)) : n));
        var x = share * length / Math.Sqrt(weights.Width);
        var deviation = 2 * ((0.16 + 0.2 * (1 - share)) * x + 0.35 * Math.Max(0, x - Onset));
        return n / length * deviation * deviation + share * (2 * n / weights.Width + uneven);
    }

    // Rises from 0 with the given slope behind the onset, rounded.
    private double Logarithm(double n)
    {
        var over = rate * n - Slope * Onset;
        return (over + Math.Sqrt(over * over + Rounding) - Math.Sqrt(Slope * Onset * Slope * Onset + Rounding) + Slope * Onset) / 2;
    }
}
