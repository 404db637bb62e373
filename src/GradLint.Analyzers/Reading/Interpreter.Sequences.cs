using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Reading;

internal sealed partial class Interpreter
{
    /// <summary>Outputs of recurrent layers over a sequence, with the dimension of time.</summary>
    private readonly Dictionary<int, int> sequences = [];

    /// <summary>Final states of recurrent layers of one direction, one for each layer of the stack, with the output and how many layers there are.</summary>
    private readonly Dictionary<int, (int Output, int? Layers)> finalStates = [];

    /// <summary>Recurrent layers and attention return tuples: the output first, then what they remember or attend to.</summary>
    private Value ApplySequence(LayerValue layer, IReadOnlyList<Value> arguments, List<int> inputs)
    {
        var syntax = layer.Syntax;
        if (layer.Operation is Operation.MultiheadAttention)
        {
            if (arguments.Count < 3 || arguments.Take(3).Any(a => a is not TensorValue))
                return Pair(Trace.Add(new Operation.Opaque("MultiheadAttention"), inputs, layer, syntax), syntax);
            return Pair(Trace.Add(layer.Operation, [.. arguments.Take(3).Select(a => ((TensorValue)a).Node)], layer, syntax), syntax);
        }

        var recurrent = (Operation.Recurrent)layer.Operation;

        // A state that forward computes is a second way for the gradient, which the operation does not have.
        var state = new List<int>();
        foreach (var argument in arguments.Skip(1))
            CollectStates(argument, state);
        var isCell = recurrent.Steps == 1;
        var isWhole = arguments.Count > 0 && arguments[0] is TensorValue && state.TrueForAll(s => IsConstantState(s, layer)) && !(isCell && arguments.Skip(1).Any(a => a.IsUnknown));
        var output = isWhole
            ? Trace.Add(recurrent, [((TensorValue)arguments[0]).Node], layer, syntax)
            : Trace.Add(new Operation.Opaque(layer.Type.Name), [.. inputs.Union(state)], layer, syntax);
        if (isCell)
        {
            var next = recurrent.Cell == RecurrentCell.LSTM ? Pair(output, syntax) : null;
            if (!isWhole && !Trace.IsWithoutGradient && arguments.Count > 0 && arguments[0] is TensorValue input)
                cellCalls[output.Node] = new CellCall(layer, input.Node, state, (next?.Elements[1] as TensorValue)?.Node);
            return next is null ? output : next;
        }

        if (isWhole && layer.TimeDimension is { } time)
            sequences[output.Node] = time;
        var last = isWhole && recurrent is { Layers: 1, Bidirectional: false }
            ? Trace.Add(new Operation.Reduction(ReductionKind.Select), [output.Node], null, syntax)
            : Trace.Opaque("the last state of several layers", syntax, output.Node);
        if (isWhole && !recurrent.Bidirectional)
            finalStates[last.Node] = (output.Node, recurrent.Layers);
        return recurrent.Cell == RecurrentCell.LSTM
            ? new TupleValue([output, last, Trace.Opaque("the cell's memory", syntax, output.Node)])
            : new TupleValue([output, last]);
    }

    /// <summary>The tensors of a state, each of which is one state, even where two are the same tensor.</summary>
    private static void CollectStates(Value state, List<int> states)
    {
        switch (state)
        {
            case TupleValue tuple:
                foreach (var element in tuple.Elements)
                    CollectStates(element, states);
                break;
            case CarriedValue carried:
                states.AddRange(carried.Entries);
                break;
            case TensorValue tensor:
                states.Add(tensor.Node);
                break;
        }
    }

    /// <summary>
    /// Whether no gradient passes through a state to another layer or to what enters forward: zeros, what a generator drew or a module
    /// learns, and what these are arranged to; what the same layer remembers of its last call, detached.
    /// </summary>
    private bool IsConstantState(int node, LayerValue layer)
    {
        var seen = new HashSet<int>();
        var pending = new Stack<(int Node, bool IsDetached)>();
        pending.Push((node, false));
        while (pending.Count > 0)
        {
            var (next, isDetached) = pending.Pop();
            if (!seen.Add(next))
                continue;
            var (operation, inputs, performer) = (Trace.Nodes[next].Operation, Trace.Nodes[next].Inputs, Trace.Nodes[next].Layer);
            if (isDetached && performer == layer)
                continue;
            if (Trace.Nodes[next].IsEntry || operation is Operation.Input || (performer is not null && performer.Operation is not Operation.LearnedTensor)
                || (!isDetached && operation is Operation.Opaque { Reason: not ("expand" or "expand_as" or "repeat" or "tile" or "stack" or "cat") } && inputs.Count > 0))
                return false;
            foreach (var input in inputs)
                pending.Push((input, isDetached || operation is Operation.Detach));
        }

        return true;
    }

    private TupleValue Pair(TensorValue output, SyntaxNode syntax) => new([output, Trace.Opaque("a second result", syntax, output.Node)]);

    /// <summary>softmax(q·kᵀ/√d)·v; what may be hidden counts as hidden.</summary>
    private static Operation.ScaledDotProduct Attention(Arguments arguments, int? heads) => new(heads)
    {
        IsMasked = arguments.Find("attn_mask") is not (null or ConstantValue { Constant: null }) || arguments.Flag(false, "is_casual") != false,
        DroppedShare = arguments.NumberOr(0, "p"),
    };

    /// <summary>The dimension of time in what is computed from a recurrent layer's output step by step; null where there is none.</summary>
    private int? TimeOf(int node)
    {
        for (var at = node; ;)
        {
            if (sequences.TryGetValue(at, out var time))
                return time;
            var (operation, inputs, isEntry) = (Trace.Nodes[at].Operation, Trace.Nodes[at].Inputs, Trace.Nodes[at].IsEntry);
            if (isEntry || operation is not (Operation.Dropout or Operation.Nonlinearity or Operation.Normalization { Kind: NormalizationKind.Layer } or Operation.Scale or Operation.Detach))
                return null;
            at = inputs[0];
        }
    }

    /// <summary>Where the dimension of time is after <c>permute</c> and <c>transpose</c>.</summary>
    private TensorValue Turned(TensorValue tensor, TensorValue turned, string name, Arguments arguments, int first)
    {
        // What has time has a batch and features, too.
        const int Dimensions = 3;
        if (TimeOf(tensor.Node) is not { } time)
            return turned;
        var given = arguments.Count > first && arguments[first] is ListValue { Elements: { } elements } ? elements : [.. arguments.All.Skip(first)];
        var order = given.ConvertAll(d => Constants.Integer(d) is { } dimension ? (dimension + Dimensions) % Dimensions : -1);
        var now = name == "permute" ? (order.Count == Dimensions ? order.IndexOf(time) : -1)
            : name is "transpose" or "swapaxes" or "swapdims" && order.Count == 2 && !order.Contains(-1) ? (order[0] == time ? order[1] : order[1] == time ? order[0] : time)
            : -1;
        if (now >= 0)
            sequences[turned.Node] = now;
        return turned;
    }

    /// <summary>Whether one time step of a recurrent layer's output is taken.</summary>
    private bool TakesState(TensorValue tensor, Value dimension, Value position, IOperation? written) =>
        TimeOf(tensor.Node) is { } time && Constants.Integer(dimension) == time && IsOneStep(position, written);

    /// <summary><c>output[-1]</c>, or <c>output[.., -1, ..]</c> where the batch comes first.</summary>
    private bool SelectsState(TensorValue tensor, IPropertyReferenceOperation reference, Frame frame)
    {
        if (TimeOf(tensor.Node) is not { } time)
            return false;
        var indices = Indices(reference);
        return indices.Count > time
            && IsOneStep(FromEnd(indices[time], frame), indices[time])
            && indices.Where((_, i) => i != time).All(IsEverything);
    }

    /// <summary><c>-1</c>, <c>^1</c>, or <c>steps - 1</c> of a number of steps that is not known.</summary>
    private bool IsOneStep(Value position, IOperation? written) =>
        Constants.Integer(position) is not null
        || (Trace.Loop is null && written is not null && Unconverted(written) is IBinaryOperation { OperatorKind: BinaryOperatorKind.Subtract, RightOperand.ConstantValue: { HasValue: true, Value: 1 or 1L } } last
            && Unconverted(last.LeftOperand).Type?.SpecialType is SpecialType.System_Int32 or SpecialType.System_Int64);

    /// <summary>An index, <c>^1</c> as −1.</summary>
    private Value FromEnd(IOperation index, Frame frame) =>
        Unconverted(index) is IUnaryOperation { OperatorKind: UnaryOperatorKind.Hat } hat
            ? Constants.Integer(Evaluate(hat.Operand, frame)) is { } places ? new ConstantValue((long)-places) : Value.Unknown
            : Evaluate(Unconverted(index), frame);

    /// <summary><c>state[-1]</c>: the final state of the last layer is its output at the last step. Null for any other index and tensor.</summary>
    private TensorValue? FinalState(TensorValue tensor, Value index, SyntaxNode syntax)
    {
        var (node, isDetached) = Trace.Nodes[tensor.Node] is { Operation: Operation.Detach, Inputs: var inputs } ? (inputs[0], true) : (tensor.Node, false);
        if (!finalStates.TryGetValue(node, out var state) || Constants.Integer(index) is not { } layer)
            return null;
        if (state.Layers == 1)
            return layer is 0 or -1 ? Part(tensor, syntax) : null;
        return !isDetached && (layer == -1 || layer == state.Layers - 1) ? Trace.Add(new Operation.Reduction(ReductionKind.Select), [state.Output], null, syntax) : null;
    }

    /// <summary>What stands between the brackets of <c>x[.., 0]</c>.</summary>
    private static List<IOperation> Indices(IPropertyReferenceOperation reference) =>
        reference.Arguments.Length == 1 && reference.Arguments[0].Value is IArrayCreationOperation { Initializer: { } several }
            ? [.. several.ElementValues]
            : [.. reference.Arguments.Select(a => a.Value)];

    private static bool IsEverything(IOperation index) => Unconverted(index) is ITupleOperation { Elements.Length: 2 } range && range.Elements.All(e => Unconverted(e) is ILiteralOperation { ConstantValue: { HasValue: true, Value: null } })
        || index.Syntax.ToString() is ".." or "TensorIndex.Colon" or "torch.TensorIndex.Colon" or "Colon" or "TensorIndex.Slice()" or "torch.TensorIndex.Slice()" or "Slice()" or "\":\"";
}
