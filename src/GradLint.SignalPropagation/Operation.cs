namespace GradLint.SignalPropagation;

/// <summary>What a node of a <see cref="Network"/> computes. A closed set: everything else is <see cref="Opaque"/>.
/// Sizes, rates and factors are null where they could not be read.</summary>
public abstract record Operation
{
    private Operation()
    {
    }

    /// <summary>Whether it holds a weight matrix whose output gradient is stated: linear, convolution, recurrent, embedding, attention.</summary>
    public bool IsWeightLayer => this is Linear or Bilinear or Convolution or Embedding or Recurrent or MultiheadAttention or TransformerEncoderLayer;

    /// <summary>What enters forward.</summary>
    /// <param name="Width">Features or channels.</param>
    /// <param name="Spatial">Positions: length, height × width, time; null where even their number is unknown.</param>
    public sealed record Input(int? Width, Sizes? Spatial) : Operation;

    /// <summary>x·Wᵀ + b over the last dimension.</summary>
    /// <param name="InFeatures">fan_in.</param>
    /// <param name="OutFeatures">fan_out.</param>
    /// <param name="Weight">How W is drawn.</param>
    /// <param name="Bias">How b is drawn; null where there is none.</param>
    public sealed record Linear(int? InFeatures, int? OutFeatures, Initializer Weight, Initializer? Bias) : Operation;

    /// <summary>x₁·W·x₂ + b; two inputs.</summary>
    public sealed record Bilinear(int? InFeatures1, int? InFeatures2, int? OutFeatures, Initializer Weight, Initializer? Bias) : Operation;

    /// <summary>Convolution over 1 to 3 dimensions, transposed or not.</summary>
    /// <param name="InChannels">Input channels, all groups together.</param>
    /// <param name="OutChannels">Output channels, all groups together.</param>
    /// <param name="Kernel">Kernel size; its count is the number of dimensions.</param>
    /// <param name="Stride">Stride for each dimension.</param>
    /// <param name="Padding">Zeros on each side, for each dimension.</param>
    /// <param name="Dilation">Dilation for each dimension.</param>
    /// <param name="Groups">Number of groups.</param>
    /// <param name="Transposed">Whether it is ConvTranspose.</param>
    /// <param name="Weight">How the kernel is drawn.</param>
    /// <param name="Bias">How the bias is drawn; null where there is none.</param>
    public sealed record Convolution(int? InChannels, int? OutChannels, Sizes Kernel, Sizes Stride, Sizes Padding, Sizes Dilation,
        int? Groups, bool Transposed, Initializer Weight, Initializer? Bias) : Operation;

    /// <summary>A row of a table for each index. Its input is integers: no gradient passes to it.</summary>
    public sealed record Embedding(int? Count, int? Width, Initializer Weight) : Operation;

    /// <summary>An activation function.</summary>
    public sealed record Nonlinearity(Activation Function) : Operation;

    /// <summary>Batch, layer, group or instance normalization, in training mode.</summary>
    /// <param name="Kind">Over which elements mean and variance are taken.</param>
    /// <param name="Width">Features or channels.</param>
    /// <param name="Groups">Number of groups, for group normalization.</param>
    /// <param name="Weight">How γ is set; null where there is none.</param>
    /// <param name="Bias">How β is set; null where there is none.</param>
    /// <param name="Epsilon">Added to the variance.</param>
    public sealed record Normalization(NormalizationKind Kind, int? Width, int? Groups, Initializer? Weight, Initializer? Bias,
        double? Epsilon) : Operation;

    /// <summary>Dropout in training mode: a share p of elements or channels is zeroed, the rest divided by 1 − p.</summary>
    public sealed record Dropout(double? Probability, DropoutKind Kind) : Operation;

    /// <summary>Pooling over windows; for the adaptive kinds <paramref name="Window"/> is the output's size.</summary>
    public sealed record Pooling(PoolingKind Kind, Sizes Window, Sizes Stride, Sizes Padding) : Operation;

    /// <summary>A reduction over the positions, or over time: <c>x.mean(2, 3)</c>, <c>x[.., -1]</c>.</summary>
    public sealed record Reduction(ReductionKind Kind) : Operation;

    /// <summary>Channels and positions become features: everything after the batch dimension in one.</summary>
    public sealed record Flatten : Operation;

    /// <summary>The same elements in another arrangement, or a part of them: view, reshape, permute, transpose, chunk.</summary>
    /// <param name="Width">Features or channels afterwards.</param>
    /// <param name="Spatial">Positions afterwards; null where even their number is unknown.</param>
    public sealed record Reshape(int? Width, Sizes? Spatial) : Operation;

    /// <summary>Each position repeated or interpolated, by a factor for each dimension.</summary>
    public sealed record Upsample(Sizes Factor) : Operation;

    /// <summary>Multiplication with a number: <c>x * 0.1</c>; −1 and an <see cref="Add"/> are a subtraction.</summary>
    public sealed record Scale(double? Factor) : Operation;

    /// <summary>A number added to every element: 1 and a <see cref="Scale"/> by −1 are the complement of a gate.</summary>
    public sealed record Shift(double? Offset) : Operation;

    /// <summary>x + p, where p is a tensor that no sample changes: a positional embedding, a bias by hand, a table of sines.</summary>
    /// <param name="Values">How p is drawn. A node with a path is a parameter of the module, any other a buffer.</param>
    public sealed record TensorShift(Initializer Values) : Operation
    {
        /// <summary>Whether each position has values of its own, as in a positional embedding; else all have the same, as with a bias.</summary>
        public bool VariesByPosition { get; init; }
    }

    /// <summary>x·p elementwise, where p is a tensor that no sample changes: the scale of a block (Touvron et al. 2021, arXiv:2103.17239).</summary>
    /// <param name="Values">How p is drawn. A node with a path is a parameter of the module, any other a buffer.</param>
    public sealed record TensorScale(Initializer Values) : Operation
    {
        /// <summary>Whether each position has values of its own; else all have the same.</summary>
        public bool VariesByPosition { get; init; }
    }

    /// <summary>A parameter of the module as a value of its own, without input: a class token, learned queries.</summary>
    /// <param name="Shape">Its sizes, where they are known.</param>
    /// <param name="Values">How it is drawn.</param>
    public sealed record LearnedTensor(Sizes? Shape, Initializer Values) : Operation;

    /// <summary>Sum of all inputs: a residual connection.</summary>
    public sealed record Add : Operation;

    /// <summary>Inputs side by side along the features.</summary>
    public sealed record Concatenate : Operation
    {
        /// <summary>Whether they are side by side along the positions instead: a class token before the others.</summary>
        public bool IsAlongPositions { get; init; }
    }

    /// <summary>Elementwise product of all inputs: a gate.</summary>
    public sealed record Product : Operation;

    /// <summary>softmax(q·kᵀ/√d)·v; inputs q, k, v.</summary>
    public sealed record ScaledDotProduct(int? Heads) : Operation
    {
        /// <summary>Share of the attention weights that is zeroed; null where it is not known.</summary>
        public double? DroppedShare { get; init; } = 0;

        /// <summary>Whether some positions are hidden from others: a causal mask, padding.</summary>
        public bool IsMasked { get; init; }
    }

    /// <summary>torch.nn.MultiheadAttention; inputs query, key, value.</summary>
    public sealed record MultiheadAttention(int? Width, int? Heads, Initializer InProjection, Initializer OutProjection) : Operation;

    /// <summary>torch.nn.TransformerEncoderLayer (post-norm).</summary>
    public sealed record TransformerEncoderLayer(int? Width, int? Heads, int? FeedForward, Activation Function, double? DropoutProbability) : Operation;

    /// <summary>RNN, LSTM, GRU over a sequence, or one of their cells applied once.</summary>
    /// <param name="Cell">Which equations.</param>
    /// <param name="InFeatures">Features of one time step.</param>
    /// <param name="Hidden">Hidden size.</param>
    /// <param name="Layers">Stacked layers.</param>
    /// <param name="Steps">Time steps; null where the sequence's length is unknown.</param>
    /// <param name="Bidirectional">Whether a second pass runs backwards.</param>
    /// <param name="InputWeight">weight_ih.</param>
    /// <param name="HiddenWeight">weight_hh.</param>
    /// <param name="Bias">Both biases; null where there is none.</param>
    /// <param name="MemoryBias">What was added to the forget gate's bias (LSTM) or the update gate's (GRU), b_ih and b_hh together; 0 by default.</param>
    public sealed record Recurrent(RecurrentCell Cell, int? InFeatures, int? Hidden, int? Layers, int? Steps, bool Bidirectional,
        Initializer InputWeight, Initializer HiddenWeight, Initializer? Bias, double? MemoryBias) : Operation;

    /// <summary>detach(), no_grad() and the like: the value passes, the gradient does not.</summary>
    public sealed record Detach : Operation;

    /// <summary>Something that could not be read, or has no theory. What passes through it is unknown, never guessed.</summary>
    /// <param name="Reason">For people.</param>
    public sealed record Opaque(string Reason) : Operation;
}

/// <summary>Which elements share a mean and a variance.</summary>
public enum NormalizationKind
{
    /// <summary>One feature or channel over the batch and all positions (Ioffe and Szegedy 2015, arXiv:1502.03167).</summary>
    Batch,
    /// <summary>The features of one sample or position (Ba et al. 2016, arXiv:1607.06450).</summary>
    Layer,
    /// <summary>A group of channels of one sample, over all positions (Wu and He 2018, arXiv:1803.08494).</summary>
    Group,
    /// <summary>One channel of one sample, over all positions.</summary>
    Instance,
}

/// <summary>What a dropout mask covers.</summary>
public enum DropoutKind
{
    /// <summary>Each element by itself.</summary>
    Element,
    /// <summary>Whole channels: Dropout1d to 3d.</summary>
    Channel,
    /// <summary>AlphaDropout: keeps mean and variance behind SELU.</summary>
    Alpha,
}

/// <summary>How a window becomes one element.</summary>
public enum PoolingKind
{
    /// <summary>Its largest element.</summary>
    Max,
    /// <summary>Its mean.</summary>
    Average,
    /// <summary>Largest element, windows chosen so that the output has a given size.</summary>
    AdaptiveMax,
    /// <summary>Mean, windows chosen so that the output has a given size.</summary>
    AdaptiveAverage,
}

/// <summary>How all positions become one.</summary>
public enum ReductionKind
{
    /// <summary>Mean.</summary>
    Mean,
    /// <summary>Sum.</summary>
    Sum,
    /// <summary>Maximum.</summary>
    Max,
    /// <summary>One of them: the last time step, a class token.</summary>
    Select,
}

/// <summary>Equations of a recurrent layer.</summary>
public enum RecurrentCell
{
    /// <summary>tanh(W·x + U·h + b), Elman 1990.</summary>
    Tanh,
    /// <summary>relu(W·x + U·h + b).</summary>
    ReLU,
    /// <summary>Hochreiter and Schmidhuber 1997.</summary>
    LSTM,
    /// <summary>Cho et al. 2014, arXiv:1406.1078.</summary>
    GRU,
}
