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
    private readonly ImmutableArray<IArgumentOperation> syntax;

    private Arguments(List<(string Name, Value Value)> values, ImmutableArray<IArgumentOperation> syntax) => (this.values, this.syntax) = (values, syntax);

    public static Arguments Evaluate(ImmutableArray<IArgumentOperation> arguments, Func<IOperation, Value> evaluate)
    {
        var values = new List<(string, Value)>(arguments.Length);
        foreach (var argument in arguments)
            values.Add((argument.Parameter?.Name ?? "", evaluate(argument.Value)));
        return new(values, arguments);
    }

    /// <summary>Arguments of a call that does not bind, under the names that it gives or that a method of this name has.</summary>
    public static Arguments Named(List<(string Name, Value Value)> values) => new(values, ImmutableArray<IArgumentOperation>.Empty);

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
        foreach (var argument in syntax)
        {
            if (argument.Parameter?.Name == name)
                return argument.Parameter.Type.TypeKind == TypeKind.Enum;
        }

        return false;
    }

    /// <summary>Whether the parameter of this name is a whole number.</summary>
    public bool IsNumber(string name)
    {
        foreach (var argument in syntax)
        {
            if (argument.Parameter?.Name == name)
                return argument.Parameter.Type.SpecialType is SpecialType.System_Int32 or SpecialType.System_Int64;
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
