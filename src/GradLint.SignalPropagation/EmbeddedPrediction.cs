using System.Globalization;

namespace GradLint.SignalPropagation;

/// <summary>
/// What theory says about one weight layer, in the form in which it travels inside the assembly that holds the network:
/// <c>[assembly: AssemblyMetadata("GradLint.Predictions", "1|Net||fc1|64x784|…")]</c>, one line for each layer.
/// </summary>
/// <remarks>
/// Exponents are log10 of norm ratios relative to the output layer, so −3 means a thousandth; null where theory is silent.
/// A tolerance is half the width of the band around its exponent, in decades, for one random draw of the weights.
/// </remarks>
public sealed record EmbeddedPrediction
{
    /// <summary>The key of the assembly metadata attribute.</summary>
    public const string MetadataKey = "GradLint.Predictions";

    private const string FormatVersion = "1";
    private const int FieldCount = 16;

    /// <summary>The module's type as <see cref="System.Type.FullName"/> prints it, for a generic type its definition: <c>Models.Outer+Net`1</c>.</summary>
    public string Type { get; init; } = "";

    /// <summary>
    /// Empty for a module class. A network that has no class of its own (a <c>Sequential</c> held in a variable) is named by the
    /// member and variable that hold it, <c>Program.Main.model</c>. No running object knows that name: match such a network by
    /// <see cref="ModulePath"/> and <see cref="WeightShape"/> of all its layers, and treat several matches that differ as no match.
    /// </summary>
    public string Site { get; init; } = "";

    /// <summary>The layer as <c>named_parameters()</c> spells it, without the parameter: <c>layers.3</c>.</summary>
    public string ModulePath { get; init; } = "";

    /// <summary>The weight's shape as <c>64x784</c>, output first as in <c>weight.shape</c>; empty where a size is unknown.</summary>
    public string WeightShape { get; init; } = "";

    /// <summary>log10 ‖∂L/∂z‖ / ‖∂L/∂z_L‖ with z the output of this layer and z_L that of the output layer.</summary>
    public double? ActivationGradient { get; init; }

    /// <summary>Half width in decades of the band around <see cref="ActivationGradient"/>.</summary>
    public double? ActivationGradientTolerance { get; init; }

    /// <summary>log10 ‖∂L/∂W‖ / ‖∂L/∂W_L‖.</summary>
    public double? WeightGradient { get; init; }

    /// <summary>Half width in decades of the band around <see cref="WeightGradient"/>.</summary>
    public double? WeightGradientTolerance { get; init; }

    /// <summary>log10 of the root mean square of this layer's output over that of the network's input.</summary>
    public double? ForwardScale { get; init; }

    /// <summary>Half width in decades of the band around <see cref="ForwardScale"/>.</summary>
    public double? ForwardScaleTolerance { get; init; }

    /// <summary>The rules that warn about the network of which this layer is a part; empty for a healthy one.</summary>
    public IReadOnlyList<string> RuleIds { get; init; } = [];

    /// <summary>The source file, relative to the project, with forward slashes; the file name alone for a file outside of it.</summary>
    public string File { get; init; } = "";

    /// <summary>The line in <see cref="File"/> at which the layer is constructed, counted from 1; 0 where it is unknown.</summary>
    public int Line { get; init; }

    /// <summary>The fingerprint of the network that the prediction is about; evidence with another one is about another network.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>
    /// The value of the metadata attribute. All predictions of an assembly travel in one: for every symbol that an analyzer of anybody asks
    /// about, the compiler looks through all attributes of the assembly.
    /// </summary>
    public static string EncodeAll(IEnumerable<EmbeddedPrediction> predictions) => string.Join("\n", predictions.Select(p => p.Encode()));

    /// <summary>Reads the value of a metadata attribute; what is of another version's format or damaged is left out. Never throws.</summary>
    public static IReadOnlyList<EmbeddedPrediction> ParseAll(string? value) => [.. (value ?? "").Split('\n').Select(TryParse).OfType<EmbeddedPrediction>()];

    /// <summary>A line of the metadata attribute. <see cref="TryParse"/> gives back an equal prediction.</summary>
    public string Encode() => SeparatedText.Join('|',
    [
        FormatVersion,
        Type,
        Site,
        ModulePath,
        WeightShape,
        SeparatedText.Number(ActivationGradient),
        SeparatedText.Number(ActivationGradientTolerance),
        SeparatedText.Number(WeightGradient),
        SeparatedText.Number(WeightGradientTolerance),
        SeparatedText.Number(ForwardScale),
        SeparatedText.Number(ForwardScaleTolerance),
        string.Join(",", RuleIds),
        File,
        Line.ToString(CultureInfo.InvariantCulture),
        Fingerprint,
        "",
    ]);

    /// <summary>Reads a line of a metadata attribute; null for another version's format or a damaged value. Never throws.</summary>
    public static EmbeddedPrediction? TryParse(string? value)
    {
        if (value is null)
            return null;
        var fields = SeparatedText.Split('|', value);
        if (fields.Count < FieldCount || fields[0] != FormatVersion || fields[1].Length == 0)
            return null;
        var numbers = new double?[6];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (!SeparatedText.TryNumber(fields[5 + i], out numbers[i]))
                return null;
        }

        if (!int.TryParse(fields[13], NumberStyles.None, CultureInfo.InvariantCulture, out var line))
            return null;
        return new EmbeddedPrediction
        {
            Type = fields[1],
            Site = fields[2],
            ModulePath = fields[3],
            WeightShape = fields[4],
            ActivationGradient = numbers[0],
            ActivationGradientTolerance = numbers[1],
            WeightGradient = numbers[2],
            WeightGradientTolerance = numbers[3],
            ForwardScale = numbers[4],
            ForwardScaleTolerance = numbers[5],
            RuleIds = fields[11].Length == 0 ? [] : fields[11].Split(','),
            File = fields[12],
            Line = line,
            Fingerprint = fields[14],
        };
    }

    /// <inheritdoc/>
    public bool Equals(EmbeddedPrediction? other) => other is not null && Encode() == other.Encode();

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Encode());
}
