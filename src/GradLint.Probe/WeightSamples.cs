using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace GradLint.Probe;

/// <summary>What a step changed in a weight, over a sample of its entries.</summary>
/// <param name="Change">‖ΔW‖ of the step.</param>
/// <param name="Size">‖W‖ before it.</param>
/// <param name="Movement">‖W − W₀‖.</param>
/// <param name="Initial">‖W₀‖.</param>
internal readonly record struct WeightChange(double Change, double Size, double Movement, double Initial);

/// <summary>
/// Some entries of each weight, from which what a step changes is read without a copy of the weights. They lie in runs of four: what
/// costs is each line of memory that is touched.
/// </summary>
internal sealed class WeightSamples : IDisposable
{
    /// <summary>The ratio of two norms over 64 x 4 entries is right to some 5 %.</summary>
    private const int Runs = 64, RunLength = 4;

    private readonly Tensor[] _weights;
    private readonly InHostMemory?[] _inHostMemory;
    private readonly Tensor[] _views;
    private readonly Tensor? _initial;
    private Tensor? _before;

    /// <param name="weights">The weights as they are at the start; each with at least one dimension.</param>
    /// <param name="meter">Says what the host can read.</param>
    public WeightSamples(IEnumerable<Tensor> weights, Meter meter)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        _weights = [.. weights];
        _inHostMemory = [.. _weights.Select(w => meter.Reads(w) && w.is_contiguous() && w.dtype == ScalarType.Float32 ? new InHostMemory(w) : null)];
        _views = [.. _weights.Where((w, i) => _inHostMemory[i] is null).Select(w => ViewOf(w).DetachFromDisposeScope())];
        _initial = Views()?.DetachFromDisposeScope();
    }

    /// <summary>How many entries are kept.</summary>
    public long Count => (_initial?.numel() ?? 0) + (_before?.numel() ?? 0) + _inHostMemory.Sum(s => s is null ? 0 : 2L * s.Length);

    /// <summary>Keeps the entries as they are before a step.</summary>
    public void BeforeStep()
    {
        _before?.Dispose();
        _before = Views()?.DetachFromDisposeScope();
        for (int i = 0; i < _weights.Length; i++)
            _inHostMemory[i]?.BeforeStep(_weights[i]);
    }

    /// <summary>Compares the entries as they are after a step with those before it and at the start.</summary>
    /// <param name="numbers">Gets what waits on the device.</param>
    /// <returns>The changes of all weights, from what the numbers turn out to be.</returns>
    public Func<double[], WeightChange[]> AfterStep(DeviceNumbers numbers)
    {
        var known = _inHostMemory.Select((sample, i) => sample?.AfterStep(_weights[i])).ToArray();
        int[]? at = null;
        if (Views() is { } after)
            at = [.. new[] { after - _before!, _before!, after - _initial!, _initial! }.Select(samples => numbers.Add(linalg.vector_norm(samples, 2, [1, 2])))];
        return host =>
        {
            int next = 0;
            return [.. known.Select(change => change ?? Waiting(next++))];

            WeightChange Waiting(int i) => new(host[at![0] + i], host[at[1] + i], host[at[2] + i], host[at[3] + i]);
        };
    }

    public void Dispose()
    {
        _initial?.Dispose();
        _before?.Dispose();
        foreach (var view in _views)
            view.Dispose();
    }

    /// <summary>
    /// Where the runs begin: every so many entries; 0 where the weight is too small for runs. The distance has no factor in common with a
    /// row's length, so that the runs meet all columns: an input that is always zero (the margin of an image) gives a column without a gradient.
    /// </summary>
    private static long Distance(Tensor weight)
    {
        long count = weight.numel(), row = count / Math.Max(1, weight.shape[0]), distance = count / Runs;
        while (distance > RunLength && Gcd(distance, row) > 1)
            distance--;
        return distance < RunLength ? 0 : distance;
    }

    private static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);

    /// <summary>A view, which shows what the optimizer makes of a weight in place; shape: runs x entries, flat where the weight is too small for that.</summary>
    private static Tensor ViewOf(Tensor weight)
    {
        var flat = weight.detach().reshape(-1);
        return Distance(weight) is var distance and > 0 ? flat.narrow(0, 0, Runs * distance).view(Runs, distance).narrow(1, 0, RunLength) : flat;
    }

    /// <summary>The views as they are now, those of small weights filled up with zeros; shape: weights x runs x entries.</summary>
    private Tensor? Views() => _views.Length == 0 ? null : Norms.Widened(stack([.. DeviceNumbers.OnOneDevice(_views)
        .Select(s => s.dim() == 2 ? s : nn.functional.pad(s, [0, (Runs * RunLength) - s.shape[0]]).view(Runs, RunLength))]));

    /// <summary>The entries of one weight, read where they lie.</summary>
    private sealed class InHostMemory
    {
        private readonly int _distance;
        private readonly float[] _initial;
        private readonly double _initialNorm;
        private readonly float[] _before;

        public InHostMemory(Tensor weight)
        {
            _distance = (int)Distance(weight);
            _initial = new float[_distance > 0 ? Runs * RunLength : weight.numel()];
            _before = new float[_initial.Length];
            Read(weight, _initial);
            _initialNorm = HostMemory.Norm(_initial);
        }

        public int Length => _initial.Length;

        public void BeforeStep(Tensor weight) => Read(weight, _before);

        public WeightChange AfterStep(Tensor weight)
        {
            Span<float> after = stackalloc float[Runs * RunLength];
            after = after[.._initial.Length];
            Read(weight, after);
            return new WeightChange(HostMemory.Distance(after, _before), HostMemory.Norm(_before), HostMemory.Distance(after, _initial), _initialNorm);
        }

        private unsafe void Read(Tensor weight, Span<float> entries)
        {
            var values = MemoryMarshal.Cast<byte, float>(weight.bytes);
            if (_distance == 0)
            {
                values.CopyTo(entries);
                return;
            }

            // Each run is on a page of its own: asked for all at once, they arrive together.
            fixed (float* first = values)
            {
                for (int run = 0; Sse.IsSupported && run < Runs; run++)
                    Sse.Prefetch0(first + (run * _distance));
            }

            for (int run = 0; run < Runs; run++)
                values.Slice(run * _distance, RunLength).CopyTo(entries[(run * RunLength)..]);
        }
    }
}
