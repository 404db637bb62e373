using GradLint.SignalPropagation;
using static TorchSharp.torch;

namespace GradLint.Probe.Live;

/// <summary>A network as it ran, and what its batch tells of the assumptions of a prediction.</summary>
internal sealed record LiveReading(Network Network, PredictionOptions Options);

/// <summary>
/// Builds the <see cref="Network"/> of a running model: layers from their modules, initializers from the moments of the weights that they
/// hold, and the wiring from the values that pass between them. What happens between layers without a module is identified by its
/// numbers; where that fails the network has an opaque node that reads everything which nothing else has read, so that no prediction
/// passes it.
/// </summary>
/// <remarks>
/// Theory speaks of random weights. Those of a trained model are read as if they were drawn with the variances that they have; what
/// training made of their directions does not show.
/// </remarks>
internal sealed class LiveNetwork
{
    // Cosines by which the samples of two inputs may be alike and still count as one batch's.
    private const double SameCorrelation = 0.1;

    private readonly ForwardTrace _trace;
    private readonly NetworkBuilder _builder;
    private readonly List<LiveValue> _values = [];
    private readonly SortedSet<int> _unread = [];
    private readonly FunctionalSearch.Effort _effort = new();
    private TracedTensor? _first;
    private TracedTensor? _firstNumbers;

    private LiveNetwork(ForwardTrace trace) => (_trace, _builder) = (trace, new NetworkBuilder(trace.Model.GetType().FullName ?? trace.Model.GetType().Name));

    /// <summary>Runs a forward pass and reads the network that it shows.</summary>
    /// <param name="model">The model; reading it changes nothing but what its own forward pass changes.</param>
    /// <param name="forward">Runs it on a batch.</param>
    /// <returns>The network; <c>null</c> where no layer was seen.</returns>
    public static LiveReading? Read(nn.Module model, Action forward)
    {
        using var trace = new ForwardTrace(model);
        forward();
        return Read(trace);
    }

    /// <summary>The network that a forward pass showed; <c>null</c> where no layer was seen, or the trace failed.</summary>
    public static LiveReading? Read(ForwardTrace trace)
    {
        if (trace.Failure is not null || trace.Calls.Count == 0)
            return null;
        try
        {
            trace.Fetch();
            return new LiveNetwork(trace).Build();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // A prediction is an extra: whatever is odd about this model, its measurement stands.
            return null;
        }
    }

    private LiveReading Build()
    {
        foreach (var argument in _trace.ModelCalls.SelectMany(c => c.Inputs))
            _values.Add(new LiveValue(argument));
        foreach (var call in _trace.Calls)
            Add(call);
        var network = _builder.Build(Output());
        var options = PredictionOptions.Default with
        {
            BatchSize = _first is { Shape.Length: > 1 } ? (int)_first.Shape[0] : 1,
            InputSecondMoment = _firstNumbers?.SecondMoment ?? 1,
            // A negative cosine is that of samples around their own mean; theory has nothing to say of it.
            InputCorrelation = Math.Max(0, _firstNumbers?.Correlation ?? 0),
        };
        return new LiveReading(network, options);
    }

    private void Add(TracedCall call)
    {
        if (call.Inputs.Count == 0 || call.Outputs.Count == 0)
        {
            foreach (var output in call.Outputs)
                _values.Add(Opaque(output, $"{call.Module.GetType().Name} without a tensor that goes in"));
            return;
        }

        var inputs = call.Inputs.Select(Resolve).ToArray();
        var reading = LiveOperation.Of(call, name => _trace.Moments(call.Module, name));
        if (reading.Operation is null)
        {
            _values.Add(Passed(inputs[0], call.Outputs[0]));
            return;
        }

        // The state that a recurrent layer starts from is no layer's.
        int reads = reading.Operation is Operation.Recurrent ? 1 : inputs.Length;
        int axis = reading.Axis ?? inputs[0].AxisOrUsual;
        var nodes = inputs.Take(reads).Select(i => reading.Operation is Operation.Embedding ? Indices(i) : At(i, axis)).ToArray();
        var node = Node(reading.Operation, nodes, call.Path);
        long[] shape = call.Outputs[0].Shape;
        int axisOut = reading.Operation switch
        {
            Operation.Embedding => shape.Length - 1,
            Operation.Flatten => 1,
            _ => axis,
        };
        if (reading.ShapeAfter)
            node = Node(new Operation.Reshape(LiveValue.Width(shape, axisOut), LiveValue.Spatial(shape, axisOut)), [node]);
        _values.Add(new LiveValue(call.Outputs[0]) { Node = node, Axis = axisOut, IsOpaque = reading.Operation is Operation.Opaque });

        foreach (var state in call.Outputs.Skip(1))
        {
            bool isLast = reading.Operation is Operation.Recurrent { Layers: 1, Bidirectional: false } && ReferenceEquals(state, call.Outputs[1]);
            _values.Add(new LiveValue(state)
            {
                Late = () => isLast ? Node(new Operation.Reduction(ReductionKind.Select), [node]) : Unread("another state of a recurrent layer"),
                Axis = state.Shape.Length - 1,
                IsOpaque = !isLast,
            });
        }
    }

    /// <summary>The same value, or the same elements in another arrangement.</summary>
    private LiveValue Passed(LiveValue input, TracedTensor output)
    {
        bool same = input.Tensor.Shape.SequenceEqual(output.Shape);
        if (input is { Node: null, Late: null })
            return new LiveValue(output);
        return new LiveValue(output) { Node = At(input, input.AxisOrUsual), Axis = same ? input.Axis : null, IsOpaque = input.IsOpaque };
    }

    /// <summary>The value that a layer read: one that was seen before, data, or what an operation without a module made of earlier ones.</summary>
    private LiveValue Resolve(TracedTensor tensor)
    {
        if (Seen(tensor) is { } seen)
        {
            if (!tensor.IsData || seen.Tensor.IsData)
                return seen;
            var detached = new LiveValue(tensor) { Node = Node(new Operation.Detach(), [At(seen, seen.AxisOrUsual)]), Axis = seen.AxisOrUsual };
            _values.Add(detached);
            return detached;
        }

        var value = tensor.IsData ? new LiveValue(tensor) : Derived(tensor);
        _values.Add(value);
        return value;
    }

    private LiveValue? Seen(TracedTensor tensor)
    {
        for (int i = _values.Count - 1; i >= 0; i--)
        {
            var earlier = _values[i].Tensor;
            if (earlier.Shape.SequenceEqual(tensor.Shape) && earlier.Elements.AsSpan().SequenceEqual(tensor.Elements)
                // Two values that are zero everywhere need not be the same.
                && (!tensor.IsConstant || ReferenceEquals(earlier.Original, tensor.Original)))
                return _values[i];
        }

        return null;
    }

    private LiveValue Derived(TracedTensor tensor)
    {
        var derivation = new FunctionalSearch(tensor, _values, v => v.Node is { } node && _unread.Contains(node.Index), _effort).Find();
        if (derivation is Derivation.Unknown unknown)
            return Opaque(tensor, $"an operation between layers: {unknown.Reason}");
        var (node, axis) = Emit(derivation, null, tensor);
        return new LiveValue(tensor) { Node = node, Axis = tensor.Shape.Length == 2 && derivation is not Derivation.Reshaped ? 1 : axis };
    }

    /// <summary>Adds the nodes of a derivation; the axis that holds the features of the result is <c>null</c> where it is open.</summary>
    private (NodeId Node, int? Axis) Emit(Derivation derivation, int? axis, TracedTensor result)
    {
        switch (derivation)
        {
            case Derivation.From from:
                int at = axis ?? from.Value.AxisOrUsual;
                return (At(from.Value, at), at);
            case Derivation.Applied applied:
                int? wanted = applied.Axis ?? axis;
                var nodes = new List<NodeId>();
                foreach (var input in applied.Inputs)
                {
                    var (node, found) = Emit(input, wanted, result);
                    wanted ??= found;
                    nodes.Add(node);
                    // A sum that only its activation was seen of may be read by a skip later on.
                    if (input is Derivation.Applied && input.Elements() is { } elements && input.Shape().SequenceEqual(result.Shape))
                        _values.Add(new LiveValue(TracedTensor.Computed(result, elements)) { Node = node, Axis = wanted });
                }

                // Joins do not depend on the order; the one that was computed first comes first.
                if (applied.Operation is Operation.Add or Operation.Product)
                    nodes.Sort((a, b) => a.Index.CompareTo(b.Index));
                return (Node(applied.Operation, nodes), applied.Operation is Operation.Flatten ? 1 : wanted);
            case Derivation.Reshaped reshaped:
                return (Emit(reshaped.Input, null, result).Node, null);
            case Derivation.Permuted permuted:
                var (arranged, before) = Emit(permuted.Input, null, result);
                return (arranged, before is { } b && Array.IndexOf(permuted.Order, b) is > 0 and var after ? after : null);
            default:
                return (Unread("a value of unknown origin"), null);
        }
    }

    private NodeId Output()
    {
        if (_trace.ModelCalls is [{ Outputs: [var result] }] && !_trace.RanOutsideModel)
        {
            var value = Resolve(result);
            return value.Node ?? At(value, value.AxisOrUsual);
        }

        if (_trace.ModelCalls.Count > 0 || _trace.RanOutsideModel)
            return Unread("the model returns several values, or was called several times");
        // Unless every weight layer was seen, one that was not may come after what was.
        var called = _trace.Calls.Select(c => c.Module).ToHashSet<nn.Module>(ReferenceEqualityComparer.Instance);
        bool allSeen = WeightLayer.Of(_trace.Model).Where(l => l.HasWeightMatrix).All(l => called.Contains(l.Module));
        return allSeen && _unread.Count == 1 ? new NodeId(_unread.Min) : Unread("what the model returns was not seen");
    }

    private LiveValue Opaque(TracedTensor tensor, string reason) => new(tensor) { Node = Unread(reason), IsOpaque = true };

    /// <summary>
    /// An opaque node that may depend on anything: it reads all that nothing else has read. Every other value leads to one of these, so
    /// that no gradient before the node is known.
    /// </summary>
    private NodeId Unread(string reason) => Node(new Operation.Opaque(reason), [.. _unread.Select(i => new NodeId(i))]);

    private NodeId Node(Operation operation, IReadOnlyList<NodeId> inputs, string? path = null)
    {
        foreach (var input in inputs)
            _unread.Remove(input.Index);
        var node = _builder.Add(operation, inputs, path);
        if (operation is not Operation.Input)
            _unread.Add(node.Index);
        return node;
    }

    /// <summary>The value's node, its features in dimension <paramref name="axis"/>.</summary>
    private NodeId At(LiveValue value, int axis)
    {
        long[] shape = value.Tensor.Shape;
        if (value.Node is null)
        {
            value.Node = value.Late?.Invoke() ?? Input(value.Tensor, axis);
            value.Axis = value.Late is null ? axis : value.Axis;
        }

        if (value.Axis == axis || value.IsOpaque || (value.Axis is not null && shape.Length <= 2))
            return value.Node.Value;
        value.Node = Node(new Operation.Reshape(LiveValue.Width(shape, axis), LiveValue.Spatial(shape, axis)), [value.Node.Value]);
        value.Axis = axis;
        return value.Node.Value;
    }

    /// <summary>The node of what an embedding reads: integers, one for each position.</summary>
    private NodeId Indices(LiveValue value)
    {
        if (value is { Node: null, Late: null })
        {
            _first ??= value.Tensor;
            value.Node = Node(new Operation.Input(null, Sizes.Of([.. value.Tensor.Shape.Skip(1).Select(size => (int?)size)])), []);
        }

        return value.Node ?? At(value, value.AxisOrUsual);
    }

    private NodeId Input(TracedTensor data, int axis)
    {
        _first ??= data;
        var input = Node(new Operation.Input(LiveValue.Width(data.Shape, axis), LiveValue.Spatial(data.Shape, axis)), []);
        if (data.SecondMoment is not { } moment)
            return Node(new Operation.Opaque("an input that is no floating-point number"), [input]);
        _firstNumbers ??= data;
        if (ReferenceEquals(data, _firstNumbers))
            return input;
        if (Math.Abs(data.Correlation!.Value - _firstNumbers.Correlation!.Value) > SameCorrelation)
            return Node(new Operation.Opaque("an input whose samples are alike in another measure than those of the first"), [input]);
        // A prediction knows one input scale.
        double ratio = Math.Sqrt(moment / _firstNumbers.SecondMoment!.Value);
        return Math.Abs(ratio - 1) < 0.01 ? input : Node(new Operation.Scale(ratio), [input]);
    }
}
