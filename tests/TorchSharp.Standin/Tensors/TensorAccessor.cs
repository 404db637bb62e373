using System.Collections;

namespace TorchSharp.Utils;

/// <summary>The elements of a CPU tensor in row-major order, whatever its strides.</summary>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private readonly T* memory;
    private torch.Tensor? tensor;

    internal TensorAccessor(torch.Tensor tensor)
    {
        var address = Native.aten_data(tensor.Handle);
        if (address == 0 && tensor.numel() > 0) throw Native.Error();
        memory = (T*)address;
        this.tensor = tensor;
        shape = tensor.shape;
        strides = tensor.stride();
        contiguous = tensor.is_contiguous();
    }

    private readonly long[] shape;
    private readonly long[] strides;
    private readonly bool contiguous;

    public long Count => Open().numel();

    public bool IsReadOnly => false;

    public T this[params long[] indices]
    {
        get => memory[Offset(indices)];
        set => memory[Offset(indices)] = value;
    }

    public T[] ToArray()
    {
        var array = new T[Count];
        CopyTo(array);
        return array;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var n = (int)Math.Min(array.Length - arrayIndex, Count - tensorIndex);
        if (contiguous) new ReadOnlySpan<T>(memory + tensorIndex, n).CopyTo(array[arrayIndex..]);
        else
            for (var k = 0; k < n; k++) array[arrayIndex + k] = memory[Strided(tensorIndex + k)];
        GC.KeepAlive(tensor);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var n = (int)Math.Min(array.Length - arrayIndex, Count - tensorIndex);
        for (var k = 0; k < n; k++) memory[Strided(tensorIndex + k)] = array[arrayIndex + k];
        GC.KeepAlive(tensor);
    }

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)ToArray()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose() => tensor = null;

    private torch.Tensor Open() => tensor ?? throw new ObjectDisposedException(nameof(TensorAccessor<T>));

    private long Offset(long[] indices)
    {
        if (indices.Length == 1)
            return indices[0] >= 0 && indices[0] < Count ? Strided(indices[0]) : throw new IndexOutOfRangeException();
        long offset = 0;
        for (var k = shape.Length - 1; k >= 0; k--)
        {
            if (indices[k] < 0 || indices[k] >= shape[k]) throw new IndexOutOfRangeException($"[{string.Join(",", indices)}] index out of range.");
            offset += indices[k] * strides[k];
        }
        return offset;
    }

    private long Strided(long index)
    {
        if (contiguous) return index;
        long offset = 0;
        for (var k = shape.Length - 1; k >= 0; k--)
        {
            index = Math.DivRem(index, shape[k], out var i);
            offset += i * strides[k];
        }
        return offset;
    }
}
