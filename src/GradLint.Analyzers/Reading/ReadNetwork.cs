using System.Collections.Immutable;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.Analyzers.Reading;

/// <summary>
/// A network together with the places in the source that it was read from. It holds syntax and no symbols: it outlives the compilation that
/// it was read from, and serves every other one of the same files.
/// </summary>
internal sealed class ReadNetwork
{
    private readonly Location? name;
    private Prediction? prediction;
    private Lazy<string> assumption = new(() => "");

    private ReadNetwork(Network network, INamedTypeSymbol? type, string typeName, string site, IReadOnlyList<SyntaxNode> syntax, IReadOnlyList<SyntaxNode?> initializations, ModuleValue root, SyntaxNode origin)
    {
        Alternatives = [this];
        Declarations = ImmutableArray.CreateRange(type?.DeclaringSyntaxReferences.Select(d => (d.SyntaxTree, d.Span)) ?? []);
        name = type?.Locations.FirstOrDefault(l => l.IsInSource);
        Network = network;
        TypeName = typeName;
        Site = site;
        Syntax = syntax;
        Initializations = initializations;
        Origin = origin;
        Layers = [.. ModuleTree.Layers(root).Select(l => (l.Path, l.Layer.Operation))];
    }

    public Network Network { get; }

    /// <summary>What theory says about it; computed once.</summary>
    public Prediction Prediction => Predict(CancellationToken.None);

    /// <summary>The module's type as reflection prints it.</summary>
    public string TypeName { get; }

    /// <summary>The member and variable that hold a network without a class; empty for a class.</summary>
    public string Site { get; }

    /// <summary>Where each node of the network is written: a layer's construction, a function's call.</summary>
    public IReadOnlyList<SyntaxNode> Syntax { get; }

    /// <summary>The call that wrote the weight of each node last; null where the constructor did, and for a node without a weight.</summary>
    public IReadOnlyList<SyntaxNode?> Initializations { get; }

    /// <summary>The file whose options hold for this network.</summary>
    public SyntaxTree Tree => Origin.SyntaxTree;

    /// <summary>
    /// Where branches are undecided: every network that the same construction may make, this one among them. Only what is true of all
    /// is known.
    /// </summary>
    public IReadOnlyList<ReadNetwork> Alternatives { get; set; }

    /// <summary>The arguments, given or by default, on which the prediction depends, for a message: <c>depth = 3 and width = 64</c>; empty where there are none.</summary>
    public string Assumption => assumption.Value;

    /// <summary>The forward of a class; the construction of a <c>Sequential</c> without one.</summary>
    public SyntaxNode Origin { get; }

    /// <summary>Every registered layer by its path, in the order of registration, whether forward runs it or not.</summary>
    public IReadOnlyList<(string Path, Operation Operation)> Layers { get; }

    /// <summary>The parts of the class; none for a <c>Sequential</c> without one.</summary>
    public ImmutableArray<(SyntaxTree Tree, TextSpan Span)> Declarations { get; }

    /// <summary>The same for somebody who may go: then nothing is kept.</summary>
    public Prediction Predict(CancellationToken cancellationToken) => prediction ??= Prediction.Of(Network, null, cancellationToken);

    /// <summary>From here on <see cref="Assumption"/> is worked out when somebody asks.</summary>
    public void AssumeLazily(Func<string> work) => assumption = new(work);

    /// <summary>Keeps nothing of the compilation: who has not asked for the assumption yet will not.</summary>
    public void Settle()
    {
        var settled = assumption.IsValueCreated ? assumption.Value : "";
        assumption = new(() => settled);
    }

    /// <summary>The network as text, headed by the arguments that were assumed and by which of several alternatives it is.</summary>
    public string ToText()
    {
        var heading = Assumption.Length > 0 ? "with " + Assumption + "\n" : "";
        if (Alternatives.Count > 1)
            heading += FormattableString.Invariant($"alternative {Alternatives.ToList().IndexOf(this) + 1} of {Alternatives.Count}\n");
        return heading + Network.ToText();
    }

    /// <summary>
    /// Where to report about a node: at the node if it is written in the class or statement that was read, otherwise at that. An editor
    /// shows what is reported into the file that is open, not into the file of a block that several networks use.
    /// </summary>
    public Location PlaceOf(int node) => PlaceOf(Syntax[node]);

    /// <summary>The same for any place in the source: a call that initializes a layer.</summary>
    public Location PlaceOf(SyntaxNode syntax)
    {
        if (Declarations.IsEmpty)
            return (syntax.SyntaxTree == Tree ? syntax : Origin).GetLocation();
        foreach (var (tree, span) in Declarations)
        {
            if (tree == syntax.SyntaxTree && span.Contains(syntax.Span))
                return syntax.GetLocation();
        }

        return name ?? syntax.GetLocation();
    }

    /// <summary>What the constructor of a class and its forward make; null when nothing of it could be read.</summary>
    /// <param name="interpreter">What constructed the module.</param>
    /// <param name="module">The module.</param>
    /// <param name="type">Its class.</param>
    /// <param name="areTensors">For each parameter of forward that has no default, whether it is a tensor.</param>
    /// <param name="forward">Where forward is written.</param>
    public static ReadNetwork? OfClass(Interpreter interpreter, ObjectValue module, INamedTypeSymbol type, IReadOnlyList<bool> areTensors, SyntaxNode forward) =>
        Of(interpreter, module, type, TypeNames.FullName(type), "", areTensors, forward);

    /// <summary>What a <c>Sequential</c> computes.</summary>
    public static ReadNetwork? OfSequential(Interpreter interpreter, ContainerValue sequential, string site) =>
        Of(interpreter, sequential, null, TypeNames.FullName(sequential.Type as INamedTypeSymbol), site, [true], sequential.Syntax);

    private static ReadNetwork? Of(Interpreter interpreter, ModuleValue root, INamedTypeSymbol? type, string typeName, string site, IReadOnlyList<bool> areTensors, SyntaxNode place)
    {
        ModuleTree.AssignPaths(root, interpreter.Named);
        var inputs = areTensors.Select(t => t ? interpreter.Trace.Add(new Operation.Input(null, null), [], null, place) : Value.Unknown).ToList();
        if (interpreter.Joined(interpreter.Call(root, inputs, place), place) is not { } output || interpreter.IsExhausted)
            return null;

        var written = new TraceWriter(interpreter.Trace, output.Node, site.Length == 0 ? typeName : site);
        return new(written.Network, type, typeName, site, written.Syntax, written.Initializations, root, place);
    }
}
