using GradLint.SignalPropagation.Moments;

namespace GradLint.SignalPropagation.Propagation;

/// <summary>Carries moments forward from the input and gradients back from the output, one step at a time.</summary>
internal sealed partial class Pass
{
    // Stands for a width that is unknown, where only the size of a small correction depends on it.
    private const double AssumedWidth = 64;
    private const double Largest = 1e250;

    private readonly List<Step> steps;
    private readonly PredictionOptions options;
    private readonly double batch;
    private double outputCosine;
    private double outputFreedom = 1;
    private readonly bool readsSequences;
    private readonly CancellationToken cancellationToken;

    public Pass(List<Step> steps, PredictionOptions options, CancellationToken cancellationToken)
    {
        this.steps = steps;
        this.options = options;
        this.cancellationToken = cancellationToken;
        readsSequences = HasSequences(steps);
        batch = Math.Max(1, options.BatchSize);
    }

    /// <summary>Computes <see cref="Step.Signal"/> of every step, in order.</summary>
    public void Forward()
    {
        InferInputWidths();
        for (var i = 0; i < steps.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var signal = Forward(i);
            // Beyond the range of double only the sign of the exponent is news.
            if (signal.Known && !(signal.Square <= Largest && signal.Square >= 0 && Math.Abs(signal.Mean) <= Largest))
                signal = Give(steps[i], signal, "a signal beyond the range of numbers");
            steps[i].Signal = signal;
        }
    }

    /// <summary>Sends the loss's gradient back from <paramref name="start"/>, whose value it belongs to.</summary>
    public void BackwardFrom(int start)
    {
        steps[start].Reached = true;
        var gradient = LossGradient.At(steps[start].Signal, options, batch);
        (steps[start].Gradient, outputCosine) = (gradient, gradient.AcrossSamples);
        outputFreedom = LossGradient.FreedomOf(steps[start].Signal, options);
        for (var i = start; i >= 0; i--)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (steps[i].Reached)
                Backward(i);
        }
    }

    /// <summary>Whether positions are time steps or tokens: a linear layer is then applied at each of them.</summary>
    private static bool HasSequences(List<Step> steps)
    {
        foreach (var step in steps)
        {
            if (step.Node.Operation is Operation.ScaledDotProduct or Operation.Recurrent { Steps: not 1 })
                return true;
        }

        return false;
    }

    // Sources seldom say how wide the input is; the first layer does.
    private void InferInputWidths()
    {
        foreach (var step in steps)
        {
            if (step.Node.Operation is not Operation.Linear { InFeatures: > 0 } linear || step.Inputs.Length != 1)
                continue;
            var from = steps[step.Inputs[0]];
            while (from.Node.Operation is Operation.Flatten or Operation.Reshape or Operation.Dropout && from.Inputs.Length == 1)
                from = steps[from.Inputs[0]];
            if (from.Node.Operation is Operation.Input { Width: null, Spatial: null })
                from.InferredWidth ??= linear.InFeatures;
        }
    }

    private Signal Forward(int index)
    {
        var step = steps[index];
        step.IsShifted = HasShiftedMean(step);
        if (step.Inputs.Length == 0 && step.Node.Operation is not Operation.Input)
            return Give(step, new Signal(), step.Node.Operation is Operation.Opaque opaque ? opaque.Reason : "an operation without input");
        var input = step.Inputs.Length == 0 ? Signal.None
            : step.Node.Operation is Operation.Nonlinearity or Operation.Flatten ? steps[step.Inputs[0]].Signal : Value(step.Inputs[0]);
        return step.Node.Operation switch
        {
            Operation.Input o => ForwardInput(step, o),
            Operation.Linear or Operation.Convolution => ForwardWeights(index, input),
            Operation.Embedding o => ForwardEmbedding(index, o, input),
            Operation.Nonlinearity when step.IsShifted => Give(step, input, "an activation behind a number that is added is not modelled"),
            Operation.Nonlinearity o when CouplesUnits(o.Function) => ForwardCoupled(step, o.Function, input),
            Operation.Nonlinearity o => ForwardActivation(step, o.Function, input),
            Operation.Normalization o => ForwardNormalization(step, o, input),
            Operation.Dropout o => ForwardDropout(step, o, input),
            Operation.Pooling o => ForwardPooling(step, o, input),
            Operation.Reduction o => ForwardReduction(step, o, input),
            Operation.Flatten => ForwardFlatten(input),
            Operation.Reshape o => input with { Width = Positive(o.Width), Spatial = o.Spatial, Map = null },
            Operation.Upsample o => input with { Spatial = Resize(input.Spatial, o.Factor), Map = null },
            Operation.Scale o => ForwardScale(step, o, input),
            Operation.Shift o => ForwardShift(step, o, input),
            Operation.TensorShift o => ForwardTensorShift(step, o, input),
            Operation.TensorScale o => ForwardTensorScale(step, o, input),
            Operation.Concatenate { IsAlongPositions: true } => Give(step, input with { Spatial = null }, "what is concatenated along the positions is not modelled"),
            Operation.ScaledDotProduct { IsMasked: true } or Operation.ScaledDotProduct { DroppedShare: not 0 } => Give(step, input, "attention with a mask or dropout is not modelled"),
            Operation.Add => ForwardAdd(step),
            Operation.Concatenate => ForwardConcatenate(step),
            Operation.Product => ForwardProduct(step),
            Operation.Detach => input,
            Operation.Opaque o => Give(step, input with { Width = null, Spatial = null }, o.Reason),
            Operation.Bilinear o => ForwardBilinear(index, o),
            Operation.Recurrent o => ForwardRecurrent(step, o, input),
            Operation.ScaledDotProduct => ForwardAttention(step),
            _ => Give(step, input, "attention without query, key and value"),
        };
    }

    // Activations take their argument for a Gaussian around zero.
    private bool HasShiftedMean(Step step) => step.Node.Operation switch
    {
        Operation.Shift => true,
        Operation.TensorShift o => o.Values.Mean != 0 || Shifted(step) > 0,
        Operation.Reshape or Operation.Flatten or Operation.Scale or Operation.TensorScale or Operation.Dropout or Operation.Pooling or Operation.Reduction or Operation.Upsample or Operation.Nonlinearity
            or Operation.Add or Operation.Concatenate or Operation.Detach => Shifted(step) > 0,
        Operation.Product => Shifted(step) == step.Inputs.Length,
        _ => false,
    };

    private int Shifted(Step step)
    {
        var count = 0;
        foreach (var input in step.Inputs)
            count += steps[input].IsShifted ? 1 : 0;
        return count;
    }

    private void Backward(int index)
    {
        var step = steps[index];
        if (step.Node.Operation is Operation.Input or Operation.Embedding or Operation.Detach || step.Inputs.Length == 0)
            return;
        if (step.Gradient is not { } gradient)
        {
            SendUnknown(step, null);
            return;
        }

        var input = steps[step.Inputs[0]].Signal;
        switch (step.Node.Operation)
        {
            case Operation.Linear or Operation.Convolution:
                BackwardWeights(step, gradient, input);
                break;
            case Operation.Nonlinearity when step.IsShifted:
                SendUnknown(step, step.UnknownBecause);
                break;
            case Operation.Nonlinearity o when CouplesUnits(o.Function):
                BackwardCoupled(step, o.Function, gradient, input);
                break;
            case Operation.Bilinear o:
                BackwardBilinear(step, o, gradient);
                break;
            case Operation.Nonlinearity o:
                BackwardActivation(step, o.Function, gradient, input);
                break;
            case Operation.Normalization o:
                BackwardNormalization(step, o, gradient, input);
                break;
            case Operation.Dropout o:
                BackwardDropout(step, o, gradient);
                break;
            case Operation.Pooling o:
                BackwardPooling(step, o, gradient, input);
                break;
            case Operation.Reduction o:
                BackwardReduction(step, o, gradient, input);
                break;
            case Operation.Flatten:
                BackwardFlatten(step, gradient, input);
                break;
            case Operation.Reshape:
                Send(step, 0, gradient with { Map = null });
                break;
            case Operation.Concatenate { IsAlongPositions: true }:
                SendUnknown(step, null);
                break;
            case Operation.TensorScale o:
                Send(step, 0, MeanSquare(o.Values) is { } scale ? gradient with { Parallel = 0, LogNorm = gradient.LogNorm + Log(scale) } : null);
                break;
            case Operation.TensorShift:
                Send(step, 0, gradient with { Parallel = step.Signal.Square > 0 ? gradient.Parallel * Math.Min(1, input.Square / step.Signal.Square) : gradient.Parallel });
                break;
            case Operation.Shift:
                Send(step, 0, gradient);
                break;
            case Operation.Upsample o:
                Send(step, 0, o.Factor.Product is { } factor
                    ? gradient with { Map = null, LogNorm = gradient.LogNorm + Math.Log(Math.Max(1, 1 + (factor - 1) * gradient.AcrossPositions)) }
                    : null);
                break;
            case Operation.Scale o:
                Send(step, 0, o.Factor is { } s && Math.Abs(s) < Largest ? gradient with { LogNorm = gradient.LogNorm + Log(s * s) } : null);
                break;
            case Operation.Add:
                BackwardAdd(step, gradient);
                break;
            case Operation.Concatenate:
                BackwardConcatenate(step, gradient);
                break;
            case Operation.Product:
                BackwardProduct(step, gradient);
                break;
            case Operation.Recurrent:
                BackwardRecurrent(step, gradient, input);
                break;
            case Operation.ScaledDotProduct:
                BackwardAttention(step, gradient);
                break;
            default:
                SendUnknown(step, step.UnknownBecause);
                break;
        }
    }

    /// <summary>The value of a step. Where it is the largest of several Gaussians and no activation follows, its own moments.</summary>
    private Signal Value(int index)
    {
        var signal = steps[index].Signal;
        if (!signal.Known || signal.LargestOf <= 1)
            return signal;
        var identity = Activation.Identity;
        return MaxOf(identity, ActivationMoments.Of(identity)!, signal, signal.LargestOf).Signal with { LargestOf = 1, Fresh = -1 };
    }

    /// <summary>Adds a gradient to what input number <paramref name="slot"/> gets from its other readers; null makes the sum unknown.</summary>
    private void Send(Step from, int slot, Gradient? gradient)
    {
        var to = steps[from.Inputs[slot]];
        // Profiles live between sums and activations only.
        if (gradient?.Profile is not null && from.Node.Operation is not (Operation.Add or Operation.Nonlinearity))
            gradient = gradient with { Profile = null };
        if (!to.Reached)
        {
            to.Reached = true;
            to.Gradient = gradient;
            return;
        }

        to.Gradient = to.Gradient is { } present && gradient is { } more ? Sum(present, more, to.Signal) : null;
    }

    private void SendUnknown(Step from, string? reason)
    {
        from.UnknownBecause ??= reason;
        for (var i = 0; i < from.Inputs.Length; i++)
            Send(from, i, null);
    }

    // Readers of one value weigh it with independent weights, so squared norms add; the cosine between them scatters around 0.
    private Gradient Sum(Gradient a, Gradient b, Signal at)
    {
        if (b.LogNorm > a.LogNorm)
            (a, b) = (b, a);
        var share = double.IsNegativeInfinity(b.LogNorm) ? 0 : Math.Exp(b.LogNorm - a.LogNorm);
        var (wa, wb) = (1 / (1 + share), share / (1 + share));
        // What both have parallel to the signal adds up in length.
        var parallel = 2 * Math.Sqrt(a.Parallel * b.Parallel * wa * wb);
        return new Gradient
        {
            LogNorm = a.LogNorm + SpecialFunctions.Log1p(share) + SpecialFunctions.Log1p(parallel),
            Parallel = (a.Parallel * wa + b.Parallel * wb + parallel) / (1 + parallel),
            LogPooling = a.LogPooling * wa + b.LogPooling * wb,
            Map = Profile.Mixed(a.Map, wa, b.Map, wb),
            AcrossSamples = a.AcrossSamples * wa + b.AcrossSamples * wb,
            AcrossPositions = a.AcrossPositions * wa + b.AcrossPositions * wb,
            AcrossBoth = a.AcrossBoth * wa + b.AcrossBoth * wb,
            SamplesLeft = a.SamplesLeft * wa + b.SamplesLeft * wb,
            BothLeft = a.BothLeft * wa + b.BothLeft * wb,
            SamplesSlope = a.SamplesSlope * wa + b.SamplesSlope * wb,
            PositionsSlope = a.PositionsSlope * wa + b.PositionsSlope * wb,
            BothSlope = a.BothSlope * wa + b.BothSlope * wb,
            Drift = a.Drift * wa + b.Drift * wb,
            DriftVariance = a.DriftVariance * wa + b.DriftVariance * wb,
            SampleDriftVariance = a.SampleDriftVariance * wa + b.SampleDriftVariance * wb,
            OverlapPositions = a.OverlapPositions * wa + b.OverlapPositions * wb,
            Profile = Mixed(a.Profile, wa, b.Profile, wb),
            OverTime = a.OverTime,
            IsAtLastStep = a.IsAtLastStep && b.IsAtLastStep,
            OverlapSelf = a.OverlapSelf * wa + b.OverlapSelf * wb,
            OverlapPair = a.OverlapPair * wa + b.OverlapPair * wb,
            // Parts that share their way count once, independent parts average out: the weights squared.
            Variance = a.Variance * wa * wa + b.Variance * wb * wb + 2 * wa * wb * Math.Min(a.Variance, b.Variance)
                + 4 * wa * wb * CosineProduct(a, b, at.Positions) / (at.Width ?? AssumedWidth),
        };
    }

    private static double[]? Mixed(double[]? a, double wa, double[]? b, double wb)
    {
        if ((a ?? b) is not { } some || (a is not null && b is not null && a.Length != b.Length))
            return null;
        var mixed = new double[some.Length];
        for (var i = 0; i < mixed.Length; i++)
            mixed[i] = wa * (a?[i] ?? 1) + wb * (b?[i] ?? 1);
        return mixed;
    }

    private Signal ForwardInput(Step step, Operation.Input o)
    {
        var spatial = o.Spatial ?? options.InputSpatial;
        var square = options.InputSecondMoment;
        var shape = new Signal { Width = Positive(o.Width) ?? step.InferredWidth, Spatial = step.InferredWidth is null || readsSequences ? spatial : Sizes.None };
        if (!(square > 0 && square < Largest) || !(Math.Abs(options.InputCorrelation) <= 1))
            return Give(step, shape, "an input scale that is no positive number");
        return shape with
        {
            Square = square,
            AcrossSamples = square * options.InputCorrelation,
            AcrossPositions = square * options.InputCorrelation,
            AcrossBoth = square * options.InputCorrelation,
            CosineVariance = 1 / (shape.Width ?? AssumedWidth),
            SampleScatter = 2 / ((shape.Width ?? AssumedWidth) * (shape.Positions ?? 1))
        };
    }

    private static Signal Give(Step step, Signal shape, string reason)
    {
        step.UnknownBecause ??= reason;
        return shape.Unknown();
    }

    /// <summary>Mean over all pairs in a batch: the element itself, other positions, other samples, both.</summary>
    private double MeanOverPairs(double? positions, double self, double acrossPositions, double acrossSamples, double acrossBoth)
    {
        // Many positions when their number is unknown: then the element itself hardly counts.
        var p = positions ?? 1e4;
        return (self + (p - 1) * acrossPositions + (batch - 1) * (acrossSamples + (p - 1) * acrossBoth)) / (batch * p);
    }

    private static double Log(double x) => x > 0 ? Math.Log(x) : double.NegativeInfinity;

    private static double? Positive(int? value) => value > 0 ? value : null;

    private static Sizes? Resize(Sizes? sizes, Sizes factor)
    {
        if (sizes is null || sizes.Count != factor.Count)
            return null;
        var result = new int?[sizes.Count];
        for (var i = 0; i < result.Length; i++)
            result[i] = sizes[i] is { } size && factor[i] is { } times ? Whole((double)size * times) : null;
        return Sizes.Of(result);
    }

    private static int? Whole(double value) => value is >= 1 and <= int.MaxValue ? (int)Math.Floor(value) : null;
}
