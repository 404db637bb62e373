using System.Reflection;
using static TorchSharp.torch;

namespace GradLint.Probe.Tests;

/// <summary>Counts what an object holds on to: the bytes of all arrays of numbers and of all tensors that can be reached from it.</summary>
internal static class NumbersHeld
{
    /// <summary>The bytes; without a network and its parameters, which are not the holder's own, and without a record's texts.</summary>
    public static long By(object holder)
    {
        long bytes = 0;
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var open = new Stack<object>([holder]);
        while (open.TryPop(out var next))
        {
            if (next is string or Type or MemberInfo or Assembly or nn.Module or TorchSharp.Modules.Parameter || !seen.Add(next))
                continue;
            var type = next.GetType();
            if (next is Tensor tensor)
            {
                if (!tensor.IsInvalid)
                    bytes += tensor.numel() * tensor.ElementSize;
            }
            else if (next is Array array)
            {
                var element = type.GetElementType()!;
                if (element.IsPrimitive)
                    bytes += Buffer.ByteLength(array);
                else
                    PushAll(array);
            }
            else
            {
                for (var declaring = type; declaring is not null; declaring = declaring.BaseType)
                    PushAll(declaring.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly).Where(f => !f.FieldType.IsPrimitive && !f.FieldType.IsPointer).Select(f => f.GetValue(next)));
            }
        }

        return bytes;

        void PushAll(System.Collections.IEnumerable values)
        {
            foreach (object? value in values)
            {
                if (value is not null)
                    open.Push(value);
            }
        }
    }
}
