using static TorchSharp.torch;

namespace GradLint.Probe.Tests;

/// <summary>Numbers that are read where tensors lie, beside the same numbers from libtorch in double precision.</summary>
public class HostMemoryTests
{
    public static TheoryData<string, int, long[]> Shapes => new()
    {
        { "one element", 0, [1] },
        { "shorter than a vector", 1, [3, 5] },
        { "rows with a remainder", 1, [37, 21] },
        { "many rows", 1, [2048, 64] },
        { "tokens", 2, [7, 11, 19] },
        { "channels", 1, [4, 6, 5, 5] },
        { "channels of one pixel", 1, [4, 6, 1, 1] },
        { "several threads, rows", 1, [4100, 515] },
        { "several threads, channels", 1, [9, 33, 65, 66] },
        { "no sample", 1, [0, 8] },
    };

    [TorchTheory]
    [MemberData(nameof(Shapes))]
    public void Norms_and_silent_units_are_those_of_libtorch(string name, int dimension, long[] shape)
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var tensor = randn(shape);
        long units = shape[dimension];
        if (tensor.numel() > 1)
        {
            // Every third unit is silent, once through a zero with a sign.
            var silent = arange(units, dtype: ScalarType.Int64).remainder(3).eq(0);
            var mask = silent.view([.. shape.Select((_, d) => d == dimension ? units : 1)]);
            tensor = tensor * mask.logical_not().to_type(ScalarType.Float32) * -1;
        }

        double expected = linalg.vector_norm(tensor.to_type(ScalarType.Float64), 2).item<double>();
        var (norm, zeros) = HostMemory.NormAndZeros(tensor, dimension);

        // Blocks of 1,024 are added in single precision.
        Assert.Equal(expected, norm, 1e-6 * expected);
        Assert.Equal(expected, HostMemory.Norm(tensor), 1e-6 * expected);
        Assert.True(zeros == (tensor.numel() > 1 ? (units + 2) / 3 : tensor.numel() == 0 ? units : 0), name);
    }

    [TorchTheory]
    [InlineData(1e-20f)]
    [InlineData(1e-30f)]
    [InlineData(1e-45f)]
    [InlineData(1e18f)]
    [InlineData(3e38f)]
    public void Squares_that_leave_the_range_of_float32_do_not_leave_this_one(float value)
    {
        using var tensor = full([33, 70], value);

        var (norm, zeros) = HostMemory.NormAndZeros(tensor, 1);

        Assert.Equal((double)value * Math.Sqrt(33 * 70), norm, 1e-12 * norm);
        Assert.Equal(0, zeros);
    }

    /// <summary>The first block is large enough for single precision, the second too small, the third too large, the last no whole one.</summary>
    [TorchFact]
    public void Blocks_of_any_size_are_added_up()
    {
        using var scope = NewDisposeScope();
        var values = cat([full([1024], 1e-2f), full([1024], 1e-25f), full([1024], 1e20f), full([5], 1e20f)]);

        Assert.Equal(Math.Sqrt((1024 * 1e-4) + (1029 * 1e40)), HostMemory.Norm(values), 1e14);
        Assert.Equal(Math.Sqrt(1024 * 1e-50), HostMemory.Norm(values[1024..2048]), 1e-30);
        Assert.Equal(double.PositiveInfinity, HostMemory.Norm(cat([values, full([1024], float.NegativeInfinity)])));
    }

    [TorchFact]
    public void NaN_is_not_silence()
    {
        using var values = zeros(20, 9);
        values[19, 8] = tensor(float.NaN);

        var (norm, silent) = HostMemory.NormAndZeros(values, 1);

        Assert.Equal(double.NaN, norm);
        Assert.Equal(8, silent);
    }

    [TorchFact]
    public void What_is_not_contiguous_or_of_half_precision_is_read_through_a_copy()
    {
        using var scope = NewDisposeScope();
        var tensor = randn(12, 7).to_type(ScalarType.BFloat16);
        double expected = linalg.vector_norm(tensor.to_type(ScalarType.Float64), 2).item<double>();
        var wide = ones(1, 5).expand(6, 5);

        Assert.Equal(expected, HostMemory.Norm(tensor), 1e-12 * expected);
        Assert.Equal(expected, HostMemory.Norm(tensor.t()), 1e-12 * expected);
        Assert.Equal((Math.Sqrt(30), 0), HostMemory.NormAndZeros(wide, 1));
    }

    [TorchFact]
    public void The_share_at_the_limits_counts_both()
    {
        using var values = tensor([.. Enumerable.Range(0, 101).Select(i => i / 100f)]);

        // 0.00, 0.01 and 0.99, 1.00.
        Assert.Equal(4 / 101.0, HostMemory.ShareBeyond(values, 0.01f, 0.99f), 1e-12);
    }

    [TorchFact]
    public void Several_norms_stand_in_the_order_of_their_tensors()
    {
        using var scope = NewDisposeScope();
        Tensor[] tensors = [.. Enumerable.Range(1, 40).Select(i => full([64, 1024], (float)i))];

        Assert.Equal(Enumerable.Range(1, 40).Select(i => 256.0 * i), Norms(tensors));
        Assert.Equal([256.0], Norms(tensors[..1]));

        static IEnumerable<double> Norms(Tensor[] tensors) =>
            new Meter(readsHostMemory: true).NormOfEach([.. tensors.Select(t => (t, false))]).Select(norm => norm.Known);
    }
}
