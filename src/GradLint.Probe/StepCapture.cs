using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Probe;

/// <summary>
/// What a training step shows, without asking autograd a second time and without a copy of the weights: norms of the gradients that
/// backward() left, and a sample of each weight before and after the step. Everything waits on the device for one copy.
/// </summary>
internal sealed class StepCapture : IDisposable
{
    /// <summary>
    /// Entries of a weight that stand for all of it: the ratio of two norms over 256 of them is right to some 5 %. They lie in runs of four:
    /// what costs is each line of memory that is touched.
    /// </summary>
    private const int Runs = 64, RunLength = 4;

    /// <summary>Elements of a gradient in which a unit that shows one is proven alive.</summary>
    private const long Glance = 16384;

    /// <summary>Share of units without a gradient in a glance from which on the next capture looks at the whole batch.</summary>
    private const double WorthALook = 0.1;

    private readonly WeightLayer[] _layers;
    private readonly IReadOnlyList<SaturatingActivation> _activations;
    private readonly Dictionary<WeightLayer, int> _indexOf;
    private readonly Tensor[] _samples;
    private readonly Tensor _initial;
    private readonly double[] _initialNorms;
    private readonly (bool LookAtAll, bool Always)[] _deadUnits;
    private readonly object _gate = new();
    private readonly List<Action> _removeHooks = [];
    private readonly List<Call> _calls = [];
    private readonly List<(int Activation, Tensor Share)> _saturation = [];
    private HashSet<WeightLayer>? _overwritten;
    private Queued? _queued;
    private Exception? _failure;

    public StepCapture(nn.Module model)
    {
        _layers = [.. WeightLayer.Of(model).Where(l => l.HasWeightMatrix)];
        _activations = SaturatingActivation.Of(model);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        _indexOf = _layers.Select((layer, i) => (layer, i)).ToDictionary(l => l.layer, l => l.i);
        _samples = [.. _layers.Select(l => SampleOf(l.Weight!).DetachFromDisposeScope())];
        _initial = Sample().DetachFromDisposeScope();
        var norms = new DeviceNumbers();
        norms.Add(RowNorms(_initial));
        _initialNorms = norms.ToHost();
        _deadUnits = [.. _layers.Select(_ => (true, false))];
    }

    /// <summary>How many numbers wait on the device between backward() and the step: a few hundred for each layer, whatever its size.</summary>
    public long NumbersKept
    {
        get
        {
            lock (_gate)
                return _initial.numel() + (_queued is { } queued ? queued.Before.numel() + (queued.Numbers?.numel() ?? 0) : 0);
        }
    }

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
            if (_failure is { } failure)
                throw new ProbeException($"A layer's output could not be watched: {failure.Message}", failure);
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var numbers = new DeviceNumbers();
            int? lossAt = loss is null ? null : numbers.Add(loss.detach().sum());
            var calls = _calls.Select((call, order) => (Call: call, Order: order)).ToLookup(c => c.Call.Layer);
            var read = _layers.Select((layer, i) => QueueLayer(i, [.. calls[layer].Select(c => c.Call)], calls[layer].Select(c => (int?)c.Order).FirstOrDefault(), numbers)).ToArray();
            var saturation = _saturation.Select(s => (s.Activation, At: numbers.Add(s.Share))).ToArray();
            _queued = new Queued(numbers.OnDevice()?.DetachFromDisposeScope(), Sample().DetachFromDisposeScope(), host =>
                (lossAt is { } at ? host[at] : null, [.. read.Select(r => r(host))], [.. saturation.GroupBy(s => s.Activation, s => host[s.At])
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
            var after = Sample();
            var numbers = new DeviceNumbers();
            if (queued.Numbers is { } waiting)
                numbers.Add(waiting);
            int changes = numbers.Add(RowNorms(after - queued.Before));
            int sizes = numbers.Add(RowNorms(queued.Before));
            int movements = numbers.Add(RowNorms(after - _initial));
            double[] host = numbers.ToHost();
            var (loss, layers, activations) = queued.Read(host);
            queued.Dispose();
            _queued = null;
            if (layers.Any(l => l.OutputRms is not null))
                _overwritten ??= [.. layers.Where(l => l.Overwritten).Select(l => l.Layer)];
            foreach (var layer in layers.Where(l => l.WithoutGradient is not null))
            {
                ref var look = ref _deadUnits[_indexOf[layer.Layer]];
                bool many = layer.WithoutGradient >= WorthALook;
                look.Always |= many && !look.LookAtAll;
                look.LookAtAll = many || look.Always;
            }

            var output = layers.Where(l => l.GradientRms is not null).MaxBy(l => l.Order) ?? layers.LastOrDefault(l => l.WeightNorm is not null);
            var records = layers.Select((l, i) => (l.Order, Record: Record(l, output, host[changes + i], host[sizes + i], host[movements + i], _initialNorms[i])));
            return new TrainingRecord(step, loss, output?.Layer.Path, [.. records.OrderBy(r => r.Order).Select(r => r.Record)], activations);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            Unwatch();
            _queued?.Dispose();
            _queued = null;
            _initial.Dispose();
            foreach (var sample in _samples)
                sample.Dispose();
        }
    }

    private static LayerRecord Record(Measured layer, Measured? output, double change, double size, double movement, double initial)
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
            trained ? Math.Log10(change / size) : null,
            initial > 0 ? movement / initial : null,
            layer.DeadUnits,
            layer.OverTime is { Length: > 1 } steps ? Math.Log10(steps[0] / steps[^1]) : null,
            layer.OverTime is { } time ? GradientOverTime.StepsUntilGone([.. time.Select(t => Math.Log10(t / time[^1]))]) : null)
        {
            IsRecurrent = layer.Layer.IsRecurrent,
            GradientsMissing = layer.GradientsMissing,
        };
    }

    private static bool Finite(double? value) => value is null || double.IsFinite(value.Value);

    private static double? Log10(double? value) => value is { } v ? Math.Log10(v) : null;

    private static Tensor RowNorms(Tensor samples) => linalg.vector_norm(samples, 2, [1, 2]);

    /// <summary>
    /// Some entries of a weight, as a view that shows what the optimizer makes of them in place; shape: runs x entries, flat where the weight
    /// is too small for that. The stride has no factor in common with a row's length, so that the runs meet all columns: an input that is
    /// always zero (the margin of an image) gives a column without a gradient.
    /// </summary>
    private static Tensor SampleOf(Tensor weight)
    {
        long count = weight.numel(), row = count / weight.shape[0], stride = count / Runs;
        var flat = weight.detach().reshape(-1);
        if (stride < RunLength)
            return flat;
        while (stride > RunLength && Gcd(stride, row) > 1)
            stride--;
        return flat.narrow(0, 0, Runs * stride).view(Runs, stride).narrow(1, 0, RunLength);
    }

    private static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);

    /// <summary>The samples of all weights, those of small ones filled up with zeros; shape: layers x runs x entries.</summary>
    private Tensor Sample() => Norms.Widened(stack([.. DeviceNumbers.OnOneDevice(_samples)
        .Select(s => s.dim() == 2 ? s : nn.functional.pad(s, [0, (Runs * RunLength) - s.shape[0]]).view(Runs, RunLength))]));

    private void Forget()
    {
        lock (_gate)
        {
            foreach (var call in _calls)
                call.Dispose();
            _calls.Clear();
            _saturation.ForEach(s => s.Share.Dispose());
            _saturation.Clear();
        }
    }

    /// <summary>What goes wrong in a hook must not reach the model: the tensor goes on as it came, and <see cref="Queue"/> throws.</summary>
    private Tensor Guarded(Tensor passing, Func<Tensor> see)
    {
        lock (_gate)
        {
            try
            {
                return _failure is null ? see() : passing;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                _failure = exception;
                return passing;
            }
        }
    }

    private Tensor See(WeightLayer layer, Tensor output) => Guarded(output, () =>
    {
        // Indices and masks are no signal.
        if (!output.is_floating_point())
            return output;
        Tensor norm;
        using (no_grad())
        using (NewDisposeScope())
            norm = Norms.Lean(output).DetachFromDisposeScope();

        var call = new Call(layer, norm, output.numel());
        _calls.Add(call);
        if (!output.requires_grad)
            return output;
        output.retain_grad();
        call.Output = output.alias().DetachFromDisposeScope();
        if (_overwritten is not null && !_overwritten.Contains(layer))
            return output;

        // A copy goes on, so that an activation in place changes neither the value nor the gradient that is read here. The first
        // capture finds out for which layers that is needed.
        var copy = output.clone();
        if (_overwritten is null)
            call.PassedOn = copy.alias().DetachFromDisposeScope();
        return copy;
    });

    private Tensor SeeSequence(WeightLayer layer, Tensor input) => !is_grad_enabled() ? input : Guarded(input, () =>
    {
        var passed = input.requires_grad ? input.clone() : input.detach().clone().requires_grad_(true);
        passed.retain_grad();
        _calls.Add(new Call(layer, null, 0) { Sequence = passed.alias().DetachFromDisposeScope() });
        return passed;
    });

    private Tensor SeeActivation(int activation, Tensor output) => Guarded(output, () =>
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var (_, _, low, high) = _activations[activation];
        double margin = (high - low) / 100;
        var free = (output > low + margin).logical_and(output < high - margin);
        _saturation.Add((activation, (1 - free.to_type(ScalarType.Float32).mean()).DetachFromDisposeScope()));
        return output;
    });

    private Func<double[], Measured> QueueLayer(int index, Call[] calls, int? order, DeviceNumbers numbers)
    {
        var layer = _layers[index];
        var outputs = calls.Where(c => c.OutputNorm is not null).Select(c => (c.Count, At: numbers.Add(c.OutputNorm!))).ToArray();
        var gradients = new List<(long Count, int At)>();
        var dead = new List<(int At, long Units)>();
        bool all = _deadUnits[index].LookAtAll;
        var overwritten = calls.Where(c => c.PassedOn is not null)
            .Select(c => numbers.Add((c.PassedOn! != c.Output!).any().to_type(ScalarType.Float32))).ToArray();
        foreach (var call in calls)
        {
            if (call.Output?.grad is not { IsInvalid: false } gradient)
                continue;
            gradients.Add((call.Count, numbers.Add(Norms.Lean(gradient))));
            dead.Add(QueueDeadUnits(layer, gradient, all, numbers));
        }

        (int At, int Length)? time = null;
        if (calls.FirstOrDefault(c => c.Sequence is not null)?.Sequence is { } sequence && sequence.grad is { IsInvalid: false } overTime && layer.TimeDimension(sequence.shape) is { } dimension)
            time = (numbers.Add(Norms.Along(overTime, dimension)), (int)sequence.shape[dimension]);

        var weights = layer.Parameters.Where(p => p.Parameter.dim() >= 2).Select(p => p.Parameter.grad).Where(g => g is { IsInvalid: false })
            .Select(g => numbers.Add(Norms.Lean(g!))).ToArray();
        string[] missing = weights.Length > 0 ? [] : [.. layer.Parameters.Where(p => p.Parameter.requires_grad && p.Parameter.grad is not { IsInvalid: false }).Select(p => layer.Path.Length == 0 ? p.Name : $"{layer.Path}.{p.Name}")];
        return host => new Measured(
            layer,
            order ?? int.MaxValue,
            outputs.Length == 0 ? null : Norms.Rms(outputs.Select(o => (o.Count, host[o.At]))),
            gradients.Count == 0 ? null : Norms.Rms(gradients.Select(g => (g.Count, host[g.At]))),
            weights.Length == 0 ? null : Math.Sqrt(weights.Sum(at => host[at] * host[at])),
            // A unit that one call leaves without a gradient may get it through another.
            dead.Count == 0 ? null : dead.Min(d => host[d.At] / d.Units),
            all,
            time is { } t ? host[t.At..(t.At + t.Length)] : null,
            overwritten.Any(at => host[at] != 0),
            missing);
    }

    /// <summary>
    /// Where hardly any unit was without a gradient before, the first samples are enough to prove most of them alive. Where they are not,
    /// nothing is said, and from the next capture on the whole batch is looked at.
    /// </summary>
    private static (int At, long Units) QueueDeadUnits(WeightLayer layer, Tensor gradient, bool lookAtAll, DeviceNumbers numbers)
    {
        long[] shape = gradient.shape;
        int units = layer.Module is Convolution && shape.Length > 1 ? 1 : shape.Length - 1;
        long samples = lookAtAll || units == 0 ? shape[0] : Math.Clamp(Glance * shape[0] / gradient.numel(), 1, shape[0]);
        return (numbers.Add(Norms.Zeros(samples < shape[0] ? gradient.narrow(0, 0, samples) : gradient, units)), shape[units]);
    }

    private sealed record Measured(WeightLayer Layer, int Order, double? OutputRms, double? GradientRms, double? WeightNorm, double? WithoutGradient, bool LookedAtAll, double[]? OverTime, bool Overwritten, IReadOnlyList<string> GradientsMissing)
    {
        public double? DeadUnits => LookedAtAll || WithoutGradient < WorthALook ? WithoutGradient : null;
    }

    /// <summary>One call of a layer: what is kept of it until the gradient has been there.</summary>
    private sealed class Call(WeightLayer layer, Tensor? outputNorm, long count) : IDisposable
    {
        public WeightLayer Layer => layer;

        public Tensor? OutputNorm => outputNorm;

        public long Count => count;

        public Tensor? Output { get; set; }

        public Tensor? PassedOn { get; set; }

        public Tensor? Sequence { get; init; }

        public void Dispose()
        {
            Output?.Dispose();
            PassedOn?.Dispose();
            outputNorm?.Dispose();
            Sequence?.Dispose();
        }
    }

    private sealed record Queued(Tensor? Numbers, Tensor Before, Func<double[], (double? Loss, Measured[] Layers, ActivationRecord[] Activations)> Read) : IDisposable
    {
        public void Dispose()
        {
            Numbers?.Dispose();
            Before.Dispose();
        }
    }
}
