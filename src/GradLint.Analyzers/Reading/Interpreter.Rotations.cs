using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Reading;

// Rotary position embeddings: pairs of features are turned by an angle of their position (Su et al. 2021, arXiv:2104.09864).
internal sealed partial class Interpreter
{
    /// <summary>What no sample changes and multiplies a tensor, by the node of the product.</summary>
    private readonly Dictionary<int, int> factors = [];

    /// <summary>x · cos θ + rotate_half(x) · sin θ, which keeps the size of x and of its gradient; null for any other sum.</summary>
    private TensorValue? Rotated(TensorValue a, TensorValue b, SyntaxNode syntax)
    {
        if (TimesAngle(a.Node) is not { } one || TimesAngle(b.Node) is not { } other || one.Angle != other.Angle || one.IsSine == other.IsSine)
            return null;
        var (x, turned) = one.IsSine ? (other.Of, one.Of) : (one.Of, other.Of);
        if (!IsHalfTurned(turned, x))
            return null;
        var rotated = Trace.Add(new Operation.Reshape(null, null), [x], null, syntax);
        if (shapes.TryGetValue(x, out var sizes))
            shapes[rotated.Node] = sizes;
        return rotated;
    }

    /// <summary>What a product multiplies with cos θ or sin θ, where θ is the same for all samples; null for any other node.</summary>
    private (int Of, int Angle, bool IsSine)? TimesAngle(int node)
    {
        var inputs = Trace.Nodes[node].Inputs;
        var (of, by) = factors.TryGetValue(node, out var factor) ? (inputs[0], factor)
            : Trace.Nodes[node].Operation is not Operation.Product ? (-1, -1)
            : Angle(inputs[1]) is not null ? (inputs[0], inputs[1]) : (inputs[1], inputs[0]);
        return by >= 0 && Angle(by) is { } angle && !DependsOnInput(angle.Node) ? (of, angle.Node, angle.IsSine) : null;
    }

    /// <summary>θ of cos θ or sin θ, however that is arranged.</summary>
    private (int Node, bool IsSine)? Angle(int node)
    {
        for (var at = node; Trace.Nodes[at].Inputs.Count == 1; at = Trace.Nodes[at].Inputs[0])
        {
            switch (Trace.Nodes[at].Operation)
            {
                case Operation.Nonlinearity { Function.Kind: (ActivationKind.Sin or ActivationKind.Cos) and var kind }:
                    return (Trace.Nodes[at].Inputs[0], kind == ActivationKind.Sin);
                case Operation.Reshape or Operation.Detach:
                    break;
                default:
                    return null;
            }
        }

        return null;
    }

    /// <summary>Whether a node is <c>cat([-x2, x1])</c> of the two halves of x.</summary>
    private bool IsHalfTurned(int node, int x) => Trace.Nodes[node] is { Operation: Operation.Concatenate { IsAlongPositions: false }, Inputs: { Count: 2 } halves }
        && Trace.Nodes[halves[0]] is { Operation: Operation.Scale { Factor: -1 }, Inputs: var negative } && IsPartOf(negative[0], x) && IsPartOf(halves[1], x) && negative[0] != halves[1];

    private bool IsPartOf(int part, int x) => Trace.Nodes[part] is { Operation: Operation.Reshape, Inputs: var inputs } && inputs[0] == x;
}
