using System.Runtime.CompilerServices;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>One index: a number, a slice, a mask or tensor of indices, an ellipsis or a new dimension.</summary>
    public struct TensorIndex
    {
        internal enum Form { Null, Single, Slice, Tensor, Ellipsis, None, Bool }

        internal Form Kind;
        internal long? Start, Stop, Step;
        internal Tensor? Indices;

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) => new() { Kind = Form.Slice, Start = start, Stop = stop, Step = step };

        public static TensorIndex Slice(Range range) => Slice(From(range.Start), range.End.IsFromEnd && range.End.Value == 0 ? null : From(range.End));

        public static TensorIndex Single(long? index) => new() { Kind = Form.Single, Start = index };

        public static TensorIndex Tensor(Tensor tensor) => new() { Kind = Form.Tensor, Indices = tensor };

        public static TensorIndex Ellipsis = new() { Kind = Form.Ellipsis };

        public static TensorIndex None = new() { Kind = Form.None };

        public static TensorIndex Colon = Slice();

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator TensorIndex(Range range) => Slice(range);

        public static implicit operator TensorIndex(Index index) => Single(From(index));

        private static long From(Index index) => index.IsFromEnd ? -index.Value : index.Value;
    }

    public partial class Tensor
    {
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set
            {
                using var view = index(indices);
                view.copy_(value);
            }
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => Native.Call("aten::index.Tensor", this, indices);
            set => InPlace("aten::index_put_", this, indices, value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => At(i1);
            set => Set(value, i1);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => At(i1, i2);
            set => Set(value, i1, i2);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => At(i1, i2, i3);
            set => Set(value, i1, i2, i3);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => At(i1, i2, i3, i4);
            set => Set(value, i1, i2, i3, i4);
        }

        /// <summary>Basic indexing: each index consumes a dimension, an ellipsis as many as are left, None adds one.</summary>
        public Tensor index(params TensorIndex[] indices)
        {
            var result = alias();
            var dim = 0L;
            for (var k = 0; k < indices.Length; k++)
            {
                var i = indices[k];
                Tensor next;
                switch (i.Kind)
                {
                    case TensorIndex.Form.Single:
                        next = result.select(dim, i.Start!.Value);
                        break;
                    case TensorIndex.Form.Slice:
                        next = Native.Call("aten::slice.Tensor", result, dim++, i.Start, i.Stop, i.Step ?? 1);
                        break;
                    case TensorIndex.Form.None:
                        next = result.unsqueeze(dim++);
                        break;
                    case TensorIndex.Form.Ellipsis:
                        dim = result.ndim - indices.Skip(k + 1).Count(x => x.Kind != TensorIndex.Form.None);
                        continue;
                    case TensorIndex.Form.Tensor:
                        var lists = new Tensor?[dim + 1];
                        lists[dim] = i.Indices;
                        next = Native.Call("aten::index.Tensor", result, lists);
                        dim++;
                        break;
                    default:
                        throw new NotSupportedException($"The index {i.Kind} is not supported by TorchSharp's stand-in.");
                }
                result.Dispose();
                result = next;
            }
            return result;
        }

        private Tensor At(params ReadOnlySpan<long> indices)
        {
            var result = select(0, indices[0]);
            foreach (var i in indices[1..])
            {
                var next = result.select(0, i);
                result.Dispose();
                result = next;
            }
            return result;
        }

        private void Set(Tensor value, params ReadOnlySpan<long> indices)
        {
            using var view = At(indices);
            view.copy_(value);
        }
    }
}
