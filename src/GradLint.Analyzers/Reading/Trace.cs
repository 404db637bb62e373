using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Reading;

/// <summary>One operation that forward performs.</summary>
/// <param name="Operation">What it computes.</param>
/// <param name="Inputs">Indices of the nodes that feed it.</param>
/// <param name="Layer">The layer that performs it; null for a function.</param>
/// <param name="Syntax">Where it is written: the layer's construction, or the function's call.</param>
internal sealed record TraceNode(Operation Operation, IReadOnlyList<int> Inputs, LayerValue? Layer, SyntaxNode Syntax);

/// <summary>What forward does, in the order in which it does it.</summary>
internal sealed class Trace
{
    private readonly List<TraceNode> nodes = [];

    public IReadOnlyList<TraceNode> Nodes => nodes;

    /// <summary>Whether what is computed now has no gradient: inside <c>no_grad</c>.</summary>
    public bool IsWithoutGradient { get; set; }

    public TensorValue Add(Operation operation, IReadOnlyList<int> inputs, LayerValue? layer, SyntaxNode syntax)
    {
        nodes.Add(new(operation, inputs, layer, syntax));
        if (IsWithoutGradient && inputs.Count > 0)
            nodes.Add(new(new Operation.Detach(), [nodes.Count - 1], null, syntax));
        return new(nodes.Count - 1);
    }

    public TensorValue Opaque(string reason, SyntaxNode syntax, params int[] inputs) =>
        Add(new Operation.Opaque(reason), inputs, null, syntax);
}
