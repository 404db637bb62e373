using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Reading;

/// <summary>Writes what forward did, as far as its result depends on it, as a <see cref="SignalPropagation.Network"/>.</summary>
internal sealed class TraceWriter
{
    private readonly IReadOnlyList<TraceNode> nodes;
    private readonly bool[] reached;
    private readonly NodeId[] ids;
    private readonly NetworkBuilder builder;
    private readonly List<SyntaxNode> syntax = [];
    private readonly List<SyntaxNode?> initializations = [];
    private readonly Stack<(TraceLoop Loop, NetworkBuilder.RepeatScope Scope)> open = new();
    private readonly Dictionary<TraceLoop, bool> readsOthers = [];

    /// <param name="trace">What forward did.</param>
    /// <param name="output">The node that it returns.</param>
    /// <param name="name">The network's name.</param>
    public TraceWriter(Trace trace, int output, string name)
    {
        nodes = trace.Nodes;
        reached = new bool[nodes.Count];
        ids = new NodeId[nodes.Count];
        builder = new NetworkBuilder(name);
        Reach(output);
        FindOtherInputs();
        for (var i = 0; i < nodes.Count; i++)
        {
            if (reached[i])
                Write(i);
        }

        Enter([]);
        Network = builder.Build(ids[output]);
    }

    public Network Network { get; }

    /// <summary>Where each node of the network is written.</summary>
    public IReadOnlyList<SyntaxNode> Syntax => syntax;

    /// <summary>The call that wrote the weight of each node last.</summary>
    public IReadOnlyList<SyntaxNode?> Initializations => initializations;

    private void Reach(int output)
    {
        var pending = new Stack<int>();
        pending.Push(output);
        while (pending.Count > 0)
        {
            var index = pending.Pop();
            if (reached[index])
                continue;
            reached[index] = true;
            foreach (var from in nodes[index].Inputs)
                pending.Push(from);
        }
    }

    /// <summary>Which loops read, besides what they carry, other values from outside; and which of them even the value that they begin with.</summary>
    private void FindOtherInputs()
    {
        for (var i = 0; i < nodes.Count; i++)
        {
            if (!reached[i])
                continue;
            foreach (var loop in Loops(nodes[i].Loop))
            {
                var entry = loop.Entry!.Value;
                foreach (var from in nodes[i].Inputs)
                {
                    if (from != entry && !Loops(nodes[from].Loop).Contains(loop))
                        readsOthers[loop] = (readsOthers.TryGetValue(loop, out var first) && first) || Source(from) == Source(nodes[entry].Inputs[0]);
                }
            }
        }
    }

    private void Write(int index)
    {
        var node = nodes[index];
        if (node.IsEntry && !IsNeeded(index))
        {
            ids[index] = ids[node.Inputs[0]];
            return;
        }

        Enter(Loops(node.Loop));
        ids[index] = builder.Add(node.Operation, [.. node.Inputs.Select(from => ids[from])], node.Operation.IsWeightLayer ? node.Layer?.OwnerPath ?? node.Layer?.Path : node.Layer?.Path, null, Locate(node.Syntax));
        syntax.Add(node.Syntax);
        initializations.Add(IsTransposed(node) ? null : node.Layer?.Initialization);
    }

    /// <summary>Whether the fans of a learned matrix are not those of the layer that it makes: another call in the place of its own would mean others.</summary>
    private static bool IsTransposed(TraceNode node) => node is { Operation: Operation.Linear linear, Layer.Operation: Operation.LearnedTensor { Shape: { Count: 2 } shape } }
        && (shape[0] is null || shape[0] != linear.OutFeatures || shape[1] != linear.InFeatures);

    /// <summary>Whether a loop reads the value that it begins with in every round as well: then the two need names of their own.</summary>
    private bool IsNeeded(int entry)
    {
        foreach (var other in readsOthers)
        {
            if (other.Key.Entry == entry)
                return other.Value;
        }

        return false;
    }

    private int Source(int node) => nodes[node].IsEntry ? Source(nodes[node].Inputs[0]) : node;

    /// <summary>The loops around a node that are chains of rounds, the outermost first.</summary>
    private static List<TraceLoop> Loops(TraceLoop? innermost)
    {
        var loops = new List<TraceLoop>();
        for (var loop = innermost; loop is not null; loop = loop.Outer)
        {
            if (loop.Entry is not null)
                loops.Insert(0, loop);
        }

        return loops;
    }

    private void Enter(List<TraceLoop> loops)
    {
        while (open.Count > 0 && (open.Count > loops.Count || open.Peek().Loop != loops[open.Count - 1]))
            open.Pop().Scope.Dispose();
        foreach (var loop in loops.Skip(open.Count))
            open.Push((loop, builder.Repeat(null, readsOthers.ContainsKey(loop) ? ids[loop.Entry!.Value] : null)));
    }

    private static SourceLocation Locate(SyntaxNode syntax)
    {
        var line = syntax.GetLocation().GetLineSpan();
        return new(line.Path, line.StartLinePosition.Line + 1, line.StartLinePosition.Character + 1, syntax.SpanStart, syntax.Span.Length);
    }
}
