using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Reading;

// Tensors that no sample changes: what a module learns without a layer, and what its constructor computed.
internal sealed partial class Interpreter
{
    /// <summary>Tensors that a factory made, by their node.</summary>
    private readonly Dictionary<int, FixedTensor> made = [];

    /// <summary>Whether a node is computed from what no sample changes, where that was asked.</summary>
    private readonly Dictionary<int, bool> independent = [];

    /// <summary>What was there before forward was read for the first time.</summary>
    private int? firstOfForward;

    /// <summary>A tensor that is the same for all samples.</summary>
    /// <param name="Shape">Its sizes; null where it is not even known how many there are.</param>
    /// <param name="Values">How it was drawn.</param>
    private sealed record FixedTensor(Sizes? Shape, Initializer Values)
    {
        /// <summary>The parameter that it is, or a part of which; null for a buffer.</summary>
        public LayerValue? Learned { get; init; }

        /// <summary>Whether the last two dimensions were exchanged.</summary>
        public bool IsTransposed { get; init; }

        /// <summary>Whether it is all of the tensor, in the order of its shape.</summary>
        public bool IsWhole { get; init; } = true;

        /// <summary>Whether more than one dimension has a size of its own: then positions do not share values.</summary>
        public bool VariesByPosition => Shape?.Count(s => s != 1) > 1;

        /// <summary>The values as elements, for which no fan counts.</summary>
        public Initializer Elements => Shape is null && !Values.IsConstant ? Initializer.Unknown : Values.Of(Matrix(Shape));
    }

    private static WeightShape Matrix(Sizes? shape)
    {
        double? kernel = 1;
        for (var i = 2; i < shape?.Count; i++)
            kernel *= shape[i];
        return shape is { Count: >= 2 } ? new(shape[0], shape[1], kernel) : new(null, null);
    }

    /// <summary>Whether a value is a tensor that a module learns without a layer.</summary>
    private static bool IsLearned(Value? value) => value is ParameterValue { Layer.Operation: Operation.LearnedTensor };

    /// <summary>A parameter that a module learns itself, as a tensor; anything else as it is.</summary>
    private Value AsTensor(Value value, SyntaxNode syntax) =>
        value is ParameterValue { Layer: { Operation: Operation.LearnedTensor } layer } ? Trace.Add(layer.Operation, [], layer, syntax) : value;

    private IReadOnlyList<Value> AsTensors(IReadOnlyList<Value> values, SyntaxNode syntax) =>
        values.Any(IsLearned) ? [.. values.Select(v => AsTensor(v, syntax))] : values;

    /// <summary><c>Parameter(randn(4, 8))</c>.</summary>
    private ParameterValue Learn(Value data, ITypeSymbol type, SyntaxNode syntax)
    {
        var drawn = data is TensorValue tensor ? Described(tensor.Node) : null;
        return new(Layer(type, syntax, new Operation.LearnedTensor(drawn is { IsWhole: true, IsTransposed: false } ? drawn.Shape : null, drawn?.Values ?? Initializer.Unknown)), "");
    }

    /// <summary>Notes what a factory of <c>torch</c> makes; null for anything else.</summary>
    private TensorValue? Make(string name, Arguments arguments, SyntaxNode syntax)
    {
        Initializer? values = name switch
        {
            "zeros" => Initializer.Zeros,
            "ones" => Initializer.Ones,
            "full" => Initializer.Constant(arguments.Number("value", "fill_value")),
            "tensor" when Constants.Number(arguments[0]) is { } number => Initializer.Constant(number),
            "empty" => Initializer.Uninitialized,
            "randn" => Initializer.Normal(),
            "rand" => Initializer.Uniform(),
            "normal" => Initializer.Normal(arguments.Number("mean"), arguments.Number("std")),
            _ => null,
        };
        if (values is null)
            return null;
        var tensor = Trace.Opaque(name, syntax);
        made[tensor.Node] = new(name == "tensor" ? Sizes.None : Shape(arguments), values);
        return tensor;
    }

    /// <summary>The sizes that <c>zeros(2, 3)</c> or <c>zeros(new long[] { 2, 3 })</c> names.</summary>
    private static Sizes? Shape(Arguments arguments) => arguments.Find("size") switch
    {
        ListValue { Elements: { } elements } => Sizes.Of([.. elements.Select(Constants.Integer)]),
        ConstantValue single when Constants.Integer(single) is { } size => Sizes.Of(size),
        { } unknown when arguments.IsNumber("size") => Sizes.Of(Constants.Integer(unknown)),
        null when arguments.Find("rows") is { } rows && arguments.Find("columns") is { } columns => Sizes.Of(Constants.Integer(rows), Constants.Integer(columns)),
        null when arguments.Find("dim0") is { } first => Sizes.Of(
            [.. new[] { first, arguments.Find("dim1"), arguments.Find("dim2"), arguments.Find("dim3") }.TakeWhile(d => d is not null).Select(d => Constants.Integer(d!))]),
        _ => null,
    };

    /// <summary><c>empty(4, 8).normal_(0, 0.02)</c>, <c>init.zeros_(tensor)</c>: overwrites a tensor; null where it is not known with what.</summary>
    private TensorValue? Overwrite(TensorValue tensor, Initializer? values, string name, SyntaxNode syntax)
    {
        if (values is null || values == Initializer.Unknown || Described(tensor.Node) is not { } before)
            return null;
        if (before is { Learned: { } learned })
            Initialization.Assign(new(learned, ""), before.IsWhole ? values : Initializer.Unknown, syntax);
        if (before.Learned is null)
        {
            tensor.Node = Trace.Opaque(name, syntax).Node;
            made[tensor.Node] = new(before.Shape, values);
        }

        return tensor;
    }

    /// <summary>Somebody wrote into a tensor that may be a part of a parameter.</summary>
    private void TaintLearned(TensorValue tensor)
    {
        if (Described(tensor.Node)?.Learned is { } learned)
            TaintLayer(learned);
    }

    /// <summary>What a value is where no sample changes it; null for what depends on what enters forward, and for what forward makes itself.</summary>
    private FixedTensor? Fixed(Value? value) => value switch
    {
        ParameterValue { Layer: { Operation: Operation.LearnedTensor o } layer } => new(o.Shape, o.Values) { Learned = layer },
        TensorValue tensor when Described(tensor.Node) is { } described && (described.Learned is not null || IsOfConstructor(tensor.Node)) => described,
        TensorValue tensor when DependsOnNothing(tensor.Node) => new(null, Initializer.Unknown) { IsWhole = false },
        _ => null,
    };

    private bool IsOfConstructor(int node) => firstOfForward is { } first && Leaf(node) < first;

    private int Leaf(int node)
    {
        while (Trace.Nodes[node].Inputs.Count > 0)
            node = Trace.Nodes[node].Inputs[0];
        return node;
    }

    /// <summary>How a tensor was made, through what rearranges and scales it; null where it is nothing of the kind.</summary>
    private FixedTensor? Described(int node)
    {
        double? factor = 1;
        var (shift, isTransposed, isWhole) = ((double?)0, false, true);
        for (var at = node; ;)
        {
            var (operation, inputs) = (Trace.Nodes[at].Operation, Trace.Nodes[at].Inputs);
            switch (operation)
            {
                case Operation.LearnedTensor when Trace.Nodes[at].Layer is { Operation: Operation.LearnedTensor o } layer:
                    return Changed(new(o.Shape, o.Values) { Learned = layer });
                case Operation.Opaque when inputs.Count == 0:
                    return made.TryGetValue(at, out var known) ? Changed(known) : null;
                case Operation.Reshape:
                    isTransposed ^= transposed.ContainsKey(at);
                    isWhole &= transposed.ContainsKey(at);
                    break;
                case Operation.Detach:
                    break;
                case Operation.Scale o:
                    factor *= o.Factor;
                    break;
                case Operation.Shift o:
                    shift += factor * o.Offset;
                    break;
                default:
                    return null;
            }

            at = inputs[0];
        }

        FixedTensor Changed(FixedTensor tensor) => tensor with
        {
            Values = factor == 1 && shift == 0 ? tensor.Values : tensor.Values.Times(factor).Plus(shift),
            IsTransposed = isTransposed,
            IsWhole = tensor.IsWhole && isWhole,
        };
    }

    /// <summary>Whether a tensor is computed from parameters and from what the constructor made, and from nothing else.</summary>
    private bool DependsOnNothing(int node)
    {
        if (firstOfForward is not { } first)
            return false;
        if (!independent.TryGetValue(node, out var known))
            independent.Add(node, known = DependsOnNothing(node, first));
        return known;
    }

    private bool DependsOnNothing(int node, int first)
    {
        var seen = new HashSet<int>();
        var pending = new Stack<int>();
        pending.Push(node);
        while (pending.Count > 0)
        {
            var next = pending.Pop();
            if (!seen.Add(next) || Trace.Nodes[next].Operation is Operation.LearnedTensor || (next < first && Trace.Nodes[next].Operation is not Operation.Input))
                continue;
            if (Trace.Nodes[next].Inputs.Count == 0 || Trace.Nodes[next].Layer is not null || seen.Count > UnrollLimit || (independent.TryGetValue(next, out var known) && !known))
                return false;
            foreach (var input in Trace.Nodes[next].Inputs)
                pending.Push(input);
        }

        return true;
    }

    /// <summary>Arithmetic between what depends on the samples and what does not; null where it is none.</summary>
    private TensorValue? ArithmeticWithFixed(BinaryOperatorKind kind, Value left, Value right, SyntaxNode syntax)
    {
        var (a, b) = (Fixed(left), Fixed(right));
        if ((a is null) == (b is null) || (a is null ? left : right) is not TensorValue x)
            return null;
        var tensor = a ?? b!;
        switch (kind)
        {
            case BinaryOperatorKind.Add when scores.ContainsKey(x.Node) && !LeavesSoftmax(tensor):
                // Attention with a bias of its own: what comes out is no scaled dot product.
                return b is not null && right is TensorValue mask && tensor.Learned is null && IsMask(x, mask) ? null : Shifted(x, tensor, 1, syntax);
            case BinaryOperatorKind.Add:
                return Follow(x, WithBias(x, tensor, syntax) ?? Shifted(x, tensor, 1, syntax), s => s);
            case BinaryOperatorKind.Subtract when b is not null:
                return Shifted(x, tensor, -1, syntax);
            case BinaryOperatorKind.Subtract:
                return Shifted(Trace.Add(new Operation.Scale(-1), [x.Node], null, syntax), tensor, 1, syntax);
            case BinaryOperatorKind.Multiply:
                var scaled = AffineNormalization(x, a is null ? right : left, tensor, tensor.Elements) ?? Multiplied(x, tensor, tensor.Elements, syntax);
                if ((a is null ? right : left) is TensorValue factor)
                    factors[scaled.Node] = factor.Node;
                return scaled;
            case BinaryOperatorKind.Divide when b is not null:
                return Multiplied(x, tensor, tensor.Values is { IsConstant: true, Mean: { } divisor } && divisor != 0 ? Initializer.Constant(1 / divisor) : Initializer.Unknown, syntax);
            default:
                return null;
        }
    }

    /// <summary>
    /// Whether softmax is the same with a tensor added to what enters it: what all positions share cancels, and a learned bias that varies with σ
    /// changes the weights by e^σ, 2 % for relative positions that begin with 0.02 (Liu et al. 2021, arXiv:2103.14030).
    /// </summary>
    private static bool LeavesSoftmax(FixedTensor tensor) => tensor.Values is { IsConstant: true, Mean: 0 }
        || (tensor.Learned is not null && (tensor.Values is { IsConstant: true, Mean: not null } || tensor.Elements is { Scaling: VarianceScaling.None, Coefficient: <= 0.05 * 0.05 }));

    private TensorValue Shifted(TensorValue x, FixedTensor tensor, double sign, SyntaxNode syntax) => IsRepeatedly(x, tensor)
        ? Trace.Opaque("a tensor that is added several times", syntax, x.Node)
        : Trace.Add(new Operation.TensorShift(sign == 1 ? tensor.Elements : tensor.Elements.Times(sign)) { VariesByPosition = tensor.VariesByPosition }, [x.Node], tensor.Learned, syntax);

    private TensorValue Multiplied(TensorValue x, FixedTensor tensor, Initializer values, SyntaxNode syntax) => IsRepeatedly(x, tensor)
        ? Trace.Opaque("a tensor that is multiplied with several times", syntax, x.Node)
        : Trace.Add(new Operation.TensorScale(values) { VariesByPosition = tensor.VariesByPosition }, [x.Node], tensor.Learned, syntax);

    /// <summary>Whether a random tensor that is drawn once meets what already depends on it: then the two are not independent.</summary>
    private bool IsRepeatedly(TensorValue x, FixedTensor tensor)
    {
        if (tensor.Values.IsConstant || tensor.Learned is not { } learned)
            return false;
        if (Trace.Loop is not null && learned.Path?.Contains(RepeatedValue.AnyNumber) != true)
            return true;
        return Before(x.Node).Any(n => Trace.Nodes[n].Layer == learned);
    }

    /// <summary>x·W + b: the bias of a matrix product with a parameter, and of a normalization by hand; null for any other sum.</summary>
    private TensorValue? WithBias(TensorValue x, FixedTensor bias, SyntaxNode syntax)
    {
        var node = Trace.Nodes[x.Node];
        if (bias is not { VariesByPosition: false, Shape: not null })
            return null;
        return node switch
        {
            { Operation: Operation.Linear { Bias: null } linear, Layer.Operation: Operation.LearnedTensor } when bias.Learned is not null =>
                Trace.Add(linear with { Bias = bias.Values }, node.Inputs, node.Layer, node.Syntax),
            { Operation: Operation.Normalization { Bias: null, Weight: not null } norm, Layer: null } =>
                Trace.Add(norm with { Bias = bias.Elements }, node.Inputs, null, node.Syntax),
            _ => null,
        };
    }

    /// <summary>A learned matrix, by the sizes that it multiplies from and to; null where it is no matrix.</summary>
    private static (int? From, int? To, Initializer Values)? MatrixOf(FixedTensor? weight, bool isOutputFirst)
    {
        if (weight is not { Learned: not null, IsWhole: true, Shape: { Count: 2 } shape })
            return null;
        var outputFirst = isOutputFirst ^ weight.IsTransposed;
        return outputFirst ? (shape[1], shape[0], weight.Values) : (shape[0], shape[1], weight.Values.Transposed());
    }

    /// <summary><c>x.matmul(W)</c>, <c>functional.linear(x, W, b)</c>: a linear layer whose weight is a parameter; null where it is none.</summary>
    private TensorValue? LinearBy(Value x, Value weight, Value? bias, bool isOutputFirst, SyntaxNode syntax)
    {
        var matrix = Fixed(weight);
        var offset = Fixed(bias);
        if (x is not TensorValue tensor || Fixed(x) is not null || scores.ContainsKey(tensor.Node) || MatrixOf(matrix, isOutputFirst) is not { } known
            || (offset is null && bias is not (null or ConstantValue { Constant: null })))
            return null;
        return Trace.Add(new Operation.Linear(known.From, known.To, known.Values, offset?.Values.Of(new(null, null))), [tensor.Node], matrix!.Learned, syntax);
    }

    /// <summary><c>functional.conv2d(x, W, b)</c> with a learned kernel; null where it is none.</summary>
    private TensorValue? ConvolutionBy(Value x, Arguments arguments, int dimensions, SyntaxNode syntax)
    {
        var bias = arguments.Find("bias");
        var offset = Fixed(bias);
        if (x is not TensorValue tensor || Fixed(arguments.Find("weight")) is not { Learned: { } learned, IsWhole: true, IsTransposed: false, Shape: { } shape, Values: var values }
            || shape.Count != dimensions + 2 || (offset is null && bias is not (null or ConstantValue { Constant: null })))
            return null;
        var one = Sizes.Square(dimensions, 1);
        var groups = arguments.Find("groups") is null ? 1 : arguments.Integer("groups");
        return Trace.Add(
            new Operation.Convolution(shape[1] * groups, shape[0], Sizes.Of([.. shape.Skip(2)]), arguments.Sizes(dimensions, one, "stride", "strides"),
                arguments.Sizes(dimensions, Sizes.Square(dimensions, 0), "padding"), arguments.Sizes(dimensions, one, "dilation"), groups, false, values, offset?.Values.Of(new(null, null))),
            [tensor.Node], learned, syntax);
    }

    /// <summary><c>einsum("bi,io->bo", x, W)</c>: the last dimension of x with a learned matrix; null for any other sum.</summary>
    private TensorValue? EinsumBy(string x, string weight, string result, Value tensor, Value matrix, SyntaxNode syntax)
    {
        var last = x.Length - 1;
        if (weight.Length != 2 || last < 0 || result.Length != x.Length || x.Substring(0, last) != result.Substring(0, last) || x.IndexOf(result[last]) >= 0)
            return null;
        var (from, to) = (x[last], result[last]);
        return weight[0] == to && weight[1] == from ? LinearBy(tensor, matrix, null, isOutputFirst: true, syntax)
            : weight[0] == from && weight[1] == to ? LinearBy(tensor, matrix, null, isOutputFirst: false, syntax)
            : null;
    }

    /// <summary>A row of a learned table for each index that enters forward; null for any other index.</summary>
    private TensorValue? RowsOf(Value table, Value index, SyntaxNode syntax) =>
        Fixed(table) is { Learned: { } learned, IsWhole: true, IsTransposed: false, Shape: { Count: 2 } shape, Values: var values }
        && index is TensorValue rows && Trace.Nodes[rows.Node].Operation is Operation.Input
            ? Trace.Add(new Operation.Embedding(shape[0], shape[1], values.Of(Matrix(shape))), [rows.Node], learned, syntax)
            : null;

    /// <summary>A part of a tensor that no sample changes: <c>pos_embed[.., ..n]</c>; null for any other tensor.</summary>
    private TensorValue? FixedPart(TensorValue tensor, IPropertyReferenceOperation reference, Frame frame)
    {
        if (Fixed(tensor) is null)
            return null;
        var indices = Indices(reference).Select(i => Evaluate(Unconverted(i), frame)).ToList();
        if (indices.Count == 1 && RowsOf(tensor, indices[0], reference.Syntax) is { } rows)
            return rows;
        if (Fixed(tensor) is { IsWhole: true, Shape: { Count: 1 } only } && indices.Count == 3 && IsEverything(Indices(reference)[0]) && Indices(reference).Skip(1).All(IsNewDimension))
        {
            // weight[.., None, None] scales channels.
            var channels = Part(tensor, reference.Syntax);
            shapes[channels.Node] = [only[0] is { } size ? new ConstantValue((long)size) : Value.Unknown, new ConstantValue(1L), new ConstantValue(1L)];
            return channels;
        }

        var chosen = indices.OfType<TensorValue>().Select(i => i.Node).Where(DependsOnInput).ToList();
        return chosen.Count == 0 ? Part(tensor, reference.Syntax) : Trace.Opaque("an index", reference.Syntax, [tensor.Node, .. chosen]);
    }

    private static bool IsNewDimension(IOperation index) => index.Syntax.ToString() is "TensorIndex.None" or "torch.TensorIndex.None" or "None" or "null";

    private bool DependsOnInput(int node) => Before(node).Any(n => Trace.Nodes[n].Operation is Operation.Input);

    /// <summary>A node and all that it is computed from.</summary>
    private HashSet<int> Before(int node)
    {
        var seen = new HashSet<int>();
        var pending = new Stack<int>();
        pending.Push(node);
        while (pending.Count > 0)
        {
            var next = pending.Pop();
            if (!seen.Add(next))
                continue;
            foreach (var input in Trace.Nodes[next].Inputs)
                pending.Push(input);
        }

        return seen;
    }

    /// <summary>Functions of a tensor that no sample changes, or of one and such a tensor; null for any other.</summary>
    private TensorValue? OfFixed(string name, Value input, Arguments arguments, int first, SyntaxNode syntax)
    {
        switch (name)
        {
            case "linear":
                return LinearBy(input, arguments[first], arguments.Find("bias"), isOutputFirst: true, syntax);
            case "matmul" or "mm":
                return LinearBy(input, arguments[first], null, isOutputFirst: false, syntax);
            case "addmm" when arguments.NumberOr(1, "beta") == 1 && arguments.NumberOr(1, "alpha") == 1 && Fixed(input) is { VariesByPosition: false, Shape: not null }:
                return LinearBy(arguments[first], arguments[first + 1], input, isOutputFirst: false, syntax);
            case "conv1d" or "conv2d" or "conv3d":
                return ConvolutionBy(input, arguments, Dimensions(name), syntax);
            case "layer_norm":
                return LayerNorm(input, arguments, syntax);
            case "expand" or "expand_as" or "repeat" or "tile" or "broadcast_to" or "narrow" or "slice" or "select" or "repeat_interleave" or "flip" or "roll" or "tril" or "triu":
                return Fixed(input) is not null && AsTensor(input, syntax) is TensorValue tensor ? Part(tensor, syntax) : null;
            default:
                return name.EndsWith("_", StringComparison.Ordinal) && input is TensorValue written ? Overwrite(written, Initialization.Create(name, arguments), name, syntax) : null;
        }
    }

    /// <summary><c>functional.layer_norm(x, shape, weight, bias)</c>; null where the weight or the bias depends on the samples.</summary>
    private TensorValue? LayerNorm(Value input, Arguments arguments, SyntaxNode syntax)
    {
        var (weight, bias) = (arguments.Find("weight"), arguments.Find("bias"));
        if (input is not TensorValue tensor || !IsFixedOrNone(weight) || !IsFixedOrNone(bias) || arguments.Find("normalized_shape") is not ListValue { Elements: { Count: 1 } sizes })
            return null;
        return Trace.Add(new Operation.Normalization(NormalizationKind.Layer, Constants.Integer(sizes[0]), null, Fixed(weight)?.Elements, Fixed(bias)?.Elements, arguments.NumberOr(1e-5, "eps")), [tensor.Node], null, syntax);
    }

    private bool IsFixedOrNone(Value? value) => value is null or ConstantValue { Constant: null } || Fixed(value) is not null;

    /// <summary>Whether it is one learned position before others: a class token of shape (1, 1, width).</summary>
    private bool IsToken(Value value, int dimension) => dimension is 1 or -2 && Fixed(value) is { Learned: not null, Shape: { Count: 3 } shape } && shape[0] == 1;

    /// <summary>
    /// Whether a tensor is (batch, positions, features), so that dimension 1 is that of the positions: behind tokens that were put before others,
    /// and a positional embedding of three dimensions.
    /// </summary>
    private bool HasTokens(int node)
    {
        for (var at = node; ;)
        {
            var (operation, inputs) = (Trace.Nodes[at].Operation, Trace.Nodes[at].Inputs);
            switch (operation)
            {
                case Operation.Concatenate { IsAlongPositions: true }:
                case Operation.TensorShift { VariesByPosition: true } when Trace.Nodes[at].Layer?.Operation is Operation.LearnedTensor { Shape: { Count: 3 } shape } && shape[1] != 1:
                    return true;
                case Operation.Linear or Operation.Nonlinearity or Operation.Normalization { Kind: NormalizationKind.Layer } or Operation.Dropout or Operation.TensorShift or Operation.TensorScale
                    or Operation.Scale or Operation.Shift or Operation.Add or Operation.TransformerEncoderLayer or Operation.MultiheadAttention or Operation.Detach:
                    at = inputs[0];
                    break;
                default:
                    return false;
            }
        }
    }

    /// <summary><c>x[.., 0]</c> of tokens: one of them; null for any other index and tensor.</summary>
    private TensorValue? TokenOf(TensorValue tensor, IPropertyReferenceOperation reference, Frame frame)
    {
        var indices = Indices(reference);
        return indices.Count == 2 && IsEverything(indices[0]) && Constants.Integer(Evaluate(Unconverted(indices[1]), frame)) is not null && HasTokens(tensor.Node)
            ? Trace.Add(new Operation.Reduction(ReductionKind.Select), [tensor.Node], null, reference.Syntax)
            : null;
    }

    /// <summary>What <c>x[.., 0]</c> and <c>x.select(1, 0)</c> take one of: a channel, a position or a feature, as the source does not say.</summary>
    private readonly Dictionary<int, TensorValue> taken = [];

    private TensorValue Taken(TensorValue tensor, TensorValue one)
    {
        taken[one.Node] = new(tensor.Node);
        return one;
    }

    private static bool IsOne(Value dimension) => Constants.Integer(dimension) == 1 || (dimension is ListValue { Elements: { Count: 1 } only } && Constants.Integer(only[0]) == 1);
}
