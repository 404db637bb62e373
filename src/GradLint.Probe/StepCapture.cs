using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Probe;

/// <summary>
/// What a training step shows, without asking autograd a second time and without a copy of the weights: norms of the gradients that
/// backward() left, norms of outputs and of their gradients as they passed, and a sample of each weight before and after the step. What
/// the host does not know at once waits on the device for one copy.
/// </summary>
internal sealed class StepCapture : IDisposable
{
    private readonly WeightLayer[] _layers;
    private readonly HashSet<Parameter> _known;
    private readonly Parameter[] _weightMatrices;
    private readonly Parameter[] _others;
    private readonly IReadOnlyList<SaturatingActivation> _activations;
    private readonly Meter _meter;
    private readonly WeightSamples _weights;
    private readonly HashSet<WeightLayer> _tiny = [];
    private readonly object _gate = new();
    private readonly List<Action> _removeHooks = [];
    private readonly List<Call> _calls = [];
    private readonly List<(int Activation, Number Share)> _saturation = [];
    private readonly GradientTap.PassedBack _passedBack = new();
    private Queued? _queued;
    private Exception? _failure;

    public StepCapture(nn.Module model, bool readsHostMemory)
    {
        var all = WeightLayer.Of(model);
        _layers = [.. all.Where(l => l.HasWeightMatrix)];
        // Layers that share a weight share its gradient.
        _known = new(all.SelectMany(l => l.Parameters).Select(p => p.Parameter), ReferenceEqualityComparer.Instance);
        _weightMatrices = [.. _known.Where(p => p.dim() >= 2)];
        _others = [.. _known.Where(p => p.dim() < 2)];
        _activations = SaturatingActivation.Of(model);
        _meter = new Meter(readsHostMemory);
        _weights = new WeightSamples(_layers.Select(l => l.Weight!), _meter);
    }

    /// <summary>How many numbers wait on the device between backward() and the step: a few hundred for each layer, whatever its size.</summary>
    public long NumbersKept
    {
        get
        {
            lock (_gate)
                return _weights.Count + (_queued?.Numbers.Waiting ?? 0);
        }
    }

    /// <summary>Whether the model has parameters that it did not have, or has lost those that it had.</summary>
    public bool IsStale(nn.Module model) => _known.Any(p => p.IsInvalid) || model.parameters().Any(p => !_known.Contains(p));

    /// <summary>Begins to watch; what an earlier pass left behind (because it threw) is forgotten.</summary>
    public void Watch(nn.Module model)
    {
        Unwatch();
        if (model is nn.Module<Tensor, Tensor> root)
            _removeHooks.Add(root.register_forward_pre_hook((_, input) => { Forget(); return input; }).remove);
        foreach (var layer in _layers)
        {
            if (layer.Watch(output => See(layer, output)) is { } remove)
                _removeHooks.Add(remove);
            if (layer.WatchSequence(input => SeeSequence(layer, input)) is { } removeSequence)
                _removeHooks.Add(removeSequence);
        }

        for (int i = 0; i < _activations.Count; i++)
        {
            int at = i;
            _removeHooks.Add(_activations[i].Module.register_forward_hook((_, _, output) => SeeActivation(at, output)).remove);
        }
    }

    /// <summary>Removes the hooks and lets go of what they kept.</summary>
    public void Unwatch()
    {
        _removeHooks.ForEach(remove => remove());
        _removeHooks.Clear();
        Forget();
    }

    /// <summary>Queues the norms of what backward() left in <c>.grad</c>. Gradients that accumulate over several backward passes: the last call counts.</summary>
    public void Queue(Tensor? loss)
    {
        lock (_gate)
        {
            _queued?.Dispose();
            _queued = null;
            if (_failure is { } failure)
                throw new ProbeException($"A layer's output could not be watched: {failure.Message}", failure);
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var numbers = new DeviceNumbers();
            int? lossAt = loss is null ? null : numbers.Add(_meter.Sum(loss));
            var weights = QueueWeights(numbers);
            Tensor[] others = [.. _others.Select(p => p.grad).Where(g => g is { IsInvalid: false }).Cast<Tensor>()];
            int[] total = [.. weights.Values, .. others.Length == 0 ? [] : new[] { numbers.Add(_meter.NormTogether(others)) }];
            var calls = _calls.Select((call, order) => (Call: call, Order: order)).ToLookup(c => c.Call.Layer);
            var read = _layers.Select(layer => QueueLayer(layer, [.. calls[layer].Select(c => c.Call)], calls[layer].Select(c => (int?)c.Order).FirstOrDefault(), [.. layer.Parameters.Where(p => weights.ContainsKey(p.Parameter)).Select(p => weights[p.Parameter])], numbers)).ToArray();
            var saturation = _saturation.Select(s => (s.Activation, At: numbers.Add(s.Share))).ToArray();
            numbers.Gather();
            _weights.BeforeStep();
            _queued = new Queued(numbers, host =>
                (lossAt is { } at ? host[at] : null, total.Length == 0 ? null : Math.Sqrt(total.Sum(t => host[t] * host[t])), [.. read.Select(r => r(host))], [.. saturation.GroupBy(s => s.Activation, s => host[s.At])
                    .Select(g => new ActivationRecord(_activations[g.Key].Path, g.Average()))]));
            Forget();
        }
    }

    /// <summary>Adds what the step changed, and brings everything to the host in one copy.</summary>
    /// <returns><c>null</c> where nothing was queued.</returns>
    public TrainingRecord? Read(long step)
    {
        lock (_gate)
        {
            if (_queued is not { } queued)
                return null;
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var readChanges = _weights.AfterStep(queued.Numbers);
            double[] host = queued.Numbers.ToHost();
            var changes = readChanges(host);
            var (loss, norm, layers, activations) = queued.Read(host);
            queued.Dispose();
            _queued = null;
            foreach (var layer in layers.Where(l => IsOutOfRange(l.OutputRms) || IsOutOfRange(l.GradientRms) || IsOutOfRange(l.WeightNorm)))
                _tiny.Add(layer.Layer);

            var output = layers.Where(l => l.GradientRms is not null).MaxBy(l => l.Order) ?? layers.LastOrDefault(l => l.WeightNorm is not null);
            var records = layers.Select((l, i) => (l.Order, Record: Record(l, output, changes[i])));
            return new TrainingRecord(step, loss, output?.Layer.Path, [.. records.OrderBy(r => r.Order).Select(r => r.Record)], activations) { GradientNorm = norm };
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            Unwatch();
            _queued?.Dispose();
            _queued = null;
            _weights.Dispose();
        }
    }

    private static LayerRecord Record(Measured layer, Measured? output, WeightChange weight)
    {
        bool trained = !layer.Layer.IsFrozen;
        bool finite = Finite(layer.GradientRms) && Finite(layer.WeightNorm) && Finite(layer.OutputRms);
        var status = !finite ? LayerStatus.NotFinite
            : !trained ? LayerStatus.Frozen
            : layer.WeightNorm is null ? LayerStatus.NoGradient
            : layer.GradientRms is not null ? LayerStatus.Measured
            : layer.Layer.IsLeaf ? LayerStatus.CalledThroughForward
            : LayerStatus.ParametersOnly;
        return new LayerRecord(
            layer.Layer.Path,
            layer.Layer.Type,
            status,
            Log10(layer.GradientRms / output?.GradientRms),
            Log10(layer.WeightNorm / output?.WeightNorm),
            Log10(layer.OutputRms),
            trained ? Math.Log10(weight.Change / weight.Size) : null,
            weight.Initial > 0 ? weight.Movement / weight.Initial : null,
            layer.DeadUnits,
            layer.OverTime is { Length: > 1 } steps ? Math.Log10(steps[0] / steps[^1]) : null,
            layer.OverTime is { } time ? GradientOverTime.StepsUntilGone([.. time.Select(t => Math.Log10(t / time[^1]))]) : null)
        {
            WeightGradientNorm = layer.WeightNorm,
            IsRecurrent = layer.Layer.IsRecurrent,
            GradientsMissing = layer.GradientsMissing,
        };
    }

    private static bool Finite(double? value) => value is null || double.IsFinite(value.Value);

    private static double? Log10(double? value) => value is { } v ? Math.Log10(v) : null;

    /// <summary>A norm whose squares may have been too small or too large for the device's float32.</summary>
    private static bool IsOutOfRange(double? norm) => norm is 0 or double.PositiveInfinity;

    private void Forget()
    {
        lock (_gate)
        {
            _calls.ForEach(call => call.Dispose());
            _calls.Clear();
            _saturation.ForEach(s => s.Share.Dispose());
            _saturation.Clear();
            _passedBack.Clear();
        }
    }

    /// <summary>What goes wrong in a hook must not reach the model: the tensor goes on as it came, and <see cref="Queue"/> throws.</summary>
    private Tensor Guarded(Tensor passing, Func<Tensor> see)
    {
        var goesOn = passing;
        Guarded(() => goesOn = see());
        return goesOn;
    }

    private void Guarded(Action see)
    {
        lock (_gate)
        {
            try
            {
                if (_failure is null)
                    see();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                _failure = exception;
            }
        }
    }

    private Tensor See(WeightLayer layer, Tensor output) => Guarded(output, () =>
    {
        // Indices and masks are no signal.
        if (!output.is_floating_point())
            return output;
        _calls.ForEach(earlier => earlier.FreeOriginal());
        var call = new Call(layer, output.numel());
        using (no_grad())
        using (NewDisposeScope())
            call.OutputNorm = _meter.Norm(output, _tiny.Contains(layer)).Kept();
        _calls.Add(call);
        if (!output.requires_grad)
            return output;
        var passedOn = GradientTap.On(output, gradient => SeeGradient(call, gradient), _passedBack).MoveToOtherDisposeScope(output);
        call.Replaced = (output, passedOn);
        return passedOn;
    });

    /// <summary>The gradient of an output, as it passes; on the thread of the backward pass.</summary>
    private void SeeGradient(Call call, Tensor gradient) => Guarded(() =>
    {
        if (call.IsForgotten)
            return;
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        bool exact = _tiny.Contains(call.Layer);
        int units = call.Layer.Module is Convolution && gradient.dim() > 1 ? 1 : (int)gradient.dim() - 1;
        if (units < 0)
        {
            call.Gradients.Add(new OutputGradient(_meter.Norm(gradient, exact).Kept(), null, 1));
            return;
        }

        var (norm, zeros) = _meter.NormAndZeros(gradient, units, exact);
        call.Gradients.Add(new OutputGradient(norm.Kept(), zeros.Kept(), gradient.shape[units]));
    });

    private Tensor SeeSequence(WeightLayer layer, Tensor input) => !is_grad_enabled() || !input.is_floating_point() ? input : Guarded(input, () =>
    {
        var call = new Call(layer, 0);
        _calls.Add(call);
        using var scope = NewDisposeScope();
        // Data becomes a tensor that requires a gradient, in the same memory.
        var source = input.requires_grad ? input : input.detach().requires_grad_(true);
        return call.Own = GradientTap.On(source, gradient => SeeGradientOverTime(call, gradient), _passedBack);
    });

    private void SeeGradientOverTime(Call call, Tensor gradient) => Guarded(() =>
    {
        if (call.IsForgotten || call.OverTime is not null || call.Layer.TimeDimension(gradient.shape) is not { } dimension)
            return;
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        call.OverTime = Norms.Along(gradient, dimension).DetachFromDisposeScope();
    });

    private Tensor SeeActivation(int activation, Tensor output) => Guarded(output, () =>
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var (_, _, low, high) = _activations[activation];
        double margin = (high - low) / 100;
        _saturation.Add((activation, _meter.ShareBeyond(output, low + margin, high - margin).Kept()));
        return output;
    });

    /// <summary>The norms of the gradients of the weight matrices that got one.</summary>
    private Dictionary<Parameter, int> QueueWeights(DeviceNumbers numbers)
    {
        var gradients = _weightMatrices.Select(p => (Parameter: p, p.grad)).Where(g => g.grad is { IsInvalid: false }).ToArray();
        var tiny = _tiny.SelectMany(l => l.Parameters).Select(p => p.Parameter).ToHashSet(ReferenceEqualityComparer.Instance);
        var norms = _meter.NormOfEach([.. gradients.Select(g => (g.grad!, tiny.Contains(g.Parameter)))]);
        var places = new Dictionary<Parameter, int>(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < gradients.Length; i++)
            places.Add(gradients[i].Parameter, numbers.Add(norms[i]));
        return places;
    }

    private static Func<double[], Measured> QueueLayer(WeightLayer layer, Call[] calls, int? order, int[] weights, DeviceNumbers numbers)
    {
        var outputs = calls.Where(c => c.OutputNorm is not null).Select(c => (c.Count, At: numbers.Add(c.OutputNorm!.Value))).ToArray();
        var gradients = calls.SelectMany(c => c.Gradients, (call, g) => (call.Count, At: numbers.Add(g.Norm))).ToArray();
        var dead = calls.SelectMany(c => c.Gradients).Where(g => g.Zeros is not null).Select(g => (g.Units, At: numbers.Add(g.Zeros!.Value))).ToArray();
        var time = calls.FirstOrDefault(c => c.OverTime is not null)?.OverTime is { } overTime ? (At: numbers.Add(overTime), Length: (int)overTime.numel()) : default((int At, int Length)?);
        string[] missing = weights.Length > 0 ? [] : [.. layer.Parameters.Where(p => p.Parameter.requires_grad && p.Parameter.grad is not { IsInvalid: false }).Select(p => layer.Path.Length == 0 ? p.Name : $"{layer.Path}.{p.Name}")];
        return host => new Measured(
            layer,
            order ?? int.MaxValue,
            outputs.Length == 0 ? null : Norms.Rms(outputs.Select(o => (o.Count, host[o.At]))),
            gradients.Length == 0 ? null : Norms.Rms(gradients.Select(g => (g.Count, host[g.At]))),
            weights.Length == 0 ? null : Math.Sqrt(weights.Sum(at => host[at] * host[at])),
            // A unit that one call leaves without a gradient may get it through another.
            dead.Length == 0 ? null : dead.Min(d => host[d.At] / d.Units),
            time is { } t ? host[t.At..(t.At + t.Length)] : null,
            missing);
    }

    private sealed record Measured(WeightLayer Layer, int Order, double? OutputRms, double? GradientRms, double? WeightNorm, double? DeadUnits, double[]? OverTime, IReadOnlyList<string> GradientsMissing);

    /// <summary>What one backward pass brought to the output of a call.</summary>
    private sealed record OutputGradient(Number Norm, Number? Zeros, long Units);

    /// <summary>One call of a layer, and what has been seen of it so far.</summary>
    private sealed class Call(WeightLayer layer, long count) : IDisposable
    {
        public WeightLayer Layer => layer;

        public long Count => count;

        public Number? OutputNorm { get; set; }

        public List<OutputGradient> Gradients { get; } = [];

        /// <summary>Of a recurrent layer the norm of the gradient at each step of its sequence.</summary>
        public Tensor? OverTime { get; set; }

        /// <summary>The layer's own output, and what went on in its place, in the same memory.</summary>
        public (Tensor Original, Tensor PassedOn)? Replaced { get; set; }

        /// <summary>What entered the layer in place of its input; nobody else has it.</summary>
        public Tensor? Own { get; set; }

        public bool IsForgotten { get; private set; }

        /// <summary>Whoever disposes what went on, as <c>Sequential</c> does with what it passes from one to the next, would have disposed the original.</summary>
        public void FreeOriginal()
        {
            if (Replaced is not { PassedOn.IsInvalid: true } replaced)
                return;
            if (replaced.Original is not Parameter)
                replaced.Original.Dispose();
            Replaced = null;
        }

        public void Dispose()
        {
            IsForgotten = true;
            FreeOriginal();
            Replaced = null;
            Own?.Dispose();
            OutputNorm?.Dispose();
            foreach (var gradient in Gradients)
            {
                gradient.Norm.Dispose();
                gradient.Zeros?.Dispose();
            }

            OverTime?.Dispose();
        }
    }

    private sealed record Queued(DeviceNumbers Numbers, Func<double[], (double? Loss, double? GradientNorm, Measured[] Layers, ActivationRecord[] Activations)> Read) : IDisposable
    {
        public void Dispose() => Numbers.Dispose();
    }
}
