using GradLint.Analyzers.Reading;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Simplification;

namespace GradLint.CodeFixes.Editing;

/// <summary>The file under repair.</summary>
internal sealed record Code(SyntaxNode Root, SemanticModel Model, TorchSharpSymbols Symbols, SyntaxGenerator Generator, CancellationToken CancellationToken)
{
    public IMethodSymbol? Method(InvocationExpressionSyntax call) => Model.GetSymbolInfo(call, CancellationToken).Symbol as IMethodSymbol;

    public bool IsFactory(IMethodSymbol? method) => Is(method?.ContainingType, Symbols.Nn);

    public bool IsSequential(InvocationExpressionSyntax call) => Method(call) is { Name: "Sequential" } method && IsFactory(method);

    public static bool Is(ISymbol? symbol, ISymbol? other) => SymbolEqualityComparer.Default.Equals(symbol?.OriginalDefinition, other);

    /// <summary>A type's name, to be shortened to what the file's usings allow.</summary>
    public TypeSyntax TypeName(ITypeSymbol type) =>
        ((TypeSyntax)Generator.TypeExpression(type)).WithAdditionalAnnotations(Simplifier.Annotation, Simplifier.AddImportsAnnotation);

    /// <summary>A static member of TorchSharp by its full name, to be shortened.</summary>
    public static ExpressionSyntax Static(string name) => SyntaxFactory.ParseExpression("global::" + name).WithAdditionalAnnotations(Simplifier.Annotation);

    /// <summary>A name that nothing visible at this position has.</summary>
    public string FreeName(string wanted, int position)
    {
        var name = wanted;
        for (var number = 2; !Model.LookupSymbols(position, name: name).IsEmpty; number++)
            name = wanted + number;
        return name;
    }
}
