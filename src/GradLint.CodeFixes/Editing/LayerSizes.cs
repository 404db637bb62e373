namespace GradLint.CodeFixes.Editing;

/// <summary>The widths of a layer as they are written where it is constructed.</summary>
internal static class LayerSizes
{
    /// <summary>Inputs and outputs of <c>Linear</c> and the convolutions; null where they are not written, and for what has no such sizes.</summary>
    public static (ExpressionSyntax? In, ExpressionSyntax? Out) Of(InvocationExpressionSyntax layer)
    {
        var name = layer.Expression switch
        {
            MemberAccessExpressionSyntax access => access.Name.Identifier.ValueText,
            IdentifierNameSyntax identifier => identifier.Identifier.ValueText,
            _ => "",
        };
        if (name != "Linear" && !name.StartsWith("Conv", StringComparison.Ordinal))
            return (null, null);
        var arguments = layer.ArgumentList.Arguments;
        return (Argument(0, "inputSize", "in_channels", "inputChannel"), Argument(1, "outputSize", "out_channels", "outputChannel"));

        ExpressionSyntax? Argument(int position, params string[] names) =>
            (arguments.FirstOrDefault(a => names.Contains(a.NameColon?.Name.Identifier.ValueText))
                ?? (arguments.Count > position && arguments[position].NameColon is null ? arguments[position] : null))?.Expression;
    }

    /// <summary>Whether writing an expression twice means the same as writing it once.</summary>
    public static bool IsRepeatable(ExpressionSyntax expression) =>
        expression.DescendantNodesAndSelf().All(n => n is LiteralExpressionSyntax or IdentifierNameSyntax or MemberAccessExpressionSyntax or BinaryExpressionSyntax or ParenthesizedExpressionSyntax or ThisExpressionSyntax);
}
