using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace GradLint.Probe.Tests;

public class HostReadTests
{
    [CountingFact]
    public void A_capture_reads_from_the_device_once_whatever_the_number_of_layers()
    {
        Assert.Equal(1, ReadsFor(layers: 3, new ProbeOptions { PredictFromRunningNetwork = false }));
        Assert.Equal(1, ReadsFor(layers: 30, new ProbeOptions { PredictFromRunningNetwork = false }));
    }

    [CountingFact]
    public void Reading_the_running_network_adds_one()
    {
        Assert.Equal(2, ReadsFor(layers: 3, new ProbeOptions()));
        Assert.Equal(2, ReadsFor(layers: 30, new ProbeOptions()));
    }

    private static long ReadsFor(int layers, ProbeOptions options)
    {
        using var model = Sequential(Enumerable.Range(0, layers).Select(_ => (Module<Tensor, Tensor>)Linear(8, 8)));
        using var x = ones(4, 8);
        long before = CountingFactAttribute.HostReads!();

        var report = GradientProbe.Measure(model, () => model.call(x).pow(2).mean(), options);

        Assert.Equal(layers, report.Layers.Count);
        return CountingFactAttribute.HostReads() - before;
    }
}

/// <summary>A fact that counts what crosses from the device to the host; only the stand-in for TorchSharp counts.</summary>
internal sealed class CountingFactAttribute : FactAttribute
{
    public CountingFactAttribute() => Skip = Libtorch.WhyMissing ?? (HostReads is null ? "TorchSharp's package does not count reads from the device" : null);

    /// <summary>How many times a tensor's memory or a single value was read so far; <c>null</c> where nobody counts.</summary>
    public static Func<long>? HostReads => AppContext.GetData("TorchSharp.Standin.HostReads") as Func<long>;

    /// <summary>How many of libtorch's operators were called so far; <c>null</c> where nobody counts.</summary>
    public static Func<long>? NativeCalls => AppContext.GetData("TorchSharp.Standin.NativeCalls") as Func<long>;
}

/// <summary>A theory that counts, as <see cref="CountingFactAttribute"/> does.</summary>
internal sealed class CountingTheoryAttribute : TheoryAttribute
{
    public CountingTheoryAttribute() => Skip = new CountingFactAttribute().Skip;
}
