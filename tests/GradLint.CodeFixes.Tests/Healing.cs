using System.Reflection;
using System.Runtime.Loader;
using GradLint.Probe;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace GradLint.CodeFixes.Tests;

/// <summary>Compiles a source in memory and measures the gradients of the network that its class <c>Net</c> is.</summary>
internal static class Healing
{
    private const int Seeds = 4;
    private const int Batch = 64;
    private static readonly object Generator = new();

    /// <summary>Runs a network while no other test draws random numbers: they come from one generator, and the classes of tests run side by side.</summary>
    public static T Alone<T>(Func<T> run)
    {
        lock (Generator)
            return run();
    }

    /// <summary>The class <c>Net</c> of a source, ready to be constructed.</summary>
    public static Type Compile(string source)
    {
        var compilation = CSharpCompilation.Create(
            "Healing" + Guid.NewGuid().ToString("N"), [CSharpSyntaxTree.ParseText(source)], ReferenceAssemblies.WithTorchSharp, new(OutputKind.DynamicallyLinkedLibrary));
        using var stream = new MemoryStream();
        var result = compilation.Emit(stream);
        Assert.True(result.Success, string.Join(Environment.NewLine, result.Diagnostics));
        stream.Position = 0;
        return new AssemblyLoadContext(null, isCollectible: true).LoadFromStream(stream).GetType("Net")!;
    }

    /// <summary>
    /// log10 rms(∂L/∂z) of the first weight layer over that of the last, z a layer's output, L the cross-entropy over random labels of a
    /// batch of standard normal inputs; the mean over seeds. Geometry is the share that comes from the number of positions alone.
    /// </summary>
    public static (double Ratio, double Geometry) EndToEndGradientRatio(Type net, params long[] inputShape) => Alone(() =>
    {
        var sum = 0.0;
        var geometry = 0.0;
        for (var seed = 0; seed < Seeds; seed++)
        {
            manual_seed(seed);
            using var scope = NewDisposeScope();
            using var model = Create(net);
            var outputs = new List<Tensor>();
            foreach (var (_, module) in model.named_modules())
            {
                if (module is TorchSharp.Modules.Linear or TorchSharp.Modules.Convolution)
                    ((Module<Tensor, Tensor>)module).register_forward_hook((_, _, output) => Keep(outputs, output));
            }

            var predicted = model.call(randn([Batch, .. inputShape])).flatten(1);
            var labels = randint(predicted.shape[1], [Batch], dtype: ScalarType.Int64);
            functional.cross_entropy(predicted, labels).backward();
            sum += Math.Log10(RootMeanSquare(outputs[0]) / RootMeanSquare(outputs[^1]));
            geometry = Math.Log10(Positions(outputs[^1]) / Positions(outputs[0])) / 2;
        }

        return (sum / Seeds, geometry);
    });

    /// <summary>What the probe reports of the same network and data.</summary>
    public static GradientReport Report(Type net, params long[] inputShape) => Alone(() =>
    {
        manual_seed(Seeds);
        using var scope = NewDisposeScope();
        using var model = Create(net);
        var input = randn([Batch, .. inputShape]);
        var labels = randint(model.call(input).flatten(1).shape[1], [Batch], dtype: ScalarType.Int64);
        return GradientProbe.Measure(() => Create(net), (input, labels), (output, target) => functional.cross_entropy(output.flatten(1), target));
    });

    private static Module<Tensor, Tensor> Create(Type net) => (Module<Tensor, Tensor>)Activator.CreateInstance(
        net, BindingFlags.OptionalParamBinding | BindingFlags.CreateInstance | BindingFlags.Public | BindingFlags.Instance, null, [], null)!;

    /// <summary>A second handle on the same tensor: Sequential disposes the first one.</summary>
    private static Tensor Keep(List<Tensor> outputs, Tensor output)
    {
        output.retain_grad();
        outputs.Add(output.alias());
        return output;
    }

    private static double Positions(Tensor output) => output.shape.Skip(2).Aggregate(1.0, (product, size) => product * size);

    private static double RootMeanSquare(Tensor output) => Math.Sqrt(output.grad!.to(ScalarType.Float64).square().mean().item<double>());
}
