using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Reading;

internal sealed partial class Interpreter
{
    /// <summary>Sizes of tensors that <c>view</c>, <c>reshape</c> and <c>permute</c> arrange, by their node.</summary>
    private readonly Dictionary<int, IReadOnlyList<Value>> shapes = [];

    /// <summary>Tensors whose last two dimensions were swapped, with what they were before.</summary>
    private readonly Dictionary<int, int> transposed = [];

    /// <summary>Tensors that arrange another one with another dimension in front: their elements are parts of it, not samples.</summary>
    private readonly HashSet<int> leadByParts = [];

    /// <summary>Steps on the way to softmax(q·kᵀ/√d), by their node.</summary>
    private readonly Dictionary<int, Scores> scores = [];

    /// <summary>What attention written by hand has computed so far.</summary>
    /// <param name="Query">Node of q.</param>
    /// <param name="Key">Node of k.</param>
    private sealed record Scores(int Query, int Key)
    {
        /// <summary>What q·kᵀ was multiplied with; null where that is not known.</summary>
        public double? Factor { get; init; } = 1;

        /// <summary>Whether one factor was 1/√ of a size that is not known.</summary>
        public bool IsRooted { get; init; }

        public bool IsMasked { get; init; }

        /// <summary>Whether the softmax is taken.</summary>
        public bool AreWeights { get; init; }

        public double? Dropout { get; init; } = 0;
    }

    /// <summary>Nodes from a number on are taken back, and will be others.</summary>
    private void ForgetNodes(int from)
    {
        Forget(sequences);
        Forget(shapes);
        Forget(transposed);
        Forget(scores);
        Forget(cellCalls);
        Forget(timeSteps);
        Forget(made);
        Forget(independent);
        Forget(taken);
        Forget(statistics);
        Forget(finalStates);
        Forget(masks);
        Forget(usedMasks);
        Forget(factors);
        leadByParts.RemoveWhere(node => node >= from);
        rooted.RemoveWhere(node => node >= from);
        overSteps.RemoveWhere(node => node >= from);

        void Forget<T>(Dictionary<int, T> facts)
        {
            foreach (var node in facts.Keys.Where(n => n >= from).ToList())
                facts.Remove(node);
        }
    }

    /// <summary>A matrix product: attention's scores, its result, or something else, which is opaque.</summary>
    private TensorValue MatrixProduct(TensorValue left, TensorValue right, string name, SyntaxNode syntax, bool isTransposed = false)
    {
        if (scores.TryGetValue(left.Node, out var weights) && weights.AreWeights && !transposed.ContainsKey(right.Node) && IsScaled(weights))
        {
            var heads = Heads(weights.Query);
            return Trace.Add(new Operation.ScaledDotProduct(heads) { DroppedShare = weights.Dropout, IsMasked = weights.IsMasked }, [weights.Query, weights.Key, right.Node], null, syntax);
        }

        var product = Trace.Opaque(name, syntax, left.Node, right.Node);
        int? key = isTransposed ? right.Node : transposed.TryGetValue(right.Node, out var before) ? before : null;
        if (key is { } k)
        {
            // q is often scaled before the product.
            var (query, factor, isRooted) = Unscaled(left.Node);
            scores[product.Node] = new Scores(query, k) { Factor = factor, IsRooted = isRooted };
        }

        return product;
    }

    /// <summary>Two letters for the last dimensions: <c>einsum("bhid,bhjd->bhij", q, k)</c> is q·kᵀ, and <c>"bhij,bhjd->bhid"</c> weighs v.</summary>
    private Value Einsum(IInvocationOperation invocation, Arguments arguments)
    {
        var tensors = arguments[1] is ListValue { Elements: { } elements } ? elements : [.. arguments.All.Skip(1)];
        if (arguments[0] is not ConstantValue { Constant: string equation } || tensors.Count != 2)
            return UnknownResult(invocation, arguments.All, taint: false);
        var terms = equation.Replace(" ", "").Replace("...", "").Split(',', '-');
        var result = terms.Length == 3 ? terms[2].TrimStart('>') : "";
        if (terms.Length == 3 && (EinsumBy(terms[0], terms[1], result, tensors[0], tensors[1], invocation.Syntax) ?? EinsumBy(terms[1], terms[0], result, tensors[1], tensors[0], invocation.Syntax)) is { } linear)
            return linear;
        if (AsTensor(tensors[0], invocation.Syntax) is not TensorValue left || AsTensor(tensors[1], invocation.Syntax) is not TensorValue right)
            return UnknownResult(invocation, arguments.All, taint: false);
        if (terms.Length == 3 && terms[0].Length is >= 2 and <= 4 && terms[1].Length == terms[0].Length && result.Length == terms[0].Length)
        {
            var (a, b) = (terms[0], terms[1]);
            var last = a.Length - 1;

            // The features of both are summed over, and what is left of each are its positions: q·kᵀ whatever the order of the others.
            if (a[last] == b[last] && !result.Contains(a[last]) && result[last] != result[last - 1] && a.Contains(result[last - 1]) && !b.Contains(result[last - 1]) && b.Contains(result[last]) && !a.Contains(result[last]))
                return MatrixProduct(left, right, "einsum", invocation.Syntax, isTransposed: true);
            var summed = a[last];
            if (b.Contains(summed) && !result.Contains(summed) && b[last] != summed && result[last] == b[last] && !a.Contains(b[last]))
                return MatrixProduct(left, right, "einsum", invocation.Syntax);
        }

        return UnknownResult(invocation, arguments.All, taint: false);
    }

    /// <summary>
    /// Whether a tensor that is added to scores hides positions: an argument of forward, what is made without any, and what either becomes by numbers
    /// alone, as <c>(1 - mask) * -10000</c>.
    /// </summary>
    private bool IsMask(TensorValue scored, TensorValue tensor)
    {
        var at = tensor.Node;
        while (Trace.Nodes[at] is { Operation: Operation.Scale or Operation.Shift or Operation.Reshape or Operation.Opaque { Reason: "triu" or "tril" or "expand" }, Inputs: { Count: 1 } inputs })
            at = inputs[0];
        var isItself = at == tensor.Node;
        return Trace.Nodes[at] switch
        {
            { Operation: Operation.Input } => isItself || !DependsOn(scores[scored.Node].Query, at),
            { Operation: Operation.Opaque, Inputs.Count: 0 } => isItself || (made.TryGetValue(at, out var values) && values.Values.IsConstant),
            _ => false,
        };
    }

    private bool DependsOn(int node, int other) => Before(node).Contains(other);

    /// <summary><c>where(mask, scores, full([], float.MinValue))</c>; null for any other choice.</summary>
    private TensorValue? MaskedBy(Value scored, Value otherwise, SyntaxNode syntax) =>
        scored is TensorValue tensor && scores.TryGetValue(tensor.Node, out var known) && !known.AreWeights
        && otherwise is TensorValue hidden && Described(hidden.Node) is { Learned: null, Values: { IsConstant: true, Mean: <= -1000 } }
            ? Follow(tensor, Trace.Opaque("where", syntax, tensor.Node), s => s with { IsMasked = true })
            : null;

    /// <summary>What attention's scores become; the result is the node that computes it.</summary>
    private TensorValue Follow(TensorValue before, TensorValue after, Func<Scores, Scores> change)
    {
        if (scores.TryGetValue(before.Node, out var known))
            scores[after.Node] = change(known);
        return after;
    }

    private TensorValue Dropped(TensorValue tensor, Operation.Dropout dropout, LayerValue? layer, SyntaxNode syntax) =>
        Follow(tensor, Trace.Add(dropout, [tensor.Node], layer, syntax), s => s with { Dropout = s is { AreWeights: true, Dropout: 0 } ? dropout.Probability : null });

    /// <summary>Multiplication with a number, which may be unknown.</summary>
    private TensorValue Scaled(TensorValue tensor, double? factor, bool isRooted, SyntaxNode syntax)
    {
        var scaled = Trace.Add(new Operation.Scale(factor), [tensor.Node], null, syntax);
        if (factor is null && isRooted)
            rooted.Add(scaled.Node);
        return Follow(tensor, scaled, s => s.AreWeights ? s with { Factor = null, IsRooted = false } : Times(s, factor, isRooted));
    }

    /// <summary>Products with 1/√ of an unknown size.</summary>
    private readonly HashSet<int> rooted = [];

    private static Scores Times(Scores scores, double? factor, bool isRooted) => isRooted && factor is null
        ? scores with { IsRooted = !scores.IsRooted && scores.Factor == 1, Factor = scores is { IsRooted: false, Factor: 1 } ? 1 : null }
        : scores with { Factor = scores.Factor * factor };

    private (int Node, double? Factor, bool IsRooted) Unscaled(int node) => Trace.Nodes[node] switch
    {
        { Operation: Operation.Scale { Factor: null }, Inputs: var inputs } when rooted.Contains(node) => (inputs[0], 1, true),
        { Operation: Operation.Scale { Factor: { } factor }, Inputs: var inputs } => (inputs[0], factor, false),
        _ => (node, 1, false),
    };

    /// <summary>Whether the scores were divided by √d: the d of the query where that is known, else any whole number's root.</summary>
    private bool IsScaled(Scores weights)
    {
        if (weights.IsRooted)
            return weights.Factor == 1;
        if (weights.Factor is not { } factor || factor <= 0 || factor >= 1)
            return false;
        var width = 1 / (factor * factor);
        var known = shapes.TryGetValue(weights.Query, out var sizes) ? Constants.Integer(sizes[sizes.Count - 1]) : OutFeatures(weights.Query);
        return Math.Abs(width - (known is > 0 ? known.Value : Math.Round(width))) < 1e-3 * width;
    }

    private int? OutFeatures(int node) => Trace.Nodes[node] switch
    {
        { Operation: Operation.Linear linear } => linear.OutFeatures,
        { Operation: Operation.Dropout, Inputs: var inputs } => OutFeatures(inputs[0]),
        _ => null,
    };

    /// <summary>The number of heads of a query of (batch, heads, positions, features), 1 for one that comes straight from a layer; null where it is not known.</summary>
    private int? Heads(int query) => shapes.TryGetValue(query, out var sizes)
        ? sizes.Count switch { 4 => Constants.Integer(sizes[1]), _ => null }
        : Trace.Nodes[query].Operation is Operation.Linear ? 1 : null;

    /// <summary>What arranges the elements of a tensor in another way, with what is known of its sizes.</summary>
    private TensorValue Arrange(TensorValue tensor, Operation operation, string name, Arguments arguments, int first, SyntaxNode syntax)
    {
        var arranged = Trace.Add(operation, [tensor.Node], null, syntax);
        var given = arguments.Count > first && arguments[first] is ListValue { Elements: { } elements } ? elements : [.. arguments.All.Skip(first)];
        var known = shapes.TryGetValue(tensor.Node, out var sizes) ? sizes : null;
        switch (name)
        {
            case "view" or "reshape" when given.Count >= 3:
                shapes[arranged.Node] = given;

                // Parts that lead still do where only what is behind them is arranged anew.
                if (leadByParts.Contains(tensor.Node) && known is { Count: > 0 } && Constants.Integer(known[0]) is { } parts && Constants.Integer(given[0]) == parts)
                    leadByParts.Add(arranged.Node);
                break;
            case "permute":
                var order = given.Select(Constants.Integer).ToList();
                if (order.Count == 0 || order.Contains(null))
                    break;
                var count = order.Count;
                if (known?.Count == count && order.TrueForAll(o => o >= -count && o < count))
                    shapes[arranged.Node] = [.. order.Select(o => known[(o!.Value + count) % count])];
                if (order[0] is not 0)
                    leadByParts.Add(arranged.Node);
                if (count >= 3 && (order[count - 2] == count - 1 || order[count - 2] == -1))
                    transposed[arranged.Node] = tensor.Node;
                break;
            case "transpose" or "transpose_" or "swapaxes" or "swapdims" when arguments.Count >= first + 2 && Constants.Integer(arguments[first]) is { } a && Constants.Integer(arguments[first + 1]) is { } b:
                if (known is not null)
                {
                    var (i, j) = (a < 0 ? a + known.Count : a, b < 0 ? b + known.Count : b);
                    if (i >= 0 && j >= 0 && i < known.Count && j < known.Count)
                    {
                        var swapped = known.ToList();
                        (swapped[i], swapped[j]) = (known[j], known[i]);
                        shapes[arranged.Node] = swapped;
                        if (i + j == (2 * known.Count) - 3 && i != j)
                            transposed[arranged.Node] = tensor.Node;
                    }
                }
                else if ((a, b) is (-2, -1) or (-1, -2) or (1, 2) or (2, 1) or (2, 3) or (3, 2))
                {
                    transposed[arranged.Node] = tensor.Node;
                }

                break;
            case "t" or "T" or "mT":
                transposed[arranged.Node] = tensor.Node;
                break;
        }

        return arranged;
    }

    /// <summary>Parts of a tensor side by side: <c>chunk(3, -1)</c>, <c>split(width, 2)</c>.</summary>
    private Value Parts(TensorValue tensor, int? count, SyntaxNode syntax)
    {
        if (count is not (> 0 and <= UnrollLimit))
            return Part(tensor, syntax);
        return new ListValue([.. Enumerable.Range(0, count.Value).Select(_ => Part(tensor, syntax))]) { IsArray = true };
    }

    private TensorValue Part(TensorValue tensor, SyntaxNode syntax) => Trace.Add(new Operation.Reshape(null, null), [tensor.Node], null, syntax);

    /// <summary>
    /// What an index takes: a position of every sample (<c>x[.., 0, ..]</c>), a stretch (<c>x[.., .., 1..]</c>), and the part of what was
    /// arranged so that its parts lead (<c>qkv[0]</c>). Null for anything else, among it <c>x[.., 0]</c>: a position, or a feature.
    /// </summary>
    private TensorValue? Indexed(TensorValue tensor, IPropertyReferenceOperation reference, Frame frame)
    {
        var indices = Indices(reference);
        if (indices.Count == 1 && leadByParts.Contains(tensor.Node) && IsPosition(indices[0]))
            return Part(tensor, reference.Syntax);
        if (indices.Count < 2 || !(IsEverything(indices[0]) || IsEllipsis(indices[0])))
            return null;
        var rest = indices.Skip(1).ToList();
        if (rest.TrueForAll(i => IsEverything(i) || IsEllipsis(i) || IsRange(i)))
            return Part(tensor, reference.Syntax);
        return rest.Count >= 2 && !IsEllipsis(indices[0]) && rest.Count(IsPosition) == 1 && !IsPosition(rest[rest.Count - 1]) && rest.TrueForAll(i => IsEverything(i) || IsPosition(i))
            ? Trace.Add(new Operation.Reduction(ReductionKind.Select), [tensor.Node], null, reference.Syntax)
            : null;

        bool IsPosition(IOperation index) => !IsEverything(index)
            && (Constants.Integer(Evaluate(index, frame)) is not null || Unconverted(index).Type?.SpecialType is SpecialType.System_Int32 or SpecialType.System_Int64);
    }

    /// <summary><c>x[t]</c> or <c>x[.., t]</c> with the variable of a loop of which all rounds are read at once; null for any other index.</summary>
    private TensorValue? StepOf(TensorValue tensor, IPropertyReferenceOperation reference, Frame frame)
    {
        var indices = Indices(reference);
        if (indices.Count(i => Evaluate(i, frame) is IndexValue) != 1 || !indices.TrueForAll(i => IsEverything(i) || Evaluate(i, frame) is IndexValue))
            return null;
        return TimeStep(tensor, "an index", reference.Syntax);
    }

    private static bool IsEllipsis(IOperation index) => index.Syntax.ToString() is "TensorIndex.Ellipsis" or "torch.TensorIndex.Ellipsis" or "Ellipsis";

    private static bool IsRange(IOperation index) => Unconverted(index) is IRangeOperation
        || (index.Syntax.ToString() is var text && (text.StartsWith("TensorIndex.Slice(", StringComparison.Ordinal) || text.StartsWith("torch.TensorIndex.Slice(", StringComparison.Ordinal)))
        || Unconverted(index) is ITupleOperation { Elements.Length: 2 };
}
