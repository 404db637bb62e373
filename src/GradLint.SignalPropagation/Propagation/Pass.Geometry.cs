using GradLint.SignalPropagation.Moments;

namespace GradLint.SignalPropagation.Propagation;

// Pooling, reductions over positions, flattening.
internal sealed partial class Pass
{
    private Signal ForwardPooling(Step step, Operation.Pooling o, Signal input)
    {
        var spatial = Pooled(o, input.Spatial);
        var shape = input with { Spatial = spatial, OverTime = null, Map = IsAdaptive(o) ? null : input.Map?.Pooled(spatial, o.Window, o.Stride, o.Padding) };
        if (!input.Known)
            return shape.Unknown();
        if (WindowSize(o, input.Spatial) is not { } count)
            return Give(step, shape, UnknownSizes.Window);
        return o.Kind is PoolingKind.Max or PoolingKind.AdaptiveMax ? LargestOfWindow(step, shape, count) : Averaged(shape, count);
    }

    private void BackwardPooling(Step step, Operation.Pooling o, Gradient gradient, Signal input)
    {
        if (WindowSize(o, input.Spatial) is not { } count)
        {
            SendUnknown(step, UnknownSizes.Window);
            return;
        }

        var larger = input.Known && input.Square > 0 ? Math.Min(1, step.Signal.Square / input.Square) : 0;
        gradient = gradient with { Parallel = gradient.Parallel * larger, Map = IsAdaptive(o) ? null : gradient.Map?.Unpooled(input.Spatial, o.Window, o.Stride, o.Padding) };
        if (o.Kind is PoolingKind.Max or PoolingKind.AdaptiveMax)
            Send(step, 0, Scattered(gradient, count, input));
        else
            Send(step, 0, Shared(gradient, count, input.Positions));
    }

    private Signal ForwardReduction(Step step, Operation.Reduction o, Signal input)
    {
        var shape = input with { Spatial = Sizes.None, Map = null };
        if (o.Kind == ReductionKind.Select && input is { Known: true, OverTime: { } sequence })
        {
            var last = sequence[sequence.Steps - 1, sequence.Steps - 1] / sequence.MeanSquare;
            return Times(shape, Math.Sqrt(last)) with { OverTime = null };
        }

        if (o.Kind == ReductionKind.Select || !input.Known)
            return shape with { OverTime = null };
        if ((input.Positions ?? options.PooledPositions) is not { } count)
            return Give(step, shape, UnknownSizes.Positions);
        return o.Kind switch
        {
            ReductionKind.Max => LargestOfWindow(step, shape, count),
            ReductionKind.Mean => Averaged(shape, count),
            _ => Times(Averaged(shape, count), count),
        };
    }

    private void BackwardReduction(Step step, Operation.Reduction o, Gradient gradient, Signal input)
    {
        var larger = input.Known && input.Square > 0 ? Math.Min(1, step.Signal.Square / input.Square) : 0;
        gradient = gradient with { Map = null, Parallel = o.Kind == ReductionKind.Mean ? gradient.Parallel * larger : 0 };
        if (o.Kind == ReductionKind.Select)
            Send(step, 0, Alone(gradient) with { IsAtLastStep = true });
        else if ((input.Positions ?? options.PooledPositions) is not { } count)
            SendUnknown(step, UnknownSizes.Positions);
        else if (o.Kind == ReductionKind.Max)
            Send(step, 0, Scattered(gradient, count, input));
        else
        {
            var shared = Shared(gradient, count, count);
            Send(step, 0, o.Kind == ReductionKind.Mean ? shared : shared with { LogNorm = gradient.LogNorm + Math.Log(count) });
        }
    }

    private static Signal ForwardFlatten(Signal input) => input with
    {
        Width = input.Width * input.Positions,
        Spatial = Sizes.None,
        AcrossPositions = input.Square,
        AcrossBoth = input.AcrossSamples,
        Map = null,
        OverTime = null,
    };

    private void BackwardFlatten(Step step, Gradient gradient, Signal input) =>
        // Behind a weight matrix each feature has weights of its own, so positions become independent.
        Send(step, 0, input.Positions == 1 ? gradient : Alone(gradient) with { Map = null });

    private static Gradient Alone(Gradient g) => g with { OverTime = null, IsAtLastStep = false, AcrossPositions = 0, AcrossBoth = 0, BothLeft = 0, PositionsSlope = 0, BothSlope = 0 };

    // Every pair of positions has the same covariance, which the mean keeps.
    private static Signal Averaged(Signal x, double count) => x with
    {
        Square = (x.Square + (count - 1) * x.AcrossPositions) / count,
        AcrossSamples = (x.AcrossSamples + (count - 1) * x.AcrossBoth) / count,
        Atoms = null,
        OverTime = null,
    };

    private static Signal Times(Signal x, double factor) => x with
    {
        Square = x.Square * factor * factor,
        AcrossSamples = x.AcrossSamples * factor * factor,
        AcrossPositions = x.AcrossPositions * factor * factor,
        AcrossBoth = x.AcrossBoth * factor * factor,
        Mean = x.Mean * factor,
        Atoms = x.Atoms?.Times(factor),
    };

    /// <summary>Each of n elements gets a share 1/n of the gradient: the squared norm falls by n, and the elements of a window get the same.</summary>
    private static Gradient Shared(Gradient g, double count, double? positions)
    {
        var inWindow = positions is { } p && p > 1 ? Math.Min(1, (count - 1) / (p - 1)) : 0;
        return g with
        {
            OverTime = null,
            IsAtLastStep = false,
            LogNorm = g.LogNorm - Math.Log(count),
            LogPooling = g.LogPooling - Math.Log(count),
            AcrossPositions = inWindow + (1 - inWindow) * g.AcrossPositions,
            AcrossBoth = inWindow * g.AcrossSamples + (1 - inWindow) * g.AcrossBoth,
            BothLeft = inWindow * g.SamplesLeft + (1 - inWindow) * g.BothLeft,
            PositionsSlope = (1 - inWindow) * g.PositionsSlope,
            BothSlope = inWindow * g.SamplesSlope + (1 - inWindow) * g.BothSlope,
        };
    }

    /// <summary>The winner takes all: the norm stays. Two samples agree on the winner by chance, or because they are alike.</summary>
    private static Gradient Scattered(Gradient g, double count, Signal input)
    {
        var variance = input.Square - input.Mean * input.Mean;
        var alike = input.Known && variance > 0 ? Math.Max(0, Math.Min(1, (input.AcrossSamples - input.Mean * input.Mean) / variance)) : 0;
        var agree = 1 / count + (1 - 1 / count) * alike;
        return g with
        {
            OverTime = null,
            IsAtLastStep = false,
            AcrossSamples = g.AcrossSamples * agree,
            AcrossPositions = g.AcrossPositions / count,
            AcrossBoth = g.AcrossBoth / count,
            SamplesLeft = g.SamplesLeft * agree,
            BothLeft = g.BothLeft / count,
            SamplesSlope = g.SamplesSlope * agree,
            PositionsSlope = g.PositionsSlope / count,
            BothSlope = g.BothSlope / count,
        };
    }

    private Signal LargestOfWindow(Step step, Signal shape, double count)
    {
        var from = steps[step.Inputs[0]];
        if (count <= 1)
            return shape;
        // max and a monotone activation commute: the largest value is the activation of the largest argument.
        if (from.Node.Operation is Operation.Nonlinearity { Function: var function } && from.Consumers == 1 && IsMonotone(function.Kind)
            && ActivationMoments.Of(function) is { } moments && steps[from.Inputs[0]].Signal is { Known: true, LargestOf: 1 } argument)
        {
            var (signal, winner) = MaxOf(function, moments, argument, count);
            from.Winner = winner;
            return signal with { Width = shape.Width, Spatial = shape.Spatial, Fresh = -1 };
        }

        if (shape.Fresh >= 0 && shape.LargestOf == 1)
            return shape with { LargestOf = count };
        return Give(step, shape, "max pooling here is not modelled");
    }

    private static bool IsAdaptive(Operation.Pooling o) => o.Kind is PoolingKind.AdaptiveMax or PoolingKind.AdaptiveAverage;

    private static bool IsMonotone(ActivationKind kind) => kind is not (ActivationKind.Unknown or ActivationKind.Softmax or ActivationKind.LogSoftmax
        or ActivationKind.Softmin or ActivationKind.GLU or ActivationKind.Sin or ActivationKind.Cos or ActivationKind.Square or ActivationKind.Abs
        or ActivationKind.RReLU);

    private double? WindowSize(Operation.Pooling o, Sizes? input)
    {
        if (o.Kind is PoolingKind.Max or PoolingKind.Average)
            return o.Window.Product is >= 1 ? o.Window.Product : null;
        if (o.Window.Product is not ({ } kept and >= 1))
            return null;
        return input is { Count: > 0 } && input.Product is { } all ? Math.Max(1, all / kept) : options.PooledPositions;
    }

    private static Sizes? Pooled(Operation.Pooling o, Sizes? input)
    {
        if (o.Kind is PoolingKind.AdaptiveMax or PoolingKind.AdaptiveAverage)
            return o.Window;
        if (input is null || input.Count != o.Window.Count)
            return null;
        var result = new int?[input.Count];
        for (var i = 0; i < result.Length; i++)
        {
            if (input[i] is { } n && o.Window[i] is { } window && At(o.Stride, i) is { } stride && stride > 0 && At(o.Padding, i) is { } padding)
                result[i] = Whole((n + 2.0 * padding - window) / stride + 1);
        }

        return Sizes.Of(result);
    }
}
