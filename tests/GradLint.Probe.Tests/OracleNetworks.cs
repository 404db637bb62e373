using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace GradLint.Probe.Tests;

/// <summary>The networks of Oracle/oracle.py, with the same weights and data.</summary>
internal static class OracleNetworks
{
    public static (nn.Module Model, Func<Tensor> Loss) Make(string name)
    {
        var vectors = Fill([8, 12], 1.3, 0);
        var steps = Fill([7, 4, 6], 1.3, 0);
        return name switch
        {
            "mlp-sigmoid" => Classify(Mlp(() => Sigmoid()), vectors),
            "mlp-relu-inplace" => Classify(Mlp(() => ReLU(inplace: true)), vectors),
            "mlp-gelu-sum" => Classify(Mlp(() => GELU()), vectors, Reduction.Sum),
            "convolutional" => Classify(Convolutional(), Fill([4, 3, 8, 8], 1.3, 0)),
            "shared" => Classify(new SharedLayer(), vectors),
            "rnn" => Classify(new LastStep(RNN(6, 10)), steps, batchDimension: 1),
            "lstm" => Classify(new LastStepOfLstm(), steps, batchDimension: 1),
            "gru" => Classify(new LastStep(GRU(6, 10)), steps, batchDimension: 1),
            "embedding" => Classify(new Words(), (arange(24, dtype: ScalarType.Int64) * 7 % 20).reshape(8, 3)),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such network."),
        };
    }

    private static (nn.Module Model, Func<Tensor> Loss) Classify(Module<Tensor, Tensor> model, Tensor input, Reduction reduction = Reduction.Mean, int batchDimension = 0)
    {
        FillParameters(model);
        var target = arange(input.shape[batchDimension], dtype: ScalarType.Int64) % 5;
        return (model, () => cross_entropy(model.call(input), target, reduction: reduction));
    }

    private static Tensor Fill(long[] shape, double scale, double phase)
    {
        long count = shape.Aggregate(1L, (product, size) => product * size);
        return tensor(Enumerable.Range(0, (int)count).Select(i => (float)(scale * Math.Sin((0.7 * i) + phase))).ToArray()).reshape(shape);
    }

    private static void FillParameters(nn.Module model)
    {
        using var _ = no_grad();
        int k = 0;
        foreach (var (_, parameter) in model.named_parameters())
        {
            long fanIn = parameter.dim() > 1 ? parameter.numel() / parameter.shape[0] : parameter.numel();
            parameter.copy_(Fill(parameter.shape, 1.5 / Math.Sqrt(fanIn), 1 + k++));
        }
    }

    private static Sequential Mlp(Func<Module<Tensor, Tensor>> activation) => Sequential(
        Linear(12, 16), activation(), Linear(16, 16), activation(), Linear(16, 16), activation(), Linear(16, 5));

    private static Sequential Convolutional() => Sequential(
        Conv2d(3, 8, 3, padding: 1), BatchNorm2d(8), ReLU(inplace: true), MaxPool2d(2),
        Conv2d(8, 16, 3, stride: 2, padding: 1), ReLU(inplace: true), Flatten(), Linear(64, 5));

    private sealed class SharedLayer : Module<Tensor, Tensor>
    {
        private readonly Linear inner = Linear(12, 12);
        private readonly Linear head = Linear(12, 5);

        public SharedLayer() : base(nameof(SharedLayer)) => RegisterComponents();

        public override Tensor forward(Tensor x) => head.call(inner.call(inner.call(x).tanh()).tanh());
    }

    private sealed class LastStep : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor?, (Tensor, Tensor)> cell;
        private readonly Linear head = Linear(10, 5);

        public LastStep(Module<Tensor, Tensor?, (Tensor, Tensor)> cell) : base(nameof(LastStep))
        {
            this.cell = cell;
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using var start = zeros(1, x.shape[1], 10);
            return head.call(cell.call(x, start).Item1[-1]);
        }
    }

    private sealed class LastStepOfLstm : Module<Tensor, Tensor>
    {
        private readonly LSTM cell = LSTM(6, 10);
        private readonly Linear head = Linear(10, 5);

        public LastStepOfLstm() : base(nameof(LastStepOfLstm)) => RegisterComponents();

        public override Tensor forward(Tensor x) => head.call(cell.call(x, null).Item1[-1]);
    }

    private sealed class Words : Module<Tensor, Tensor>
    {
        private readonly Embedding words = Embedding(20, 8);
        private readonly Linear head = Linear(8, 5);

        public Words() : base(nameof(Words)) => RegisterComponents();

        public override Tensor forward(Tensor x) => head.call(words.call(x).mean([1]));
    }
}
