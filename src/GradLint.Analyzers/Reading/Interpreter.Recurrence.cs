using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Reading;

internal sealed partial class Interpreter
{
    /// <summary>Calls of cells with a state that forward computes, by the node of their result.</summary>
    private readonly Dictionary<int, CellCall> cellCalls = [];

    /// <summary>Tensors that stand for one step of a sequence, whichever the loop is at, with the sequence.</summary>
    private readonly Dictionary<int, int> timeSteps = [];

    /// <summary>Tensors that stand for what a recurrent loop computes in every step.</summary>
    private readonly HashSet<int> overSteps = [];

    /// <summary>One call of a cell.</summary>
    /// <param name="Layer">The cell.</param>
    /// <param name="Input">What it reads in this step.</param>
    /// <param name="States">The states that it starts from: h, and the memory of an LSTM.</param>
    /// <param name="Memory">The node of an LSTM's next memory; null for any other cell.</param>
    private sealed record CellCall(LayerValue Layer, int Input, IReadOnlyList<int> States, int? Memory);

    /// <summary>
    /// <c>for (t…) (h, c) = cell.call(x[.., t], (h, c));</c> from a constant state is the cell run over the sequence x, and so are several
    /// cells, each over what the one before computes. False, and nothing done, where a round does anything else with a state.
    /// </summary>
    private bool IsRecurrence(List<VariableCell> variables, Dictionary<int, int> entries, int start, int? steps)
    {
        var calls = cellCalls.Where(c => c.Key >= start).OrderBy(c => c.Key).Select(c => (Output: c.Key, Call: c.Value)).ToList();
        var outputs = new HashSet<int>(calls.Select(c => c.Output));
        var next = new Dictionary<int, int>();
        foreach (var (output, call) in calls)
        {
            if (call.States.Count != (call.Memory is null ? 1 : 2) || EntriesBehind(call.Input, entries, outputs).Count > 0 || StepsBehind(call.Input, start).Count == 0)
                return false;
            for (var i = 0; i < call.States.Count; i++)
            {
                if (!entries.TryGetValue(call.States[i], out var before) || next.ContainsKey(call.States[i]) || !IsConstantState(before, call.Layer))
                    return false;
                next.Add(call.States[i], i == 0 ? output : call.Memory!.Value);
            }
        }

        if (calls.Count == 0 || !next.All(IsHandedOn))
            return false;
        foreach (var (output, call) in calls)
        {
            foreach (var step in StepsBehind(call.Input, start))
                Trace.Replace(step, Trace.Nodes[step] with { Operation = new Operation.Reshape(null, null), Inputs = [timeSteps[step]] });
            Trace.Replace(output, Trace.Nodes[output] with { Operation = (Operation.Recurrent)call.Layer.Operation with { Steps = steps }, Inputs = [call.Input] });
        }

        return true;

        bool IsHandedOn(KeyValuePair<int, int> state) => variables.Exists(v =>
            v.Entries.Contains(state.Key) && TensorsOf(v.Now) is { } now && now.Count == v.Entries.Count && now[v.Entries.ToList().IndexOf(state.Key)] == state.Value);
    }

    /// <summary>One step of a sequence: opaque, unless what loops over it turns out to be recurrence.</summary>
    private TensorValue TimeStep(TensorValue sequence, string reason, SyntaxNode syntax)
    {
        var step = Trace.Opaque(reason, syntax, sequence.Node);
        timeSteps[step.Node] = sequence.Node;
        return step;
    }

    /// <summary>The steps of sequences that a value is computed from.</summary>
    private List<int> StepsBehind(int node, int start)
    {
        var found = new List<int>();
        var seen = new HashSet<int>();
        var pending = new Stack<int>();
        pending.Push(node);
        while (pending.Count > 0)
        {
            var next = pending.Pop();
            if (!seen.Add(next))
                continue;
            if (timeSteps.ContainsKey(next))
            {
                found.Add(next);
                continue;
            }

            if (next < start)
                continue;
            foreach (var input in Trace.Nodes[next].Inputs)
                pending.Push(input);
        }

        return found;
    }

    /// <summary>How often <c>for (t = 0; t &lt; 20; t++)</c> runs; null where that is not known.</summary>
    private int? KnownRounds(IForLoopOperation loop, Frame frame) =>
        loop.Condition is IBinaryOperation { OperatorKind: BinaryOperatorKind.LessThan } condition
        && loop.AtLoopBottom.Length == 1 && Counted(loop.AtLoopBottom[0]) is (var local, 1)
        && Unconverted(condition.LeftOperand) is ILocalReferenceOperation counted && SymbolEqualityComparer.Default.Equals(counted.Local, local)
        && Constants.Integer(frame.Get(local)) is { } first && Constants.Integer(Evaluate(condition.RightOperand, frame)) is { } end && end > first
            ? end - first
            : null;

    /// <summary>Whether a loop's body calls a cell.</summary>
    private bool CallsCell(IOperation body) => body.Descendants().Any(o =>
        o is IInvocationOperation { TargetMethod.Name: "call" or "forward", Instance: { } instance } && instance.Type?.Name is "RNNCell" or "LSTMCell" or "GRUCell" && symbols.IsTorchSharps(instance.Type));

    /// <summary>A list of what every step of a recurrent loop computes, put together again.</summary>
    private TensorValue? Sequence(Value list) =>
        list is ListValue { Elements: { Count: 1 } elements } && elements[0] is RepeatedValue { Round: { Count: 1 } round } && round[0].Value is TensorValue step && overSteps.Contains(step.Node)
            ? new TensorValue(step.Node)
            : null;

    /// <summary>One of what the steps of a recurrent loop computed.</summary>
    private Value OneOf(Value element, IOperation index) => element is TensorValue step && overSteps.Contains(step.Node)
        ? Trace.Add(new Operation.Reduction(ReductionKind.Select), [step.Node], null, index.Syntax)
        : element;
}
