using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Tests.Rules;

/// <summary>What the rules about networks report on a source.</summary>
internal static class Findings
{
    /// <param name="source">The source, without its usings.</param>
    /// <param name="config">Lines of a global analyzer configuration.</param>
    /// <param name="evidence">The text of an evidence file.</param>
    public static Task<Diagnostic[]> AllAsync(string source, string? config = null, string? evidence = null)
    {
        var test = new CSharpAnalyzerTest<NetworkAnalyzer>();
        if (config is not null)
            test.TestState.AddGlobalConfig(config.Split('\n'));
        if (evidence is not null)
            test.TestState.AdditionalFiles.Add(("/0/measured/gradlint.evidence.tsv", evidence));
        return test.ReportedAsync(NetworkSource.Usings + source);
    }

    /// <summary>The same where this rule is the only one that may speak.</summary>
    public static async Task<Diagnostic[]> OnlyAsync(string id, string source, string? config = null)
    {
        var all = await AllAsync(source, config);
        Assert.All(all, d => Assert.True(d.Id == id, d.ToString()));
        return all;
    }
}
