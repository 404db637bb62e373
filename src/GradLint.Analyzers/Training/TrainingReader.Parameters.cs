using GradLint.Analyzers.Reading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Training;

/// <summary>How the parameters of the trained model are written where they are clipped.</summary>
internal sealed partial class TrainingReader
{
    /// <summary>The model's parameters by a name that is visible at the update, otherwise the optimizer's own.</summary>
    private string? Parameters(IInvocationOperation step, List<IOperation> sources, List<IOperation> called, CancellationToken cancellationToken)
    {
        if (step.SemanticModel is not { } model)
            return null;
        var distinct = sources.GroupBy(s => Referenced(s) ?? (ISymbol?)s.Type, SymbolEqualityComparer.Default).Select(g => g.First()).ToList();
        var position = step.Syntax.SpanStart;
        if (distinct.Count == 1)
        {
            var source = distinct[0];
            if (source is IInstanceReferenceOperation && source.Type is { } self && TorchSharpSymbols.DerivesFrom(model.GetEnclosingSymbol(position, cancellationToken)?.ContainingType, self.OriginalDefinition))
                return "parameters()";
            if (Name(source) is { } name)
                return name + ".parameters()";
            if (called.Count == 1 && Name(called[0]) is { } alias && Recurrent(called[0], cancellationToken).Count > 0)
                return alias + ".parameters()";
        }

        return symbols.OptimizerHasParameters && step.Instance is { } optimizer && Referenced(optimizer) is { } symbol && IsVisible(symbol)
            ? optimizer.Syntax.WithoutTrivia().ToString() + ".parameters()"
            : null;

        string? Name(IOperation module) => Referenced(module) is { } symbol && IsVisible(symbol) ? SyntaxFacts.GetKeywordKind(symbol.Name) == SyntaxKind.None ? symbol.Name : "@" + symbol.Name : null;

        bool IsVisible(ISymbol symbol) =>
            (symbol is not ILocalSymbol || symbol.DeclaringSyntaxReferences.All(r => r.SyntaxTree == step.Syntax.SyntaxTree && r.Span.End < position))
            && model.LookupSymbols(position, name: symbol.Name).Any(s => SymbolEqualityComparer.Default.Equals(s, symbol))
            && (symbol is not (ILocalSymbol or IParameterSymbol) || MayCapture(symbol));

        bool MayCapture(ISymbol variable)
        {
            for (var scope = model.GetEnclosingSymbol(position, cancellationToken); scope is IMethodSymbol method && !SymbolEqualityComparer.Default.Equals(scope, variable.ContainingSymbol); scope = scope.ContainingSymbol)
            {
                if (method is { IsStatic: true, MethodKind: MethodKind.LocalFunction or MethodKind.AnonymousFunction })
                    return false;
            }

            return true;
        }
    }
}
