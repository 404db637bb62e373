using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Reading;

/// <summary>One operation that forward performs.</summary>
/// <param name="Operation">What it computes.</param>
/// <param name="Inputs">Indices of the nodes that feed it.</param>
/// <param name="Layer">The layer that performs it; null for a function.</param>
/// <param name="Syntax">Where it is written: the layer's construction, or the function's call.</param>
/// <param name="Loop">The innermost loop with an unknown number of rounds around it.</param>
internal sealed record TraceNode(Operation Operation, IReadOnlyList<int> Inputs, LayerValue? Layer, SyntaxNode Syntax, TraceLoop? Loop)
{
    /// <summary>Stands for a value that a loop carries from round to round: the node before the loop that the first round begins with.</summary>
    public bool IsEntry { get; init; }
}

/// <summary>A loop that forward runs an unknown number of times, and that was read once.</summary>
internal sealed class TraceLoop(TraceLoop? outer)
{
    public TraceLoop? Outer { get; } = outer;

    /// <summary>The entry whose value each round hands on to the next; null while, or where, the loop is no chain of rounds.</summary>
    public int? Entry { get; set; }
}

/// <summary>What forward does, in the order in which it does it.</summary>
internal sealed class Trace
{
    private readonly List<TraceNode> nodes = [];

    public IReadOnlyList<TraceNode> Nodes => nodes;

    /// <summary>The loop that is being read.</summary>
    public TraceLoop? Loop { get; set; }

    /// <summary>Whether what is computed now has no gradient: inside <c>no_grad</c>.</summary>
    public bool IsWithoutGradient { get; set; }

    public TensorValue Add(Operation operation, IReadOnlyList<int> inputs, LayerValue? layer, SyntaxNode syntax)
    {
        nodes.Add(new(operation, inputs, layer, syntax, Loop));
        if (IsWithoutGradient && inputs.Count > 0)
            nodes.Add(new(new Operation.Detach(), [nodes.Count - 1], null, syntax, Loop));
        return new(nodes.Count - 1);
    }

    /// <summary>A node that stands for what the coming loop changes.</summary>
    public int AddEntry(int node, SyntaxNode syntax)
    {
        nodes.Add(new(new Operation.Nonlinearity(Activation.Identity), [node], null, syntax, Loop) { IsEntry = true });
        return nodes.Count - 1;
    }

    /// <summary>Another node in the place of one that turned out to be part of something greater.</summary>
    public void Replace(int index, TraceNode node) => nodes[index] = node;

    /// <summary>Forgets the last nodes: a loop is read again from its beginning.</summary>
    public void Truncate(int count) => nodes.RemoveRange(count, nodes.Count - count);

    public TensorValue Opaque(string reason, SyntaxNode syntax, params int[] inputs) =>
        Add(new Operation.Opaque(reason), inputs, null, syntax);
}
