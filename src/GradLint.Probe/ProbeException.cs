using static TorchSharp.torch;

namespace GradLint.Probe;

/// <summary>
/// The measurement itself could not be made: the factory returned null, the model or the loss threw, the loss has no gradient.
/// The message says which, for which seed, and how far the forward pass came.
/// </summary>
public sealed class ProbeException : Exception
{
    /// <summary>A measurement that could not be made.</summary>
    /// <param name="message">What went wrong and what to do about it.</param>
    /// <param name="innerException">What the model, the loss or libtorch threw, if anything did.</param>
    public ProbeException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }

    internal static ProbeException NoWeightLayer(nn.Module model) => new(
        $"{model.GetType().Name} has no weight layer that is registered: no module below it owns a parameter with two or more dimensions. (A class that derives from Module must call RegisterComponents(); a network that was disposed has no parameters left.)");
}
