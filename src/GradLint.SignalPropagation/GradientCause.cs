using System.Globalization;

namespace GradLint.SignalPropagation;

/// <summary>A run of equal steps between weight layers.</summary>
/// <param name="Between">What lies between the layers: <c>sigmoid</c>, <c>batch_norm, relu</c>; empty for layers with nothing between; null for the
/// last cause, the widths: √(output width / first layer's width).</param>
/// <param name="Count">Number of steps.</param>
/// <param name="Factor">Geometric mean of their factors.</param>
/// <param name="FirstLayer">Index in <see cref="Prediction.Layers"/> of the first one.</param>
public sealed record GradientCause(string? Between, int Count, double Factor, int FirstLayer)
{
    /// <summary>log10 of what the run contributes to the gradient's ratio.</summary>
    public double Decades => Count * Math.Log10(Factor);

    /// <summary>For example <c>11 sigmoid layers, about 0.14 each</c>.</summary>
    public override string ToString()
    {
        if (Between is null)
            return Number(Factor);
        var what = Between.Length == 0 ? "" : Between.Replace(", ", " + ") + " ";
        return FormattableString.Invariant($"{Count} {what}layer{(Count == 1 ? "" : "s")}, about {Number(Factor)}{(Count == 1 ? "" : " each")}");
    }

    internal static string Explain(IReadOnlyList<GradientCause> causes) => string.Join(", then ", causes.Select(c => c.ToString()));

    internal static IReadOnlyList<GradientCause> Of(IReadOnlyList<LayerPrediction> layers)
    {
        var causes = new List<GradientCause>();
        for (var i = 0; i < layers.Count - 1;)
        {
            var log = 0.0;
            var end = i;
            for (; end < layers.Count - 1 && layers[end].Between == layers[i].Between; end++)
            {
                if (layers[end].Factor is not > 0)
                    return [];
                log += Math.Log(layers[end].Factor!.Value);
            }

            causes.Add(new(layers[i].Between, end - i, Math.Exp(log / (end - i)), i));
            i = end;
        }

        if (layers.Count > 1 && layers[0] is { SignalRatio: { } signal, NormRatio: { } norm } && Math.Abs(signal - norm) > 0.02)
            causes.Add(new(null, 1, Math.Pow(10, signal - norm), 0));
        return causes;
    }

    private static string Number(double factor) => factor.ToString(factor is >= 0.01 and < 100 ? "0.00" : "0.0e+0", CultureInfo.InvariantCulture);
}
