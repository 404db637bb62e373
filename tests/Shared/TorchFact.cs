using System.Runtime.CompilerServices;
using TorchSharp;

namespace Xunit;

/// <summary>A fact that runs a network: skipped, with the reason, where libtorch cannot be loaded.</summary>
internal sealed class TorchFactAttribute : FactAttribute
{
    public TorchFactAttribute() => Skip = Libtorch.WhyMissing;
}

/// <summary>A theory that runs networks: skipped, with the reason, where libtorch cannot be loaded.</summary>
internal sealed class TorchTheoryAttribute : TheoryAttribute
{
    public TorchTheoryAttribute() => Skip = Libtorch.WhyMissing;
}

internal static class Libtorch
{
    /// <summary>Why no tensor can be made here, in one line; null where one can.</summary>
    public static string? WhyMissing { get; } = Try();

    private static string? Try()
    {
        try
        {
            MakeTensor();
            return null;
        }
        catch (Exception e)
        {
            while (e is TypeInitializationException { InnerException: { } cause })
                e = cause;
            return FirstLine(e.Message) is { Length: > 0 } line ? line : e.GetType().Name;
        }
    }

    // Not inlined, so that a TorchSharp.dll that cannot be loaded is caught as well.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MakeTensor() => torch.zeros(1).Dispose();

    private static string? FirstLine(string message) =>
        message.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0);
}
