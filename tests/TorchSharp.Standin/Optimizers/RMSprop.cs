using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>T. Tieleman and G. Hinton, lecture 6.5 of "Neural networks for machine learning" (2012).</summary>
        public class RMSProp : OptimizerHelper
        {
            private readonly double alpha, eps, weightDecay, momentum;
            private readonly bool centered, maximize;

            public RMSProp(IEnumerable<Parameter> parameters, double lr = 1e-3, double alpha = 0.99, double eps = 1e-8, double weight_decay = 0, double momentum = 0.0, bool centered = false, bool maximize = false) : base(parameters, lr, weight_decay)
            {
                if (eps < 0) throw new ArgumentException($"Invalid ε: {eps}");
                if (alpha < 0) throw new ArgumentException($"Invalid alpha: {alpha}");
                if (momentum < 0) throw new ArgumentException($"Invalid momentum value: {momentum}");
                (this.alpha, this.eps, weightDecay, this.momentum, this.centered, this.maximize) = (alpha, eps, weight_decay, momentum, centered, maximize);
            }

            internal override void Update(Parameter p, Tensor grad, double lr, long step)
            {
                if (maximize) grad = -grad;
                if (weightDecay != 0) grad = grad.add(p, weightDecay);
                var variance = State(p, "square_avg", 0).mul_(alpha).addcmul_(grad, grad, 1 - alpha);
                if (centered)
                {
                    var mean = State(p, "grad_avg", 0).mul_(alpha).add_(grad, 1 - alpha);
                    variance = variance.addcmul(mean, mean, -1);
                }
                var scale = variance.sqrt().add_(eps);
                if (momentum > 0) p.add_(State(p, "momentum_buffer", 0).mul_(momentum).addcdiv_(grad, scale, 1), -lr);
                else p.addcdiv_(grad, scale, -lr);
            }
        }

        /// <summary>J. Duchi et al., "Adaptive subgradient methods for online learning and stochastic optimization" (2011).</summary>
        public class Adagrad : OptimizerHelper
        {
            private readonly double lrDecay, weightDecay, initial, eps;

            public Adagrad(IEnumerable<Parameter> parameters, double lr = 1e-2, double lr_decay = 0, double weight_decay = 0, double initial_accumulator_value = 0, double eps = 1e-10) : base(parameters, lr, weight_decay)
            {
                if (eps < 0) throw new ArgumentException($"Invalid ε: {eps}");
                (lrDecay, weightDecay, initial, this.eps) = (lr_decay, weight_decay, initial_accumulator_value, eps);
            }

            internal override void Update(Parameter p, Tensor grad, double lr, long step)
            {
                if (weightDecay != 0) grad = grad.add(p, weightDecay);
                if (grad.is_sparse) throw new NotImplementedException("Adagrad optimization over sparse parameters");
                var sum = State(p, "sum", initial).addcmul_(grad, grad, 1);
                p.addcdiv_(grad, sum.sqrt().add_(eps), -lr / (1 + (step - 1) * lrDecay));
            }
        }
    }

    public static partial class torch
    {
        public static partial class optim
        {
            public static RMSProp RMSProp(IEnumerable<Parameter> parameters, double lr = 0.01, double alpha = 0.99, double eps = 1e-8, double weight_decay = 0, double momentum = 0.0, bool centered = false, bool maximize = false) =>
                new(parameters, lr, alpha, eps, weight_decay, momentum, centered, maximize);

            public static RMSProp RMSProp(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 0.01, double alpha = 0.99, double eps = 1e-8, double weight_decay = 0, double momentum = 0.0, bool centered = false, bool maximize = false) =>
                new(parameters.Select(p => p.parameter), lr, alpha, eps, weight_decay, momentum, centered, maximize);

            public static Adagrad Adagrad(IEnumerable<Parameter> parameters, double lr = 1e-2, double lr_decay = 0, double weight_decay = 0, double initial_accumulator_value = 0, double eps = 1e-10) =>
                new(parameters, lr, lr_decay, weight_decay, initial_accumulator_value, eps);

            public static Adagrad Adagrad(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 1e-2, double lr_decay = 0, double weight_decay = 0, double initial_accumulator_value = 0, double eps = 1e-10) =>
                new(parameters.Select(p => p.parameter), lr, lr_decay, weight_decay, initial_accumulator_value, eps);
        }
    }
}
