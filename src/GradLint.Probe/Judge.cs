using System.Globalization;

namespace GradLint.Probe;

/// <summary>What counts as a fault.</summary>
/// <param name="VanishingDecades">As <see cref="ProbeOptions.VanishingDecades"/>.</param>
/// <param name="ExplodingDecades">As <see cref="ProbeOptions.ExplodingDecades"/>.</param>
/// <param name="DeadUnits">As <see cref="MonitorOptions.DeadUnits"/>.</param>
/// <param name="Saturated">As <see cref="MonitorOptions.Saturated"/>.</param>
/// <param name="LeastUpdate">As <see cref="MonitorOptions.LeastUpdate"/>.</param>
internal sealed record Thresholds(double VanishingDecades, double ExplodingDecades, double DeadUnits, double Saturated, double LeastUpdate);

/// <summary>One layer as it is judged: base-10 logarithms, of a single pass or means over several.</summary>
/// <param name="Path">The layer.</param>
/// <param name="Status">What could be seen of it.</param>
/// <param name="Gradient">RMS(∂L/∂z) against the output layer's.</param>
/// <param name="WeightGradient">‖∂L/∂W‖ against the output layer's.</param>
/// <param name="ForwardScale">RMS(z).</param>
/// <param name="GradientsMissing">The parameters, as <c>named_parameters()</c> spells them, that require a gradient and got none.</param>
internal sealed record Observation(string Path, LayerStatus Status, double? Gradient, double? WeightGradient, double? ForwardScale, IReadOnlyList<string> GradientsMissing)
{
    /// <summary>Whether the layer keeps a state over time.</summary>
    public bool IsRecurrent { get; init; }

    /// <summary>Share of units without a gradient.</summary>
    public double? DeadUnits { get; init; }

    /// <summary>‖ΔW‖ / ‖W‖.</summary>
    public double? Update { get; init; }
}

/// <summary>The one judge of a measurement and of a training step. Every threshold is on a ratio.</summary>
/// <param name="thresholds">What counts as a fault.</param>
/// <param name="outputLayer">The layer that ratios are against.</param>
/// <param name="saturates">Whether the network has saturating activations, which explain a gradient that vanishes.</param>
internal sealed class Judge(Thresholds thresholds, string? outputLayer, bool saturates)
{
    /// <summary>The faults, the gravest first.</summary>
    /// <param name="layers">The layers in the order in which they ran.</param>
    /// <param name="activations">Saturating activations.</param>
    /// <param name="loss">The loss; not finite where one of several is not.</param>
    public IReadOnlyList<Finding> Of(IReadOnlyList<Observation> layers, IReadOnlyList<ActivationRecord> activations, double? loss)
    {
        var findings = new List<Finding>();
        if (NotFinite(layers, loss) is { } notFinite)
            findings.Add(notFinite);
        foreach (var layer in layers)
        {
            if (layer.Status == LayerStatus.NoGradient)
                findings.Add(Disconnected(layer));
        }

        findings.AddRange(Sizes(layers));
        foreach (var layer in layers)
        {
            if (layer.DeadUnits >= thresholds.DeadUnits)
                findings.Add(Dead(layer, layer.DeadUnits.Value));
            if (layer.Update <= thresholds.LeastUpdate && layer.Status != LayerStatus.NoGradient)
                findings.Add(NotUpdating(layer, layer.Update.Value));
        }

        findings.AddRange(activations.Where(a => a.Saturated >= thresholds.Saturated).Select(Saturated));
        return findings.Count == 0 ? [] : [.. findings.OrderByDescending(f => f.Verdict)];
    }

    /// <summary>Forward, the fault starts at the first layer that shows it; backward, at the last.</summary>
    private static Finding? NotFinite(IReadOnlyList<Observation> layers, double? loss)
    {
        string? rule = layers.Any(l => l.IsRecurrent) ? "GRAD3001" : null;
        return layers.FirstOrDefault(l => l.ForwardScale is double.NaN or double.PositiveInfinity) is { } forward
                ? new(GradientVerdict.NotFinite, forward.Path, null, null, $"the output of layer '{forward.Path}' is NaN or infinite; it is the first such layer") { RuleId = rule }
            : layers.LastOrDefault(l => l.Status == LayerStatus.NotFinite) is { } backward
                ? new(GradientVerdict.NotFinite, backward.Path, null, null, $"the gradient at layer '{backward.Path}' is NaN or infinite, though no output that was seen is; it is the first such layer on the way back") { RuleId = rule }
            : loss is { } number && !double.IsFinite(number)
                ? new(GradientVerdict.NotFinite, string.Empty, null, null, "the loss is NaN or infinite, though no output that was seen is") { RuleId = rule }
            : null;
    }

    private static Finding Disconnected(Observation layer)
    {
        string what = layer.GradientsMissing.Count > 0 ? string.Join(" and ", layer.GradientsMissing.Select(name => $"'{name}'")) : $"layer '{layer.Path}'";
        return new(GradientVerdict.Disconnected, layer.Path, null, null, $"no gradient reaches {what}: the loss does not depend on it");
    }

    /// <summary>The smallest and the largest gradient, and the growth of the signal.</summary>
    private IEnumerable<Finding> Sizes(IReadOnlyList<Observation> layers)
    {
        // A ratio against zero is no number.
        if (layers.FirstOrDefault(l => l.Path == outputLayer) is { Status: not (LayerStatus.NotFinite or LayerStatus.NoGradient) } output && (output.Gradient ?? output.WeightGradient) is double.NaN)
        {
            if (!layers.Any(l => l.Status is LayerStatus.NotFinite or LayerStatus.NoGradient))
                yield return new(GradientVerdict.Vanishing, output.Path, double.NegativeInfinity, -thresholds.VanishingDecades, $"the gradient is exactly zero already at the output layer '{output.Path}': the loss does not react to the network's output");
            yield break;
        }

        bool seen = layers.Any(l => l.Gradient is not null);
        string quantity = seen ? "gradient" : "weight gradient";
        var sizes = layers.Where(l => l.Status is not (LayerStatus.NotFinite or LayerStatus.NoGradient))
            .Select(l => (Layer: l, Decades: (seen ? l.Gradient : l.WeightGradient) ?? double.NaN))
            .Where(l => !double.IsNaN(l.Decades)).ToArray();
        if (sizes.Length > 0)
        {
            var smallest = sizes.MinBy(s => s.Decades);
            if (smallest.Decades <= -thresholds.VanishingDecades)
                yield return Size(GradientVerdict.Vanishing, smallest, -thresholds.VanishingDecades) with { RuleId = saturates ? "GRAD1001" : "GRAD4001" };
            var largest = sizes.MaxBy(s => s.Decades);
            if (largest.Decades >= thresholds.ExplodingDecades)
                yield return Size(GradientVerdict.Exploding, largest, thresholds.ExplodingDecades) with { RuleId = largest.Layer.IsRecurrent ? "GRAD3001" : null };
        }

        var scales = layers.Where(l => l.ForwardScale is { } scale && double.IsFinite(scale)).ToArray();
        if (scales.Length > 1 && scales.MaxBy(l => l.ForwardScale) is { } peak && peak.ForwardScale - scales[0].ForwardScale is { } growth && growth >= thresholds.ExplodingDecades)
            yield return new(GradientVerdict.Exploding, peak.Path, growth, thresholds.ExplodingDecades, $"the signal grows to {Decades.Format(growth)} of its size between layer '{scales[0].Path}' and layer '{peak.Path}' (limit {Decades.Format(thresholds.ExplodingDecades)})");

        Finding Size(GradientVerdict verdict, (Observation Layer, double Decades) size, double limit) => new(verdict, size.Layer.Path, size.Decades, limit,
            $"the {quantity} at layer '{size.Layer.Path}' is {Decades.Format(size.Decades)} of that at the output layer '{outputLayer}' (limit {Decades.Format(limit)})");
    }

    private Finding Dead(Observation layer, double share) =>
        new(GradientVerdict.DeadUnits, layer.Path, share, thresholds.DeadUnits, Share(share, $"of the units of layer '{layer.Path}' get no gradient from the whole batch", thresholds.DeadUnits));

    private Finding NotUpdating(Observation layer, double update) =>
        new(GradientVerdict.NotUpdating, layer.Path, update, thresholds.LeastUpdate, $"the step changed the weight of layer '{layer.Path}' by {Decades.Format(update)} of its size (limit {Decades.Format(thresholds.LeastUpdate)})");

    private Finding Saturated(ActivationRecord activation) =>
        new(GradientVerdict.Saturated, activation.Path, activation.Saturated, thresholds.Saturated, Share(activation.Saturated, $"of the outputs of '{activation.Path}' are at its limits", thresholds.Saturated)) { RuleId = "GRAD1001" };

    private static string Share(double share, string what, double limit) =>
        string.Create(CultureInfo.InvariantCulture, $"{share * 100:0} % {what} (limit {limit * 100:0} %)");
}
