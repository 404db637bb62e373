using TorchSharp;
using static TorchSharp.torch;

namespace GradLint.Probe.Live;

/// <summary>One call of a module.</summary>
/// <param name="Module">The module.</param>
/// <param name="Path">As <c>named_modules()</c> spells it; empty for the model itself.</param>
/// <param name="IsTraining">Whether it was in training mode.</param>
/// <param name="Inputs">What went in, before the module ran.</param>
/// <param name="Outputs">What came out.</param>
internal sealed record TracedCall(nn.Module Module, string Path, bool IsTraining, IReadOnlyList<TracedTensor> Inputs, IReadOnlyList<TracedTensor> Outputs);

/// <summary>
/// What modules read and returned in one forward pass, seen through hooks. It adds no operation to the model, keeps a bounded number
/// of elements for each call, draws no random number, and lets nothing that goes wrong in it reach the model.
/// </summary>
internal sealed class ForwardTrace : IDisposable
{
    // 16 million elements: 64 MB on the device, twice that on the host.
    private const long MostKept = 1L << 24;

    private readonly nn.Module _model;
    private readonly List<Action> _removeHooks = [];
    private readonly List<TracedCall> _calls = [];
    private readonly List<TracedCall> _modelCalls = [];
    private readonly List<TracedTensor> _tensors = [];
    private readonly Dictionary<(nn.Module Module, string Name), WeightMoments> _moments = [];
    private long _kept;
    private bool _inModel;

    public ForwardTrace(nn.Module model)
    {
        _model = model;
        try
        {
            bool modelIsLayer = LiveOperation.IsRecorded(model);
            IsModelWatched = Watch(model, string.Empty, isModel: true);
            var seen = new HashSet<nn.Module>(ReferenceEqualityComparer.Instance) { model };
            if (modelIsLayer)
                Watch(model, string.Empty, isModel: false);
            foreach (var (path, module) in model.named_modules())
            {
                if (seen.Add(module) && LiveOperation.IsRecorded(module))
                    Watch(module, path, isModel: false);
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Failure = exception;
        }
    }

    /// <summary>What went wrong; <c>null</c> where nothing did. A trace that failed is incomplete.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Whether a call of the model itself would have been seen.</summary>
    public bool IsModelWatched { get; private set; }

    /// <summary>Whether a layer ran outside the model's own call, although that is watched.</summary>
    public bool RanOutsideModel { get; private set; }

    public nn.Module Model => _model;

    /// <summary>The calls of layers, in the order in which they ended.</summary>
    public IReadOnlyList<TracedCall> Calls => _calls;

    /// <summary>The calls of the model itself.</summary>
    public IReadOnlyList<TracedCall> ModelCalls => _modelCalls;

    /// <summary>The moments of a parameter or buffer of a layer that was called, after <see cref="Fetch"/>.</summary>
    public WeightMoments? Moments(nn.Module module, string name) => _moments.GetValueOrDefault((module, name));

    /// <summary>Brings all that was kept, and the moments of the weights, to the host in one copy.</summary>
    public void Fetch()
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var weights = _calls.Select(c => c.Module).Distinct().SelectMany(Weights).ToArray();
        var waiting = _tensors.SelectMany(t => t.Pending).Concat(weights.Select(w => WeightMoments.OnDevice(w.Tensor))).ToArray();
        if (waiting.Length == 0)
            return;

        var device = waiting[0].device;
        // Apple's GPU has no float64.
        var type = device.type == DeviceType.MPS ? ScalarType.Float32 : ScalarType.Float64;
        using var together = cat([.. waiting.Select(t => t.reshape(-1).to(type, device))]).cpu();
        double[] host = type == ScalarType.Float64 ? [.. together.data<double>()] : [.. together.data<float>().Select(f => (double)f)];

        int at = 0;
        foreach (var tensor in _tensors)
        {
            int count = (int)tensor.Pending.Sum(p => p.numel());
            tensor.Fill(host.AsSpan(at, count));
            at += count;
        }

        foreach (var (module, name, tensor) in weights)
        {
            _moments[(module, name)] = WeightMoments.FromHost(tensor.shape, host.AsSpan(at, WeightMoments.Numbers));
            at += WeightMoments.Numbers;
        }
    }

    public void Dispose()
    {
        foreach (var remove in _removeHooks)
            remove();
        _removeHooks.Clear();
        foreach (var tensor in _tensors)
            tensor.Release();
        _tensors.Clear();
    }

    /// <summary>Adds a call that no hook saw, after the fact; to be called in the order in which the layers ran.</summary>
    public void Add(nn.Module module, string path, Tensor input, Tensor output) => Quietly(() =>
        _calls.Add(new TracedCall(module, path, module.training, Record([input], entersModel: false), Record([output], entersModel: false))));

    private static IEnumerable<(nn.Module Module, string Name, Tensor Tensor)> Weights(nn.Module module) =>
        module.named_parameters(recurse: false).Select(p => (p.Item1, Tensor: (Tensor)p.Item2))
            .Concat(module.named_buffers(recurse: false).Select(b => (b.Item1, Tensor: b.Item2)))
            .Where(w => w.Tensor.numel() > 0)
            .Select(w => (module, w.Item1, w.Tensor));

    private bool Watch(nn.Module module, string path, bool isModel)
    {
        // A module may call itself again before it returns.
        var running = new Stack<TracedTensor[]>();
        return module switch
        {
            nn.Module<Tensor, Tensor> m => Hook(
                m.register_forward_pre_hook((_, x) => { Before(x); return null!; }).remove,
                m.register_forward_hook((_, _, y) => { After(y); return null!; }).remove),
            nn.Module<Tensor, Tensor, Tensor> m => Hook(
                m.register_forward_pre_hook((_, x1, x2) => { Before(x1, x2); return null; }).remove,
                m.register_forward_hook((_, _, _, y) => { After(y); return null!; }).remove),
            nn.Module<Tensor, Tensor, Tensor, Tensor> m => Hook(
                m.register_forward_pre_hook((_, x1, x2, x3) => { Before(x1, x2, x3); return null; }).remove,
                m.register_forward_hook((_, _, _, _, y) => { After(y); return null!; }).remove),
            nn.Module<Tensor, (Tensor, Tensor)> m => Hook(
                m.register_forward_pre_hook((_, x) => { Before(x); return null!; }).remove,
                m.register_forward_hook((_, _, y) => { After(y.Item1, y.Item2); return y; }).remove),
            nn.Module<Tensor, Tensor, (Tensor, Tensor)> m => Hook(
                m.register_forward_pre_hook((_, x, h) => { Before(x, h); return null; }).remove,
                m.register_forward_hook((_, _, _, y) => { After(y.Item1, y.Item2); return y; }).remove),
            nn.Module<Tensor, (Tensor, Tensor)?, (Tensor, Tensor, Tensor)> m => Hook(
                m.register_forward_pre_hook((_, x, h) => { Before(x, h?.Item1, h?.Item2); return null; }).remove,
                m.register_forward_hook((_, _, _, y) => { After(y.Item1, y.Item2, y.Item3); return y; }).remove),
            _ => false,
        };

        bool Hook(params Action[] remove)
        {
            _removeHooks.AddRange(remove);
            return true;
        }

        void Before(params Tensor?[] inputs) => Quietly(() =>
        {
            running.Push(Record(inputs, isModel));
            if (isModel)
                _inModel = true;
            else if (IsModelWatched && !_inModel)
                RanOutsideModel = true;
        });

        void After(params Tensor?[] outputs) => Quietly(() =>
        {
            var call = new TracedCall(module, path, module.training, running.Pop(), Record(outputs, entersModel: false));
            (isModel ? _modelCalls : _calls).Add(call);
            if (isModel)
                _inModel = false;
        });
    }

    private TracedTensor[] Record(Tensor?[] tensors, bool entersModel)
    {
        var recorded = new List<TracedTensor>();
        foreach (var tensor in tensors)
        {
            if (tensor is null)
                continue;
            var traced = TracedTensor.Of(tensor, entersModel, isShort: _kept > MostKept);
            _kept += traced.Pending.Sum(p => p.numel());
            _tensors.Add(traced);
            recorded.Add(traced);
        }

        return [.. recorded];
    }

    private void Quietly(Action action)
    {
        if (Failure is not null)
            return;
        try
        {
            action();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Failure = exception;
        }
    }
}
