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
}
