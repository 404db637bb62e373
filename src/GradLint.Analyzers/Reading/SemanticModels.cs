using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Reading;

/// <summary>Semantic models by tree. A module's base class, helper methods and forward may live in other files than the one being analyzed.</summary>
internal sealed class SemanticModels(Compilation compilation)
{
    private readonly ConcurrentDictionary<SyntaxTree, SemanticModel> models = new();

#pragma warning disable RS1030 // Another tree's model: made once per tree and compilation, and only for trees that a module leads to.
    public SemanticModel? For(SyntaxTree tree) =>
        compilation.ContainsSyntaxTree(tree) ? models.GetOrAdd(tree, t => compilation.GetSemanticModel(t)) : null;
#pragma warning restore RS1030
}
