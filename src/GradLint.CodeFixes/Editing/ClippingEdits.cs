using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Formatting;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace GradLint.CodeFixes.Editing;

/// <summary>Clips gradients directly before an optimizer's update: that is behind every <c>backward()</c>, also where gradients are accumulated or unscaled.</summary>
internal static class ClippingEdits
{
    /// <param name="code">The file.</param>
    /// <param name="step">The call of <c>optimizer.step()</c>.</param>
    /// <param name="function">A function of <c>torch.nn.utils</c>.</param>
    /// <param name="parameters">An expression for the parameters.</param>
    /// <param name="limit">The second argument.</param>
    /// <param name="edits">Where the edit is added.</param>
    /// <returns>False where there is no place for a statement before the update.</returns>
    public static bool TryPlan(Code code, InvocationExpressionSyntax step, string function, string parameters, string limit, List<Action<SyntaxEditor>> edits)
    {
        // A closure is called inside of step: behind its backward() would be the place.
        if (step.ArgumentList.Arguments.Count != 0 || Statement(step) is not { } update || update.ContainsDirectives || !IsNameOf(code, step, parameters))
            return false;
        var clip = ExpressionStatement(InvocationExpression(
                Code.Static("TorchSharp.torch.nn.utils." + function),
                ArgumentList(SeparatedList([Argument(ParseExpression(parameters)), Argument(ParseExpression(limit))]))))
            .WithAdditionalAnnotations(Formatter.Annotation);
        switch (update.Parent)
        {
            case BlockSyntax or SwitchSectionSyntax:
                edits.Add(editor => editor.InsertBefore(update, clip));
                return true;
            case GlobalStatementSyntax global:
                // Left to itself the formatter puts an empty line between them, as between members.
                edits.Add(editor => editor.InsertBefore(global, GlobalStatement(clip.WithTrailingTrivia(EndOfLine(NewLine(code))))));
                return true;
            case IfStatementSyntax or ElseClauseSyntax or ForStatementSyntax or CommonForEachStatementSyntax or WhileStatementSyntax or DoStatementSyntax or UsingStatementSyntax or LockStatementSyntax or FixedStatementSyntax:
                edits.Add(editor => editor.ReplaceNode(
                    update,
                    Block(clip, update.WithoutTrivia().WithAdditionalAnnotations(Formatter.Annotation)).WithTriviaFrom(update).WithAdditionalAnnotations(Formatter.Annotation)));
                return true;
            default:
                return false;
        }
    }

    private static string NewLine(Code code) =>
        code.Root.DescendantTrivia().FirstOrDefault(t => t.IsKind(SyntaxKind.EndOfLineTrivia)).ToString() is { Length: > 0 } newLine ? newLine : "\n";

    /// <summary>The statement that does nothing but the update.</summary>
    private static StatementSyntax? Statement(InvocationExpressionSyntax step)
    {
        SyntaxNode at = step;
        while (at.Parent is ConditionalAccessExpressionSyntax or ParenthesizedExpressionSyntax or PostfixUnaryExpressionSyntax or AssignmentExpressionSyntax { Left: IdentifierNameSyntax { Identifier.ValueText: "_" } })
            at = at.Parent;
        return at.Parent as ExpressionStatementSyntax;
    }

    /// <summary>Whether the receiver of the parameters is visible before the update: the code may have changed since the warning.</summary>
    private static bool IsNameOf(Code code, InvocationExpressionSyntax step, string parameters)
    {
        var receiver = ParseExpression(parameters);
        while (receiver is InvocationExpressionSyntax or MemberAccessExpressionSyntax)
            receiver = receiver is InvocationExpressionSyntax call ? call.Expression : ((MemberAccessExpressionSyntax)receiver).Expression;
        return receiver is ThisExpressionSyntax || (receiver is IdentifierNameSyntax name && !code.Model.LookupSymbols(step.SpanStart, name: name.Identifier.ValueText).IsEmpty);
    }
}
