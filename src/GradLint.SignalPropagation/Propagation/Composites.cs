namespace GradLint.SignalPropagation.Propagation;

/// <summary>Writes modules that consist of other operations out in these. The last step stands for the module.</summary>
internal static class Composites
{
    /// <summary>The steps of a module; false for an operation that is one step.</summary>
    public static bool Append(Node node, int[] inputs, int round, string? path, List<Step> steps)
    {
        var writer = new Writer(node, round, path, steps);
        switch (node.Operation)
        {
            case Operation.MultiheadAttention o when inputs.Length == 3:
                writer.Attention(o.Width, o.Heads, o.InProjection, o.OutProjection, inputs);
                break;
            case Operation.TransformerEncoderLayer o when inputs.Length == 1:
                writer.Encoder(o, inputs[0]);
                break;
            default:
                return false;
        }

        steps[steps.Count - 1].Layer = node;
        return true;
    }

    private sealed class Writer(Node node, int round, string? path, List<Step> steps)
    {
        /// <summary>softmax(q·kᵀ/√d)·v between projections (Vaswani et al. 2017, arXiv:1706.03762); biases are zero.</summary>
        public int Attention(int? width, int? heads, Initializer inProjection, Initializer outProjection, int[] inputs)
        {
            // One matrix of 3·width rows makes queries, keys and values: Xavier's fan_out is theirs together.
            var together = new WeightShape(3.0 * width, width);
            var projection = inProjection is { IsKnown: true, Mean: 0 } && inProjection.FanInVariance(together) is { } variance
                ? Initializer.LecunNormal(Math.Sqrt(variance))
                : Initializer.Unknown;
            var projected = new int[3];
            for (var i = 0; i < 3; i++)
                projected[i] = Add(new Operation.Linear(width, width, projection, null), inputs[i]);
            var attended = Add(new Operation.ScaledDotProduct(heads), projected);
            return Add(new Operation.Linear(width, width, outProjection, null), attended);
        }

        /// <summary>x₁ = LayerNorm(x + attention(x)), LayerNorm(x₁ + W₂·φ(W₁·x₁)), dropout on each branch.</summary>
        public int Encoder(Operation.TransformerEncoderLayer o, int x)
        {
            var attended = Attention(o.Width, o.Heads, Initializer.XavierUniform(), Initializer.Default, [x, x, x]);
            x = Normalized(o, Add(new Operation.Add(), x, Dropped(o, attended)));
            var inner = Add(new Operation.Linear(o.Width, o.FeedForward, Initializer.Default, Initializer.DefaultBias), x);
            inner = Dropped(o, Add(new Operation.Nonlinearity(o.Function), inner));
            var outer = Add(new Operation.Linear(o.FeedForward, o.Width, Initializer.Default, Initializer.DefaultBias), inner);
            return Normalized(o, Add(new Operation.Add(), x, Dropped(o, outer)));
        }

        private int Dropped(Operation.TransformerEncoderLayer o, int x) => Add(new Operation.Dropout(o.DropoutProbability, DropoutKind.Element), x);

        private int Normalized(Operation.TransformerEncoderLayer o, int x) =>
            Add(new Operation.Normalization(NormalizationKind.Layer, o.Width, null, Initializer.DefaultScale, Initializer.DefaultShift, 1e-5), x);

        private int Add(Operation operation, params int[] inputs)
        {
            var part = new Node(node.Index, operation, inputs, node.Path, node.Name, node.Location, node.Repeat);
            steps.Add(new Step(part, inputs, round, path) { Layer = null });
            return steps.Count - 1;
        }
    }
}
