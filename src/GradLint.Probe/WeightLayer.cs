using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Probe;

/// <summary>
/// A module that owns parameters, where it sits in the model, and how to watch it run.
/// What describes it is read at once: the report is made after the model is gone.
/// </summary>
internal sealed class WeightLayer
{
    private long _batch;

    private WeightLayer(string path, nn.Module module, IReadOnlyList<(string Name, Parameter Parameter)> parameters, bool isLeaf)
    {
        IsLeaf = isLeaf;
        Path = path;
        Module = module;
        Parameters = parameters;
        Type = Describe(module, parameters);
        var weight = parameters.FirstOrDefault(p => p.Parameter.dim() >= 2).Parameter;
        Weight = weight;
        WeightShape = weight is null ? string.Empty : Shape(weight, from: 0);
        IsFrozen = parameters.All(p => !p.Parameter.requires_grad);
    }

    /// <summary>As <c>named_parameters()</c> spells it, without the parameter's own name; empty for the model itself.</summary>
    public string Path { get; }

    /// <summary>Type and weight shape, for the table.</summary>
    public string Type { get; }

    public nn.Module Module { get; }

    public IReadOnlyList<(string Name, Parameter Parameter)> Parameters { get; }

    /// <summary>The shape of the first weight matrix, output first, such as <c>10x64</c>; empty where there is none.</summary>
    public string WeightShape { get; }

    /// <summary>Whether a parameter mixes units, as the weight of a linear layer does and a normalization's scale does not.</summary>
    public bool HasWeightMatrix => Weight is not null;

    /// <summary>The first parameter with two or more dimensions.</summary>
    public Parameter? Weight { get; }

    /// <summary>Whether no module below it owns parameters: then its output is what its own weight makes.</summary>
    public bool IsLeaf { get; }

    public bool IsFrozen { get; }

    /// <summary>Whether the module runs over a sequence and keeps a state.</summary>
    public bool IsRecurrent => Module is nn.Module<Tensor, Tensor, (Tensor, Tensor)> or nn.Module<Tensor, (Tensor, Tensor)?, (Tensor, Tensor, Tensor)>;

    /// <summary>Every module of the model that owns parameters, the model itself first if it does.</summary>
    public static IReadOnlyList<WeightLayer> Of(nn.Module model)
    {
        var seen = new HashSet<nn.Module>(ReferenceEqualityComparer.Instance);
        var layers = new List<WeightLayer>();
        foreach (var (path, module) in model.named_modules().Prepend((string.Empty, model)))
        {
            if (!seen.Add(module))
                continue;
            // Containers such as Sequential answer with their children's parameters even when asked not to recurse.
            var children = module.named_children().Select(child => child.Item1 + ".").ToArray();
            var own = module.named_parameters(recurse: false)
                .Where(p => !children.Any(child => p.Item1.StartsWith(child, StringComparison.Ordinal)))
                .ToArray();
            if (own.Length > 0)
                layers.Add(new WeightLayer(path, module, own, isLeaf: !module.children().Any(child => child.parameters().Any())));
        }

        return layers;
    }

    /// <summary>
    /// Calls <paramref name="see"/> with every output that the module returns from <c>call</c>; what <paramref name="see"/> returns
    /// goes on through the network in its place.
    /// </summary>
    /// <returns>The action that removes the hook, or <c>null</c> where the output is not the weight's own or the module's type has no hook that the probe knows.</returns>
    public Action? Watch(Func<Tensor, Tensor> see)
    {
        switch (Module)
        {
            case var _ when !IsLeaf:
                return null;
            case nn.Module<Tensor, Tensor> module:
                return module.register_forward_hook((_, _, output) => see(output)).remove;
            case nn.Module<Tensor, Tensor, Tensor> module:
                return module.register_forward_hook((_, _, _, output) => see(output)).remove;
            case nn.Module<Tensor, Tensor, (Tensor, Tensor)> module:
                return module.register_forward_hook((_, _, _, output) => (see(output.Item1), output.Item2)).remove;
            case nn.Module<Tensor, (Tensor, Tensor)?, (Tensor, Tensor, Tensor)> module:
                return module.register_forward_hook((_, _, _, output) => (see(output.Item1), output.Item2, output.Item3)).remove;
            default:
                return null;
        }
    }

    /// <summary>
    /// Calls <paramref name="see"/> with every sequence that enters a recurrent module; what <paramref name="see"/> returns enters in its place.
    /// </summary>
    /// <returns>The action that removes the hook, or <c>null</c> where the module is not recurrent.</returns>
    public Action? WatchSequence(Func<Tensor, Tensor> see)
    {
        switch (Module)
        {
            case nn.Module<Tensor, Tensor, (Tensor, Tensor)> module:
                return Both(
                    module.register_forward_pre_hook((_, input, state) => (see(input), state)).remove,
                    module.register_forward_hook((_, _, _, output) => SeeState(output)).remove);
            case nn.Module<Tensor, (Tensor, Tensor)?, (Tensor, Tensor, Tensor)> module:
                return Both(
                    module.register_forward_pre_hook((_, input, state) => (see(input), state)).remove,
                    module.register_forward_hook((_, _, _, output) => SeeState(output)).remove);
            default:
                return null;
        }

        static Action Both(Action first, Action second) => () =>
        {
            first();
            second();
        };
    }

    /// <summary>Takes note of the batch's size; the output goes on as it is.</summary>
    public (Tensor Output, Tensor State) SeeState((Tensor Output, Tensor State) result)
    {
        _batch = BatchOf(result.State);
        return result;
    }

    /// <summary>Takes note of the batch's size; the output goes on as it is.</summary>
    public (Tensor Output, Tensor State, Tensor Cell) SeeState((Tensor Output, Tensor State, Tensor Cell) result)
    {
        _batch = BatchOf(result.State);
        return result;
    }

    /// <summary>
    /// The dimension of a sequence that is time; TorchSharp keeps <c>batchFirst</c> to itself, but the final state shows the batch's size.
    /// <c>null</c> where both dimensions have that size.
    /// </summary>
    public int? TimeDimension(long[] sequence) =>
        sequence.Length != 3 || sequence[0] == sequence[1] ? null
        : sequence[0] == _batch ? 1
        : sequence[1] == _batch ? 0
        : null;

    /// <summary>A state has the shape layers x batch x units, or batch x units; a module of one's own may return something else.</summary>
    private static long BatchOf(Tensor? state) => state is not null && state.dim() >= 2 ? state.shape[^2] : -1;

    private static string Describe(nn.Module module, IReadOnlyList<(string Name, Parameter Parameter)> parameters)
    {
        string type = module.GetType().Name;
        return module switch
        {
            Linear linear => $"{type} {linear.in_features} -> {linear.out_features}",
            Convolution convolution => $"{type} {convolution.in_channels} -> {convolution.out_channels}, {Shape(convolution.weight!, from: 2)}",
            _ => $"{type} {parameters[0].Name} {Shape(parameters[0].Parameter, from: 0)}",
        };
    }

    private static string Shape(Tensor weight, int from) => string.Join('x', weight.shape.Skip(from));
}
