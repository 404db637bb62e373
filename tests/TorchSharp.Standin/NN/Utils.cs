using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class utils
        {
            /// <summary>Scales the gradients so that the norm of all together is at most max_norm.</summary>
            /// <returns>The norm before that.</returns>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2.0)
            {
                using var scope = NewDisposeScope();
                using var quiet = no_grad();
                var grads = Gradients(tensors);
                if (grads.Count == 0) return 0;
                var norms = stack(grads.Select(g => linalg.vector_norm(g, norm_type)));
                var total = linalg.vector_norm(norms, norm_type).ToDouble();
                var factor = max_norm / (total + 1e-6);
                if (factor < 1)
                    foreach (var g in grads) g.mul_(factor);
                return total;
            }

            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using var scope = NewDisposeScope();
                using var quiet = no_grad();
                foreach (var g in Gradients(tensors)) g.clamp_(-clip_value, clip_value);
            }

            private static List<Tensor> Gradients(IEnumerable<Parameter> parameters)
            {
                var grads = new List<Tensor>();
                foreach (var p in parameters)
                    if (p.grad is { } g) grads.Add(g);
                return grads;
            }
        }
    }
}
