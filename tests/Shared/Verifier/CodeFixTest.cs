using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using Xunit.Sdk;

namespace GradLint.Testing;

/// <summary>Verifies a fix one diagnostic at a time, then Fix All in document, project and solution.</summary>
public class CSharpCodeFixTest<TAnalyzer, TCodeFix> : CSharpAnalyzerTest<TAnalyzer>
    where TAnalyzer : DiagnosticAnalyzer, new()
    where TCodeFix : CodeFixProvider, new()
{
    public SolutionState FixedState { get; } = new();
    public SolutionState BatchFixedState { get; } = new();
    public int? CodeActionIndex { get; set; }
    public string? CodeActionEquivalenceKey { get; set; }
    public int? NumberOfIncrementalIterations { get; set; }
    public bool SkipFixAllCheck { get; set; }

    /// <summary>The equivalence keys of all fixes that must be offered for the first diagnostic, in order; null to leave it unchecked.</summary>
    public string[]? OfferedEquivalenceKeys { get; set; }
    public string FixedCode { set => FixedState.Sources.Add(($"/0/Test{FixedState.Sources.Count}.cs", value)); }
    public string BatchFixedCode { set => BatchFixedState.Sources.Add(($"/0/Test{BatchFixedState.Sources.Count}.cs", value)); }

    public override async Task RunAsync(CancellationToken cancellationToken = default)
    {
        var (sources, expected) = Resolve(TestState, TestState.ExpectedDiagnostics);
        await VerifyStateAsync("test state", sources, expected, cancellationToken);
        var (fixedSources, fixedExpected) = FixedState.Sources.Count == 0 ? (sources, expected) : Resolve(FixedState, FixedState.ExpectedDiagnostics);
        var (batchSources, batchExpected) = BatchFixedState.Sources.Count == 0 ? (fixedSources, fixedExpected) : Resolve(BatchFixedState, BatchFixedState.ExpectedDiagnostics);

        if (OfferedEquivalenceKeys is { } keys)
            Assert.Equal(keys, await OfferedAsync(CreateProject(sources), cancellationToken));

        var fixable = expected.Count(e => new TCodeFix().FixableDiagnosticIds.Contains(e.Id));
        var unchanged = fixedSources.SequenceEqual(sources);
        var (incremental, iterations) = await ApplyOneByOneAsync(CreateProject(sources), unchanged ? 0 : fixable, cancellationToken);
        await VerifySourcesAsync("one fix at a time", incremental, fixedSources, cancellationToken);
        if (NumberOfIncrementalIterations is { } exact)
            Assert.True(iterations == exact, $"Expected {exact} fix iterations, got {iterations}.");
        if (unchanged)
            return;
        await VerifyStateAsync("fixed state", fixedSources, fixedExpected, cancellationToken);

        if (SkipFixAllCheck || new TCodeFix().GetFixAllProvider() is not { } fixAll)
            return;
        foreach (var scope in fixAll.GetSupportedFixAllScopes().Where(s => s is FixAllScope.Document or FixAllScope.Project or FixAllScope.Solution))
        {
            // A document-scoped Fix All is repeated once for each document; the wider scopes must be done in one go.
            var batch = CreateProject(sources);
            for (var i = 0; i < (scope == FixAllScope.Document ? sources.Length : 1); i++)
                batch = await ApplyFixAllAsync(batch, fixAll, scope, cancellationToken) ?? batch;
            await VerifySourcesAsync($"Fix All in {scope}", batch, batchSources, cancellationToken);
        }

        if (!batchSources.SequenceEqual(fixedSources))
            await VerifyStateAsync("batch fixed state", batchSources, batchExpected, cancellationToken);
    }

    /// <summary>The source of the first document after the chosen fix has been applied to everything it is offered for.</summary>
    public async Task<string> FixedSourceAsync(CancellationToken cancellationToken = default)
    {
        var (sources, expected) = Resolve(TestState, TestState.ExpectedDiagnostics);
        var (project, _) = await ApplyOneByOneAsync(CreateProject(sources), Math.Max(1, expected.Length), cancellationToken);
        return (await project.Documents.First().GetTextAsync(cancellationToken)).ToString();
    }

    /// <summary>The equivalence keys of all fixes that are offered for the first diagnostic of a source, in order.</summary>
    public Task<string?[]> OfferedAsync(string source, CancellationToken cancellationToken = default) => OfferedAsync(CreateProject([("/0/Test0.cs", source)]), cancellationToken);

    /// <summary>Applies every fix that is offered for a source, compiling or not, each by itself; how many there are. A fix that throws fails the test.</summary>
    public async Task<int> CountChangesAsync(string source, CancellationToken cancellationToken = default)
    {
        var count = 0;
        foreach (var (document, diagnostic) in await GetFixableAsync(CreateProject([("/0/Test0.cs", source)]), cancellationToken))
        {
            foreach (var action in await GetActionsAsync(document, diagnostic, cancellationToken))
            {
                await action.GetOperationsAsync(cancellationToken);
                count++;
            }
        }

        return count;
    }

    private async Task<(Project Project, int Iterations)> ApplyOneByOneAsync(Project project, int limit, CancellationToken cancellationToken)
    {
        for (var iteration = 0; ; iteration++)
        {
            Project? changed = null;
            foreach (var (document, diagnostic) in await GetFixableAsync(project, cancellationToken))
            {
                var action = await GetActionAsync(document, diagnostic, cancellationToken);
                if (action is null)
                    continue;
                changed = await ApplyAsync(project, action, cancellationToken);
                Assert.True(changed is not null, $"The fix '{action.Title}' was offered but changes nothing.");
                break;
            }

            if (changed is null)
                return (project, iteration);
            Assert.True(iteration < limit, $"More than {limit} fix iterations: the fix leaves, or brings back, a fixable diagnostic, or a fix is offered where none was expected.");
            project = changed;
        }
    }

    private async Task<Project?> ApplyFixAllAsync(Project project, FixAllProvider fixAll, FixAllScope scope, CancellationToken cancellationToken)
    {
        foreach (var (document, diagnostic) in await GetFixableAsync(project, cancellationToken))
        {
            if (await GetActionAsync(document, diagnostic, cancellationToken) is not { } trigger)
                continue;
            Assert.True(trigger.EquivalenceKey is not null, $"Fix All needs an equivalence key on '{trigger.Title}'.");
            var context = scope == FixAllScope.Document
                ? new FixAllContext(document, new TCodeFix(), scope, trigger.EquivalenceKey!, new TCodeFix().FixableDiagnosticIds, new DiagnosticSource(), cancellationToken)
                : new FixAllContext(project, new TCodeFix(), scope, trigger.EquivalenceKey!, new TCodeFix().FixableDiagnosticIds, new DiagnosticSource(), cancellationToken);
            var action = await fixAll.GetFixAsync(context);
            Assert.True(action is not null, $"Fix All in {scope} gave no action.");
            return await ApplyAsync(project, action!, cancellationToken);
        }

        return null;
    }

    private static async Task<List<(Document Document, Diagnostic Diagnostic)>> GetFixableAsync(Project project, CancellationToken cancellationToken)
    {
        var (all, nonLocal) = await GetDiagnosticsAsync(project, cancellationToken);
        var fixable = all.Where(d => new TCodeFix().FixableDiagnosticIds.Contains(d.Id)).ToList();
        Assert.True(!fixable.Any(nonLocal.Contains), "A code fix is offered for a compilation-end diagnostic: no IDE will show it.");
        return [.. fixable.Select(d => (project.GetDocument(d.Location.SourceTree)!, d)).Where(p => p.Item1 is not null)];
    }

    private static async Task<string?[]> OfferedAsync(Project project, CancellationToken cancellationToken)
    {
        foreach (var (document, diagnostic) in await GetFixableAsync(project, cancellationToken))
            return [.. (await GetActionsAsync(document, diagnostic, cancellationToken)).Select(a => a.EquivalenceKey)];
        return [];
    }

    private static async Task<List<CodeAction>> GetActionsAsync(Document document, Diagnostic diagnostic, CancellationToken cancellationToken)
    {
        var actions = new List<CodeAction>();
        await new TCodeFix().RegisterCodeFixesAsync(new CodeFixContext(document, diagnostic, (a, _) => actions.Add(a), cancellationToken));
        return actions;
    }

    private async Task<CodeAction?> GetActionAsync(Document document, Diagnostic diagnostic, CancellationToken cancellationToken)
    {
        var actions = await GetActionsAsync(document, diagnostic, cancellationToken);
        if (CodeActionEquivalenceKey is { } key)
            return actions.FirstOrDefault(a => a.EquivalenceKey == key);
        return actions.ElementAtOrDefault(CodeActionIndex ?? 0);
    }

    /// <summary>Applies the action; null when it changed nothing. Fails on a tree that a compiler would parse otherwise.</summary>
    private static async Task<Project?> ApplyAsync(Project project, CodeAction action, CancellationToken cancellationToken)
    {
        var operations = await action.GetOperationsAsync(cancellationToken);
        var solution = operations.OfType<ApplyChangesOperation>().Single().ChangedSolution;
        var changes = solution.GetChanges(project.Solution).GetProjectChanges().SelectMany(p => p.GetChangedDocuments().Concat(p.GetAddedDocuments())).ToList();
        foreach (var id in changes)
        {
            var document = solution.GetDocument(id)!;
            var root = (await document.GetSyntaxRootAsync(cancellationToken))!;
            var text = SourceText.From((await document.GetTextAsync(cancellationToken)).ToString(), System.Text.Encoding.UTF8);
            solution = solution.WithDocumentText(id, text);
            var reparsed = (await solution.GetDocument(id)!.GetSyntaxRootAsync(cancellationToken))!;
            Assert.True(SameShape(root, reparsed), $"'{action.Title}' builds a tree that the compiler parses differently:{Environment.NewLine}{text}");
        }

        return changes.Count == 0 ? null : solution.GetProject(project.Id);
    }

    /// <summary>Nodes and tokens of the same kinds and texts in the same order; how lists are stored inside does not count, nor does trivia.</summary>
    private static bool SameShape(SyntaxNode built, SyntaxNode parsed) =>
        built.DescendantNodesAndTokens().Select(Shape).SequenceEqual(parsed.DescendantNodesAndTokens().Select(Shape));

    private static (int Kind, string Text) Shape(SyntaxNodeOrToken item) => (item.RawKind, item.IsToken ? item.ToString() : "");

    private static async Task VerifySourcesAsync(string how, Project project, ImmutableArray<(string Path, string Code)> expected, CancellationToken cancellationToken)
    {
        var documents = project.Documents.ToList();
        Assert.True(documents.Count == expected.Length, $"{how}: expected {expected.Length} documents, got {documents.Count}.");
        for (var i = 0; i < documents.Count; i++)
        {
            var actual = (await documents[i].GetTextAsync(cancellationToken)).ToString();
            if (actual.ReplaceLineEndings() != expected[i].Code.ReplaceLineEndings())
                throw new XunitException($"{how}: {expected[i].Path} differs.{Environment.NewLine}--- expected{Environment.NewLine}{expected[i].Code}{Environment.NewLine}--- actual{Environment.NewLine}{actual}");
        }
    }

    private sealed class DiagnosticSource : FixAllContext.DiagnosticProvider
    {
        public override async Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project project, CancellationToken cancellationToken) =>
            (await GetFixableAsync(project, cancellationToken)).Select(p => p.Diagnostic);

        public override async Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken) =>
            (await GetFixableAsync(document.Project, cancellationToken)).Where(p => p.Document.Id == document.Id).Select(p => p.Diagnostic);

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project project, CancellationToken cancellationToken) =>
            Task.FromResult(Enumerable.Empty<Diagnostic>());
    }
}

/// <summary>The static facade tests of fixes alias as <c>Verify</c>.</summary>
public class CSharpCodeFixVerifier<TAnalyzer, TCodeFix> : CSharpAnalyzerVerifier<TAnalyzer>
    where TAnalyzer : DiagnosticAnalyzer, new()
    where TCodeFix : CodeFixProvider, new()
{
    public static Task VerifyCodeFixAsync(string source, string fixedSource) => VerifyCodeFixAsync(source, [], fixedSource);
    public static Task VerifyCodeFixAsync(string source, DiagnosticResult expected, string fixedSource) => VerifyCodeFixAsync(source, [expected], fixedSource);

    public static Task VerifyCodeFixAsync(string source, DiagnosticResult[] expected, string fixedSource)
    {
        var test = new CSharpCodeFixTest<TAnalyzer, TCodeFix> { TestCode = source, FixedCode = fixedSource };
        test.TestState.ExpectedDiagnostics.AddRange(expected);
        return test.RunAsync();
    }
}
