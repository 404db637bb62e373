using static TorchSharp.torch;

namespace GradLint.Probe;

/// <summary>A number that waits on the device, or that the host knows already.</summary>
/// <param name="OnDevice">A tensor of one element; <c>null</c> where the number is known.</param>
/// <param name="Known">The number where it is known.</param>
internal readonly record struct Number(Tensor? OnDevice, double Known) : IDisposable
{
    public static implicit operator Number(Tensor onDevice) => new(onDevice, double.NaN);

    public static implicit operator Number(double known) => new(null, known);

    public void Dispose() => OnDevice?.Dispose();

    /// <summary>The number out of reach of the dispose scope around it.</summary>
    public Number Kept() => new(OnDevice?.DetachFromDisposeScope(), Known);
}

/// <summary>Numbers that wait on the device; all of them cross to the host in one copy.</summary>
internal sealed class DeviceNumbers : IDisposable
{
    private readonly List<Tensor> _waiting = [];
    private readonly List<(int At, int Count)> _places = [];
    private readonly List<(int At, double Number)> _known = [];
    private int _count;

    /// <summary>How many numbers wait on the device.</summary>
    public long Waiting => _places.Sum(p => (long)p.Count);

    /// <summary>Queues every element of a tensor.</summary>
    /// <returns>Where its first element will be in <see cref="ToHost"/>.</returns>
    public int Add(Tensor numbers)
    {
        int at = _count, count = (int)numbers.numel();
        _waiting.Add(numbers.dim() == 1 ? numbers : numbers.reshape(-1));
        _places.Add((at, count));
        _count += count;
        return at;
    }

    /// <summary>Queues a number, or takes note of it where it is known.</summary>
    /// <returns>Where it will be in <see cref="ToHost"/>.</returns>
    public int Add(Number number)
    {
        if (number.OnDevice is { } tensor)
            return Add(tensor);
        _known.Add((_count, number.Known));
        return _count++;
    }

    /// <summary>Puts what waits into one tensor of its own, so that the tensors that were added may go.</summary>
    public void Gather()
    {
        if (_waiting.Count == 0)
            return;
        var together = cat(OnOneDevice(_waiting)).DetachFromDisposeScope();
        _waiting.Clear();
        _waiting.Add(together);
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
        double[] numbers = new double[_count];
        foreach (var (at, number) in _known)
            numbers[at] = number;
        if (_waiting.Count == 0)
            return numbers;
        using var together = cat(OnOneDevice(_waiting));
        using var copied = together.cpu();
        using var here = copied.to_type(ScalarType.Float64);
        double[] arrived = [.. here.data<double>()];
        int next = 0;
        foreach (var (at, count) in _places)
        {
            arrived.AsSpan(next, count).CopyTo(numbers.AsSpan(at));
            next += count;
        }

        return numbers;
    }

    /// <summary>Frees what <see cref="Gather"/> made, and the tensors that were added and still wait.</summary>
    public void Dispose()
    {
        _waiting.ForEach(tensor => tensor.Dispose());
        _waiting.Clear();
    }
}
