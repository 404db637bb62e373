using System.Reflection;
using GradLint.Probe.Live;
using GradLint.SignalPropagation;
using static TorchSharp.torch;

namespace GradLint.Probe;

/// <summary>Turns passes, one per seed, into ratios with their spread, and judges them.</summary>
internal sealed class ReportBuilder
{
    private readonly ProbeOptions _options;
    private readonly Assembly? _caller;
    private readonly List<PassMeasurement> _passes = [];
    private string _modelType = string.Empty;
    private string _device = "cpu";
    private IReadOnlyList<EmbeddedPrediction> _predictions = [];
    private LiveReading? _live;

    public ReportBuilder(ProbeOptions options, Assembly? caller) => (_options, _caller) = (options, caller);

    /// <summary>Whether the next pass should be traced: the first one is, for a prediction from the running network.</summary>
    public bool WantsTrace => _options.PredictFromRunningNetwork && _passes.Count == 0;

    /// <summary>How deep each layer lies in the graph, once a pass has found out.</summary>
    public Dictionary<string, int> Depths { get; } = new(StringComparer.Ordinal);

    public void Add(nn.Module model, PassMeasurement pass, ForwardTrace? trace)
    {
        if (_passes.Count > 0 && !Paths(_passes[0]).SequenceEqual(Paths(pass)))
            throw new ProbeException("The model factory made networks with different layers for different seeds; ratios over seeds need the same layers each time.");
        _modelType = model.GetType().FullName ?? model.GetType().Name;
        _device = pass.Layers.SelectMany(l => l.Layer.Parameters).Select(p => Name(p.Parameter.device)).First();
        if (_passes.Count == 0)
            _predictions = EmbeddedPredictions.For(model, [.. pass.Layers.Where(l => l.Layer.HasWeightMatrix).Select(l => (l.Layer.Path, l.Layer.WeightShape))], _caller);
        if (_predictions.Count == 0 && trace is not null)
            _live = LiveNetwork.Read(trace);
        _passes.Add(pass);
    }

    public GradientReport Build()
    {
        var seeds = _passes.Select(pass => new SeedRatios(pass)).ToArray();
        var rows = InOrder(_passes[0])
            .Where(i => _passes[0].Layers[i].Layer.HasWeightMatrix || _passes.Any(p => IsBroken(p.Layers[i])))
            .Select(i => Row(i, seeds))
            .ToArray();
        string? output = seeds[0].OutputLayer is { } at ? _passes[0].Layers[at].Layer.Path : null;
        var comparison = PredictionComparison.Of(_predictions, rows, _options) ?? PredictionComparison.Of(LivePrediction.Of(_live, _options.Loss, rows, output));
        return new GradientReport(_modelType, _device, _options.Seeds.Count, output, rows, Judge(rows, seeds, output), comparison);
    }

    private static IEnumerable<string> Paths(PassMeasurement pass) => pass.Layers.Select(l => l.Layer.Path);

    private static string Name(Device device) => device.index >= 0 ? $"{device.type.ToString().ToLowerInvariant()}:{device.index}" : device.type.ToString().ToLowerInvariant();

    private static bool IsBroken(LayerMeasurement layer) => layer.GradientsMissing.Count > 0 || !layer.ParametersFinite;

    /// <summary>Layers in the order of their first call; one that was never seen stands where it was registered.</summary>
    private static IEnumerable<int> InOrder(PassMeasurement pass)
    {
        var position = new double[pass.Layers.Count];
        double latest = -1;
        for (int i = 0; i < position.Length; i++)
        {
            latest = pass.Layers[i].Order ?? latest + (1.0 / (position.Length + 1));
            position[i] = latest;
        }

        return Enumerable.Range(0, position.Length).OrderBy(i => position[i]);
    }

    private LayerGradient Row(int i, SeedRatios[] seeds)
    {
        var measured = _passes.Select(p => p.Layers[i]).ToArray();
        var layer = measured[0].Layer;
        var gradient = Over(seeds.Select(s => s.Gradient[i]));
        var weight = Over(seeds.Select(s => s.WeightGradient[i]));
        var scale = Over(measured.Select(m => m.OutputRms is { } rms ? Math.Log10(rms) : (double?)null));
        bool finite = measured.All(m => m.ParametersFinite && IsFiniteOrAbsent(m.OutputRms) && IsFiniteOrAbsent(m.GradientRms));
        var status = !finite ? LayerStatus.NotFinite
            : layer.IsFrozen ? LayerStatus.Frozen
            : measured.Any(m => m.GradientsMissing.Count > 0) ? LayerStatus.NoGradient
            : gradient is not null ? LayerStatus.Measured
            : measured[0].IsWatched ? LayerStatus.CalledThroughForward
            : LayerStatus.ParametersOnly;
        return new LayerGradient(layer.Path, layer.Type, status, gradient, weight, scale);
    }

    private static bool IsFiniteOrAbsent(double? value) => value is null || double.IsFinite(value.Value);

    /// <summary>A value is known over the seeds only where every seed has it.</summary>
    private static Decades? Over(IEnumerable<double?> perSeed)
    {
        var values = perSeed.ToArray();
        return values.All(v => v is not null) ? Decades.Of([.. values.Select(v => v!.Value)]) : null;
    }

    private List<Finding> Judge(LayerGradient[] rows, SeedRatios[] seeds, string? output)
    {
        var findings = new List<Finding>();
        // Forward, the fault starts at the first layer that shows it; backward, at the last.
        if (rows.FirstOrDefault(r => r.ForwardScale is { Mean: double.NaN or double.PositiveInfinity }) is { } broken)
            findings.Add(new(GradientVerdict.NotFinite, broken.Path, null, $"the output of layer '{broken.Path}' is NaN or infinite; it is the first such layer"));
        else if (rows.LastOrDefault(r => r.Status == LayerStatus.NotFinite) is { } gradient)
            findings.Add(new(GradientVerdict.NotFinite, gradient.Path, null, $"the gradient at layer '{gradient.Path}' is NaN or infinite, though its output is finite; it is the first such layer on the way back"));
        else if (_passes.Any(p => !double.IsFinite(p.Loss)))
            findings.Add(new(GradientVerdict.NotFinite, string.Empty, null, "the loss is NaN or infinite, though every layer's output is finite"));

        foreach (var row in rows.Where(r => r.Status == LayerStatus.NoGradient))
        {
            var missing = _passes.SelectMany(p => p.Layers).Where(l => l.Layer.Path == row.Path).SelectMany(l => l.GradientsMissing).Distinct();
            findings.Add(new(GradientVerdict.Disconnected, row.Path, null, $"no gradient reaches {string.Join(" and ", missing.Select(name => $"'{Join(row.Path, name)}'"))}: the loss does not depend on it"));
        }

        if (findings.Count == 0 && seeds.Any(s => s.OutputGradientIsZero))
            findings.Add(new(GradientVerdict.Vanishing, output ?? string.Empty, double.NegativeInfinity, $"the gradient is exactly zero already at the output layer '{output}': the loss does not react to the network's output"));
        else
            JudgeSizes(rows, output, findings);
        return findings;
    }

    private void JudgeSizes(LayerGradient[] rows, string? output, List<Finding> findings)
    {
        bool seen = rows.Any(r => r.GradientRatio is not null);
        string quantity = seen ? "gradient" : "weight gradient";
        var sizes = rows.Where(r => r.Status is not (LayerStatus.NotFinite or LayerStatus.NoGradient))
            .Select(r => (r.Path, Ratio: seen ? r.GradientRatio : r.WeightGradientRatio))
            .Where(r => r.Ratio is { } ratio && !double.IsNaN(ratio.Mean))
            .Select(r => (r.Path, Decades: r.Ratio!.Value.Mean)).ToArray();
        if (sizes.Length == 0)
            return;

        var smallest = sizes.MinBy(s => s.Decades);
        if (smallest.Decades <= -_options.VanishingDecades)
            findings.Add(new(GradientVerdict.Vanishing, smallest.Path, smallest.Decades, $"the {quantity} at layer '{smallest.Path}' is {Decades.Format(smallest.Decades)} of that at the output layer '{output}' (limit {Decades.Format(-_options.VanishingDecades)})"));
        var largest = sizes.MaxBy(s => s.Decades);
        if (largest.Decades >= _options.ExplodingDecades)
            findings.Add(new(GradientVerdict.Exploding, largest.Path, largest.Decades, $"the {quantity} at layer '{largest.Path}' is {Decades.Format(largest.Decades)} of that at the output layer '{output}' (limit {Decades.Format(_options.ExplodingDecades)})"));

        var scales = rows.Where(r => r.ForwardScale is { } s && double.IsFinite(s.Mean)).ToArray();
        if (scales.Length > 1)
        {
            var peak = scales.MaxBy(r => r.ForwardScale!.Value.Mean)!;
            double growth = peak.ForwardScale!.Value.Mean - scales[0].ForwardScale!.Value.Mean;
            if (growth >= _options.ExplodingDecades)
                findings.Add(new(GradientVerdict.Exploding, peak.Path, growth, $"the signal grows to {Decades.Format(growth)} of its size between layer '{scales[0].Path}' and layer '{peak.Path}' (limit {Decades.Format(_options.ExplodingDecades)})"));
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    /// <summary>The ratios of one pass, as base-10 logarithms, against that pass's own output layer.</summary>
    private sealed class SeedRatios
    {
        public SeedRatios(PassMeasurement pass)
        {
            var layers = pass.Layers;
            OutputLayer = InOrder(pass).Cast<int?>().LastOrDefault(i => layers[i!.Value].Layer.HasWeightMatrix && layers[i.Value].GradientRms is not null)
                ?? InOrder(pass).Cast<int?>().LastOrDefault(i => layers[i!.Value].WeightGradientNorm is not null);
            var output = OutputLayer is { } at ? layers[at] : null;
            OutputGradientIsZero = output is { GradientRms: 0 } or { GradientRms: null, WeightGradientNorm: 0 };
            Gradient = [.. layers.Select(l => Log10Ratio(l.GradientRms, output?.GradientRms))];
            WeightGradient = [.. layers.Select(l => Log10Ratio(l.WeightGradientNorm, output?.WeightGradientNorm))];
        }

        public int? OutputLayer { get; }

        public bool OutputGradientIsZero { get; }

        public double?[] Gradient { get; }

        public double?[] WeightGradient { get; }

        private static double? Log10Ratio(double? value, double? reference) =>
            value is { } v && reference is { } r ? Math.Log10(v / r) : null;
    }
}
