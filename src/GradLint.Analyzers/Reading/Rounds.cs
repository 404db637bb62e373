using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Reading;

/// <summary>Lists of which a part is repeated an unknown number of times: their elements, their length, and numbers that count through them.</summary>
internal static class Rounds
{
    /// <summary>Every element once; those of a repeated part stand for all of its rounds.</summary>
    public static IEnumerable<KeyValuePair<string, Value>> Flatten(IEnumerable<KeyValuePair<string, Value>> items)
    {
        foreach (var item in items)
        {
            if (item.Value is not RepeatedValue repeated)
            {
                yield return item;
                continue;
            }

            foreach (var element in Flatten(repeated.Round))
                yield return element;
        }
    }

    /// <summary>A part with every element replaced.</summary>
    public static RepeatedValue Map(RepeatedValue repeated, Func<Value, Value> change) =>
        new(repeated.Loop, [.. repeated.Round.Select(e => new KeyValuePair<string, Value>(e.Key, e.Value is RepeatedValue inner ? Map(inner, change) : change(e.Value)))]);

    /// <summary>What a loop adds to a list.</summary>
    public static RepeatedValue Of(object loop, IEnumerable<Value> round) => new(loop, [.. round.Select(v => Named(v))]);

    /// <summary>The entries of a list or a container; null where it is not known what it holds.</summary>
    public static IReadOnlyList<Value>? Entries(Value list) => list switch
    {
        ListValue { Elements: { } elements } => elements,
        ContainerValue { Items: { } items } => [.. items.Select(i => i.Value)],
        _ => null,
    };

    /// <summary>Two lists side by side, as far as the shorter one goes; null where one repeats a part that the other does not.</summary>
    public static List<Value>? Zip(IReadOnlyList<Value> left, IReadOnlyList<Value> right)
    {
        var pairs = new List<Value>();
        for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
        {
            if (!HaveEqualLength(left[i], right[i]))
                return null;
            pairs.Add(left[i] is RepeatedValue a && right[i] is RepeatedValue b
                ? Of(a.Loop, a.Round.Zip(b.Round, (x, y) => new TupleValue([x.Value, y.Value])))
                : new TupleValue([left[i], right[i]]));
        }

        return pairs;
    }

    /// <summary>How many elements there are: a number, or a <see cref="CountValue"/>.</summary>
    public static Value Count(Value list) => Entries(list) switch
    {
        null => Value.Unknown,
        var entries when entries.Any(e => e is RepeatedValue) => new CountValue(list, 0),
        var entries => new ConstantValue(entries.Count),
    };

    /// <summary>
    /// The entries between two positions, the second counted from the end (0 or less); null where a position falls into the middle of
    /// a repeated part. Such a part without a few of its rounds is such a part.
    /// </summary>
    public static IReadOnlyList<(int Entry, Value Value)>? Between(IReadOnlyList<Value> entries, int first, int fromEnd)
    {
        var start = 0;
        for (var skipped = 0; skipped < first && start < entries.Count; start++)
        {
            if (entries[start] is RepeatedValue repeated)
            {
                if (Length(repeated) is not { } length || (first - skipped) % length != 0)
                    return null;
                break;
            }

            skipped++;
        }

        var end = entries.Count;
        for (var left = -fromEnd; left > 0 && end > start; left--)
        {
            if (entries[end - 1] is RepeatedValue repeated)
            {
                if (Length(repeated) is not { } length || left % length != 0)
                    return null;
                break;
            }

            end--;
        }

        return [.. Enumerable.Range(start, Math.Max(0, end - start)).Select(i => (i, entries[i]))];
    }

    /// <summary>The element at a number that counts through this list, or through one that the same loops filled.</summary>
    public static Value Element(Value list, IndexValue index)
    {
        if (Entries(list) is not { } entries)
            return Value.Unknown;
        if (index.List is { } counted && Entries(counted) is { } others)
        {
            for (var i = 0; i <= index.Entry; i++)
            {
                if (i >= entries.Count || i >= others.Count || !HaveEqualLength(entries[i], others[i]))
                    return Value.Unknown;
            }

            return entries[index.Entry] is RepeatedValue repeated ? repeated.Round[index.Part].Value : entries[index.Entry];
        }

        // Whatever the number is, the element is the same where there is but one.
        return Between(entries, Math.Max(0, index.First), 0) is { Count: 1 } from && from[0].Value is RepeatedValue { Round.Count: 1 } only ? only.Round[0].Value : Value.Unknown;
    }

    /// <summary>The element so many places before the end, 1 for the last; unknown inside of a repeated part of several.</summary>
    public static Value FromEnd(Value list, int places)
    {
        if (Entries(list) is not { } entries || places < 1 || Between(entries, 0, 1 - places) is not { Count: > 0 } between)
            return Value.Unknown;
        return between[between.Count - 1].Value is RepeatedValue { Round: var round } ? round.Count == 0 ? Value.Unknown : round[round.Count - 1].Value : between[between.Count - 1].Value;
    }

    /// <summary>Arithmetic and comparison of what counts through lists; null for what is neither.</summary>
    public static Value? Binary(BinaryOperatorKind kind, Value left, Value right)
    {
        switch (left, right)
        {
            case (ConstantValue { Constant: string text }, IndexValue) when kind == BinaryOperatorKind.Add:
                return new ConstantValue(text + RepeatedValue.AnyNumber);
            case (IndexValue, ConstantValue { Constant: string text }) when kind == BinaryOperatorKind.Add:
                return new ConstantValue(RepeatedValue.AnyNumber + text);
            case (IndexValue index, CountValue count) when ReferenceEquals(index.List, count.List):
                return CompareWithEnd(kind, index, count);
            case (IndexValue or CountValue, _) when Constants.Integer(right) is { } number:
                return kind switch
                {
                    BinaryOperatorKind.Add => Moved(left, number),
                    BinaryOperatorKind.Subtract => Moved(left, -number),
                    _ => Truth(CompareAtLeast(kind, Least(left), number)),
                };
            case (_, IndexValue or CountValue) when Constants.Integer(left) is { } number:
                return kind == BinaryOperatorKind.Add ? Moved(right, number) : Truth(CompareAtLeast(Mirrored(kind), Least(right), number));
            default:
                return null;
        }
    }

    private static KeyValuePair<string, Value> Named(Value value) =>
        value is TupleValue { Elements: { Count: 2 } pair } && pair[0] is ConstantValue { Constant: string name } && pair[1] is ModuleValue module ? new(name, module) : new(RepeatedValue.AnyNumber, value);

    /// <summary>How many elements a round adds; null where a loop inside of it adds some.</summary>
    private static int? Length(RepeatedValue repeated) => repeated.Round.Count > 0 && repeated.Round.All(e => e.Value is not RepeatedValue) ? repeated.Round.Count : null;

    private static bool HaveEqualLength(Value a, Value b) => (a, b) switch
    {
        (RepeatedValue x, RepeatedValue y) => x.Loop == y.Loop && Length(x) is { } length && length == Length(y),
        (RepeatedValue, _) or (_, RepeatedValue) => false,
        _ => true,
    };

    private static Value Moved(Value value, int by) => value switch
    {
        CountValue count => new CountValue(count.List, count.Offset + by),
        IndexValue index when by == 0 => index,
        IndexValue index => new IndexValue(index.First + by),
        _ => Value.Unknown,
    };

    /// <summary>The smallest number that it can be.</summary>
    private static int Least(Value value) => value switch
    {
        IndexValue index => index.First,
        CountValue count => (Entries(count.List)?.Count(e => e is not RepeatedValue) ?? 0) + count.Offset,
        _ => int.MinValue,
    };

    /// <summary>Whether a number of at least <paramref name="least"/> compares so with another; null where both may be.</summary>
    private static bool? CompareAtLeast(BinaryOperatorKind kind, int least, int other) => kind switch
    {
        BinaryOperatorKind.Equals when other < least => false,
        BinaryOperatorKind.NotEquals when other < least => true,
        BinaryOperatorKind.GreaterThan when other < least => true,
        BinaryOperatorKind.GreaterThanOrEqual when other <= least => true,
        BinaryOperatorKind.LessThan when other <= least => false,
        BinaryOperatorKind.LessThanOrEqual when other < least => false,
        _ => null,
    };

    /// <summary><c>i &lt; layers.Count - 1</c> for an i that counts through the layers.</summary>
    private static Value CompareWithEnd(BinaryOperatorKind kind, IndexValue index, CountValue count)
    {
        var entries = Entries(count.List)!;
        var rest = entries.Skip(index.Entry + 1).ToList();
        if (rest.Exists(e => e is RepeatedValue))
            return Value.Unknown;

        // Distance to the count: exact for an entry of its own, at least so much for a round of a repeated part.
        var isExact = entries[index.Entry] is not RepeatedValue;
        var distance = rest.Count + (isExact ? 1 : entries[index.Entry] is RepeatedValue { Round: var round } ? round.Count - index.Part : 1) + count.Offset;
        return kind switch
        {
            BinaryOperatorKind.LessThan when distance > 0 || isExact => new ConstantValue(distance > 0),
            BinaryOperatorKind.LessThanOrEqual when distance >= 0 || isExact => new ConstantValue(distance >= 0),
            BinaryOperatorKind.GreaterThan when distance >= 0 || isExact => new ConstantValue(distance < 0),
            BinaryOperatorKind.GreaterThanOrEqual when distance > 0 || isExact => new ConstantValue(distance <= 0),
            BinaryOperatorKind.Equals when distance > 0 || isExact => new ConstantValue(distance == 0),
            BinaryOperatorKind.NotEquals when distance > 0 || isExact => new ConstantValue(distance != 0),
            _ => Value.Unknown,
        };
    }

    private static BinaryOperatorKind Mirrored(BinaryOperatorKind kind) => kind switch
    {
        BinaryOperatorKind.LessThan => BinaryOperatorKind.GreaterThan,
        BinaryOperatorKind.LessThanOrEqual => BinaryOperatorKind.GreaterThanOrEqual,
        BinaryOperatorKind.GreaterThan => BinaryOperatorKind.LessThan,
        BinaryOperatorKind.GreaterThanOrEqual => BinaryOperatorKind.LessThanOrEqual,
        _ => kind,
    };

    private static Value Truth(bool? known) => known is { } truth ? new ConstantValue(truth) : Value.Unknown;
}
