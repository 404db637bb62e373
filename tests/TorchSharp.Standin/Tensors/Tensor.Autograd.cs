namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The accumulated gradient, a new handle at each read; null where there is none.</summary>
        public unsafe Tensor? grad
        {
            get
            {
                IntPtr g;
                Native.Check(Native.aten_grad(Handle, &g));
                return g == 0 ? null : new Tensor(g);
            }
            set => Native.Check(Native.aten_set_grad(Handle, value?.Handle ?? 0));
        }

        public bool requires_grad
        {
            get => Native.aten_requires_grad(Handle) != 0;
            set => Native.Check(Native.aten_set_requires_grad(Handle, value ? 1 : 0));
        }

        public Tensor requires_grad_(bool requires_grad = true) => with_requires_grad(requires_grad);

        public Tensor with_requires_grad(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public bool is_leaf => Native.aten_is_leaf(Handle) != 0;

        public void retain_grad() => Native.Check(Native.aten_retain_grad(Handle));

        public void backward() => Native.Backward([this], null, false, false, null);

        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            Native.Backward([this], grad_tensors, retain_graph, create_graph, inputs);

        public Tensor detach() => Native.Call("aten::detach", this);

        /// <summary>Lets this tensor have the memory and the shape of another.</summary>
        public Tensor set_(Tensor source) => InPlace("aten::set_.source_Tensor", this, source);

        public Tensor detach_() => InPlace("aten::detach_", this);

        /// <summary>Another handle on the same tensor: grad, retain_grad and in-place changes are shared.</summary>
        public Tensor alias() => new(Native.aten_alias(Handle));
    }

    public static partial class autograd
    {
        /// <summary>The gradients of the outputs with respect to the inputs; where an input was not used, a tensor whose IsInvalid is true.</summary>
        public static IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null, bool retain_graph = false, bool create_graph = false, bool allow_unused = false) =>
            [.. Native.Gradients(outputs, inputs, grad_outputs, retain_graph, create_graph, allow_unused)];

        public static void backward(IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            Native.Backward(tensors, grad_tensors, retain_graph ?? create_graph, create_graph, inputs);

        public static void backward(Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);
    }

    /// <summary>Sets whether operators are recorded for autograd on this thread, until it is disposed.</summary>
    private sealed class GradMode : IDisposable
    {
        private readonly long before = Native.aten_grad_enabled();

        internal GradMode(bool on) => Native.aten_set_grad_enabled(on ? 1 : 0);

        public void Dispose() => Native.aten_set_grad_enabled(before);
    }

    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    public static bool is_grad_enabled() => Native.aten_grad_enabled() != 0;

    /// <summary>Neither records for autograd nor allows what is computed to be recorded later, until it is disposed.</summary>
    private sealed class InferenceMode(bool on) : IDisposable
    {
        private IntPtr guard = Native.aten_inference(on ? 1 : 0);

        public void Dispose()
        {
            Native.aten_inference_free(guard);
            guard = 0;
        }
    }

    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    public static bool is_inference_mode_enabled() => Native.aten_inference_enabled() != 0;
}
