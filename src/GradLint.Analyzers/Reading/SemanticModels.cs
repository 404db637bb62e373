using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace GradLint.Analyzers.Reading;

/// <summary>
/// Semantic models by tree. A module's base class, helper methods and forward may live in other files than the one being analyzed. In an
/// analyzer they are the compiler's own, and know the bodies that it has bound already.
/// </summary>
internal sealed class SemanticModels(Compilation compilation)
{
    private readonly ConcurrentDictionary<SyntaxTree, SemanticModel> models = new();
    private int bound;

    /// <summary>How often an operation was asked for: what reading costs, counted.</summary>
    public int Bound => bound;

    /// <summary>The same sources, bound without the analysis of what may be null: half of the work, and nothing that is read depends on it.</summary>
    public static Compilation WithoutNullableAnalysis(Compilation compilation) =>
        compilation.Options is CSharpCompilationOptions { NullableContextOptions: not NullableContextOptions.Disable } options
            ? compilation.WithOptions(options.WithNullableContextOptions(NullableContextOptions.Disable))
            : compilation;

#pragma warning disable RS1030 // Another tree's model: made once per tree and compilation, and only for trees that a module leads to.
    public SemanticModel? For(SyntaxTree tree) =>
        compilation.ContainsSyntaxTree(tree) ? models.GetOrAdd(tree, t => compilation.GetSemanticModel(t)) : null;
#pragma warning restore RS1030

    /// <summary>What a body or an expression does; null where the tree is not of this compilation, or the node does nothing.</summary>
    public IOperation? Operation(SyntaxNode syntax, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (For(syntax.SyntaxTree) is not { } model)
            return null;
        Interlocked.Increment(ref bound);
        return model.GetOperation(syntax, cancellationToken);
    }
}
