using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Formatting;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace GradLint.CodeFixes.Editing;

/// <summary>Puts a BatchNorm directly behind weight layers, whatever follows them: in a <c>Sequential</c>, in a list that becomes one, or around the call of a member.</summary>
internal static class BatchNormAfterLayers
{
    public static bool TryPlan(Code code, IReadOnlyList<InvocationExpressionSyntax> layers, List<Action<SyntaxEditor>> edits)
    {
        // Code that writes into biases would find none.
        var keepsBias = code.Root.DescendantNodes().Any(n => n is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "bias" });
        var names = new HashSet<string>(StringComparer.Ordinal);
        var members = new List<BatchNormEdits.Member>();
        foreach (var layer in layers)
        {
            if (BatchNormEdits.Normalization(code, layer) is not { } normalization
                || !(TryPlanElement(code, layer, normalization, names, edits) || TryPlanListItem(code, layer, normalization, edits) || TryPlanMember(code, layer, normalization, names, edits, members)))
                return false;
            if (!keepsBias && code.Method(layer) is { } method && method.Name.StartsWith("Conv", StringComparison.Ordinal) && method.Parameters.Any(p => p.Name == "bias"))
                edits.Add(editor => editor.ReplaceNode(layer, (current, _) => WithoutBias((InvocationExpressionSyntax)current, method)));
        }

        BatchNormEdits.Declare(code, members, edits);
        return true;
    }

    /// <summary>Behind an element of a <c>Sequential</c>, named or not.</summary>
    private static bool TryPlanElement(Code code, InvocationExpressionSyntax layer, (string Factory, ExpressionSyntax Width) normalization, HashSet<string> names, List<Action<SyntaxEditor>> edits)
    {
        var created = BatchNormEdits.Create(layer.Expression, normalization);
        if (layer.Parent is ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax sequential } element && code.IsSequential(sequential))
        {
            edits.Add(editor => editor.InsertAfter(element, Argument(created).WithAdditionalAnnotations(Formatter.Annotation)));
            return true;
        }

        if (layer.Parent is ArgumentSyntax { Parent: TupleExpressionSyntax { Arguments.Count: 2, Parent: ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax named } pair } } && code.IsSequential(named))
        {
            var tuple = TupleExpression(SeparatedList([Argument(LiteralExpression(SyntaxKind.StringLiteralExpression, Literal(BatchNormEdits.FreeElementName(named, names)))), Argument(created)]));
            edits.Add(editor => editor.InsertAfter(pair, Argument(tuple).WithAdditionalAnnotations(Formatter.Annotation)));
            return true;
        }

        return false;
    }

    /// <summary>
    /// Behind <c>modules.Add(Linear(…));</c>, where the next statement adds something else to the same list: what holds layers and activations
    /// in turn is run through in turn.
    /// </summary>
    private static bool TryPlanListItem(Code code, InvocationExpressionSyntax layer, (string Factory, ExpressionSyntax Width) normalization, List<Action<SyntaxEditor>> edits)
    {
        if (layer.Parent is not ArgumentSyntax { Parent: ArgumentListSyntax { Arguments.Count: 1, Parent: InvocationExpressionSyntax add } }
            || add.Parent is not ExpressionStatementSyntax { Parent: BlockSyntax block } statement
            || Receiver(add) is not { } list)
            return false;
        var next = block.Statements.IndexOf(statement) + 1;
        if (next >= block.Statements.Count
            || block.Statements[next] is not ExpressionStatementSyntax { Expression: InvocationExpressionSyntax { ArgumentList.Arguments.Count: 1 } following }
            || Receiver(following) != list
            || following.ArgumentList.Arguments[0].Expression is not InvocationExpressionSyntax other
            || code.Method(other) is not { } method || !code.IsFactory(method) || BatchNormEdits.Normalization(code, other) is not null)
            return false;
        var inserted = ExpressionStatement(InvocationExpression(
            add.Expression.WithoutTrivia(),
            ArgumentList(SingletonSeparatedList(Argument(BatchNormEdits.Create(layer.Expression, normalization)))))).WithAdditionalAnnotations(Formatter.Annotation);
        edits.Add(editor => editor.InsertAfter(statement, inserted));
        return true;

        static string? Receiver(InvocationExpressionSyntax call) =>
            call.Expression is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Add" or "append", Expression: IdentifierNameSyntax { Identifier.ValueText: var name } } ? name : null;
    }

    /// <summary>Around the only call of a member; the normalization becomes a member beside it.</summary>
    private static bool TryPlanMember(
        Code code,
        InvocationExpressionSyntax layer,
        (string Factory, ExpressionSyntax Width) normalization,
        HashSet<string> names,
        List<Action<SyntaxEditor>> edits,
        List<BatchNormEdits.Member> members)
    {
        if (Holder.Find(code, layer) is not { Member: IFieldSymbol { ContainingType.DeclaringSyntaxReferences.Length: 1 } field, IsSequential: false }
            || field.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(code.CancellationToken) is not VariableDeclaratorSyntax { Parent.Parent: FieldDeclarationSyntax declaration } declarator
            || declarator.SyntaxTree != code.Root.SyntaxTree
            || OnlyCall(code, field) is not { } call
            || code.Model.Compilation.GetTypeByMetadataName("TorchSharp.Modules." + normalization.Factory) is not { } type)
            return false;
        var assigned = layer.FirstAncestorOrSelf<AssignmentExpressionSyntax>()?.Parent as ExpressionStatementSyntax;
        if (declarator.Initializer is null && assigned?.Parent is not BlockSyntax)
            return false;
        var name = BatchNormEdits.FreeMemberName(field.ContainingType, names);
        var created = BatchNormEdits.Create(layer.Expression, normalization);
        members.Add(new(declaration, type, name, declarator.Initializer is null ? null : created));
        if (declarator.Initializer is null)
        {
            var assignment = ExpressionStatement(AssignmentExpression(SyntaxKind.SimpleAssignmentExpression, IdentifierName(name), created)).WithAdditionalAnnotations(Formatter.Annotation);
            edits.Add(editor => editor.InsertAfter(assigned!, assignment));
        }

        edits.Add(editor => editor.ReplaceNode(call, (current, _) => BatchNormEdits.Call(name, (ExpressionSyntax)current)));
        return true;
    }

    /// <summary>The one <c>member.call(x)</c> or <c>member.forward(x)</c> of a class; null where it is called more than once or goes elsewhere.</summary>
    private static InvocationExpressionSyntax? OnlyCall(Code code, IFieldSymbol field)
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
}
