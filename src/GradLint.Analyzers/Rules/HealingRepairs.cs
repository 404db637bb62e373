using System.Collections.Immutable;
using System.Globalization;
using GradLint.SignalPropagation;

namespace GradLint.Analyzers.Rules;

/// <summary>
/// The properties of a diagnostic that its fixes need, among them the repairs that heal: each is made on the network, and the prediction of
/// the result is asked. A repair that theory does not find healthy is not offered.
/// </summary>
internal sealed class HealingRepairs(NetworkContext context)
{
    private readonly ImmutableDictionary<string, string?>.Builder properties = ImmutableDictionary.CreateBuilder<string, string?>();

    /// <summary>Adds the repair with the gradient's predicted exponent after it, if that is one of a healthy network.</summary>
    /// <param name="repair">The name of the property.</param>
    /// <param name="repaired">The network that it would leave; null where it cannot be made.</param>
    /// <param name="isSilent">Whether the rule would say nothing about the repaired network; by default its prediction alone decides.</param>
    /// <returns>Whether it heals.</returns>
    public bool Try(string repair, Network? repaired, Func<Network, Prediction, bool>? isSilent = null)
    {
        if (repaired is null)
            return false;
        var (prediction, options) = (context.Predict(repaired), context.Options);

        // Beyond the remark's threshold in either direction a repair is none, whatever its band.
        if (PredictedFault.Of(prediction, options) is not null
            || (prediction.EndToEndSignalRatio ?? prediction.EndToEndNormRatio) is not { } exponent || Math.Abs(exponent) >= options.VanishingDecadesInfo
            || isSilent?.Invoke(repaired, prediction) == false)
            return false;
        Set(repair, exponent.ToString("R", CultureInfo.InvariantCulture));
        return true;
    }

    /// <summary>Anything else that a fix needs.</summary>
    public void Set(string property, string value) => properties[property] = value;

    /// <inheritdoc cref="Set(string, string)"/>
    public void Set(string property, int value) => Set(property, value.ToString(CultureInfo.InvariantCulture));

    public ImmutableDictionary<string, string?> ToImmutable() => properties.ToImmutable();
}
