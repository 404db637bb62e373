using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Probe;

/// <summary>An activation between two limits, where its derivative is zero.</summary>
/// <param name="Path">As <c>named_modules()</c> spells it.</param>
/// <param name="Module">The activation.</param>
/// <param name="Low">The lower limit of its outputs.</param>
/// <param name="High">The upper limit.</param>
internal sealed record SaturatingActivation(string Path, nn.Module<Tensor, Tensor> Module, double Low, double High)
{
    /// <summary>Those of a model that are modules; one that is called as a function cannot be seen.</summary>
    public static IReadOnlyList<SaturatingActivation> Of(nn.Module model) =>
        [.. model.named_modules().Select(m => Of(m.Item1, m.Item2)).OfType<SaturatingActivation>()];

    private static SaturatingActivation? Of(string path, nn.Module module) => module switch
    {
        Sigmoid m => new(path, m, 0, 1),
        Hardsigmoid m => new(path, m, 0, 1),
        Tanh m => new(path, m, -1, 1),
        Softsign m => new(path, m, -1, 1),
        _ => null,
    };
}
