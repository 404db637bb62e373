using GradLint.SignalPropagation;

namespace GradLint.Analyzers.Rules;

/// <summary>The network that a repair would leave: predictions are asked before a fix is offered.</summary>
internal static class Rewriting
{
    /// <summary>Other weights in some of the layers; <paramref name="weight"/> returns null for a layer that keeps its own.</summary>
    public static Network WithWeights(this Network network, Func<Node, Initializer?> weight) =>
        network.Rewritten((builder, node, inputs) => builder.Add(weight(node) is { } drawn ? WithWeight(node.Operation, drawn) : node.Operation, inputs, node.Path, node.Name, node.Location));

    /// <summary>BatchNorm behind some of the layers; a convolution's bias would be subtracted again and goes.</summary>
    public static Network WithBatchNormAfter(this Network network, Func<Node, bool> isFollowed) =>
        network.Rewritten((builder, node, inputs) =>
        {
            var followed = isFollowed(node);
            var operation = followed && node.Operation is Operation.Convolution convolution ? convolution with { Bias = null } : node.Operation;
            var id = builder.Add(operation, inputs, node.Path, node.Name, node.Location);
            return followed ? builder.BatchNorm(id, null) : id;
        });

    private static Network Rewritten(this Network network, Func<NetworkBuilder, Node, IReadOnlyList<NodeId>, NodeId> add)
    {
        var builder = new NetworkBuilder(network.Name);
        var ids = new NodeId[network.Nodes.Count];
        foreach (var node in network.Nodes)
            ids[node.Index] = add(builder, node, [.. node.Inputs.Select(i => ids[i])]);
        return builder.Build(ids[network.Output]);
    }

    private static Operation WithWeight(Operation operation, Initializer weight) => operation switch
    {
        Operation.Linear o => o with { Weight = weight },
        Operation.Bilinear o => o with { Weight = weight },
        Operation.Convolution o => o with { Weight = weight },
        Operation.Embedding o => o with { Weight = weight },
        _ => operation,
    };
}
