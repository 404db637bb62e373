using System.Globalization;
using GradLint.Analyzers.Rules;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Formatting;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace GradLint.CodeFixes.Editing;

/// <summary>Puts another activation in place of one, however it is written: a module, a function, a tensor method.</summary>
internal static class ActivationEdits
{
    private static readonly string Slope = GRAD1001_SaturatingActivationsVanishGradient.LeakySlope.ToString(CultureInfo.InvariantCulture);

    /// <param name="Module">Its class and factory.</param>
    /// <param name="Function">The function and the tensor method.</param>
    /// <param name="ModuleArgument">What the factory needs; null for nothing.</param>
    /// <param name="FunctionArgument">What the function needs behind the tensor.</param>
    /// <param name="MethodArgument">What the method needs.</param>
    internal sealed record Target(string Module, string Function, string? ModuleArgument = null, string? FunctionArgument = null, string? MethodArgument = null)
    {
        public static Target Relu { get; } = new("ReLU", "relu");

        public static Target LeakyRelu { get; } = new("LeakyReLU", "leaky_relu", Slope, Slope, Slope);

        public static Target Elu { get; } = new("ELU", "elu", FunctionArgument: "1");

        public static Target Gelu { get; } = new("GELU", "gelu");
    }

    public static bool TryPlan(Code code, IReadOnlyList<InvocationExpressionSyntax> activations, Target target, List<Action<SyntaxEditor>> edits)
    {
        var declarations = new Dictionary<TypeSyntax, (int Replaced, int Declared)>();
        foreach (var activation in activations.Distinct())
        {
            if (activation.ArgumentList.ContainsDirectives || code.Method(activation) is not { } method || Replacement(code, activation, method, target) is not { } replacement)
                return false;
            if (code.IsFactory(method) && DeclaredType(code, activation, method.ReturnType) is { } declared)
            {
                if (declared.Type is null)
                    return false;
                declarations[declared.Type] = (declarations.TryGetValue(declared.Type, out var seen) ? seen.Replaced + 1 : 1, declared.Variables);
            }

            // The arguments keep edits of their own: a chain of calls nests one activation in the next.
            edits.Add(editor => editor.ReplaceNode(activation, (current, _) => Rebuild((InvocationExpressionSyntax)current, replacement)));
        }

        foreach (var declaration in declarations)
        {
            // One declaration for several variables of which not all are replaced would change the type of the others.
            if (declaration.Value.Replaced < declaration.Value.Declared)
                return false;
            var type = declaration.Key;
            edits.Add(editor => editor.ReplaceNode(type, Renamed(type, target.Module)));
        }

        return true;
    }

    private static Func<InvocationExpressionSyntax, InvocationExpressionSyntax>? Replacement(Code code, InvocationExpressionSyntax activation, IMethodSymbol method, Target target)
    {
        if (code.IsFactory(method))
        {
            var inplace = activation.ArgumentList.Arguments.FirstOrDefault(a => a.Expression.IsKind(SyntaxKind.TrueLiteralExpression));
            var arguments = Given(target.ModuleArgument);
            if (inplace is not null)
                arguments = arguments.Add(Argument(NameColon("inplace"), default, inplace.Expression));
            return call => call.WithExpression(Renamed(call.Expression, target.Module)).WithArgumentList(ArgumentList(arguments));
        }

        if (Code.Is(method.ContainingType, code.Symbols.Tensor))
        {
            var name = method.Name.EndsWith("_", StringComparison.Ordinal) && !code.Symbols.Tensor.GetMembers(target.Function + "_").IsEmpty ? target.Function + "_" : target.Function;
            return call => call.WithExpression(Renamed(call.Expression, name)).WithArgumentList(ArgumentList(Given(target.MethodArgument)));
        }

        if ((Code.Is(method.ContainingType, code.Symbols.Torch) || Code.Is(method.ContainingType, code.Symbols.Functional)) && activation.ArgumentList.Arguments.Count >= 1)
        {
            return call => InvocationExpression(
                Code.Static("TorchSharp.torch.nn.functional." + target.Function),
                ArgumentList(Given(target.FunctionArgument).Insert(0, Argument(call.ArgumentList.Arguments[0].Expression))));
        }

        return null;
    }

    private static SeparatedSyntaxList<ArgumentSyntax> Given(string? argument) =>
        argument is null ? SeparatedList<ArgumentSyntax>() : SingletonSeparatedList(Argument(ParseExpression(argument)));

    private static InvocationExpressionSyntax Rebuild(InvocationExpressionSyntax call, Func<InvocationExpressionSyntax, InvocationExpressionSyntax> replacement) =>
        replacement(call).WithTriviaFrom(call).WithAdditionalAnnotations(Formatter.Annotation);

    /// <summary>The last identifier of a name or member access, replaced.</summary>
    private static T Renamed<T>(T expression, string name) where T : SyntaxNode => (T)(SyntaxNode)(expression switch
    {
        MemberAccessExpressionSyntax access => access.WithName(IdentifierName(name).WithTriviaFrom(access.Name)),
        MemberBindingExpressionSyntax binding => binding.WithName(IdentifierName(name).WithTriviaFrom(binding.Name)),
        QualifiedNameSyntax qualified => qualified.WithRight(IdentifierName(name).WithTriviaFrom(qualified.Right)),
        NullableTypeSyntax nullable => nullable.WithElementType(Renamed(nullable.ElementType, name)),
        _ => IdentifierName(name).WithTriviaFrom(expression),
    });

    /// <summary>
    /// The written type of the variable or member that holds a module, where it is the activation's own class and so must change with it;
    /// its type is null where it is written in another file. Null where the holder's type is a base class, <c>var</c>, or there is no holder.
    /// </summary>
    private static (TypeSyntax? Type, int Variables)? DeclaredType(Code code, InvocationExpressionSyntax creation, ITypeSymbol module)
    {
        SyntaxNode expression = creation;
        while (expression.Parent is ParenthesizedExpressionSyntax or CastExpressionSyntax)
            expression = expression.Parent;
        var holder = expression.Parent switch
        {
            EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax declarator } => code.Model.GetDeclaredSymbol(declarator, code.CancellationToken),
            EqualsValueClauseSyntax { Parent: PropertyDeclarationSyntax property } => code.Model.GetDeclaredSymbol(property, code.CancellationToken),
            AssignmentExpressionSyntax assignment when assignment.Right == expression => code.Model.GetSymbolInfo(assignment.Left, code.CancellationToken).Symbol,
            _ => null,
        };
        var type = holder switch { IFieldSymbol f => f.Type, IPropertySymbol p => p.Type, ILocalSymbol l => l.Type, _ => null };
        if (type is null || !SymbolEqualityComparer.Default.Equals(type, module))
            return null;
        foreach (var reference in holder!.DeclaringSyntaxReferences)
        {
            var syntax = reference.GetSyntax(code.CancellationToken);
            if (syntax.SyntaxTree != code.Root.SyntaxTree)
                return (null, 0);
            switch (syntax)
            {
                case VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax declaration }:
                    return declaration.Type.IsVar ? null : (declaration.Type, declaration.Variables.Count);
                case PropertyDeclarationSyntax property:
                    return (property.Type, 1);
            }
        }

        return (null, 0);
    }
}
