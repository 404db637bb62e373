namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>A tensor that a module trains. It takes over the handle of the tensor that it is made from, which is empty afterwards.</summary>
        public class Parameter : torch.Tensor
        {
            public Parameter(torch.Tensor data, bool requires_grad = true) : base(data.with_requires_grad(requires_grad).Take())
            {
            }

            private Parameter(IntPtr handle) : base(handle)
            {
            }

            /// <summary>Another object on the same tensor.</summary>
            internal Parameter Again() => new(Native.aten_alias(Handle));
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);
        }
    }
}
