using GradLint.Analyzers.Reading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Analyzers.Training;

/// <summary>
/// Whether anything in a compilation clips gradients: by <c>clip_grad_norm_</c> and <c>clip_grad_value_</c>, by a helper or another
/// library, or by hand. Clipping a ratio, as PPO does, is none. What cannot be told counts as clipping.
/// </summary>
internal sealed class GradientClipping(SourceIndex index, SemanticModels models, TrainingSymbols symbols)
{
    public bool Exists(CancellationToken cancellationToken)
    {
        foreach (var name in index.ClippingNames)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Clips(name, cancellationToken))
                return true;
        }

        return false;
    }

    private bool Clips(SimpleNameSyntax name, CancellationToken cancellationToken)
    {
        var text = name.Identifier.ValueText;
        var info = models.For(name.SyntaxTree)?.GetSymbolInfo(name, cancellationToken);
        var symbol = info?.Symbol ?? info?.CandidateSymbols.FirstOrDefault();
        switch (text)
        {
            // Even where it does not compile yet: somebody is about to clip.
            case "clip_grad_norm_" or "clip_grad_value_":
                return name.Parent is not MemberAccessExpressionSyntax { Parent: not InvocationExpressionSyntax } || symbol is IMethodSymbol;
            case "grad":
                return (symbol is null || symbols.TorchSharp.IsTensor(symbol.ContainingType)) && ChangesGradient(name, cancellationToken);
            default:
                // A helper's body decides by itself, except where its name leaves no doubt.
                return symbol is IMethodSymbol or null && IsCalled(name) && NamesGradientClipping(text)
                    && (symbol is null || !symbols.IsKnownLibrary(symbol.ContainingAssembly) || symbols.TorchSharp.IsTorchSharps(symbol));
        }
    }

    private static bool IsCalled(SimpleNameSyntax name) =>
        name.Parent is InvocationExpressionSyntax or ArgumentSyntax || name.Parent is MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax or ArgumentSyntax } access && access.Name == name
            || name.Parent is MemberBindingExpressionSyntax;

    private static bool NamesGradientClipping(string name) =>
        name.IndexOf("grad", StringComparison.OrdinalIgnoreCase) >= 0 || name.IndexOf("norm", StringComparison.OrdinalIgnoreCase) >= 0
            || name.IndexOf("param", StringComparison.OrdinalIgnoreCase) >= 0;

    /// <summary>Whether the member around <c>p.grad</c> writes to it, changes a tensor in place, or hands the gradient to a method that does.</summary>
    private bool ChangesGradient(SimpleNameSyntax name, CancellationToken cancellationToken)
    {
        SyntaxNode access = name.Parent is MemberAccessExpressionSyntax or MemberBindingExpressionSyntax ? name.Parent : name;
        if (access.Parent is InvocationExpressionSyntax read && read.Expression == access)
            access = read;
        if (access.Parent is AssignmentExpressionSyntax assignment && assignment.Left == access)
            return !assignment.Right.IsKind(SyntaxKind.NullLiteralExpression);
        var body = access.FirstAncestorOrSelf<MemberDeclarationSyntax>(m => m is not GlobalStatementSyntax) ?? access.SyntaxTree.GetRoot(cancellationToken);
        if (body is TypeDeclarationSyntax or CompilationUnitSyntax)
            body = access.SyntaxTree.GetRoot(cancellationToken);
        if (ChangesInPlace(body))
            return true;
        foreach (var node in access.Ancestors())
        {
            if (node is StatementSyntax or MemberDeclarationSyntax)
                break;
            if (node is InvocationExpressionSyntax call && models.For(call.SyntaxTree)?.GetSymbolInfo(call, cancellationToken).Symbol is IMethodSymbol method)
            {
                foreach (var reference in (method.ReducedFrom ?? method).DeclaringSyntaxReferences)
                {
                    if (ChangesInPlace(reference.GetSyntax(cancellationToken)))
                        return true;
                }
            }
        }

        return false;
    }

    private static bool ChangesInPlace(SyntaxNode body)
    {
        foreach (var node in body.DescendantNodes())
        {
            if (node is SimpleNameSyntax { Identifier.ValueText: "mul_" or "div_" or "clamp_" or "clip_" or "clamp_max_" or "clamp_min_" or "copy_" or "set_" or "nan_to_num_" or "renorm_" or "multiply_" or "divide_" or "sign_" or "tanh_" })
                return true;
        }

        return false;
    }
}
