using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Reading;

internal sealed partial class Interpreter
{
    /// <summary>Whether a condition holds; null where neither the source says so nor a decision is made.</summary>
    private bool? Holds(IOperation condition, Frame frame, Func<bool> decides)
    {
        switch (condition)
        {
            case IParenthesizedOperation parenthesized:
                return Holds(parenthesized.Operand, frame, decides);
            case IUnaryOperation { OperatorKind: UnaryOperatorKind.Not, OperatorMethod: null } not:
                return !Holds(not.Operand, frame, decides);
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalAnd or BinaryOperatorKind.ConditionalOr, OperatorMethod: null } both when both.ConstantValue is not { HasValue: true }:
                var decisive = both.OperatorKind == BinaryOperatorKind.ConditionalOr;
                var left = Holds(both.LeftOperand, frame, decides);
                if (left == decisive)
                    return decisive;
                var right = Holds(both.RightOperand, frame, decides);
                return left is null && right != decisive ? null : right;
            case IIsPatternOperation pattern:
                return Matches(pattern.Pattern, Evaluate(pattern.Value, frame), frame, decides());
            default:
                var value = Evaluate(condition, frame);
                return Constants.Flag(value) ?? (decides() ? Decide(value as OpenValue) : null);
        }
    }

    /// <summary>Whether a value compares with another as asked; null where that is neither known nor decided.</summary>
    private bool? Answer(BinaryOperatorKind kind, Value value, Value other, bool decides)
    {
        if (Constants.Flag(Constants.Binary(kind, value, other)) is { } known)
            return known;
        if (Decisions is not { } decisions)
            return null;
        var question = Compared(kind, value, other);
        return question is not null && Constants.Flag(decisions.Resolve(question)) is { } decided ? decided : decides ? Decide(question) : null;
    }

    /// <summary>Decides a question; null for one that each round of a loop, of which one is read for all, may answer otherwise.</summary>
    private bool? Decide(OpenValue? question) => Trace.Loop is null || question is { IsOfRound: false } ? Decisions?.Decide(question) : null;

    /// <summary>
    /// Whether it shall be decided which way a branch takes: only where the ways may make different networks. Outside of modules that is
    /// where modules are made or initialized; code that trains branches for many other reasons.
    /// </summary>
    private bool Decides(IOperation branch)
    {
        if (Decisions is null)
            return false;
        if (branch.Type is { } type && !IsOfModules(type))
            return insideModules > 0 && (symbols.IsTensor(type) || type.SpecialType != SpecialType.None || type.TypeKind is TypeKind.Enum or TypeKind.Delegate or TypeKind.Array);
        foreach (var operation in branch.Descendants())
        {
            switch (operation)
            {
                case IInvocationOperation { TargetMethod: var method }:
                    if (symbols.IsTorchSharps(method) ? MakesOrInitializes(method) : insideModules > 0 && !method.DeclaringSyntaxReferences.IsEmpty)
                        return true;
                    break;
                case IObjectCreationOperation { Type: { } created } when symbols.IsModule(created):
                    return true;
                case IAssignmentOperation or IIncrementOrDecrementOperation or IReturnOperation { Kind: OperationKind.Return } when insideModules > 0:
                    return true;
            }
        }

        return false;
    }

    private bool IsOfModules(ITypeSymbol type) => symbols.IsModule(type) || (type.TypeKind == TypeKind.Interface && symbols.IsTorchSharps(type)) || type is IArrayTypeSymbol { ElementType: var element } && symbols.IsModule(element)
        || type is INamedTypeSymbol named && named.TypeArguments.Any(symbols.IsModule);

    private bool MakesOrInitializes(IMethodSymbol method) =>
        SymbolEqualityComparer.Default.Equals(method.ContainingType, symbols.Nn) || SymbolEqualityComparer.Default.Equals(method.ContainingType, symbols.Init)
        || (symbols.IsModule(method.ContainingType) && (insideModules > 0 || method.Name is "apply" or "append" or "add_module" or "register_module"));
}
