namespace GradLint.SignalPropagation.Propagation;

// Recurrent layers: the positions of their input are time steps.
internal sealed partial class Pass
{
    private Signal ForwardRecurrent(Step step, Operation.Recurrent o, Signal input)
    {
        var isCell = o.Steps == 1;
        var steps = isCell ? 1 : StepsOf(o, input);
        var shape = new Signal
        {
            Width = o.Hidden is > 0 and { } hidden ? hidden * (o.Bidirectional ? 2.0 : 1) : null,
            Spatial = isCell || input.Spatial is { Count: 1 } ? input.Spatial : steps is { } t ? Sizes.Of(t) : null,
        };
        if (!input.Known)
            return shape.Unknown();
        var length = Math.Min(steps ?? Math.Max(1, options.SequenceLength), RecurrentStack.MostSteps);
        var sequence = Sequence(input, length);
        if (RecurrentStack.Run(o, input.Width, sequence, cancellationToken, out var reason) is not { } stack)
            return Give(step, shape, reason!);
        var output = stack.Output;
        var square = output.MeanSquare;
        if (!(square > 0) || double.IsInfinity(square))
            return Give(step, shape, "a recurrent layer whose state is zero or infinite");
        step.Recurrent = new RecurrentStep(stack, length, TimePrediction.Of(stack, o, input.Width, sequence, steps, cancellationToken));
        var settled = SharedBySamples(output);
        // What two samples share is what two distant steps share, where their inputs are alike to the same degree.
        var samples = Math.Abs(input.AcrossSamples - input.AcrossPositions) < 0.02 * input.Square
            ? settled
            : RecurrentStack.Run(o, input.Width, OverTime.Even(length, input.Square, input.AcrossSamples), cancellationToken, out _) is { } other ? SharedBySamples(other.Output) : settled;
        return shape with
        {
            Square = square,
            AcrossSamples = samples,
            AcrossPositions = length > 1 ? output.MeanProduct : settled,
            AcrossBoth = samples,
            Mean = o.Cell == RecurrentCell.ReLU ? Math.Sqrt(square / Math.PI) : 0,
            OverTime = length > 1 ? output : null,
            OwnScatter = 2 * MeanOverPairs(length, 1, 0, samples / square * samples / square, samples / square * samples / square) / (shape.Width ?? AssumedWidth),
            CosineVariance = Own(samples / square, shape.Width),
        };
    }

    private void BackwardRecurrent(Step step, Gradient gradient, Signal input)
    {
        if (step.Recurrent is not { } recurrent)
        {
            SendUnknown(step, null);
            return;
        }

        var arriving = Arriving(gradient, recurrent.Length);
        recurrent.Returned = gradient.IsAtLastStep
            ? recurrent.Stack.BackwardFromLastStep(cancellationToken)
            : recurrent.Stack.Backward(arriving, cancellationToken);
        var leaving = recurrent.Returned.Input;
        var sum = leaving.Sum;
        if (!(sum > 0) || double.IsInfinity(sum))
        {
            Send(step, 0, gradient with { LogNorm = double.NegativeInfinity });
            return;
        }

        recurrent.Time = recurrent.Time.Over(leaving, recurrent.Stack.TimeVariance(Math.Max(1, (recurrent.Time.Steps ?? 1) - 1)));
        // Steps that the gradient stays in the layer, on average: at each of them samples part.
        var stay = 1 + Centre(arriving) - Centre(leaving);
        var samples = Math.Pow(Math.Max(0, Math.Min(1, recurrent.Stack.Coherence)), Math.Max(1, stay));
        Send(step, 0, gradient with
        {
            LogNorm = gradient.LogNorm + Math.Log(sum / arriving.Sum),
            AcrossPositions = leaving.MeanProduct / (sum / recurrent.Length),
            AcrossSamples = gradient.AcrossSamples * samples,
            AcrossBoth = gradient.AcrossBoth * samples,
            Parallel = 0,
            SamplesSlope = 0,
            PositionsSlope = 0,
            BothSlope = 0,
            Drift = 0,
            OverTime = leaving,
            IsAtLastStep = false,
            OverlapSelf = 1,
            OverlapPair = 0,
            OverlapPositions = 0,
            Variance = gradient.Variance + recurrent.Stack.TimeVariance(Math.Max(1, stay)) + 2 / (input.Width ?? AssumedWidth),
        });
    }

    /// <summary>weight_ih of the first layer: Σ over pairs of steps of δδ'·xx'.</summary>
    private WeightGradient? WeightGradientOf(RecurrentStep recurrent, Gradient gradient, Signal input)
    {
        if (!input.Known || !(input.Square > 0) || input.Width is not { } width || recurrent.Returned is not { FirstGates: var gates })
            return null;
        var arriving = Arriving(gradient, recurrent.Length);
        var sequence = Sequence(input, recurrent.Length);
        double alone = 0, pairs = 0;
        for (var t = 0; t < recurrent.Length; t++)
        {
            alone += gates[t, t] * sequence[t, t];
            for (var s = 0; s < t; s++)
                pairs += 2 * gates[t, s] * sequence[t, s];
        }

        if (!(alone > 0))
            return new WeightGradient(double.NegativeInfinity, 0, 0, 0);
        var samples = (batch - 1) * gradient.AcrossSamples * recurrent.Stack.Coherence * input.AcrossSamples / input.Square * (1 + Math.Max(0, pairs / alone));
        return new WeightGradient(gradient.LogNorm + Math.Log(alone / arriving.Sum * width), pairs / alone + samples, 0, input.Scatter);
    }

    private static OverTime Arriving(Gradient gradient, int length)
    {
        if (gradient.IsAtLastStep)
            return OverTime.AtLast(length);
        var cosine = length > 1 ? Math.Max(-1.0 / length, Math.Min(1, gradient.AcrossPositions)) : 0;
        return gradient.OverTime is { } pattern
            ? pattern.LastSteps(length).Matched(1.0 / length, cosine / length)
            : OverTime.Even(length, 1.0 / length, cosine / length);
    }

    private static OverTime Sequence(Signal input, int length) => input.OverTime is { } pattern
        ? pattern.LastSteps(length).Matched(input.Square, length > 1 ? input.AcrossPositions : 0)
        : OverTime.Even(length, input.Square, input.AcrossPositions);

    private static double Centre(OverTime gradient)
    {
        var centre = 0.0;
        for (var t = 0; t < gradient.Steps; t++)
            centre += t * gradient[t, t];
        return centre / gradient.Sum;
    }

    // The state starts from zeros; behind the first half it has settled. Two steps of one sample share at least what two samples do.
    private static double SharedBySamples(OverTime output) =>
        output.Steps < 8 ? output.Farthest : Math.Min(output[output.Steps / 2, output.Steps - 1], output.MeanProduct);

    private static int? StepsOf(Operation.Recurrent o, Signal input) => o.Steps is > 0 and { } steps ? steps
        : input.Spatial is { Count: 1 } ? input.Positions is { } positions ? Whole(positions) : null : null;
}

/// <summary>A recurrent operation that was run forward.</summary>
internal sealed class RecurrentStep(RecurrentStack stack, int length, TimePrediction time)
{
    public readonly RecurrentStack Stack = stack;

    /// <summary>Steps that were run.</summary>
    public readonly int Length = length;

    /// <summary>What is said about time; with a ratio once the gradient has come back.</summary>
    public TimePrediction Time = time;

    /// <summary>What it sent back; null before.</summary>
    public ReturnedGradient? Returned;
}
