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
            CollectTensors(argument, state);
        var isWhole = arguments.Count > 0 && arguments[0] is TensorValue && state.TrueForAll(IsConstantState);
        var output = isWhole
            ? Trace.Add(recurrent, [((TensorValue)arguments[0]).Node], layer, syntax)
            : Trace.Add(new Operation.Opaque(layer.Type.Name), inputs, layer, syntax);
        var isCell = recurrent.Steps == 1;
        if (isCell)
        {
            var next = recurrent.Cell == RecurrentCell.LSTM ? Pair(output, syntax) : null;
            if (!isWhole && arguments.Count > 0 && arguments[0] is TensorValue input)
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

    /// <summary>Whether a state is the same for all samples, whatever it holds.</summary>
    private bool IsConstantState(int node) => IsConstant(node) || Fixed(new TensorValue(node)) is not null;

    private TupleValue Pair(TensorValue output, SyntaxNode syntax) => new([output, Trace.Opaque("a second result", syntax, output.Node)]);

    /// <summary>softmax(q·kᵀ/√d)·v; what may be hidden counts as hidden.</summary>
    private static Operation.ScaledDotProduct Attention(Arguments arguments, int? heads) => new(heads)
    {
        IsMasked = arguments.Find("attn_mask") is not (null or ConstantValue { Constant: null }) || arguments.Flag(false, "is_casual") != false,
        DroppedShare = arguments.NumberOr(0, "p"),
    };

    /// <summary>Whether one time step of a recurrent layer's output is taken.</summary>
    private bool TakesState(TensorValue tensor, Value dimension, Value position) =>
        sequences.TryGetValue(tensor.Node, out var time) && Constants.Integer(dimension) == time && Constants.Integer(position) is not null;

    /// <summary><c>output[-1]</c>, or <c>output[.., -1, ..]</c> where the batch comes first.</summary>
    private bool SelectsState(TensorValue tensor, IPropertyReferenceOperation reference, Frame frame)
    {
        if (!sequences.TryGetValue(tensor.Node, out var time))
            return false;
        var indices = Indices(reference);
        return indices.Count > time
            && Constants.Integer(Evaluate(indices[time], frame)) is not null
            && indices.Where((_, i) => i != time).All(IsEverything);
    }

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
