using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Operations;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace GradLint.CodeFixes.Editing;

/// <summary>Puts LayerNorm between recurrent layers that are fields: <c>lstm2.call(y)</c> becomes <c>lstm2.call(norm1.call(y))</c>.</summary>
internal static class RecurrentNormalization
{
    public static bool TryPlan(Code code, IReadOnlyList<InvocationExpressionSyntax> layers, List<Action<SyntaxEditor>> edits)
    {
        if (layers.Count < 2 || code.Model.Compilation.GetTypeByMetadataName("TorchSharp.Modules.LayerNorm") is not { } type)
            return false;
        var given = new HashSet<string>(StringComparer.Ordinal);
        var members = new List<(FieldDeclarationSyntax Beside, string Name, ExpressionSyntax? Value)>();
        for (var i = 1; i < layers.Count; i++)
        {
            if (FieldOf(code, layers[i - 1]) is not var (below, declaration, declarator) || FieldOf(code, layers[i]) is not var (above, _, _)
                || Width(code, layers[i - 1]) is not { } width || LayerCalls.Only(code, above)?.ArgumentList.Arguments.FirstOrDefault() is not { NameColon: null } input)
                return false;
            var assigned = layers[i - 1].FirstAncestorOrSelf<AssignmentExpressionSyntax>()?.Parent as ExpressionStatementSyntax;
            if (declarator.Initializer is null && assigned?.Parent is not BlockSyntax)
                return false;
            var name = FreeName(below.ContainingType, given);
            var created = Create(layers[i - 1].Expression, width);
            members.Add((declaration, name, declarator.Initializer is null ? null : created));
            if (declarator.Initializer is null)
            {
                var assignment = ExpressionStatement(AssignmentExpression(SyntaxKind.SimpleAssignmentExpression, IdentifierName(name), created)).WithAdditionalAnnotations(Formatter.Annotation);
                edits.Add(editor => editor.InsertAfter(assigned!, assignment));
            }

            edits.Add(editor => editor.ReplaceNode(input.Expression, (current, _) => Called(name, (ExpressionSyntax)current)));
        }

        foreach (var group in members.GroupBy(m => m.Beside))
        {
            var variables = SeparatedList(group.Select(m => VariableDeclarator(Identifier(m.Name), null, m.Value is null ? null : EqualsValueClause(m.Value))));
            var field = FieldDeclaration(VariableDeclaration(code.TypeName(type), variables))
                .WithModifiers(TokenList(group.Key.Modifiers.Select(m => Token(m.Kind())))).WithAdditionalAnnotations(Formatter.Annotation);
            edits.Add(editor => editor.InsertAfter(group.Key, field));
        }

        return true;
    }

    private static (IFieldSymbol Field, FieldDeclarationSyntax Declaration, VariableDeclaratorSyntax Declarator)? FieldOf(Code code, InvocationExpressionSyntax layer) =>
        Holder.Find(code, layer) is { Member: IFieldSymbol { ContainingType.DeclaringSyntaxReferences.Length: 1 } field, IsSequential: false }
            && field.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(code.CancellationToken) is VariableDeclaratorSyntax { Parent.Parent: FieldDeclarationSyntax declaration } declarator
            && declarator.SyntaxTree == code.Root.SyntaxTree
                ? (field, declaration, declarator)
                : null;

    /// <summary>The width of a layer's output: its hidden size, twice that in both directions. Null where that is not written, or does more than say a number.</summary>
    private static ExpressionSyntax? Width(Code code, InvocationExpressionSyntax layer)
    {
        if (code.Model.GetOperation(layer, code.CancellationToken) is not IInvocationOperation call
            || Argument(call, "hiddenSize") is not { } hidden || !LayerSizes.IsRepeatable(hidden))
            return null;
        hidden = hidden.WithoutTrivia();
        return call.Arguments.FirstOrDefault(a => a.Parameter?.Name == "bidirectional")?.Value.ConstantValue switch
        {
            null or { HasValue: true, Value: false } => hidden,
            { HasValue: true, Value: true } => BinaryExpression(
                SyntaxKind.MultiplyExpression, LiteralExpression(SyntaxKind.NumericLiteralExpression, Literal(2)), hidden is BinaryExpressionSyntax ? ParenthesizedExpression(hidden) : hidden),
            _ => null,
        };
    }

    private static ExpressionSyntax? Argument(IInvocationOperation call, string name) =>
        (call.Arguments.FirstOrDefault(a => a.Parameter?.Name == name && !a.IsImplicit)?.Syntax as ArgumentSyntax)?.Expression;

    private static string FreeName(INamedTypeSymbol type, HashSet<string> given)
    {
        for (var number = 1; ; number++)
        {
            var name = FormattableString.Invariant($"norm{number}");
            if (!type.MemberNames.Contains(name) && given.Add(name))
                return name;
        }
    }

    /// <summary>Written like the factory beside it: <c>LSTM</c> becomes <c>LayerNorm</c>, <c>nn.LSTM</c> becomes <c>nn.LayerNorm</c>.</summary>
    private static InvocationExpressionSyntax Create(ExpressionSyntax like, ExpressionSyntax width)
    {
        ExpressionSyntax factory = like is MemberAccessExpressionSyntax access ? access.WithName(IdentifierName("LayerNorm")).WithoutTrivia() : IdentifierName("LayerNorm");
        return InvocationExpression(factory, ArgumentList(SingletonSeparatedList(SyntaxFactory.Argument(width))));
    }

    private static ExpressionSyntax Called(string name, ExpressionSyntax input) => InvocationExpression(
        MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, IdentifierName(name), IdentifierName("call")),
        ArgumentList(SingletonSeparatedList(SyntaxFactory.Argument(input.WithoutTrivia())))).WithTriviaFrom(input).WithAdditionalAnnotations(Formatter.Annotation);
}
