using GradLint.Probe.Live;
using TorchSharp;
using static TorchSharp.torch;

namespace GradLint.Probe;

/// <summary>
/// Measures how much of the gradient reaches each layer of a TorchSharp network. One call for a test:
/// <code>GradientProbe.Measure(() => new Net(), (x, y), CrossEntropyLoss()).AssertHealthy();</code>
/// </summary>
public static class GradientProbe
{
    // libtorch has one random generator for the process: measurements that run side by side would reseed each other's.
    private static readonly object s_randomGenerator = new();

    /// <summary>Measures networks from a factory on one batch: a new network for each seed.</summary>
    /// <param name="model">Makes a new network, called after <c>torch.manual_seed(seed)</c>; the probe disposes it after the measurement.</param>
    /// <param name="batch">Input and target as the network and the loss expect them.</param>
    /// <param name="loss">The loss module, called with (output, target).</param>
    /// <param name="options">Seeds, device and thresholds; <c>null</c> for the defaults.</param>
    /// <returns>The per-layer ratios with their spread over the seeds, and the verdict.</returns>
    /// <exception cref="ProbeException">The network or the loss threw, the factory returned null, or the loss has no gradient.</exception>
    public static GradientReport Measure(Func<nn.Module<Tensor, Tensor>> model, (Tensor Input, Tensor Target) batch, nn.Module<Tensor, Tensor, Tensor> loss, ProbeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(loss);
        options ??= new ProbeOptions();
        return Measure(model, batch, loss.call, options with { Loss = options.Loss ?? LivePrediction.LossOf(loss) });
    }

    /// <summary>Measures networks from a factory on one batch: a new network for each seed.</summary>
    /// <param name="model">Makes a new network, called after <c>torch.manual_seed(seed)</c>; the probe disposes it after the measurement.</param>
    /// <param name="batch">Input and target as the network and the loss expect them.</param>
    /// <param name="loss">The loss of (output, target): a tensor of one element.</param>
    /// <param name="options">Seeds, device and thresholds; <c>null</c> for the defaults.</param>
    /// <returns>The per-layer ratios with their spread over the seeds, and the verdict.</returns>
    /// <exception cref="ProbeException">The network or the loss threw, the factory returned null, or the loss has no gradient.</exception>
    public static GradientReport Measure(Func<nn.Module<Tensor, Tensor>> model, (Tensor Input, Tensor Target) batch, Func<Tensor, Tensor, Tensor> loss, ProbeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return Measure(model, [batch], loss, options);
    }

    /// <summary>Measures networks from a factory on several batches: for each seed a new network, and each batch through it.</summary>
    /// <param name="model">Makes a new network, called after <c>torch.manual_seed(seed)</c>; the probe disposes it after the measurement.</param>
    /// <param name="batches">Inputs and targets as the network and the loss expect them; means and spread are over seeds and batches.</param>
    /// <param name="loss">The loss of (output, target): a tensor of one element.</param>
    /// <param name="options">Seeds, device and thresholds; <c>null</c> for the defaults.</param>
    /// <returns>The per-layer ratios with their spread over seeds and batches, and the verdict.</returns>
    /// <exception cref="ProbeException">The network or the loss threw, the factory returned null, or the loss has no gradient.</exception>
    public static GradientReport Measure(Func<nn.Module<Tensor, Tensor>> model, IReadOnlyList<(Tensor Input, Tensor Target)> batches, Func<Tensor, Tensor, Tensor> loss, ProbeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(loss);
        if (batches.Count == 0)
            throw new ArgumentException("A measurement needs at least one batch.", nameof(batches));
        if (batches.Any(batch => batch.Input is null || batch.Target is null))
            throw new ArgumentException("A batch's input or target is null.", nameof(batches));
        if (batches.Any(batch => batch.Input is { IsInvalid: false } input && input.numel() == 0))
            throw new ArgumentException("A batch has no sample.", nameof(batches));
        options ??= new ProbeOptions();
        using var scope = NewDisposeScope();
        var moved = batches.Select(batch => Located("The batch cannot be brought to where it is measured", () => (Input: Moved(batch.Input, options, options.ElementType), Target: Moved(batch.Target, options, null)))).ToArray();
        return MeasureEachSeed(model, [.. moved.Select(batch => new Forward<nn.Module<Tensor, Tensor>>(network => loss(network.call(batch.Input), batch.Target), [batch.Input]))], options);
    }

    /// <summary>Measures two networks on the same batch and seeds, side by side: another activation, another initialization.</summary>
    /// <param name="first">Makes the first network.</param>
    /// <param name="second">Makes the second network.</param>
    /// <param name="batch">Input and target as both networks and the loss expect them.</param>
    /// <param name="loss">The loss of (output, target): a tensor of one element.</param>
    /// <param name="options">Seeds, device and thresholds; <c>null</c> for the defaults.</param>
    /// <returns>Both reports, and a table of both.</returns>
    /// <exception cref="ProbeException">A network or the loss threw, a factory returned null, or the loss has no gradient.</exception>
    public static GradientComparison Compare(Func<nn.Module<Tensor, Tensor>> first, Func<nn.Module<Tensor, Tensor>> second, (Tensor Input, Tensor Target) batch, Func<Tensor, Tensor, Tensor> loss, ProbeOptions? options = null) =>
        new(Measure(first, batch, loss, options), Measure(second, batch, loss, options));

    /// <summary>
    /// Measures networks of any shape: several inputs, recurrent state, several losses. <paramref name="loss"/> runs the whole forward pass.
    /// </summary>
    /// <typeparam name="TModel">The network's type.</typeparam>
    /// <param name="model">Makes a new network, called after <c>torch.manual_seed(seed)</c>; the probe disposes it after the measurement.</param>
    /// <param name="loss">Runs the network (with <c>call</c>, which fires hooks) and returns the loss: a tensor of one element that requires a gradient.</param>
    /// <param name="options">Seeds, device and thresholds; <c>null</c> for the defaults. With a device, <paramref name="loss"/> brings its own data there.</param>
    /// <returns>The per-layer ratios with their spread over the seeds, and the verdict.</returns>
    /// <exception cref="ProbeException">The network or the loss threw, the factory returned null, or the loss has no gradient.</exception>
    public static GradientReport Measure<TModel>(Func<TModel> model, Func<TModel, Tensor> loss, ProbeOptions? options = null)
        where TModel : nn.Module
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        return MeasureEachSeed(model, [new Forward<TModel>(loss, CapturedTensors.Of(loss))], options ?? new ProbeOptions());
    }

    /// <summary>
    /// Measures networks of any shape on several batches of any kind: for each seed a new network, and each batch through it.
    /// </summary>
    /// <typeparam name="TModel">The network's type.</typeparam>
    /// <typeparam name="TBatch">What <paramref name="loss"/> makes of a batch: a tensor, a tuple of tensors, a class of one's own.</typeparam>
    /// <param name="model">Makes a new network, called after <c>torch.manual_seed(seed)</c>; the probe disposes it after the measurement.</param>
    /// <param name="batches">The batches; means and spread are over seeds and batches.</param>
    /// <param name="loss">Runs the network on a batch (with <c>call</c>, which fires hooks) and returns the loss: a tensor of one element that requires a gradient.</param>
    /// <param name="options">Seeds, device and thresholds; <c>null</c> for the defaults. With a device, <paramref name="loss"/> brings its own data there.</param>
    /// <returns>The per-layer ratios with their spread over seeds and batches, and the verdict.</returns>
    /// <exception cref="ProbeException">The network or the loss threw, the factory returned null, or the loss has no gradient.</exception>
    public static GradientReport Measure<TModel, TBatch>(Func<TModel> model, IReadOnlyList<TBatch> batches, Func<TModel, TBatch, Tensor> loss, ProbeOptions? options = null)
        where TModel : nn.Module
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(loss);
        if (batches.Count == 0)
            throw new ArgumentException("A measurement needs at least one batch.", nameof(batches));
        var captured = CapturedTensors.Of(loss);
        return MeasureEachSeed(model, [.. batches.Select(batch => new Forward<TModel>(network => loss(network, batch), [.. captured, .. CapturedTensors.In(batch)]))], options ?? new ProbeOptions());
    }

    /// <summary>Measures a network that exists, as it is: nothing is reseeded, and parameters, buffers and <c>.grad</c> are afterwards what they were.</summary>
    /// <param name="model">The network.</param>
    /// <param name="loss">Runs the network and returns the loss: a tensor of one element that requires a gradient.</param>
    /// <param name="options">Thresholds; seeds and device are not used.</param>
    /// <returns>The per-layer ratios of one pass, and the verdict.</returns>
    /// <exception cref="ProbeException">The network or the loss threw, or the loss has no gradient.</exception>
    public static GradientReport Measure(nn.Module model, Func<Tensor> loss, ProbeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        using var scope = NewDisposeScope();
        var buffers = model.named_buffers().Select(b => (Live: b.Item2, Before: b.Item2.detach().clone())).ToArray();
        try
        {
            var measured = new ReportBuilder((options ?? new ProbeOptions()).Checked() with { Seeds = [0] }, loss.Method.Module.Assembly);
            Pass(model, loss, CapturedTensors.Of(loss), "this model", measured);
            return measured.Build();
        }
        finally
        {
            using var _ = no_grad();
            foreach (var (live, before) in buffers)
                live.copy_(before);
        }
    }

    private static Tensor Moved(Tensor tensor, ProbeOptions options, ScalarType? elementType)
    {
        var typed = elementType is { } type && tensor.is_floating_point() ? tensor.to_type(type) : tensor;
        return options.Device is { } device ? typed.to(device) : typed;
    }

    private static GradientReport MeasureEachSeed<TModel>(Func<TModel> model, IReadOnlyList<Forward<TModel>> passes, ProbeOptions options)
        where TModel : nn.Module
    {
        if (options.Seeds is not { Count: > 0 })
            throw new ArgumentException("A measurement needs at least one seed.", nameof(options));
        options.Checked();
        lock (s_randomGenerator)
        {
            using var randomState = get_rng_state();
            var measured = new ReportBuilder(options, model.Method.Module.Assembly);
            TModel? previous = null;
            try
            {
                foreach (long seed in options.Seeds)
                {
                    manual_seed(seed);
                    var network = Make(model, seed);
                    if (ReferenceEquals(network, previous))
                        throw new ProbeException("The model factory returned the same network twice: it must make a new one for each seed, so that the spread over initializations can be seen. A network that exists already is measured with Measure(network, …).");
                    previous?.Dispose();
                    previous = network;
                    Located($"The network cannot be set up for seed {seed}", () => SetUp(network, options));
                    foreach (var pass in passes)
                        Pass(network, () => pass.Loss(network), pass.Given, $"seed {seed}", measured);
                }

                return measured.Build();
            }
            finally
            {
                previous?.Dispose();
                set_rng_state(randomState);
            }
        }
    }

    private static bool SetUp(nn.Module network, ProbeOptions options)
    {
        if (options.ElementType is { } type)
            network.to(type);
        if (options.Device is { } device)
            network.to(device);
        if (options.Training is { } training)
            network.train(training);
        return true;
    }

    private static T Located<T>(string what, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw new ProbeException($"{what}: {FirstLine(exception)}", exception);
        }
    }

    private static TModel Make<TModel>(Func<TModel> factory, long seed)
        where TModel : nn.Module
    {
        TModel? network = Located($"The model factory threw for seed {seed}", factory);
        return network ?? throw new ProbeException($"The model factory returned null for seed {seed}.");
    }

    private static void Pass(nn.Module network, Func<Tensor> forwardAndLoss, IReadOnlyList<Tensor> given, string what, ReportBuilder measured)
    {
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        using var capture = new Capture(network);
        if (!capture.HasWeightLayers)
            throw ProbeException.NoWeightLayer(network);
        using var trace = measured.WantsTrace ? new ForwardTrace(network) : null;
        capture.WatchSequences();
        Tensor loss;
        try
        {
            loss = forwardAndLoss();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            string where = capture.LastLayerSeen is { } last ? $"after layer '{last}' had run" : "before any layer had run";
            throw new ProbeException($"The forward pass or the loss threw for {what}, {where}: {FirstLine(exception)}{Hint(exception)}", exception);
        }

        if (loss is null)
            throw new ProbeException($"The loss is null for {what}.");
        if (loss.IsInvalid)
            throw new ProbeException($"The loss was disposed before it could be measured, for {what}.");
        if (loss.numel() != 1)
            throw new ProbeException($"The loss must be a tensor of one element, and has the shape [{string.Join(", ", loss.shape)}] for {what}: reduce it with mean() or sum().");
        if (!loss.requires_grad)
            throw new ProbeException($"The loss does not require a gradient for {what}: no parameter that requires one takes part in it (frozen parameters, no_grad(), inference_mode(), detach() or a target passed as the output).");
        try
        {
            capture.FindUnseen([.. scope.DisposablesView.OfType<Tensor>()], given, measured.Depths);
            // Between calls that hooks saw, the place of the others is not known.
            if (trace is { Calls.Count: 0 })
            {
                foreach (var call in capture.Found)
                    trace.Add(call.Layer.Module, call.Layer.Path, call.Input, call.Output);
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // What the hooks saw stands, whatever is odd about a tensor that they did not see.
        }

        PassMeasurement pass;
        try
        {
            pass = capture.Take(loss);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw new ProbeException($"The backward pass threw for {what}: {FirstLine(exception)}{Hint(exception)}", exception);
        }

        measured.Add(network, pass, trace);
    }

    private static string Hint(Exception exception) =>
        exception.Message.Contains("'Half'", StringComparison.Ordinal) ? " (this libtorch cannot compute it in float16 on the CPU: use bfloat16, or a GPU)" : string.Empty;

    private static string FirstLine(Exception exception) => exception.Message.Split('\n', 2)[0].TrimEnd('\r');

    /// <summary>A forward pass with its loss, and the tensors from outside that it reads.</summary>
    private sealed record Forward<TModel>(Func<TModel, Tensor> Loss, IReadOnlyList<Tensor> Given);
}
