using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using GradLint.Analyzers.Embedding;
using GradLint.Analyzers.Evidence;
using GradLint.Analyzers.Reading;
using GradLint.Analyzers.Tests.Golden;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Xunit.Abstractions;

namespace GradLint.Analyzers.Tests.Mutation;

/// <summary>Code that compiles and has no end, or nearly none.</summary>
public class ExtremeCodeTests(ITestOutputHelper output)
{
    private const string Self = """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Net inner;
            private readonly Linear fc = Linear(2, 2);
            public Net() : base("Net") { inner = new Net(); RegisterComponents(); }
            public override Tensor forward(Tensor x) => inner.forward(fc.forward(x));
        }
        """;

    private const string Mutual = """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Other other = new();
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x) => other.forward(x);
        }
        class Other : Module<Tensor, Tensor>
        {
            private readonly Net net = new();
            public Other() : base("Other") => RegisterComponents();
            public override Tensor forward(Tensor x) => net.forward(x).relu();
        }
        """;

    private const string CallsItself = """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc = Linear(2, 2);
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x) => forward(fc.forward(x).sigmoid());
        }
        """;

    private const string Forever = """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers;
            public Net() : base("Net")
            {
                var list = new List<Module<Tensor, Tensor>>();
                while (true)
                {
                    list.Add(Linear(2, 2));
                    list.Add(Sigmoid());
                }
                layers = Sequential(list);
                RegisterComponents();
            }
            public override Tensor forward(Tensor x) => layers.forward(x);
        }
        """;

    private const string ForeverInside = """
        class Net : Module<Tensor, Tensor>
        {
            private readonly List<Module<Tensor, Tensor>> list = new();
            private readonly Sequential layers;
            public Net() : base("Net")
            {
                for (int i = 0; ; i++)
                    for (int j = 0; j >= 0; j++)
                        list.Add(Linear(i, j));
            }
            public override Tensor forward(Tensor x)
            {
                foreach (var layer in list)
                    x = layer.forward(x);
                return x;
            }
        }
        """;

    private const string InsideItself = """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential();
            public Net() : base("Net")
            {
                layers.append(Linear(2, 2));
                layers.append(layers);
                RegisterComponents();
            }
            public override Tensor forward(Tensor x) => layers.forward(x);
        }
        """;

    private const string ListInsideItself = """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc = Linear(2, 2);
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x)
            {
                var list = new List<object>();
                list.Add(list);
                Console.WriteLine(list);
                return fc.forward(x);
            }
        }
        """;

    /// <summary>Generous: continuous integration is slow. What it took is in the output.</summary>
    private static readonly TimeSpan Enough = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(nameof(Self), Self)]
    [InlineData(nameof(Mutual), Mutual)]
    [InlineData(nameof(CallsItself), CallsItself)]
    [InlineData(nameof(Forever), Forever)]
    [InlineData(nameof(ForeverInside), ForeverInside)]
    [InlineData(nameof(InsideItself), InsideItself)]
    [InlineData(nameof(ListInsideItself), ListInsideItself)]
    public void Code_without_an_end_is_left_alone(string name, string source)
    {
        var (result, time) = WholeGradLint.Run(Compile(source));
        output.WriteLine($"{name}: {time.TotalMilliseconds:0} ms");
        Assert.DoesNotContain("GRAD", result);
        Assert.True(time < Enough, $"{time}");
    }

    [Fact]
    public void A_forward_of_5000_lines_is_analyzed()
    {
        WholeGradLint.Run(Compile(Long(50)));
        var (result, time) = WholeGradLint.Run(Compile(Long(5_000)));
        output.WriteLine($"5,000 lines: {time.TotalMilliseconds:0} ms, {result.Length} characters");
        Assert.True(time < Enough, $"{time}");
    }

    [Fact]
    public void A_forward_of_5000_lines_is_read_to_its_end()
    {
        var compilation = Compile(Long(5_000));
        var network = new NetworkReader(compilation, TorchSharpSymbols.TryResolve(compilation)!).Read(compilation.GetTypeByMetadataName("Net")!, default);
        Assert.Equal(1 + 2 * 5_000, network!.Network.Nodes.Count);
    }

    [Fact]
    public void Cancellation_is_heard()
    {
        var source = new StringBuilder();
        for (var i = 0; i < 500; i++)
            source.Append(Forever.Replace("Net", "Net" + i)).Append('\n');
        var compilation = Compile(source.ToString());
        compilation.GetDiagnostics();
        var reader = new NetworkReader(compilation, TorchSharpSymbols.TryResolve(compilation)!);

        IsHeard(cancelled =>
        {
            for (var i = 0; ; i = (i + 1) % 500)
                new NetworkReader(compilation, reader.Symbols).Read(compilation.GetTypeByMetadataName("Net" + i)!, cancelled);
        });
    }

    [Fact]
    public void Cancellation_is_heard_by_the_prediction_of_5000_lines_and_by_the_rules()
    {
        var compilation = Compile(Long(5_000));
        var read = new NetworkReader(compilation, TorchSharpSymbols.TryResolve(compilation)!).Read(compilation.GetTypeByMetadataName("Net")!, default)!;
        var options = new AnalyzerOptions(ImmutableArray<AdditionalText>.Empty).AnalyzerConfigOptionsProvider;
        IsHeard(cancelled =>
        {
            while (true)
            {
                Prediction.Of(read.Network, null, cancelled);
                NetworkAnalyzer.Warnings(read, options, cancelled);
                NetworkAnalyzer.Check(read, options, EvidenceTable.Empty, _ => { }, cancelled);
            }
        });
    }

    /// <summary>A busy machine may let any one of them wait; none of them is faster than what is cancelled.</summary>
    private void IsHeard(Action<CancellationToken> work)
    {
        var times = new List<double>();
        while (times.Count < 20 && (times.Count < 3 || times.Min() > 100))
        {
            using var cancellation = new CancellationTokenSource();
            var working = Task.Run(() => work(cancellation.Token));
            Thread.Sleep(100);
            var clock = Stopwatch.StartNew();
            cancellation.Cancel();
            Assert.ThrowsAny<OperationCanceledException>(() => working.GetAwaiter().GetResult());
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        output.WriteLine($"{string.Join(", ", times.Select(t => t.ToString("0.0")))} ms from the cancellation to the end");
        Assert.True(times.Min() < 100, $"{times.Min()} ms");
    }

    [Fact]
    public void Nothing_is_bound_for_somebody_who_has_gone()
    {
        var compilation = Compile(Self);
        var reader = new NetworkReader(compilation, TorchSharpSymbols.TryResolve(compilation)!);
        var gone = new CancellationToken(canceled: true);
        Assert.ThrowsAny<OperationCanceledException>(() => reader.OfClass(compilation.GetTypeByMetadataName("Net")!, gone));
        Assert.ThrowsAny<OperationCanceledException>(() => NetworkFinder.All(compilation, reader, gone));
        Assert.ThrowsAny<OperationCanceledException>(() => CSharpGeneratorDriver.Create(WholeGradLint.Generators).RunGenerators(compilation, gone));
        Assert.Equal(0, reader.Bound);
    }

    [Fact]
    public void Who_has_gone_takes_nothing_from_those_who_ask_later()
    {
        var compilation = Compile("""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Inner inner = new(4);
                public Net() : base("Net") => RegisterComponents();
                public override Tensor forward(Tensor x) => inner.forward(x);
            }
            class Inner : Module<Tensor, Tensor>
            {
                private readonly Linear fc;
                public Inner(int width) : base("Inner") { fc = Linear(width, width); RegisterComponents(); }
                public override Tensor forward(Tensor x) => fc.forward(x).relu();
            }
            """);
        var reader = new NetworkReader(compilation, TorchSharpSymbols.TryResolve(compilation)!);
        using var cancellation = new CancellationTokenSource();
        var outer = Assert.Single(reader.OfClass(compilation.GetTypeByMetadataName("Net")!, cancellation.Token));
        cancellation.Cancel();
        var inner = Assert.Single(reader.OfClass(compilation.GetTypeByMetadataName("Inner")!, default));
        Assert.Equal(outer.Network.Nodes.Count, inner.Network.Nodes.Count);
        Assert.DoesNotContain("?", inner.Assumption);
    }

    private static CSharpCompilation Compile(string source) => WholeGradLint.Compile(
        OutputKind.DynamicallyLinkedLibrary, CSharpSyntaxTree.ParseText(GoldenNetwork.GlobalUsings), CSharpSyntaxTree.ParseText(source, path: "/0/Net.cs"));

    private static string Long(int lines)
    {
        var body = new StringBuilder();
        for (var i = 0; i < lines; i++)
            body.Append("        x = torch.sigmoid(fc.forward(x));\n");
        return $$"""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Linear fc = Linear(2, 2);
                public Net() : base("Net") => RegisterComponents();
                public override Tensor forward(Tensor x)
                {
            {{body}}
                    return x;
                }
            }
            """;
    }
}
