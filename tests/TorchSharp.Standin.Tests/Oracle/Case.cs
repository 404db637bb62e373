using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Standin.Tests.Oracle;

/// <summary>One computation of oracle.py: inputs made by formula, a model whose parameters are made by formula, outputs and their gradients.</summary>
internal sealed record Case(nn.Module? Model, double Scale, long[][] Shapes, Func<Tensor[], Tensor[]> Forward);

/// <summary>A part of the cases by name; a name may end in a form in parentheses, as in "ReLU (functional)", and means "ReLU" of oracle.py.</summary>
internal abstract class Cases
{
    public Dictionary<string, Func<Case>> All { get; } = [];

    /// <summary>The formula for weights and data on both sides: scale · sin(0.7 i + phase), computed in double.</summary>
    public static Tensor Fill(long[] shape, double scale = 1.3, double phase = 0)
    {
        long count = shape.Aggregate(1L, (product, size) => product * size);
        return tensor(Enumerable.Range(0, (int)count).Select(i => (float)(scale * Math.Sin((0.7 * i) + phase))).ToArray()).reshape(shape);
    }

    public static void FillParameters(nn.Module model)
    {
        using var _ = no_grad();
        int k = 0;
        foreach (var (_, parameter) in model.named_parameters().OrderBy(p => p.name, StringComparer.Ordinal))
        {
            long fanIn = parameter.dim() > 1 ? parameter.numel() / parameter.shape[0] : parameter.numel();
            parameter.copy_(Fill(parameter.shape, 1.5 / Math.Sqrt(fanIn), 1 + k++));
        }
    }

    protected static Tensor Classes(int count, int of) => tensor(Enumerable.Range(0, count).Select(i => (long)(((i * 2) + 1) % of)).ToArray());

    protected static Tensor Signs(params long[] shape) => Fill(shape, phase: 2).sign();

    protected void Layer(string name, Func<Module<Tensor, Tensor>> make, params long[] shape) => Layer(name, 1.3, make, shape);

    protected void Layer(string name, double scale, Func<Module<Tensor, Tensor>> make, params long[] shape) => All.Add(name, () =>
    {
        var model = make();
        return new Case(model, scale, [shape], x => [model.call(x[0])]);
    });

    /// <summary>A layer of several inputs or outputs.</summary>
    protected void Layer<T>(string name, Func<T> make, Func<T, Tensor[], Tensor[]> forward, params long[][] shapes) where T : nn.Module => All.Add(name, () =>
    {
        var model = make();
        return new Case(model, 1.3, shapes, x => forward(model, x));
    });

    protected void Function(string name, Func<Tensor, Tensor> function, params long[] shape) => All.Add(name, () => new Case(null, 1.3, [shape], x => [function(x[0])]));

    protected void Function(string name, Func<Tensor[], Tensor[]> function, params long[][] shapes) => All.Add(name, () => new Case(null, 1.3, shapes, function));
}
