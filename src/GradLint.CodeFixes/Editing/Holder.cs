namespace GradLint.CodeFixes.Editing;

/// <summary>How a layer can be reached after its construction.</summary>
/// <param name="Expression">What is held: the layer's construction, or the <c>Sequential</c> around it with all that is chained to it.</param>
/// <param name="Member">The field or property that holds it; null for a local variable and for an expression without a name.</param>
/// <param name="Name">The name of the variable or member; null for an expression without one.</param>
/// <param name="IsSequential">Whether the layer is inside of what is held.</param>
internal sealed record Holder(ExpressionSyntax Expression, ISymbol? Member, string? Name, bool IsSequential)
{
    /// <summary>Null where the layer goes into something that cannot be followed: a list, a helper's argument.</summary>
    public static Holder? Find(Code code, InvocationExpressionSyntax layer)
    {
        ExpressionSyntax held = layer;
        var inside = false;
        for (var parent = held.Parent; parent is not null; parent = held.Parent)
        {
            if (parent is ParenthesizedExpressionSyntax or CastExpressionSyntax or TupleExpressionSyntax)
            {
                held = (ExpressionSyntax)parent;
            }
            else if (parent is ArgumentSyntax { Parent: TupleExpressionSyntax tuple })
            {
                held = tuple;
            }
            else if (parent is ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax sequential } && code.IsSequential(sequential))
            {
                (held, inside) = (sequential, true);
            }
            else if (parent is InitializerExpressionSyntax { Parent: ArrayCreationExpressionSyntax or ImplicitArrayCreationExpressionSyntax } initializer
                && initializer.Parent is ExpressionSyntax { Parent: ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax around } } && code.IsSequential(around))
            {
                (held, inside) = (around, true);
            }
            else if (parent is MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax chained } && code.Method(chained) is { IsExtensionMethod: true } method && code.Symbols.IsTorchSharps(method))
            {
                held = chained;
            }
            else
            {
                break;
            }
        }

        switch (held.Parent)
        {
            case EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax declarator }:
                var declared = code.Model.GetDeclaredSymbol(declarator, code.CancellationToken);
                return declared is null ? null : new(held, declared as IFieldSymbol, declared.Name, inside);
            case EqualsValueClauseSyntax { Parent: PropertyDeclarationSyntax property }:
                return code.Model.GetDeclaredSymbol(property, code.CancellationToken) is { } initialized ? new(held, initialized, initialized.Name, inside) : null;
            case AssignmentExpressionSyntax assignment when assignment.Right == held:
                return code.Model.GetSymbolInfo(assignment.Left, code.CancellationToken).Symbol switch
                {
                    ILocalSymbol local => new(held, null, local.Name, inside),
                    IFieldSymbol field => new(held, field, field.Name, inside),
                    IPropertySymbol { IsIndexer: false } member => new(held, member, member.Name, inside),
                    _ => null,
                };
            case ReturnStatementSyntax or ArrowExpressionClauseSyntax { Parent: MethodDeclarationSyntax or LocalFunctionStatementSyntax } when inside:
            case LambdaExpressionSyntax when inside:
                return new(held, null, null, inside);
            default:
                return null;
        }
    }
}
