namespace GradLint.SignalPropagation.Propagation;

/// <summary>A recurrent operation at work on a sequence: its layers, in one direction or both.</summary>
internal sealed class RecurrentStack
{
    /// <summary>Longer sequences are taken to go on as they were: their moments have settled.</summary>
    public const int MostSteps = 128;

    private const int MostLayers = 64;

    private readonly List<Layer> layers = [];
    private ReturnedGradient? fromLastStep;

    private RecurrentStack(OverTime output) => Output = output;

    /// <summary>One layer: its dynamics in each direction.</summary>
    private sealed class Layer(in CellWeights weights, CellDynamics forward, CellDynamics? backward)
    {
        public readonly CellWeights Weights = weights;
        public readonly CellDynamics Forward = forward;
        public readonly CellDynamics? Backward = backward;
    }

    /// <summary>Second moments of a unit of the last layer.</summary>
    public OverTime Output;

    /// <summary>E φ'φ' of two distant steps over E φ'², or what corresponds to it in a gated cell.</summary>
    public double Coherence => layers[0].Forward.Coherence;

    /// <summary>Whether the gradient of the first layer goes on to fall by the same factor at each step.</summary>
    public bool FadesExponentially => layers[0].Forward.FadesExponentially;

    /// <summary>Runs the layers forward.</summary>
    /// <param name="o">The operation.</param>
    /// <param name="inputs">Its input's width where the operation does not tell it.</param>
    /// <param name="input">Second moments of an element of the input.</param>
    /// <param name="unknownBecause">Why there is no result.</param>
    /// <param name="cancellationToken">Heard before each layer.</param>
    public static RecurrentStack? Run(Operation.Recurrent o, double? inputs, OverTime input, CancellationToken cancellationToken, out string? unknownBecause)
    {
        unknownBecause = Unmodelled(o);
        if (unknownBecause is not null)
            return null;
        var stack = new RecurrentStack(input);
        var width = (double)o.Hidden!.Value;
        var fanIn = o.InFeatures is > 0 ? o.InFeatures : inputs;
        for (var i = 0; i < o.Layers; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (WeightsOf(o, fanIn, width) is not { } weights)
            {
                unknownBecause = fanIn is null ? "the width of a recurrent layer's input is unknown" : "the variance of a recurrent layer's weights is unknown";
                return null;
            }

            var isIdentity = o.HiddenWeight.Distribution == InitializerDistribution.Identity;
            if (CellDynamics.Run(o.Cell, weights, isIdentity, stack.Output) is not { } forward)
            {
                unknownBecause = "identity weights of this recurrent cell are not modelled";
                return null;
            }

            var backward = !o.Bidirectional ? null
                : stack.Output.IsReversible ? forward
                : CellDynamics.Run(o.Cell, weights, isIdentity, stack.Output.Reversed());
            stack.layers.Add(new Layer(weights, forward, backward));
            stack.Output = backward is null ? forward.Output : (forward.Output + backward.Output.Reversed()) * 0.5;
            fanIn = o.Bidirectional ? 2 * width : width;
        }

        return stack;
    }

    /// <summary>Sends a gradient back whose squared norms and products over the steps are <paramref name="output"/>.</summary>
    public ReturnedGradient Backward(OverTime output, CancellationToken cancellationToken)
    {
        var gradient = output;
        for (var i = layers.Count - 1; ; i--)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var gates = Gates(layers[i], gradient);
            gradient = gates * layers[i].Weights.Input;
            if (i == 0)
                return new(gradient, gates);
        }
    }

    /// <summary>The same for a gradient of the last step only.</summary>
    public ReturnedGradient BackwardFromLastStep(CancellationToken cancellationToken) =>
        fromLastStep ??= Backward(OverTime.AtLast(Output.Steps), cancellationToken);

    /// <summary>Variance of ln ‖∂L/∂x‖² n steps back, over draws of the weights.</summary>
    public double TimeVariance(double n) => layers[0].Forward.VarianceAfter(n);

    private static OverTime Gates(Layer layer, OverTime gradient) => layer.Backward is null
        ? layer.Forward.Backward(gradient)
        // Each direction makes one half of the units.
        : (layer.Forward.Backward(gradient) + layer.Backward.Backward(gradient.Reversed()).Reversed()) * 0.5;

    private static string? Unmodelled(Operation.Recurrent o)
    {
        if (o.Hidden is not > 0)
            return "the hidden size of a recurrent layer is unknown";
        if (o.Layers is not (> 0 and <= MostLayers))
            return "the number of recurrent layers is unknown";
        if (o.MemoryBias is not { } memory || !(Math.Abs(memory) < 100))
            return "the bias of a recurrent cell's gates is unknown";
        if (!IsCentered(o.InputWeight) || !IsCentered(o.HiddenWeight) || o.InputWeight.Distribution == InitializerDistribution.Identity)
            return "the initialization of a recurrent layer is not modelled";
        return o.Bias is { } bias && !IsCentered(bias) ? "the bias of a recurrent layer is not modelled" : null;
    }

    private static bool IsCentered(Initializer initializer) => initializer is { IsKnown: true, Mean: 0 };

    private static CellWeights? WeightsOf(Operation.Recurrent o, double? fanIn, double width)
    {
        var gates = o.Cell switch { RecurrentCell.LSTM => 4, RecurrentCell.GRU => 3, _ => 1 };
        var input = fanIn * o.InputWeight.Variance(new WeightShape(gates * width, fanIn, hidden: width));
        var hidden = width * o.HiddenWeight.Variance(new WeightShape(gates * width, width, hidden: width));
        var bias = o.Bias is null ? 0 : o.Bias.Variance(new WeightShape(gates * width, fanIn, hidden: width));
        return input is { } i && hidden is { } h && bias is { } b && Math.Max(i, Math.Max(h, b)) < 1e6
            ? new CellWeights(i, h, b, b, o.Bias is null ? 0 : o.MemoryBias!.Value, width, gates == 1 && o.HiddenWeight.Distribution == InitializerDistribution.Orthogonal)
            : null;
    }
}

/// <summary>What a recurrent operation sends back: squared norms and products over the steps.</summary>
internal sealed class ReturnedGradient(OverTime input, OverTime firstGates)
{
    /// <summary>Of ∂L/∂x.</summary>
    public readonly OverTime Input = input;

    /// <summary>Of the arguments of the first layer's gates.</summary>
    public readonly OverTime FirstGates = firstGates;
}
