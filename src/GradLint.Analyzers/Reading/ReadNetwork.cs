using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Reading;

/// <summary>A network together with the places in the source that it was read from.</summary>
internal sealed class ReadNetwork
{
    private ReadNetwork(Network network, string typeName, string site, IReadOnlyList<SyntaxNode> syntax, IReadOnlyList<LayerValue?> layers, ModuleValue root)
    {
        Network = network;
        TypeName = typeName;
        Site = site;
        Syntax = syntax;
        Layers = layers;
        Root = root;
    }

    public Network Network { get; }

    /// <summary>The module's type as reflection prints it.</summary>
    public string TypeName { get; }

    /// <summary>The member and variable that hold a network without a class; empty for a class.</summary>
    public string Site { get; }

    /// <summary>Where each node of the network is written: a layer's construction, a function's call.</summary>
    public IReadOnlyList<SyntaxNode> Syntax { get; }

    /// <summary>The layer of each node; null for functions.</summary>
    public IReadOnlyList<LayerValue?> Layers { get; }

    /// <summary>The file whose options hold for this network.</summary>
    public SyntaxTree Tree => Root.Syntax.SyntaxTree;

    /// <summary>The module that was read.</summary>
    public ModuleValue Root { get; }

    /// <summary>What the constructor of a class and its forward make; null when nothing of it could be read.</summary>
    public static ReadNetwork? OfClass(Interpreter interpreter, ObjectValue module, INamedTypeSymbol type) =>
        Of(interpreter, module, TypeNames.FullName(type), "");

    /// <summary>What a <c>Sequential</c> computes.</summary>
    public static ReadNetwork? OfSequential(Interpreter interpreter, ContainerValue sequential, string site) =>
        Of(interpreter, sequential, TypeNames.FullName(sequential.Type as INamedTypeSymbol), site);

    private static ReadNetwork? Of(Interpreter interpreter, ModuleValue root, string typeName, string site)
    {
        ModuleTree.AssignPaths(root);
        var input = interpreter.Trace.Add(new Operation.Input(null, null), [], null, root.Syntax);
        if (interpreter.Call(root, input, root.Syntax) is not TensorValue output || interpreter.IsExhausted)
            return null;

        var nodes = interpreter.Trace.Nodes;
        var reached = new bool[nodes.Count];
        var pending = new Stack<int>();
        pending.Push(output.Node);
        while (pending.Count > 0)
        {
            var index = pending.Pop();
            if (reached[index])
                continue;
            reached[index] = true;
            foreach (var from in nodes[index].Inputs)
                pending.Push(from);
        }

        var builder = new NetworkBuilder(site.Length == 0 ? typeName : site);
        var ids = new NodeId[nodes.Count];
        var syntax = new List<SyntaxNode>();
        var layers = new List<LayerValue?>();
        for (var i = 0; i < nodes.Count; i++)
        {
            if (!reached[i])
                continue;
            var node = nodes[i];
            ids[i] = builder.Add(node.Operation, [.. node.Inputs.Select(from => ids[from])], node.Layer?.Path, null, Locate(node.Syntax));
            syntax.Add(node.Syntax);
            layers.Add(node.Layer);
        }

        return new(builder.Build(ids[output.Node]), typeName, site, syntax, layers, root);
    }

    private static SourceLocation Locate(SyntaxNode syntax)
    {
        var line = syntax.GetLocation().GetLineSpan();
        return new(line.Path, line.StartLinePosition.Line + 1, line.StartLinePosition.Character + 1, syntax.SpanStart, syntax.Span.Length);
    }
}
