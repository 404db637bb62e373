using static TorchSharp.torch;

namespace GradLint.Probe;

/// <summary>
/// A place in the graph at which a gradient is seen as it passes, while it is still in the cache, and without holding on to it or to the
/// tensor. <c>retain_grad</c> copies each gradient and keeps all of them: measured, that costs several times what reading them does.
/// </summary>
internal sealed class GradientTap : autograd.SingleTensorFunction<GradientTap>
{
    private const string Seer = "see", Holder = "held";

    /// <inheritdoc/>
    public override string Name => nameof(GradientTap);

    /// <summary>The same values in the same memory, in no dispose scope. What flows back through the result is shown to <paramref name="see"/>, which must not throw.</summary>
    public static Tensor On(Tensor tensor, Action<Tensor> see, PassedBack held)
    {
        // TorchSharp makes handles of its own on the way, which would keep the memory.
        using var scope = NewDisposeScope();
        return apply(tensor, see, held).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    /// <remarks>No view: behind a function of one's own that could not be overwritten in place. No <c>detach()</c> either, whose shape is fixed.</remarks>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var tensor = (Tensor)vars[0];
        ctx.save_data(Seer, vars[1]);
        ctx.save_data(Holder, vars[2]);
        ctx.set_materialize_grads(false);
        return empty([0], tensor.dtype, tensor.device).set_(tensor);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        if (!grad_output.IsInvalid)
        {
            ((Action<Tensor>)ctx.get_data(Seer))(grad_output);
            ((PassedBack)ctx.get_data(Holder)).Hold(grad_output);
        }

        return [grad_output, null!, null!];
    }

    /// <summary>
    /// The gradient that a thread passed back last. The engine reads it after <see cref="backward"/> has returned: until that thread's next
    /// one nothing may free it.
    /// </summary>
    internal sealed class PassedBack
    {
        private readonly Dictionary<int, Tensor> _ofThread = [];

        public void Hold(Tensor gradient)
        {
            Release();
            lock (_ofThread)
                _ofThread.Add(Environment.CurrentManagedThreadId, gradient.DetachFromDisposeScope());
        }

        /// <summary>Frees what this thread passed back; to be called when the engine has read it.</summary>
        public void Release()
        {
            lock (_ofThread)
            {
                if (_ofThread.Remove(Environment.CurrentManagedThreadId, out var before))
                    before.Dispose();
            }
        }

        /// <summary>Lets go of what other threads passed back, too, once their work is done.</summary>
        public void Clear()
        {
            Release();
            lock (_ofThread)
                _ofThread.Clear();
        }
    }
}
