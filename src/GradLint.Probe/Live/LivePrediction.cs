using GradLint.SignalPropagation;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Probe.Live;

/// <summary>What theory says about a network that was read while it ran, against the output layer of a measurement.</summary>
internal sealed class LivePrediction
{
    private LivePrediction(Network network, IReadOnlyList<LayerConfirmation> layers, string? unknownBecause) =>
        (Network, Layers, UnknownBecause) = (network, layers, unknownBecause);

    public Network Network { get; }

    /// <summary>The measured layers that are in the network, in the order of the measurement.</summary>
    public IReadOnlyList<LayerConfirmation> Layers { get; }

    /// <summary>Why a layer has no number; <c>null</c> where all have one.</summary>
    public string? UnknownBecause { get; }

    /// <summary>Predicts a network and sets the numbers beside the measured ones.</summary>
    /// <param name="live">The network; <c>null</c> for none.</param>
    /// <param name="loss">The loss; <c>null</c> for cross-entropy.</param>
    /// <param name="measured">The measured layers.</param>
    /// <param name="outputLayer">The layer that measured ratios are against.</param>
    public static LivePrediction? Of(LiveReading? live, TrainingLoss? loss, IReadOnlyList<LayerGradient> measured, string? outputLayer)
    {
        if (live is null)
            return null;
        var prediction = Prediction.Of(live.Network, live.Options with { Loss = loss ?? live.Options.Loss });
        var rows = prediction.Layers.Where(l => l.Path is not null).GroupBy(l => l.Path!, StringComparer.Ordinal)
            .ToDictionary(calls => calls.Key, calls => Row.Of([.. calls]), StringComparer.Ordinal);
        string? doubt = GradientFromElsewhere(live.Network, rows.Keys, measured);
        // The output layer agrees with itself: alone it confirms nothing.
        bool says = doubt is null && (rows.Count == 1 || rows.Any(r => r.Key != outputLayer && (r.Value.Gradient ?? r.Value.Weight) is not null));
        var output = says && outputLayer is not null ? rows.GetValueOrDefault(outputLayer) : default;

        LayerConfirmation[] layers = [.. measured.Where(l => rows.ContainsKey(l.Path)).Select(l => rows[l.Path].Against(output).Beside(l))];
        string? unknown = layers.All(l => l.Predicted is not null) ? null
            : doubt ?? prediction.Layers.Select(l => l.UnknownBecause).Prepend(prediction.UnknownBecause).FirstOrDefault(reason => reason is { Length: > 0 })
                ?? "the output layer is not in the network that was seen";
        return new LivePrediction(live.Network, layers, unknown);
    }

    /// <summary>How many steps back the gradient of each recurrent layer reaches.</summary>
    public static IReadOnlyDictionary<string, int?> Horizons(LiveReading? live) => live is null || !live.Network.Nodes.Any(n => n.Operation is Operation.Recurrent)
        ? new Dictionary<string, int?>()
        : Prediction.Of(live.Network, live.Options).Layers.Where(l => l.Path is not null && l.Time is not null).DistinctBy(l => l.Path)
            .ToDictionary(l => l.Path!, l => l.Time!.Horizon, StringComparer.Ordinal);

    /// <summary>The loss that a module of TorchSharp computes; <c>null</c> for cross-entropy and for what is not known.</summary>
    public static TrainingLoss? LossOf(nn.Module loss) => loss switch
    {
        MSELoss => TrainingLoss.MeanSquaredError,
        BCELoss or BCEWithLogitsLoss => TrainingLoss.BinaryCrossEntropy,
        _ => null,
    };

    /// <summary>
    /// A loss may use more than what the model returns (an auxiliary head), and a branch may be scaled to nothing. Then a layer gets a
    /// gradient that the network does not explain, and those of other layers may have a share of it.
    /// </summary>
    private static string? GradientFromElsewhere(Network network, IReadOnlyCollection<string> predicted, IReadOnlyList<LayerGradient> measured)
    {
        var others = network.Nodes.Where(n => n.Path is not null && !n.Operation.IsWeightLayer).Select(n => n.Path!).ToHashSet(StringComparer.Ordinal);
        var layer = measured.FirstOrDefault(l => l.WeightGradientRatio is not null && l.Status is LayerStatus.Measured or LayerStatus.CalledThroughForward
            && !predicted.Contains(l.Path) && !others.Contains(l.Path));
        return layer is null ? null : $"the gradient of layer '{layer.Path}' does not come through the network that was seen";
    }

    /// <summary>One layer, all its calls together, in decades.</summary>
    private readonly record struct Row(double? Gradient, double? GradientBand, double? Weight, double? WeightBand)
    {
        /// <summary>The measurement takes the root mean square over all calls of a layer; they are taken as equally large.</summary>
        public static Row Of(IReadOnlyList<LayerPrediction> calls)
        {
            if (calls.Count == 1)
                return new Row(calls[0].GradientRatio, calls[0].GradientBand, calls[0].WeightRatio, calls[0].WeightBand);
            if (calls.Any(c => c.GradientRatio is null))
                return default;
            double largest = calls.Max(c => c.GradientRatio!.Value);
            double share = calls.Average(c => Math.Pow(10, 2 * (c.GradientRatio!.Value - largest)));
            return new Row(largest + Math.Log10(share) / 2, calls.Max(c => c.GradientBand), null, null);
        }

        public LayerConfirmation Beside(LayerGradient layer)
        {
            bool weight = layer is { GradientRatio: null, WeightGradientRatio: not null };
            return new LayerConfirmation(layer.Path, weight ? Weight : Gradient, (weight ? layer.WeightGradientRatio : layer.GradientRatio)?.Mean,
                Math.Max(LayerConfirmation.LeastTolerance, (weight ? WeightBand : GradientBand) ?? 0), weight, string.Empty, 0);
        }

        public Row Against(Row output) => this with { Gradient = Gradient - output.Gradient, Weight = Weight - output.Weight };
    }
}
