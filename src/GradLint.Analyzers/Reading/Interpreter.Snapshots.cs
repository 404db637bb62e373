using System.Runtime.CompilerServices;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Reading;

internal sealed partial class Interpreter
{
    /// <summary>Everything that a piece of code can change, as it was before: so that it can be read again, and what it changed can be told.</summary>
    private sealed class Snapshot
    {
        private readonly List<Cell> cells = [];
        private readonly HashSet<object> seen = new(ReferenceComparer.Instance);
        private readonly Stack<object> pending = new();
        private readonly Interpreter interpreter;
        private readonly int nodes;
        private readonly int sequentials;
        private readonly bool isWithoutGradient;

        public Snapshot(Interpreter interpreter, Frame? frame, IEnumerable<Value> roots)
        {
            this.interpreter = interpreter;
            nodes = interpreter.Trace.Nodes.Count;
            sequentials = interpreter.Sequentials.Count;
            isWithoutGradient = interpreter.Trace.IsWithoutGradient;
            Add(new VariablesCell(interpreter.statics, isFrame: false));
            Push(interpreter.statics.Values);
            if (frame is not null)
                pending.Push(frame);
            foreach (var root in roots)
                pending.Push(root);
            while (pending.Count > 0)
            {
                var next = pending.Pop();
                if (seen.Add(next))
                    Visit(next);
            }

            foreach (var layer in interpreter.layers)
            {
                if (seen.Add(layer))
                    cells.Add(new LayerCell(layer));
            }
        }

        /// <summary>How much there is to remember.</summary>
        public int Size => cells.Count;

        /// <summary>What is not as it was.</summary>
        public List<Cell> Changes() => cells.FindAll(c => c.HasChanged).SelectMany(c => c is VariablesCell variables ? variables.Variables() : [c]).ToList();

        public void Restore()
        {
            foreach (var cell in cells)
                cell.Restore();
            interpreter.Trace.Truncate(nodes);
            interpreter.ForgetNodes(nodes);
            interpreter.Sequentials.RemoveRange(sequentials, interpreter.Sequentials.Count - sequentials);
            interpreter.Trace.IsWithoutGradient = isWithoutGradient;
        }

        private void Visit(object item)
        {
            switch (item)
            {
                case Frame frame:
                    Add(new VariablesCell(frame.Locals, isFrame: true));
                    Push(frame.Locals.Values);
                    if (frame.Outer is { } outer)
                        pending.Push(outer);
                    if (frame.Self is { } self)
                        pending.Push(self);
                    break;
                case ObjectValue module:
                    Add(new VariablesCell(module.Members, isFrame: false));
                    Add(new ItemsCell(module.Registered, () => module.Registered, items => Replace(module.Registered, items)));
                    Push(module.Members.Values);
                    Push(module.Parameters.Values);
                    Push(module.Registered.Select(r => r.Value));
                    break;
                case ContainerValue container:
                    Add(new ItemsCell(container.Items, () => container.Items, items => container.Items = items));
                    Push(container.Items?.Select(i => i.Value) ?? []);
                    break;
                case LayerValue layer:
                    Add(new LayerCell(layer));
                    break;
                case ListValue list:
                    Add(new ListCell(list));
                    Push(list.Elements ?? []);
                    break;
                case DictionaryValue dictionary:
                    Add(new DictionaryCell(dictionary));
                    Push(dictionary.Entries?.Select(e => e.Value) ?? []);
                    break;
                case TensorValue tensor:
                    Add(new TensorCell(tensor));
                    break;
                case RepeatedValue repeated:
                    Push(repeated.Round.Select(e => e.Value));
                    break;
                case TupleValue tuple:
                    Push(tuple.Elements);
                    break;
                case ParameterValue parameter:
                    pending.Push(parameter.Layer);
                    break;
                case FunctionValue { Frame: Frame captured }:
                    pending.Push(captured);
                    break;
            }
        }

        private void Add(Cell cell) => cells.Add(cell);

        private void Push(IEnumerable<Value> values)
        {
            foreach (var value in values)
                pending.Push(value);
        }

        private static void Replace(List<KeyValuePair<string, Value>> items, List<KeyValuePair<string, Value>>? by)
        {
            items.Clear();
            items.AddRange(by ?? []);
        }
    }

    /// <summary>One thing that code can change.</summary>
    private abstract class Cell
    {
        public abstract bool HasChanged { get; }

        public abstract void Restore();
    }

    /// <summary>The variables of a call, or the members of an object.</summary>
    private sealed class VariablesCell(Dictionary<ISymbol, Value> values, bool isFrame) : Cell
    {
        private readonly Dictionary<ISymbol, Value> before = new(values, SymbolEqualityComparer.Default);

        public override bool HasChanged => true;

        public override void Restore()
        {
            values.Clear();
            foreach (var value in before)
                values[value.Key] = value.Value;
        }

        /// <summary>Those that have another value. A variable that the code declares is none of them, a member that it sets first is.</summary>
        public IEnumerable<Cell> Variables()
        {
            foreach (var value in values.ToList())
            {
                if (before.TryGetValue(value.Key, out var old) ? !IsSame(old, value.Value) : !isFrame)
                    yield return new VariableCell(values, value.Key, old ?? Value.Unknown);
            }
        }

        private static bool IsSame(Value a, Value b) => ReferenceEquals(a, b) || (a is ConstantValue x && b is ConstantValue y && Equals(x.Constant, y.Constant));
    }

    /// <summary>A variable or member.</summary>
    private sealed class VariableCell(Dictionary<ISymbol, Value> values, ISymbol symbol, Value before) : Cell
    {
        public Value Before => before;

        /// <summary>The tensors that it holds before a round that is read, each by the entry that stands for it.</summary>
        public IReadOnlyList<int> Entries { get; set; } = [];

        /// <summary>How many tensors a round leaves in it; null where it leaves anything else.</summary>
        public int? Tensors { get; set; }

        public Value Now
        {
            get => values[symbol];
            set => values[symbol] = value;
        }

        public override bool HasChanged => true;

        public override void Restore() => values[symbol] = before;

        public bool IsSame(VariableCell other) => ReferenceEquals(values, other.Dictionary) && SymbolEqualityComparer.Default.Equals(symbol, other.Symbol);

        private Dictionary<ISymbol, Value> Dictionary => values;

        private ISymbol Symbol => symbol;
    }

    /// <summary>A tensor that is changed in place.</summary>
    private sealed class TensorCell(TensorValue tensor) : Cell
    {
        public TensorValue Tensor => tensor;

        public int Before { get; } = tensor.Node;

        public override bool HasChanged => tensor.Node != Before;

        public override void Restore() => tensor.Node = Before;
    }

    private sealed class LayerCell(LayerValue layer) : Cell
    {
        private readonly Operation operation = layer.Operation;
        private readonly SyntaxNode? initialization = layer.Initialization;
        private readonly bool isTrained = layer.IsTrained;

        public LayerValue Layer => layer;

        public override bool HasChanged => !ReferenceEquals(layer.Operation, operation);

        public override void Restore() => (layer.Operation, layer.Initialization, layer.IsTrained) = (operation, initialization, isTrained);
    }

    private sealed class ListCell(ListValue list) : Cell
    {
        private readonly List<Value>? elements = list.Elements;
        private readonly List<Value>? before = list.Elements?.ToList();

        public ListValue List => list;

        /// <summary>How many elements it had; null where that was not known.</summary>
        public int? Count => before?.Count;

        /// <summary>Whether elements were added at the end, and nothing else was done.</summary>
        public bool HasGrown => before is not null && list.Elements is { } now && now.Count > before.Count && !before.Where((e, i) => !ReferenceEquals(e, now[i])).Any();

        public override bool HasChanged => (before is null) != (list.Elements is null) || (before is not null && !before.SequenceEqual(list.Elements!));

        public override void Restore()
        {
            list.Elements = elements;
            elements?.Clear();
            elements?.AddRange(before!);
        }
    }

    /// <summary>What a container holds, or what an object has registered.</summary>
    private sealed class ItemsCell(List<KeyValuePair<string, Value>>? items, Func<List<KeyValuePair<string, Value>>?> read, Action<List<KeyValuePair<string, Value>>?> write) : Cell
    {
        private readonly List<KeyValuePair<string, Value>>? before = items?.ToList();

        public List<KeyValuePair<string, Value>>? Now
        {
            get => read();
            set => write(value);
        }

        public int? Count => before?.Count;

        public bool HasGrown => before is not null && Now is { } now && now.Count > before.Count && !before.Where((e, i) => !ReferenceEquals(e.Value, now[i].Value)).Any();

        public override bool HasChanged => (before is null) != (Now is null) || (before is not null && !before.Select(e => e.Value).SequenceEqual(Now!.Select(e => e.Value)));

        public override void Restore() => Now = before?.ToList();
    }

    private sealed class DictionaryCell(DictionaryValue dictionary) : Cell
    {
        private readonly List<KeyValuePair<ConstantValue, Value>>? before = dictionary.Entries?.ToList();

        public DictionaryValue Dictionary => dictionary;

        public override bool HasChanged => (before is null) != (dictionary.Entries is null)
            || (before is not null && !before.Select(e => e.Value).SequenceEqual(dictionary.Entries!.Select(e => e.Value)));

        public override void Restore() => dictionary.Entries = before?.ToList();
    }

    private sealed class ReferenceComparer : IEqualityComparer<object>
    {
        public static readonly ReferenceComparer Instance = new();

        bool IEqualityComparer<object>.Equals(object? x, object? y) => ReferenceEquals(x, y);

        int IEqualityComparer<object>.GetHashCode(object obj) => RuntimeHelpers.GetHashCode(obj);
    }
}
