using System.Collections.Immutable;
using System.Globalization;
using GradLint.SignalPropagation;

namespace GradLint.Analyzers.Rules;

/// <summary>
/// Which repairs of a saturating stack heal it: each is made on the network, and the prediction of the result is asked. A repair that
/// theory does not find healthy is not offered.
/// </summary>
internal sealed class HealingRepairs
{
    /// <summary>ReLU with <c>kaiming_normal_</c> in front of it.</summary>
    public const string ReluWithKaiming = nameof(ReluWithKaiming);

    /// <summary>LeakyReLU with <c>kaiming_normal_</c> of the same slope in front of it.</summary>
    public const string LeakyReluWithKaiming = nameof(LeakyReluWithKaiming);

    /// <summary>BatchNorm before each activation.</summary>
    public const string BatchNormBeforeActivation = nameof(BatchNormBeforeActivation);

    /// <summary>The property that says how many of the additional locations are activations; weight layers follow.</summary>
    public const string ActivationCount = nameof(ActivationCount);

    /// <summary>The slope of LeakyReLU in repairs: steep enough that narrow networks are not born dead (Lu et al. 2019, arXiv:1903.06733).</summary>
    public const double LeakySlope = 0.2;

    private readonly List<(string Repair, double Exponent)> healing = [];

    private HealingRepairs()
    {
    }

    public static HealingRepairs Of(NetworkContext context, IReadOnlyList<Node> activations, IEnumerable<Node> layers)
    {
        var repairs = new HealingRepairs();
        var replaced = new HashSet<int>(activations.Select(a => a.Index));
        var initialized = new HashSet<int>(layers.Select(l => l.Index));
        repairs.Try(context, ReluWithKaiming, Swapped(context.Network, replaced, initialized, Activation.ReLU, Initializer.KaimingNormal()));
        repairs.Try(context, LeakyReluWithKaiming, Swapped(context.Network, replaced, initialized, Activation.LeakyReLU(LeakySlope), Initializer.KaimingNormal(Gain.LeakyReLU(LeakySlope))));
        repairs.Try(context, BatchNormBeforeActivation, Normalized(context.Network, replaced));
        return repairs;
    }

    public ImmutableDictionary<string, string?> ToProperties(int activations)
    {
        var properties = ImmutableDictionary.CreateBuilder<string, string?>();
        properties.Add(ActivationCount, activations.ToString(CultureInfo.InvariantCulture));
        foreach (var (repair, exponent) in healing)
            properties.Add(repair, exponent.ToString("R", CultureInfo.InvariantCulture));
        return properties.ToImmutable();
    }

    private void Try(NetworkContext context, string repair, Network repaired)
    {
        // Beyond the remark's threshold in either direction a repair is none, whatever its band.
        var prediction = Prediction.Of(repaired);
        if ((prediction.EndToEndSignalRatio ?? prediction.EndToEndNormRatio) is { } exponent && Math.Abs(exponent) < context.Options.VanishingDecadesInfo)
            healing.Add((repair, exponent));
    }

    private static Network Swapped(Network network, HashSet<int> activations, HashSet<int> layers, Activation function, Initializer weight)
    {
        var builder = new NetworkBuilder(network.Name);
        var ids = new NodeId[network.Nodes.Count];
        foreach (var node in network.Nodes)
        {
            var operation = node.Operation;
            if (activations.Contains(node.Index))
                operation = new Operation.Nonlinearity(function);
            else if (layers.Contains(node.Index))
                operation = WithWeight(operation, weight);
            ids[node.Index] = builder.Add(operation, [.. node.Inputs.Select(i => ids[i])], node.Path, node.Name, node.Location);
        }

        return builder.Build(ids[network.Output]);
    }

    private static Network Normalized(Network network, HashSet<int> activations)
    {
        var builder = new NetworkBuilder(network.Name);
        var ids = new NodeId[network.Nodes.Count];
        foreach (var node in network.Nodes)
        {
            List<NodeId> inputs = [.. node.Inputs.Select(i => ids[i])];
            if (activations.Contains(node.Index))
                inputs[0] = builder.BatchNorm(inputs[0], null);
            ids[node.Index] = builder.Add(node.Operation, inputs, node.Path, node.Name, node.Location);
        }

        return builder.Build(ids[network.Output]);
    }

    private static Operation WithWeight(Operation operation, Initializer weight) => operation switch
    {
        Operation.Linear o => o with { Weight = weight },
        Operation.Convolution o => o with { Weight = weight },
        _ => operation,
    };
}
