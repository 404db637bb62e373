using System.Diagnostics;
using System.Text;
using GradLint.Analyzers.Reading;
using GradLint.Analyzers.Tests.Golden;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
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

        // The best of several: a busy machine may let any one of them wait.
        var times = Enumerable.Range(0, 5).Select(_ => Cancel()).ToList();
        output.WriteLine($"{string.Join(", ", times.Select(t => t.TotalMilliseconds.ToString("0.0")))} ms from the cancellation to the end");
        Assert.True(times.Min() < TimeSpan.FromSeconds(1), $"{times.Min()}");

        TimeSpan Cancel()
        {
            using var cancellation = new CancellationTokenSource();
            var reading = Task.Run(() =>
            {
                for (var i = 0; ; i = (i + 1) % 500)
                    new NetworkReader(compilation, reader.Symbols).Read(compilation.GetTypeByMetadataName("Net" + i)!, cancellation.Token);
            });
            Thread.Sleep(100);
            var clock = Stopwatch.StartNew();
            cancellation.Cancel();
            Assert.ThrowsAny<OperationCanceledException>(() => reading.GetAwaiter().GetResult());
            return clock.Elapsed;
        }
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
