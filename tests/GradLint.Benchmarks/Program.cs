using BenchmarkDotNet.Running;
using GradLint.Benchmarks;

// 'cost FILE' measures what the probe costs a training step; anything else is BenchmarkDotNet's.
if (args is ["cost", var file])
    ProbeCost.Run(file);
else
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
