using System.Runtime.CompilerServices;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public enum ScalarType : sbyte
    {
        Byte = 0,
        Int8 = 1,
        Int16 = 2,
        Int32 = 3,
        Int64 = 4,
        Float16 = 5,
        Float32 = 6,
        Float64 = 7,
        ComplexFloat32 = 9,
        ComplexFloat64 = 10,
        Bool = 11,
        BFloat16 = 15,
    }

    public static ScalarType uint8 = ScalarType.Byte;
    public static ScalarType int8 = ScalarType.Int8;
    public static ScalarType int16 = ScalarType.Int16;
    public static ScalarType int32 = ScalarType.Int32;
    public static ScalarType int64 = ScalarType.Int64;
    public static ScalarType @long = ScalarType.Int64;
    public static ScalarType float16 = ScalarType.Float16;
    public static ScalarType half = ScalarType.Float16;
    public static ScalarType float32 = ScalarType.Float32;
    public static ScalarType @float = ScalarType.Float32;
    public static ScalarType float64 = ScalarType.Float64;
    public static ScalarType @double = ScalarType.Float64;
    public static ScalarType bfloat16 = ScalarType.BFloat16;
    public static ScalarType @bool = ScalarType.Bool;

    /// <summary>A handle on a libtorch tensor. Several may share one tensor; the tensor goes when its last handle does.</summary>
    public partial class Tensor : IDisposable
    {
        private static long totalCount, peakCount;

        private IntPtr handle;

        internal Tensor(IntPtr handle)
        {
            this.handle = handle;
            var count = Interlocked.Increment(ref totalCount);
            if (count > peakCount) peakCount = count;
            OwningDisposeScope = DisposeScopeManager.OfThread.Current;
            OwningDisposeScope?.Register(this);
        }

        private Tensor()
        {
        }

        ~Tensor() => Dispose(false);

        /// <summary>What torch.autograd.grad gives for an input that was not used: a handle on nothing.</summary>
        internal static Tensor Undefined() => new();

        /// <summary>How many handles are alive in the process.</summary>
        public static long TotalCount => Interlocked.Read(ref totalCount);

        public static long PeakCount => peakCount;

        public string? name { get; set; }

        public bool IsInvalid => handle == 0;

        public IntPtr Handle => handle != 0 ? handle : throw new InvalidOperationException("Tensor invalid -- empty handle.");

        internal DisposeScope? OwningDisposeScope { get; set; }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (handle == 0) return;
            // The finalizer, too, as in TorchSharp: a scope that is gone throws there, and the process ends.
            OwningDisposeScope?.Forget(this);
            Native.aten_free(handle);
            handle = 0;
            Interlocked.Decrement(ref totalCount);
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningDisposeScope is null) other?.Attach(this);
            else OwningDisposeScope.MoveToOther(other, (IEnumerable<IDisposable>)[this]);
            return this;
        }

        /// <summary>The same libtorch tensor without this handle, which is empty afterwards.</summary>
        internal IntPtr Take()
        {
            var taken = Handle;
            OwningDisposeScope?.Detach(this);
            handle = 0;
            Interlocked.Decrement(ref totalCount);
            GC.SuppressFinalize(this);
            return taken;
        }

        public ScalarType dtype => (ScalarType)Native.aten_dtype(Handle);

        public long Dimensions => Native.aten_dim(Handle);

        public long dim() => Dimensions;

        public long ndim => Dimensions;

        public long NumberOfElements => Native.aten_numel(Handle);

        public long numel() => NumberOfElements;

        public long ElementSize => Native.aten_element_size(Handle);

        public long element_size() => ElementSize;

        public unsafe long[] size()
        {
            var sizes = new long[Dimensions];
            fixed (long* s = sizes) Native.aten_sizes(Handle, s);
            return sizes;
        }

        public long size(int dim) => size()[Index(dim)];

        public long[] shape => size();

        public unsafe long[] stride()
        {
            var strides = new long[Dimensions];
            fixed (long* s = strides) Native.Check(Native.aten_strides(Handle, s));
            return strides;
        }

        public long stride(int dim) => stride()[Index(dim)];

        public Device device => device_type == DeviceType.CPU ? new Device(DeviceType.CPU) : new Device(device_type, device_index);

        public DeviceType device_type => (DeviceType)Native.aten_device_type(Handle);

        public int device_index => (int)Native.aten_device_index(Handle);

        public bool is_cuda => device_type == DeviceType.CUDA;

        public bool is_cpu() => device_type == DeviceType.CPU;

        public bool is_sparse => Native.aten_is_sparse(Handle) != 0;

        public bool is_contiguous() => Native.aten_is_contiguous(Handle) != 0;

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_integral() => torch.is_integral(dtype);

        public bool is_complex() => torch.is_complex(dtype);

        /// <summary>The elements, from host memory; a tensor on another device is copied first.</summary>
        /// <exception cref="ArgumentException">T is not the tensor's dtype.</exception>
        public TensorAccessor<T> data<T>() where T : unmanaged
        {
            RequireType(typeof(T));
            Native.CountRead();
            return new TensorAccessor<T>(is_cpu() ? this : cpu());
        }

        /// <summary>The memory of a contiguous CPU tensor as it lies there: nothing is copied, and no read is counted.</summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                if (!is_contiguous()) throw new InvalidOperationException("Bytes() called on non-contiguous tensor.");
                if (NumberOfElements * ElementSize is var size && size > int.MaxValue) throw new ArgumentException("Span only supports up to int.MaxValue elements.");
                if (!is_cpu()) throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
                return new Span<byte>((void*)Native.aten_data(Handle), (int)size);
            }
        }

        /// <summary>The only element.</summary>
        /// <exception cref="ArgumentException">There is not exactly one, or T is not the tensor's dtype.</exception>
        public T item<T>() where T : unmanaged =>
            NumberOfElements == 1 ? data<T>()[0] : throw new ArgumentException("Number of elements in the tensor must be 1");

        /// <summary>The only element, whatever its dtype.</summary>
        public Scalar ToScalar()
        {
            Native.CountRead();
            return Native.Number("aten::item", this);
        }

        private void RequireType(Type type)
        {
            var type_ = dtype;
            if (type_ == ScalarType.BFloat16) throw new ArgumentException($"No support for {type_} in TorchSharp");
            var expected = type_ switch
            {
                ScalarType.Byte => typeof(byte),
                ScalarType.Int8 => typeof(sbyte),
                ScalarType.Int16 => typeof(short),
                ScalarType.Int32 => typeof(int),
                ScalarType.Int64 => typeof(long),
                ScalarType.Bool => typeof(bool),
                ScalarType.Float16 => typeof(Half),
                ScalarType.Float32 => typeof(float),
                ScalarType.Float64 => typeof(double),
                ScalarType.ComplexFloat32 => typeof((float, float)),
                _ => typeof(System.Numerics.Complex),
            };
            if (type != expected) throw new ArgumentException($"{type.Name} is not compatible with {type_}");
        }

        public override bool Equals(object? obj) => obj is Tensor t && Equals(t);

        /// <summary>The same values and shape, as torch.equal.</summary>
        public bool Equals(Tensor target) => Native.Truth("aten::equal", this, target);

        public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);

        public override string ToString() => IsInvalid ? "[disposed]" : $"[{string.Join("x", shape)}], type = {dtype}, device = {device}";

        private int Index(int dim)
        {
            var n = (int)Dimensions;
            if (dim < -n || dim >= n) throw new System.Runtime.InteropServices.ExternalException($"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {dim})");
            return dim < 0 ? dim + n : dim;
        }

        internal Tensor InPlace(string op, params ReadOnlySpan<Arg> args)
        {
            Native.Do(op, args);
            return this;
        }
    }

    public static bool is_floating_point(ScalarType type) =>
        type is ScalarType.Float16 or ScalarType.Float32 or ScalarType.Float64 or ScalarType.BFloat16;

    public static bool is_complex(ScalarType type) => type is ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64;

    public static bool is_integral(ScalarType type) => !is_floating_point(type) && !is_complex(type);
}
