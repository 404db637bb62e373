using System.Collections.Immutable;
using GradLint.Analyzers.Reading;
using GradLint.Analyzers.Rules;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Analyzers.Training;

/// <summary>Hosts every rule about training code.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class TrainingAnalyzer : DiagnosticAnalyzer
{
    private static readonly ImmutableArray<TrainingRule> Rules = TrainingRules.All;

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.CreateRange(TrainingRules.All, r => r.Descriptor);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(Start);
    }

    private static void Start(CompilationStartAnalysisContext context)
    {
        if (TrainingSymbols.TryResolve(context.Compilation) is not { } symbols)
            return;
        var reader = new TrainingReader(context.Compilation, symbols);

        // Not one action for each body: for that the compiler would bind every one.
        context.RegisterSemanticModelAction(file =>
        {
            foreach (var rule in Rules)
            {
                foreach (var body in Bodies.Mentioning(rule.Subject, file.SemanticModel.SyntaxTree, file.CancellationToken))
                {
                    Guard.Run(() =>
                    {
                        if (reader.Operation(body, file.CancellationToken) is { } operation)
                            rule.Check(new(reader, operation, file));
                    });
                }
            }
        });
    }
}
