using System.Globalization;
using GradLint.Analyzers.Evidence;
using GradLint.Analyzers.Reading;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Rules;

/// <summary>What a rule about networks is given, and where it reports.</summary>
internal sealed class NetworkContext(ReadNetwork read, RuleOptions options, EvidenceTable evidence, Action<Diagnostic> report, CancellationToken cancellationToken)
{
    private readonly HashSet<string> spoken = [];

    public ReadNetwork Read { get; } = read;

    public Network Network => Read.Network;

    public Prediction Prediction { get; } = read.Predict(cancellationToken);

    public RuleOptions Options { get; } = options;

    /// <summary>Whether repairs are looked for. Each is a prediction of its own: who asks for the ids of the rules only has no use for them.</summary>
    public bool OffersRepairs { get; init; } = true;

    /// <summary>Heard by every prediction.</summary>
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>What theory says about the network as it would be otherwise.</summary>
    public Prediction Predict(Network changed) => Prediction.Of(changed, null, cancellationToken);

    /// <summary>Whether a more specific rule has reported about this network.</summary>
    public bool HasSpoken(string id) => spoken.Contains(id);

    /// <summary>
    /// Reports at the place of a node. A warning that a measurement refuted is only a remark; a severity that the user set wins over both.
    /// </summary>
    /// <param name="rule">The rule.</param>
    /// <param name="severity">How bad it is here.</param>
    /// <param name="node">The node to point at.</param>
    /// <param name="additional">Other places that matter.</param>
    /// <param name="properties">What the fixes need.</param>
    /// <param name="measured">The layer whose measured gradient belongs into the message.</param>
    /// <param name="arguments">The message's arguments; the measurement is appended as the last.</param>
    public void Report(
        DiagnosticDescriptor rule,
        DiagnosticSeverity severity,
        int node,
        IEnumerable<Location> additional,
        System.Collections.Immutable.ImmutableDictionary<string, string?> properties,
        LayerPrediction measured,
        params object[] arguments) => Report(rule, severity, Read.PlaceOf(node), additional, properties, measured, arguments);

    /// <summary>The same, at any place.</summary>
    public void Report(
        DiagnosticDescriptor rule,
        DiagnosticSeverity severity,
        Location place,
        IEnumerable<Location> additional,
        System.Collections.Immutable.ImmutableDictionary<string, string?> properties,
        LayerPrediction measured,
        params object[] arguments)
    {
        spoken.Add(rule.Id);
        var path = measured.Path ?? "";
        if (evidence.Verdict(Read.TypeName, rule.Id, Network.Fingerprint) == EvidenceFile.Refuted)
            severity = DiagnosticSeverity.Info;
        var row = evidence.Find(Read.TypeName, path, EvidenceFile.ActivationGradient, Network.Fingerprint);
        var assumed = Read.Assumption is { Length: > 0 } assumption ? "; calculated with " + assumption : "";
        var suffix = assumed + (row?.Number is { } value ? $"; measured 10^{Exponent(value)} on {row.Device}" : "");
        report(Diagnostic.Create(rule, place, severity, additional, properties, [.. arguments, suffix]));
    }

    /// <summary>An exponent with one decimal: <c>-9.8</c>.</summary>
    public static string Exponent(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>A factor with two decimals: <c>0.14</c>; with two digits where it is smaller than that.</summary>
    public static string Factor(double value) => value.ToString(value >= 0.1 ? "0.00" : "G2", CultureInfo.InvariantCulture);
}
