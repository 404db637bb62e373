using System.Reflection;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace GradLint.Probe;

/// <summary>The tensors that a lambda captured, such as the batch: what a network reads may be among them.</summary>
internal static class CapturedTensors
{
    private const int DeepestClosure = 4;

    public static IReadOnlyList<Tensor> Of(Delegate lambda)
    {
        var found = new List<Tensor>();
        Collect(lambda.Target, found, DeepestClosure);
        return found;
    }

    /// <summary>The tensors of a batch: itself, a collection's or a tuple's.</summary>
    public static IReadOnlyList<Tensor> In(object? batch)
    {
        var found = new List<Tensor>();
        Add(batch, found, DeepestClosure);
        return found;
    }

    private static void Collect(object? holder, List<Tensor> found, int depth)
    {
        if (holder is null || depth == 0)
            return;
        foreach (var field in holder.GetType().GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            Add(field.GetValue(holder), found, depth);
    }

    private static void Add(object? value, List<Tensor> found, int depth)
    {
        switch (value)
        {
            case Tensor tensor:
                found.Add(tensor);
                break;
            case IReadOnlyCollection<Tensor> tensors:
                found.AddRange(tensors);
                break;
            case ITuple tuple:
                found.AddRange(Enumerable.Range(0, tuple.Length).Select(i => tuple[i]).OfType<Tensor>());
                break;
            case Delegate inner:
                Collect(inner.Target, found, depth - 1);
                break;
            case not null when value.GetType().IsDefined(typeof(CompilerGeneratedAttribute), inherit: false):
                Collect(value, found, depth - 1);
                break;
        }
    }
}
