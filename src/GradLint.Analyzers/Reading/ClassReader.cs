using System.Globalization;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Reading;

/// <summary>Reads one module class: what its forward does with every object of it that the compilation constructs.</summary>
internal sealed class ClassReader(NetworkReader reader, Constructions constructions, INamedTypeSymbol type, CancellationToken cancellationToken)
{
    /// <summary>So many different constructions of one class are read.</summary>
    private const int ConstructionLimit = 8;

    /// <summary>What the largest <c>Module</c> of TorchSharp takes.</summary>
    private const int MostArguments = 6;

    /// <summary>Decades by which a prediction must change to be said to depend on an argument: what a message shows.</summary>
    private const double Visible = 0.05;

    private IMethodSymbol forward = null!;

    public IReadOnlyList<ReadNetwork> Read()
    {
        var symbols = reader.Symbols;
        if (type.IsAbstract || MainForward() is not { } found || !symbols.IsTensor(found.Parameters[0].Type) || !reader.ReturnsTensors(found.ReturnType))
            return [];
        forward = found;
        var networks = new List<ReadNetwork>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var all = constructions.Of(type, cancellationToken);
        foreach (var construction in all)
        {
            if (seen.Count == ConstructionLimit)
                break;
            if (all.Count > 1 && !seen.Add(string.Join("\n", construction.Select(way => Values.Describe(way.Module)))))
                continue;
            var alternatives = Alternatives(construction);
            foreach (var alternative in alternatives)
                alternative.Alternatives = alternatives;
            networks.AddRange(alternatives);
        }

        return networks;
    }

    /// <summary>The forward that takes the fewest arguments.</summary>
    private IMethodSymbol? MainForward()
    {
        for (var arguments = 1; arguments <= MostArguments; arguments++)
        {
            if (reader.Forward(type, arguments) is { } found)
                return found;
        }

        return null;
    }

    private List<ReadNetwork> Alternatives(IReadOnlyList<(Interpreter Interpreter, ObjectValue Module)> construction)
    {
        if (Forwards(construction, decides: true) is { } decided)
            return decided;

        // Too many ways: what they differ in stays unknown.
        return Forwards(construction, decides: false) ?? [];
    }

    /// <summary>What forward makes of one object on every way that led to it; null where there are too many ways, or where one of them cannot be read.</summary>
    private List<ReadNetwork>? Forwards(IReadOnlyList<(Interpreter Interpreter, ObjectValue Module)> construction, bool decides)
    {
        var networks = new Dictionary<string, ReadNetwork>(StringComparer.Ordinal);
        foreach (var (interpreter, module) in construction)
        {
            // Its other modules may be read at the same time.
            lock (interpreter)
            {
                var before = interpreter.Decisions;
                var pending = new Stack<IReadOnlyList<bool>>();
                pending.Push([]);
                while (pending.Count > 0)
                {
                    if (networks.Count + pending.Count > Decisions.Limit)
                        return null;
                    var decisions = decides ? before?.Then(pending.Pop()) : null;
                    if (decisions is null)
                        pending.Clear();
                    var network = Forward(interpreter, module, decisions, cancellationToken);
                    foreach (var other in decisions?.Others ?? [])
                        pending.Push(other);
                    if (decisions is { IsPossible: false })
                        continue;
                    if (network is null)
                        return decides ? null : [];
                    networks[network.Network.Fingerprint] = network;
                }
            }
        }

        return [.. networks.Values];
    }

    private ReadNetwork? Forward(Interpreter interpreter, ObjectValue module, Decisions? decisions, CancellationToken cancellation)
    {
        var before = interpreter.Decisions;
        interpreter.Decisions = decisions;
        try
        {
            interpreter.StartForward(cancellation);
            var areTensors = forward.Parameters.TakeWhile(p => !p.HasExplicitDefaultValue).Select(p => reader.Symbols.IsTensor(p.Type)).ToList();
            var read = ReadNetwork.OfClass(interpreter, module, type, areTensors, forward.DeclaringSyntaxReferences[0].GetSyntax(cancellation));
            var way = decisions?.All ?? [];
            read?.AssumeLazily(() => Assumption(module, way));
            return read;
        }
        finally
        {
            interpreter.Decisions = before;
        }
    }

    /// <summary>The arguments that the prediction would be another without.</summary>
    private string Assumption(ObjectValue module, IReadOnlyList<bool> way)
    {
        var arguments = new Dictionary<ISymbol, Value>(SymbolEqualityComparer.Default);
        foreach (var argument in module.Arguments)
            arguments[argument.Key] = argument.Value;
        if (module.Arguments.Count == 0 || module.Arguments[0].Key.ContainingSymbol is not IMethodSymbol constructor)
            return "";
        var predicted = Predict(constructor, arguments, way);
        var assumed = new List<string>();
        foreach (var (parameter, text, without) in module.Arguments.SelectMany(a => Assumed(a.Key, a.Value)))
        {
            arguments.TryGetValue(parameter, out var given);
            arguments[parameter] = without;
            if (Differs(predicted, Predict(constructor, arguments, way)))
                assumed.Add(text);
            arguments[parameter] = given!;
        }

        return assumed.Count < 2 ? string.Concat(assumed) : string.Join(", ", assumed.Take(assumed.Count - 1)) + " and " + assumed[assumed.Count - 1];
    }

    /// <summary>What is known of an argument, and the argument without it: the members of options one by one.</summary>
    private static IEnumerable<(IParameterSymbol Parameter, string Text, Value Without)> Assumed(IParameterSymbol parameter, Value value)
    {
        if (value is not ObjectValue { IsModule: false } options)
        {
            if (Values.Text(value, parameter.Type) is { } text)
                yield return (parameter, parameter.Name + " = " + text, new OpenValue());
            yield break;
        }

        foreach (var member in options.Members.ToList())
        {
            if (Values.Text(member.Value, (member.Key as IFieldSymbol)?.Type ?? (member.Key as IPropertySymbol)?.Type) is { } held)
                yield return (parameter, parameter.Name + "." + member.Key.Name + " = " + held, options.With(member.Key, new OpenValue()));
        }
    }

    private double? Predict(IMethodSymbol constructor, IReadOnlyDictionary<ISymbol, Value> arguments, IReadOnlyList<bool> way)
    {
        // Asked for when a message is written: then the one who asked for the reading may be gone. Without the argument a branch may be open
        // that it decided: that is a difference, not a decision.
        var interpreter = new Interpreter(reader, CancellationToken.None) { Decisions = way.Count == 0 ? null : new(way) };
        var place = forward.DeclaringSyntaxReferences[0].GetSyntax();
        var module = interpreter.Construct(type, constructor, place, arguments);
        return Forward(interpreter, module, interpreter.Decisions, CancellationToken.None) is { } read && read.Prediction is { Layers: { Count: > 0 } layers }
            ? layers[0].GradientRatio ?? layers[0].SignalRatio ?? layers[0].NormRatio
            : null;
    }

    private static bool Differs(double? one, double? other) => one is { } a && other is { } b ? Math.Abs(a - b) >= Visible : one is null != other is null;
}
