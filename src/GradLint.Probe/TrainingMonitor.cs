using System.Globalization;
using Microsoft.Extensions.Logging;
using static TorchSharp.torch;

namespace GradLint.Probe;

/// <summary>
/// Watches a training loop, cheap enough to be left on: every <see cref="MonitorOptions.Every"/> steps the gradients, the updates, dead
/// and saturated units. Two calls in the loop:
/// <code>
/// using var monitor = new TrainingMonitor(model);
/// …
///     optimizer.zero_grad();
///     using var loss = criterion.call(model.call(x), y);
///     loss.backward();
///     monitor.AfterBackward(loss);
///     optimizer.step();
///     monitor.AfterStep();
/// </code>
/// </summary>
/// <remarks>
/// It never stops the training: when it fails itself, it says so once in the log and in <see cref="Failure"/>, removes its hooks and
/// does nothing more. Its members may be called from several threads. Between captures it has no hook in the model.
/// </remarks>
public sealed class TrainingMonitor : IDisposable
{
    /// <summary>Captures before a loss may be called stagnating.</summary>
    private const int LongEnough = 20;

    /// <summary>A loss that has come down by less than this share of its start, and is flat, stagnates; one that has come down more has converged.</summary>
    private const double LittleFall = 0.2;

    private readonly nn.Module _model;
    private readonly MonitorOptions _options;
    private readonly object _gate = new();
    // The loss beside its record: a look over all of them should not touch a thousand objects.
    private readonly List<(TrainingRecord Record, double Loss)> _history = [];
    private readonly HashSet<(GradientVerdict, string)> _said = [];
    private readonly bool _saturates;
    private StepCapture? _capture;
    private bool _tellsParametersApart = true;
    private TrainingRecord? _previous;
    private long _step;
    private long _keepEvery = 1;
    private long _captures;

    /// <summary>Begins to watch a model; its weights as they are now are the start that movement is counted from.</summary>
    /// <param name="model">The model that is trained.</param>
    /// <param name="options">What to capture and how often; <c>null</c> for the defaults.</param>
    /// <exception cref="ProbeException">The model has no weight layer that is registered.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="MonitorOptions.Every"/> or <see cref="MonitorOptions.HistoryLength"/> is too small, or a threshold is no positive number.</exception>
    public TrainingMonitor(nn.Module model, MonitorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _options = (options ?? new MonitorOptions()).Checked();
        if (!WeightLayer.Of(model).Any(l => l.HasWeightMatrix))
            throw ProbeException.NoWeightLayer(model);
        _saturates = SaturatingActivation.Of(model).Count > 0;
        _capture = new StepCapture(model, _options.ReadsHostMemory);
        Prepare();
    }

    /// <summary>Steps so far.</summary>
    public long Steps => Interlocked.Read(ref _step);

    /// <summary>Why the monitor stopped watching, or what the log or <see cref="MonitorOptions.Progress"/> threw first; <c>null</c> while all works.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>The captures, oldest first, thinned out where there were more than <see cref="MonitorOptions.HistoryLength"/>.</summary>
    public IReadOnlyList<TrainingRecord> History
    {
        get
        {
            lock (_gate)
                return [.. _history.Select(h => h.Record)];
        }
    }

    /// <summary>The last capture; <c>null</c> before the first.</summary>
    public TrainingRecord? Latest { get; private set; }

    /// <summary>The faults that the last capture and the history show, the gravest first.</summary>
    public IReadOnlyList<Finding> Findings { get; private set; } = [];

    /// <summary>The gravest finding.</summary>
    public GradientVerdict Verdict => Findings.Count == 0 ? GradientVerdict.Healthy : Findings[0].Verdict;

    /// <inheritdoc cref="StepCapture.NumbersKept"/>
    internal long NumbersKept
    {
        get
        {
            lock (_gate)
                return _capture?.NumbersKept ?? 0;
        }
    }

    private bool IsCaptured => _step % _options.Every == 0;

    /// <summary>To be called between <c>backward()</c> and <c>step()</c>, before gradients are clipped or zeroed; in a loop that accumulates gradients, after each or after the last backward.</summary>
    /// <param name="loss">The loss of the step, for its trend; it is not differentiated again.</param>
    public void AfterBackward(Tensor? loss = null)
    {
        lock (_gate)
        {
            if (!IsCaptured)
                return;
            Guard(RenewIfStale);
            Guard(capture => capture.Queue(loss is { IsInvalid: true } ? null : loss));
        }
    }

    /// <summary>To be called after <c>optimizer.step()</c>.</summary>
    /// <returns>The record of this step if it was captured, otherwise <c>null</c>.</returns>
    public TrainingRecord? AfterStep()
    {
        TrainingRecord? record = null;
        lock (_gate)
        {
            if (IsCaptured)
            {
                Guard(capture =>
                {
                    capture.Unwatch();
                    record = capture.Read(_step);
                });
            }

            if (record is not null)
                Keep(record);
            _step++;
            Prepare();
        }

        if (record is not null)
            Tell(() => _options.Progress?.Report(record));
        return record;
    }

    /// <summary>Removes every hook and frees every tensor of the monitor; the history stays.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            var capture = _capture;
            _capture = null;
            capture?.Dispose();
        }
    }

    private void Prepare()
    {
        if (IsCaptured && _options.Activations)
            Guard(capture => capture.Watch(_model));
    }

    /// <summary>
    /// Begins anew with the parameters that the model has now: <c>to(device)</c> gives it others, and so does a layer that is replaced.
    /// What had been seen of the step's outputs is lost.
    /// </summary>
    private void RenewIfStale(StepCapture capture)
    {
        if (!_tellsParametersApart || !capture.IsStale(_model))
            return;
        if (!WeightLayer.Of(_model).Any(l => l.HasWeightMatrix))
            throw ProbeException.NoWeightLayer(_model);
        capture.Dispose();
        _capture = new StepCapture(_model, _options.ReadsHostMemory);
        // A module of another's making may answer with new handles on its parameters each time.
        _tellsParametersApart = !_capture.IsStale(_model);
    }

    private void Guard(Action<StepCapture> action)
    {
        if (_capture is not { } capture)
            return;
        try
        {
            action(capture);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Failure = exception;
            _capture = null;
            Tell(() => _options.Logger?.LogWarning(exception, "GradLint stopped watching {Model} at step {Step}: {Reason}. The training is not affected.", _model.GetType().Name, _step, exception.Message));
            try
            {
                capture.Dispose();
            }
            catch (Exception second) when (second is not OutOfMemoryException)
            {
                // The model may be disposed, and its hooks with it.
            }
        }
    }

    /// <summary>A log that throws, because its disk is full, must not stop the training either.</summary>
    private void Tell(Action tell)
    {
        try
        {
            tell();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Failure ??= exception;
        }
    }

    private void Keep(TrainingRecord record)
    {
        (_previous, Latest) = (Latest, record);
        if (_captures++ % _keepEvery == 0)
        {
            _history.Add((record, record.Loss ?? double.NaN));
            if (_history.Count > _options.HistoryLength)
            {
                for (int i = _history.Count - 1; i > 0; i--)
                {
                    if (i % 2 == 1)
                        _history.RemoveAt(i);
                }

                _keepEvery *= 2;
            }
        }

        Findings = [.. Judge(record).OrderByDescending(f => f.Verdict)];
        foreach (var finding in Findings.Where(f => _said.Add((f.Verdict, f.Path))))
            Tell(() => _options.Logger?.LogWarning("GradLint, step {Step}: {Message} ({Page})", record.Step, finding.Message, finding.Page));
    }

    private IEnumerable<Finding> Judge(TrainingRecord record)
    {
        var thresholds = new Thresholds(_options.VanishingDecades, _options.ExplodingDecades, _options.DeadUnits, _options.Saturated, _options.LeastUpdate);
        var before = (_previous?.Layers ?? []).ToDictionary(l => l.Path, l => l.UpdateRatio, StringComparer.Ordinal);
        var layers = record.Layers.Select(l => new Observation(l.Path, l.Status, l.GradientRatio, l.WeightGradientRatio, l.ForwardScale, l.GradientsMissing)
        {
            IsRecurrent = l.IsRecurrent,
            DeadUnits = l.DeadUnits,
            // A single step may have had a reason: a warm-up that begins at zero, a scaler that skipped it.
            Update = before.TryGetValue(l.Path, out double? update) && update > l.UpdateRatio ? update : before.Count == 0 ? null : l.UpdateRatio,
        }).ToArray();
        var findings = new Judge(thresholds, record.OutputLayer, _saturates).Of(layers, record.Activations, record.Loss);
        if (record.GradientNorm is null && record.Layers.Any(l => l.Status == LayerStatus.NoGradient))
            findings = [new(GradientVerdict.Disconnected, string.Empty, null, null, "no parameter has a gradient: AfterBackward belongs between backward() and zero_grad()")];
        if (record.GradientNorm is { } norm && !double.IsFinite(norm) && findings.All(f => f.Verdict != GradientVerdict.NotFinite))
            findings = [new(GradientVerdict.NotFinite, string.Empty, null, null, "the gradient of a bias or of a normalization is NaN or infinite, though no weight's is"), .. findings];
        return Stagnates() is not { } fallen ? findings : findings.Append(new(GradientVerdict.NotUpdating, string.Empty, fallen, LittleFall,
            string.Create(CultureInfo.InvariantCulture, $"the loss stagnates: it is within {Math.Max(0, fallen) * 100:0} % of where it began (limit {LittleFall * 100:0} %), and flat over the second half of {_history.Count} captures")));
    }

    /// <summary>
    /// The share of its start by which the loss has come down, where that is little and the second half of the history is flat within its
    /// own noise; <c>null</c> where the loss moves, has come down, is not positive, or it is too early to say.
    /// </summary>
    private double? Stagnates()
    {
        double[] losses = [.. _history.Select(h => h.Loss).Where(double.IsFinite)];
        if (losses.Length < LongEnough)
            return null;
        int quarter = losses.Length / 4;
        var (before, beforeError) = MeanAndError(losses[(2 * quarter)..(3 * quarter)]);
        var (last, lastError) = MeanAndError(losses[^quarter..]);
        bool flat = before - last <= 2 * Math.Sqrt((beforeError * beforeError) + (lastError * lastError));
        double fallen = 1 - (last / losses[0]);
        return flat && last > 0 && losses[0] > 0 && fallen < LittleFall ? fallen : null;
    }

    private static (double Mean, double Error) MeanAndError(double[] values)
    {
        double mean = values.Average();
        double variance = values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1);
        return (mean, Math.Sqrt(variance / values.Length));
    }
}
