using System.Collections;
using System.Globalization;

namespace GradLint.SignalPropagation;

/// <summary>A length, kernel size, stride … for each spatial dimension; null where one is unknown. Compared by value.</summary>
public sealed class Sizes : IReadOnlyList<int?>, IEquatable<Sizes>
{
    private readonly int?[] values;

    private Sizes(int?[] values) => this.values = values;

    /// <summary>No spatial dimension: a vector of features.</summary>
    public static Sizes None { get; } = new([]);

    /// <summary>One size for each dimension, the outermost first.</summary>
    public static Sizes Of(params int?[] values) => values.Length == 0 ? None : new((int?[])values.Clone());

    /// <summary>The same size in all dimensions; the same object as <see cref="None"/> for no dimension.</summary>
    public static Sizes Square(int dimensions, int? size)
    {
        if (dimensions <= 0)
            return None;
        var values = new int?[dimensions];
        for (var i = 0; i < dimensions; i++)
            values[i] = size;
        return new(values);
    }

    /// <summary>Number of spatial dimensions.</summary>
    public int Count => values.Length;

    /// <summary>The size in one dimension.</summary>
    public int? this[int index] => values[index];

    /// <summary>Product over the dimensions (1 for none), or null where one is unknown.</summary>
    public double? Product
    {
        get
        {
            double? product = 1;
            foreach (var value in values)
                product *= value;
            return product;
        }
    }

    /// <inheritdoc/>
    public IEnumerator<int?> GetEnumerator() => ((IEnumerable<int?>)values).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => values.GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(Sizes? other) => other is not null && values.SequenceEqual(other.values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Sizes);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = values.Length;
        foreach (var value in values)
            hash = unchecked(hash * 31 + (value ?? -1));
        return hash;
    }

    /// <summary>For example <c>3x3</c>, <c>3x?</c>.</summary>
    public override string ToString() =>
        values.Length == 0 ? "none" : string.Join("x", values.Select(v => v?.ToString(CultureInfo.InvariantCulture) ?? "?"));
}
