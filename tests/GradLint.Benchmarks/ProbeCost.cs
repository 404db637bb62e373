using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using GradLint.Probe;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace GradLint.Benchmarks;

/// <summary>
/// What watching costs a training step, as a ratio to the bare step. Bare and watched steps alternate in one process, and the ratio is
/// the median over pairs, so that what else the machine does falls on both. Beside the wall clock stands the processor time of all
/// threads, which does not wait for other programs: on a busy machine it is the number to go by.
/// </summary>
internal static class ProbeCost
{
    private const int WarmUp = 3;

    // The quartiles of a ratio lie some 0.08 apart on a quiet machine: the median of 25 is good to 0.02, of 150 to 0.006.
    private const int FewestPairs = 25;
    private const int MostPairs = 151;
    private static readonly TimeSpan s_longEnough = TimeSpan.FromSeconds(30);

    private static readonly (string Name, Func<nn.Module, IWatcher> Make)[] s_watchers =
    [
        ("weight gradients", model => new Monitored(model, activations: false)),
        ("weight gradients and activations", model => new Monitored(model, activations: true)),
        ("p.grad.norm().item() of every parameter", model => new NormOfEach(model)),
        ("histogram of every parameter and gradient", model => new HistogramOfEach(model)),
    ];

    private interface IWatcher : IDisposable
    {
        void AfterBackward(Tensor loss);

        void AfterStep();
    }

    public static void Run(string file)
    {
        var rows = new List<Row>();
        foreach (var (name, make) in new (string, Func<(nn.Module<Tensor, Tensor>, Tensor, Tensor)>)[] { ("MLP, 24 blocks", Models.Mlp), ("ResNet-18", Models.ResNet) })
        {
            manual_seed(0);
            var (model, x, y) = make();
            foreach (var (watcher, watch) in s_watchers)
            {
                rows.Add(Measure(name, model, x, y, watcher, watch));
                var row = rows[^1];
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row.Model,-15} {row.Watched,-42} step x {row.Ratio:0.000} ({row.LowerQuartile:0.000} to {row.UpperQuartile:0.000})   processor x {row.ProcessorRatio:0.000}   one capture / 50 steps {row.ShareOf50Steps:0.0000}   pairs {row.Pairs,3}   native calls {row.NativeCalls,5}   reads by the host {row.HostReads,4}"));
            }

            model.Dispose();
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        File.WriteAllText(file, JsonSerializer.Serialize(rows, new JsonSerializerOptions { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower }));
    }

    private static Row Measure(string name, nn.Module<Tensor, Tensor> model, Tensor x, Tensor y, string watched, Func<nn.Module, IWatcher> watch)
    {
        using var optimizer = optim.SGD(model.parameters(), 1e-4);
        var ratios = new List<double>();
        var processorRatios = new List<double>();
        long calls = 0, reads = 0;
        long begin = Stopwatch.GetTimestamp();
        for (int pair = -WarmUp; pair < FewestPairs || (pair < MostPairs && Stopwatch.GetElapsedTime(begin) < s_longEnough); pair++)
        {
            // Which of the two comes first alternates too.
            double bare = 0, with = 0, bareProcessor = 0, withProcessor = 0;
            long bareCalls = 0, bareReads = 0, withCalls = 0, withReads = 0;
            for (int turn = 0; turn < 2; turn++)
            {
                bool isBare = (turn == 0) == (pair % 2 == 0);
                using var watcher = isBare ? null : watch(model);
                // A monitor's first capture finds out more than the later ones, and every step warms the caches.
                Step(model, x, y, optimizer, watcher);
                var (seconds, processor, c, r) = Timed(() => Step(model, x, y, optimizer, watcher));
                if (isBare)
                    (bare, bareProcessor, bareCalls, bareReads) = (seconds, processor, c, r);
                else
                    (with, withProcessor, withCalls, withReads) = (seconds, processor, c, r);
            }

            if (pair >= 0)
            {
                ratios.Add(with / bare);
                processorRatios.Add(withProcessor / bareProcessor);
            }

            (calls, reads) = (withCalls - bareCalls, withReads - bareReads);
        }

        ratios.Sort();
        processorRatios.Sort();
        int pairs = ratios.Count;
        double median = ratios[pairs / 2], processorMedian = processorRatios[pairs / 2];
        return new Row(name, watched, pairs, median, ratios[pairs / 4], ratios[3 * pairs / 4], double.IsFinite(processorMedian) ? processorMedian : null, (median - 1) / 50, calls, reads);
    }

    private static void Step(nn.Module<Tensor, Tensor> model, Tensor x, Tensor y, optim.Optimizer optimizer, IWatcher? watcher)
    {
        using var scope = NewDisposeScope();
        optimizer.zero_grad();
        var loss = cross_entropy(model.call(x), y);
        loss.backward();
        watcher?.AfterBackward(loss);
        optimizer.step();
        watcher?.AfterStep();
    }

    private static (double Seconds, double ProcessorSeconds, long NativeCalls, long HostReads) Timed(Action action)
    {
        long calls = Counter("NativeCalls"), reads = Counter("HostReads");
        double processor = ProcessorSeconds();
        long start = Stopwatch.GetTimestamp();
        action();
        return (Stopwatch.GetElapsedTime(start).TotalSeconds, ProcessorSeconds() - processor, Counter("NativeCalls") - calls, Counter("HostReads") - reads);
    }

    /// <summary>What this process has used, all threads together, to the nanosecond (the framework's own number has ticks of 10 ms); NaN where there is no such clock.</summary>
    private static double ProcessorSeconds()
    {
        const int ProcessClock = 2;
        return OperatingSystem.IsLinux() && ClockGetTime(ProcessClock, out var time) == 0 ? time.Seconds + (time.Nanoseconds * 1e-9) : double.NaN;
    }

    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int ClockGetTime(int clock, out TimeSpec time);

    // Only the stand-in for TorchSharp counts; with the package the differences are zero.
    private static long Counter(string name) => AppContext.GetData("TorchSharp.Standin." + name) is Func<long> count ? count() : 0;

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    private sealed record Row(string Model, string Watched, int Pairs, double Ratio, double LowerQuartile, double UpperQuartile, double? ProcessorRatio, double ShareOf50Steps, long NativeCalls, long HostReads);

    private sealed class Monitored(nn.Module model, bool activations) : IWatcher
    {
        private readonly TrainingMonitor _monitor = new(model, new MonitorOptions { Every = 1, Activations = activations });

        public void AfterBackward(Tensor loss) => _monitor.AfterBackward(loss);

        public void AfterStep() => _monitor.AfterStep();

        public void Dispose() => _monitor.Dispose();
    }

    /// <summary>The loop that most training scripts have: one transfer for each parameter.</summary>
    private sealed class NormOfEach(nn.Module model) : IWatcher
    {
        public void AfterBackward(Tensor loss)
        {
            foreach (var parameter in model.parameters())
                _ = parameter.grad!.norm().item<float>();
        }

        public void AfterStep()
        {
        }

        public void Dispose()
        {
        }
    }

    /// <summary>What a dashboard does that logs a histogram of each parameter and of its gradient.</summary>
    private sealed class HistogramOfEach(nn.Module model) : IWatcher
    {
        public void AfterBackward(Tensor loss)
        {
            foreach (var parameter in model.parameters())
            {
                Histogram(parameter);
                Histogram(parameter.grad!);
            }
        }

        public void AfterStep()
        {
        }

        public void Dispose()
        {
        }

        private static int[] Histogram(Tensor tensor)
        {
            float[] values = [.. tensor.detach().cpu().data<float>()];
            float low = values.Min(), width = (values.Max() - low) / 64;
            int[] bins = new int[64];
            foreach (float value in values)
                bins[width > 0 ? Math.Min(63, (int)((value - low) / width)) : 0]++;
            return bins;
        }
    }
}
