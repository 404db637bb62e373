using static TorchSharp.torch;

namespace GradLint.Probe;

/// <summary>Numbers that wait on the device; all of them cross to the host in one copy.</summary>
internal sealed class DeviceNumbers
{
    private readonly List<Tensor> _numbers = [];
    private int _count;

    /// <summary>Queues every element of a tensor.</summary>
    /// <returns>Where its first element will be in <see cref="ToHost"/>.</returns>
    public int Add(Tensor numbers)
    {
        int at = _count;
        _numbers.Add(numbers.dim() == 1 ? numbers : numbers.reshape(-1));
        _count += (int)numbers.numel();
        return at;
    }

    /// <summary>All numbers as one vector of the widest of their types, on the device of the first; <c>null</c> where there is none.</summary>
    public Tensor? OnDevice()
    {
        if (_numbers.Count == 0)
            return null;
        return cat(OnOneDevice(_numbers));
    }

    /// <summary>The same tensors, those that are elsewhere copied to the device of the first.</summary>
    public static Tensor[] OnOneDevice(IReadOnlyList<Tensor> tensors)
    {
        var (type, index) = (tensors[0].device_type, tensors[0].device_index);
        return [.. tensors.Select(t => t.device_type == type && t.device_index == index ? t : t.to(tensors[0].device))];
    }

    /// <summary>All numbers in the order in which they were added.</summary>
    public double[] ToHost()
    {
        using var together = OnDevice();
        using var copied = together?.cpu();
        using var here = copied?.to_type(ScalarType.Float64);
        return here is null ? [] : [.. here.data<double>()];
    }
}
