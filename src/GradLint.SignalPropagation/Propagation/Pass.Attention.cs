using GradLint.SignalPropagation.Moments;

namespace GradLint.SignalPropagation.Propagation;

// softmax(q·kᵀ/√d)·v. The score of a query with the keys of different positions is a Gaussian of variance E q²·(E k² − E kk'), k and k' keys of two
// positions: what all keys share moves all scores alike, and softmax does not see it. All else follows from how much of the attention falls
// on one position (Noci et al. 2022, arXiv:2206.03126, for the case where it is spread evenly).
internal sealed partial class Pass
{
    /// <summary>How the weights of attention are spread.</summary>
    /// <param name="Keys">Positions attended to.</param>
    /// <param name="Queries">Positions that attend.</param>
    /// <param name="Self">E Σⱼ pⱼ² of one query.</param>
    /// <param name="Pair">E Σⱼ pⱼp'ⱼ of two queries of a sample.</param>
    private readonly record struct AttentionSpread(double Keys, double Queries, double Self, double Pair);

    private Signal ForwardAttention(Step step)
    {
        if (step.Inputs.Length != 3)
            return Give(step, new Signal(), "attention without query, key and value");
        var (query, key, value) = (Value(step.Inputs[0]), Value(step.Inputs[1]), Value(step.Inputs[2]));
        var shape = new Signal { Width = value.Width, Spatial = query.Spatial };
        if (!query.Known || !key.Known || !value.Known)
            return shape.Unknown();
        var spread = SpreadOf(query, key);
        var apart = Math.Max(0, value.Square - value.AcrossPositions);
        return shape with
        {
            Square = value.AcrossPositions + apart * spread.Self,
            AcrossPositions = value.AcrossPositions + apart * spread.Pair,
            AcrossSamples = value.AcrossSamples,
            AcrossBoth = value.AcrossBoth,
            CosineVariance = value.CosineVariance,
            Scatter = value.Scatter,
            SampleScatter = value.SampleScatter,
        };
    }

    private void BackwardAttention(Step step, Gradient gradient)
    {
        var (query, key, value) = (Value(step.Inputs[0]), Value(step.Inputs[1]), Value(step.Inputs[2]));
        if (!step.Signal.Known)
        {
            SendUnknown(step, null);
            return;
        }

        var spread = SpreadOf(query, key);
        var cosine = gradient.AcrossPositions;
        var others = spread.Queries - 1;
        var keysApart = Math.Max(0, key.Square - key.AcrossPositions);
        var valuesApart = Math.Max(0, value.Square - value.AcrossPositions);
        // dv_j = Σ_i p_ij·δ_i
        var toValue = spread.Self + others * cosine * spread.Pair;
        var all = 1 + others * cosine;
        var even = 1 / spread.Keys;
        Send(step, 2, Alike(gradient, toValue, spread.Keys > 1 ? (all - toValue) / (spread.Keys - 1) : 0,
            even * (gradient.AcrossSamples + others * gradient.AcrossBoth)));
        // The score's gradient is ds_ij = p_ij·(v_j − o_i)·δ_i, which adds up to 0 over the keys: dq_i = Σ_j ds_ij·k_j/√d, dk_j = Σ_i ds_ij·q_i/√d.
        var self = valuesApart * spread.Self * (1 - spread.Self);
        var pair = valuesApart * spread.Pair * (1 - spread.Pair) * cosine;
        Send(step, 0, Alike(gradient, keysApart * self, keysApart * pair, 0));
        Send(step, 1, Alike(gradient, query.Square * self + others * query.AcrossPositions * pair, 0, 0));
    }

    /// <summary>A gradient whose squared norm is multiplied by <paramref name="self"/>; products of other positions and other samples likewise.</summary>
    private static Gradient Alike(Gradient g, double self, double positions, double samples) => g with
    {
        LogNorm = g.LogNorm + Log(self),
        AcrossPositions = self > 0 ? Math.Max(-1, Math.Min(1, positions / self)) : 0,
        AcrossSamples = self > 0 ? Math.Max(-1, Math.Min(1, samples / self)) : 0,
        AcrossBoth = self > 0 ? Math.Max(-1, Math.Min(1, samples / self)) : 0,
        Parallel = 0,
        Map = null,
        SamplesSlope = 0,
        PositionsSlope = 0,
        BothSlope = 0,
        Drift = 0,
        OverTime = null,
        IsAtLastStep = false,
        OverlapSelf = 1,
        OverlapPair = 0,
        OverlapPositions = 0,
    };

    private AttentionSpread SpreadOf(Signal query, Signal key)
    {
        var (keys, queries) = (key.Positions ?? options.SequenceLength, query.Positions ?? options.SequenceLength);
        if (keys <= 1)
            return new(1, Math.Max(1, queries), 1, 1);
        var apart = Math.Max(0, key.Square - key.AcrossPositions);
        var overlap = SoftmaxOverlap.For(keys);
        var scores = query.Square * apart;
        return new(keys, Math.Max(1, queries), overlap.Self(scores), overlap.Pair(scores, query.AcrossPositions * apart));
    }
}
