using System.Collections.Concurrent;
using GradLint.Analyzers.Tests.Golden;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit.Abstractions;

namespace GradLint.Analyzers.Tests.Mutation;

/// <summary>Broken code of every kind. <c>GRADLINT_MUTATIONS</c> in the environment says how many sources; <c>./build.sh faults</c> runs 20,000.</summary>
public class MutationTests(ITestOutputHelper output)
{
    private const int Sample = 250;
    private const int Seed = 20260;

    /// <summary>For one source; a machine that is busy with other things is given a second chance.</summary>
    private static readonly TimeSpan Cap = TimeSpan.FromSeconds(2);

    [Fact]
    public void Mutated_sources_are_survived_within_the_cap_and_give_the_same_twice()
    {
        var slowest = TimeSpan.Zero;
        var said = 0;
        var faults = new ConcurrentQueue<string>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.ForEach(Sources(_ => true), options, source =>
        {
            try
            {
                var (first, time) = Run(source);
                var (second, again) = Run(source);
                if (first != second)
                    faults.Enqueue($"two results:\n{first}\n---\n{second}\nfor\n{source}");
                var best = time < again ? time : again;
                if (best > Cap)
                    faults.Enqueue($"{best} for\n{source}");
                lock (faults)
                {
                    slowest = best > slowest ? best : slowest;
                    said += first.Length > 0 ? 1 : 0;
                }
            }
            catch (Exception exception)
            {
                faults.Enqueue($"{exception}\nfor\n{source}");
            }
        });
        output.WriteLine($"{Count} mutated sources, {faults.Count} faults; GradLint had something to say about {said}; the slowest took {slowest.TotalMilliseconds:0} ms.");
        Assert.True(faults.IsEmpty, string.Join("\n\n", faults.Take(3)));
        Assert.True(said > Count / 10, "The mutations leave nothing to read.");

        (string Result, TimeSpan Time) Run(string source)
        {
            var kind = source.Contains("class Net") || source.Contains("static class") ? OutputKind.DynamicallyLinkedLibrary : OutputKind.ConsoleApplication;
            return WholeGradLint.Run(Compile(source, kind));
        }
    }

    /// <summary>Classes that are constructed together share what was observed of it: what one leaves behind there must not show in another.</summary>
    [Fact]
    public void Mutated_sources_give_the_same_whichever_class_is_read_first()
    {
        var faults = new ConcurrentQueue<string>();
        var read = 0;
        Parallel.ForEach(Sources(n => n.Source.Split("class ").Length > 2), source =>
        {
            var (forwards, backwards) = (ReadAll(backwards: false), ReadAll(backwards: true));
            if (forwards != backwards)
                faults.Enqueue($"two results:\n{forwards}\n---\n{backwards}\nfor\n{source}");
            if (forwards.Length > 0)
                Interlocked.Increment(ref read);

            string ReadAll(bool backwards) => GoldenNetwork.ReadAll(Compile(source, OutputKind.DynamicallyLinkedLibrary), backwards);
        });
        Assert.True(faults.IsEmpty, string.Join("\n\n", faults.Take(3)));
        Assert.True(read > Count / 10, "The mutations leave nothing to read.");
    }

    private static int Count => int.TryParse(Environment.GetEnvironmentVariable("GRADLINT_MUTATIONS"), out var wanted) ? wanted : Sample;

    private static IEnumerable<string> Sources(Func<GoldenNetwork, bool> filter) =>
        new Mutator([.. GoldenNetwork.All().Where(n => n is { IsOld: false, IsNewer: false } && filter(n)).Select(n => n.Source)], Seed).Sources(Count);

    private static CSharpCompilation Compile(string source, OutputKind kind) =>
        WholeGradLint.Compile(kind, CSharpSyntaxTree.ParseText(GoldenNetwork.GlobalUsings, path: "/0/GlobalUsings.cs"), CSharpSyntaxTree.ParseText(source, path: "/0/Net.cs"));
}
