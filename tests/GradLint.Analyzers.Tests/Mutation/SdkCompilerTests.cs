using System.Diagnostics;
using Microsoft.CodeAnalysis;
using Xunit.Abstractions;

namespace GradLint.Analyzers.Tests.Mutation;

/// <summary>
/// What GradLint adds to a build: the SDK's compiler in a process of its own, with the SDK's analyzers that every project has by default,
/// and without. Measured only where <c>GRADLINT_COST_ROUNDS</c> is in the environment; otherwise it is seen to work.
/// </summary>
[Collection(Alone.Name)]
public sealed class SdkCompilerTests(ITestOutputHelper output) : IDisposable
{
    private static readonly int Rounds = int.TryParse(Environment.GetEnvironmentVariable("GRADLINT_COST_ROUNDS"), out var rounds) ? rounds : 0;

    private const string Vanishing = """
        class Vanishing : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential(Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(), Linear(64, 1));
            public Vanishing() : base("Vanishing") => RegisterComponents();
            public override Tensor forward(Tensor x) => layers.call(x);
        }
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("gradlint-cost-");

    [Theory]
    [InlineData(false, "bare csc")]
    [InlineData(true, "csc with the SDK's analyzers")]
    public void A_build_with_GradLint(bool withDefaults, string name)
    {
        var sdk = Sdk();
        var defaults = Path.Combine(sdk, "Sdks/Microsoft.NET.Sdk/analyzers");
        string[] analyzers = withDefaults ? [Path.Combine(defaults, "Microsoft.CodeAnalysis.CSharp.NetAnalyzers.dll"), Path.Combine(defaults, "Microsoft.CodeAnalysis.NetAnalyzers.dll")] : [];
        var sources = Rounds == 0 ? [.. Models.Sources(1).Take(5), Vanishing] : Models.Sources(2).Append(Vanishing).ToList();
        string[] gradLint = [typeof(NetworkAnalyzer).Assembly.Location, typeof(SignalPropagation.Network).Assembly.Location];
        var without = Arguments("without", sources, analyzers);
        var with = Arguments("with", sources, [.. analyzers, .. gradLint]);

        Assert.DoesNotContain("GRAD1001", Compile(sdk, without).Output);
        Assert.Contains("GRAD1001", Compile(sdk, with).Output);
        if (Rounds == 0)
            return;
        var pairs = Enumerable.Range(0, Rounds).Select(_ => (Without: Compile(sdk, without), With: Compile(sdk, with))).ToList();
        var processor = Report.Median(pairs.Select(p => p.With.Processor / p.Without.Processor));
        var wall = Report.Median(pairs.Select(p => p.With.Wall / p.Without.Wall));
        output.WriteLine($"{name}: {processor:0.000} times the processor time, {wall:0.000} times the time (medians of {Rounds} pairs)");
        Report.Add(name + ", processor time", processor);
        Report.Add(name + ", time", wall);
    }

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>The folder of the newest SDK.</summary>
    private static string Sdk()
    {
        var newest = Run("dotnet", "--list-sdks").Output.Trim().Split('\n')[^1].Trim();
        var open = newest.IndexOf('[');
        return Path.Combine(newest[(open + 1)..^1], newest[..open].Trim());
    }

    private string Arguments(string name, IReadOnlyList<string> sources, string[] analyzers)
    {
        var arguments = new List<string> { "/target:library", "/nostdlib+", "/nullable:enable", "/langversion:latest", "/nologo", $"/out:{Path.Combine(folder.FullName, name + ".dll")}" };
        arguments.AddRange(ReferenceAssemblies.WithTorchSharp.Select(r => $"/reference:\"{((PortableExecutableReference)r).FilePath}\""));
        arguments.AddRange(analyzers.Select(a => $"/analyzer:\"{a}\""));
        for (var i = 0; i < sources.Count; i++)
        {
            var path = Path.Combine(folder.FullName, $"{i}.cs");
            File.WriteAllText(path, sources[i]);
            arguments.Add($"\"{path}\"");
        }

        var response = Path.Combine(folder.FullName, name + ".rsp");
        File.WriteAllLines(response, arguments);
        return response;
    }

    private static (string Output, double Wall, double Processor) Compile(string sdk, string response) =>
        Run("dotnet", $"\"{Path.Combine(sdk, "Roslyn/bincore/csc.dll")}\" /noconfig \"@{response}\"");

    private static (string Output, double Wall, double Processor) Run(string program, string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var clock = Stopwatch.StartNew();
        var text = process.StandardOutput.ReadToEndAsync();
        var processor = TimeSpan.Zero;

        // Once it has ended nobody says what a process took: the last look before that counts.
        while (!process.WaitForExit(5))
        {
            try
            {
                process.Refresh();
                processor = process.TotalProcessorTime;
            }
            catch (InvalidOperationException)
            {
                break;
            }
        }

        process.WaitForExit();
        Assert.True(process.ExitCode == 0, text.Result);
        return (text.Result, clock.Elapsed.TotalSeconds, processor.TotalSeconds);
    }
}
