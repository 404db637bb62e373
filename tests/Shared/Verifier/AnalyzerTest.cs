using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using Xunit.Sdk;

namespace GradLint.Testing;

/// <summary>The files of a test, and what is expected to be reported on them.</summary>
public sealed class SolutionState
{
    public List<(string Path, string Code)> Sources { get; } = [];
    public List<MetadataReference> AdditionalReferences { get; } = [];
    public List<(string Path, string Text)> AdditionalFiles { get; } = [];
    public List<(string Path, string Text)> AnalyzerConfigFiles { get; } = [];
    public List<DiagnosticResult> ExpectedDiagnostics { get; } = [];

    /// <summary>Adds a global analyzer configuration with these <c>key = value</c> lines: .editorconfig options and build properties alike.</summary>
    public void AddGlobalConfig(params string[] lines) =>
        AnalyzerConfigFiles.Add(("/0/.globalconfig", "is_global = true\n" + string.Join("\n", lines) + "\n"));
}

/// <summary>Runs one analyzer over sources and compares what it reports, plus compiler errors, with the markup.</summary>
public class CSharpAnalyzerTest<TAnalyzer> where TAnalyzer : DiagnosticAnalyzer, new()
{
    public SolutionState TestState { get; } = new();
    public LanguageVersion LanguageVersion { get; set; } = LanguageVersion.Latest;
    public OutputKind OutputKind { get; set; } = OutputKind.DynamicallyLinkedLibrary;
    public ImmutableArray<MetadataReference> ReferenceAssemblies { get; set; } = Testing.ReferenceAssemblies.WithTorchSharp;
    public bool SkipSuppressionCheck { get; set; }
    public string TestCode { set => TestState.Sources.Add(($"/0/Test{TestState.Sources.Count}.cs", value)); }

    public virtual async Task RunAsync(CancellationToken cancellationToken = default)
    {
        var (sources, expected) = Resolve(TestState, TestState.ExpectedDiagnostics);
        await VerifyStateAsync("test state", sources, expected, cancellationToken);
    }

    /// <summary>Strips the markup from the sources and turns it into expected diagnostics.</summary>
    protected static (ImmutableArray<(string Path, string Code)> Sources, ImmutableArray<DiagnosticResult> Expected) Resolve(SolutionState state, IEnumerable<DiagnosticResult> explicitly)
    {
        var descriptors = new TAnalyzer().SupportedDiagnostics;
        var sources = ImmutableArray.CreateBuilder<(string, string)>();
        var expected = ImmutableArray.CreateBuilder<DiagnosticResult>();
        var keys = new Dictionary<string, (string Path, TextSpan Span)>();
        foreach (var (path, marked) in state.Sources)
        {
            var (code, spans) = Markup.Parse(marked);
            sources.Add((path, code));
            foreach (var (name, span) in spans)
            {
                if (name.StartsWith('#'))
                    keys.Add(name, (path, span));
                else if (name.Length == 0 && descriptors.Length != 1)
                    throw new InvalidOperationException($"[|…|] needs an analyzer with exactly one rule; {typeof(TAnalyzer).Name} has {descriptors.Length}: use {{|ID:…|}}.");
                else if (descriptors.FirstOrDefault(d => name.Length == 0 || d.Id == name) is { } descriptor)
                    expected.Add(new DiagnosticResult(descriptor) { Path = path, Span = span });
                else
                    expected.Add(new DiagnosticResult(name, Severity: null) { Path = path, Span = span });
            }
        }

        foreach (var result in explicitly)
        {
            if (result.MarkupKey is null)
                expected.Add(result with { Path = result.Path ?? (result.Start is null ? null : sources[0].Item1) });
            else if (keys.TryGetValue(result.MarkupKey, out var at))
                expected.Add(result with { Path = at.Path, Span = at.Span });
            else
                throw new InvalidOperationException($"No markup location {{|{result.MarkupKey}:…|}} in the sources.");
        }

        return (sources.ToImmutable(), expected.ToImmutable());
    }

    /// <summary>Checks the diagnostics, then that a '#pragma warning disable' silences every one of the analyzer's.</summary>
    protected async Task VerifyStateAsync(string what, ImmutableArray<(string Path, string Code)> sources, ImmutableArray<DiagnosticResult> expected, CancellationToken cancellationToken)
    {
        var project = CreateProject(sources);
        VerifyDiagnostics(what, (await GetDiagnosticsAsync(project, cancellationToken)).All, expected);
        var own = new TAnalyzer().SupportedDiagnostics.Where(d => !d.CustomTags.Contains(WellKnownDiagnosticTags.NotConfigurable)).Select(d => d.Id).ToHashSet();
        if (SkipSuppressionCheck || !expected.Any(e => own.Contains(e.Id)))
            return;

        const string prefix = "#pragma warning disable ";
        var pragma = prefix + string.Join(", ", expected.Select(e => e.Id).Where(own.Contains).Distinct()) + "\r\n";
        var suppressed = CreateProject([.. sources.Select(s => (s.Path, pragma + s.Code))]);
        var remaining = expected.Where(e => !own.Contains(e.Id) || e.NoLocation).Select(e => e with
        {
            Span = e.Span is { } span ? new TextSpan(span.Start + pragma.Length, span.Length) : null,
            Start = e.Start is { } at ? (at.Line + 1, at.Column) : null,
        });
        VerifyDiagnostics($"{what} under '{pragma.TrimEnd()}'", (await GetDiagnosticsAsync(suppressed, cancellationToken)).All, [.. remaining]);
    }

    public Project CreateProject(ImmutableArray<(string Path, string Code)> sources)
    {
        var id = ProjectId.CreateNewId();
        var solution = new AdhocWorkspace().CurrentSolution
            .AddProject(id, "TestProject", "TestProject", LanguageNames.CSharp)
            .WithProjectParseOptions(id, new CSharpParseOptions(LanguageVersion, DocumentationMode.Diagnose))
            .WithProjectCompilationOptions(id, new CSharpCompilationOptions(OutputKind, nullableContextOptions: NullableContextOptions.Enable, allowUnsafe: true))
            .AddMetadataReferences(id, ReferenceAssemblies.Concat(TestState.AdditionalReferences));
        foreach (var (path, code) in sources)
            solution = solution.AddDocument(DocumentId.CreateNewId(id), Path.GetFileName(path), SourceText.From(code, System.Text.Encoding.UTF8), filePath: path);
        foreach (var (path, text) in TestState.AdditionalFiles)
            solution = solution.AddAdditionalDocument(DocumentId.CreateNewId(id), Path.GetFileName(path), SourceText.From(text, System.Text.Encoding.UTF8), filePath: path);
        foreach (var (path, text) in TestState.AnalyzerConfigFiles)
            solution = solution.AddAnalyzerConfigDocument(DocumentId.CreateNewId(id), Path.GetFileName(path), SourceText.From(text, System.Text.Encoding.UTF8), filePath: path);
        return solution.GetProject(id)!;
    }

    /// <summary>What is reported on one file without markup, for a test that asks for more than a place and a message.</summary>
    public async Task<Diagnostic[]> ReportedAsync(string source) => [.. (await GetDiagnosticsAsync(CreateProject([("/0/Net.cs", source)]), default)).All];

    /// <summary>Compiler errors and analyzer diagnostics in source order; <c>NonLocal</c> holds those reported at compilation end.</summary>
    public static async Task<(ImmutableArray<Diagnostic> All, ImmutableHashSet<Diagnostic> NonLocal)> GetDiagnosticsAsync(Project project, CancellationToken cancellationToken)
    {
        var compilation = (await project.GetCompilationAsync(cancellationToken))!;
        var crashes = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
        var options = new CompilationWithAnalyzersOptions(project.AnalyzerOptions, (e, _, _) => crashes.Enqueue(e), concurrentAnalysis: true, logAnalyzerExecutionTime: false);
        var result = await compilation.WithAnalyzers([new TAnalyzer()], options).GetAnalysisResultAsync(cancellationToken);
        if (crashes.TryDequeue(out var crash))
            throw new XunitException($"{typeof(TAnalyzer).Name} threw: {crash}");
        var errors = compilation.GetDiagnostics(cancellationToken).Where(d => d.Severity == DiagnosticSeverity.Error);
        var nonLocal = result.CompilationDiagnostics.Values.SelectMany(d => d).ToImmutableHashSet();
        return ([.. errors.Concat(result.GetAllDiagnostics()).OrderBy(d => d.Location.SourceTree?.FilePath, StringComparer.Ordinal).ThenBy(d => d.Location.SourceSpan.Start).ThenBy(d => d.Id, StringComparer.Ordinal)], nonLocal);
    }

    /// <summary>What an editor shows for one open file: the diagnostics of its semantic model, and none that need the whole compilation.</summary>
    public async Task<ImmutableArray<Diagnostic>> LiveDiagnosticsAsync(string path, CancellationToken cancellationToken = default)
    {
        var (sources, _) = Resolve(TestState, []);
        var project = CreateProject(sources);
        var document = project.Documents.First(d => d.FilePath == path);
        var crashes = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
        var options = new CompilationWithAnalyzersOptions(project.AnalyzerOptions, (e, _, _) => crashes.Enqueue(e), concurrentAnalysis: true, logAnalyzerExecutionTime: false);
        var compilation = (await project.GetCompilationAsync(cancellationToken))!.WithAnalyzers([new TAnalyzer()], options);
        var model = compilation.Compilation.GetSemanticModel((await document.GetSyntaxTreeAsync(cancellationToken))!);
        var live = await compilation.GetAnalyzerSemanticDiagnosticsAsync(model, null, cancellationToken);
        if (crashes.TryDequeue(out var crash))
            throw new XunitException($"{typeof(TAnalyzer).Name} threw: {crash}");
        return live;
    }

    private static void VerifyDiagnostics(string what, ImmutableArray<Diagnostic> actual, ImmutableArray<DiagnosticResult> expected)
    {
        var unmatched = actual.ToList();
        var missing = expected.Where(e => unmatched.FindIndex(e.Matches) is var i && (i < 0 || !Take(i))).ToList();
        if (missing.Count == 0 && unmatched.Count == 0)
            return;
        throw new XunitException($"Diagnostics of {what} differ.{List("Missing", missing)}{List("Unexpected", unmatched)}{List("All reported", actual)}");

        bool Take(int index)
        {
            unmatched.RemoveAt(index);
            return true;
        }

        static string List<T>(string title, IEnumerable<T> items) => $"{Environment.NewLine}{title}:{string.Concat(items.Select(i => $"{Environment.NewLine}  {i}"))}";
    }
}
