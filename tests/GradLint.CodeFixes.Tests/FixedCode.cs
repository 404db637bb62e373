using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.CodeFixes.Tests;

/// <summary>A rule and its fixer, and a source that the rule warns about: what a test of all fixers runs over.</summary>
public abstract record FixedCode(string Id, string Key, string Source)
{
    public static FixedCode Of<TAnalyzer, TFixer>(string id, string key, string source)
        where TAnalyzer : DiagnosticAnalyzer, new()
        where TFixer : CodeFixProvider, new() => new Typed<TAnalyzer, TFixer>(id, key, source);

    /// <summary>The source with the fix applied once; fails where the rule is not silent afterwards, or the code does not compile.</summary>
    public abstract Task<string> RepairAsync(string source);

    /// <summary>The diagnostics of the rule in a project of several files.</summary>
    public abstract Task<IReadOnlyList<Diagnostic>> ReportedAsync(Project project);

    /// <summary>The actions with the key that are offered for a diagnostic in a document.</summary>
    public abstract Task<IReadOnlyList<CodeAction>> ActionsAsync(Document document, Diagnostic diagnostic);

    public abstract Project Project(params (string Path, string Code)[] files);

    public override string ToString() => Id + " " + Key.Substring("GradLint.".Length);

    private sealed record Typed<TAnalyzer, TFixer>(string Id, string Key, string Source) : FixedCode(Id, Key, Source)
        where TAnalyzer : DiagnosticAnalyzer, new()
        where TFixer : CodeFixProvider, new()
    {
        public override async Task<string> RepairAsync(string source)
        {
            var repaired = await new CSharpCodeFixTest<TAnalyzer, TFixer> { TestCode = source, CodeActionEquivalenceKey = Key }.FixedSourceAsync();
            Assert.NotEqual(source, repaired);
            await CSharpAnalyzerVerifier<TAnalyzer>.VerifyAnalyzerAsync(repaired);
            return repaired;
        }

        public override async Task<IReadOnlyList<Diagnostic>> ReportedAsync(Project project) =>
            [.. (await CSharpAnalyzerTest<TAnalyzer>.GetDiagnosticsAsync(project, default)).All.Where(d => d.Id == Id)];

        public override async Task<IReadOnlyList<CodeAction>> ActionsAsync(Document document, Diagnostic diagnostic)
        {
            var actions = new List<CodeAction>();
            await new TFixer().RegisterCodeFixesAsync(new CodeFixContext(document, diagnostic, (a, _) => actions.Add(a), default));
            return [.. actions.Where(a => a.EquivalenceKey == Key)];
        }

        public override Project Project(params (string Path, string Code)[] files) => new CSharpAnalyzerTest<TAnalyzer>().CreateProject([.. files]);

        public override string ToString() => base.ToString();
    }
}
