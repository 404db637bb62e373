using GradLint.SignalPropagation.Propagation;

namespace GradLint.SignalPropagation;

/// <summary>How the gradient of a recurrent layer fades, or grows, from the end of a sequence to its beginning.</summary>
public sealed record TimePrediction
{
    private const double Forgotten = -3;

    // A gradient that falls by less in a hundred steps is not called fading.
    private const double LeastSlope = 1e-3;
    private const double LongestHorizon = 1e6;

    // Behind so many steps the state has settled, and the gradient falls evenly.
    private const int LeastSteps = 64;

    private TimePrediction()
    {
    }

    /// <summary>Time steps of a sequence; null where they are unknown.</summary>
    public int? Steps { get; private init; }

    /// <summary>log10 of ‖∂L/∂x₁‖ / ‖∂L/∂x_T‖, x the layer's input: the first step against the last. Null where the number of steps or the gradient that
    /// arrives is unknown.</summary>
    public double? Ratio { get; internal init; }

    /// <summary>Half-width, in decades, of the interval around <see cref="Ratio"/> that holds a single random draw.</summary>
    public double? Band { get; internal init; }

    /// <summary>Steps back from the end, counted from 1, after which ‖∂L/∂x‖ of a loss that reads the last step only has fallen to a thousandth of the
    /// last step's: what lies further back is not learned. Null where it does not fall.</summary>
    public int? Horizon { get; private init; }

    /// <summary>The factor on that ‖∂L/∂x‖ for one step back, far from the end: about 0.56 for a tanh RNN under TorchSharp's defaults.</summary>
    public double StepFactor { get; private init; }

    /// <param name="run">The operation as it ran on <paramref name="input"/>: long enough, it is not run again.</param>
    /// <param name="o">The operation.</param>
    /// <param name="inputs">Its input's width where the operation does not tell it.</param>
    /// <param name="input">Second moments of an element of the input.</param>
    /// <param name="steps">Time steps of a sequence.</param>
    /// <param name="cancellationToken">Heard before each layer.</param>
    internal static TimePrediction Of(RecurrentStack run, Operation.Recurrent o, double? inputs, OverTime input, int? steps, CancellationToken cancellationToken)
    {
        var length = Math.Max(input.Steps, LeastSteps);
        var stack = input.Steps == length ? run : RecurrentStack.Run(o, inputs, input.LastSteps(length), cancellationToken, out _);
        if (stack is null)
            return new TimePrediction { Steps = steps };
        var profile = Profile(stack.BackwardFromLastStep(cancellationToken).Input);
        var slope = Slope(profile, length / 2);
        return new TimePrediction { Steps = steps, Horizon = HorizonOf(profile, slope, stack.FadesExponentially), StepFactor = Math.Pow(10, slope) };
    }

    /// <summary>The same with the ratio of a gradient ∂L/∂x; steps that it leaves out, far from both ends, go on as those beside them do.</summary>
    internal TimePrediction Over(OverTime gradient, double variance)
    {
        if (Steps is not { } steps || gradient.Steps < 2)
            return this;
        var profile = Profile(gradient);
        var slope = Slope(profile, profile.Length / 2);
        var ratio = profile[profile.Length - 1] + (steps - profile.Length) * slope;
        return this with
        {
            Ratio = Math.Max(-Prediction.SaturatedExponent, Math.Min(Prediction.SaturatedExponent, ratio)),
            Band = Prediction.BandOf(variance),
        };
    }

    /// <summary>log10 ‖∂L/∂x‖ over that of the last step, by steps back.</summary>
    private static double[] Profile(OverTime gradient)
    {
        var end = gradient.Steps - 1;
        var last = gradient[end, end];
        var profile = new double[gradient.Steps];
        for (var back = 1; back <= end; back++)
        {
            var square = gradient[end - back, end - back];
            profile[back] = square > 0 && last > 0 ? Math.Log10(square / last) / 2 : -Prediction.SaturatedExponent;
        }

        return profile;
    }

    /// <summary>Decades for one step, over the quarter of the profile that begins so many steps back: at its far end the state has not settled.</summary>
    private static double Slope(double[] profile, int from)
    {
        var quarter = profile.Length / 4;
        return quarter > 0 ? (profile[from + quarter] - profile[from]) / quarter : 0;
    }

    private static int? HorizonOf(double[] profile, double slope, bool goesOn)
    {
        for (var back = 1; back < profile.Length; back++)
        {
            if (profile[back] <= Forgotten)
                return back;
        }

        if (!goesOn || !(slope < -LeastSlope))
            return null;
        var steps = profile.Length - 1 + (Forgotten - profile[profile.Length - 1]) / slope;
        return steps < LongestHorizon ? (int)Math.Ceiling(steps) : null;
    }
}
