using GradLint.SignalPropagation.Moments;

namespace GradLint.SignalPropagation.Propagation;

// Layers with a weight matrix: linear, convolution, embedding.
internal sealed partial class Pass
{
    // Larger batches of two labels are Gaussian enough.
    private const int MostTwoLabels = 8;

    /// <summary>The weight gradient that others are compared with.</summary>
    public sealed class CommonPart
    {
        private readonly WeightGradient reference;
        private readonly OutputDraws draws;
        private readonly double[] logs;

        /// <param name="reference">The output layer's.</param>
        /// <param name="draws">How X scatters.</param>
        public CommonPart(WeightGradient reference, OutputDraws draws)
        {
            (this.reference, this.draws) = (reference, draws);
            logs = new double[draws.Values.Length];
            for (var i = 0; i < logs.Length; i++)
                logs[i] = LogOf(reference, draws.Values[i]);
        }

        /// <summary>Mean and variance of the logarithm of another layer's squared norm over the reference's.</summary>
        public (double Mean, double Variance) Difference(WeightGradient other)
        {
            double mean = 0, square = 0;
            for (var i = 0; i < logs.Length && other != reference; i++)
            {
                var difference = LogOf(other, draws.Values[i]) - logs[i];
                mean += draws.Weights[i] * difference;
                square += draws.Weights[i] * difference * difference;
            }

            return (other.Alone - reference.Alone + mean, Math.Max(0, square - mean * mean) + Math.Abs(other.Scatter - reference.Scatter));
        }

        private static double LogOf(WeightGradient g, double x) => Math.Log(Math.Max(0.001, 1 + g.Common + g.Random * (x - 1)));
    }

    /// <summary>The weight gradient of the layer that others are compared with, ready for that; null if unknown.</summary>
    public CommonPart? ReferenceOf(Step head) => head.WeightGradient is { } gradient
        ? new CommonPart(gradient, batch <= MostTwoLabels && outputFreedom == 1 && options.Loss is (TrainingLoss.CrossEntropy or TrainingLoss.BinaryCrossEntropy)
            ? OutputDraws.OfTwoLabels((int)batch, outputCosine)
            : OutputDraws.ChiSquared(outputFreedom, batch))
        : null;

    /// <summary>The weight gradient of a layer; null if unknown.</summary>
    public WeightGradient? WeightGradientOf(Step step)
    {
        if (step.Gradient is not { } gradient || step.Inputs.Length != 1)
            return null;
        var input = steps[step.Inputs[0]].Signal;
        if (step.Recurrent is { } recurrent)
            return WeightGradientOf(recurrent, gradient, input);
        if (!input.Known || step.Fan is not { FanIn: { } fanIn } fan)
            return null;
        var a = input.Square;
        if (!(a > 0))
            return new WeightGradient(double.NegativeInfinity, 0, 0, 0);
        var positions = step.Signal.Positions;
        if (positions is null && Math.Abs(gradient.AcrossPositions * input.AcrossPositions) > 1e-9 * a)
            return null;
        // Σ over pairs of samples and positions of δδ'·xx', for B samples of one position: 1 + (B − 1)·cos·cos. The cosines of a pair
        // scatter together: where two samples happen to be alike, so are their gradients.
        var p = positions ?? 1;
        var scatter = PairScatter(step, input);
        double Pairs(double cosine, double slope, double signal) => cosine * signal / a + slope * scatter;
        var apart = step.Taps?.Shared ?? 1;
        var common = batch * p * MeanOverPairs(p, 0, apart * Pairs(gradient.AcrossPositions, gradient.PositionsSlope, input.AcrossPositions),
            Pairs(gradient.AcrossSamples, gradient.SamplesSlope, input.AcrossSamples), apart * Pairs(gradient.AcrossBoth, gradient.BothSlope, input.AcrossBoth));
        // With S the squared sum of the samples' output gradients over the sum of their squares, of mean 1 + (B − 1)·cosine, pairs of samples add
        // (S − 1) times what is left of their likeness here. Labels are random: S scatters also where the cosine is 0.
        var alike = (gradient.SamplesLeft * input.AcrossSamples + (p - 1) * apart * gradient.BothLeft * input.AcrossBoth) / a;
        var random = alike * (1 + (batch - 1) * outputCosine);
        var (map, inBounds) = MapBehind(step, input);
        var met = (inBounds ?? fan.InBounds) * (map is not null && gradient.Map is { } weighing && weighing.Fits(map) ? weighing.Times(map).Mean : 1);
        return new WeightGradient(gradient.LogNorm + Math.Log(fanIn * met) + Math.Log(a), common, random, input.Scatter);
    }

    /// <summary>Variance of the cosine between what two samples or positions bring to one unit of a weight layer.</summary>
    private double PairScatter(Step step, Signal input)
    {
        var own = input.Fresh >= 0 ? Own(input.AcrossSamples / input.Square, input.Width) : 0;
        var taps = step.Node.Operation is Operation.Convolution { Kernel.Product: { } k } && k >= 1 ? k : 1;
        return (input.CosineVariance + own) / taps;
    }

    /// <summary>Variance of a cosine measured over n units.</summary>
    private static double Own(double cosine, double? width)
    {
        var free = Math.Max(0, 1 - cosine * cosine);
        return free * free / (width ?? AssumedWidth);
    }

    private Signal ForwardWeights(int index, Signal input)
    {
        var step = steps[index];
        var shape = ShapeOf(step.Node.Operation, input);
        // One vector where nothing says otherwise, but among sequences that would be a guess.
        if (input.Spatial is null && readsSequences)
            shape = shape with { Spatial = null };
        if (step.Node.Operation is Operation.Convolution { Transposed: false } convolution)
            step.Taps = Taps.Of(input.Spatial, shape.Spatial, convolution);
        var fan = step.Fan = FanOf(step, input, shape);
        if (Unmodelled(step.Node.Operation) is { } reason)
            return Give(step, shape, reason);
        if (!input.Known)
            return shape.Unknown();
        if (fan.FanInVariance is not { } gain)
            return Give(step, shape, "the variance of the weights is unknown");
        if (fan.BiasVariance is not { } bias)
            return Give(step, shape, "the variance of the bias is unknown");
        var (map, inBounds) = MapBehind(step, input);
        gain *= inBounds ?? fan.InBounds;
        var apart = gain * (step.Taps?.Shared ?? 1);
        var square = gain * input.Square + bias;
        var share = square > 0 ? gain * input.Square / square : 0;
        return shape with
        {
            Square = square,
            Scatter = share * share * (input.Scatter + input.OwnScatter),
            SampleScatter = share * share * (input.SampleScatter + (input.Fresh >= 0 ? 2 / (input.Width ?? AssumedWidth) : 0)),
            Map = Profile.Mixed(map, share, null, 0),
            OwnScatter = 2 * SquaredCosine(input, square > 0 ? 1 / square : 0, gain, apart, bias) / (shape.Width ?? AssumedWidth)
                * (IsOrthogonal(step) ? share * share * Lost(input.Width, shape.Width) + 1 - share * share : 1),
            CosineVariance = share * share * PairScatter(step, input),
            AcrossSamples = gain * input.AcrossSamples + bias,
            AcrossPositions = apart * input.AcrossPositions + bias,
            AcrossBoth = apart * input.AcrossBoth + bias,
            Fresh = index,
            Drawn = index,
        };
    }

    private void BackwardWeights(Step step, Gradient gradient, Signal input)
    {
        if (Unmodelled(step.Node.Operation) is not null || step.Fan is not { FanInVariance: { } gain } fan || !(gain < Largest))
        {
            SendUnknown(step, "the variance of the weights is unknown");
            return;
        }

        var (map, inBounds) = step.Taps is { } taps && (gradient.Map ?? Profile.Even(step.Signal.Spatial)) is { } even
            ? even.Back(taps)
            : (null, fan.InBounds);
        var apart = step.Taps?.SharedBack ?? 1;
        double Cosine(double across) => input.Square > 0 ? across / input.Square : 0;
        var share = input.Known && step.Signal.Square > 0 ? gain * fan.InBounds * input.Square / step.Signal.Square : 0;
        // W^T W x = fan_out·Var(W)·x and a part that is as large as that of an independent W; an orthogonal W has no such part.
        var returned = gradient.Parallel * share * (step.Signal.Width * step.Signal.Positions / (input.Width * input.Positions)) ?? 0;
        var orthogonal = IsOrthogonal(step);
        var grown = orthogonal ? Math.Max(0, returned - gradient.Parallel * share) : returned;
        var other = 1 / (1 + grown);
        Send(step, 0, gradient with
        {
            LogNorm = gradient.LogNorm + Log(gain * inBounds) + SpecialFunctions.Log1p(grown),
            Parallel = Math.Min(1, returned * other),
            Map = map,
            AcrossSamples = other * (gradient.AcrossSamples + grown * Cosine(input.AcrossSamples)),
            AcrossPositions = other * (gradient.AcrossPositions * apart + grown * Cosine(input.AcrossPositions)),
            AcrossBoth = other * (gradient.AcrossBoth * apart + grown * Cosine(input.AcrossBoth)),
            SamplesLeft = other * gradient.SamplesLeft,
            BothLeft = other * gradient.BothLeft * apart,
            Drift = gradient.Drift * share,
            SamplesSlope = gradient.SamplesSlope * share,
            PositionsSlope = gradient.PositionsSlope * share * apart,
            BothSlope = gradient.BothSlope * share * apart,
            OverlapSelf = 1,
            OverlapPair = 0,
            OverlapPositions = 0,
            // Var of Σ (w·δ)² over the input's units, each a sum over the batch.
            Variance = gradient.Variance + 2 * SquaredCosine(gradient, input.Positions) / (input.Width ?? fan.FanIn ?? AssumedWidth)
                * (orthogonal ? Lost(step.Signal.Width, input.Width) : 1),
        });
    }

    private static bool IsOrthogonal(Step step) => step.Node.Operation is Operation.Linear { Weight.Distribution: InitializerDistribution.Orthogonal };

    /// <summary>Share of a vector that an orthogonal matrix loses: none unless it maps to fewer dimensions.</summary>
    private static double Lost(double? from, double? to) => Math.Max(0, 1 - to / from ?? 0);

    private Signal ForwardEmbedding(int index, Operation.Embedding o, Signal input)
    {
        var shape = new Signal { Width = Positive(o.Width), Spatial = input.Spatial };
        if (o.Weight.Coefficient is not { } variance || o.Weight.Mean is not { } mean || o.Weight.Scaling != VarianceScaling.None)
            return Give(steps[index], shape, "the variance of the embedding is unknown");
        // Different tokens have independent rows.
        return shape with { Square = variance + mean * mean, AcrossSamples = mean * mean, AcrossPositions = mean * mean, AcrossBoth = mean * mean, Fresh = index };
    }

    /// <summary>Mean of cos² of the layer's outputs over all pairs of a batch.</summary>
    private double SquaredCosine(Signal input, double inverse, double gain, double apart, double bias)
    {
        var (p, s, b) = ((apart * input.AcrossPositions + bias) * inverse, (gain * input.AcrossSamples + bias) * inverse, (apart * input.AcrossBoth + bias) * inverse);
        return MeanOverPairs(input.Positions, 1, p * p, s * s, b * b);
    }

    /// <summary>The profile behind a convolution, its biases aside, and the share of taps that are in bounds there; null where a size is unknown.</summary>
    private static (Profile? Map, double? InBounds) MapBehind(Step step, Signal input)
    {
        if (step.Taps is not { } taps || (input.Map ?? Profile.Even(input.Spatial)) is not { } map)
            return default;
        return map.Through(taps);
    }

    /// <summary>Mean of cos² of the gradients over all pairs of a batch.</summary>
    private double SquaredCosine(Gradient g, double? positions) => CosineProduct(g, g, positions);

    /// <summary>Mean over all pairs of a batch of the product of two gradients' cosines.</summary>
    private double CosineProduct(Gradient a, Gradient b, double? positions) => MeanOverPairs(positions, 1, a.AcrossPositions * b.AcrossPositions,
        a.AcrossSamples * b.AcrossSamples + a.SamplesLeft * b.SamplesLeft * OutputScatter, a.AcrossBoth * b.AcrossBoth + a.BothLeft * b.BothLeft * OutputScatter);

    /// <summary>Variance of the cosine between two samples' output gradients: with two classes all of them are parallel, with any sign.</summary>
    private double OutputScatter => (1 - outputCosine * outputCosine) / outputFreedom;

    /// <summary>Weights with a mean move all units together: no mean-field theory of independent units holds.</summary>
    private static string? Unmodelled(Operation operation)
    {
        var weight = operation switch
        {
            Operation.Linear o => o.Weight,
            Operation.Convolution o => o.Weight,
            _ => null,
        };
        if (weight is null || !weight.IsKnown)
            return "the initialization of the weights is unknown";
        if (!(weight.Coefficient >= 0 && weight.Coefficient < Largest))
            return "the variance of the weights is no number";
        if (weight.Mean != 0)
            return weight.IsConstant ? "all weights are equal" : "the weights have a mean";
        return weight.Distribution == InitializerDistribution.Identity ? "identity weights are not modelled" : null;
    }

    private static Signal ShapeOf(Operation operation, Signal input)
    {
        if (operation is Operation.Linear linear)
            return new Signal { Width = Positive(linear.OutFeatures), Spatial = input.Spatial ?? Sizes.None };
        var o = (Operation.Convolution)operation;
        return new Signal { Width = Positive(o.OutChannels), Spatial = Window(input.Spatial, o) };
    }

    private static Fan FanOf(Step step, Signal input, Signal output)
    {
        if (step.Node.Operation is not Operation.Linear linear)
            return FanOf((Operation.Convolution)step.Node.Operation, step.Taps, input, output);
        var columns = Positive(linear.InFeatures) ?? input.Width;
        var weight = new WeightShape(Positive(linear.OutFeatures), columns);
        return new Fan(columns, linear.Weight.FanInVariance(weight), Bias(linear.Bias, weight), 1);
    }

    private static Fan FanOf(Operation.Convolution o, Taps? taps, Signal input, Signal output)
    {
        if (o.Transposed)
            return FanOfTransposed(o, input, output);
        var columns = Positive(o.InChannels) ?? input.Width;
        var weight = new WeightShape(Positive(o.OutChannels), o.Groups == 1 ? columns : columns / Positive(o.Groups), o.Kernel.Product);
        return new Fan(weight.FanIn, o.Weight.FanInVariance(weight), Bias(o.Bias, weight), taps?.InBounds ?? 1);
    }

    // The tensor is [in, out/groups, k]. It is the convolution from output to input read backwards: each input position reaches
    // k output positions, less those cut off by the padding, so that an output meets k · n/m of them, k/stride far from the borders.
    private static Fan FanOfTransposed(Operation.Convolution o, Signal input, Signal output)
    {
        var columns = Positive(o.InChannels) ?? input.Width;
        var weight = new WeightShape(columns, Positive(o.OutChannels) / Positive(o.Groups), o.Kernel.Product);
        var met = columns / Positive(o.Groups) * o.Kernel.Product * (input.Positions is > 0 and { } n && output.Positions is > 0 and { } m
            ? (Taps.Of(output.Spatial, input.Spatial, o)?.InBounds ?? 1) * n / m
            : 1 / o.Stride.Product);
        return new Fan(met, met * o.Weight.Variance(weight), Bias(o.Bias, weight), 1);
    }

    private static double? Bias(Initializer? bias, in WeightShape shape)
    {
        if (bias is null)
            return 0;
        // U(±1/√fan_in) where fan_in is unknown: a wide layer's bias is small.
        var variance = bias.Variance(shape) ?? (bias.Scaling == VarianceScaling.FanIn ? bias.Coefficient / AssumedWidth : null);
        return variance + bias.Mean * bias.Mean;
    }

    private static Sizes Window(Sizes? input, Operation.Convolution o)
    {
        var result = new int?[o.Kernel.Count];
        for (var i = 0; i < result.Length; i++)
        {
            if (input is null || input.Count != result.Length || input[i] is not { } n || o.Kernel[i] is not { } kernel || At(o.Stride, i) is not { } stride
                || stride <= 0 || At(o.Dilation, i) is not { } dilation || At(o.Padding, i) is not { } padding)
                continue;
            var reach = (double)dilation * (kernel - 1.0) + 1;
            result[i] = Whole(o.Transposed ? (n - 1.0) * stride - 2.0 * padding + reach : Math.Floor((n + 2.0 * padding - reach) / stride + 1));
        }

        return Sizes.Of(result);
    }

    private static int? At(Sizes sizes, int dimension) => dimension < sizes.Count ? sizes[dimension] : null;
}
