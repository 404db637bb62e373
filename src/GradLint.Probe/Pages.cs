using System.Reflection;

namespace GradLint.Probe;

/// <summary>Where the documentation of faults is; the repository's address comes from the build.</summary>
internal static class Pages
{
    private static readonly string s_docs = typeof(Pages).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(a => a.Key == "RepositoryUrl")?.Value + "/blob/main/docs/";

    /// <summary>The page of the finding's rule; the probe's own chapter on the verdict where there is no rule.</summary>
    public static Uri Of(Finding finding) => new(s_docs + (finding.RuleId is { } rule ? $"rules/{rule}.md" : $"probe.md#{Chapter(finding.Verdict)}"));

    private static string Chapter(GradientVerdict verdict) => verdict switch
    {
        GradientVerdict.Saturated => "saturated",
        GradientVerdict.DeadUnits => "dead-units",
        GradientVerdict.NotUpdating => "not-updating",
        GradientVerdict.Exploding => "exploding",
        GradientVerdict.Vanishing => "vanishing",
        GradientVerdict.Disconnected => "disconnected",
        GradientVerdict.NotFinite => "not-finite",
        _ => "verdicts",
    };
}
