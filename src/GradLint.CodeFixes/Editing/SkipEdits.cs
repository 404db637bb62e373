using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Formatting;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace GradLint.CodeFixes.Editing;

/// <summary>Adds what enters a layer to what leaves the activation behind it: <c>x = sigmoid(fc.call(x))</c> becomes <c>x = x + sigmoid(fc.call(x))</c>.</summary>
internal static class SkipEdits
{
    /// <param name="code">The file.</param>
    /// <param name="steps">The steps that get a skip connection: calls of functions or constructions of modules, and constructions of layers.</param>
    /// <param name="others">The activations that get none.</param>
    /// <param name="edits">Where the edits are added.</param>
    public static bool TryPlan(
        Code code,
        IReadOnlyList<(InvocationExpressionSyntax Activation, InvocationExpressionSyntax Layer)> steps,
        IReadOnlyCollection<InvocationExpressionSyntax> others,
        List<Action<SyntaxEditor>> edits)
    {
        var sites = new HashSet<InvocationExpressionSyntax>();
        foreach (var (activation, layer) in steps)
        {
            if (!HasEqualSizes(code, layer) || Site(code, activation, layer) is not { } site
                || site.Inner.ArgumentList.Arguments.Count != 1 || site.Inner.ArgumentList.Arguments[0] is not { NameColon: null, Expression: IdentifierNameSyntax input })
                return false;

            // One line for layers of equal and of different widths.
            if (others.Contains(site.Outer))
                return false;
            if (sites.Add(site.Outer))
                edits.Add(editor => editor.ReplaceNode(site.Outer, (current, _) => Sum(input, (ExpressionSyntax)current, site.Outer)));
        }

        return sites.Count > 0;
    }

    /// <summary>The activation's call, and directly inside of it the layer's.</summary>
    private static (InvocationExpressionSyntax Outer, InvocationExpressionSyntax Inner)? Site(Code code, InvocationExpressionSyntax activation, InvocationExpressionSyntax layer)
    {
        if (!code.IsFactory(code.Method(activation)))
        {
            return LayerCalls.In(code, activation) is { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "call" or "forward", Expression: { } receiver } } inner
                && SymbolEqualityComparer.Default.Equals(code.Model.GetTypeInfo(receiver, code.CancellationToken).Type, code.Method(layer)?.ReturnType)
                    ? (activation, inner)
                    : null;
        }

        return Holder.Find(code, layer) is { Member: IFieldSymbol { ContainingType.DeclaringSyntaxReferences.Length: 1 } field, IsSequential: false }
            && LayerCalls.Only(code, field) is { } call && LayerCalls.ActivationAround(code, call, activation) is { } outer
                ? (outer, call)
                : null;
    }

    /// <summary>Equal for every argument of the constructor around it: the same expression twice, or the same constant.</summary>
    private static bool HasEqualSizes(Code code, InvocationExpressionSyntax layer)
    {
        if (LayerSizes.Of(layer) is not ({ } inputs, { } outputs))
            return false;
        return code.Model.GetConstantValue(inputs, code.CancellationToken) is { HasValue: true, Value: { } a } && code.Model.GetConstantValue(outputs, code.CancellationToken) is { HasValue: true, Value: { } b }
            ? Convert.ToInt64(a, System.Globalization.CultureInfo.InvariantCulture) == Convert.ToInt64(b, System.Globalization.CultureInfo.InvariantCulture)
            : LayerSizes.IsRepeatable(inputs) && inputs.IsEquivalentTo(outputs, topLevel: false);
    }

    private static ExpressionSyntax Sum(IdentifierNameSyntax input, ExpressionSyntax branch, InvocationExpressionSyntax outer)
    {
        ExpressionSyntax sum = BinaryExpression(SyntaxKind.AddExpression, input.WithoutTrivia(), branch.WithoutTrivia());
        if (outer.Parent is not (EqualsValueClauseSyntax or AssignmentExpressionSyntax or ArgumentSyntax or ReturnStatementSyntax or ArrowExpressionClauseSyntax))
            sum = ParenthesizedExpression(sum);
        return sum.WithTriviaFrom(branch).WithAdditionalAnnotations(Formatter.Annotation);
    }
}
