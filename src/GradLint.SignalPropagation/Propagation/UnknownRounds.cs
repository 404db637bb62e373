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
        foreach (var node in network.Nodes)
        {
            if (IsInside(node))
                return true;
        }

        return false;
    }

    /// <summary>One row for each weight layer, those inside of a block once.</summary>
    /// <param name="runs">The rows for each of <see cref="Counts"/>.</param>
    /// <param name="reason">Why what they do not agree on is unknown.</param>
    public static IReadOnlyList<LayerPrediction> Agreed(IReadOnlyList<IReadOnlyList<LayerPrediction>> runs, string reason = Reason)
    {
        var rows = new List<LayerPrediction>();
        var byRound = runs.Select(FirstOfEachRound).ToList();
        var inside = new Dictionary<Node, (int Row, List<LayerPrediction> Rounds)>();
        foreach (var row in runs[runs.Count - 1])
        {
            if (!IsInside(row.Node))
            {
                rows.Add(Agreed(row, [.. byRound.Select(run => run.TryGetValue(KeyOf(row), out var same) ? same : null)], reason));
            }
            else if (inside.TryGetValue(row.Node, out var block))
            {
                block.Rounds.Add(row);
            }
            else
            {
                inside.Add(row.Node, (rows.Count, [row]));
                rows.Add(row);
            }
        }

        foreach (var (at, rounds) in inside.Values)
            rows[at] = OfAnyRound(rounds);
        return rows;
    }

    private static Dictionary<long, LayerPrediction> FirstOfEachRound(IReadOnlyList<LayerPrediction> run)
    {
        var first = new Dictionary<long, LayerPrediction>(run.Count);
        foreach (var row in run)
        {
            if (!first.ContainsKey(KeyOf(row)))
                first.Add(KeyOf(row), row);
        }

        return first;
    }

    private static long KeyOf(LayerPrediction row) => ((long)row.Node.Index << 32) | (uint)row.Round;

    private static LayerPrediction Agreed(LayerPrediction row, IReadOnlyList<LayerPrediction?> same, string reason)
    {
        // A layer that is cut off without the block has no ratio that holds for every number of rounds.
        var agreed = row with
        {
            GradientRatio = One(same, r => r.GradientRatio, SameExponent),
            GeometryShare = One(same, r => r.GeometryShare, SameExponent),
            SignalRatio = One(same, r => r.SignalRatio, SameExponent),
            NormRatio = One(same, r => r.NormRatio, SameExponent),
            WeightRatio = One(same, r => r.WeightRatio, SameExponent),
            Scale = One(same, r => r.Scale, SameExponent),
            GradientBand = same.Max(r => r?.GradientBand),
            WeightBand = same.Max(r => r?.WeightBand),
            ScaleBand = same.Max(r => r?.ScaleBand),
            Factor = FactorOf(same.Where(r => r?.Between == row.Between).Select(r => r?.Factor), same.Count),
        };
        agreed = agreed with
        {
            GradientBand = agreed.SignalRatio is null ? null : agreed.GradientBand,
            WeightBand = agreed.WeightRatio is null ? null : agreed.WeightBand,
            ScaleBand = agreed.Scale is null ? null : agreed.ScaleBand,
        };
        var isLess = (row.GradientRatio, row.WeightRatio, row.Scale) is var (g, w, s) && (g is null, w is null, s is null) != (agreed.GradientRatio is null, agreed.WeightRatio is null, agreed.Scale is null);
        return isLess ? agreed with { UnknownBecause = reason } : agreed;
    }

    /// <summary>What every round says of a layer: its factor.</summary>
    private static LayerPrediction OfAnyRound(List<LayerPrediction> rounds)
    {
        var node = rounds[0].Node;
        // The last round's layer leads out of the block: its factor is another one.
        rounds.RemoveAt(rounds.Count - 1);
        return new(node, 0, node.Path)
        {
            Factor = rounds.Exists(r => r.Between != rounds[0].Between) ? null : FactorOf(rounds.Select(r => r.Factor), rounds.Count),
            Between = rounds.Count == 0 ? "" : rounds[0].Between,
            UnknownBecause = Reason,
        };
    }

    /// <summary>The last of several factors where all are about the same, and there are so many.</summary>
    private static double? FactorOf(IEnumerable<double?> factors, int count)
    {
        var logs = factors.Select(f => f is > 0 ? Math.Log10(f.Value) : (double?)null).ToList();
        return logs.Count == count && count > 0 && Spread(logs) <= SameFactor ? Math.Pow(10, logs[logs.Count - 1]!.Value) : null;
    }

    private static double? One(IReadOnlyList<LayerPrediction?> same, Func<LayerPrediction, double?> number, double tolerance)
    {
        var numbers = same.Select(r => r is null ? null : number(r)).ToList();
        return Spread(numbers) <= tolerance ? numbers.Average() : null;
    }

    private static double Spread(List<double?> numbers) => numbers.Contains(null) ? double.PositiveInfinity : numbers.Max()!.Value - numbers.Min()!.Value;

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
