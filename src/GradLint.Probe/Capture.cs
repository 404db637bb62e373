using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Probe;

/// <summary>One layer in one forward and backward pass.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="IsWatched">Whether a call of the layer would have been seen.</param>
/// <param name="Order">Position in the order of first calls; <c>null</c> where no call was seen.</param>
/// <param name="OutputRms">Root mean square of the layer's outputs, over all calls.</param>
/// <param name="GradientRms">Root mean square of ∂L/∂z over all calls; <c>null</c> where none arrived.</param>
/// <param name="WeightGradientNorm">Frobenius norm of the gradient of the layer's weight matrices together; <c>null</c> where none arrived.</param>
/// <param name="GradientsMissing">Names of the parameters that require a gradient and got none.</param>
/// <param name="ParametersFinite">Whether every gradient of the layer's parameters is finite.</param>
/// <param name="OverTime">Of a recurrent layer ‖∂L/∂x_t‖ for each step t of the sequence x that it reads; <c>null</c> elsewhere.</param>
internal sealed record LayerMeasurement(
    WeightLayer Layer,
    bool IsWatched,
    int? Order,
    double? OutputRms,
    double? GradientRms,
    double? WeightGradientNorm,
    IReadOnlyList<string> GradientsMissing,
    bool ParametersFinite,
    double[]? OverTime);

/// <summary>All layers in one forward and backward pass, and the loss.</summary>
internal sealed record PassMeasurement(IReadOnlyList<LayerMeasurement> Layers, double Loss);

/// <summary>
/// Watches one forward pass through hooks, finds what they could not see among the tensors that it left, and then asks autograd for
/// every gradient at once.
/// Norms are taken on the device in double precision (a float32 norm of gradients below 1e-22 is zero) and cross to the host in one copy.
/// </summary>
internal sealed class Capture : IDisposable
{
    private readonly IReadOnlyList<WeightLayer> _layers;
    private readonly Dictionary<WeightLayer, Action> _removeHooks = [];
    private readonly List<Action> _removeSequenceHooks = [];
    private readonly List<Call> _calls = [];
    private readonly Dictionary<WeightLayer, Tensor> _sequences = [];

    public Capture(nn.Module model)
    {
        _layers = WeightLayer.Of(model);
        foreach (var layer in _layers.Where(l => l.HasWeightMatrix))
        {
            if (layer.Watch(output => See(layer, output)) is { } remove)
                _removeHooks.Add(layer, remove);
        }
    }

    public bool HasWeightLayers => _layers.Any(l => l.HasWeightMatrix);

    /// <summary>The layer whose call was seen last, for the message when the model throws.</summary>
    public string? LastLayerSeen => _calls.Count == 0 ? null : _calls[^1].Layer.Path;

    /// <summary>The calls that no hook saw, in the order of the graph.</summary>
    public IEnumerable<ForwardCall> Found => _calls.Where(c => c.Input is not null).Select(c => new ForwardCall(c.Layer, c.Input!, c.Output!));

    /// <summary>Watches what enters recurrent layers, too: behind every other hook, because a sequence that is data goes on as one with a gradient.</summary>
    public void WatchSequences()
    {
        foreach (var layer in _layers.Where(l => !l.IsFrozen))
        {
            if (layer.WatchSequence(input => SeeSequence(layer, input)) is { } remove)
                _removeSequenceHooks.Add(remove);
        }
    }

    /// <summary>
    /// Looks for the layers whose calls no hook saw, because the model says <c>forward(x)</c>, and puts all calls into the order of the
    /// graph.
    /// </summary>
    /// <param name="made">The tensors that the forward pass made and left alive.</param>
    /// <param name="given">Tensors from outside that it may have read.</param>
    /// <param name="depths">How deep each layer lies, kept from one pass to the next over networks with the same layers.</param>
    public void FindUnseen(IReadOnlyList<Tensor> made, IEnumerable<Tensor> given, Dictionary<string, int> depths)
    {
        var seen = _calls.Select(c => c.Layer).ToHashSet();
        var unseen = _removeHooks.Keys.Where(l => !seen.Contains(l)).ToArray();
        if (unseen.Length == 0)
            return;
        var found = ForwardCalls.Find(unseen, made, given);
        if (found.Count == 0)
            return;
        using var _ = no_grad();
        foreach (var call in found)
        {
            _calls.Add(new Call(call.Layer, call.Output.alias().DetachFromDisposeScope(), Norms.Exact(call.Output.detach()).DetachFromDisposeScope(), call.Output.numel())
            {
                Input = call.Input.alias().DetachFromDisposeScope(),
            });
        }

        Tensor[] weights = [.. _layers.Select(l => l.Weight).OfType<Tensor>().Where(w => w.requires_grad).Distinct(ReferenceEqualityComparer.Instance).Cast<Tensor>()];
        foreach (var call in _calls.Where(c => !depths.ContainsKey(c.Layer.Path)))
            depths[call.Layer.Path] = call.Output is { } output ? ForwardCalls.Depth(output, weights) : 0;
        var inOrder = _calls.OrderBy(c => depths[c.Layer.Path]).ToArray();
        _calls.Clear();
        _calls.AddRange(inOrder);
    }

    /// <summary>Differentiates <paramref name="loss"/> and reads all norms; the gradients in the model's own <c>.grad</c> stay untouched.</summary>
    /// <param name="loss">A tensor of one element that requires a gradient.</param>
    public PassMeasurement Take(Tensor loss)
    {
        using var scope = NewDisposeScope();
        var parameters = _layers.SelectMany(l => l.Parameters).Select(p => p.Parameter).Where(p => p.requires_grad)
            .Distinct(ReferenceEqualityComparer.Instance).Cast<Tensor>().ToArray();
        var outputs = _calls.Where(c => c.Output is not null).Select(c => c.Output!).ToArray();
        var inputs = outputs.Concat(_sequences.Values).Concat(parameters).ToArray();
        var gradients = Gradients.Of(loss, inputs);
        var gradientOf = new Dictionary<Tensor, Tensor?>(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < inputs.Length; i++)
            gradientOf[inputs[i]] = gradients[i];

        using var _ = no_grad();
        var numbers = new DeviceNumbers();
        var read = new List<Func<double[], LayerMeasurement>>();
        int lossAt = numbers.Add(loss.detach().sum());
        foreach (var layer in _layers)
            read.Add(Queue(layer, gradientOf, numbers));

        double[] host = numbers.ToHost();
        return new PassMeasurement([.. read.Select(r => r(host))], host[lossAt]);
    }

    public void Dispose()
    {
        foreach (var remove in _removeHooks.Values)
            remove();
        _removeHooks.Clear();
        _removeSequenceHooks.ForEach(remove => remove());
        _removeSequenceHooks.Clear();
        _calls.ForEach(call => call.Dispose());
        _calls.Clear();
        foreach (var sequence in _sequences.Values)
            sequence.Dispose();
        _sequences.Clear();
    }

    /// <summary>
    /// Keeps the output and lets a copy go on: an activation that works in place (<c>relu_</c>) would otherwise overwrite both the
    /// value and the gradient that are to be measured, and <c>Sequential</c> disposes what it passes on.
    /// </summary>
    private Tensor See(WeightLayer layer, Tensor output)
    {
        Tensor norm;
        using (no_grad())
            norm = Norms.Exact(output.detach()).DetachFromDisposeScope();
        bool differentiable = output.requires_grad;
        var kept = differentiable ? output.alias().DetachFromDisposeScope() : null;
        _calls.Add(new Call(layer, kept, norm, output.numel()));
        return differentiable ? output.clone() : output;
    }

    /// <summary>The first sequence of a layer; a copy goes on, so that its gradient is that of this layer alone.</summary>
    private Tensor SeeSequence(WeightLayer layer, Tensor input)
    {
        if (!is_grad_enabled() || !input.is_floating_point() || _sequences.ContainsKey(layer))
            return input;
        var passed = input.requires_grad ? input.clone() : input.detach().clone().requires_grad_(true);
        _sequences.Add(layer, passed.alias().DetachFromDisposeScope());
        return passed;
    }

    private Func<double[], LayerMeasurement> Queue(WeightLayer layer, Dictionary<Tensor, Tensor?> gradientOf, DeviceNumbers numbers)
    {
        var calls = _calls.Where(c => ReferenceEquals(c.Layer, layer)).ToArray();
        int first = _calls.FindIndex(c => ReferenceEquals(c.Layer, layer));
        var outputNorms = calls.Select(c => numbers.Add(c.OutputNorm)).ToArray();
        var outputGradients = calls.Where(c => c.Output is not null)
            .Select(c => (c.Count, Gradient: gradientOf[c.Output!])).Where(g => g.Gradient is not null)
            .Select(g => (g.Count, At: numbers.Add(Norms.Exact(g.Gradient!)))).ToArray();

        var trained = layer.Parameters.Where(p => p.Parameter.requires_grad).ToArray();
        var missing = trained.Where(p => gradientOf[p.Parameter] is null).Select(p => p.Name).ToArray();
        var arrived = trained.Where(p => gradientOf[p.Parameter] is not null)
            .Select(p => (IsMatrix: p.Parameter.dim() >= 2, At: numbers.Add(Norms.Exact(gradientOf[p.Parameter]!)))).ToArray();
        bool hasWeightGradient = arrived.Any(p => p.IsMatrix);
        var (isProven, ofSequence) = calls.Any(c => c.Input is not null) ? QueueProof(layer, calls, gradientOf, numbers) : (_ => true, null);

        if (_sequences.TryGetValue(layer, out var sequence))
            ofSequence = gradientOf[sequence];
        var time = ofSequence is { } overTime && layer.TimeDimension(overTime.shape) is { } dimension
            ? (At: numbers.Add(Norms.Along(overTime.to_type(Norms.WidestTypeOn(overTime.device)), dimension)), Length: (int)overTime.shape[dimension])
            : default((int At, int Length)?);

        return host =>
        {
            bool isSeen = calls.Length > 0 && isProven(host);
            return new LayerMeasurement(
                layer,
                _removeHooks.ContainsKey(layer),
                isSeen ? first : null,
                isSeen ? Norms.Rms(calls.Zip(outputNorms, (c, norm) => (c.Count, host[norm]))) : null,
                isSeen && outputGradients.Length > 0 ? Norms.Rms(outputGradients.Select(g => (g.Count, host[g.At]))) : null,
                hasWeightGradient ? Math.Sqrt(arrived.Where(p => p.IsMatrix).Sum(p => host[p.At] * host[p.At])) : null,
                missing,
                arrived.All(p => double.IsFinite(host[p.At])),
                isSeen && time is { } t ? host[t.At..(t.At + t.Length)] : null);
        };
    }

    /// <summary>
    /// Whether the calls account for the weights' whole gradient: each is run once more by itself, and what its backward step makes of
    /// ∂L/∂z is added up. Of a recurrent layer's first call that step also gives the gradient of the sequence that it reads.
    /// </summary>
    private static (Func<double[], bool> IsProven, Tensor? OfSequence) QueueProof(WeightLayer layer, Call[] calls, Dictionary<Tensor, Tensor?> gradientOf, DeviceNumbers numbers)
    {
        Tensor[] weights = [.. layer.Parameters.Select(p => p.Parameter).Where(p => p.dim() >= 2 && gradientOf.GetValueOrDefault(p) is not null)];
        Tensor[] sums = [.. weights.Select(w => zeros_like(w))];
        Tensor? ofSequence = null;
        foreach (var call in calls.Where(c => gradientOf[c.Output!] is not null))
        {
            using var recorded = enable_grad();
            bool wantsSequence = layer.IsRecurrent && ofSequence is null;
            var input = wantsSequence ? call.Input!.detach().requires_grad_(true) : call.Input!.detach();
            var again = ForwardCalls.Run(layer, input);
            var parts = Gradients.Of(again, wantsSequence ? [.. weights, input] : weights, gradientOf[call.Output!]);
            if (wantsSequence)
                ofSequence = parts[^1];
            using var _ = no_grad();
            for (int i = 0; i < weights.Length; i++)
            {
                if (parts[i] is { } part)
                    sums[i] += Norms.Dense(part);
            }
        }

        double tolerance = 10 * ForwardCalls.Tolerance(layer.Weight!);
        var compared = weights.Zip(sums, (weight, sum) =>
        {
            var expected = Norms.Dense(gradientOf[weight]!);
            return (Difference: numbers.Add((expected - sum).abs().max()), Size: numbers.Add(expected.abs().max()));
        }).ToArray();
        return (host => compared.All(c => host[c.Difference] <= tolerance * host[c.Size]), ofSequence);
    }

    /// <summary>One call of a layer: what is kept of it until its gradient is known.</summary>
    private sealed record Call(WeightLayer Layer, Tensor? Output, Tensor OutputNorm, long Count) : IDisposable
    {
        /// <summary>What the layer read, where the call was found and not seen.</summary>
        public Tensor? Input { get; init; }

        public void Dispose()
        {
            Output?.Dispose();
            OutputNorm.Dispose();
            Input?.Dispose();
        }
    }
}
