using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Training;

/// <summary>Where nothing may be said: weights that are not trained, and training that code outside of the compilation may do.</summary>
internal sealed partial class TrainingReader
{
    /// <summary>
    /// Whether some of the compilation switches gradients off for the model or what may be it: frozen layers are not trained through time.
    /// </summary>
    private bool IsFrozen(IOperation model, CancellationToken cancellationToken)
    {
        foreach (var name in Index(cancellationToken).FreezingNames)
        {
            if (!SwitchesOff(name) || models.For(name.SyntaxTree) is not { } semantic || name.Parent is not MemberAccessExpressionSyntax access)
                continue;
            var frozen = semantic.GetTypeInfo(access.Expression, cancellationToken).Type;
            if (symbols.TorchSharp.IsTensor(frozen) && access.FirstAncestorOrSelf<ForEachStatementSyntax>() is { } each)
            {
                var module = each.Expression.DescendantNodesAndSelf().OfType<InvocationExpressionSyntax>()
                    .FirstOrDefault(i => SourceIndex.LastName(i.Expression) is "parameters" or "named_parameters");
                frozen = module is null ? null
                    : module.Expression is MemberAccessExpressionSyntax { Expression: { } receiver } ? semantic.GetTypeInfo(receiver, cancellationToken).Type
                    : semantic.GetEnclosingSymbol(module.SpanStart, cancellationToken)?.ContainingType;
            }
            else if (symbols.TorchSharp.IsTensor(frozen))
            {
                continue;
            }

            // A module of a base type may be any.
            if (frozen is null || symbols.Recurrent(frozen) is not null || recurrent!.Of(frozen, cancellationToken).Count > 0
                || (symbols.TorchSharp.IsModule(frozen) && frozen is INamedTypeSymbol { Name: "Module" or "Sequential" }))
                return true;
        }

        return false;
    }

    private static bool SwitchesOff(SimpleNameSyntax name) => name.Parent?.Parent switch
    {
        InvocationExpressionSyntax call => call.ArgumentList.Arguments.Count == 1 && !call.ArgumentList.Arguments[0].Expression.IsKind(SyntaxKind.TrueLiteralExpression),
        AssignmentExpressionSyntax assignment => assignment.Left == name.Parent && !assignment.Right.IsKind(SyntaxKind.TrueLiteralExpression),
        _ => false,
    };

    /// <summary>Whether a function, or the class around it, leaves the training to code that is not in this compilation.</summary>
    private bool HandsOut(IOperation function)
    {
        foreach (var operation in function.Descendants())
        {
            if (operation is IInvocationOperation { TargetMethod: { } method } call && !symbols.IsSource(method) && !symbols.IsKnownLibrary(method.ContainingAssembly)
                && (call.Instance is IInstanceReferenceOperation || IsTraining(call.Instance?.Type) || call.Arguments.Any(a => IsTraining((a.Value as IConversionOperation)?.Operand.Type ?? a.Value.Type))))
                return true;
        }

        return false;
    }

    /// <summary>Whether the class around an update derives from one of a library, which may do more than is written here.</summary>
    private bool IsPartOfLibrary(IOperation step, CancellationToken cancellationToken)
    {
        for (var type = step.SemanticModel?.GetEnclosingSymbol(step.Syntax.SpanStart, cancellationToken)?.ContainingType; type is not null; type = type.BaseType)
        {
            if (!symbols.IsSource(type.OriginalDefinition) && !symbols.IsKnownLibrary(type.ContainingAssembly) && !SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, compilation.Assembly))
                return true;
        }

        return false;
    }

    private bool IsTraining(ITypeSymbol? type) => symbols.IsModule(type) || symbols.IsOptimizer(type)
        || (type is INamedTypeSymbol { TypeArguments: { IsEmpty: false } arguments } && IsSequence(type) && arguments.Any(a => symbols.TorchSharp.IsTensor(a)));
}
