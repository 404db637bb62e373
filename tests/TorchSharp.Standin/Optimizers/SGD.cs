using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        public class SGD : OptimizerHelper
        {
            private readonly double momentum, dampening, weightDecay;
            private readonly bool nesterov, maximize;

            public SGD(IEnumerable<Parameter> parameters, double lr, double momentum = 0.0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false) : base(parameters, lr, weight_decay)
            {
                if (momentum < 0) throw new ArgumentException($"Invalid momentum value: {momentum}");
                if (nesterov && (momentum <= 0 || dampening != 0)) throw new ArgumentException("Nesterov momentum requires a momentum and zero dampening");
                (this.momentum, this.dampening, weightDecay, this.nesterov, this.maximize) = (momentum, dampening, weight_decay, nesterov, maximize);
            }

            internal override void Update(Parameter p, Tensor grad, double lr, long step)
            {
                if (weightDecay != 0) grad = grad.add(p, weightDecay);
                if (momentum != 0)
                {
                    var buffer = State(p, "momentum_buffer")?.mul_(momentum).add_(grad, 1 - dampening) ?? Keep(p, "momentum_buffer", grad.clone());
                    grad = nesterov ? grad.add(buffer, momentum) : buffer;
                }
                p.add_(grad, maximize ? lr : -lr);
            }
        }
    }

    public static partial class torch
    {
        public static partial class optim
        {
            public static SGD SGD(IEnumerable<Parameter> parameters, double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
                new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            public static SGD SGD(IEnumerable<(string name, Parameter parameter)> parameters, double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
                new(parameters.Select(p => p.parameter), learningRate, momentum, dampening, weight_decay, nesterov, maximize);
        }
    }
}
