namespace GradLint.Probe;

/// <summary>The gradients of a network, layer by layer, over several seeds.</summary>
public sealed class GradientReport
{
    internal GradientReport(string modelType, string device, int seeds, string? outputLayer, IReadOnlyList<LayerGradient> layers, IReadOnlyList<Finding> findings, PredictionComparison? predictions)
    {
        ModelType = modelType;
        Device = device;
        Seeds = seeds;
        OutputLayer = outputLayer;
        Layers = layers;
        Findings = findings;
        Predictions = predictions;
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

    /// <summary>
    /// What was predicted, layer by layer, and whether it is so: by the compiler, or, where the network's assembly holds no prediction
    /// for it (GradLint is not among its analyzers, could not read the network, or <c>GradLintEmbedPredictions</c> is false), from the
    /// network as it ran; <see cref="PredictionComparison.Source"/> tells which. <c>null</c> where no call of a layer was seen.
    /// A comparison of the compiler's without warnings means that the network was read and found healthy.
    /// </summary>
    public PredictionComparison? Predictions { get; }

    /// <summary>The warnings in <see cref="ProbeOptions.ErrorLog"/> that are about this network, and whether they are so.</summary>
    public IReadOnlyList<CompilerWarningConfirmation> Warnings { get; internal init; } = [];

    /// <summary>What is wrong with <see cref="ProbeOptions.ErrorLog"/>; <c>null</c> where nothing is, or none was given.</summary>
    public string? ErrorLogProblem { get; internal init; }

    /// <summary>The gravest finding.</summary>
    public GradientVerdict Verdict => Findings.Count == 0 ? GradientVerdict.Healthy : Findings.Max(f => f.Verdict);

    /// <summary>
    /// log10 of RMS(∂L/∂z₁) / RMS(∂L/∂z_L), first weight layer whose output was seen against the output layer; <c>null</c> where none was.
    /// </summary>
    public Decades? EndToEnd => Layers.Select(l => l.GradientRatio).FirstOrDefault(r => r is not null);

    /// <summary>Throws unless the verdict is <see cref="GradientVerdict.Healthy"/>.</summary>
    /// <returns>This report, so that a test can go on with it.</returns>
    /// <exception cref="GradientException">The network is not healthy; the message lists the findings and the table.</exception>
    public GradientReport AssertHealthy() => AssertNone(_ => true, "are not healthy");

    /// <summary>Throws where a layer's gradient is below <see cref="ProbeOptions.VanishingDecades"/> of the output layer's, and for no other fault.</summary>
    /// <returns>This report, so that a test can go on with it.</returns>
    /// <exception cref="GradientException">A gradient vanishes; the message lists the findings and the table.</exception>
    public GradientReport AssertNoVanishing() => AssertNone(f => f.Verdict == GradientVerdict.Vanishing, "vanish");

    /// <summary>Throws where a parameter that requires a gradient gets none, and for no other fault.</summary>
    /// <returns>This report, so that a test can go on with it.</returns>
    /// <exception cref="GradientException">A parameter gets no gradient; the message lists the findings and the table.</exception>
    public GradientReport AssertConnected() => AssertNone(f => f.Verdict == GradientVerdict.Disconnected, "do not reach every parameter");

    /// <summary>
    /// Throws unless this network was predicted, by the compiler or from the network as it ran, and every number that can be compared agrees.
    /// </summary>
    /// <returns>This report, so that a test can go on with it.</returns>
    /// <exception cref="GradientException">There is no prediction, or a layer refutes it; the message holds the table.</exception>
    public GradientReport AssertMatchesPrediction()
    {
        if (Predictions is null)
            throw new GradientException($"There is no prediction to compare {ModelType} with: {GradientTable.NoPrediction}{Environment.NewLine}{Environment.NewLine}{this}", this);
        var refuted = Predictions.Layers.Where(l => l.Verdict == Confirmation.Refuted).Select(l => $"'{l.Path}'").ToArray();
        if (refuted.Length > 0)
            throw new GradientException($"The prediction for {ModelType} does not hold at {string.Join(", ", refuted)}.{Environment.NewLine}{Environment.NewLine}{this}", this);
        if (Predictions.Layers.All(l => l.Verdict == Confirmation.Inconclusive))
            throw new GradientException($"No layer of {ModelType} can be compared with its prediction.{Environment.NewLine}{Environment.NewLine}{this}", this);
        return this;
    }

    /// <summary>
    /// Writes what was measured to an evidence file, for the analyzer to show in its warnings: <c>gradlint.evidence.tsv</c> beside the
    /// project file. Rows about other networks and devices that are there already are kept.
    /// </summary>
    /// <param name="path">The file, or the folder of the project.</param>
    /// <exception cref="InvalidOperationException">There is no prediction: without its fingerprint the analyzer could not know what was measured.</exception>
    /// <exception cref="IOException">The file cannot be written; what was there before is untouched.</exception>
    public void WriteEvidence(string path) => Evidence.Write(this, path);

    private GradientReport AssertNone(Func<Finding, bool> isMeant, string fault)
    {
        if (Findings.Any(isMeant))
            throw new GradientException($"The gradients of {ModelType} {fault}.{Environment.NewLine}{Environment.NewLine}{this}", this);
        return this;
    }

    /// <summary>The table, the verdict and the findings, as plain text.</summary>
    public override string ToString() => GradientTable.Render(this);
}
