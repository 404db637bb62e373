using System.Runtime.CompilerServices;
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

            /// <summary>What a property may be set to. As TorchSharp has it, the message stands where the parameter's name belongs.</summary>
            internal static Parameter NotNull(Parameter? value, [CallerMemberName] string property = "") =>
                value ?? throw new ArgumentNullException($"{property} cannot be set to 'null'");
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
