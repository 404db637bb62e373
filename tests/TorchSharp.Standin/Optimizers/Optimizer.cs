using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public interface ILearningRateController
            {
                double LearningRate { get; set; }

                double InitialLearningRate { get; set; }
            }

            /// <summary>Updates one parameter after the other by its gradient; one without a gradient is left out.</summary>
            public abstract class Optimizer : IDisposable
            {
                private readonly Dictionary<Parameter, Dictionary<string, Tensor>> states = new(ReferenceEqualityComparer.Instance);
                private readonly Dictionary<Parameter, long> steps = new(ReferenceEqualityComparer.Instance);

                internal Optimizer(IEnumerable<Parameter> parameters, double lr, double weightDecay)
                {
                    if (lr < 0) throw new ArgumentException($"Invalid learning rate: {lr}");
                    if (weightDecay < 0) throw new ArgumentException($"Invalid weight_decay value: {weightDecay}");
                    Groups.Add(new ParamGroup { Parameters = parameters.ToList(), LearningRate = lr, InitialLearningRate = lr });
                }

                ~Optimizer() => Dispose(false);

                public virtual IEnumerable<ILearningRateController> ParamGroups => Groups;

                internal List<ParamGroup> Groups { get; } = [];

                public virtual IEnumerable<Parameter> parameters() => Groups.SelectMany(g => g.Parameters);

                /// <summary>Sets the gradients to zero; they stay there (Module.zero_grad takes them away).</summary>
                public virtual void zero_grad()
                {
                    foreach (var p in parameters())
                    {
                        using var grad = p.grad;
                        grad?.zero_();
                    }
                }

                /// <returns>What the closure returned.</returns>
                public virtual Tensor? step(Func<Tensor>? closure = null)
                {
                    Tensor? loss = null;
                    if (closure is not null)
                    {
                        using var recording = enable_grad();
                        loss = closure();
                    }
                    using var quiet = no_grad();
                    using var scope = NewDisposeScope();
                    foreach (var group in Groups)
                    {
                        foreach (var p in group.Parameters)
                        {
                            if (p.grad is not { } grad) continue;
                            steps[p] = steps.GetValueOrDefault(p) + 1;
                            Update(p, grad, group.LearningRate, steps[p]);
                        }
                    }
                    return loss;
                }

                /// <param name="step">How many updates this parameter has had, with this one.</param>
                internal abstract void Update(Parameter p, Tensor grad, double lr, long step);

                internal Tensor? State(Parameter p, string name) => states.TryGetValue(p, out var s) ? s.GetValueOrDefault(name) : null;

                internal Tensor Keep(Parameter p, string name, Tensor value)
                {
                    if (!states.TryGetValue(p, out var s)) states[p] = s = [];
                    if (s.TryGetValue(name, out var before) && !ReferenceEquals(before, value)) before.Dispose();
                    return s[name] = value.DetachFromDisposeScope();
                }

                /// <summary>The state of that name, at first filled with a value.</summary>
                internal Tensor State(Parameter p, string name, double initial) => State(p, name) ?? Keep(p, name, p.full_like(initial));

                public void Dispose()
                {
                    Dispose(true);
                    GC.SuppressFinalize(this);
                }

                protected virtual void Dispose(bool disposing)
                {
                    if (!disposing) return;
                    foreach (var s in states.Values)
                        foreach (var t in s.Values) t.Dispose();
                    states.Clear();
                }
            }
        }
    }

    namespace Modules
    {
        public class ParamGroup : optim.ILearningRateController
        {
            public IEnumerable<Parameter> Parameters { get; set; } = [];

            public double LearningRate { get; set; }

            public double InitialLearningRate { get; set; }
        }

        public abstract class OptimizerHelper : optim.Optimizer
        {
            internal OptimizerHelper(IEnumerable<Parameter> parameters, double lr, double weightDecay) : base(parameters, lr, weightDecay)
            {
            }
        }
    }
}
