using System.Globalization;
using System.Text;

namespace GradLint.SignalPropagation;

/// <summary>Identifies a node while a network is being built.</summary>
/// <param name="Index">Position in <see cref="Network.Nodes"/>.</param>
public readonly record struct NodeId(int Index);

/// <summary>A stretch of nodes that is applied several times in a row, each time on its own result. Blocks nest.</summary>
public sealed class RepeatBlock
{
    internal RepeatBlock(int? count, RepeatBlock? parent, int? entry) => (Count, Parent, Entry) = (count, parent, entry);

    /// <summary>How often; null where it could not be read. Zero or less means not at all.</summary>
    public int? Count { get; }

    /// <summary>The block around it.</summary>
    public RepeatBlock? Parent { get; }

    /// <summary>The node before the block whose value the first round reads where every later one reads the result of the round before it. Null where
    /// it is the only one that the block reads: any other is read by every round as it is.</summary>
    public int? Entry { get; }
}

/// <summary>One operation of a <see cref="Network"/>.</summary>
public sealed class Node
{
    internal Node(int index, Operation operation, IReadOnlyList<int> inputs, string? path, string? name, SourceLocation location, RepeatBlock? repeat)
    {
        Index = index;
        Operation = operation;
        Inputs = inputs;
        Path = path;
        Name = name;
        Location = location;
        Repeat = repeat;
    }

    /// <summary>Position in <see cref="Network.Nodes"/>.</summary>
    public int Index { get; }

    /// <summary>What it computes.</summary>
    public Operation Operation { get; }

    /// <summary>Where its inputs come from: indices smaller than its own.</summary>
    public IReadOnlyList<int> Inputs { get; }

    /// <summary>Path of the module as <c>named_parameters()</c> spells it, without the parameter's name: <c>layers.3</c>.
    /// In a block with an unknown count, and behind one, <c>*</c> stands for a number that depends on it. Null for what is no module.</summary>
    public string? Path { get; }

    /// <summary>What the source calls it: <c>fc1</c>. Null where it has no name there.</summary>
    public string? Name { get; }

    /// <summary>Where it is written.</summary>
    public SourceLocation Location { get; }

    /// <summary>The innermost block that repeats it; null for a node that is applied once.</summary>
    public RepeatBlock? Repeat { get; }

    /// <summary>How to call it in a message: the path, else the name, else the operation.</summary>
    public string DisplayName => Path is { Length: > 0 } ? Path : Name ?? OperationText.Of(Operation);
}

/// <summary>An immutable graph of operations: what forward of one module computes, in an order in which each node follows its inputs.
/// It cannot contain a cycle, because a node refers to earlier nodes only.</summary>
public sealed class Network
{
    private string? fingerprint;

    internal Network(string name, IReadOnlyList<Node> nodes, int output)
    {
        Name = name;
        Nodes = nodes;
        Output = output;
    }

    /// <summary>Full name of the module's type, or of the variable that holds it.</summary>
    public string Name { get; }

    /// <summary>The nodes; each one's inputs come before it.</summary>
    public IReadOnlyList<Node> Nodes { get; }

    /// <summary>Index of the node whose value the network returns; −1 for an empty network.</summary>
    public int Output { get; }

    /// <summary>Sixteen hexadecimal digits: the same for networks with the same operations, wiring, initializers, repeats and module paths,
    /// on every machine and runtime. Names, source locations and wording do not count.</summary>
    public string Fingerprint => fingerprint ??= NetworkFingerprint.Of(this);

    /// <summary>One line for each node, for people and golden files: index, inputs, operation, path, name, repeats. Lines end with <c>\n</c>.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        text.Append(Name).Append('\n');
        var blocks = new List<RepeatBlock>();
        foreach (var node in Nodes)
        {
            text.Append(FormattableString.Invariant($"{node.Index,4}  "));
            if (node.Inputs.Count > 0)
                text.Append('(').Append(string.Join(", ", node.Inputs.Select(i => i.ToString(CultureInfo.InvariantCulture)))).Append(") ");
            text.Append(OperationText.Of(node.Operation));
            if (node.Path is not null)
                text.Append("  ").Append(node.Path);
            if (node.Name is not null && node.Name != node.Path)
                text.Append("  '").Append(node.Name).Append('\'');
            for (var block = node.Repeat; block is not null; block = block.Parent)
                text.Append("  repeat ").Append(Number(blocks, block)).Append(" x")
                    .Append(block.Count?.ToString(CultureInfo.InvariantCulture) ?? "?")
                    .Append(block.Entry is { } entry ? FormattableString.Invariant($" from {entry}") : "");
            if (node.Index == Output)
                text.Append("  -> output");
            text.Append('\n');
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public override string ToString() => ToText();

    private static string Number(List<RepeatBlock> seen, RepeatBlock block)
    {
        var index = seen.IndexOf(block);
        if (index < 0)
        {
            index = seen.Count;
            seen.Add(block);
        }

        return FormattableString.Invariant($"#{index}");
    }
}
