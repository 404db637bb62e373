namespace GradLint.Probe;

/// <summary>The gradients of a network, layer by layer, over several seeds.</summary>
public sealed class GradientReport
{
    internal GradientReport(string modelType, string device, int seeds, string? outputLayer, IReadOnlyList<LayerGradient> layers, IReadOnlyList<Finding> findings)
    {
        ModelType = modelType;
        Device = device;
        Seeds = seeds;
        OutputLayer = outputLayer;
        Layers = layers;
        Findings = findings;
    }

    /// <summary>The full name of the network's type.</summary>
    public string ModelType { get; }

    /// <summary>Where it was measured: <c>cpu</c>, <c>cuda:0</c>.</summary>
    public string Device { get; }

    /// <summary>Over how many seeds.</summary>
    public int Seeds { get; }

    /// <summary>The path of the layer that all ratios are against; <c>null</c> where no layer got a gradient.</summary>
    public string? OutputLayer { get; }

    /// <summary>The weight layers in the order in which they first ran.</summary>
    public IReadOnlyList<LayerGradient> Layers { get; }

    /// <summary>The faults; none in a healthy network.</summary>
    public IReadOnlyList<Finding> Findings { get; }

    /// <summary>The gravest finding.</summary>
    public GradientVerdict Verdict => Findings.Count == 0 ? GradientVerdict.Healthy : Findings.Max(f => f.Verdict);

    /// <summary>
    /// log10 of RMS(∂L/∂z₁) / RMS(∂L/∂z_L), first weight layer against output layer; <c>null</c> where the first layer's was not seen.
    /// </summary>
    public Decades? EndToEnd => Layers.Count == 0 ? null : Layers[0].GradientRatio;

    /// <summary>Throws unless the verdict is <see cref="GradientVerdict.Healthy"/>.</summary>
    /// <returns>This report, so that a test can go on with it.</returns>
    /// <exception cref="GradientException">The network is not healthy; the message lists the findings and the table.</exception>
    public GradientReport AssertHealthy()
    {
        if (Verdict != GradientVerdict.Healthy)
            throw new GradientException($"The gradients of {ModelType} are not healthy.{Environment.NewLine}{Environment.NewLine}{this}", this);
        return this;
    }

    /// <summary>The table, the verdict and the findings, as plain text.</summary>
    public override string ToString() => GradientTable.Render(this);
}
