using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Training;

/// <summary>A call of <c>optimizer.step()</c> and what it updates.</summary>
/// <param name="Call">The call.</param>
/// <param name="Layers">The recurrent layers among what is updated.</param>
/// <param name="Parameters">An expression for the updated parameters that is valid before the call; null where there is none.</param>
internal sealed record OptimizerStep(IInvocationOperation Call, IReadOnlyList<RecurrentLayer> Layers, string? Parameters);

/// <summary>The updates of recurrent models in one loop, or in one function that is called from elsewhere.</summary>
internal sealed record TrainingLoop(IReadOnlyList<OptimizerStep> Steps)
{
    public SyntaxTree Tree => Steps[0].Call.Syntax.SyntaxTree;
}
