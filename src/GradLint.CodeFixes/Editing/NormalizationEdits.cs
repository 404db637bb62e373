using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Formatting;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace GradLint.CodeFixes.Editing;

/// <summary>
/// Puts a normalization directly behind weight layers or behind their activations: in a <c>Sequential</c>, in a list that becomes one, or around the call of a member.
/// </summary>
internal static class NormalizationEdits
{
    /// <summary>BatchNorm behind each layer; a convolution loses its bias.</summary>
    public static bool TryPlanBatchNorm(Code code, IEnumerable<InvocationExpressionSyntax> layers, List<Action<SyntaxEditor>> edits)
    {
        // Code that writes into biases would find none.
        var keepsBias = code.Root.DescendantNodes().Any(n => n is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "bias" });
        List<InvocationExpressionSyntax> distinct = [.. layers.Distinct()];
        if (!TryPlan(code, [.. distinct.Select(l => new Place(l, l))], "BatchNorm", edits))
            return false;
        foreach (var layer in distinct)
        {
            if (!keepsBias && code.Method(layer) is { } method && method.Name.StartsWith("Conv", StringComparison.Ordinal) && method.Parameters.Any(p => p.Name == "bias"))
                edits.Add(editor => editor.ReplaceNode(layer, (current, _) => WithoutBias((InvocationExpressionSyntax)current, method)));
        }

        return true;
    }

    /// <summary>LayerNorm behind each layer, or behind its activation.</summary>
    public static bool TryPlanLayerNorm(Code code, IEnumerable<Place> places, List<Action<SyntaxEditor>> edits) => TryPlan(code, [.. places.Distinct()], "LayerNorm", edits);

    private static bool TryPlan(Code code, IReadOnlyList<Place> places, string kind, List<Action<SyntaxEditor>> edits)
    {
        var names = new Names(kind == "BatchNorm" ? "bn" : "ln");
        var members = new List<Member>();
        var elements = new InsertedElements();
        foreach (var place in places)
        {
            if (Of(code, kind, place.Layer) is not { } normalization
                || !(TryPlanElement(code, place, normalization, names, elements) || TryPlanListItem(code, place, normalization, edits) || TryPlanMember(code, place, normalization, names, edits, members)))
                return false;
        }

        elements.Plan(edits);
        foreach (var group in members.GroupBy(m => (m.Beside, m.Type.Name)))
        {
            var variables = SeparatedList(group.Select(m => VariableDeclarator(Identifier(m.Name), null, m.Value is null ? null : EqualsValueClause(m.Value))));
            var declaration = FieldDeclaration(VariableDeclaration(code.TypeName(group.First().Type), variables))
                .WithModifiers(TokenList(group.Key.Beside.Modifiers.Select(m => Token(m.Kind())))).WithAdditionalAnnotations(Formatter.Annotation);
            edits.Add(editor => editor.InsertAfter(group.Key.Beside, declaration));
        }

        return true;
    }

    /// <summary>The class that fits a layer, and the layer's width as it is written there.</summary>
    private static Normalization? Of(Code code, string kind, InvocationExpressionSyntax layer)
    {
        if (code.Method(layer) is not { } method || !code.IsFactory(method))
            return null;
        var factory = (kind, method.Name) switch
        {
            ("LayerNorm", "Linear") => "LayerNorm",
            ("LayerNorm", _) => null,
            (_, "Linear" or "Conv1d" or "ConvTranspose1d") => "BatchNorm1d",
            (_, "Conv2d" or "ConvTranspose2d") => "BatchNorm2d",
            (_, "Conv3d" or "ConvTranspose3d") => "BatchNorm3d",
            _ => null,
        };
        return factory is not null && LayerSizes.Of(layer).Out is { } width && LayerSizes.IsRepeatable(width) ? new(factory, width.WithoutTrivia()) : null;
    }

    /// <summary>Behind an element of a <c>Sequential</c>, named or not.</summary>
    private static bool TryPlanElement(Code code, Place place, Normalization normalization, Names names, InsertedElements elements)
    {
        var created = normalization.Create(place.Layer.Expression);
        if (place.Behind.Parent is ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax sequential } element && code.IsSequential(sequential))
        {
            elements.Add(element, created);
            return true;
        }

        if (place.Behind.Parent is ArgumentSyntax { Parent: TupleExpressionSyntax { Arguments.Count: 2, Parent: ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax named } pair } } && code.IsSequential(named))
        {
            var taken = new HashSet<string>(named.DescendantTokens().Where(t => t.IsKind(SyntaxKind.StringLiteralToken)).Select(t => t.ValueText), StringComparer.Ordinal);
            elements.Add(pair, TupleExpression(SeparatedList([Argument(LiteralExpression(SyntaxKind.StringLiteralExpression, Literal(names.Free(taken)))), Argument(created)])));
            return true;
        }

        return false;
    }

    /// <summary>
    /// Behind <c>modules.Add(Linear(…));</c> or the activation that the next statement adds to the same list: what holds layers and activations in turn is run
    /// through in turn.
    /// </summary>
    private static bool TryPlanListItem(Code code, Place place, Normalization normalization, List<Action<SyntaxEditor>> edits)
    {
        if (Added(place.Behind) is not { } add || add.Parent is not ExpressionStatementSyntax { Parent: BlockSyntax block } statement)
            return false;
        var at = block.Statements.IndexOf(statement);
        var neighbour = place.Behind == place.Layer ? at + 1 : at - 1;
        if (neighbour < 0 || neighbour >= block.Statements.Count
            || block.Statements[neighbour] is not ExpressionStatementSyntax { Expression: InvocationExpressionSyntax { ArgumentList.Arguments.Count: 1 } other }
            || Receiver(other) is not { } list || list != Receiver(add)
            || other.ArgumentList.Arguments[0].Expression is not InvocationExpressionSyntax item
            || !(place.Behind == place.Layer ? code.IsFactory(code.Method(item)) && LayerSizes.Of(item).Out is null : item == place.Layer))
            return false;
        var inserted = ExpressionStatement(InvocationExpression(
            add.Expression.WithoutTrivia(), ArgumentList(SingletonSeparatedList(Argument(normalization.Create(place.Layer.Expression)))))).WithAdditionalAnnotations(Formatter.Annotation);
        edits.Add(editor => editor.InsertAfter(statement, inserted));
        return true;

        static InvocationExpressionSyntax? Added(InvocationExpressionSyntax creation) =>
            creation.Parent is ArgumentSyntax { Parent: ArgumentListSyntax { Arguments.Count: 1, Parent: InvocationExpressionSyntax add } } && Receiver(add) is not null ? add : null;

        static string? Receiver(InvocationExpressionSyntax call) =>
            call.Expression is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Add" or "append", Expression: IdentifierNameSyntax { Identifier.ValueText: var name } } ? name : null;
    }

    /// <summary>Around the only call of a layer that a member holds, or around the activation's; the normalization becomes a member beside the layer.</summary>
    private static bool TryPlanMember(Code code, Place place, Normalization normalization, Names names, List<Action<SyntaxEditor>> edits, List<Member> members)
    {
        var layer = place.Layer;
        if (Holder.Find(code, layer) is not { Member: IFieldSymbol { ContainingType.DeclaringSyntaxReferences.Length: 1 } field, IsSequential: false }
            || field.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(code.CancellationToken) is not VariableDeclaratorSyntax { Parent.Parent: FieldDeclarationSyntax declaration } declarator
            || declarator.SyntaxTree != code.Root.SyntaxTree
            || LayerCalls.Only(code, field) is not { } call
            || (place.Behind == layer ? call : LayerCalls.ActivationAround(code, call, place.Behind)) is not { } wrapped
            || code.Model.Compilation.GetTypeByMetadataName("TorchSharp.Modules." + normalization.Factory) is not { } type)
            return false;
        var assigned = layer.FirstAncestorOrSelf<AssignmentExpressionSyntax>()?.Parent as ExpressionStatementSyntax;
        if (declarator.Initializer is null && assigned?.Parent is not BlockSyntax)
            return false;
        var name = names.Free(new HashSet<string>(field.ContainingType.MemberNames, StringComparer.Ordinal));
        var created = normalization.Create(layer.Expression);
        members.Add(new(declaration, type, name, declarator.Initializer is null ? null : created));
        if (declarator.Initializer is null)
        {
            var assignment = ExpressionStatement(AssignmentExpression(SyntaxKind.SimpleAssignmentExpression, IdentifierName(name), created)).WithAdditionalAnnotations(Formatter.Annotation);
            edits.Add(editor => editor.InsertAfter(assigned!, assignment));
        }

        edits.Add(editor => editor.ReplaceNode(wrapped, (current, _) => InvocationExpression(
            MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, IdentifierName(name), IdentifierName("call")),
            ArgumentList(SingletonSeparatedList(Argument(((ExpressionSyntax)current).WithoutTrivia())))).WithTriviaFrom(current)));
        return true;
    }

    /// <summary><c>bias: false</c>: BatchNorm subtracts the mean, and has a shift of its own.</summary>
    private static InvocationExpressionSyntax WithoutBias(InvocationExpressionSyntax layer, IMethodSymbol method)
    {
        var arguments = layer.ArgumentList.Arguments;
        var no = LiteralExpression(SyntaxKind.FalseLiteralExpression);
        var position = method.Parameters.ToList().FindIndex(p => p.Name == "bias");
        var given = arguments.FirstOrDefault(a => a.NameColon?.Name.Identifier.ValueText == "bias")
            ?? (position < arguments.Count && arguments.Take(position + 1).All(a => a.NameColon is null) ? arguments[position] : null);
        return layer.WithArgumentList(layer.ArgumentList.WithArguments(given is null
            ? arguments.Add(Argument(NameColon("bias"), default, no))
            : arguments.Replace(given, given.WithExpression(no.WithTriviaFrom(given.Expression))))).WithAdditionalAnnotations(Formatter.Annotation);
    }

    /// <param name="Layer">The construction of the layer whose width is normalized.</param>
    /// <param name="Behind">What the normalization follows: that, or the activation behind it.</param>
    internal readonly record struct Place(InvocationExpressionSyntax Layer, InvocationExpressionSyntax Behind);

    private sealed record Member(FieldDeclarationSyntax Beside, INamedTypeSymbol Type, string Name, ExpressionSyntax? Value);

    private sealed record Normalization(string Factory, ExpressionSyntax Width)
    {
        /// <summary>Written like the factory beside it: <c>Linear</c> becomes <c>BatchNorm1d</c>, <c>nn.Linear</c> becomes <c>nn.BatchNorm1d</c>.</summary>
        public InvocationExpressionSyntax Create(ExpressionSyntax like)
        {
            ExpressionSyntax factory = like is MemberAccessExpressionSyntax access ? access.WithName(IdentifierName(Factory)).WithoutTrivia() : IdentifierName(Factory);
            return InvocationExpression(factory, ArgumentList(SingletonSeparatedList(Argument(Width))));
        }
    }

    /// <summary><c>bn1</c>, <c>bn2</c>, …: each is given once.</summary>
    private sealed class Names(string prefix)
    {
        private readonly HashSet<string> given = new(StringComparer.Ordinal);

        public string Free(HashSet<string> taken)
        {
            for (var number = 1; ; number++)
            {
                var name = FormattableString.Invariant($"{prefix}{number}");
                if (!taken.Contains(name) && given.Add(name))
                    return name;
            }
        }
    }
}
