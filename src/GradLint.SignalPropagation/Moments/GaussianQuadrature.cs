namespace GradLint.SignalPropagation.Moments;

/// <summary>Points and weights for E[f(√q·z)], z ~ N(0, 1): Gauss-Legendre panels, cut where f has kinks and refined where it bends.</summary>
internal static class GaussianQuadrature
{
    // The density beyond is 1e−18 of its peak.
    private const double Range = 9;
    private const double WidestPanel = 2.25;
    private static readonly double[] BendsAt = [0, 1.5, 5, 16];

    // Twelve points on [−1, 1]; Abramowitz and Stegun, table 25.4.
    private static readonly double[] Points =
    [
        0.1252334085114689, 0.3678314989981802, 0.5873179542866175, 0.7699026741943047, 0.9041172563704749, 0.9815606342467193,
    ];

    private static readonly double[] Weights =
    [
        0.2491470458134028, 0.2334925365383548, 0.2031674267230659, 0.1600783285433462, 0.1069393259953184, 0.0471753363865118,
    ];

    /// <summary>Abscissas in z and their weights, the density included. Up to some 30 panels of 12 points.</summary>
    public static (double[] Z, double[] W) For(double q, double[] kinks)
    {
        var root = Math.Sqrt(q);
        var edges = new List<double> { -Range, Range };
        foreach (var x in kinks)
            AddEdge(edges, x / root);
        foreach (var x in BendsAt)
        {
            AddEdge(edges, x / root);
            AddEdge(edges, -x / root);
        }

        edges.Sort();
        var z = new List<double>();
        var w = new List<double>();
        for (var i = 1; i < edges.Count; i++)
        {
            var width = edges[i] - edges[i - 1];
            if (!(width > 0))
                continue;
            var panels = (int)Math.Ceiling(width / WidestPanel);
            for (var p = 0; p < panels; p++)
                AddPanel(z, w, edges[i - 1] + width * p / panels, width / panels);
        }

        return (z.ToArray(), w.ToArray());
    }

    private static void AddEdge(List<double> edges, double z)
    {
        if (z > -Range && z < Range)
            edges.Add(z);
    }

    private static void AddPanel(List<double> z, List<double> w, double from, double width)
    {
        var half = width / 2;
        for (var i = 0; i < Points.Length; i++)
        {
            for (var sign = -1; sign <= 1; sign += 2)
            {
                var x = from + half + sign * half * Points[i];
                z.Add(x);
                w.Add(half * Weights[i] * SpecialFunctions.NormalDensity(x));
            }
        }
    }
}
