using System.Globalization;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Analyzers.Rules;

/// <summary>The thresholds of the rules: <c>.editorconfig</c> keys <c>gradlint.*</c>. A value that is no positive number counts as not given.</summary>
internal readonly struct RuleOptions(AnalyzerConfigOptions options)
{
    /// <summary>Decades by which a gradient may fade before it is a warning.</summary>
    public double VanishingDecades => Number("gradlint.vanishing_decades", 3);

    /// <summary>Decades by which a gradient may fade before it is worth a remark.</summary>
    public double VanishingDecadesInfo => Number("gradlint.vanishing_decades_info", 2);

    /// <summary>The factor per layer below which a chain of saturating activations is reported whatever else the network does.</summary>
    public double SaturatingFactor => Number("gradlint.saturating_factor", 0.35);

    /// <summary>The length that such a chain must have.</summary>
    public double SaturatingLayers => Number("gradlint.saturating_layers", 4);

    /// <summary>Decades by which a gradient or a signal may grow before it is a warning.</summary>
    public double ExplodingDecades => Number("gradlint.exploding_decades", 3);

    /// <summary>Decades by which a gradient or a signal may grow before it is worth a remark.</summary>
    public double ExplodingDecadesInfo => Number("gradlint.exploding_decades_info", 2);

    /// <summary>Decades of the gradient that an initialization may cost before it is a warning.</summary>
    public double InitializationDecades => Number("gradlint.initialization_decades", 2);

    /// <summary>Decades of the gradient that an initialization may cost before it is worth a remark.</summary>
    public double InitializationDecadesInfo => Number("gradlint.initialization_decades_info", 0.5);

    /// <summary>The norm at which the repair of a recurrent training loop clips.</summary>
    public double ClipNorm => Number("gradlint.clip_norm", 1);

    /// <summary>The largest element of a gradient that the other repair of a recurrent training loop leaves.</summary>
    public double ClipValue => Number("gradlint.clip_value", 0.5);

    /// <summary>The number of weight layers from which a stack without normalization and skip connections is called deep.</summary>
    public double DeepLayers => Number("gradlint.deep_layers", 8);

    /// <summary>The number of recurrent layers in a row from which missing normalization between them is reported.</summary>
    public double RecurrentLayers => Number("gradlint.recurrent_layers", 3);

    /// <summary>Decades by which the gradient must fade over these layers to be worth a remark.</summary>
    public double RecurrentDecadesInfo => Number("gradlint.recurrent_decades_info", 0.3);

    /// <summary>The number of layers under Kaiming initialization from which an activation that it does not fit is reported.</summary>
    public double KaimingLayers => Number("gradlint.kaiming_layers", 4);

    private double Number(string key, double otherwise) =>
        options.TryGetValue(key, out var text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value > 0
            && !double.IsInfinity(value) ? value : otherwise;
}
