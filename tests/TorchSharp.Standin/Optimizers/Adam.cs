using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>D. Kingma and J. Ba, "Adam: a method for stochastic optimization" (2014).</summary>
        public class Adam : OptimizerHelper
        {
            private readonly AdamRule rule;
            private readonly double weightDecay;

            public Adam(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) : base(parameters, lr, weight_decay) =>
                (rule, weightDecay) = (new AdamRule(this, beta1, beta2, eps, amsgrad, maximize), weight_decay);

            internal override void Update(Parameter p, Tensor grad, double lr, long step)
            {
                grad = rule.Signed(grad);
                if (weightDecay != 0) grad = grad.add(p, weightDecay);
                rule.Update(p, grad, lr, step);
            }
        }

        /// <summary>I. Loshchilov and F. Hutter, "Decoupled weight decay regularization" (2017).</summary>
        public class AdamW : OptimizerHelper
        {
            private readonly AdamRule rule;
            private readonly double weightDecay;

            public AdamW(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) : base(parameters, lr, weight_decay) =>
                (rule, weightDecay) = (new AdamRule(this, beta1, beta2, eps, amsgrad, maximize), weight_decay);

            internal override void Update(Parameter p, Tensor grad, double lr, long step)
            {
                p.mul_(1 - lr * weightDecay);
                rule.Update(p, rule.Signed(grad), lr, step);
            }
        }

        internal sealed class AdamRule
        {
            private readonly OptimizerHelper owner;
            private readonly double beta1, beta2, eps;
            private readonly bool amsgrad, maximize;

            internal AdamRule(OptimizerHelper owner, double beta1, double beta2, double eps, bool amsgrad, bool maximize)
            {
                if (eps < 0) throw new ArgumentException($"Invalid ε: {eps}");
                if (beta1 is < 0 or >= 1) throw new ArgumentException($"Invalid beta1: {beta1}");
                if (beta2 is < 0 or >= 1) throw new ArgumentException($"Invalid beta2: {beta2}");
                (this.owner, this.beta1, this.beta2, this.eps, this.amsgrad, this.maximize) = (owner, beta1, beta2, eps, amsgrad, maximize);
            }

            internal Tensor Signed(Tensor grad) => maximize ? -grad : grad;

            internal void Update(Parameter p, Tensor grad, double lr, long step)
            {
                var mean = owner.State(p, "exp_avg", 0).mul_(beta1).add_(grad, 1 - beta1);
                var square = owner.State(p, "exp_avg_sq", 0).mul_(beta2).addcmul_(grad, grad, 1 - beta2);
                if (amsgrad) square = owner.Keep(p, "max_exp_avg_sq", maximum(owner.State(p, "max_exp_avg_sq", 0), square));
                var denominator = (square.sqrt() / Math.Sqrt(1 - Math.Pow(beta2, step))).add_(eps);
                p.addcdiv_(mean, denominator, -lr / (1 - Math.Pow(beta1, step)));
            }
        }
    }

    public static partial class torch
    {
        public static partial class optim
        {
            public static Adam Adam(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static Adam Adam(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters.Select(p => p.parameter), lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static AdamW AdamW(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static AdamW AdamW(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters.Select(p => p.parameter), lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);
        }
    }
}
