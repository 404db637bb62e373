using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Xunit.Sdk;

namespace GradLint.CodeFixes.Tests;

/// <summary>The verifier lets a right fix pass and catches every kind of broken analyzer and fix.</summary>
public class VerifierTests
{
    private const string Thing = "public static class Thing { public static void Bad() { } public static void Good() { } }\n";
    private const string Before = Thing + "class C { public void M() { {|TEST1:Thing.Bad()|}; {|TEST1:Thing.Bad()|}; } }";
    private const string After = Thing + "class C { public void M() { Thing.Good(); Thing.Good(); } }";

    [Fact]
    public Task A_right_fix_passes() => CSharpCodeFixVerifier<CallAnalyzer, RightFix>.VerifyCodeFixAsync(Before, After);

    [Fact]
    public async Task Another_result_than_expected() => Assert.Contains("one fix at a time", await FailsAsync<RightFix>(After.Replace("Good()", "Fine()")));

    [Fact]
    public async Task A_fix_that_changes_nothing() => Assert.Contains("changes nothing", await FailsAsync<NoChange>(After));

    [Fact]
    public async Task A_fix_that_does_not_compile() => Assert.Contains("CS0117", await FailsAsync<Uncompilable>(After.Replace("Thing.Good", "Thing.Best").Replace("void Thing", "void")));

    [Fact]
    public async Task A_tree_that_parses_otherwise() => Assert.Contains("parses differently", await FailsAsync<BadTree>(After));

    [Fact]
    public async Task A_fix_without_an_equivalence_key() => Assert.Contains("equivalence key", await FailsAsync<NoKey>(After));

    [Fact]
    public async Task A_missing_diagnostic() => Assert.Contains(
        "Missing:", (await Assert.ThrowsAnyAsync<XunitException>(() => CSharpAnalyzerVerifier<CallAnalyzer>.VerifyAnalyzerAsync(Thing + "class C { public void {|TEST1:M|}() { } }"))).Message);

    [Fact]
    public async Task An_unexpected_diagnostic() => Assert.Contains(
        "Unexpected:", (await Assert.ThrowsAnyAsync<XunitException>(() => CSharpAnalyzerVerifier<CallAnalyzer>.VerifyAnalyzerAsync(Thing + "class C { public void M() { Thing.Bad(); } }"))).Message);

    [Fact]
    public async Task A_wrong_message() => Assert.Contains(
        "Missing:", (await Assert.ThrowsAnyAsync<XunitException>(() => CSharpAnalyzerVerifier<CallAnalyzer>.VerifyAnalyzerAsync(
            Thing + "class C { public void M() { {|#0:Thing.Bad()|}; } }", CSharpAnalyzerVerifier<CallAnalyzer>.Diagnostic("TEST1").WithLocation(0).WithArguments("Worse")))).Message);

    [Fact]
    public async Task An_analyzer_that_throws() => Assert.Contains(
        "threw", (await Assert.ThrowsAnyAsync<XunitException>(() => CSharpAnalyzerVerifier<ThrowingAnalyzer>.VerifyAnalyzerAsync("class C { }"))).Message);

    [Fact]
    public async Task An_analyzer_that_throws_on_broken_code() => Assert.Contains(
        "threw", (await Assert.ThrowsAnyAsync<XunitException>(() => BrokenCode.VerifySurvivesAsync<ThrowingAnalyzer>(BrokenCode.Mutations("class C { }")))).Message);

    [Fact]
    public void Mutations_cut_and_delete_at_every_token() =>
        Assert.Equal(["class", " C{}", "class C", "class {}", "class C{", "class C}", "class C{}", "class C{"], BrokenCode.Mutations("class C{}"));

    private static async Task<string> FailsAsync<TFix>(string fixedCode) where TFix : CodeFixProvider, new() =>
        (await Assert.ThrowsAnyAsync<XunitException>(() => CSharpCodeFixVerifier<CallAnalyzer, TFix>.VerifyCodeFixAsync(Before, fixedCode))).Message;

    [DiagnosticAnalyzer(LanguageNames.CSharp)]
    public sealed class CallAnalyzer : DiagnosticAnalyzer
    {
        private static readonly DiagnosticDescriptor Rule = new("TEST1", "Bad call", "Do not call '{0}'", "Test", DiagnosticSeverity.Warning, isEnabledByDefault: true);

        public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rule];

        public override void Initialize(AnalysisContext context)
        {
            context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
            context.EnableConcurrentExecution();
            context.RegisterSyntaxNodeAction(
                c =>
                {
                    if (c.Node is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Bad" } })
                        c.ReportDiagnostic(Diagnostic.Create(Rule, c.Node.GetLocation(), "Bad"));
                },
                SyntaxKind.InvocationExpression);
        }
    }

    [DiagnosticAnalyzer(LanguageNames.CSharp)]
    public sealed class ThrowingAnalyzer : DiagnosticAnalyzer
    {
        public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [new("TEST2", "t", "m", "Test", DiagnosticSeverity.Warning, isEnabledByDefault: true)];

        public override void Initialize(AnalysisContext context)
        {
            context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
            context.EnableConcurrentExecution();
            context.RegisterSymbolAction(_ => throw new InvalidOperationException("on purpose"), SymbolKind.NamedType);
        }
    }

    public abstract class Renaming(string name, string? key = "key") : CodeFixProvider
    {
        public override ImmutableArray<string> FixableDiagnosticIds { get; } = ["TEST1"];

        public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

        public override async Task RegisterCodeFixesAsync(CodeFixContext context)
        {
            var root = (await context.Document.GetSyntaxRootAsync(context.CancellationToken))!;
            var access = (MemberAccessExpressionSyntax)((InvocationExpressionSyntax)root.FindNode(context.Span, getInnermostNodeForTie: true)).Expression;
            var changed = name.Length == 0 ? context.Document : context.Document.WithSyntaxRoot(root.ReplaceNode(access.Name, SyntaxFactory.IdentifierName(name)));
            context.RegisterCodeFix(CodeAction.Create("Rename", _ => Task.FromResult(changed), key), context.Diagnostics);
        }
    }

    public sealed class RightFix() : Renaming("Good");

    public sealed class NoChange() : Renaming("");

    public sealed class Uncompilable() : Renaming("Best");

    public sealed class BadTree() : Renaming("Good().ToString");

    public sealed class NoKey() : Renaming("Good", null);
}
