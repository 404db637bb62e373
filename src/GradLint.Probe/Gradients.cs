using static TorchSharp.torch;

namespace GradLint.Probe;

/// <summary>Gradients of some tensors only, with every <c>.grad</c> left as it was.</summary>
/// <remarks>
/// Not <c>autograd.grad</c>: what goes wrong in it (a value overwritten in place, a graph that is gone) TorchSharp lets through as an
/// exception of C++, which ends the process. <c>autograd.backward</c> throws one of .NET's.
/// </remarks>
internal static class Gradients
{
    /// <summary>∂output/∂input of each input; <c>null</c> where the output does not depend on it.</summary>
    /// <param name="output">A tensor of one element, or of any shape where <paramref name="outputGradient"/> is given.</param>
    /// <param name="inputs">Tensors that require a gradient.</param>
    /// <param name="outputGradient">What flows back into the output, of its shape; 1 where it is <c>null</c>.</param>
    /// <param name="retainGraph">Whether the graph is needed again.</param>
    public static Tensor?[] Of(Tensor output, IList<Tensor> inputs, Tensor? outputGradient = null, bool retainGraph = false)
    {
        // Without inputs, backward would go to every leaf.
        if (inputs.Count == 0)
            return [];
        // Asked for its .grad, a tensor inside the graph that does not retain it prints a warning.
        foreach (var inside in inputs.Where(i => !i.is_leaf))
            inside.retain_grad();
        Tensor?[] before = [.. inputs.Select(i => i.grad)];
        try
        {
            foreach (var input in inputs)
                input.grad = null;
            autograd.backward([output], outputGradient is null ? null : [outputGradient], retainGraph, create_graph: false, inputs);
            return [.. inputs.Select(i => i.grad)];
        }
        finally
        {
            for (int i = 0; i < before.Length; i++)
                inputs[i].grad = before[i];
        }
    }
}
