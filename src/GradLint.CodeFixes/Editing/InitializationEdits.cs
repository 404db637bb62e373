using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Formatting;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace GradLint.CodeFixes.Editing;

/// <summary>Initializes layers where a developer would write it: at the end of the constructor that owns them, or behind the variable that holds them.</summary>
internal static class InitializationEdits
{
    public static bool TryPlan(Code code, IReadOnlyList<InvocationExpressionSyntax> layers, LayerInitialization initialization, List<Action<SyntaxEditor>> edits)
    {
        // A parameter that a class multiplies with itself has no weight: it is one.
        if (layers.Any(l => code.Method(l) is { } method && !code.Symbols.IsModule(method.ReturnType)))
            return false;
        var held = new List<(InvocationExpressionSyntax Layer, Holder Holder)>();
        foreach (var layer in layers)
        {
            if (Holder.Find(code, layer) is not { } holder)
                return TryPlanOverAllModules(code, layers, initialization, edits);
            held.Add((layer, holder));
        }

        var ofMembers = new List<StatementSyntax>();
        INamedTypeSymbol? owner = null;
        foreach (var group in held.Where(h => h.Holder is { Member: not null, IsSequential: false }).GroupBy(h => Access(code, h.Layer, h.Holder.Member!), SymbolEqualityComparer.Default))
        {
            var members = group.Select(h => h.Holder).ToList();
            owner = members[0].Member!.ContainingType;
            ofMembers.AddRange(OfMembers(code, members, (ITypeSymbol)group.Key!, initialization));
        }

        foreach (var group in held.Where(h => h.Holder.IsSequential || h.Holder.Member is null).GroupBy(h => h.Holder.Expression))
        {
            var holder = group.First().Holder;
            var types = group.Select(h => code.Method(h.Layer)?.ReturnType).Where(t => t is not null).Distinct<ITypeSymbol?>(SymbolEqualityComparer.Default).ToList();
            if (holder.Member is { } member)
            {
                owner = member.ContainingType;
                ofMembers.Add(OverModules(code, member.Name, types!, initialization, ConstructorPosition(code, owner)));
            }
            else if (!TryPlanLocal(code, holder, types!, initialization, edits))
            {
                return false;
            }
        }

        if (ofMembers.Count == 0)
            return true;
        if (held.Any(h => h.Holder.Member is { } member && !SymbolEqualityComparer.Default.Equals(member.ContainingType, owner)))
            return false;
        return TryPlanConstructors(code, owner!, ofMembers, edits);
    }

    /// <summary>Layers that a loop puts into a list have no name: then all of the class's layers of their kinds, once they are registered.</summary>
    private static bool TryPlanOverAllModules(Code code, IReadOnlyList<InvocationExpressionSyntax> layers, LayerInitialization initialization, List<Action<SyntaxEditor>> edits)
    {
        var owners = layers.Select(l => code.Model.GetEnclosingSymbol(l.SpanStart, code.CancellationToken)?.ContainingType).Distinct<INamedTypeSymbol?>(SymbolEqualityComparer.Default).ToList();
        if (owners.Count != 1 || owners[0] is not { } owner || !code.Symbols.IsModule(owner))
            return false;
        foreach (var constructor in Constructors(code, owner))
        {
            var body = (SyntaxNode?)constructor?.Body ?? constructor?.ExpressionBody;
            if (body is null || !body.DescendantNodes().OfType<InvocationExpressionSyntax>().Any(i => i.Expression is IdentifierNameSyntax { Identifier.ValueText: "RegisterComponents" }))
                return false;
        }

        var types = layers.Select(l => code.Method(l)?.ReturnType).Where(t => t is not null).Distinct<ITypeSymbol?>(SymbolEqualityComparer.Default).ToList();
        return TryPlanConstructors(code, owner, [OverModules(code, null, types!, initialization, ConstructorPosition(code, owner))], edits);
    }

    /// <summary>The type through which a member's weight can be reached: its own, or the layer's where that is only a base class.</summary>
    private static ITypeSymbol? Access(Code code, InvocationExpressionSyntax layer, ISymbol member)
    {
        var type = member switch { IFieldSymbol f => f.Type, IPropertySymbol p => p.Type, _ => null };
        for (var t = type; t is not null; t = t.BaseType)
        {
            if (t.GetMembers("weight").Any(m => m is IPropertySymbol))
                return type!.WithNullableAnnotation(NullableAnnotation.NotAnnotated);
        }

        return code.Method(layer)?.ReturnType;
    }

    private static IEnumerable<StatementSyntax> OfMembers(Code code, List<Holder> members, ITypeSymbol type, LayerInitialization initialization)
    {
        // Two or three lines that name their layers read better than a loop.
        if (members.Count < 3)
        {
            foreach (var holder in members)
            {
                ExpressionSyntax access = IdentifierName(holder.Name!);
                if (!SymbolEqualityComparer.Default.Equals(Access(code, FirstLayer(holder), holder.Member!), MemberType(holder.Member!)))
                    access = ParenthesizedExpression(CastExpression(code.TypeName(type), access));
                yield return Statement(initialization.Of(code, access, type));
            }

            yield break;
        }

        var array = ImplicitArrayCreationExpression(InitializerExpression(
            SyntaxKind.ArrayInitializerExpression, SeparatedList<ExpressionSyntax>(members.Select(m => IdentifierName(m.Name!)))));
        var sameType = members.All(m => SymbolEqualityComparer.Default.Equals(MemberType(m.Member!), type));
        var layer = code.FreeName("layer", ConstructorPosition(code, members[0].Member!.ContainingType));
        yield return Statement(ForEachStatement(sameType ? IdentifierName("var") : code.TypeName(type), layer, array, initialization.Of(code, IdentifierName(layer), type)));
    }

    private static InvocationExpressionSyntax FirstLayer(Holder holder) => holder.Expression as InvocationExpressionSyntax
        ?? holder.Expression.DescendantNodes().OfType<InvocationExpressionSyntax>().First();

    private static ITypeSymbol? MemberType(ISymbol member) =>
        (member switch { IFieldSymbol f => f.Type, IPropertySymbol p => p.Type, _ => null })?.WithNullableAnnotation(NullableAnnotation.NotAnnotated);

    /// <summary><c>foreach (var module in model.modules()) if (module is Linear linear) …</c>, the way PyTorch's users do it.</summary>
    private static StatementSyntax OverModules(Code code, string? holder, IReadOnlyList<ITypeSymbol> types, LayerInitialization initialization, int position)
    {
        var module = code.FreeName("module", position);
        var tests = types.Select(type =>
        {
            var name = code.FreeName(char.ToLowerInvariant(type.Name[0]) + type.Name.Substring(1), position);
            return (StatementSyntax)IfStatement(
                IsPatternExpression(IdentifierName(module), DeclarationPattern(code.TypeName(type), SingleVariableDesignation(Identifier(name)))),
                initialization.Of(code, IdentifierName(name), type));
        });
        return Statement(ForEachStatement(
            IdentifierName("var"),
            module,
            InvocationExpression(holder is null
                ? IdentifierName("modules")
                : MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, IdentifierName(holder), IdentifierName("modules"))),
            Block(tests)));
    }

    private static StatementSyntax Statement(StatementSyntax statement) => statement.WithAdditionalAnnotations(Formatter.Annotation);

    /// <summary>Behind the statement that fills a local variable; an expression without a name gets one first.</summary>
    private static bool TryPlanLocal(Code code, Holder holder, IReadOnlyList<ITypeSymbol> types, LayerInitialization initialization, List<Action<SyntaxEditor>> edits)
    {
        var expression = holder.Expression;
        var position = expression.SpanStart;
        if (holder.Name is { } name)
        {
            if (expression.FirstAncestorOrSelf<StatementSyntax>() is not { } statement || !IsInSequence(statement))
                return false;
            edits.Add(editor => InsertAfter(editor, statement, holder.IsSequential
                ? OverModules(code, name, types, initialization, position)
                : Statement(initialization.Of(code, IdentifierName(name), types[0]))));
            return true;
        }

        var variable = code.FreeName("model", position);
        StatementSyntax[] After(ExpressionSyntax value) =>
        [
            Statement(LocalDeclarationStatement(VariableDeclaration(
                IdentifierName("var"), SingletonSeparatedList(VariableDeclarator(Identifier(variable), null, EqualsValueClause(value.WithoutTrivia())))))),
            OverModules(code, variable, types, initialization, position),
            Statement(ReturnStatement(IdentifierName(variable))),
        ];
        switch (expression.Parent)
        {
            case ReturnStatementSyntax { Parent: BlockSyntax block } @return:
                var fromEnd = block.Statements.Count - block.Statements.IndexOf(@return);
                edits.Add(editor => editor.ReplaceNode(block, (current, _) =>
                {
                    var edited = (BlockSyntax)current;
                    var at = edited.Statements.Count - fromEnd;
                    var value = ((ReturnStatementSyntax)edited.Statements[at]).Expression!;
                    var statements = After(value);
                    statements[0] = statements[0].WithLeadingTrivia(edited.Statements[at].GetLeadingTrivia());
                    return edited.WithStatements(edited.Statements.RemoveAt(at).InsertRange(at, statements));
                }));
                return true;
            case ArrowExpressionClauseSyntax { Parent: MethodDeclarationSyntax method }:
                edits.Add(editor => editor.ReplaceNode(method, (current, _) =>
                {
                    var declaration = (MethodDeclarationSyntax)current;
                    return declaration.WithExpressionBody(null).WithSemicolonToken(default).WithBody(Block(After(declaration.ExpressionBody!.Expression)))
                        .WithTriviaFrom(declaration).WithAdditionalAnnotations(Formatter.Annotation);
                }));
                return true;
            case ArrowExpressionClauseSyntax { Parent: LocalFunctionStatementSyntax function }:
                edits.Add(editor => editor.ReplaceNode(function, (current, _) =>
                {
                    var declaration = (LocalFunctionStatementSyntax)current;
                    return declaration.WithExpressionBody(null).WithSemicolonToken(default).WithBody(Block(After(declaration.ExpressionBody!.Expression)))
                        .WithTriviaFrom(declaration).WithAdditionalAnnotations(Formatter.Annotation);
                }));
                return true;
            case LambdaExpressionSyntax lambda:
                edits.Add(editor => editor.ReplaceNode(lambda, (current, _) =>
                {
                    var declaration = (LambdaExpressionSyntax)current;
                    return declaration.WithExpressionBody(null).WithBlock(OnLines(After(declaration.ExpressionBody!))).WithAdditionalAnnotations(Formatter.Annotation);
                }));
                return true;
            default:
                return false;
        }
    }

    /// <summary>A block that the formatter does not keep on the lambda's line.</summary>
    private static BlockSyntax OnLines(IEnumerable<StatementSyntax> statements) => Block(
        Token(SyntaxKind.OpenBraceToken).WithTrailingTrivia(ElasticCarriageReturnLineFeed),
        List(statements.Select(s => s.WithTrailingTrivia(ElasticCarriageReturnLineFeed))),
        Token(SyntaxKind.CloseBraceToken));

    /// <summary>At the end of every constructor that does the work itself.</summary>
    private static bool TryPlanConstructors(Code code, INamedTypeSymbol owner, IReadOnlyList<StatementSyntax> statements, List<Action<SyntaxEditor>> edits)
    {
        var constructors = Constructors(code, owner);
        if (constructors.Count == 0)
            return false;
        foreach (var constructor in constructors)
        {
            // A field initializer would not be reached by a constructor in another file, nor a primary constructor have a body.
            if (constructor is null)
                return false;
            edits.Add(editor => editor.ReplaceNode(constructor, (current, _) => Appended((ConstructorDeclarationSyntax)current, statements)));
        }

        return true;
    }

    private static ConstructorDeclarationSyntax Appended(ConstructorDeclarationSyntax constructor, IReadOnlyList<StatementSyntax> statements)
    {
        if (constructor.Body is { } body)
            return constructor.WithBody(body.AddStatements([.. statements]));
        var only = ExpressionStatement(constructor.ExpressionBody!.Expression.WithoutTrivia()).WithAdditionalAnnotations(Formatter.Annotation);
        return constructor.WithExpressionBody(null).WithSemicolonToken(default).WithBody(Block(new StatementSyntax[] { only }.Concat(statements)))
            .WithTriviaFrom(constructor).WithAdditionalAnnotations(Formatter.Annotation);
    }

    /// <summary>The constructors that do not hand over to another; null for one that cannot be edited here.</summary>
    private static List<ConstructorDeclarationSyntax?> Constructors(Code code, INamedTypeSymbol owner)
    {
        var found = new List<ConstructorDeclarationSyntax?>();
        foreach (var constructor in owner.InstanceConstructors)
        {
            var syntax = constructor.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(code.CancellationToken) as ConstructorDeclarationSyntax;
            if (syntax?.Initializer?.IsKind(SyntaxKind.ThisConstructorInitializer) != true)
                found.Add(syntax?.SyntaxTree == code.Root.SyntaxTree && (syntax.Body ?? (SyntaxNode?)syntax.ExpressionBody) is not null ? syntax : null);
        }

        return found;
    }

    private static int ConstructorPosition(Code code, INamedTypeSymbol owner) =>
        Constructors(code, owner).FirstOrDefault() is { } constructor ? constructor.Body?.CloseBraceToken.SpanStart ?? constructor.Span.End : 0;

    private static bool IsInSequence(StatementSyntax statement) => statement.Parent is BlockSyntax or GlobalStatementSyntax or SwitchSectionSyntax;

    private static void InsertAfter(SyntaxEditor editor, StatementSyntax statement, StatementSyntax inserted)
    {
        if (statement.Parent is GlobalStatementSyntax global)
            editor.InsertAfter(global, GlobalStatement(inserted));
        else
            editor.InsertAfter(statement, inserted);
    }
}
