using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Formatting;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace GradLint.CodeFixes.Editing;

/// <summary>Puts a BatchNorm between each weight layer and its activation.</summary>
internal static class BatchNormEdits
{
    public static bool TryPlan(Code code, IReadOnlyList<InvocationExpressionSyntax> activations, IReadOnlyList<InvocationExpressionSyntax> layers, List<Action<SyntaxEditor>> edits)
    {
        // The n-th activation follows the n-th layer; one module or one line used several times has no place of its own.
        if (activations.Count != layers.Count)
            return false;
        var names = new HashSet<string>(StringComparer.Ordinal);
        var members = new List<Member>();
        for (var i = 0; i < activations.Count; i++)
        {
            if (code.Method(activations[i]) is not { } method || Normalization(code, layers[i]) is not { } normalization)
                return false;
            if (code.IsFactory(method) ? !TryPlanElement(code, activations[i], normalization, names, edits) : !TryPlanCall(code, activations[i], layers[i], method, normalization, names, edits, members))
                return false;
        }

        Declare(code, members, edits);
        return true;
    }

    /// <summary>One declaration for all that stand beside one declaration of layers.</summary>
    internal static void Declare(Code code, List<Member> members, List<Action<SyntaxEditor>> edits)
    {
        foreach (var group in members.GroupBy(m => (m.Beside, m.Type.Name)))
        {
            var variables = SeparatedList(group.Select(m => VariableDeclarator(Identifier(m.Name), null, m.Value is null ? null : EqualsValueClause(m.Value))));
            var declaration = FieldDeclaration(VariableDeclaration(code.TypeName(group.First().Type), variables))
                .WithModifiers(TokenList(group.Key.Beside.Modifiers.Select(m => Token(m.Kind())))).WithAdditionalAnnotations(Formatter.Annotation);
            edits.Add(editor => editor.InsertAfter(group.Key.Beside, declaration));
        }
    }

    internal sealed record Member(FieldDeclarationSyntax Beside, INamedTypeSymbol Type, string Name, ExpressionSyntax? Value);

    /// <summary>The class of BatchNorm that fits a layer, and the layer's width as it is written there.</summary>
    internal static (string Factory, ExpressionSyntax Width)? Normalization(Code code, InvocationExpressionSyntax layer)
    {
        if (code.Method(layer) is not { } method || !code.IsFactory(method))
            return null;
        var factory = method.Name switch
        {
            "Linear" or "Conv1d" or "ConvTranspose1d" => "BatchNorm1d",
            "Conv2d" or "ConvTranspose2d" => "BatchNorm2d",
            "Conv3d" or "ConvTranspose3d" => "BatchNorm3d",
            _ => null,
        };
        var arguments = layer.ArgumentList.Arguments;
        var width = arguments.FirstOrDefault(a => a.NameColon?.Name.Identifier.ValueText is "outputSize" or "out_channels" or "outputChannel")
            ?? (arguments.Count > 1 && arguments[1].NameColon is null ? arguments[1] : null);
        return factory is not null && width is not null && IsRepeatable(width.Expression) ? (factory, width.Expression.WithoutTrivia()) : null;
    }

    /// <summary>Whether writing an expression twice means the same as writing it once.</summary>
    private static bool IsRepeatable(ExpressionSyntax expression) =>
        expression.DescendantNodesAndSelf().All(n => n is LiteralExpressionSyntax or IdentifierNameSyntax or MemberAccessExpressionSyntax or BinaryExpressionSyntax or ParenthesizedExpressionSyntax or ThisExpressionSyntax);

    /// <summary>Before an activation that is an element of a <c>Sequential</c>.</summary>
    private static bool TryPlanElement(Code code, InvocationExpressionSyntax activation, (string Factory, ExpressionSyntax Width) normalization, HashSet<string> names, List<Action<SyntaxEditor>> edits)
    {
        var created = Create(activation.Expression, normalization);
        if (activation.Parent is ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax sequential } element && code.IsSequential(sequential))
        {
            edits.Add(editor => editor.InsertBefore(element, Argument(created).WithAdditionalAnnotations(Formatter.Annotation)));
            return true;
        }

        if (activation.Parent is ArgumentSyntax { Parent: TupleExpressionSyntax { Arguments.Count: 2, Parent: ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax named } pair } } && code.IsSequential(named))
        {
            var name = FreeElementName(named, names);
            var tuple = TupleExpression(SeparatedList([Argument(LiteralExpression(SyntaxKind.StringLiteralExpression, Literal(name))), Argument(created)]));
            edits.Add(editor => editor.InsertBefore(pair, Argument(tuple).WithLeadingTrivia(Space).WithAdditionalAnnotations(Formatter.Annotation)));
            return true;
        }

        return false;
    }

    /// <summary>Around the argument of an activation function; the module becomes a member beside the layer.</summary>
    private static bool TryPlanCall(
        Code code,
        InvocationExpressionSyntax activation,
        InvocationExpressionSyntax layer,
        IMethodSymbol method,
        (string Factory, ExpressionSyntax Width) normalization,
        HashSet<string> names,
        List<Action<SyntaxEditor>> edits,
        List<Member> members)
    {
        if (Holder.Find(code, layer) is not { Member: IFieldSymbol field, IsSequential: false }
            || field.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(code.CancellationToken) is not VariableDeclaratorSyntax { Parent.Parent: FieldDeclarationSyntax declaration } declarator
            || declarator.SyntaxTree != code.Root.SyntaxTree
            || code.Model.Compilation.GetTypeByMetadataName("TorchSharp.Modules." + normalization.Factory) is not { } type)
            return false;
        var name = FreeMemberName(field.ContainingType, names);
        var created = Create(layer.Expression, normalization);
        var assigned = layer.FirstAncestorOrSelf<AssignmentExpressionSyntax>()?.Parent as ExpressionStatementSyntax;
        if (declarator.Initializer is null && assigned is null)
            return false;

        members.Add(new(declaration, type, name, declarator.Initializer is null ? null : created));
        if (declarator.Initializer is null)
        {
            var assignment = ExpressionStatement(AssignmentExpression(SyntaxKind.SimpleAssignmentExpression, IdentifierName(name), created)).WithAdditionalAnnotations(Formatter.Annotation);
            edits.Add(editor => editor.InsertAfter(assigned!, assignment));
        }

        var isMethod = Code.Is(method.ContainingType, code.Symbols.Tensor);
        if (isMethod && activation.Expression is not MemberAccessExpressionSyntax)
            return false;
        edits.Add(editor => editor.ReplaceNode(activation, (current, _) =>
        {
            var call = (InvocationExpressionSyntax)current;
            if (isMethod && call.Expression is MemberAccessExpressionSyntax access)
                return call.WithExpression(access.WithExpression(Call(name, access.Expression)));
            var first = call.ArgumentList.Arguments[0];
            return call.ReplaceNode(first.Expression, Call(name, first.Expression));
        }));
        return true;
    }

    internal static ExpressionSyntax Call(string module, ExpressionSyntax input) => InvocationExpression(
        MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, IdentifierName(module), IdentifierName("call")),
        ArgumentList(SingletonSeparatedList(Argument(input.WithoutTrivia())))).WithTriviaFrom(input);

    /// <summary>Written like the factory beside it: <c>Linear</c> becomes <c>BatchNorm1d</c>, <c>nn.Linear</c> becomes <c>nn.BatchNorm1d</c>.</summary>
    internal static InvocationExpressionSyntax Create(ExpressionSyntax like, (string Factory, ExpressionSyntax Width) normalization)
    {
        ExpressionSyntax factory = like is MemberAccessExpressionSyntax access
            ? access.WithName(IdentifierName(normalization.Factory)).WithoutTrivia()
            : IdentifierName(normalization.Factory);
        return InvocationExpression(factory, ArgumentList(SingletonSeparatedList(Argument(normalization.Width))));
    }

    internal static string FreeElementName(InvocationExpressionSyntax sequential, HashSet<string> names)
    {
        var taken = new HashSet<string>(sequential.DescendantTokens().Where(t => t.IsKind(SyntaxKind.StringLiteralToken)).Select(t => t.ValueText), StringComparer.Ordinal);
        return Free(taken, names);
    }

    internal static string FreeMemberName(INamedTypeSymbol type, HashSet<string> names) => Free(new HashSet<string>(type.MemberNames, StringComparer.Ordinal), names);

    private static string Free(HashSet<string> taken, HashSet<string> names)
    {
        for (var number = 1; ; number++)
        {
            var name = FormattableString.Invariant($"bn{number}");
            if (!taken.Contains(name) && names.Add(name))
                return name;
        }
    }
}
