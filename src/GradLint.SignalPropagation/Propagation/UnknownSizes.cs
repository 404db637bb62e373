namespace GradLint.SignalPropagation.Propagation;

/// <summary>What holds for a network that pools over an unknown number of positions, however many they are. Averaging divides the gradient by that
/// number, which is geometry; beyond it the number only decides how much of what differs between positions is left in the signal.</summary>
internal static class UnknownSizes
{
    /// <summary>Why something is unknown.</summary>
    public const string Window = "the size of a pooling window is unknown";

    /// <summary>See <see cref="Window"/>.</summary>
    public const string Positions = "the number of positions is unknown";

    /// <summary>Numbers that stand for all, from nothing to pool to so many that only what all positions share is left: in between the signal's mean
    /// square is monotone.</summary>
    public static IReadOnlyList<double> PooledPositions { get; } = [1, 16, 4096];

    /// <summary>Whether a prediction lacks nothing else than such a number.</summary>
    public static bool Matter(Prediction prediction)
    {
        for (var i = 0; i < prediction.Layers.Count; i++)
        {
            if (prediction.Layers[i].UnknownBecause is Window or Positions)
                return true;
        }

        return false;
    }
}
