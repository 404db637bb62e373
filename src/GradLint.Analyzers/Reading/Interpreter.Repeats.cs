using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Reading;

internal sealed partial class Interpreter
{
    // What one round changes may make the next one change more: a second time in rare code, a third in none that is known.
    private const int Readings = 4;

    // Remembering so many variables and layers takes about as long as one statement.
    private const int CellsOfAStep = 16;

    /// <summary>The loop of an unknown number of rounds that is being read.</summary>
    private object? currentRounds;

    /// <summary>
    /// Reads a loop of an unknown number of rounds: one round, from a state in which everything that a round changes is unknown, stands for
    /// all. What it adds to lists becomes a <see cref="RepeatedValue"/>; a tensor that each round computes from what the round before
    /// left in it becomes a chain of rounds; what else it changes is unknown afterwards. False, and nothing done, where the round may leave the loop, or where nothing depends on it.
    /// </summary>
    /// <param name="loop">Identifies how many rounds there are.</param>
    /// <param name="syntax">The loop.</param>
    /// <param name="frame">The variables that a round sees.</param>
    /// <param name="roots">What it can change besides.</param>
    /// <param name="round">Runs a round.</param>
    /// <param name="length">The number of rounds where it is known: then only a cell that runs over a sequence is read so.</param>
    private bool ReadRounds(object loop, SyntaxNode syntax, Frame? frame, IReadOnlyCollection<Value> roots, Func<Flow> round, int? length = null)
    {
        // Loops in loops take long, and nothing beside a network is worth it.
        if (IsRunningAside)
            return false;
        var before = new Snapshot(this, frame, roots);
        steps += before.Size / CellsOfAStep;
        var each = new HashSet<ModuleValue>(roots.OfType<RepeatedValue>().SelectMany(ModulesIn));
        var variables = new List<VariableCell>();
        var others = new HashSet<Cell>();
        for (var reading = 0; reading < Readings; reading++)
        {
            var entries = Widen(loop, variables, others, syntax);
            var scope = new TraceLoop(Trace.Loop);
            var start = Trace.Nodes.Count;
            var outer = currentRounds;
            (Trace.Loop, currentRounds) = (scope, loop);
            var flow = round();
            (Trace.Loop, currentRounds) = (scope.Outer, outer);
            if (flow is not (Flow.Normal or Flow.Continue) || IsExhausted)
                break;
            var changes = before.Changes();
            if (!changes.Exists(c => c is VariableCell v ? !variables.Exists(v.IsSame) : !others.Contains(c)))
            {
                var isRecurrence = IsRecurrence(variables, entries, start, length);
                if (length is not null && !isRecurrence)
                    break;
                Settle(loop, syntax, changes, variables, entries, scope, start, each, isRecurrence);
                return true;
            }

            foreach (var variable in changes.OfType<VariableCell>())
                variable.Tensors = TensorsOf(variable.Now)?.Count;
            before.Restore();
            foreach (var change in changes)
            {
                if (change is not VariableCell variable)
                    others.Add(change);
                else if (!variables.Exists(variable.IsSame))
                    variables.Add(variable);
            }
        }

        before.Restore();
        return false;
    }

    private static IEnumerable<ModuleValue> ModulesIn(RepeatedValue repeated) => repeated.Round.SelectMany(e => e.Value switch
    {
        RepeatedValue inner => ModulesIn(inner),
        ModuleValue module => ModuleTree.Modules(module).Select(m => m.Module),
        TupleValue tuple => tuple.Elements.OfType<ModuleValue>().SelectMany(m => ModuleTree.Modules(m).Select(i => i.Module)),
        _ => [],
    });

    /// <summary>The state in which any round may begin; tells the entries of the tensors, by the node from which they come before the loop.</summary>
    private Dictionary<int, int> Widen(object loop, List<VariableCell> variables, HashSet<Cell> others, SyntaxNode syntax)
    {
        var entries = new Dictionary<int, int>();
        foreach (var variable in variables)
        {
            var isNull = variable.Before is ConstantValue { Constant: null };
            variable.Entries = TensorsOf(variable.Before) is { } tensors ? [.. tensors.Select(Entry)]
                : isNull && variable.Tensors is { } count ? [.. Enumerable.Range(0, count).Select(_ => Entry(Trace.Opaque("no state yet", syntax).Node))]
                : [];
            variable.Now = variable.Entries.Count == 0 ? Value.Unknown
                : isNull ? new CarriedValue(variable.Entries)
                : variable.Before is TensorValue ? new TensorValue(variable.Entries[0])
                : new TupleValue([.. variable.Entries.Select(e => new TensorValue(e))]);
        }

        foreach (var cell in others)
        {
            switch (cell)
            {
                case TensorCell tensor:
                    tensor.Tensor.Node = Entry(tensor.Before);
                    break;
                case ListCell { List: { IsArray: false, Elements: { } elements } }:
                    elements.Add(Rounds.Of(loop, [Value.Unknown]));
                    break;
                case ItemsCell { Now: { } items }:
                    items.Add(new(RepeatedValue.AnyNumber, Rounds.Of(loop, [Value.Unknown])));
                    break;
                case DictionaryCell dictionary:
                    dictionary.Dictionary.Entries = null;
                    break;
                case LayerCell layer:
                    TaintLayer(layer.Layer);
                    break;
            }
        }

        return entries;

        int Entry(int node)
        {
            // Two variables that hold one tensor before the loop may hold two in it: each has an entry of its own.
            var entry = Trace.AddEntry(node, syntax);
            entries[entry] = node;
            return entry;
        }
    }

    private void Settle(object loop, SyntaxNode syntax, List<Cell> changes, List<VariableCell> variables, Dictionary<int, int> entries, TraceLoop scope, int start, HashSet<ModuleValue> each, bool isRecurrence)
    {
        var chain = !isRecurrence ? Chain(changes, variables, entries, start) : null;
        scope.Entry = chain?.Entry;
        foreach (var change in changes)
        {
            switch (change)
            {
                case VariableCell { Now: TensorValue now } variable:
                    variable.Now = new TensorValue(AfterRounds(variable, 0, 1, now.Node));
                    break;
                case VariableCell { Now: TupleValue tuple } variable:
                    variable.Now = new TupleValue([.. tuple.Elements.Select((e, i) => e is TensorValue part ? new TensorValue(AfterRounds(variable, i, tuple.Elements.Count, part.Node)) : Kept(e))]);
                    break;
                case VariableCell variable:
                    variable.Now = Blurred(variable.Now);
                    break;
                case TensorCell tensor:
                    tensor.Tensor.Node = After(tensor.Tensor.Node, tensor.Before);
                    break;
                case ListCell { HasGrown: true, Count: { } count, List.Elements: { } elements }:
                    var added = elements.Skip(count + 1).Select(e => new KeyValuePair<string, Value>(RepeatedValue.AnyNumber, Kept(e))).ToList();
                    elements.RemoveRange(count, elements.Count - count);
                    if (added.Count > 0)
                        elements.Add(new RepeatedValue(loop, added));
                    break;
                case ListCell { List: { IsArray: true, Elements: { Count: > 0 } filled } array } when filled[filled.Count - 1] is RepeatedValue last && last.Loop == loop:
                    array.Elements = [.. filled.Select(Kept)];
                    break;
                case ListCell list:
                    list.List.Elements = null;
                    break;
                case ItemsCell { HasGrown: true, Count: { } count, Now: { } items } cell:
                    var registered = items.Skip(count + 1).ToList();
                    cell.Now = registered.Count == 0 ? [.. items.Take(count)] : [.. items.Take(count), new(RepeatedValue.AnyNumber, new RepeatedValue(loop, registered))];
                    break;
                case ItemsCell items:
                    items.Now = null;
                    break;
                case DictionaryCell dictionary:
                    dictionary.Dictionary.Entries = null;
                    break;
                case LayerCell layer when !each.Contains(layer.Layer):
                    TaintLayer(layer.Layer);
                    break;
            }
        }

        // What began as the same tensor as another variable need not stay it: only its own entry means that a round leaves it as it was.
        int AfterRounds(VariableCell variable, int part, int count, int node)
        {
            var own = variables.Find(variable.IsSame)?.Entries is { } carried && carried.Count == count ? carried[part] : (int?)null;
            var before = TensorsOf(variable.Before) is { } tensors && tensors.Count == count ? tensors[part] : (int?)null;
            if (node == own || !entries.ContainsKey(node))
                return After(node, before);
            var other = variables.Find(v => v.Entries.Contains(node));
            var handed = other is not null && TensorsOf(other.Now) is { } now && now.Count == other.Entries.Count ? now[other.Entries.ToList().IndexOf(node)] : node;
            return Blur(handed, before);
        }

        int After(int node, int? before)
        {
            if (chain is { } rounds && node == rounds.Exit && before is { } entered && entered == entries[rounds.Entry])
                return node;
            if (before is { } same && (node == same || (entries.TryGetValue(node, out var entry) && entry == same)))
                return same;
            return IsOverSteps(node) ? Trace.Add(new Operation.Reduction(ReductionKind.Select), [node], null, syntax).Node : Blur(node, before);
        }

        bool IsOverSteps(int node) => isRecurrence && node >= start && EntriesBehind(node, entries).Count == 0;

        int StepNode(int node)
        {
            if (!IsOverSteps(node))
                return Blur(node, null);
            overSteps.Add(node);
            return node;
        }

        int Blur(int node, int? before)
        {
            int[] inputs = chain is { } rounds ? [rounds.Exit] : before is { } entered && entered != node ? [entered, node] : [node];
            return Trace.Opaque("a loop that runs an unknown number of times", syntax, inputs).Node;
        }

        Value Kept(Value value)
        {
            var tensors = new List<int>();
            CollectTensors(value, tensors);
            return tensors.TrueForAll(node => node < start) ? value : Blurred(value);
        }

        Value Blurred(Value value) => value switch
        {
            TensorValue tensor => new TensorValue(tensor.Node < start ? tensor.Node : StepNode(tensor.Node)),
            TupleValue tuple => new TupleValue([.. tuple.Elements.Select(Kept)]),
            ListValue { Elements: { } elements } => new ListValue([.. elements.Select(Kept)]),
            RepeatedValue repeated => Rounds.Map(repeated, Kept),
            _ => Value.Unknown,
        };
    }

    /// <summary>The one tensor that each round computes from itself, and from nothing else that a round changes; null where there is none, or several.</summary>
    private (int Entry, int Exit)? Chain(List<Cell> changes, List<VariableCell> variables, Dictionary<int, int> entries, int start)
    {
        (int Entry, int Exit)? found = null;
        foreach (var change in changes)
        {
            var exit = change switch { VariableCell { Now: TensorValue now } => now.Node, TensorCell tensor => tensor.Tensor.Node, _ => -1 };
            var before = change switch { VariableCell { Before: TensorValue old } => old.Node, TensorCell tensor => tensor.Before, _ => -1 };
            if (exit < start || before < 0 || found?.Exit == exit)
                continue;
            var entered = EntriesBehind(exit, entries);
            if (entered.Count != 1 || entries[entered[0]] != before || (change is VariableCell variable && variables.Find(variable.IsSame)?.Entries.Contains(entered[0]) == false))
                continue;
            if (found is not null)
                return null;
            found = (entered[0], exit);
        }

        return found;
    }

    /// <summary>The tensors that a value is, or that it is a tuple of; null for any other value.</summary>
    private static IReadOnlyList<int>? TensorsOf(Value value) => value switch
    {
        TensorValue tensor => [tensor.Node],
        TupleValue { Elements: { Count: > 0 } elements } when elements.All(e => e is TensorValue) => [.. elements.Select(e => ((TensorValue)e).Node)],
        _ => null,
    };

    /// <summary>What a loop carries into a round that a value is computed from.</summary>
    /// <param name="node">The value.</param>
    /// <param name="entries">What the loop carries.</param>
    /// <param name="ends">Nodes that count as computed from nothing.</param>
    private List<int> EntriesBehind(int node, Dictionary<int, int> entries, IReadOnlyCollection<int>? ends = null)
    {
        var found = new List<int>();
        var seen = new HashSet<int>();
        var pending = new Stack<int>();
        pending.Push(node);
        var first = entries.Count == 0 ? int.MaxValue : entries.Keys.Min();
        while (pending.Count > 0)
        {
            var next = pending.Pop();
            if (next < first || !seen.Add(next) || ends?.Contains(next) == true)
                continue;
            if (entries.ContainsKey(next))
            {
                found.Add(next);
                continue;
            }

            foreach (var input in Trace.Nodes[next].Inputs)
                pending.Push(input);
        }

        return found;
    }

    /// <summary>The rest of a loop whose condition is not known.</summary>
    private Flow UnknownRounds(IForLoopOperation loop, Frame frame) => ReadRounds(loop, frame, null) ? Flow.Normal : Havoc(loop, frame);

    private bool ReadRounds(IForLoopOperation loop, Frame frame, int? length)
    {
        var indices = new Dictionary<ILocalSymbol, Value>(SymbolEqualityComparer.Default);
        foreach (var bottom in loop.AtLoopBottom)
        {
            if (Counted(bottom) is { } counter)
                indices[counter.Local] = counter.Step > 0 && Constants.Integer(frame.Get(counter.Local)) is { } first ? new IndexValue(first) : counter.Step < 0 ? new IndexValue(0) : Value.Unknown;
        }

        return ReadRounds(new(), loop.Syntax, frame, [], Round, length);

        Flow Round()
        {
            foreach (var index in indices)
                frame.Set(index.Key, index.Value);
            var flow = Execute(loop.Body, frame);
            if (flow is not (Flow.Normal or Flow.Continue))
                return flow;
            foreach (var bottom in loop.AtLoopBottom)
            {
                if (Counted(bottom) is null)
                    Execute(bottom, frame);
            }

            return Flow.Normal;
        }
    }

    /// <summary>The variable that <c>i++</c> or <c>i += 2</c> counts, and by how much; null for anything else.</summary>
    private static (ILocalSymbol Local, int Step)? Counted(IOperation bottom) => bottom is not IExpressionStatementOperation { Operation: var operation } ? null : operation switch
    {
        IIncrementOrDecrementOperation { Target: ILocalReferenceOperation local } => (local.Local, operation.Kind == OperationKind.Increment ? 1 : -1),
        ICompoundAssignmentOperation { Target: ILocalReferenceOperation local, OperatorKind: BinaryOperatorKind.Add or BinaryOperatorKind.Subtract, Value.ConstantValue: { HasValue: true, Value: int and > 0 and var by } } compound =>
            (local.Local, compound.OperatorKind == BinaryOperatorKind.Add ? by : -by),
        _ => null,
    };

    /// <summary>
    /// <c>for (i = 1; i &lt; layers.Count - 1; i++)</c> over layers of which loops of an unknown number of rounds made some; null for any
    /// other loop.
    /// </summary>
    private Flow? ForOverEntries(IForLoopOperation loop, Frame frame)
    {
        if (loop.Condition is not IBinaryOperation { OperatorKind: BinaryOperatorKind.LessThan or BinaryOperatorKind.LessThanOrEqual or BinaryOperatorKind.NotEquals } condition
            || loop.AtLoopBottom.Length != 1 || Counted(loop.AtLoopBottom[0]) is not (var local, 1)
            || Unconverted(condition.LeftOperand) is not ILocalReferenceOperation counted || !SymbolEqualityComparer.Default.Equals(counted.Local, local)
            || Constants.Integer(frame.Get(local)) is not { } first
            || Evaluate(condition.RightOperand, frame) is not CountValue count
            || loop.Body.DescendantsAndSelf().Any(o => Changes(o, local)))
            return null;
        var fromEnd = count.Offset + (condition.OperatorKind == BinaryOperatorKind.LessThanOrEqual ? 1 : 0);
        if (fromEnd > 0 || Rounds.Entries(count.List) is not { } all || Rounds.Between([.. all], first, fromEnd) is not { } entries)
            return null;
        var position = first;
        foreach (var (entry, value) in entries)
        {
            var isCounted = !entries.Any(e => e.Entry < entry && e.Value is RepeatedValue);
            var flow = EntryRound(loop, value, value is RepeatedValue ? new() : null, frame, (part, _) =>
            {
                frame.Set(local, value is not RepeatedValue && isCounted ? new ConstantValue((long)position++) : new IndexValue(position) { List = count.List, Entry = entry, Part = part });
                return true;
            }, loop.Body);
            if (flow == Flow.Break)
                return Flow.Normal;
            if (flow is not (Flow.Normal or Flow.Continue))
                return flow;
        }

        return Flow.Normal;
    }

    private static IOperation Unconverted(IOperation operation) => operation is IConversionOperation conversion ? Unconverted(conversion.Operand) : operation;

    private static bool Changes(IOperation operation, ILocalSymbol local) => operation switch
    {
        IAssignmentOperation { Target: ILocalReferenceOperation target } => SymbolEqualityComparer.Default.Equals(target.Local, local),
        IIncrementOrDecrementOperation { Target: ILocalReferenceOperation target } => SymbolEqualityComparer.Default.Equals(target.Local, local),
        IArgumentOperation { Parameter.RefKind: not RefKind.None, Value: ILocalReferenceOperation target } => SymbolEqualityComparer.Default.Equals(target.Local, local),
        _ => false,
    };

    /// <summary>Runs a loop's body for an entry of a list: once, or as rounds of which the number is unknown.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="rounds">Identifies how many rounds there are; null where it is as many as made the list.</param>
    /// <param name="frame">The variables.</param>
    /// <param name="assign">Gives the loop's variable its value, for the element of that number; false where that cannot be.</param>
    /// <param name="body">What to run.</param>
    private Flow EntryRound(IOperation loop, Value entry, object? rounds, Frame frame, Func<int, Value, bool> assign, IOperation body)
    {
        if (entry is not RepeatedValue repeated)
        {
            if (!Step() || !assign(0, entry))
                return Havoc(loop, frame);
            var flow = Execute(body, frame);
            return flow == Flow.Unknown ? Havoc(loop, frame) : flow;
        }

        return ReadRounds(rounds ?? repeated.Loop, loop.Syntax, frame, [repeated], Round) ? Flow.Normal : Havoc(loop, frame);

        Flow Round()
        {
            for (var part = 0; part < repeated.Round.Count; part++)
            {
                var element = repeated.Round[part].Value;
                var flow = element is RepeatedValue ? EntryRound(loop, element, rounds, frame, assign, body) : assign(part, element) ? Execute(body, frame) : Flow.Unknown;
                if (flow is not (Flow.Normal or Flow.Continue))
                    return Flow.Unknown;
            }

            return Flow.Normal;
        }
    }

    /// <summary>Calls a repeated part of a <c>Sequential</c>.</summary>
    private Value ApplyRounds(RepeatedValue repeated, Value signal, SyntaxNode syntax)
    {
        if (signal is not TensorValue tensor)
            return signal;
        var carried = new TensorValue(tensor.Node);
        return ReadRounds(repeated.Loop, syntax, null, [carried, repeated], Round) ? carried : Trace.Opaque("a repeated part that could not be read", syntax, tensor.Node);

        Flow Round()
        {
            foreach (var element in repeated.Round)
            {
                var input = new TensorValue(carried.Node);
                if ((element.Value is RepeatedValue inner ? ApplyRounds(inner, input, syntax) : Apply(element.Value, [input], syntax)) is not TensorValue output)
                    return Flow.Unknown;
                carried.Node = output.Node;
            }

            return Flow.Normal;
        }
    }

    /// <summary>What a function makes of the elements of a list, those of a repeated part included; null where that cannot be told.</summary>
    private List<Value>? Mapped(IReadOnlyList<Value> items, Value function, IOperation call)
    {
        var mapped = new List<Value>();
        var takesTwo = function is FunctionValue { Operation: IDelegateCreationOperation { Target: IAnonymousFunctionOperation { Symbol.Parameters.Length: 2 } } };
        foreach (var item in items)
        {
            Value position = mapped.Exists(m => m is RepeatedValue) ? new IndexValue(mapped.Count - 1) : new ConstantValue((long)mapped.Count);
            if (item is not RepeatedValue repeated)
            {
                mapped.Add(Result(item, position));
                continue;
            }

            RepeatedValue? round = null;
            var start = Trace.Nodes.Count;
            if (!ReadRounds(repeated.Loop, call.Syntax, null, [repeated, function], Round))
                return null;
            mapped.Add(Rounds.Map(round!, result => result is TensorValue tensor && tensor.Node >= start ? Trace.Opaque("a loop that runs an unknown number of times", call.Syntax, tensor.Node) : result));

            Flow Round()
            {
                round = Rounds.Map(repeated, element => Result(element, new IndexValue(mapped.Count)));
                return Flow.Normal;
            }
        }

        return mapped;

        Value Result(Value item, Value position) => InvokeFunction(function, !takesTwo ? [item] : item is TupleValue { Elements: { Count: 2 } pair } && call is IInvocationOperation { TargetMethod.Name: "Zip" } ? pair : [item, position], call);
    }
}
