namespace GradLint.CodeFixes.Editing;

/// <summary>Where layers are called in forward, and the activations around these calls.</summary>
internal static class LayerCalls
{
    /// <summary>The one <c>member.call(x)</c> or <c>member.forward(x)</c> of a class; null where it is called more than once or goes elsewhere.</summary>
    public static InvocationExpressionSyntax? Only(Code code, IFieldSymbol field)
    {
        InvocationExpressionSyntax? only = null;
        foreach (var reference in field.ContainingType.DeclaringSyntaxReferences[0].GetSyntax(code.CancellationToken).DescendantNodes().OfType<IdentifierNameSyntax>())
        {
            if (reference.Identifier.ValueText != field.Name || !SymbolEqualityComparer.Default.Equals(code.Model.GetSymbolInfo(reference, code.CancellationToken).Symbol, field))
                continue;
            ExpressionSyntax member = reference.Parent is MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax } self ? self : reference;
            switch (member.Parent)
            {
                case AssignmentExpressionSyntax assignment when assignment.Left == member:
                case MemberAccessExpressionSyntax { Name.Identifier.ValueText: "weight" or "bias" }:
                    break;
                case MemberAccessExpressionSyntax { Name.Identifier.ValueText: "call" or "forward", Parent: InvocationExpressionSyntax call } when only is null:
                    only = call;
                    break;
                default:
                    return null;
            }
        }

        return only;
    }

    /// <summary>What calls a layer directly inside of an activation: <c>torch.sigmoid(fc.call(x))</c>, <c>fc.call(x).sigmoid()</c>; null for anything else.</summary>
    public static InvocationExpressionSyntax? In(Code code, InvocationExpressionSyntax activation) =>
        (Code.Is(code.Method(activation)?.ContainingType, code.Symbols.Tensor)
            ? (activation.Expression as MemberAccessExpressionSyntax)?.Expression
            : activation.ArgumentList.Arguments.FirstOrDefault()?.Expression) as InvocationExpressionSyntax;

    /// <summary>The call of the activation directly around the call of a layer: <c>torch.sigmoid(fc.call(x))</c>, <c>act.call(fc.call(x))</c>.</summary>
    /// <param name="code">The file.</param>
    /// <param name="layer">The call of the layer.</param>
    /// <param name="activation">The function's call, or the construction of the module.</param>
    public static InvocationExpressionSyntax? ActivationAround(Code code, InvocationExpressionSyntax layer, InvocationExpressionSyntax activation)
    {
        if (!code.IsFactory(code.Method(activation)))
            return In(code, activation) == layer ? activation : null;
        return layer.Parent is ArgumentSyntax { Parent: ArgumentListSyntax { Arguments.Count: 1, Parent: InvocationExpressionSyntax outer } }
            && outer.Expression is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "call" or "forward", Expression: { } receiver }
            && Holder.Find(code, activation) is { Member: { } member, IsSequential: false }
            && SymbolEqualityComparer.Default.Equals(code.Model.GetSymbolInfo(receiver, code.CancellationToken).Symbol, member)
                ? outer
                : null;
    }
}
