using GradLint.SignalPropagation;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Probe.Live;

/// <summary>What theory says about a network that was read while it ran, against the output layer of a measurement.</summary>
internal sealed class LivePrediction
{
    private readonly Dictionary<string, Row> _rows;

    private LivePrediction(Network network, Dictionary<string, Row> rows, string? unknownBecause) =>
        (Network, _rows, UnknownBecause) = (network, rows, unknownBecause);

    public Network Network { get; }

    /// <summary>Why a layer has no number; <c>null</c> where all have one.</summary>
    public string? UnknownBecause { get; }

    /// <summary>Predicts a network.</summary>
    /// <param name="live">The network; <c>null</c> for none.</param>
    /// <param name="loss">The loss; <c>null</c> for cross-entropy.</param>
    /// <param name="outputLayer">The layer that measured ratios are against.</param>
    public static LivePrediction? Of(LiveReading? live, TrainingLoss? loss, string? outputLayer)
    {
        if (live is null)
            return null;
        var prediction = Prediction.Of(live.Network, live.Options with { Loss = loss ?? live.Options.Loss });
        var rows = prediction.Layers.Where(l => l.Path is not null).GroupBy(l => l.Path!, StringComparer.Ordinal)
            .ToDictionary(calls => calls.Key, calls => Row.Of([.. calls]), StringComparer.Ordinal);
        if (outputLayer is null || !rows.TryGetValue(outputLayer, out var output))
            output = default;
        foreach (string path in rows.Keys.ToArray())
            rows[path] = rows[path].Against(output);
        string? unknown = rows.Values.Any(r => r.Gradient is null)
            ? prediction.UnknownBecause is { Length: > 0 } because ? because
                : prediction.Layers.Select(l => l.UnknownBecause).FirstOrDefault(reason => reason is { Length: > 0 }) ?? "the layers that it would be compared with are not in the network that was seen"
            : null;
        return new LivePrediction(live.Network, rows, unknown);
    }

    /// <summary>The loss that a module of TorchSharp computes; <c>null</c> for cross-entropy and for what is not known.</summary>
    public static TrainingLoss? LossOf(nn.Module loss) => loss switch
    {
        MSELoss => TrainingLoss.MeanSquaredError,
        BCELoss or BCEWithLogitsLoss => TrainingLoss.BinaryCrossEntropy,
        _ => null,
    };

    /// <summary>The layers that are in the network, in the order of the measurement.</summary>
    public IReadOnlyList<LayerConfirmation> Confirm(IReadOnlyList<LayerGradient> measured)
    {
        var confirmed = new List<LayerConfirmation>();
        foreach (var layer in measured)
        {
            if (!_rows.TryGetValue(layer.Path, out var row))
                continue;
            bool weight = layer is { GradientRatio: null, WeightGradientRatio: not null };
            confirmed.Add(new LayerConfirmation(layer.Path, weight ? row.Weight : row.Gradient, (weight ? layer.WeightGradientRatio : layer.GradientRatio)?.Mean,
                Math.Max(LayerConfirmation.LeastTolerance, (weight ? row.WeightBand : row.GradientBand) ?? 0), weight, string.Empty, 0));
        }

        return confirmed;
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

        public Row Against(Row output) => this with { Gradient = Gradient - output.Gradient, Weight = Weight - output.Weight };
    }
}
