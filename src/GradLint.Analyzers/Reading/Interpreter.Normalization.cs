using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Reading;

// Normalization written by hand: (x − mean) / √(variance + ε), in steps.
internal sealed partial class Interpreter
{
    /// <summary>Steps on the way to a normalized tensor, by their node.</summary>
    private readonly Dictionary<int, Statistic> statistics = [];

    private enum StatisticKind
    {
        Mean,
        Centered,
        SquareOfCentered,
        Variance,
        Deviation,
        InverseDeviation,

        /// <summary>Normalized over dimension 1, which may be that of the channels or of the positions.</summary>
        Normalized,
    }

    /// <summary>What a step has computed.</summary>
    /// <param name="Kind">Which step.</param>
    /// <param name="Source">The tensor that is normalized.</param>
    /// <param name="Dimensions">Over which dimensions, separated by spaces.</param>
    private sealed record Statistic(StatisticKind Kind, int Source, string Dimensions)
    {
        /// <summary>What was added to the variance; null where it is not known.</summary>
        public double? Epsilon { get; init; } = 0;

        /// <summary>What the centered tensor was already multiplied with.</summary>
        public (Initializer Values, int? Width)? Scale { get; init; }
    }

    /// <summary>A function that may be a step of a normalization; null for any other.</summary>
    private TensorValue? StatisticOf(string name, TensorValue tensor, Arguments arguments, int first, SyntaxNode syntax)
    {
        statistics.TryGetValue(tensor.Node, out var of);
        switch (name)
        {
            case "mean" or "var" or "std" when DimensionsOf(arguments, first) is { } dimensions:
                var node = name == "mean" && !dimensions.Split(' ').Any(d => d is "0" or "1")
                    ? Trace.Add(new Operation.Reduction(ReductionKind.Mean), [tensor.Node], null, syntax)
                    : Trace.Opaque(name, syntax, tensor.Node);
                statistics[node.Node] = of is { Kind: StatisticKind.SquareOfCentered } && name == "mean" && of.Dimensions == dimensions
                    ? of with { Kind = StatisticKind.Variance }
                    : new(name switch { "mean" => StatisticKind.Mean, "var" => StatisticKind.Variance, _ => StatisticKind.Deviation }, tensor.Node, dimensions);
                return node;
            case "pow" when of is { Kind: StatisticKind.Centered } && Constants.Number(arguments[first]) == 2:
            case "square" when of is { Kind: StatisticKind.Centered }:
                return Noted(Trace.Add(new Operation.Nonlinearity(Activation.Square), [tensor.Node], null, syntax), of with { Kind = StatisticKind.SquareOfCentered });
            case "sqrt" when of is { Kind: StatisticKind.Variance }:
                return Noted(Trace.Opaque(name, syntax, tensor.Node), of with { Kind = StatisticKind.Deviation });
            case "rsqrt" when of is { Kind: StatisticKind.Variance }:
                return Noted(Trace.Opaque(name, syntax, tensor.Node), of with { Kind = StatisticKind.InverseDeviation });
            default:
                return null;
        }
    }

    private TensorValue Noted(TensorValue tensor, Statistic statistic)
    {
        statistics[tensor.Node] = statistic;
        return tensor;
    }

    /// <summary>The dimensions of <c>x.mean(new long[] { 1 }, keepdim: true)</c>, in order; null where they are not known or are not kept.</summary>
    private static string? DimensionsOf(Arguments arguments, int first)
    {
        if (arguments.Flag(false, "keepdim", "keepDimension") != true || arguments.Count <= first)
            return null;
        var given = (arguments.Find("dimensions", "dim") ?? arguments[first]) is ListValue { Elements: { } several } ? several : [arguments.Find("dimensions", "dim") ?? arguments[first]];
        var dimensions = given.Select(Constants.Integer).ToList();
        return dimensions.Count == 0 || dimensions.Contains(null) ? null : string.Join(" ", dimensions.OrderBy(d => d));
    }

    /// <summary>Arithmetic that may be a step of a normalization; null for any other.</summary>
    private TensorValue? ArithmeticOfStatistics(BinaryOperatorKind kind, TensorValue left, TensorValue right, SyntaxNode syntax)
    {
        statistics.TryGetValue(left.Node, out var a);
        statistics.TryGetValue(right.Node, out var b);
        switch (kind)
        {
            case BinaryOperatorKind.Subtract when b is { Kind: StatisticKind.Mean } && b.Source == left.Node:
                var negative = Trace.Add(new Operation.Scale(-1), [right.Node], null, syntax);
                return Noted(Trace.Add(new Operation.Add(), [left.Node, negative.Node], null, syntax), b with { Kind = StatisticKind.Centered });
            case BinaryOperatorKind.Multiply when left.Node == right.Node && a is { Kind: StatisticKind.Centered }:
                return Noted(Trace.Add(new Operation.Product(), [left.Node, right.Node], null, syntax), a with { Kind = StatisticKind.SquareOfCentered });
            case BinaryOperatorKind.Divide when IsNormalization(a, b, StatisticKind.Deviation):
                return NormalizedBy(a!, b!, syntax);
            case BinaryOperatorKind.Multiply when IsNormalization(a, b, StatisticKind.InverseDeviation):
                return NormalizedBy(a!, b!, syntax);
            case BinaryOperatorKind.Multiply when IsNormalization(b, a, StatisticKind.InverseDeviation):
                return NormalizedBy(b!, a!, syntax);
            default:
                return null;
        }
    }

    private static bool IsNormalization(Statistic? centered, Statistic? deviation, StatisticKind kind) =>
        centered is { Kind: StatisticKind.Centered } && deviation is not null && deviation.Kind == kind && centered.Source == deviation.Source && centered.Dimensions == deviation.Dimensions;

    /// <summary>The number that keeps a variance from 0: beneath the root as every layer has it, or added to the deviation, where its square is about that.</summary>
    private TensorValue WithEpsilon(TensorValue before, TensorValue after, double? number)
    {
        if (!statistics.TryGetValue(before.Node, out var of))
            return after;
        return of.Kind switch
        {
            StatisticKind.Variance => Noted(after, of with { Epsilon = of.Epsilon + number }),
            StatisticKind.Deviation => Noted(after, of with { Epsilon = of.Epsilon + (number * number) }),
            _ => after,
        };
    }

    private TensorValue NormalizedBy(Statistic centered, Statistic deviation, SyntaxNode syntax)
    {
        NormalizationKind? kind = deviation.Dimensions switch
        {
            "-1" => NormalizationKind.Layer,
            "2 3" => NormalizationKind.Instance,
            "0 2 3" => NormalizationKind.Batch,
            "1 2 3" => NormalizationKind.Group,
            _ => null,
        };
        if (kind is { } known)
            return Trace.Add(new Operation.Normalization(known, centered.Scale?.Width, known == NormalizationKind.Group ? 1 : null, centered.Scale?.Values, null, deviation.Epsilon), [deviation.Source], null, syntax);
        var normalized = Trace.Opaque("a normalization by hand", syntax, deviation.Source);
        return deviation.Dimensions == "1" && centered.Scale is null ? Noted(normalized, deviation with { Kind = StatisticKind.Normalized }) : normalized;
    }

    /// <summary>
    /// The scale of a normalization by hand. Where dimension 1 was normalized, a scale of the shape (channels, 1, 1) says that it is that of the
    /// channels. Null for any other product.
    /// </summary>
    private TensorValue? AffineNormalization(TensorValue x, Value scale, FixedTensor tensor, Initializer values)
    {
        if (tensor is not { VariesByPosition: false, Shape: not null })
            return null;
        var node = Trace.Nodes[x.Node];
        if (statistics.TryGetValue(x.Node, out var centered) && centered is { Kind: StatisticKind.Centered, Scale: null })
            return Noted(Multiplied(x, tensor, values, node.Syntax), centered with { Scale = (values, tensor.Shape.Count == 1 ? tensor.Shape[0] : null) });
        if (node is { Operation: Operation.Normalization { Weight: null, Bias: null } norm, Layer: null })
            return Trace.Add(norm with { Weight = values, Width = norm.Kind == NormalizationKind.Layer && tensor.Shape.Count == 1 ? tensor.Shape[0] : norm.Width }, node.Inputs, null, node.Syntax);
        if (!statistics.TryGetValue(x.Node, out var of) || of.Kind != StatisticKind.Normalized || !IsChannelsFirst(scale, tensor))
            return null;
        return Trace.Add(new Operation.Normalization(NormalizationKind.Layer, tensor.Shape.FirstOrDefault(s => s != 1), null, values, null, of.Epsilon), [of.Source], null, node.Syntax);
    }

    /// <summary>Whether a tensor is arranged as (channels, 1, 1).</summary>
    private bool IsChannelsFirst(Value scale, FixedTensor tensor)
    {
        var arranged = scale is TensorValue { Node: var node } && shapes.TryGetValue(node, out var sizes) ? sizes.Select(Constants.Integer).ToList() : tensor.IsWhole ? [.. tensor.Shape!] : [];
        var count = arranged.Count;
        return count is 3 or 4 && arranged[count - 1] == 1 && arranged[count - 2] == 1 && arranged[count - 3] != 1;
    }
}
