namespace GradLint.SignalPropagation.Propagation;

/// <summary>How a second moment depends on the position: a product of one factor for each spatial dimension, each of mean 1. Zero padding dims the
/// borders, and a convolution's dimming is a product of this form.</summary>
internal sealed class Profile
{
    // Borders hardly count in a larger map.
    private const int MostPlaces = 512;
    private readonly double[][] axes;

    private Profile(double[][] axes) => this.axes = axes;

    /// <summary>The same everywhere; null where a size is unknown, or too large for its borders to matter.</summary>
    public static Profile? Even(Sizes? sizes)
    {
        if (sizes is null || sizes.Count == 0)
            return null;
        var axes = new double[sizes.Count][];
        for (var d = 0; d < axes.Length; d++)
        {
            if (sizes[d] is not { } n || n < 1 || n > MostPlaces)
                return null;
            axes[d] = new double[n];
            for (var i = 0; i < n; i++)
                axes[d][i] = 1;
        }

        return new Profile(axes);
    }

    /// <summary>Through the taps of a convolution: the profile of what comes out, and the mean over the positions of what the taps find in bounds.</summary>
    public (Profile? Out, double Share) Through(Taps taps) => Map(taps, isBack: false);

    /// <summary>The same backwards.</summary>
    public (Profile? Out, double Share) Back(Taps taps) => Map(taps, isBack: true);

    private (Profile? Out, double Share) Map(Taps taps, bool isBack)
    {
        var sizes = isBack ? taps.Inputs : taps.Outputs;
        foreach (var size in sizes)
        {
            if (size > MostPlaces)
                return (null, taps.InBounds);
        }

        var result = new double[axes.Length][];
        var share = 1.0;
        for (var d = 0; d < axes.Length; d++)
        {
            var sum = result[d] = new double[sizes[d]];
            taps.Add(d, axes[d], sum, isBack);
            share *= Normalize(sum) * sizes[d] / ((double)taps.Kernel[d] * taps.Outputs[d]);
        }

        return (new Profile(result), share);
    }

    /// <summary>Mean of the windows of a pooling.</summary>
    public Profile? Pooled(Sizes? output, Sizes window, Sizes stride, Sizes padding)
    {
        if (Even(output) is not { } pooled || pooled.axes.Length != axes.Length || window.Count != axes.Length)
            return null;
        for (var d = 0; d < axes.Length; d++)
        {
            if (Place(window, d) is not { } w || Place(stride, d) is not { } s || Place(padding, d) is not { } p)
                return null;
            for (var i = 0; i < pooled.axes[d].Length; i++)
            {
                double sum = 0, count = 0;
                for (var k = (int)Math.Min(int.MaxValue, Math.Max(0, i * s - p)); k < Math.Min(axes[d].Length, i * s - p + w); k++)
                    (sum, count) = (sum + axes[d][k], count + 1);
                pooled.axes[d][i] = count > 0 ? sum / count : 0;
            }

            Normalize(pooled.axes[d]);
        }

        return pooled;
    }

    /// <summary>A gradient's profile in front of a pooling: each window's is spread over it.</summary>
    public Profile? Unpooled(Sizes? input, Sizes window, Sizes stride, Sizes padding)
    {
        if (Even(input) is not { } spread || spread.axes.Length != axes.Length || window.Count != axes.Length)
            return null;
        for (var d = 0; d < axes.Length; d++)
        {
            if (Place(window, d) is not { } w || Place(stride, d) is not { } s || Place(padding, d) is not { } p)
                return null;
            var sum = spread.axes[d];
            Array.Clear(sum, 0, sum.Length);
            for (var i = 0; i < axes[d].Length; i++)
            {
                for (var k = (int)Math.Min(int.MaxValue, Math.Max(0, i * s - p)); k < Math.Min(sum.Length, i * s - p + w); k++)
                    sum[k] += axes[d][i];
            }

            Normalize(sum);
        }

        return spread;
    }

    /// <summary>The profile to a power, and its mean before it is scaled to 1.</summary>
    public (Profile Power, double Mean) To(double exponent)
    {
        if (exponent == 1)
            return (this, 1);
        var mean = 1.0;
        var result = new double[axes.Length][];
        for (var d = 0; d < axes.Length; d++)
        {
            result[d] = new double[axes[d].Length];
            for (var i = 0; i < result[d].Length; i++)
                result[d][i] = axes[d][i] > 0 ? Math.Pow(axes[d][i], exponent) : 0;
            mean *= Normalize(result[d]);
        }

        return (new Profile(result), mean);
    }

    /// <summary>The product of two profiles of one map, and its mean before it is scaled to 1.</summary>
    public (Profile Product, double Mean) Times(Profile other)
    {
        var mean = 1.0;
        var result = new double[axes.Length][];
        for (var d = 0; d < axes.Length; d++)
        {
            result[d] = new double[axes[d].Length];
            for (var i = 0; i < result[d].Length; i++)
                result[d][i] = axes[d][i] * other.axes[d][i];
            mean *= Normalize(result[d]);
        }

        return (new Profile(result), mean);
    }

    /// <summary>Whether both describe maps of the same size.</summary>
    public bool Fits(Profile other)
    {
        if (axes.Length != other.axes.Length)
            return false;
        for (var d = 0; d < axes.Length; d++)
        {
            if (axes[d].Length != other.axes[d].Length)
                return false;
        }

        return true;
    }

    /// <summary>Of a sum, to first order in the deviations from 1.</summary>
    public static Profile? Mixed(Profile? a, double weight, Profile? b, double otherWeight)
    {
        if ((a ?? b) is not { } some || (a is not null && b is not null && !a.Fits(b)))
            return null;
        var result = new double[some.axes.Length][];
        for (var d = 0; d < result.Length; d++)
        {
            result[d] = new double[some.axes[d].Length];
            for (var i = 0; i < result[d].Length; i++)
                result[d][i] = 1 + weight * ((a?.axes[d][i] ?? 1) - 1) + otherWeight * ((b?.axes[d][i] ?? 1) - 1);
        }

        return new Profile(result);
    }

    private static long? Place(Sizes sizes, int dimension) => dimension < sizes.Count ? sizes[dimension] : null;

    /// <summary>Scales to mean 1 and gives the mean.</summary>
    private static double Normalize(double[] values)
    {
        var mean = 0.0;
        foreach (var value in values)
            mean += value;
        mean /= values.Length;
        for (var i = 0; i < values.Length && mean > 0; i++)
            values[i] /= mean;
        return mean;
    }
}

/// <summary>Which inputs the taps of a convolution's kernel meet: output i meets input i·stride + k·dilation − padding at tap k, where that is in
/// bounds.</summary>
internal sealed class Taps
{
    private const int LargestKernel = 1000;
    private readonly int[] stride;
    private readonly int[] dilation;
    private readonly int[] padding;

    private Taps(int[] inputs, int[] outputs, int[] kernel, int[] stride, int[] dilation, int[] padding)
    {
        (Inputs, Outputs, Kernel) = (inputs, outputs, kernel);
        (this.stride, this.dilation, this.padding) = (stride, dilation, padding);
        double self = 1, outputPairs = 1, inputPairs = 1;
        for (var d = 0; d < kernel.Length; d++)
        {
            double sum = 0, squares = 0;
            for (var k = 0; k < kernel[d]; k++)
            {
                var (first, last) = Valid(d, k);
                double count = Math.Max(0, last - first + 1);
                sum += count;
                squares += count * count;
            }

            self *= sum / ((double)kernel[d] * outputs[d]);
            outputPairs *= squares / ((double)kernel[d] * outputs[d] * outputs[d]);
            inputPairs *= squares / ((double)kernel[d] * inputs[d] * inputs[d]);
        }

        InBounds = self;
        Shared = Apart(self, outputPairs, Product(outputs));
        SharedBack = Apart(self * Product(outputs) / Product(inputs), inputPairs, Product(inputs));
    }

    public readonly int[] Inputs;

    public readonly int[] Outputs;

    public readonly int[] Kernel;

    /// <summary>Mean share of the taps that are in bounds.</summary>
    public readonly double InBounds;

    /// <summary>Mean share of the taps that are in bounds at both of two different outputs, relative to <see cref="InBounds"/>.</summary>
    public readonly double Shared;

    /// <summary>Of the taps that lead from an input to an output, the mean share that two different inputs have in common: inputs between the steps of
    /// a stride meet other taps.</summary>
    public readonly double SharedBack;

    /// <summary>Null where a size is unknown or makes no sense.</summary>
    public static Taps? Of(Sizes? input, Sizes? output, Operation.Convolution o)
    {
        if (Known(input) is not { } inputs || Known(output) is not { } outputs || Known(o.Kernel) is not { } kernel || Known(o.Stride) is not { } stride
            || Known(o.Dilation) is not { } dilation || Known(o.Padding, 0) is not { } padding)
            return null;
        var n = kernel.Length;
        if (n == 0 || inputs.Length != n || outputs.Length != n || stride.Length != n || dilation.Length != n || padding.Length != n)
            return null;
        foreach (var k in kernel)
        {
            if (k > LargestKernel)
                return null;
        }

        return new Taps(inputs, outputs, kernel, stride, dilation, padding);
    }

    /// <summary>Adds what every tap finds in one dimension to what it leads to; backwards, what it leads to to what it finds.</summary>
    public void Add(int dimension, double[] from, double[] to, bool isBack)
    {
        for (var k = 0; k < Kernel[dimension]; k++)
        {
            var (first, last) = Valid(dimension, k);
            for (var i = first; i <= last; i++)
            {
                var input = i * stride[dimension] + (long)k * dilation[dimension] - padding[dimension];
                if (isBack)
                    to[input] += from[i];
                else
                    to[i] += from[input];
            }
        }
    }

    // Outputs i with 0 <= i·stride + k·dilation − padding < n.
    private (long First, long Last) Valid(int d, int k)
    {
        var offset = (long)k * dilation[d] - padding[d];
        var first = Math.Max(0, (long)Math.Ceiling(-(double)offset / stride[d]));
        var last = Math.Min(Outputs[d] - 1, (long)Math.Floor((double)(Inputs[d] - 1 - offset) / stride[d]));
        return (first, last);
    }

    private static double Apart(double self, double allPairs, double count) =>
        count > 1 && self > 0 ? Math.Max(0, (count * allPairs - self) / ((count - 1) * self)) : 1;

    private static double Product(int[] sizes)
    {
        var product = 1.0;
        foreach (var size in sizes)
            product *= size;
        return product;
    }

    private static int[]? Known(Sizes? sizes, int least = 1)
    {
        if (sizes is null)
            return null;
        var known = new int[sizes.Count];
        for (var i = 0; i < known.Length; i++)
        {
            if (sizes[i] is not { } size || size < least)
                return null;
            known[i] = size;
        }

        return known;
    }
}
