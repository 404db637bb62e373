using GradLint.SignalPropagation.Moments;

namespace GradLint.SignalPropagation.Propagation;

// Nodes with several inputs, and multiplication with a number.
internal sealed partial class Pass
{
    private const int MostSummands = 64;

    private static Signal ForwardScale(Step step, Operation.Scale o, Signal input)
    {
        if (!input.Known)
            return input;
        return o.Factor is { } factor && Math.Abs(factor) < Largest ? Times(input, factor) : Give(step, input, "a factor is unknown");
    }

    /// <summary>E(x + c)² = E x² + 2c·E x + c², and likewise for the products of two samples and of two positions.</summary>
    private static Signal ForwardShift(Step step, Operation.Shift o, Signal input)
    {
        if (!input.Known)
            return input;
        if (o.Offset is not { } c || !(Math.Abs(c) < Largest))
            return Give(step, input, "a number that is added is unknown");
        var more = (2 * c * input.Mean) + (c * c);
        return input with
        {
            Square = Math.Max(0, input.Square + more),
            AcrossSamples = input.AcrossSamples + more,
            AcrossPositions = input.AcrossPositions + more,
            AcrossBoth = input.AcrossBoth + more,
            Map = null,
            Mean = input.Mean + c,
            Fresh = -1,
            Atoms = null,
        };
    }

    /// <summary>E(x + p)² = E x² + 2·E x·E p + E p², with one p for all samples.</summary>
    private static Signal ForwardTensorShift(Step step, Operation.TensorShift o, Signal input)
    {
        if (!input.Known)
            return input;
        if (MeanSquare(o.Values) is not { } square || !(square < Largest))
            return Give(step, input, "the values of a tensor that is added are unknown");
        if (square == 0)
            return input;
        var mean = o.Values.Mean!.Value;
        var product = 2 * input.Mean * mean;
        var apart = product + (o.VariesByPosition ? mean * mean : square);
        var total = input.Square + product + square;
        var share = total > 0 ? Math.Min(1, input.Square / total) : 0;
        var atoms = mean == 0 ? input.Atoms?.Plus(square) : null;
        return input with
        {
            Square = Math.Max(0, total),
            AcrossSamples = input.AcrossSamples + product + square,
            AcrossPositions = input.AcrossPositions + apart,
            AcrossBoth = input.AcrossBoth + apart,
            Map = Profile.Mixed(input.Map, share, null, 1 - share),
            Mean = input.Mean + mean,
            Scatter = share * share * input.Scatter,
            SampleScatter = share * share * input.SampleScatter,
            OwnScatter = share * share * input.OwnScatter,
            CosineVariance = share * share * input.CosineVariance,
            Atoms = atoms,
            IsMixture = input.IsMixture || (atoms is null && IsActivation(input)),
            Fresh = -1,
            Drawn = -1,
        };
    }

    /// <summary>E(x·p)² = E x²·E p², with one p for all samples.</summary>
    private static Signal ForwardTensorScale(Step step, Operation.TensorScale o, Signal input)
    {
        if (!input.Known)
            return input;
        if (MeanSquare(o.Values) is not { } square || !(square < Largest))
            return Give(step, input, "the values of a tensor that is multiplied with are unknown");
        var mean = o.Values.Mean!.Value;
        if (o.Values.Coefficient == 0)
            return mean == 1 ? input : Times(input, mean);
        var apart = o.VariesByPosition ? mean * mean : square;
        return input with
        {
            Square = input.Square * square,
            AcrossSamples = input.AcrossSamples * square,
            AcrossPositions = input.AcrossPositions * apart,
            AcrossBoth = input.AcrossBoth * apart,
            Mean = input.Mean * mean,
            Atoms = null,
            IsMixture = true,
            Fresh = -1,
            Drawn = -1,
        };
    }

    /// <summary>E p² of what is drawn without regard to a shape; null if unknown.</summary>
    private static double? MeanSquare(Initializer values) =>
        values is { Scaling: VarianceScaling.None, Coefficient: { } variance, Mean: { } mean } ? variance + mean * mean : null;

    private Signal ForwardAdd(Step step)
    {
        var sum = Value(step.Inputs[0]);
        if (step.Inputs.Length > MostSummands)
            return Give(step, sum, "a sum of very many");
        for (var i = 1; i < step.Inputs.Length; i++)
        {
            var other = Value(step.Inputs[i]);
            if (!sum.Known || !other.Known)
                return sum.Unknown();
            for (var k = 0; k < i; k++)
            {
                if (!Uncorrelated(Value(step.Inputs[k]), step.Inputs[k], other, step.Inputs[i]))
                    return Give(step, sum, "summands that depend on one another");
            }

            // What is independent still has a product of its means.
            var product = 2 * sum.Mean * other.Mean;
            var atoms = AtomsOf(sum, other);
            var total = sum.Square + other.Square;
            var share = total > 0 ? sum.Square / total : 0;
            // The summands' cosine scatters around 0.
            var cross = total > 0 ? 4 * share * (1 - share) / (sum.Width ?? other.Width ?? AssumedWidth) : 0;
            var crossOfBatch = cross * (total > 0 ? MeanOverPairs(sum.Positions ?? other.Positions, 1, PairCosine(sum, other, x => x.AcrossPositions),
                PairCosine(sum, other, x => x.AcrossSamples), PairCosine(sum, other, x => x.AcrossBoth)) : 0);
            sum = sum with
            {
                Scatter = share * share * sum.Scatter + (1 - share) * (1 - share) * other.Scatter + crossOfBatch,
                SampleScatter = share * share * sum.SampleScatter + (1 - share) * (1 - share) * other.SampleScatter + cross,
                OwnScatter = share * share * sum.OwnScatter + (1 - share) * (1 - share) * other.OwnScatter,
                CosineVariance = share * share * sum.CosineVariance + (1 - share) * (1 - share) * other.CosineVariance,
                Width = sum.Width ?? other.Width,
                Spatial = sum.Spatial ?? other.Spatial,
                Square = sum.Square + other.Square + product,
                AcrossSamples = sum.AcrossSamples + other.AcrossSamples + product,
                AcrossPositions = sum.AcrossPositions + other.AcrossPositions + product,
                AcrossBoth = sum.AcrossBoth + other.AcrossBoth + product,
                Map = Profile.Mixed(sum.Map, share, other.Map, 1 - share),
                Mean = sum.Mean + other.Mean,
                Atoms = atoms,
                IsMixture = sum.IsMixture || other.IsMixture || (atoms is null && (IsActivation(sum) || IsActivation(other))),
                Fresh = -1,
                Drawn = -1,
            };
        }

        return sum;
    }

    private static double PairCosine(Signal a, Signal b, Func<Signal, double> across) =>
        a.Square > 0 && b.Square > 0 ? across(a) / a.Square * (across(b) / b.Square) : 0;

    private void BackwardAdd(Step step, Gradient gradient)
    {
        for (var i = 0; i < step.Inputs.Length; i++)
        {
            var profile = step.Signal.Atoms is { } sum && steps[step.Inputs[i]].Signal is { Atoms: { } atoms } input
                ? atoms.BackFromSum(sum, step.Signal.Square - input.Square, gradient.Profile)
                : null;
            var share = step.Signal is { Known: true, Square: > 0 } total ? Math.Min(1, steps[step.Inputs[i]].Signal.Square / total.Square) : 0;
            Send(step, i, gradient with { Profile = profile, Parallel = gradient.Parallel * share });
        }
    }

    // A Gaussian summand blurs the other one; two that are no Gaussians are taken for one.
    private static Atoms? AtomsOf(Signal a, Signal b) => (a.Atoms, b.Atoms) switch
    {
        ({ } atoms, null) => atoms.Plus(b.Square),
        (null, { } atoms) => atoms.Plus(a.Square),
        _ => null,
    };

    private static bool IsActivation(Signal signal) => signal.Fresh < 0 && signal.Drawn >= 0;

    // What is drawn by fresh zero-mean weights has no covariance with all that came before them, nor with what other fresh weights draw.
    private static bool Uncorrelated(Signal a, int indexA, Signal b, int indexB)
    {
        var (originA, originB) = (Math.Max(a.Fresh, a.Drawn), Math.Max(b.Fresh, b.Drawn));
        return (originA >= 0 && originB >= 0 && originA != originB) || (originA >= 0 && indexB < originA) || (originB >= 0 && indexA < originB);
    }

    private Signal ForwardConcatenate(Step step)
    {
        double width = 0, square = 0, samples = 0, positions = 0, both = 0, mean = 0;
        var first = Value(step.Inputs[0]);
        foreach (var index in step.Inputs)
        {
            var part = Value(index);
            if (!part.Known)
                return (first with { Width = null }).Unknown();
            if (part.Width is not { } w)
                return Give(step, first with { Width = null }, "the widths of what is concatenated are unknown");
            width += w;
            square += w * part.Square;
            samples += w * part.AcrossSamples;
            positions += w * part.AcrossPositions;
            both += w * part.AcrossBoth;
            mean += w * part.Mean;
        }

        return new Signal
        {
            Width = width,
            Spatial = first.Spatial,
            Square = square / width,
            AcrossSamples = samples / width,
            AcrossPositions = positions / width,
            AcrossBoth = both / width,
            Mean = mean / width,
        };
    }

    private void BackwardConcatenate(Step step, Gradient gradient)
    {
        if (step.Signal.Width is not { } width)
        {
            SendUnknown(step, null);
            return;
        }

        for (var i = 0; i < step.Inputs.Length; i++)
        {
            var share = steps[step.Inputs[i]].Signal.Width / width;
            Send(step, i, share is { } s ? gradient with { LogNorm = gradient.LogNorm + Log(s) } : null);
        }
    }

    private Signal ForwardProduct(Step step)
    {
        var product = Value(step.Inputs[0]);
        for (var i = 1; i < step.Inputs.Length; i++)
        {
            var other = Value(step.Inputs[i]);
            if (!product.Known || !other.Known)
                return product.Unknown();
            if (step.Inputs[i] == step.Inputs[0])
                return Give(step, product, "factors that depend on one another");
            product = product with
            {
                Square = product.Square * other.Square,
                AcrossSamples = product.AcrossSamples * other.AcrossSamples,
                AcrossPositions = product.AcrossPositions * other.AcrossPositions,
                AcrossBoth = product.AcrossBoth * other.AcrossBoth,
                Map = null,
                Mean = product.Mean * other.Mean,
                Fresh = -1,
                Drawn = -1,
            };
        }

        return product;
    }

    private void BackwardProduct(Step step, Gradient gradient)
    {
        for (var i = 0; i < step.Inputs.Length; i++)
        {
            double? square = 1;
            for (var k = 0; k < step.Inputs.Length; k++)
            {
                if (k != i)
                    square *= steps[step.Inputs[k]].Signal is { Known: true } other ? other.Square : null;
            }

            Send(step, i, step.Signal.Known && square is { } s ? gradient with { Parallel = 0, LogNorm = gradient.LogNorm + Log(s) } : null);
        }
    }
}
