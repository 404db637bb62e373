using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Probe;

/// <summary>A call of a layer that no hook saw.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Input">What it read; shape: batch x …</param>
/// <param name="Output">What it returned, still in the autograd graph.</param>
internal sealed record ForwardCall(WeightLayer Layer, Tensor Input, Tensor Output);

/// <summary>
/// Finds the outputs of layers that a model called with <c>forward(x)</c>, which fires no hook, among the tensors that its forward pass
/// left in the dispose scope around it. A tensor is a layer's output where the layer, run once more on another of these tensors, gives
/// the same values in every element; of several that do, the one that the others were made from. What was disposed or overwritten in
/// place in the meantime is not found: it has no match.
/// </summary>
/// <remarks>
/// Equal values are not yet the right place in the graph. <see cref="Capture"/> therefore uses a gradient that was read here only where
/// the layer's own backward step turns it into the weight's gradient that autograd has.
/// </remarks>
internal static class ForwardCalls
{
    // A loop over time in C# leaves tens of thousands; to compare them all would take longer than the measurement.
    private const int MostTensors = 4096;

    /// <summary>Elements of a first sample that tell most outputs apart, before whole tensors are compared.</summary>
    private const int Compared = 64;

    /// <summary>How far two results of the same operation on the same numbers may differ, relative to the largest.</summary>
    private const double SameResult = 1e-4, SameResultInHalfPrecision = 2e-2;

    /// <summary>The calls of <paramref name="layers"/>; two copies from the device, whatever their number.</summary>
    /// <param name="layers">Layers of which no call was seen.</param>
    /// <param name="made">The tensors that the forward pass made and that are still alive.</param>
    /// <param name="given">Tensors from outside that it may have read.</param>
    public static IReadOnlyList<ForwardCall> Find(IEnumerable<WeightLayer> layers, IReadOnlyList<Tensor> made, IEnumerable<Tensor> given)
    {
        if (made.Count > MostTensors)
            return [];
        using var _ = no_grad();
        var alive = made.Concat(given).Where(t => !t.IsInvalid && !t.is_sparse).Distinct(ReferenceEqualityComparer.Instance).Cast<Tensor>().Select(t => new Candidate(t)).ToArray();
        var likely = layers.Where(l => l.Weight is { requires_grad: true }).SelectMany(l => Likely(l, alive)).ToArray();
        return [.. Equal(likely).GroupBy(call => call.Layer).SelectMany(calls => Earliest([.. calls]))];
    }

    /// <summary>
    /// On how many of <paramref name="weights"/> a tensor depends: of two layers in a row the later one's output depends on more, in
    /// whatever order their tensors are held.
    /// </summary>
    public static int Depth(Tensor output, IList<Tensor> weights)
    {
        if (!output.requires_grad)
            return 0;
        using var scope = NewDisposeScope();
        return Gradients.Of(output, weights, ones_like(output), retainGraph: true).Count(g => g is not null);
    }

    /// <summary>What the layer returns for an input, as its weight stands in the graph now.</summary>
    public static Tensor Run(WeightLayer layer, Tensor input) => layer.Module switch
    {
        nn.Module<Tensor, Tensor> module => module.forward(input),
        nn.Module<Tensor, Tensor?, (Tensor, Tensor)> module => layer.SeeState(module.forward(input, null)).Item1,
        nn.Module<Tensor, (Tensor, Tensor)?, (Tensor, Tensor, Tensor)> module => layer.SeeState(module.forward(input, null)).Item1,
        _ => throw new NotSupportedException($"{layer.Module.GetType()} is no layer of TorchSharp's."),
    };

    /// <summary>Whether two tensors may be results of one operation; a number on the device, relative to the first.</summary>
    public static Tensor Difference(Tensor expected, Tensor actual) =>
        ((expected.detach() - actual.detach()).abs().max() / expected.detach().abs().max()).reshape(1);

    /// <summary>The most that <see cref="Difference"/> may be.</summary>
    public static double Tolerance(Tensor result) => result.dtype is ScalarType.Float16 or ScalarType.BFloat16 ? SameResultInHalfPrecision : SameResult;

    private static IEnumerable<(WeightLayer Layer, Tensor Input, Tensor Output)> Likely(WeightLayer layer, Candidate[] alive)
    {
        foreach (var inputs in alive.Where(u => ShapeAfter(layer, u) is not null).GroupBy(u => string.Join(',', u.Shape)))
        {
            var first = inputs.First();
            long[] shape = ShapeAfter(layer, first)!;
            var outputs = alive.Where(t => t.CanBeOutput && Fits(t.Shape, shape)).ToArray();
            if (outputs.Length == 0)
                continue;
            var pairs = inputs.SelectMany(u => outputs.Select(t => (layer, u.Tensor, t.Tensor)));
            foreach (var pair in inputs.Count() * outputs.Length <= 4 || layer.Module is not (Linear or Convolution or Embedding) ? pairs : Alike(layer, [.. inputs], outputs))
                yield return pair;
        }
    }

    /// <summary>The pairs whose first sample agrees.</summary>
    private static (WeightLayer, Tensor, Tensor)[] Alike(WeightLayer layer, Candidate[] inputs, Candidate[] outputs)
    {
        using var scope = NewDisposeScope();
        var results = Run(layer, cat([.. inputs.Select(u => u.Tensor.narrow(0, 0, 1))]));
        long[] shape = results.shape;
        results = results.reshape(inputs.Length, -1);
        outputs = [.. outputs.Where(t => t.Shape.Skip(1).SequenceEqual(shape.Skip(1)))];
        if (outputs.Length == 0)
            return [];
        var seen = cat([.. outputs.Select(t => t.Tensor.narrow(0, 0, 1))]).reshape(outputs.Length, -1);
        long step = Math.Max(1, results.shape[1] / Compared);
        var (a, b) = (results.slice(1, 0, results.shape[1], step).to_type(ScalarType.Float32), seen.slice(1, 0, seen.shape[1], step).to_type(ScalarType.Float32));
        var differences = (a.unsqueeze(1) - b.unsqueeze(0)).abs().amax([2]) / a.abs().amax([1]).unsqueeze(1);
        float[] host = [.. differences.cpu().data<float>()];
        // A first sample of one row goes through other kernels than the batch did.
        double tolerance = 10 * Tolerance(results);
        return [.. from i in Enumerable.Range(0, inputs.Length)
                   from j in Enumerable.Range(0, outputs.Length)
                   where host[(i * outputs.Length) + j] <= tolerance
                   select (layer, inputs[i].Tensor, outputs[j].Tensor)];
    }

    private static List<ForwardCall> Equal((WeightLayer Layer, Tensor Input, Tensor Output)[] likely)
    {
        using var scope = NewDisposeScope();
        var numbers = new DeviceNumbers();
        var compared = new List<(ForwardCall Call, double Tolerance, int At)>();
        foreach (var sameInput in likely.GroupBy(p => (p.Layer, p.Input)))
        {
            using var inner = NewDisposeScope();
            var result = Run(sameInput.Key.Layer, sameInput.Key.Input);
            foreach (var (layer, input, output) in sameInput.Where(p => p.Output.shape.SequenceEqual(result.shape)))
                compared.Add((new ForwardCall(layer, input, output), Tolerance(result), numbers.Add(Difference(result, output).MoveToOuterDisposeScope())));
        }

        double[] host = numbers.ToHost();
        return [.. compared.Where(c => host[c.At] <= c.Tolerance).Select(c => c.Call)];
    }

    /// <summary>Of tensors with the same values the one that the others depend on.</summary>
    private static IEnumerable<ForwardCall> Earliest(ForwardCall[] calls)
    {
        var kept = new List<ForwardCall>();
        foreach (var call in calls.DistinctBy(c => c.Output, ReferenceEqualityComparer.Instance))
        {
            var twins = kept.Where(k => calls.Any(c => ReferenceEquals(c.Input, k.Input) && ReferenceEquals(c.Output, call.Output))).ToArray();
            if (twins.Any(twin => DependsOn(call.Output, twin.Output)))
                continue;
            kept.RemoveAll(k => twins.Contains(k) && DependsOn(k.Output, call.Output));
            kept.Add(call);
        }

        return kept;
    }

    private static bool DependsOn(Tensor later, Tensor earlier) => Depth(later, [earlier]) > 0;

    /// <summary>The sizes of the layer's output, -1 where they are open; <c>null</c> where the tensor cannot be its input.</summary>
    private static long[]? ShapeAfter(WeightLayer layer, Candidate input)
    {
        long[] shape = input.Shape;
        var weight = layer.Weight!;
        bool isNumber = input.Type == weight.dtype;
        return layer.Module switch
        {
            Linear linear when isNumber && shape.Length > 1 && shape[^1] == linear.in_features => [.. shape[..^1], linear.out_features],
            Convolution convolution when isNumber && shape.Length == weight.dim() && shape[1] == convolution.in_channels => [shape[0], convolution.out_channels, .. Enumerable.Repeat(-1L, shape.Length - 2)],
            Embedding when input.Type is ScalarType.Int64 or ScalarType.Int32 && shape.Length > 0 => [.. shape, weight.shape[1]],
            RNN or GRU or LSTM when isNumber && shape.Length == 3 && shape[2] == weight.shape[1] => [shape[0], shape[1], -1],
            _ => null,
        };
    }

    private static bool Fits(long[] shape, long[] pattern) =>
        shape.Length == pattern.Length && shape.Zip(pattern).All(size => size.Second < 0 || size.First == size.Second);

    /// <summary>A tensor and what is asked of it again and again; each question is a call into libtorch.</summary>
    private sealed class Candidate(Tensor tensor)
    {
        public Tensor Tensor { get; } = tensor;

        public long[] Shape { get; } = tensor.shape;

        public ScalarType Type { get; } = tensor.dtype;

        public bool CanBeOutput { get; } = tensor.requires_grad && !tensor.is_leaf && tensor.numel() > 0;
    }
}
