namespace GradLint.SignalPropagation.Propagation;

/// <summary>What holds for a network with blocks of an unknown number of rounds, however often they run: predictions with various numbers are
/// compared, and what they agree on is kept.</summary>
internal static class UnknownRounds
{
    /// <summary>Why something is unknown.</summary>
    public const string Reason = "a block that repeats an unknown number of times";

    // Decades within which exponents, and the factors of all rounds, count as one number.
    private const double SameExponent = 0.05;
    private const double SameFactor = 0.1;

    /// <summary>Numbers of rounds that stand for all: none, few, and so many that the signal has settled (Schoenholz et al. 2017, arXiv:1611.01232,
    /// section 3: it approaches its fixed point exponentially).</summary>
    public static IReadOnlyList<int> Counts { get; } = [0, 1, 2, 16];

    /// <summary>Whether the number of rounds of any block is unknown.</summary>
    public static bool Has(Network network)
    {
        for (var i = 0; i < network.Nodes.Count; i++)
        {
            if (IsInside(network.Nodes[i]))
                return true;
        }

        return false;
    }

    /// <summary>One row for each weight layer, those inside of a block once.</summary>
    /// <param name="runs">The rows for each of <see cref="Counts"/>.</param>
    /// <param name="reason">Why what they do not agree on is unknown.</param>
    public static IReadOnlyList<LayerPrediction> Agreed(IReadOnlyList<LayerPrediction>[] runs, string reason = Reason)
    {
        var byNode = new Dictionary<Node, List<LayerPrediction>>[runs.Length];
        for (var i = 0; i < runs.Length; i++)
            byNode[i] = ByNode(runs[i]);
        var rows = new List<LayerPrediction>();
        foreach (var row in runs[runs.Length - 1])
        {
            var rounds = byNode[runs.Length - 1][row.Node];
            if (!IsInside(row.Node))
                rows.Add(Agreed(row, SameIn(byNode, row), reason));
            else if (ReferenceEquals(rounds[0], row))
                rows.Add(OfAnyRound(rounds));
        }

        return rows;
    }

    private static Dictionary<Node, List<LayerPrediction>> ByNode(IReadOnlyList<LayerPrediction> run)
    {
        var byNode = new Dictionary<Node, List<LayerPrediction>>();
        foreach (var row in run)
        {
            if (!byNode.TryGetValue(row.Node, out var rounds))
                byNode.Add(row.Node, rounds = []);
            rounds.Add(row);
        }

        return byNode;
    }

    /// <summary>The row of the same layer and round in each run; null where it has none.</summary>
    private static LayerPrediction?[] SameIn(Dictionary<Node, List<LayerPrediction>>[] runs, LayerPrediction row)
    {
        var same = new LayerPrediction?[runs.Length];
        for (var i = 0; i < same.Length; i++)
        {
            if (!runs[i].TryGetValue(row.Node, out var rounds))
                continue;
            same[i] = row.Round < rounds.Count && rounds[row.Round].Round == row.Round ? rounds[row.Round] : rounds.Find(r => r.Round == row.Round);
        }

        return same;
    }

    private static LayerPrediction Agreed(LayerPrediction row, LayerPrediction?[] same, string reason)
    {
        var numbers = new double?[same.Length][];
        for (var i = 0; i < same.Length; i++)
            numbers[i] = NumbersOf(same[i]);
        // A layer that is cut off without the block has no ratio that holds for every number of rounds.
        var (signal, weight, scale) = (One(numbers, 2), One(numbers, 4), One(numbers, 5));
        var agreed = row with
        {
            GradientRatio = One(numbers, 0),
            GeometryShare = One(numbers, 1),
            SignalRatio = signal,
            NormRatio = One(numbers, 3),
            WeightRatio = weight,
            Scale = scale,
            GradientBand = signal is null ? null : Largest(numbers, 6),
            WeightBand = weight is null ? null : Largest(numbers, 7),
            ScaleBand = scale is null ? null : Largest(numbers, 8),
            Factor = FactorOf(same, row.Between),
        };
        var isLess = row.GradientRatio is null != agreed.GradientRatio is null || row.WeightRatio is null != weight is null || row.Scale is null != scale is null;
        return isLess ? agreed with { UnknownBecause = reason } : agreed;
    }

    private static double?[] NumbersOf(LayerPrediction? row) => row is null
        ? new double?[9]
        : [row.GradientRatio, row.GeometryShare, row.SignalRatio, row.NormRatio, row.WeightRatio, row.Scale, row.GradientBand, row.WeightBand, row.ScaleBand];

    /// <summary>What every round says of a layer: its factor.</summary>
    private static LayerPrediction OfAnyRound(List<LayerPrediction> all)
    {
        // The last round's layer leads out of the block: its factor is another one.
        var rounds = new LayerPrediction?[all.Count - 1];
        all.CopyTo(0, rounds!, 0, rounds.Length);
        var between = rounds.Length == 0 ? "" : rounds[0]!.Between;
        return new(all[0].Node, 0, all[0].Node.Path)
        {
            Factor = FactorOf(rounds, between),
            Between = between,
            UnknownBecause = Reason,
        };
    }

    /// <summary>The last of several factors where all are about the same, and the same lies between all of the layers.</summary>
    private static double? FactorOf(LayerPrediction?[] rounds, string between)
    {
        double? low = null, high = null, last = null;
        foreach (var round in rounds)
        {
            if (round is null || round.Between != between || !(round.Factor is { } factor && factor > 0))
                return null;
            var log = Math.Log10(factor);
            (low, high, last) = (Math.Min(low ?? log, log), Math.Max(high ?? log, log), log);
        }

        return high - low <= SameFactor ? Math.Pow(10, last!.Value) : null;
    }

    private static double? One(double?[][] numbers, int which)
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity, sum = 0;
        foreach (var row in numbers)
        {
            if (row[which] is not { } number)
                return null;
            (low, high, sum) = (Math.Min(low, number), Math.Max(high, number), sum + number);
        }

        return high - low <= SameExponent ? sum / numbers.Length : null;
    }

    private static double? Largest(double?[][] numbers, int which)
    {
        double? largest = null;
        foreach (var row in numbers)
        {
            if (row[which] is { } number && !(number <= largest))
                largest = number;
        }

        return largest;
    }

    private static bool IsInside(Node node)
    {
        for (var block = node.Repeat; block is not null; block = block.Parent)
        {
            if (block.Count is null)
                return true;
        }

        return false;
    }
}
