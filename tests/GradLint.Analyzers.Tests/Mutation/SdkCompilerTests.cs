using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Xunit.Abstractions;

namespace GradLint.Analyzers.Tests.Mutation;

/// <summary>
/// What GradLint adds to a build: the whole of <c>dotnet build</c>, and the SDK's compiler in a process of its own, with the SDK's analyzers
/// that every project has by default, and without. Measured only where <c>GRADLINT_COST_ROUNDS</c> is in the environment; otherwise it is seen to work.
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

    private static readonly string[] GradLint = [typeof(NetworkAnalyzer).Assembly.Location, typeof(SignalPropagation.Network).Assembly.Location];

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
        var without = Arguments("without", sources, analyzers);
        var with = Arguments("with", sources, [.. analyzers, .. GradLint]);

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
        if (!withDefaults)
            MeasureGrowth(sdk);
    }

    /// <summary>
    /// What GradLint adds to ten times the code: there too where something is done for each symbol that has to do with all the others, in
    /// GradLint, in the driver of analyzers or in what the generator has the compiler read.
    /// </summary>
    private void MeasureGrowth(string sdk)
    {
        var pairs = Enumerable.Range(0, Rounds).Select(_ => (Few: Added(1), Many: Added(10))).ToList();
        var processor = Report.Median(pairs.Select(p => p.Many.Processor / p.Few.Processor));
        var wall = Report.Median(pairs.Select(p => p.Many.Wall / p.Few.Wall));
        output.WriteLine($"{processor:0.00} times the processor time, {wall:0.00} times the time for ten times the code (medians of {Rounds})");
        Report.Add("ten times the code, bare csc, processor time", processor);
        Report.Add("ten times the code, bare csc, time", wall);
        Assert.True(processor < 11, $"{processor}");

        (double Processor, double Wall) Added(int copies)
        {
            var sources = Models.Sources(copies);
            var without = Compile(sdk, Arguments("without", sources, []));
            var with = Compile(sdk, Arguments("with", sources, [.. GradLint]));
            return (with.Processor - without.Processor, with.Wall - without.Wall);
        }
    }

    /// <summary>They take about a twentieth of the generator's time, and half of it where they have to read for themselves.</summary>
    [Fact]
    public void What_the_generator_has_read_serves_the_analyzers()
    {
        var report = Compile(Sdk(), Arguments("report", Models.Sources(1), [.. GradLint]), "/reportanalyzer").Output;
        Assert.True(Seconds(nameof(NetworkAnalyzer)) < Seconds(nameof(Embedding.PredictionGenerator)) / 5, report);

        // "0.053   92      GradLint.Analyzers.NetworkAnalyzer (…)", after a "<" where it is too little to be measured.
        double Seconds(string name)
        {
            var time = Regex.Match(report, @"^\s*<?\s*(\d+[.,]\d+)\s.*\." + name + @"\b", RegexOptions.Multiline);
            Assert.True(time.Success, report);
            return double.Parse(time.Groups[1].Value.Replace(',', '.'), CultureInfo.InvariantCulture);
        }
    }

    /// <summary>As a developer builds again and again: everything compiled anew, by the compiler's server.</summary>
    [Fact]
    public void A_build_again_with_GradLint()
    {
        var sdk = Sdk();
        var all = Models.Sources(1);
        try
        {
            foreach (var models in Rounds == 0 ? [2] : new[] { 20, 200 })
            {
                var step = (all.Count - 1) / models;
                WriteProject(sdk, [all[0], .. Enumerable.Range(0, models).Select(i => all[1 + (i * step)]), Vanishing]);
                Run("dotnet", "restore --verbosity quiet", folder.FullName);
                Assert.DoesNotContain("GRAD1001", Build(gradLint: false).Output);
                Assert.Contains("GRAD1001", Build(gradLint: true).Output);
                MeasureBuilds(models);
            }
        }
        finally
        {
            Run("dotnet", $"\"{Path.Combine(sdk, "Roslyn/bincore/VBCSCompiler.dll")}\" -pipename:{Server} -shutdown");
        }
    }

    private void MeasureBuilds(int models)
    {
        if (Rounds == 0)
            return;

        // The first ones are spent on compiling the compiler and GradLint, and on compiling them better.
        for (var i = 0; i < 25; i++)
            Build(gradLint: true);
        var pairs = Enumerable.Range(0, Rounds).Select(_ => (Without: Build(gradLint: false).Wall, With: Build(gradLint: true).Wall)).ToList();
        var wall = Report.Median(pairs.Select(p => p.With / p.Without));
        output.WriteLine($"dotnet build, {models} models: {wall:0.000} times the time (median of {Rounds} pairs)");
        Report.Add($"dotnet build of {models} models, time", wall);
    }

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>A server of this test's own: it ends with it. It takes no hyphens.</summary>
    private string Server => folder.Name.Replace("-", "");

    private void WriteProject(string sdk, IReadOnlyList<string> sources)
    {
        for (var i = 0; i < sources.Count; i++)
            File.WriteAllText(Path.Combine(folder.FullName, $"{i}.cs"), sources[i]);
        File.WriteAllText(Path.Combine(folder.FullName, "Models.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net{Path.GetFileName(sdk).Split('.')[0]}.0</TargetFramework>
                <Nullable>enable</Nullable>
                <UseSharedCompilation>true</UseSharedCompilation>
                <SharedCompilationId>{Server}</SharedCompilationId>
              </PropertyGroup>
              <ItemGroup>
                <Reference Include="{((PortableExecutableReference)ReferenceAssemblies.WithTorchSharp[^1]).FilePath}" />
                <Analyzer Include="{string.Join(';', GradLint)}" Condition="'$(WithGradLint)' == 'true'" />
              </ItemGroup>
            </Project>
            """);
    }

    private (string Output, double Wall, double Processor) Build(bool gradLint) =>
        Run("dotnet", $"build --no-restore --no-incremental -nologo -tl:off -p:WithGradLint={gradLint}", folder.FullName);

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

    private static (string Output, double Wall, double Processor) Compile(string sdk, string response, string option = "") =>
        Run("dotnet", $"\"{Path.Combine(sdk, "Roslyn/bincore/csc.dll")}\" /noconfig \"@{response}\" {option}");

    private static (string Output, double Wall, double Processor) Run(string program, string arguments, string folder = "")
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false, WorkingDirectory = folder };

        // The build that runs this test tells its children which MSBuild they are part of.
        foreach (var name in start.Environment.Keys.Where(n => n.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        using var process = Process.Start(start)!;
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
            catch (Exception gone) when (gone is InvalidOperationException or Win32Exception)
            {
                break;
            }
        }

        process.WaitForExit();
        Assert.True(process.ExitCode == 0, text.Result);
        return (text.Result, clock.Elapsed.TotalSeconds, processor.TotalSeconds);
    }
}
