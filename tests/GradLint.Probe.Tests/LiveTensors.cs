using static TorchSharp.torch;

namespace GradLint.Probe.Tests;

/// <summary>How many tensors there are, for tests of leaks.</summary>
internal static class LiveTensors
{
    /// <summary>
    /// The count from which a test starts. What earlier tests left to the garbage collector is finalized first, so that it does not go
    /// while the test counts; afterwards the test reads <c>Tensor.TotalCount</c> as it is, so that what it leaks itself shows.
    /// </summary>
    public static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }
}
