namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor view(params long[] shape) => Native.Call("aten::view", this, shape);
        public Tensor view_as(Tensor other) => view(other.shape);
        public Tensor reshape(params long[] shape) => Native.Call("aten::reshape", this, shape);
        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Native.Call("aten::flatten.using_ints", this, start_dim, end_dim);
        public Tensor unflatten(long dim, params long[] sizes) => view([.. shape[..Index((int)dim)], .. sizes, .. shape[(Index((int)dim) + 1)..]]);
        public Tensor unsqueeze(long dim) => Native.Call("aten::unsqueeze", this, dim);
        public Tensor unsqueeze_(long dim) => InPlace("aten::unsqueeze_", this, dim);
        public Tensor squeeze(long? dim = null) => dim is long d ? Native.Call("aten::squeeze.dim", this, d) : Native.Call("aten::squeeze", this);
        public Tensor transpose(long dim0, long dim1) => Native.Call("aten::transpose.int", this, dim0, dim1);
        public Tensor t() => Native.Call("aten::t", this);
        public Tensor T => t();
        public Tensor permute(params long[] permutation) => Native.Call("aten::permute", this, permutation);
        public Tensor expand(params long[] sizes) => Native.Call("aten::expand", this, sizes);
        public Tensor expand_as(Tensor other) => expand(other.shape);
        public Tensor repeat(params long[] sizes) => Native.Call("aten::repeat", this, sizes);
        public Tensor squeeze_(long? dim = null) => dim is long d ? InPlace("aten::squeeze_.dim", this, d) : InPlace("aten::squeeze_", this);
        public Tensor to_dense() => Native.Call("aten::to_dense", this);
        public Tensor contiguous() => Native.Call("aten::contiguous", this);
        public Tensor flip(params long[] dims) => Native.Call("aten::flip", this, dims);
        public Tensor narrow(long dim, long start, long length) => Native.Call("aten::narrow", this, dim, start, length);
        public Tensor select(long dim, long index) => Native.Call("aten::select.int", this, dim, index);
        public Tensor slice(long dim, long start, long finish, long step) => Native.Call("aten::slice.Tensor", this, dim, start, finish, step);
        public Tensor index_select(long dim, Tensor index) => Native.Call("aten::index_select", this, dim, index);
        public Tensor gather(long dim, Tensor index) => Native.Call("aten::gather", this, dim, index);
        public Tensor scatter(long dim, Tensor index, Tensor src) => Native.Call("aten::scatter.src", this, dim, index, src);
        public Tensor scatter_(long dim, Tensor index, Tensor src) => InPlace("aten::scatter_.src", this, dim, index, src);
        public Tensor index_fill_(long dim, Tensor index, Scalar value) => InPlace("aten::index_fill_.int_Scalar", this, dim, index, value);
        public Tensor masked_select(Tensor mask) => Native.Call("aten::masked_select", this, mask);
        public Tensor nonzero() => Native.Call("aten::nonzero", this);
        public Tensor[] chunk(long chunks, long dim = 0) => Native.CallMany("aten::chunk", this, chunks, dim);
        public Tensor[] split(long size, int dim = 0) => Native.CallMany("aten::split.Tensor", this, size, dim);
        public Tensor[] split(long[] sizes, long dim = 0) => Native.CallMany("aten::split_with_sizes", this, sizes, dim);
        public Tensor[] unbind(long dimension = 0) => Native.CallMany("aten::unbind.int", this, dimension);

        public Tensor clone() => Native.Call("aten::clone", this);
        public Tensor zeros_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Like("aten::zeros_like", dtype, device, requires_grad);
        public Tensor ones_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Like("aten::ones_like", dtype, device, requires_grad);
        public Tensor empty_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Like("aten::empty_like", dtype, device, requires_grad);
        public Tensor rand_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Like("aten::rand_like", dtype, device, requires_grad);
        public Tensor randn_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Like("aten::randn_like", dtype, device, requires_grad);
        public Tensor full_like(Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Native.Call("aten::full_like", this, value, dtype, default, device).with_requires_grad(requires_grad);

        private Tensor Like(string op, ScalarType? dtype, Device? device, bool requires_grad) => Native.Call(op, this, dtype, default, device).with_requires_grad(requires_grad);

        public Tensor cpu()
        {
            Native.CountCopy();
            return Native.Call("aten::to.device", this, CPU, dtype);
        }

        public Tensor cuda(Device? device = null, bool non_blocking = false) => Native.Call("aten::to.device", this, device ?? CUDA, dtype, non_blocking);

        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => Replacing(disposeAfter, Native.Call("aten::to.dtype", this, type, non_blocking, copy));
        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => to(dtype, device, copy, disposeAfter, non_blocking);
        public Tensor to(DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => to(new Device(deviceType, deviceIndex), copy, disposeAfter, non_blocking);
        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => to(new Device(device), copy, disposeAfter, non_blocking);
        public Tensor to(Tensor other, bool non_blocking = false) => to(other.dtype, other.device, non_blocking: non_blocking);

        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false)
        {
            if (device.type == DeviceType.CPU) Native.CountCopy();
            return Replacing(disposeAfter, Native.Call("aten::to.device", this, device, type, non_blocking, copy));
        }

        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => to(type, copy, disposeAfter, non_blocking);
        public Tensor type(ScalarType dtype) => to(dtype);
        public Tensor type_as(Tensor tensor) => to(tensor.dtype);
        public Tensor @float() => to(ScalarType.Float32);
        public Tensor @double() => to(ScalarType.Float64);
        public Tensor @long() => to(ScalarType.Int64);
        public Tensor @bool() => to(ScalarType.Bool);
        public Tensor half() => to(ScalarType.Float16);

        private Tensor Replacing(bool dispose, Tensor result)
        {
            if (dispose) Dispose();
            return result;
        }
    }
}
