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
        var edges = new double[2 + kinks.Length + 2 * BendsAt.Length];
        (edges[0], edges[1]) = (-Range, Range);
        var count = 2;
        foreach (var x in kinks)
            AddEdge(edges, ref count, x / root);
        foreach (var x in BendsAt)
        {
            AddEdge(edges, ref count, x / root);
            AddEdge(edges, ref count, -x / root);
        }

        var panels = 0;
        for (var i = 1; i < count; i++)
            panels += PanelsIn(edges[i] - edges[i - 1]);
        var (z, w) = (new double[panels * 2 * Points.Length], new double[panels * 2 * Points.Length]);
        for (int i = 1, at = 0; i < count; i++)
        {
            var width = edges[i] - edges[i - 1];
            var within = PanelsIn(width);
            for (var p = 0; p < within; p++, at += 2 * Points.Length)
                AddPanel(z, w, at, edges[i - 1] + width * p / within, width / within);
        }

        return (z, w);
    }

    private static int PanelsIn(double width) => width > 0 ? (int)Math.Ceiling(width / WidestPanel) : 0;

    /// <summary>Keeps them in order: they are few.</summary>
    private static void AddEdge(double[] edges, ref int count, double z)
    {
        if (!(z > -Range && z < Range))
            return;
        var at = count++;
        for (; edges[at - 1] > z; at--)
            edges[at] = edges[at - 1];
        edges[at] = z;
    }

    private static void AddPanel(double[] z, double[] w, int at, double from, double width)
    {
        var half = width / 2;
        for (var i = 0; i < Points.Length; i++)
        {
            for (var sign = -1; sign <= 1; sign += 2, at++)
            {
                z[at] = from + half + sign * half * Points[i];
                w[at] = half * Weights[i] * SpecialFunctions.NormalDensity(z[at]);
            }
        }
    }
}
