using GradLint.SignalPropagation;

namespace GradLint.Analyzers.Rules;

/// <summary>What lies between the weight layers of a network.</summary>
internal sealed class HiddenChain
{
    private readonly Network network;
    private readonly List<int>[] consumers;

    public HiddenChain(Network network)
    {
        this.network = network;
        consumers = new List<int>[network.Nodes.Count];
        for (var i = 0; i < consumers.Length; i++)
            consumers[i] = [];
        foreach (var node in network.Nodes)
        {
            foreach (var input in node.Inputs)
                consumers[input].Add(node.Index);
        }
    }

    /// <summary>
    /// The first activation that everything from this weight layer flows through; null where something else comes before it that changes
    /// the signal's scale or that is not readable: a normalization, a join, another weight layer, a fork.
    /// </summary>
    public Node? ActivationAfter(Node layer)
    {
        for (var at = layer.Index; at != network.Output && consumers[at].Count == 1;)
        {
            var next = network.Nodes[consumers[at][0]];
            switch (next.Operation)
            {
                case Operation.Nonlinearity { Function.Kind: not ActivationKind.Identity }:
                    return next;
                case Operation.Nonlinearity or Operation.Dropout or Operation.Pooling or Operation.Flatten or Operation.Reshape or Operation.Upsample:
                    at = next.Index;
                    break;
                default:
                    return null;
            }
        }

        return null;
    }

    /// <summary>Whether a weight layer reads what attention gives, and nothing else: its output projection.</summary>
    public bool IsBehindAttention(Node layer)
    {
        for (var at = layer; at.Inputs.Count == 1;)
        {
            at = network.Nodes[at.Inputs[0]];
            switch (at.Operation)
            {
                case Operation.ScaledDotProduct or Operation.MultiheadAttention:
                    return true;
                case Operation.Dropout or Operation.Reshape or Operation.Flatten:
                    break;
                default:
                    return false;
            }
        }

        return false;
    }

    /// <summary>The nodes that everything passes on its way from one of them to the output; none of two branches is.</summary>
    public HashSet<int> OnEveryWay(int from)
    {
        var reached = new bool[network.Nodes.Count];
        var across = new int[network.Nodes.Count + 1];
        reached[from] = true;
        for (var i = from + 1; i <= network.Output; i++)
        {
            foreach (var input in network.Nodes[i].Inputs.Where(n => reached[n]))
            {
                reached[i] = true;
                across[input + 1]++;
                across[i]--;
            }
        }

        var passed = new HashSet<int>();
        var open = 0;
        for (var i = from; i <= network.Output; i++)
        {
            open += across[i];
            if (reached[i] && open == 0)
                passed.Add(i);
        }

        return passed;
    }

    /// <summary>
    /// The saturating activations through which everything flows from this weight layer to the next. Empty where the way forks, is
    /// a gate (a factor of a product) or is not readable, and behind the last weight layer: a head may saturate.
    /// </summary>
    public IReadOnlyList<Node> SaturatingActivationsAfter(Node layer)
    {
        var found = new List<Node>();
        for (var at = layer.Index; ;)
        {
            if (at == network.Output || consumers[at].Count != 1)
                return [];
            var next = network.Nodes[consumers[at][0]];
            switch (next.Operation)
            {
                case { IsWeightLayer: true }:
                    return found;
                case Operation.Product or Operation.Add or Operation.Concatenate or Operation.Opaque or Operation.ScaledDotProduct or Operation.Detach:
                    return [];
                case Operation.Nonlinearity { Function.IsSaturating: true }:
                    found.Add(next);
                    break;
            }

            at = next.Index;
        }
    }
}
