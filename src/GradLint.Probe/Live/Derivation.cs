using GradLint.SignalPropagation;

namespace GradLint.Probe.Live;

/// <summary>How a value that no recorded layer returned comes from values that were seen before.</summary>
internal abstract record Derivation
{
    private Derivation()
    {
    }

    /// <summary>A value that was seen.</summary>
    public sealed record From(LiveValue Value) : Derivation;

    /// <summary>An operation on other values.</summary>
    /// <param name="Operation">The operation.</param>
    /// <param name="Axis">The dimension that must hold the features of the inputs, and holds those of the result; <c>null</c> where it does not matter.</param>
    /// <param name="Inputs">The values that it reads.</param>
    public sealed record Applied(Operation Operation, int? Axis, params Derivation[] Inputs) : Derivation;

    /// <summary>The same elements, in the same order, with other sizes.</summary>
    public sealed record Reshaped(Derivation Input) : Derivation;

    /// <summary>The dimensions in another order: dimension d of the result is <c>Order[d]</c> of the input.</summary>
    public sealed record Permuted(Derivation Input, int[] Order) : Derivation;

    /// <summary>Could not be told.</summary>
    /// <param name="Reason">For people.</param>
    public sealed record Unknown(string Reason) : Derivation;

    /// <summary>A function of each element; the value itself for the identity.</summary>
    public static Derivation Activated(Derivation value, Activation function) =>
        function.Kind == ActivationKind.Identity ? value : new Applied(new Operation.Nonlinearity(function), null, value);

    /// <summary>A multiple; the value itself for the factor 1.</summary>
    public static Derivation Scaled(Derivation value, double factor) => factor == 1 ? value : new Applied(new Operation.Scale(factor), null, value);

    /// <summary>The first elements, where the operations are elementwise; <c>null</c> where they are not.</summary>
    public double[]? Elements()
    {
        if (this is From from)
            return from.Value.Tensor.Elements;
        if (this is not Applied { Operation: Operation.Nonlinearity or Operation.Scale or Operation.Add or Operation.Product } applied
            || applied.Operation is Operation.Nonlinearity { Function.IsElementwise: false })
            return null;
        double[]?[] inputs = [.. applied.Inputs.Select(i => i.Elements())];
        if (inputs.Any(i => i is null))
            return null;
        var result = inputs[0]!.AsSpan(0, inputs.Min(i => i!.Length)).ToArray();
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = applied.Operation switch
            {
                Operation.Nonlinearity o => ElementwiseFunctions.Value(o.Function, result[i]),
                Operation.Scale o => o.Factor!.Value * result[i],
                _ => result[i],
            };
        }

        bool adds = applied.Operation is Operation.Add;
        foreach (double[]? input in inputs.Skip(1))
        {
            for (int i = 0; i < result.Length; i++)
                result[i] = adds ? result[i] + input![i] : result[i] * input![i];
        }

        return result;
    }

    /// <summary>The sizes of a value that <see cref="Elements"/> knows.</summary>
    public long[] Shape() => this switch
    {
        From from => from.Value.Tensor.Shape,
        Applied applied => applied.Inputs[0].Shape(),
        _ => [],
    };
}
