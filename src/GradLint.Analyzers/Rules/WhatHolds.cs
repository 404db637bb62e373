using GradLint.Analyzers.Reading;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Rules;

/// <summary>
/// What is true of a class of which several networks were read. A construction with other arguments is another network: what is wrong with
/// it is reported, with the arguments. Of a construction whose branches are undecided only what is wrong on every way is reported.
/// </summary>
internal static class WhatHolds
{
    /// <param name="networks">All that was read of one class.</param>
    /// <param name="check">Runs the rules on one of them.</param>
    /// <returns>At most one diagnostic of a rule for each place.</returns>
    public static IReadOnlyList<Diagnostic> Of(IReadOnlyList<ReadNetwork> networks, Action<ReadNetwork, Action<Diagnostic>> check)
    {
        var worst = new List<(Diagnostic Diagnostic, double Size)>();
        foreach (var construction in networks.Where(n => n.Alternatives[0] == n))
        {
            foreach (var found in OfConstruction(construction.Alternatives, check))
            {
                var same = worst.FindIndex(w => w.Diagnostic.Id == found.Diagnostic.Id && w.Diagnostic.Location == found.Diagnostic.Location);
                if (same < 0)
                    worst.Add(found);
                else if (IsMilder(worst[same], found))
                    worst[same] = found;
            }
        }

        return [.. worst.Select(w => w.Diagnostic)];
    }

    private static List<(Diagnostic Diagnostic, double Size)> OfConstruction(IReadOnlyList<ReadNetwork> alternatives, Action<ReadNetwork, Action<Diagnostic>> check)
    {
        List<(Diagnostic Diagnostic, double Size)>? common = null;
        foreach (var alternative in alternatives)
        {
            var found = new List<(Diagnostic Diagnostic, double Size)>();
            var size = new Lazy<double>(() => Math.Abs(alternative.Prediction.EndToEndSignalRatio ?? 0));
            check(alternative, d => found.Add((d, size.Value)));
            if (common is null)
            {
                common = found;
                continue;
            }

            // Of what all have in common, the mildest is true of each.
            common.RemoveAll(c => !found.Exists(f => f.Diagnostic.Id == c.Diagnostic.Id));
            foreach (var milder in found)
            {
                var index = common.FindIndex(c => c.Diagnostic.Id == milder.Diagnostic.Id && IsMilder(milder, c));
                if (index >= 0)
                    common[index] = milder;
            }

            if (common.Count == 0)
                break;
        }

        return common ?? [];
    }

    private static bool IsMilder((Diagnostic Diagnostic, double Size) one, (Diagnostic Diagnostic, double Size) other) =>
        one.Diagnostic.Severity != other.Diagnostic.Severity ? one.Diagnostic.Severity < other.Diagnostic.Severity : one.Size < other.Size;
}
