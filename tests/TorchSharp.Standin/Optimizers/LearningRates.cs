namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static class lr_scheduler
        {
            /// <summary>Sets an optimizer's learning rates: once when it is made, then at each step.</summary>
            public abstract class LRScheduler
            {
                private readonly Optimizer optimizer;

                internal LRScheduler(Optimizer optimizer, int lastEpoch)
                {
                    this.optimizer = optimizer ?? throw new ArgumentNullException(nameof(optimizer));
                    Epoch = lastEpoch;
                }

                internal int Epoch { get; private set; }

                public virtual void step()
                {
                    Epoch++;
                    foreach (var group in optimizer.ParamGroups) group.LearningRate = Next(group);
                }

                public IEnumerable<double> get_last_lr() => optimizer.ParamGroups.Select(g => g.LearningRate);

                internal abstract double Next(ILearningRateController group);
            }

            private sealed class Rule : LRScheduler
            {
                private readonly Func<int, ILearningRateController, double> next;

                internal Rule(Optimizer optimizer, int lastEpoch, Func<int, ILearningRateController, double> next) : base(optimizer, lastEpoch)
                {
                    this.next = next;
                    step();
                }

                internal override double Next(ILearningRateController group) => next(Epoch, group);
            }

            /// <summary>The learning rate times gamma at every step_size-th step.</summary>
            public static LRScheduler StepLR(Optimizer optimizer, int step_size, double gamma = 0.1, int last_epoch = -1, bool verbose = false) =>
                new Rule(optimizer, last_epoch, (epoch, g) => epoch == 0 || epoch % step_size != 0 ? g.LearningRate : g.LearningRate * gamma);

            public static LRScheduler MultiStepLR(Optimizer optimizer, IList<int> milestones, double gamma = 0.1, int last_epoch = -1, bool verbose = false) =>
                new Rule(optimizer, last_epoch, (epoch, g) => milestones.Contains(epoch) ? g.LearningRate * gamma : g.LearningRate);

            public static LRScheduler ExponentialLR(Optimizer optimizer, double gamma = 0.1, int last_epoch = -1, bool verbose = false) =>
                new Rule(optimizer, last_epoch, (epoch, g) => epoch == 0 ? g.LearningRate : g.LearningRate * gamma);

            /// <summary>The initial learning rate times a function of the epoch.</summary>
            public static LRScheduler LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false) =>
                new Rule(optimizer, last_epoch, (epoch, g) => g.InitialLearningRate * lr_lambda(epoch));
        }
    }
}
