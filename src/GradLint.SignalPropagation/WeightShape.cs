namespace GradLint.SignalPropagation;

/// <summary>Shape of a weight tensor as <c>torch.nn.init</c> sees it: [rows, columns, kernel…]. Sizes that are unknown or not positive are null.</summary>
public readonly record struct WeightShape
{
    /// <param name="rows">First size: out_features, out_channels; in_channels where transposed.</param>
    /// <param name="columns">Second size: in_features, in_channels/groups; out_channels/groups where transposed.</param>
    /// <param name="kernel">Product of the remaining sizes.</param>
    /// <param name="hidden">Hidden size of a recurrent cell.</param>
    public WeightShape(double? rows, double? columns, double? kernel = 1, double? hidden = null)
    {
        Rows = Positive(rows);
        Columns = Positive(columns);
        Kernel = Positive(kernel);
        Hidden = Positive(hidden);
    }

    /// <summary>First size.</summary>
    public double? Rows { get; }

    /// <summary>Second size.</summary>
    public double? Columns { get; }

    /// <summary>Product of the sizes after the second.</summary>
    public double? Kernel { get; }

    /// <summary>Hidden size of a recurrent cell.</summary>
    public double? Hidden { get; }

    /// <summary>fan_in of <c>torch.nn.init</c>: columns · kernel.</summary>
    public double? FanIn => Columns * Kernel;

    /// <summary>fan_out of <c>torch.nn.init</c>: rows · kernel (groups and stride do not count).</summary>
    public double? FanOut => Rows * Kernel;

    /// <summary>Larger side of the weight seen as a matrix of rows × fan_in.</summary>
    public double? LargerSide => Rows is { } rows && FanIn is { } fanIn ? Math.Max(rows, fanIn) : null;

    private static double? Positive(double? value) => value > 0 && value < double.PositiveInfinity ? value : null;
}
