using GradLint.Probe;
using VanishingMlp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

manual_seed(0);
using var input = randn(64, 64);
using var target = randint(0, 10, [64]);

Console.WriteLine(GradientProbe.Measure(() => new SigmoidMlp(), (input, target), CrossEntropyLoss()));
Console.WriteLine();
Console.WriteLine(GradientProbe.Measure(() => new ReluMlp(), (input, target), CrossEntropyLoss()));
