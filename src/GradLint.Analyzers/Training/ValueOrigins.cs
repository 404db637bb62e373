using System.Collections.Immutable;
using GradLint.Analyzers.Reading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Training;

/// <summary>
/// The expressions that an object may come from: constructions and calls of other assemblies, found through variables, members, the
/// parameters of methods that the compilation calls, and what its methods return.
/// </summary>
internal sealed class ValueOrigins(SourceIndex index, SemanticModels models, TrainingSymbols symbols, CancellationToken cancellationToken)
{
    private const int StepLimit = 400;

    private readonly HashSet<ISymbol> seen = new(SymbolEqualityComparer.Default);
    private readonly List<IOperation> found = [];
    private int steps;

    /// <summary>Where it ends, in the order in which it was found.</summary>
    public IReadOnlyList<IOperation> Found => found;

    /// <summary>Whether there may be origins that were not found.</summary>
    public bool IsIncomplete { get; private set; }

    public ValueOrigins Follow(IOperation? operation)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (operation is null || ++steps > StepLimit)
        {
            IsIncomplete = true;
            return this;
        }

        switch (operation)
        {
            case IConversionOperation o:
                return Follow(o.Operand);
            case IParenthesizedOperation o:
                return Follow(o.Operand);
            case IConditionalOperation o:
                return Follow(o.WhenTrue).Follow(o.WhenFalse);
            case ICoalesceOperation o:
                return Follow(o.Value).Follow(o.WhenNull);
            case IAssignmentOperation o:
                return Follow(o.Value);
            case ISwitchExpressionOperation o:
                foreach (var arm in o.Arms)
                    Follow(arm.Value);
                return this;
            case ILocalReferenceOperation o:
                return FollowLocal(o.Local);
            case IParameterReferenceOperation o:
                return FollowParameter(o.Parameter);
            case IFieldReferenceOperation o:
                return FollowMember(o.Field);
            case IPropertyReferenceOperation { Arguments.IsEmpty: true } o:
                return FollowMember(o.Property);
            case IInvocationOperation o:
                return FollowCall(o);
            case ILiteralOperation or IDefaultValueOperation or IThrowOperation:
                return this;
            default:
                found.Add(operation);
                return this;
        }
    }

    /// <summary>The object that a method of TorchSharp is called on, extension methods included.</summary>
    public static IOperation? Receiver(IInvocationOperation call)
    {
        var receiver = call.Instance ?? (call.TargetMethod.IsExtensionMethod ? call.Arguments.FirstOrDefault(a => a.Parameter?.Ordinal == 0)?.Value : null);
        while (receiver is IConversionOperation { IsImplicit: true } conversion)
            receiver = conversion.Operand;
        if (receiver is not IConditionalAccessInstanceOperation)
            return receiver;
        for (IOperation? parent = receiver.Parent; parent is not null; parent = parent.Parent)
        {
            if (parent is IConditionalAccessOperation access)
                return access.Operation;
        }

        return receiver;
    }

    private ValueOrigins FollowLocal(ILocalSymbol local)
    {
        if (!seen.Add(local))
            return this;
        var known = false;
        foreach (var reference in local.DeclaringSyntaxReferences)
        {
            if (reference.GetSyntax(cancellationToken) is VariableDeclaratorSyntax { Initializer.Value: { } value })
            {
                known = true;
                Follow(Operation(value));
            }
        }

        known |= FollowAssignments(local, local.DeclaringSyntaxReferences.FirstOrDefault()?.SyntaxTree);
        IsIncomplete |= !known;
        return this;
    }

    public ValueOrigins FollowMember(ISymbol member)
    {
        member = member.OriginalDefinition;
        if (!seen.Add(member))
            return this;
        var known = false;
        foreach (var reference in member.DeclaringSyntaxReferences)
        {
            switch (reference.GetSyntax(cancellationToken))
            {
                case VariableDeclaratorSyntax { Initializer.Value: { } value }:
                    known = true;
                    Follow(Operation(value));
                    break;
                case PropertyDeclarationSyntax { Initializer.Value: { } value }:
                    known = true;
                    Follow(Operation(value));
                    break;
                case PropertyDeclarationSyntax property when ((SyntaxNode?)property.ExpressionBody ?? property.AccessorList?.Accessors.FirstOrDefault(a => a.Body is not null || a.ExpressionBody is not null)) is { } body:
                    known = true;
                    FollowReturns(body);
                    break;
                case ParameterSyntax parameter when models.For(parameter.SyntaxTree)?.GetDeclaredSymbol(parameter, cancellationToken) is IParameterSymbol symbol:
                    known = true;
                    FollowParameter(symbol);
                    break;
            }
        }

        known |= FollowAssignments(member, null);
        IsIncomplete |= !known || member.IsAbstract || member.IsVirtual;
        return this;
    }

    private bool FollowAssignments(ISymbol symbol, SyntaxTree? tree)
    {
        var known = false;
        foreach (var (left, right) in index.Assignments(symbol.Name))
        {
            if (tree is not null && left.SyntaxTree != tree)
                continue;
            if (models.For(left.SyntaxTree)?.GetSymbolInfo(left, cancellationToken).Symbol is { } assigned && Same(assigned, symbol))
            {
                known = true;
                Follow(Operation(right));
            }
        }

        return known;
    }

    private ValueOrigins FollowParameter(IParameterSymbol parameter)
    {
        if (!seen.Add(parameter.OriginalDefinition))
            return this;
        var known = false;
        if (parameter.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.Ordinary or MethodKind.Constructor or MethodKind.LocalFunction or MethodKind.ExplicitInterfaceImplementation } method)
        {
            var candidates = method.MethodKind == MethodKind.Constructor
                ? index.Calls(method.ContainingType.Name).Concat(index.UnnamedConstructions)
                : index.Calls(method.Name);
            foreach (var call in candidates)
            {
                var (target, arguments) = Operation(call) switch
                {
                    IInvocationOperation o => (o.TargetMethod, o.Arguments),
                    IObjectCreationOperation o => (o.Constructor, o.Arguments),
                    _ => ((IMethodSymbol?)null, ImmutableArray<IArgumentOperation>.Empty),
                };
                if (target is null || !Calls(target, method))
                    continue;
                foreach (var argument in arguments)
                {
                    if (argument.Parameter?.Ordinal == parameter.Ordinal)
                    {
                        known = true;
                        Follow(argument.Value);
                    }
                }
            }
        }

        IsIncomplete |= !known;
        return this;
    }

    private ValueOrigins FollowCall(IInvocationOperation call)
    {
        var method = (call.TargetMethod.ReducedFrom ?? call.TargetMethod).OriginalDefinition;
        if (!symbols.IsSource(method))
        {
            // model.to(device), model.cuda(), module.train(): TorchSharp hands the same module on.
            if (symbols.IsModule(call.Type) && symbols.TorchSharp.IsTorchSharps(method) && Receiver(call) is { } receiver && symbols.IsModule(receiver.Type))
                return Follow(receiver);
            found.Add(call);
            return this;
        }

        IsIncomplete |= method.IsAbstract || method.IsVirtual;
        if (!seen.Add(method))
            return this;
        foreach (var reference in method.DeclaringSyntaxReferences)
            FollowReturns(reference.GetSyntax(cancellationToken));
        return this;
    }

    private void FollowReturns(SyntaxNode body)
    {
        var root = models.Operation(body, cancellationToken);
        if (root is ILocalFunctionOperation { Body: { } local })
            root = local;
        if (root is null)
        {
            IsIncomplete = true;
            return;
        }

        foreach (var operation in root.DescendantsAndSelf())
        {
            if (operation is IReturnOperation { Kind: OperationKind.Return, ReturnedValue: { } value } && !IsNested(operation, root))
                Follow(value);
        }
    }

    private static bool IsNested(IOperation operation, IOperation root)
    {
        for (var parent = operation.Parent; parent is not null && parent != root; parent = parent.Parent)
        {
            if (parent is IAnonymousFunctionOperation or ILocalFunctionOperation)
                return true;
        }

        return false;
    }

    private IOperation? Operation(SyntaxNode syntax) => models.Operation(syntax, cancellationToken);

    private static bool Same(ISymbol one, ISymbol other) => SymbolEqualityComparer.Default.Equals(one.OriginalDefinition, other.OriginalDefinition);

    /// <summary>Whether a call of the target may run the method: itself, what it overrides, or the interface member that it implements.</summary>
    private static bool Calls(IMethodSymbol target, IMethodSymbol method)
    {
        for (var m = method; m is not null; m = m.OverriddenMethod)
        {
            if (Same(target, m))
                return true;
        }

        return target.ContainingType?.TypeKind == TypeKind.Interface && method.ContainingType.FindImplementationForInterfaceMember(target) is { } implementation && Same(implementation, method);
    }
}
