namespace TorchSharp.Standin.Tests;

internal static class Standin
{
    /// <summary>The stand-in's one way into libtorch; null where TorchSharp itself is referenced.</summary>
    public static readonly Type? Native = typeof(torch).Assembly.GetType("TorchSharp.Native");

    public static readonly string? WhyNot = Native is null ? "TorchSharp itself is referenced, not the stand-in." : null;
}

/// <summary>A fact about the stand-in alone, not about TorchSharp; libtorch is not needed.</summary>
internal sealed class StandinFactAttribute : FactAttribute
{
    public StandinFactAttribute() => Skip = Standin.WhyNot;
}

/// <summary>A fact about the stand-in alone that needs libtorch.</summary>
internal sealed class StandinTorchFactAttribute : FactAttribute
{
    public StandinTorchFactAttribute() => Skip = Standin.WhyNot ?? Libtorch.WhyMissing;
}
