using GradLint.SignalPropagation.Propagation;

namespace GradLint.SignalPropagation;

/// <summary>
/// What mean-field theory says about a network before it is trained: for each weight layer the size of the gradient that reaches it, relative to
/// the output layer, the size of its weight gradient, and the forward scale. See docs/theory.md.
/// </summary>
public sealed class Prediction
{
    private Prediction(Network network, PredictionOptions options, IReadOnlyList<LayerPrediction> layers, IReadOnlyList<GradientCause> causes,
        string? unknownBecause)
    {
        Network = network;
        Options = options;
        Layers = layers;
        Causes = causes;
        UnknownBecause = unknownBecause;
    }

    /// <summary>Exponents are kept within ±this: beyond it they say no more than "nothing arrives" or "overflow".</summary>
    public const double SaturatedExponent = 300;

    /// <summary>The network.</summary>
    public Network Network { get; }

    /// <summary>What was assumed.</summary>
    public PredictionOptions Options { get; }

    /// <summary>The weight layers that the output depends on, in the order in which forward executes them, the output layer last.</summary>
    public IReadOnlyList<LayerPrediction> Layers { get; }

    /// <summary>Why the gradient ratio of the first layer is what it is: runs of equal steps, from the input to the output. Empty where a
    /// step is unknown or the network branches.</summary>
    public IReadOnlyList<GradientCause> Causes { get; }

    /// <summary>Why <see cref="EndToEndGradientRatio"/> is null, for people; null where it is not.</summary>
    public string? UnknownBecause { get; }

    /// <summary>An upper estimate of the probability that the network is dead at birth: that all units of one of its ReLU layers are off for every input,
    /// so that its output is constant and no gradient arrives (Lu et al. 2019, arXiv:1903.06733). 0 without such layers; null where a width or
    /// an initializer is unknown.</summary>
    public double? BornDeadProbability { get; private init; }

    /// <summary>The one number: <see cref="LayerPrediction.GradientRatio"/> of the first layer.</summary>
    public double? EndToEndGradientRatio => First?.GradientRatio;

    /// <summary><see cref="LayerPrediction.SignalRatio"/> of the first layer: the one number without the geometry of convolutions and pooling.
    /// Thresholds are compared with this.</summary>
    public double? EndToEndSignalRatio => First?.SignalRatio;

    /// <summary><see cref="LayerPrediction.NormRatio"/> of the first layer: known also where no width is.</summary>
    public double? EndToEndNormRatio => First?.NormRatio;

    /// <summary><see cref="LayerPrediction.WeightRatio"/> of the first layer.</summary>
    public double? EndToEndWeightRatio => First?.WeightRatio;

    /// <summary>log10 of rms(z) of the output layer over that of the first layer.</summary>
    public double? ForwardGrowth => Layers.Count > 0 ? Layers[Layers.Count - 1].Scale - Layers[0].Scale : null;

    /// <summary>Half-width of the band around <see cref="EndToEndGradientRatio"/>.</summary>
    public double? GradientBand => First?.GradientBand;

    /// <summary>Half-width of the band around <see cref="EndToEndWeightRatio"/>.</summary>
    public double? WeightBand => First?.WeightBand;

    private LayerPrediction? First => Layers.Count > 0 ? Layers[0] : null;

    /// <summary>Predicts a network. What cannot be known is null. The work is linear in the number of nodes, repeats written out.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing else is thrown.</exception>
    public static Prediction Of(Network network, PredictionOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= PredictionOptions.Default;
        if (network.Output < 0)
            return new(network, options, [], [], "the network is empty");
        if (UnknownRounds.Has(network))
            return ForAnyRounds(network, options, cancellationToken);
        var prediction = WithRounds(network, options, 0, cancellationToken);
        return UnknownSizes.Matter(prediction) ? ForAnySizes(prediction, cancellationToken) : prediction;
    }

    private static Prediction ForAnyRounds(Network network, PredictionOptions options, CancellationToken cancellationToken)
    {
        var runs = new IReadOnlyList<LayerPrediction>[UnknownRounds.Counts.Count];
        Prediction? last = null;
        for (var i = 0; i < runs.Length; i++)
            runs[i] = (last = WithRounds(network, options, UnknownRounds.Counts[i], cancellationToken)).Layers;
        var layers = UnknownRounds.Agreed(runs);
        return new(network, options, layers, [], FirstReason(layers, last!));
    }

    private static Prediction ForAnySizes(Prediction unknown, CancellationToken cancellationToken)
    {
        var (network, options) = (unknown.Network, unknown.Options);
        var runs = new IReadOnlyList<LayerPrediction>[UnknownSizes.PooledPositions.Count];
        for (var i = 0; i < runs.Length; i++)
            runs[i] = WithRounds(network, options with { PooledPositions = UnknownSizes.PooledPositions[i] }, 0, cancellationToken).Layers;
        var layers = UnknownRounds.Agreed(runs, UnknownSizes.Window);
        return new(network, options, layers, GradientCause.Of(layers), FirstReason(layers, unknown));
    }

    private static string? FirstReason(IReadOnlyList<LayerPrediction> layers, Prediction without) =>
        layers.Count == 0 ? without.UnknownBecause : layers[0].GradientRatio is null ? layers[0].UnknownBecause : null;

    private static Prediction WithRounds(Network network, PredictionOptions options, int unknownRounds, CancellationToken cancellationToken) =>
        Unrolling.Unroll(network, unknownRounds, out var output) is { } steps
            ? new Tabulation(network, options, steps, output, cancellationToken).Result()
            : new(network, options, [], [], "a repeated block is no chain of rounds, or too long");

    /// <summary>The causes in words: <c>11 sigmoid layers, about 0.14 each, then 0.40</c>. Empty where there are none.</summary>
    public string Explain() => GradientCause.Explain(Causes);

    /// <summary>Where nineteen of twenty single draws lie, by the variance of ln of a square: their logarithms have heavier tails than a Gaussian's,
    /// and loss and labels add a little.</summary>
    internal static double BandOf(double variance) =>
        variance < double.PositiveInfinity ? Math.Min(SaturatedExponent, 2.1 * Math.Sqrt(Math.Max(0, variance)) / (2 * Math.Log(10)) + 0.04) : SaturatedExponent;

    /// <summary>Turns executed steps into the prediction's rows.</summary>
    private sealed class Tabulation(Network network, PredictionOptions options, List<Step> steps, int output, CancellationToken cancellationToken)
    {
        private const double Decades = 2.302585092994046; // ln 10

        // Beyond it the samples differ so much that no average of theirs is typical.
        private const double MostDrift = 4;

        // The nearest reason on the way to the output, the one itself included, and the one on the way back; made when first asked for.
        private string?[]? reasonAhead;
        private string?[]? reasonBehind;

        public Prediction Result()
        {
            var pass = new Pass(steps, options, cancellationToken);
            pass.Forward();
            var head = OutputLayer();
            if (head < 0)
                return new(network, options, [], [], "no weight layer leads to the output");
            pass.BackwardFrom(OnlyPath(head) ? head : output);

            var (paths, shared) = (new HashSet<string>(), new HashSet<string>());
            var rows = new List<int>();
            for (var i = 0; i <= head; i++)
            {
                if (steps[i].Layer is null || !steps[i].Reached)
                    continue;
                rows.Add(i);
                if (steps[i].Path is { } path && !paths.Add(path))
                    shared.Add(path);
            }

            if (rows.Count == 0)
                return new(network, options, [], [], "the gradient is cut behind the last weight layer");
            steps[head].WeightGradient = pass.WeightGradientOf(steps[head]);
            var reference = pass.ReferenceOf(steps[head]);
            var layers = new LayerPrediction[rows.Count];
            for (var r = 0; r < rows.Count; r++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var step = steps[rows[r]];
                var isShared = step.Path is { } path && shared.Contains(path);
                double? factor = null;
                var between = r + 1 < rows.Count ? Between(rows[r], rows[r + 1], out factor) : "";
                var row = Row(pass, step, steps[head], reference, isShared, between, factor);
                layers[r] = row is { GradientRatio: not null, WeightRatio: not null, Scale: not null }
                    ? row
                    : row with { UnknownBecause = Reason(row, rows[r], isShared) };
            }

            return new(network, options, layers, GradientCause.Of(layers), layers[0].GradientRatio is null ? layers[0].UnknownBecause : null)
            {
                BornDeadProbability = BornDead.Probability(steps, output),
            };
        }

        private static LayerPrediction Row(Pass pass, Step step, Step head, Pass.CommonPart? reference, bool shared, string between, double? factor)
        {
            double? norm = null, pooling = null, variance = null;
            var drift = 0.0;
            if (step.Gradient is { } g && head.Gradient is { } h)
            {
                norm = (g.LogNorm - g.LogPooling - (h.LogNorm - h.LogPooling) - (g.Variance - h.Variance) / 2
                    + Math.Min(MostDrift, g.SampleDriftVariance + g.Drift * g.Drift * step.Signal.BetweenSamples) / 2) / (2 * Decades);
                pooling = (g.LogPooling - h.LogPooling) / (2 * Decades);
                variance = g.Variance - h.Variance;
                drift = g.DriftVariance + g.Drift * g.Drift * step.Signal.Scatter;
            }

            var signal = norm + Half(head.Signal.Width / step.Signal.Width);
            var geometry = pooling + Half(head.Signal.Positions / step.Signal.Positions);
            double? weight = null, weightVariance = null;
            if (!shared && step.Layer == step.Node && variance is not null && reference is not null && (step.WeightGradient ?? pass.WeightGradientOf(step)) is { } w)
            {
                var (mean, spread) = reference.Difference(w);
                (weight, weightVariance) = ((mean - variance / 2) / (2 * Decades), spread);
            }

            var band = variance is { } v ? BandOf(v + drift) : (double?)null;
            var scale = step.Signal.Known ? (Math.Log(step.Signal.Square) - step.Signal.OwnScatter / 2) / (2 * Decades) : (double?)null;
            return new LayerPrediction(step.Layer!, step.Round, step.Path)
            {
                Between = between,
                Factor = factor,
                NormRatio = Within(norm),
                SignalRatio = Within(signal),
                GeometryShare = Within(geometry),
                GradientRatio = Within(signal + geometry),
                WeightRatio = Within(weight),
                Scale = Within(scale),
                GradientBand = signal is null ? null : band,
                WeightBand = weight is null ? null : BandOf(variance!.Value + drift + weightVariance!.Value),
                Time = step.Recurrent?.Time,
                ScaleBand = scale is null ? null : BandOf(step.Signal.Scatter + step.Signal.OwnScatter),
            };
        }

        /// <summary>Why something of a row is unknown: the nearest reason on the way to the output, else the one that spoiled the forward pass.</summary>
        private string Reason(LayerPrediction row, int index, bool shared)
        {
            if (row.NormRatio is null || row.Scale is null)
            {
                CollectReasons();
                if ((reasonAhead![index] ?? reasonBehind![index]) is { } reason)
                    return reason;
            }

            if (row.SignalRatio is null && row.NormRatio is not null)
                return "a width is unknown";
            if (row.GradientRatio is null && row.SignalRatio is not null)
                return "the size of the input is unknown";
            return shared ? "the weights are used more than once"
                : steps[index].Layer != steps[index].Node ? "it has several weight matrices"
                : "a width or the size of the input is unknown";
        }

        private void CollectReasons()
        {
            if (reasonAhead is not null)
                return;
            (reasonAhead, reasonBehind) = (new string?[steps.Count], new string?[steps.Count]);
            string? last = null;
            for (var i = steps.Count - 1; i >= 0; i--)
                reasonAhead[i] = last = steps[i].UnknownBecause is { Length: > 0 } reason ? reason : last;
            last = null;
            for (var i = 0; i < steps.Count; i++)
                reasonBehind[i] = last = steps[i].UnknownBecause is { Length: > 0 } reason ? reason : last;
        }

        /// <summary>What lies between a weight layer and the next, and its factor: each step read by the next one only; nothing otherwise.</summary>
        private string Between(int from, int to, out double? factor)
        {
            factor = null;
            List<string>? words = null;
            for (var at = to; at != from;)
            {
                if (steps[at].Inputs.Length != 1)
                    return "";
                if (at != to && Word(steps[at].Node.Operation) is { Length: > 0 } word)
                    (words ??= []).Add(word);
                at = steps[at].Inputs[0];
                if (at < from || steps[at].Consumers != 1)
                    return "";
            }

            if (steps[from].Gradient is { } g && steps[to].Gradient is { } h)
            {
                var log = (g.LogNorm - g.LogPooling - (h.LogNorm - h.LogPooling)) / 2;
                factor = double.IsNaN(log) ? null : Math.Exp(Math.Max(-690, Math.Min(690, log)));
            }

            if (words is null)
                return "";
            words.Reverse();
            return words.Count == 1 ? words[0] : string.Join(", ", words);
        }

        // Pooling and dropout cause no fading to speak of: with them every stage of a convolutional network would be a cause of its own.
        private static string Word(Operation operation) => operation switch
        {
            Operation.Nonlinearity o => o.Function.Name,
            Operation.Normalization { Kind: NormalizationKind.Batch } => "batch_norm",
            Operation.Normalization { Kind: NormalizationKind.Layer } => "layer_norm",
            Operation.Normalization { Kind: NormalizationKind.Group } => "group_norm",
            Operation.Normalization => "instance_norm",
            _ => "",
        };

        /// <summary>The last weight layer that the output depends on.</summary>
        private int OutputLayer()
        {
            var needed = new bool[steps.Count];
            needed[output] = true;
            for (var i = output; i >= 0; i--)
            {
                if (!needed[i])
                    continue;
                if (steps[i].Layer is not null)
                    return i;
                foreach (var input in steps[i].Inputs)
                    needed[input] = true;
            }

            return -1;
        }

        /// <summary>Whether the output is the head's value behind operations with one input: then the loss is taken to act on the head's.</summary>
        private bool OnlyPath(int head)
        {
            var at = output;
            while (at != head)
            {
                if (steps[at].Inputs.Length != 1 || steps[at].Node.Operation is Operation.Detach)
                    return false;
                at = steps[at].Inputs[0];
            }

            return true;
        }

        private static double? Half(double? ratio) => ratio > 0 ? Math.Log10(ratio.Value) / 2 : null;

        private static double? Within(double? exponent) => exponent is { } x && !double.IsNaN(x)
            ? Math.Max(-SaturatedExponent, Math.Min(SaturatedExponent, x))
            : null;
    }
}
