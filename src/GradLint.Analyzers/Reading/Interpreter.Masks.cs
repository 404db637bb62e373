using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Reading;

// Dropout written by hand: a mask that forward draws, and multiplies with.
internal sealed partial class Interpreter
{
    /// <summary>Masks that forward draws, and what becomes one, by their node.</summary>
    private readonly Dictionary<int, RandomMask> masks = [];

    /// <summary>Masks that were multiplied with, by the node that does it: what a second product has is not independent of the first.</summary>
    private readonly Dictionary<int, int> usedMasks = [];

    private enum MaskStage
    {
        /// <summary>A shape, and nothing in it that counts.</summary>
        Shape,

        /// <summary>Uniform between <see cref="RandomMask.Number"/> and one more.</summary>
        Noise,

        /// <summary><see cref="RandomMask.Number"/> where something is kept, else 0.</summary>
        Mask,
    }

    /// <summary>A mask on its way: nothing drawn yet, uniform noise, or zeros and ones.</summary>
    /// <param name="Stage">How far it is.</param>
    /// <param name="Kind">What one draw covers: an element, or all of a sample.</param>
    /// <param name="Drawn">The node that began it.</param>
    private sealed record RandomMask(MaskStage Stage, DropoutKind Kind, int Drawn)
    {
        public double Number { get; init; }

        /// <summary>The probability to be kept.</summary>
        public double Keep { get; init; }
    }

    /// <summary>Notes that a factory made a tensor with a draw for every element or sample of what enters forward.</summary>
    private TensorValue BeginMask(string name, IInvocationOperation invocation, Value? like, Arguments arguments, TensorValue fresh)
    {
        if (firstOfForward is not { } first || fresh.Node < first)
            return fresh;
        MaskStage? stage = name switch
        {
            "rand" or "rand_like" => MaskStage.Noise,
            "empty" or "zeros" or "ones" or "full" or "empty_like" or "zeros_like" or "ones_like" or "new_empty" or "new_zeros" or "new_ones" => MaskStage.Shape,
            _ => null,
        };
        var kind = name.EndsWith("_like", StringComparison.Ordinal) ? IsOfSamples(like) ? DropoutKind.Element : (DropoutKind?)null : MaskKind(invocation, arguments);
        if (stage is { } known && kind is { } covered)
            masks[fresh.Node] = new(known, covered, fresh.Node);
        return fresh;
    }

    private bool IsOfSamples(Value? value) => value is TensorValue tensor && Fixed(value) is null && DependsOnInput(tensor.Node);

    /// <summary>
    /// <c>rand(x.shape)</c> draws for every element, <c>rand(new long[] { x.shape[0], 1, 1 })</c> for every sample (Huang et al. 2016, arXiv:1603.09382);
    /// null for any other shape, among them those that all samples share.
    /// </summary>
    private static DropoutKind? MaskKind(IInvocationOperation invocation, Arguments arguments)
    {
        var given = arguments.Find("size") is ListValue { Elements: { } listed } ? listed
            : arguments.Find("dim0") is not null ? [.. new[] { "dim0", "dim1", "dim2", "dim3" }.Select(d => arguments.Find(d)).TakeWhile(d => d is not null).Select(d => d!)]
            : arguments.Find("rows") is { } rows && arguments.Find("columns") is { } columns ? [rows, columns]
            : new List<Value>();
        if (given.Count >= 2)
            return given[0] is not (ConstantValue or RepeatedValue or IndexValue) && given.Skip(1).All(IsOneOrOnes) ? DropoutKind.Channel : null;
        return invocation.Arguments.FirstOrDefault(a => a.Parameter?.Name == "size") is { } size && Unconverted(size.Value) is IPropertyReferenceOperation { Property.Name: "shape" } ? DropoutKind.Element : null;
    }

    private static bool IsOneOrOnes(Value size) => size is RepeatedValue repeated ? repeated.Round.All(r => Constants.Integer(r.Value) == 1) : Constants.Integer(size) == 1;

    /// <summary>What a function makes of a mask, or of what becomes one; null for anything else.</summary>
    private TensorValue? MaskFunction(string name, Value input, Arguments arguments, int first, SyntaxNode syntax)
    {
        if (input is not TensorValue tensor || !masks.TryGetValue(tensor.Node, out var mask))
            return null;
        switch (name, mask.Stage)
        {
            case ("bernoulli_", _) when arguments.NumberOr(0.5, "p") is > 0 and <= 1 and var keep:
                return Drawn(name, tensor, mask with { Stage = MaskStage.Mask, Keep = keep, Number = 1 }, syntax);
            case ("bernoulli", MaskStage.Shape) when Described(tensor.Node)?.Values is { IsConstant: true, Mean: > 0 and <= 1 and var share }:
                return Drawn(name, tensor, mask with { Stage = MaskStage.Mask, Keep = share, Number = 1 }, syntax);
            case ("floor" or "floor_", MaskStage.Noise) when mask.Number is > 0 and <= 1:
                return Drawn(name, tensor, mask with { Stage = MaskStage.Mask, Keep = mask.Number, Number = 1 }, syntax);
            case ("lt" or "le", MaskStage.Noise):
                return Compared(BinaryOperatorKind.LessThan, tensor, arguments[first], syntax);
            case ("gt" or "ge", MaskStage.Noise):
                return Compared(BinaryOperatorKind.GreaterThan, tensor, arguments[first], syntax);
            case ("float" or "double" or "half" or "bfloat16", _):
                return tensor;
            default:
                return null;
        }
    }

    private TensorValue Drawn(string name, TensorValue from, RandomMask mask, SyntaxNode syntax)
    {
        var drawn = Trace.Opaque(name, syntax, from.Node);
        masks[drawn.Node] = mask;
        return drawn;
    }

    /// <summary>Uniform noise below or above a number: a mask; null where it is neither.</summary>
    private TensorValue? Compared(BinaryOperatorKind kind, TensorValue tensor, Value number, SyntaxNode syntax)
    {
        if (!masks.TryGetValue(tensor.Node, out var noise) || noise.Stage != MaskStage.Noise || Constants.Number(number) - noise.Number is not { } below)
            return null;
        double? keep = kind switch
        {
            BinaryOperatorKind.LessThan or BinaryOperatorKind.LessThanOrEqual => below,
            BinaryOperatorKind.GreaterThan or BinaryOperatorKind.GreaterThanOrEqual => 1 - below,
            _ => null,
        };
        return keep is > 0 and <= 1 ? Drawn("a mask", tensor, noise with { Stage = MaskStage.Mask, Keep = keep.Value, Number = 1 }, syntax) : null;
    }

    /// <summary>Arithmetic with a mask: noise and a number, a mask and its scale, or dropout; null for any other.</summary>
    private TensorValue? MaskArithmetic(BinaryOperatorKind kind, Value left, Value right, SyntaxNode syntax)
    {
        if (masks.Count == 0)
            return null;
        var a = left is TensorValue l && masks.TryGetValue(l.Node, out var la) ? la : null;
        var b = right is TensorValue r && masks.TryGetValue(r.Node, out var ra) ? ra : null;
        if (a is null && b is null)
            return Unscaled(kind, left, right);
        if (a is not null && b is not null)
            return null;
        var (mask, tensor, other) = a is not null ? (a, (TensorValue)left, right) : (b!, (TensorValue)right, left);
        if (Constants.Number(other) is { } number)
        {
            return (kind, mask.Stage) switch
            {
                (BinaryOperatorKind.Add, MaskStage.Noise) => Drawn("noise", tensor, mask with { Number = mask.Number + number }, syntax),
                (BinaryOperatorKind.Multiply, MaskStage.Mask) => Drawn("a mask", tensor, mask with { Number = mask.Number * number }, syntax),
                (BinaryOperatorKind.Divide, MaskStage.Mask) when a is not null && number != 0 => Drawn("a mask", tensor, mask with { Number = mask.Number / number }, syntax),
                _ when mask.Stage == MaskStage.Noise => Compared(a is not null ? kind : Turned(kind), tensor, other, syntax),
                _ => null,
            };
        }

        return kind == BinaryOperatorKind.Multiply && mask.Stage == MaskStage.Mask && other is TensorValue x ? Masked(x, tensor, mask, syntax) : null;
    }

    /// <summary><c>x * mask / keep</c>: the scale that dropout already has; null for any other number.</summary>
    private TensorValue? Unscaled(BinaryOperatorKind kind, Value left, Value right)
    {
        var (tensor, number) = (left as TensorValue ?? (kind == BinaryOperatorKind.Multiply ? right as TensorValue : null), left is TensorValue ? right : left);
        if (tensor is null || Trace.Nodes[tensor.Node] is not { Operation: Operation.Scale { Factor: { } factor }, Inputs: var inputs } || !usedMasks.ContainsKey(inputs[0]))
            return null;
        var ratio = kind switch { BinaryOperatorKind.Multiply => factor * Constants.Number(number), BinaryOperatorKind.Divide => factor / Constants.Number(number), _ => null };
        return ratio is { } known && Math.Abs(known - 1) < 1e-6 ? new TensorValue(inputs[0]) : null;
    }

    /// <summary>x · mask: dropout, and the factor that it does not have already; null where the mask is not fresh, or x is no signal.</summary>
    private TensorValue? Masked(TensorValue x, TensorValue by, RandomMask mask, SyntaxNode syntax)
    {
        if (usedMasks.ContainsValue(mask.Drawn) || scores.ContainsKey(x.Node) || !IsOfSamples(x) || Trace.Nodes[by.Node].Loop != Trace.Loop || Trace.Nodes[mask.Drawn].Loop != Trace.Loop)
            return null;

        // x / keep · mask is what x · (mask / keep) is.
        var factor = mask.Number * mask.Keep;
        var from = x.Node;
        if (Trace.Nodes[from] is { Operation: Operation.Scale { Factor: { } given }, Layer: null } scaled && Math.Abs(given * factor - 1) < 1e-6)
            (from, factor) = (scaled.Inputs[0], 1);
        var dropped = Trace.Add(new Operation.Dropout(Math.Round(1 - mask.Keep, 12), mask.Kind), [from], null, syntax);
        usedMasks[dropped.Node] = mask.Drawn;
        return Math.Abs(factor - 1) < 1e-6 ? dropped : Trace.Add(new Operation.Scale(factor), [dropped.Node], null, syntax);
    }
}
