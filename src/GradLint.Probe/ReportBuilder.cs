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
    private bool _saturates;
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
        _saturates = SaturatingActivation.Of(model).Count > 0;
        _modelType = model.GetType().FullName ?? model.GetType().Name;
        _device = pass.Layers.SelectMany(l => l.Layer.Parameters).Select(p => Name(p.Parameter.device)).First();
        if (_passes.Count == 0)
            _predictions = EmbeddedPredictions.For(model, [.. pass.Layers.Where(l => l.Layer.HasWeightMatrix).Select(l => (l.Layer.Path, l.Layer.WeightShape))], _caller);
        // The compiler's prediction does not say how long a recurrent layer remembers.
        if (trace is not null && (_predictions.Count == 0 || pass.Layers.Any(l => l.OverTime is not null)))
            _live = LiveNetwork.Read(trace);
        _passes.Add(pass);
    }

    public GradientReport Build()
    {
        var seeds = _passes.Select(pass => new SeedRatios(pass)).ToArray();
        var horizons = LivePrediction.Horizons(_live);
        var rows = InOrder(_passes[0])
            .Where(i => _passes[0].Layers[i].Layer.HasWeightMatrix || _passes.Any(p => IsBroken(p.Layers[i])))
            .Select(i => Row(i, seeds, horizons))
            .ToArray();
        string? output = seeds[0].OutputLayer is { } at ? _passes[0].Layers[at].Layer.Path : null;
        var comparison = PredictionComparison.Of(_predictions, rows, _options) ?? PredictionComparison.Of(LivePrediction.Of(_live, _options.Loss, rows, output));
        // What the compiler warned of explains the fault best.
        string? warned = comparison?.Warnings.Select(w => w.RuleId).FirstOrDefault();
        var findings = Judge(rows, output).Select(f => f.Verdict is GradientVerdict.Vanishing or GradientVerdict.Exploding ? f with { RuleId = warned ?? f.RuleId } : f);
        var log = _options.ErrorLog is { } path ? CompilerWarnings.Read(path) : null;
        return new GradientReport(_modelType, _device, _options.Seeds.Count, output, rows, [.. findings], comparison)
        {
            Warnings = log is null || comparison is null ? [] : [.. comparison.Judge(log, rows, _options)],
            ErrorLogProblem = log?.Problem,
        };
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

    private LayerGradient Row(int i, SeedRatios[] seeds, IReadOnlyDictionary<string, int?> horizons)
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
        var overTime = GradientOverTime.Of([.. measured.Select(m => m.OverTime)], horizons.GetValueOrDefault(layer.Path));
        return new LayerGradient(layer.Path, layer.Type, status, gradient, weight, scale)
        {
            IsRecurrent = layer.IsRecurrent,
            OverTime = overTime,
            NoOverTimeBecause = overTime is not null || !layer.IsRecurrent ? null : status switch
            {
                LayerStatus.Measured => "which dimension of its sequence is time cannot be told: it is as long as the batch is large, or the sequence is packed or has one step",
                LayerStatus.CalledThroughForward => "its output was not seen, because forward(x) fires no hooks: use call(x)",
                _ => null,
            },
        };
    }

    private static bool IsFiniteOrAbsent(double? value) => value is null || double.IsFinite(value.Value);

    /// <summary>A value is known over the seeds only where every seed has it.</summary>
    private static Decades? Over(IEnumerable<double?> perSeed)
    {
        var values = perSeed.ToArray();
        return values.All(v => v is not null) ? Decades.Of([.. values.Select(v => v!.Value)]) : null;
    }

    private IReadOnlyList<Finding> Judge(LayerGradient[] rows, string? output)
    {
        var layers = _passes.SelectMany(p => p.Layers).ToLookup(l => l.Layer.Path);
        var observations = rows.Select(row => new Observation(row.Path, row.Status, row.GradientRatio?.Mean, row.WeightGradientRatio?.Mean, row.ForwardScale?.Mean,
            [.. layers[row.Path].SelectMany(l => l.GradientsMissing).Distinct().Select(name => Join(row.Path, name))])
        {
            IsRecurrent = layers[row.Path].First().Layer.IsRecurrent,
        }).ToArray();
        var thresholds = new Thresholds(_options.VanishingDecades, _options.ExplodingDecades, double.PositiveInfinity, double.PositiveInfinity, double.NegativeInfinity);
        double loss = _passes.Select(p => p.Loss).FirstOrDefault(l => !double.IsFinite(l), _passes[0].Loss);
        return new Judge(thresholds, output, _saturates).Of(observations, [], loss);
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
            Gradient = [.. layers.Select(l => Log10Ratio(l.GradientRms, output?.GradientRms))];
            WeightGradient = [.. layers.Select(l => Log10Ratio(l.WeightGradientNorm, output?.WeightGradientNorm))];
        }

        public int? OutputLayer { get; }

        public double?[] Gradient { get; }

        public double?[] WeightGradient { get; }

        private static double? Log10Ratio(double? value, double? reference) =>
            value is { } v && reference is { } r ? Math.Log10(v / r) : null;
    }
}
