using GradLint.SignalPropagation;

namespace GradLint.Analyzers.Rules;

/// <summary>The network that a repair would leave: predictions are asked before a fix is offered.</summary>
internal static class Rewriting
{
    /// <summary>Other weights in some of the layers; <paramref name="weight"/> returns null for a layer that keeps its own.</summary>
    public static Network WithWeights(this Network network, Func<Node, Initializer?> weight) =>
        network.Rewritten((builder, node, inputs) => builder.Add(weight(node) is { } drawn ? WithWeight(node.Operation, drawn) : node.Operation, inputs, node.Path, node.Name, node.Location));

    /// <summary>Other activations; <paramref name="function"/> returns null for one that stays.</summary>
    public static Network WithActivations(this Network network, Func<Node, Activation?> function) =>
        network.Rewritten((builder, node, inputs) => builder.Add(function(node) is { } other ? new Operation.Nonlinearity(other) : node.Operation, inputs, node.Path, node.Name, node.Location));

    /// <summary>BatchNorm behind some of the layers; a convolution's bias would be subtracted again and goes.</summary>
    public static Network WithBatchNormAfter(this Network network, Func<Node, bool> isFollowed) =>
        network.Rewritten((builder, node, inputs) =>
        {
            var followed = isFollowed(node);
            var operation = followed && node.Operation is Operation.Convolution convolution ? convolution with { Bias = null } : node.Operation;
            var id = builder.Add(operation, inputs, node.Path, node.Name, node.Location);
            return followed ? builder.BatchNorm(id, null) : id;
        });

    /// <summary>LayerNorm behind some of the nodes.</summary>
    public static Network WithLayerNormAfter(this Network network, Func<Node, bool> isFollowed) =>
        network.Rewritten((builder, node, inputs) =>
        {
            var id = builder.Add(node.Operation, inputs, node.Path, node.Name, node.Location);
            return isFollowed(node) ? builder.LayerNorm(id, null) : id;
        });

    /// <summary>A skip connection around a layer and its activation: what enters the layer is added to what leaves the activation.</summary>
    /// <param name="network">The network.</param>
    /// <param name="around">The layer that belongs to an activation; null where there is no skip connection.</param>
    public static Network WithSkipsAround(this Network network, Func<Node, Node?> around) =>
        network.Rewritten((builder, node, inputs, ids) =>
        {
            var id = builder.Add(node.Operation, inputs, node.Path, node.Name, node.Location);
            return around(node) is { } layer ? builder.Add(new Operation.Add(), [ids[layer.Inputs[0]], id]) : id;
        });

    /// <summary>A module of several recurrent layers as one node for each of them.</summary>
    public static Network WithSingleRecurrentLayers(this Network network) =>
        network.Rewritten((builder, node, inputs) =>
        {
            if (node.Operation is not Operation.Recurrent { Layers: > 1 and <= MostRecurrentLayers and { } layers } o)
                return builder.Add(node.Operation, inputs, node.Path, node.Name, node.Location);
            var id = builder.Add(o with { Layers = 1 }, inputs, node.Path, node.Name, node.Location);
            for (var i = 1; i < layers; i++)
                id = builder.Add(o with { Layers = 1, InFeatures = o.Hidden * (o.Bidirectional ? 2 : 1) }, id, node.Path, node.Name, node.Location);
            return id;
        });

    private const int MostRecurrentLayers = 64;

    private static Network Rewritten(this Network network, Func<NetworkBuilder, Node, IReadOnlyList<NodeId>, NodeId> add) =>
        network.Rewritten((builder, node, inputs, _) => add(builder, node, inputs));

    private static Network Rewritten(this Network network, Func<NetworkBuilder, Node, IReadOnlyList<NodeId>, NodeId[], NodeId> add)
    {
        var builder = new NetworkBuilder(network.Name);
        var ids = new NodeId[network.Nodes.Count];
        var open = new Stack<(RepeatBlock Block, NetworkBuilder.RepeatScope Scope)>();
        foreach (var node in network.Nodes)
        {
            var blocks = Blocks(node);
            while (open.Count > 0 && !blocks.Contains(open.Peek().Block))
                open.Pop().Scope.Dispose();
            foreach (var block in blocks.Skip(open.Count).ToList())
                open.Push((block, builder.Repeat(block.Count, block.Entry is { } entry ? ids[entry] : null)));
            ids[node.Index] = add(builder, node, [.. node.Inputs.Select(i => ids[i])], ids);
        }

        while (open.Count > 0)
            open.Pop().Scope.Dispose();
        return builder.Build(ids[network.Output]);
    }

    /// <summary>The blocks that repeat a node, the outermost first.</summary>
    private static List<RepeatBlock> Blocks(Node node)
    {
        var blocks = new List<RepeatBlock>();
        for (var block = node.Repeat; block is not null; block = block.Parent)
            blocks.Insert(0, block);
        return blocks;
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
