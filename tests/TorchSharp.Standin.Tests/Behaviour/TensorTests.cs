using static TorchSharp.torch;

namespace TorchSharp.Standin.Tests.Behaviour;

public class TensorTests
{
    [TorchFact]
    public void Bytes_are_the_memory_of_a_contiguous_tensor()
    {
        var t = tensor([1f, 2f, 3f, 4f]).view(2, 2);

        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(t.bytes)[3] = 9;

        Assert.Equal(16, t.bytes.Length);
        Assert.Equal(9f, t[1, 1].item<float>());
        Assert.Throws<InvalidOperationException>(() => t.t().bytes.Length);
    }

    [TorchFact]
    public void Item_needs_the_tensors_own_type()
    {
        var single = tensor(1.5f);

        Assert.Equal(1.5f, single.item<float>());
        Assert.Throws<ArgumentException>(() => single.item<double>());
        Assert.Throws<ArgumentException>(() => tensor(1.5).item<float>());
        Assert.Equal(1.5, single.to(ScalarType.Float64).item<double>());
        Assert.Equal(3L, tensor(3L).item<long>());
        Assert.True(ones(1).eq(1).all().item<bool>());
    }

    [TorchFact]
    public void Item_needs_one_element()
    {
        Assert.ThrowsAny<Exception>(() => ones(2).item<float>());
    }

    [TorchFact]
    public void Data_is_read_in_the_tensors_own_order()
    {
        var matrix = tensor(new float[] { 1, 2, 3, 4, 5, 6 }).reshape(2, 3);

        Assert.Equal([1f, 4, 2, 5, 3, 6], matrix.t().data<float>().ToArray());
        Assert.Equal([2f, 5], matrix[.., 1].data<float>().ToArray());
        Assert.Equal(6, matrix.data<float>().Count);
    }

    [TorchFact]
    public void An_operation_in_place_returns_the_same_storage()
    {
        var x = ones(2);

        var y = x.add_(1);

        Assert.Equal([2f, 2f], x.data<float>().ToArray());
        y.fill_(5);
        Assert.Equal([5f, 5f], x.data<float>().ToArray());
    }

    [TorchFact]
    public void Numbers_keep_their_type_through_arithmetic()
    {
        Assert.Equal(ScalarType.Float32, (ones(2) * 2.5).dtype);
        Assert.Equal(ScalarType.Int64, (arange(3, dtype: ScalarType.Int64) * 7 % 2).dtype);
        Assert.Equal([0L, 1, 0], (arange(3, dtype: ScalarType.Int64) * 7 % 2).data<long>().ToArray());
        Assert.Equal(ScalarType.Float32, (ones(2) + tensor(1.0)).dtype);
    }

    [TorchFact]
    public void The_state_of_the_generator_can_be_saved_and_restored()
    {
        manual_seed(3);
        var state = get_rng_state();
        var first = rand(4).data<float>().ToArray();

        set_rng_state(state);

        Assert.Equal(first, rand(4).data<float>().ToArray());
    }

    [TorchFact]
    public void A_seed_repeats_the_numbers()
    {
        manual_seed(5);
        var first = randn(4).data<float>().ToArray();
        Assert.NotEqual(first, randn(4).data<float>().ToArray());

        manual_seed(5);
        Assert.Equal(first, randn(4).data<float>().ToArray());
    }
}
