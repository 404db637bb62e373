using System.Globalization;

namespace GradLint.SignalPropagation;

/// <summary>A 64-bit hash of all that the prediction depends on, and of the module paths.</summary>
internal static class NetworkFingerprint
{
    // Raised when the meaning of a hashed value changes, so that old evidence is not taken for new.
    private const int Version = 1;

    public static string Of(Network network)
    {
        var hash = new Hash();
        hash.Add(Version);
        hash.Add(network.Output);
        hash.Add(network.Nodes.Count);
        var blocks = new Dictionary<RepeatBlock, int>();
        foreach (var node in network.Nodes)
        {
            hash.Add(node.Path);
            hash.Add(node.Inputs.Count);
            foreach (var input in node.Inputs)
                hash.Add(input);
            for (var block = node.Repeat; block is not null; block = block.Parent)
            {
                if (!blocks.TryGetValue(block, out var number))
                    blocks.Add(block, number = blocks.Count);
                hash.Add(number);
                hash.Add(block.Count);
                if (block.Entry is { } entry)
                    hash.Add(entry);
            }

            Add(ref hash, node.Operation);
        }

        return hash.Finish().ToString("x16", CultureInfo.InvariantCulture);
    }

    // The number that leads each case is part of the format: never reuse one.
    private static void Add(ref Hash hash, Operation operation)
    {
        switch (operation)
        {
            case Operation.Input o:
                hash.Add(1);
                hash.Add(o.Width);
                hash.Add(o.Spatial);
                break;
            case Operation.Linear o:
                hash.Add(2);
                hash.Add(o.InFeatures);
                hash.Add(o.OutFeatures);
                Add(ref hash, o.Weight);
                Add(ref hash, o.Bias);
                break;
            case Operation.Bilinear o:
                hash.Add(3);
                hash.Add(o.InFeatures1);
                hash.Add(o.InFeatures2);
                hash.Add(o.OutFeatures);
                Add(ref hash, o.Weight);
                Add(ref hash, o.Bias);
                break;
            case Operation.Convolution o:
                hash.Add(4);
                hash.Add(o.InChannels);
                hash.Add(o.OutChannels);
                hash.Add(o.Kernel);
                hash.Add(o.Stride);
                hash.Add(o.Padding);
                hash.Add(o.Dilation);
                hash.Add(o.Groups);
                hash.Add(o.Transposed ? 1 : 0);
                Add(ref hash, o.Weight);
                Add(ref hash, o.Bias);
                break;
            case Operation.Embedding o:
                hash.Add(5);
                hash.Add(o.Count);
                hash.Add(o.Width);
                Add(ref hash, o.Weight);
                break;
            case Operation.Nonlinearity o:
                hash.Add(6);
                Add(ref hash, o.Function);
                break;
            case Operation.Normalization o:
                hash.Add(7);
                hash.Add((int)o.Kind);
                hash.Add(o.Width);
                hash.Add(o.Groups);
                Add(ref hash, o.Weight);
                Add(ref hash, o.Bias);
                hash.Add(o.Epsilon);
                break;
            case Operation.Dropout o:
                hash.Add(8);
                hash.Add(o.Probability);
                hash.Add((int)o.Kind);
                break;
            case Operation.Pooling o:
                hash.Add(9);
                hash.Add((int)o.Kind);
                hash.Add(o.Window);
                hash.Add(o.Stride);
                hash.Add(o.Padding);
                break;
            case Operation.Reduction o:
                hash.Add(10);
                hash.Add((int)o.Kind);
                break;
            case Operation.Flatten:
                hash.Add(11);
                break;
            case Operation.Reshape o:
                hash.Add(12);
                hash.Add(o.Width);
                hash.Add(o.Spatial);
                break;
            case Operation.Upsample o:
                hash.Add(13);
                hash.Add(o.Factor);
                break;
            case Operation.Scale o:
                hash.Add(14);
                hash.Add(o.Factor);
                break;
            case Operation.Add:
                hash.Add(15);
                break;
            case Operation.Concatenate o:
                hash.Add(16);
                if (o.IsAlongPositions)
                    hash.Add(1);
                break;
            case Operation.Product:
                hash.Add(17);
                break;
            case Operation.ScaledDotProduct o:
                hash.Add(18);
                hash.Add(o.Heads);
                if (o.IsMasked || o.DroppedShare != 0)
                {
                    hash.Add(o.IsMasked ? 1 : 0);
                    hash.Add(o.DroppedShare);
                }

                break;
            case Operation.MultiheadAttention o:
                hash.Add(19);
                hash.Add(o.Width);
                hash.Add(o.Heads);
                Add(ref hash, o.InProjection);
                Add(ref hash, o.OutProjection);
                break;
            case Operation.TransformerEncoderLayer o:
                hash.Add(20);
                hash.Add(o.Width);
                hash.Add(o.Heads);
                hash.Add(o.FeedForward);
                Add(ref hash, o.Function);
                hash.Add(o.DropoutProbability);
                break;
            case Operation.Recurrent o:
                hash.Add(21);
                hash.Add((int)o.Cell);
                hash.Add(o.InFeatures);
                hash.Add(o.Hidden);
                hash.Add(o.Layers);
                hash.Add(o.Steps);
                hash.Add(o.Bidirectional ? 1 : 0);
                Add(ref hash, o.InputWeight);
                Add(ref hash, o.HiddenWeight);
                Add(ref hash, o.Bias);
                hash.Add(o.MemoryBias);
                break;
            case Operation.Detach:
                hash.Add(22);
                break;
            case Operation.Opaque:
                hash.Add(23);
                break;
            case Operation.Shift o:
                hash.Add(24);
                hash.Add(o.Offset);
                break;
            case Operation.TensorShift o:
                hash.Add(25);
                Add(ref hash, o.Values);
                hash.Add(o.VariesByPosition ? 1 : 0);
                break;
            case Operation.TensorScale o:
                hash.Add(26);
                Add(ref hash, o.Values);
                hash.Add(o.VariesByPosition ? 1 : 0);
                break;
            case Operation.LearnedTensor o:
                hash.Add(27);
                hash.Add(o.Shape);
                Add(ref hash, o.Values);
                break;
            default:
                hash.Add(-1);
                break;
        }
    }

    private static void Add(ref Hash hash, Initializer? initializer)
    {
        if (initializer is null)
        {
            hash.Add(0);
            return;
        }

        hash.Add(1 + (int)initializer.Distribution);
        hash.Add((int)initializer.Scaling);
        hash.Add(initializer.Coefficient);
        hash.Add(initializer.Mean);
    }

    private static void Add(ref Hash hash, Activation activation)
    {
        hash.Add((int)activation.Kind);
        hash.Add(activation.A);
        hash.Add(activation.B);
    }

    /// <summary>FNV-1a over 64 bits (Fowler, Noll, Vo), with the final mix of MurmurHash3 (Appleby).</summary>
    private struct Hash
    {
        private const ulong Basis = 14695981039346656037;
        private const ulong Prime = 1099511628211;
        private ulong state;

        public Hash() => state = Basis;

        public void Add(int value) => Word(unchecked((uint)value));

        public void Add(int? value)
        {
            Byte(value is null ? (byte)0 : (byte)1);
            Add(value ?? 0);
        }

        // Single precision: a gain computed on another runtime may differ in its last bit.
        public void Add(double? value)
        {
            Byte(value is null ? (byte)0 : (byte)1);
            var single = (float)(value ?? 0);
            if (single == 0)
                single = 0; // −0 is 0
            var wide = float.IsNaN(single) ? double.NaN : single;
            var bits = unchecked((ulong)BitConverter.DoubleToInt64Bits(wide));
            Word((uint)bits);
            Word((uint)(bits >> 32));
        }

        public void Add(string? text)
        {
            Add(text?.Length ?? -1);
            if (text is null)
                return;
            foreach (var c in text)
            {
                Byte((byte)c);
                Byte((byte)(c >> 8));
            }
        }

        public void Add(Sizes? sizes)
        {
            Add(sizes?.Count ?? -1);
            if (sizes is null)
                return;
            for (var i = 0; i < sizes.Count; i++)
                Add(sizes[i]);
        }

        public readonly ulong Finish()
        {
            unchecked
            {
                var h = state;
                h = (h ^ (h >> 33)) * 0xff51afd7ed558ccd;
                h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53;
                return h ^ (h >> 33);
            }
        }

        private void Word(uint value)
        {
            for (var i = 0; i < 32; i += 8)
                Byte((byte)(value >> i));
        }

        private void Byte(byte value) => state = unchecked((state ^ value) * Prime);
    }
}
