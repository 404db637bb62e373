namespace GradLint.SignalPropagation;

/// <summary>Builds a <see cref="Network"/> in the order in which forward computes it:
/// <code>
/// var b = new NetworkBuilder("Net");
/// var x = b.Input();
/// x = b.Linear(x, 64, 64, path: "fc1");
/// x = b.Activation(x, Activation.Sigmoid);
/// x = b.Linear(x, 64, 10, path: "head");
/// var network = b.Build(x);
/// </code></summary>
/// <remarks>It never throws: an input that is no node of this builder becomes an opaque node.</remarks>
public sealed class NetworkBuilder
{
    private readonly List<Node> nodes = [];
    private RepeatBlock? repeat;

    /// <param name="name">Full name of the module's type.</param>
    public NetworkBuilder(string name) => Name = name;

    /// <summary>Full name of the module's type.</summary>
    public string Name { get; }

    /// <summary>Number of nodes so far.</summary>
    public int Count => nodes.Count;

    /// <summary>Any operation, with its inputs in order.</summary>
    public NodeId Add(Operation operation, IReadOnlyList<NodeId> inputs, string? path = null, string? name = null, SourceLocation location = default)
    {
        var indices = new int[inputs.Count];
        for (var i = 0; i < indices.Length; i++)
            indices[i] = Known(inputs[i]);
        nodes.Add(new Node(nodes.Count, operation, indices, path, name, location, repeat));
        return new NodeId(nodes.Count - 1);
    }

    /// <summary>Any operation with one input.</summary>
    public NodeId Add(Operation operation, NodeId input, string? path = null, string? name = null, SourceLocation location = default) =>
        Add(operation, [input], path, name, location);

    /// <summary>What enters forward.</summary>
    public NodeId Input(int? width = null, Sizes? spatial = null, string? name = null, SourceLocation location = default) =>
        Add(new Operation.Input(width, spatial), [], null, name, location);

    /// <summary>Linear; the initializers are TorchSharp's defaults unless given.</summary>
    public NodeId Linear(NodeId input, int? inFeatures, int? outFeatures, Initializer? weight = null, Initializer? bias = null, bool hasBias = true,
        string? path = null, string? name = null, SourceLocation location = default) =>
        Add(new Operation.Linear(inFeatures, outFeatures, weight ?? Initializer.Default, hasBias ? bias ?? Initializer.DefaultBias : null),
            input, path, name, location);

    /// <summary>Conv1d to 3d; the initializers are TorchSharp's defaults unless given.</summary>
    public NodeId Convolution(NodeId input, int? inChannels, int? outChannels, Sizes kernel, Sizes? stride = null, Sizes? padding = null,
        Sizes? dilation = null, int? groups = 1, bool transposed = false, Initializer? weight = null, Initializer? bias = null, bool hasBias = true,
        string? path = null, string? name = null, SourceLocation location = default) =>
        Add(new Operation.Convolution(inChannels, outChannels, kernel, stride ?? Sizes.Square(kernel.Count, 1), padding ?? Sizes.Square(kernel.Count, 0),
                dilation ?? Sizes.Square(kernel.Count, 1), groups, transposed, weight ?? Initializer.Default, hasBias ? bias ?? Initializer.DefaultBias : null),
            input, path, name, location);

    /// <summary>Embedding; N(0, 1) unless given.</summary>
    public NodeId Embedding(NodeId input, int? count, int? width, Initializer? weight = null, string? path = null, string? name = null,
        SourceLocation location = default) =>
        Add(new Operation.Embedding(count, width, weight ?? Initializer.DefaultEmbedding), input, path, name, location);

    /// <summary>An activation function.</summary>
    public NodeId Activation(NodeId input, Activation function, string? path = null, string? name = null, SourceLocation location = default) =>
        Add(new Operation.Nonlinearity(function), input, path, name, location);

    /// <summary>BatchNorm1d to 3d with γ = 1, β = 0 unless given.</summary>
    public NodeId BatchNorm(NodeId input, int? width, bool affine = true, Initializer? weight = null, Initializer? bias = null, double? epsilon = 1e-5,
        string? path = null, string? name = null, SourceLocation location = default) =>
        Normalization(input, NormalizationKind.Batch, width, null, affine, weight, bias, epsilon, path, name, location);

    /// <summary>LayerNorm over the features with γ = 1, β = 0 unless given.</summary>
    public NodeId LayerNorm(NodeId input, int? width, bool affine = true, Initializer? weight = null, Initializer? bias = null, double? epsilon = 1e-5,
        string? path = null, string? name = null, SourceLocation location = default) =>
        Normalization(input, NormalizationKind.Layer, width, null, affine, weight, bias, epsilon, path, name, location);

    /// <summary>Any normalization with γ = 1, β = 0 unless given. (GroupNorm of TorchSharp 0.104 to 0.107:
    /// pass <see cref="Initializer.Uninitialized"/> for both.)</summary>
    public NodeId Normalization(NodeId input, NormalizationKind kind, int? width, int? groups = null, bool affine = true, Initializer? weight = null,
        Initializer? bias = null, double? epsilon = 1e-5, string? path = null, string? name = null, SourceLocation location = default) =>
        Add(new Operation.Normalization(kind, width, groups, affine ? weight ?? Initializer.DefaultScale : null,
            affine ? bias ?? Initializer.DefaultShift : null, epsilon), input, path, name, location);

    /// <summary>Dropout in training mode.</summary>
    public NodeId Dropout(NodeId input, double? probability = 0.5, DropoutKind kind = DropoutKind.Element, string? path = null, string? name = null,
        SourceLocation location = default) =>
        Add(new Operation.Dropout(probability, kind), input, path, name, location);

    /// <summary>Pooling; the stride is the window unless given.</summary>
    public NodeId Pooling(NodeId input, PoolingKind kind, Sizes window, Sizes? stride = null, Sizes? padding = null, string? path = null,
        string? name = null, SourceLocation location = default) =>
        Add(new Operation.Pooling(kind, window, stride ?? window, padding ?? Sizes.Square(window.Count, 0)), input, path, name, location);

    /// <summary>Everything after the batch dimension in one.</summary>
    public NodeId Flatten(NodeId input, string? path = null, string? name = null, SourceLocation location = default) =>
        Add(new Operation.Flatten(), input, path, name, location);

    /// <summary>Sum of the inputs: a residual connection.</summary>
    public NodeId Sum(NodeId left, NodeId right, SourceLocation location = default) => Add(new Operation.Add(), [left, right], null, null, location);

    /// <summary>Inputs side by side along the features.</summary>
    public NodeId Concatenate(IReadOnlyList<NodeId> inputs, SourceLocation location = default) =>
        Add(new Operation.Concatenate(), inputs, null, null, location);

    /// <summary>Elementwise product: a gate.</summary>
    public NodeId Product(NodeId left, NodeId right, SourceLocation location = default) => Add(new Operation.Product(), [left, right], null, null, location);

    /// <summary>Something unreadable between its inputs and its value.</summary>
    public NodeId Opaque(string reason, params NodeId[] inputs) => Add(new Operation.Opaque(reason), inputs);

    /// <summary>Nodes that are added until the scope is disposed are applied <paramref name="count"/> times in a row (null: unknown how often),
    /// each round on the result of the one before: the block reads one value from outside, and what is added last is its result. A block that reads
    /// several says with <paramref name="entry"/> which one the rounds hand on; the others are the same in every round.</summary>
    public RepeatScope Repeat(int? count, NodeId? entry = null)
    {
        var outer = repeat;
        repeat = new RepeatBlock(count, outer, entry is { } known && known.Index >= 0 && known.Index < nodes.Count ? known.Index : null);
        return new RepeatScope(this, outer);
    }

    /// <summary>The network that returns <paramref name="output"/>.</summary>
    public Network Build(NodeId output)
    {
        var index = Known(output);
        return new Network(Name, nodes.ToArray(), index);
    }

    /// <summary>The network that returns what was added last; an empty one if nothing was.</summary>
    public Network Build() => new(Name, nodes.ToArray(), nodes.Count - 1);

    private int Known(NodeId id)
    {
        if (id.Index >= 0 && id.Index < nodes.Count)
            return id.Index;
        nodes.Add(new Node(nodes.Count, new Operation.Opaque("an input that is no node of this network"), [], null, null, SourceLocation.None, repeat));
        return nodes.Count - 1;
    }

    /// <summary>Ends a repeated block when disposed.</summary>
    public readonly struct RepeatScope : IDisposable
    {
        private readonly NetworkBuilder builder;
        private readonly RepeatBlock? outer;

        internal RepeatScope(NetworkBuilder builder, RepeatBlock? outer) => (this.builder, this.outer) = (builder, outer);

        /// <inheritdoc/>
        public void Dispose()
        {
            if (builder is not null)
                builder.repeat = outer;
        }
    }
}
