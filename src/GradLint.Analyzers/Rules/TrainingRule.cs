using GradLint.Analyzers.Training;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Analyzers.Rules;

/// <summary>A rule about training code. It asks the reader, and keeps no state.</summary>
internal abstract class TrainingRule
{
    public abstract DiagnosticDescriptor Descriptor { get; }

    /// <summary>The name without which a body does not concern the rule: only bodies that mention it are bound.</summary>
    public abstract string Subject { get; }

    public abstract void Check(TrainingContext context);
}

/// <summary>What a rule about training code is given, and where it reports.</summary>
internal sealed class TrainingContext(TrainingReader reader, IOperation body, SemanticModelAnalysisContext file)
{
    public TrainingReader Reader { get; } = reader;

    /// <summary>The body of a method, accessor or initializer, or a program's top-level statements.</summary>
    public IOperation Body { get; } = body;

    public CancellationToken CancellationToken => file.CancellationToken;

    public RuleOptions Options => new(file.Options.AnalyzerConfigOptionsProvider.GetOptions(Body.Syntax.SyntaxTree));

    public void Report(Diagnostic diagnostic) => file.ReportDiagnostic(diagnostic);
}
