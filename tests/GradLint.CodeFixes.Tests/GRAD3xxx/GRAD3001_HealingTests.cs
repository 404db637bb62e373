using GradLint.Analyzers.Training;
using Microsoft.CodeAnalysis;
using Xunit.Abstractions;
using Fixer = GradLint.CodeFixes.GRAD3001_RecurrentTrainingWithoutClippingFixer;

namespace GradLint.CodeFixes.Tests;

/// <summary>The training loop of the warning is run: it has loss spikes before the fix and none after it.</summary>
public class GRAD3001_HealingTests(ITestOutputHelper output)
{
    private const int Steps = 100;

    // A learning rate at which the loss of an unclipped tanh RNN has cliffs; usual ones show none, clipped or not.
    private const string Source = """
        using System.Collections.Generic;
        using TorchSharp;
        using TorchSharp.Modules;
        using static TorchSharp.torch;

        public class Net : nn.Module<Tensor, Tensor>
        {
            private readonly RNN rnn = nn.RNN(8, 64, batchFirst: true);
            private readonly Linear head = nn.Linear(64, 8);

            public Net() : base("Net") => RegisterComponents();

            public override Tensor forward(Tensor x) => head.call(rnn.call(x).Item1);

            public static List<double> Losses(int seed, int steps)
            {
                manual_seed(seed);
                using var model = new Net();
                var optimizer = optim.SGD(model.parameters(), 10);
                var losses = new List<double>();
                for (var i = 0; i < steps; i++)
                {
                    using var scope = NewDisposeScope();
                    var tokens = randint(8, new long[] { 16, 51 }, dtype: ScalarType.Int64);
                    var x = nn.functional.one_hot(tokens.narrow(1, 1, 50), 8).to(ScalarType.Float32);
                    var loss = nn.functional.cross_entropy(model.call(x).view(-1, 8), tokens.narrow(1, 0, 50).reshape(-1));
                    optimizer.zero_grad();
                    loss.backward();
                    optimizer.step();
                    losses.Add(loss.item<float>());
                }

                return losses;
            }
        }
        """;

    [Theory]
    [InlineData(Fixer.ClipGradNorm, "clip_grad_norm_", "clip_norm", "0.1")]
    [InlineData(Fixer.ClipGradValue, "clip_grad_value_", "clip_value", "0.001")] // About 5000 weights: the norm stays below 0.001 · √5000.
    public async Task Clipping_takes_the_spikes_away(string key, string function, string option, string limit)
    {
        var test = new CSharpCodeFixTest<TrainingAnalyzer, Fixer> { TestCode = Source, CodeActionEquivalenceKey = key };
        test.TestState.AddGlobalConfig($"gradlint.{option} = {limit}");
        Assert.Equal("GRAD3001", Assert.Single(await ReportedAsync(Source)).Id);
        var repaired = await test.FixedSourceAsync();
        Assert.Contains($"nn.utils.{function}(model.parameters(), {limit});", repaired);
        Assert.Empty(await ReportedAsync(repaired));
        for (var seed = 0; seed < 2; seed++)
        {
            var before = Losses(Source, seed);
            var after = Losses(repaired, seed);
            output.WriteLine($"seed {seed}: {Spikes(before)} spikes and a loss of {before[^1]:F3} unclipped, {Spikes(after)} and {after[^1]:F3} clipped");
            Assert.True(Spikes(before) >= 10, $"{Spikes(before)} spikes before");
            Assert.Equal(0, Spikes(after));
            Assert.True(after[^1] < before[^1] / 10, $"loss {before[^1]:F3} before, {after[^1]:F3} after");
        }
    }

    private static List<double> Losses(string source, int seed) =>
        Healing.Alone(() => (List<double>)Healing.Compile(source).GetMethod("Losses")!.Invoke(null, [seed, Steps])!);

    /// <summary>Updates after which the loss is 1.5 times the best so far and above what guessing costs.</summary>
    private static int Spikes(List<double> losses)
    {
        var best = double.PositiveInfinity;
        var spikes = 0;
        foreach (var loss in losses)
        {
            if (!(loss < 1.5 * best) && !(loss < 1.2 * Math.Log(8)))
                spikes++;
            best = Math.Min(best, loss);
        }

        return spikes;
    }

    private static Task<Diagnostic[]> ReportedAsync(string source) => new CSharpAnalyzerTest<TrainingAnalyzer>().ReportedAsync(source);
}
