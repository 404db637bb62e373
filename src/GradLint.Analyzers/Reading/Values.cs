using System.Text;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Reading;

/// <summary>What the reader knows about the value of an expression.</summary>
internal abstract class Value
{
    public static readonly Value Unknown = new UnknownValue();

    /// <summary>Whether nothing at all is known of it.</summary>
    public bool IsUnknown => this is UnknownValue or OpenValue or CarriedValue;

    private sealed class UnknownValue : Value;
}

/// <summary>
/// Something unknown that is the same wherever it turns up: a parameter, a variable. What is decided about it in one place holds in
/// every other.
/// </summary>
internal sealed class OpenValue : Value
{
    private Dictionary<(BinaryOperatorKind, object), OpenValue>? comparisons;
    private Dictionary<string, OpenValue>? derived;
    private OpenValue? opposite;

    /// <summary>Whether it is of one round of a loop, and of the next another.</summary>
    public bool IsOfRound { get; init; }

    /// <summary>For the answer to a question about another unknown: that one, the comparison, and what it is compared with.</summary>
    public (OpenValue Subject, BinaryOperatorKind Kind, ConstantValue Other)? Comparison { get; private init; }

    /// <summary>For a negation: what is negated.</summary>
    public OpenValue? Negated { get; private init; }

    /// <summary><c>!this</c>.</summary>
    public OpenValue Not => Negated ?? (opposite ??= new() { Negated = this, IsOfRound = IsOfRound });

    /// <summary>What a property or a function of it without side effects gives: unknown as well, and the same each time.</summary>
    public OpenValue Derived(string what)
    {
        derived ??= new(StringComparer.Ordinal);
        if (!derived.TryGetValue(what, out var value))
            derived.Add(what, value = new() { IsOfRound = IsOfRound });
        return value;
    }

    /// <summary>The answer to whether it equals, exceeds, … a constant: the same object for the same question.</summary>
    public OpenValue Compared(BinaryOperatorKind kind, ConstantValue other)
    {
        switch (kind)
        {
            case BinaryOperatorKind.NotEquals:
                return Compared(BinaryOperatorKind.Equals, other).Not;
            case BinaryOperatorKind.LessThanOrEqual:
                return Compared(BinaryOperatorKind.GreaterThan, other).Not;
            case BinaryOperatorKind.LessThan:
                return Compared(BinaryOperatorKind.GreaterThanOrEqual, other).Not;
        }

        comparisons ??= [];
        var key = (kind, Constants.Number(other) ?? other.Constant ?? "null");
        if (!comparisons.TryGetValue(key, out var answer))
            comparisons.Add(key, answer = new() { Comparison = (this, kind, other), IsOfRound = IsOfRound });
        return answer;
    }
}

/// <summary>A number, string, bool, enum member (as its number) or null.</summary>
internal sealed class ConstantValue(object? value) : Value
{
    public static readonly ConstantValue Null = new(null);
    public static readonly ConstantValue True = new(true);

    public object? Constant { get; } = value;
}

/// <summary>A tensor that forward computes: a node of the trace. The object stands for the tensor object: what holds it sees what is done in place.</summary>
internal sealed class TensorValue(int node) : Value
{
    public int Node { get; set; } = node;
}

/// <summary><c>layer.weight</c> or <c>layer.bias</c>; a tensor that a module learns itself is a layer of which it is the only parameter, without a name.</summary>
internal sealed class ParameterValue(LayerValue layer, string name) : Value
{
    public LayerValue Layer { get; } = layer;

    public string Name { get; } = name;
}

/// <summary>A tuple, with its elements in order.</summary>
internal sealed class TupleValue(IReadOnlyList<Value> elements) : Value
{
    public IReadOnlyList<Value> Elements { get; } = elements;
}

/// <summary>
/// What was null before a loop of an unknown number of rounds, and is a tensor, or a tuple of them, after each: whether it is null in a
/// round is not known.
/// </summary>
/// <param name="entries">The nodes that stand for its tensors.</param>
internal sealed class CarriedValue(IReadOnlyList<int> entries) : Value
{
    public IReadOnlyList<int> Entries { get; } = entries;
}

/// <summary>An array or a list. <see cref="Elements"/> is null once it is no longer known what it holds.</summary>
internal sealed class ListValue(List<Value> elements) : Value
{
    public List<Value>? Elements { get; set; } = elements;

    /// <summary>Whether it is an array: assigning to its elements adds none.</summary>
    public bool IsArray { get; init; }
}

/// <summary>
/// Inside a list or container: what a loop adds to it, round after round, where it is not known how often. Its elements stand for those of
/// every round.
/// </summary>
/// <param name="loop">The loop: lists that the same one fills have equally many rounds.</param>
/// <param name="round">What one round adds, with the names under which a container registers it.</param>
internal sealed class RepeatedValue(object loop, IReadOnlyList<KeyValuePair<string, Value>> round) : Value
{
    /// <summary>In a name, the number of a round that is not known.</summary>
    public const string AnyNumber = "*";

    public object Loop { get; } = loop;

    public IReadOnlyList<KeyValuePair<string, Value>> Round { get; } = round;
}

/// <summary>The variable of a loop whose rounds are read at once: any whole number from <see cref="First"/> on.</summary>
internal sealed class IndexValue(int first) : Value
{
    public int First { get; } = first;

    /// <summary>The list whose elements the loop counts; null where it counts something else.</summary>
    public Value? List { get; init; }

    /// <summary>Which of the list's entries it stands at.</summary>
    public int Entry { get; init; }

    /// <summary>Which element of that entry's round.</summary>
    public int Part { get; init; }
}

/// <summary>√n or 1/√n of a number that is not known: what attention's scores are scaled with.</summary>
internal sealed class RootValue(bool isInverse) : Value
{
    public bool IsInverse { get; } = isInverse;
}

/// <summary>The number of elements of a list that loops filled, and a constant.</summary>
internal sealed class CountValue(Value list, int offset) : Value
{
    public Value List { get; } = list;

    public int Offset { get; } = offset;
}

/// <summary>A dictionary. <see cref="Entries"/> is null once it is no longer known what it holds.</summary>
internal sealed class DictionaryValue : Value
{
    public List<KeyValuePair<ConstantValue, Value>>? Entries { get; set; } = [];

    /// <summary>The value under a key; unknown where there is none.</summary>
    public Value this[Value key] => Entries?.Find(e => IsSame(e.Key, key)).Value ?? Unknown;

    /// <summary>What it is asked for by a key that is not known: every entry may be meant.</summary>
    public IReadOnlyList<KeyValuePair<ConstantValue, Value>> Candidates(Value key) => key is OpenValue && Entries is { Count: > 0 and <= Decisions.Limit } entries ? entries : [];

    public bool Contains(ConstantValue key) => Entries?.Exists(e => IsSame(e.Key, key)) == true;

    /// <summary>Adds or replaces; under an unknown key it is no longer known what the dictionary holds.</summary>
    public void Set(Value key, Value value)
    {
        if (key is not ConstantValue known)
        {
            Entries = null;
            return;
        }

        Entries?.RemoveAll(e => IsSame(e.Key, known));
        Entries?.Add(new(known, value));
    }

    private static bool IsSame(Value a, Value b) => Constants.Flag(Constants.Binary(BinaryOperatorKind.Equals, a, b)) == true;
}

/// <summary>A lambda, local function or method as a value, with the variables that it sees.</summary>
internal sealed class FunctionValue(IOperation operation, object frame) : Value
{
    public IOperation Operation { get; } = operation;

    public object Frame { get; } = frame;
}

/// <summary>A module object. Identity matters: the same object may be reached by several names.</summary>
internal abstract class ModuleValue(ITypeSymbol type, SyntaxNode syntax) : Value
{
    public ITypeSymbol Type { get; } = type;

    /// <summary>Where it is constructed.</summary>
    public SyntaxNode Syntax { get; } = syntax;

    /// <summary>As <c>named_parameters()</c> spells it; null until it is reached from the root.</summary>
    public string? Path { get; set; }

    /// <summary>Children with the names under which they are registered, in order; null where that is unknown.</summary>
    public abstract IEnumerable<KeyValuePair<string, Value>>? Children { get; }
}

/// <summary>One of TorchSharp's own layers.</summary>
internal sealed class LayerValue(ITypeSymbol type, SyntaxNode syntax, Operation operation) : ModuleValue(type, syntax)
{
    public Operation Operation { get; set; } = operation;

    /// <summary>Whether it has been trained: what is written into its parameters from then on is no initialization.</summary>
    public bool IsTrained { get; set; }

    /// <summary>The call that wrote the weight last; null where the constructor did, or where that is not known.</summary>
    public SyntaxNode? Initialization { get; set; }

    /// <summary>For an <c>EmbeddingBag</c>: what it makes of the rows of a bag.</summary>
    public ReductionKind? Bag { get; set; }

    /// <summary>For a learned matrix that is all that a module learns but vectors: the module's path. Such a module is a layer as any other.</summary>
    public string? OwnerPath { get; set; }

    /// <summary>The dimension of time in what a recurrent layer returns; null where it is not known.</summary>
    public int? TimeDimension { get; set; }

    public override IEnumerable<KeyValuePair<string, Value>> Children => [];
}

/// <summary><c>Sequential</c>, or a <c>ModuleList</c>, which only holds.</summary>
internal sealed class ContainerValue(ITypeSymbol type, SyntaxNode syntax, bool isSequential) : ModuleValue(type, syntax)
{
    /// <summary>The first variable or member that held it.</summary>
    public string? Name { get; set; }

    /// <summary>Whether calling it calls its children one after the other.</summary>
    public bool IsSequential { get; } = isSequential;

    /// <summary>Null once it is no longer known what it holds.</summary>
    public List<KeyValuePair<string, Value>>? Items { get; set; } = [];

    public override IEnumerable<KeyValuePair<string, Value>>? Children => Items is null ? null : Rounds.Flatten(Items);

    public void Add(string? name, Value module) => Items?.Add(new(name ?? NextName(Items), module));

    private static string NextName(List<KeyValuePair<string, Value>> items) =>
        items.Exists(i => i.Value is RepeatedValue) ? RepeatedValue.AnyNumber : items.Count.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>An instance of a class of the compilation: a module, or options that modules are made from.</summary>
internal sealed class ObjectValue(INamedTypeSymbol type, SyntaxNode syntax, bool isModule = true) : ModuleValue(type, syntax)
{
    public bool IsModule { get; } = isModule;

    /// <summary>What the constructor that <c>new</c> names was given, in the order of its parameters.</summary>
    public IReadOnlyList<KeyValuePair<IParameterSymbol, Value>> Arguments { get; set; } = [];

    /// <summary>What the class told its base, and <c>GetName</c> tells; null where it told nothing.</summary>
    public Value? Name { get; set; }

    /// <summary>Fields, and properties that have no body, by symbol; in the order in which TorchSharp registers them.</summary>
    public Dictionary<ISymbol, Value> Members { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>A copy with another value in one member.</summary>
    public ObjectValue With(ISymbol member, Value value)
    {
        var copy = new ObjectValue(type, Syntax, IsModule);
        foreach (var held in Members)
            copy.Members[held.Key] = held.Value;
        copy.Members[member] = value;
        return copy;
    }

    /// <summary>The constructor's parameters: methods of a class with a primary constructor still see them.</summary>
    public Dictionary<ISymbol, Value> Parameters { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>What <c>register_module</c> was called with.</summary>
    public List<KeyValuePair<string, Value>> Registered { get; } = [];

    public override IEnumerable<KeyValuePair<string, Value>> Children
    {
        get
        {
            var byName = Rounds.Flatten(Registered).ToList();
            foreach (var registered in byName)
                yield return registered;
            for (ITypeSymbol? type = Type; type is not null && !type.DeclaringSyntaxReferences.IsEmpty; type = type.BaseType)
            {
                foreach (var member in type.GetMembers())
                {
                    if (Members.TryGetValue(member.OriginalDefinition, out var value) && IsComponent(value) && !byName.Exists(r => r.Value == value))
                        yield return new(ComponentName(member), value);
                }
            }
        }
    }

    private static bool IsComponent(Value value) => value is ModuleValue and not ObjectValue { IsModule: false } or ParameterValue { Layer.Operation: SignalPropagation.Operation.LearnedTensor };

    /// <summary><c>RegisterComponents</c> registers fields by name; a property's field is the one that the compiler makes for it.</summary>
    public static string ComponentName(ISymbol member)
    {
        foreach (var attribute in member.GetAttributes())
        {
            if (attribute.AttributeClass?.Name == "ComponentNameAttribute")
            {
                foreach (var argument in attribute.NamedArguments)
                {
                    if (argument.Key == "Name" && argument.Value.Value is string name)
                        return name;
                }
            }
        }

        return member is IPropertySymbol ? $"<{member.Name}>k__BackingField" : member.Name;
    }
}

/// <summary>Values as text.</summary>
internal static class Values
{
    /// <summary>A constant, or a list of constants, as it is written in C#; null for anything else.</summary>
    public static string? Text(Value value, ITypeSymbol? type)
    {
        switch (value)
        {
            case ConstantValue { Constant: string text }:
                return SymbolDisplay.FormatLiteral(text, quote: true);
            case ConstantValue { Constant: bool flag }:
                return flag ? "true" : "false";
            case ConstantValue { Constant: null }:
                return "null";
            case ConstantValue { Constant: { } number }:
                return (type?.TypeKind == TypeKind.Enum ? type.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(f => f.HasConstantValue && Equals(Constants.Number(new ConstantValue(f.ConstantValue)), Constants.Number(value)))?.Name : null)
                    ?? Constants.Text(number);
            case ListValue { Elements: { } elements }:
                var element = type is IArrayTypeSymbol array ? array.ElementType : (type as INamedTypeSymbol)?.TypeArguments.FirstOrDefault();
                var parts = elements.Select(e => Text(e, element)).ToList();
                return parts.Contains(null) ? null : "[" + string.Join(", ", parts) + "]";
            default:
                return null;
        }
    }

    /// <summary>All that two objects of one class must have in common to be the same network: what they were made with and what they hold.</summary>
    public static string Describe(ObjectValue module)
    {
        var text = new StringBuilder();
        foreach (var argument in module.Arguments)
            Describe(argument.Value, text, 0);
        foreach (var (path, layer) in ModuleTree.Layers(module))
            text.Append('\n').Append(path).Append(' ').Append(layer.Operation);
        return text.ToString();
    }

    private static void Describe(Value value, StringBuilder text, int depth)
    {
        if (depth > 4)
            return;
        switch (value)
        {
            case ConstantValue constant:
                text.Append(Constants.Text(constant.Constant)).Append(';');
                break;
            case ListValue { Elements: { } elements }:
                elements.ForEach(e => Describe(e, text, depth + 1));
                break;
            case TupleValue tuple:
                foreach (var element in tuple.Elements)
                    Describe(element, text, depth + 1);
                break;
            case ObjectValue { IsModule: false } options:
                foreach (var member in options.Members)
                    Describe(member.Value, text, depth + 1);
                break;
            case LayerValue layer:
                text.Append(layer.Operation).Append(';');
                break;
            default:
                text.Append("?;");
                break;
        }
    }
}
