namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor sum(ScalarType? type = null) => Native.Call("aten::sum", this, type);
        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum([dim], keepdim, type);
        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => Native.Call("aten::sum.dim_IntList", this, dim, keepdim, type);
        public Tensor mean() => Native.Call("aten::mean", this);
        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) => Native.Call("aten::mean.dim", this, dimensions, keepdim, type);
        public Tensor std(bool unbiased = true) => Native.Call("aten::std", this, unbiased);
        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std([dim], unbiased, keepdim, type);
        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => Native.Call("aten::std.dim", As(type), dimensions, unbiased, keepdim);
        /// <summary>As in TorchSharp always the unbiased one.</summary>
        public Tensor var(bool unbiased = true) => Native.Call("aten::var", this, true);
        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var([dim], unbiased, keepdim, type);
        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => Native.Call("aten::var.dim", As(type), dimensions, unbiased, keepdim);
        public Tensor prod(ScalarType? type = null) => Native.Call("aten::prod", this, type);
        public Tensor max() => Native.Call("aten::max", this);
        public Tensor max(Tensor other) => Native.Call("aten::max.other", this, other);
        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) => Native.CallTwo("aten::max.dim", this, dim, keepdim);
        public Tensor min() => Native.Call("aten::min", this);
        public Tensor min(Tensor other) => Native.Call("aten::min.other", this, other);
        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) => Native.CallTwo("aten::min.dim", this, dim, keepdim);
        public Tensor amax(params long[] dims) => amax(dims, false, null);
        public Tensor amax(long[] dims, bool keepdim = false, Tensor? @out = null) => Native.Call("aten::amax", this, dims, keepdim);
        public Tensor amin(params long[] dims) => amin(dims, false, null);
        public Tensor amin(long[] dims, bool keepdim = false, Tensor? @out = null) => Native.Call("aten::amin", this, dims, keepdim);
        public Tensor argmax() => Native.Call("aten::argmax", this);
        public Tensor argmax(long dim, bool keepdim = false) => Native.Call("aten::argmax", this, dim, keepdim);
        public Tensor argmin() => Native.Call("aten::argmin", this);
        public Tensor argmin(long dim, bool keepdim = false) => Native.Call("aten::argmin", this, dim, keepdim);
        public Tensor all() => Native.Call("aten::all", this);
        public Tensor all(long dim, bool keepdim = false) => Native.Call("aten::all.dim", this, dim, keepdim);
        public Tensor any() => Native.Call("aten::any", this);
        public Tensor any(long dim, bool keepdim = false) => Native.Call("aten::any.dim", this, dim, keepdim);
        public Tensor logsumexp(long dim, bool keepdim = false) => Native.Call("aten::logsumexp", this, new[] { dim }, keepdim);
        public Tensor median() => Native.Call("aten::median", this);
        public Tensor count_nonzero(long[]? dims = null) => dims is null ? Native.Call("aten::count_nonzero", this) : Native.Call("aten::count_nonzero.dim_IntList", this, dims);
        public Tensor quantile(Tensor q, long dim = -1, bool keepdim = false) => Native.Call("aten::quantile", this, q, dim, keepdim);
        public Tensor norm(float p = 2.0f) => Native.Call("aten::norm.Scalar", this, p);
        public Tensor norm(int dim, bool keepdim = false, float p = 2.0f) => Native.Call("aten::norm.ScalarOpt_dim", this, p, new[] { (long)dim }, keepdim);
        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) => Native.CallTwo("aten::topk", this, k, dim, largest, sorted);
        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false) => Native.CallTwo("aten::sort.stable", this, stable, dim, descending);
        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) => Native.Truth("aten::allclose", this, target, rtol, atol, equal_nan);

        public Tensor matmul(Tensor target) => Native.Call("aten::matmul", this, target);
        public Tensor mm(Tensor target) => Native.Call("aten::mm", this, target);
        public Tensor mv(Tensor target) => Native.Call("aten::mv", this, target);
        public Tensor bmm(Tensor batch2) => Native.Call("aten::bmm", this, batch2);
        public Tensor dot(Tensor target) => Native.Call("aten::dot", this, target);
        public Tensor outer(Tensor vec2) => Native.Call("aten::outer", this, vec2);
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => Native.Call("aten::addmm", this, mat1, mat2, beta, alpha);
        public Tensor tril(long diagonal = 0) => Native.Call("aten::tril", this, diagonal);
        public Tensor triu(long diagonal = 0) => Native.Call("aten::triu", this, diagonal);
        public Tensor diag(long diagonal = 0) => Native.Call("aten::diag", this, diagonal);

        private Tensor As(ScalarType? type) => type is ScalarType t ? to(t) : this;
    }
}
