using System.Collections.Immutable;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Reading;

/// <summary>
/// The evaluated arguments of a call, found by the parameter's name. TorchSharp renamed parameters over the years
/// (<c>kernelSize</c> became <c>kernel_size</c>), so each is asked for by all its names.
/// </summary>
internal sealed class Arguments
{
    private readonly List<(string Name, Value Value)> values;
    private readonly ImmutableArray<IParameterSymbol> parameters;

    private Arguments(List<(string Name, Value Value)> values, ImmutableArray<IParameterSymbol> parameters) => (this.values, this.parameters) = (values, parameters);

    /// <summary>The arguments of a call that no overload takes as it is written: to the parameter that an argument names, whether there is one or not, else to
    /// the one in its place.</summary>
    public static Arguments Evaluate(IMethodSymbol candidate, IReadOnlyList<(string? Name, IOperation? Value)> arguments, Func<IOperation, Value> evaluate)
    {
        var values = new List<(string, Value)>(arguments.Count);
        for (var i = 0; i < arguments.Count; i++)
            values.Add((arguments[i].Name ?? (i < candidate.Parameters.Length ? candidate.Parameters[i].Name : ""), arguments[i].Value is { } value ? evaluate(value) : Value.Unknown));
        return new(values, candidate.Parameters);
    }

    public static Arguments Evaluate(ImmutableArray<IArgumentOperation> arguments, Func<IOperation, Value> evaluate)
    {
        var values = new List<(string, Value)>(arguments.Length);
        foreach (var argument in arguments)
            values.Add((argument.Parameter?.Name ?? "", evaluate(argument.Value)));
        return new(values, arguments.IsEmpty || arguments[0].Parameter?.ContainingSymbol is not IMethodSymbol method ? ImmutableArray<IParameterSymbol>.Empty : method.Parameters);
    }

    public int Count => values.Count;

    public Value this[int position] => position < values.Count ? values[position].Value : Value.Unknown;

    public IEnumerable<Value> All => values.Select(v => v.Value);

    /// <summary>The argument of the first of these names that the method has; null when it has none of them.</summary>
    public Value? Find(params string[] names)
    {
        foreach (var (name, value) in values)
        {
            foreach (var wanted in names)
            {
                if (name == wanted)
                    return value;
            }
        }

        return null;
    }

    /// <summary>Whether the parameter of this name is an enum.</summary>
    public bool IsEnum(string name)
    {
        foreach (var parameter in parameters)
        {
            if (parameter.Name == name)
                return parameter.Type.TypeKind == TypeKind.Enum;
        }

        return false;
    }

    public int? Integer(params string[] names) => Find(names) is { } value ? Constants.Integer(value) : null;

    public double? Number(params string[] names) => Find(names) is { } value ? Constants.Number(value) : null;

    /// <summary>A number, or what the method uses when it has no such parameter.</summary>
    public double? NumberOr(double absent, params string[] names) => Find(names) is { } value ? Constants.Number(value) : absent;

    public bool? Flag(bool absent, params string[] names) => Find(names) is { } value ? Constants.Flag(value) : absent;

    /// <summary>
    /// Sizes for each dimension, given as one number for all, a tuple or an array; <paramref name="whenNull"/> where the argument is
    /// null or missing. Unknown sizes where it cannot be read.
    /// </summary>
    public Sizes Sizes(int dimensions, Sizes whenNull, params string[] names) => Find(names) switch
    {
        null => whenNull,
        ConstantValue { Constant: null } => whenNull,
        TupleValue tuple when tuple.Elements.Count == dimensions => SignalPropagation.Sizes.Of([.. tuple.Elements.Select(Constants.Integer)]),
        ListValue { Elements: { } elements } when elements.Count == dimensions => SignalPropagation.Sizes.Of([.. elements.Select(Constants.Integer)]),
        ConstantValue constant => SignalPropagation.Sizes.Square(dimensions, Constants.Integer(constant)),
        _ => SignalPropagation.Sizes.Square(dimensions, null),
    };
}
