using GradLint.Analyzers.Rules;
using GradLint.Analyzers.Training;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Tests;

/// <summary>Every rule has a page, and the page says what the descriptor says.</summary>
public class DocumentationTests
{
    private static readonly string Root = FindRoot();

    public static TheoryData<string> RuleIds() => [.. Rules().Select(d => d.Id)];

    [Theory]
    [MemberData(nameof(RuleIds))]
    public void Page_matches_the_descriptor(string id)
    {
        var rule = Rule(id);
        var page = Page(id);
        Assert.StartsWith($"# {id}: {rule.Title}\n", page);
        Assert.Contains($"| Category | {rule.Category} |", page);
        Assert.Contains($"| Severity | {rule.DefaultSeverity}", page);
        Assert.All(["## Cause", "## The arithmetic", "## How to fix", "## When to suppress", "## Example", "## Reference"], section => Assert.Contains("\n" + section + "\n", page));
    }

    [Theory]
    [MemberData(nameof(RuleIds))]
    public void Index_lists_the_rule(string id)
    {
        var rule = Rule(id);
        Assert.Contains($"| [{id}]({id}.md) | {rule.Title} | {rule.Category} | {rule.DefaultSeverity} |", File.ReadAllText(Path.Combine(Root, "docs", "rules", "README.md")));
    }

    [Theory]
    [MemberData(nameof(RuleIds))]
    public void Class_and_file_are_named_after_the_rule(string id)
    {
        var rules = NetworkRules.All.Where(r => r.Descriptor.Id == id).Select(r => r.GetType()).Concat(TrainingRules.All.Where(r => r.Descriptor.Id == id).Select(r => r.GetType()));
        var name = Assert.Single(rules).Name;
        Assert.StartsWith(id + "_", name);
        Assert.True(File.Exists(Path.Combine(Root, "src", "GradLint.Analyzers", "Rules", $"GRAD{id[4]}xxx", name + ".cs")));
    }

    [Theory]
    [MemberData(nameof(RuleIds))]
    public void Help_link_leads_to_the_page(string id) =>
        Assert.Matches($"^https://[^ ]+/blob/main/docs/rules/{id}\\.md$", Rule(id).HelpLinkUri);

    [Fact]
    public void Every_option_is_documented()
    {
        var options = File.ReadAllText(Path.Combine(Root, "src", "GradLint.Analyzers", "Rules", "RuleOptions.cs"));
        var documented = File.ReadAllText(Path.Combine(Root, "docs", "rules", "README.md"));
        var keys = System.Text.RegularExpressions.Regex.Matches(options, "Number\\(\"(gradlint\\.[a-z_]+)\", ([0-9.]+)\\)");
        Assert.NotEmpty(keys);
        Assert.All(keys, key => Assert.Contains($"| `{key.Groups[1].Value}` | {key.Groups[2].Value} |", documented));
    }

    internal static string Page(string id) => File.ReadAllText(Path.Combine(Root, "docs", "rules", id + ".md")).ReplaceLineEndings("\n");

    private static DiagnosticDescriptor Rule(string id) => Rules().Single(d => d.Id == id);

    private static IEnumerable<DiagnosticDescriptor> Rules() => new NetworkAnalyzer().SupportedDiagnostics.Concat(new TrainingAnalyzer().SupportedDiagnostics);

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !Directory.Exists(Path.Combine(directory.FullName, "docs", "rules")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("docs/rules is in no folder above the tests.");
    }
}
