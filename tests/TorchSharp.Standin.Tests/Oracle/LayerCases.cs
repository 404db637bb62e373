using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.Standin.Tests.Oracle;

internal sealed class ActivationCases : Cases
{
    public ActivationCases()
    {
        Activation("CELU", () => CELU(0.7), x => F.celu(x, 0.7), x => x.celu(0.7));
        Activation("ELU", () => ELU(0.7), x => F.elu(x, 0.7), x => x.elu(0.7));
        Activation("GELU", () => GELU(), F.gelu, x => x.gelu());
        Activation("GLU", () => GLU(), x => F.glu(x), x => x.glu());
        Activation("Hardshrink", () => Hardshrink(0.6), x => F.hardshrink(x, 0.6));
        Activation("Hardsigmoid", () => Hardsigmoid(), x => F.hardsigmoid(x), x => x.hardsigmoid());
        Activation("Hardswish", () => Hardswish(), x => F.hardswish(x), x => x.hardswish());
        Activation("Hardtanh", () => new InPlace(Hardtanh(-0.8, 1.2, inplace: true)), x => F.hardtanh(x.clone(), -0.8, 1.2, inplace: true), x => x.clone().hardtanh_(-0.8, 1.2));
        Activation("LeakyReLU", () => LeakyReLU(0.2), x => F.leaky_relu(x, 0.2), x => x.leaky_relu(0.2));
        Activation("LeakyReLU default", () => LeakyReLU(), x => F.leaky_relu(x, 0.01));
        Activation("LogSigmoid", () => LogSigmoid(), F.logsigmoid, x => x.log_sigmoid());
        Activation("LogSoftmax", () => LogSoftmax(1), x => F.log_softmax(x, 1), x => x.log_softmax(1));
        Activation("Mish", () => Mish(), x => F.mish(x));
        Activation("ReLU", () => ReLU(), x => F.relu(x), x => x.relu());
        Activation("ReLU6", () => ReLU6(), x => F.relu6(x), x => x.relu6());
        Activation("SELU", () => SELU(), x => F.selu(x), x => x.selu());
        Activation("Sigmoid", () => Sigmoid(), F.sigmoid, x => x.sigmoid());
        Activation("SiLU", () => SiLU(), x => F.silu(x), x => x.silu());
        Activation("Softmax", () => Softmax(1), x => F.softmax(x, 1), x => x.softmax(1));
        Activation("Softmin", () => Softmin(1), x => F.softmin(x, 1));
        Activation("Softplus", () => Softplus(1.5, 2), x => F.softplus(x, 1.5, 2), x => x.softplus(1.5, 2));
        Activation("Softshrink", () => Softshrink(0.6), x => F.softshrink(x, 0.6));
        Activation("Softsign", () => Softsign(), x => F.softsign(x));
        Activation("Tanh", () => Tanh(), x => F.tanh(x), x => x.tanh());
        Activation("Tanhshrink", () => Tanhshrink(), x => F.tanhshrink(x));
        Activation("Threshold", () => Threshold(0.3, -2), x => F.threshold(x, 0.3, -2), x => x.threshold(0.3, -2));

        Layer("PReLU", 4, () => PReLU(4), 3, 4);
        Layer("RReLU eval", 4, () => Evaluated(RReLU()), 3, 4);
        Layer("Softmax2d", () => Softmax2d(), 2, 3, 2, 2);

        Layer("ReLU (in place)", 4, () => new InPlace(ReLU(inplace: true)), 3, 4);
        Layer("Sigmoid (in place)", 4, () => new InPlace(Sigmoid(inplace: true)), 3, 4);
        Layer("LeakyReLU (in place)", 4, () => new InPlace(LeakyReLU(0.2, inplace: true)), 3, 4);
    }

    private void Activation(string name, Func<Module<Tensor, Tensor>> make, Func<Tensor, Tensor> functional, Func<Tensor, Tensor>? method = null)
    {
        Layer(name, 4, make, 3, 4);
        All.Add($"{name} (functional)", () => new Case(null, 4, [[3, 4]], x => [functional(x[0])]));
        if (method is not null)
            All.Add($"{name} (tensor)", () => new Case(null, 4, [[3, 4]], x => [method(x[0])]));
    }

    internal static Module<Tensor, Tensor> Evaluated(Module<Tensor, Tensor> module)
    {
        module.eval();
        return module;
    }

    /// <summary>A leaf cannot be changed in place.</summary>
    private sealed class InPlace(Module<Tensor, Tensor> activation) : Module<Tensor, Tensor>(nameof(InPlace))
    {
        public override Tensor forward(Tensor x) => activation.call(x * 1);
    }
}

internal sealed class LayerCases : Cases
{
    public LayerCases()
    {
        Layer("Linear", () => Linear(5, 4), 3, 5);
        Layer("Linear without bias", () => Linear(5, 4, hasBias: false), 2, 3, 5);
        Layer("Bilinear", () => Bilinear(3, 4, 2), (m, x) => [m.call(x[0], x[1])], [2, 3], [2, 4]);
        Layer("Conv1d", () => Conv1d(2, 3, 3, stride: 2, padding: 1, dilation: 2), 2, 2, 9);
        Layer("Conv2d", () => Conv2d(2, 4, 3, padding: 1), 2, 2, 5, 4);
        Layer("Conv2d of groups", () => Conv2d(4, 4, 3, stride: 2, groups: 2, bias: false), 1, 4, 6, 5);
        Layer("Conv2d oblong", () => Conv2d(2, 2, (3, 2), stride: (2, 1), padding: (1, 0)), 1, 2, 5, 4);
        Layer("Conv2d padded by reflection", () => Conv2d(2, 2, 3, padding: 1, padding_mode: PaddingModes.Reflect), 1, 2, 4, 4);
        Layer("Conv2d padded by replication", () => Conv2d(2, 2, 3, padding: 1, padding_mode: PaddingModes.Replicate), 1, 2, 4, 4);
        Layer("Conv2d padded in a circle", () => Conv2d(2, 2, 3, padding: 1, padding_mode: PaddingModes.Circular), 1, 2, 4, 4);
        Layer("Conv2d same", () => Conv2d(2, 2, 3, padding: Padding.Same), 1, 2, 4, 4);
        Layer("Conv3d", () => Conv3d(1, 2, 2), 1, 1, 3, 3, 3);
        Layer("ConvTranspose1d", () => ConvTranspose1d(2, 3, 3, stride: 2, padding: 1, output_padding: 1), 2, 2, 4);
        Layer("ConvTranspose2d", () => ConvTranspose2d(2, 4, 3, stride: 2, groups: 2), 1, 2, 3, 3);
        Layer("ConvTranspose3d", () => ConvTranspose3d(1, 2, 2), 1, 1, 2, 2, 2);

        Layer("Flatten", () => Flatten(), 2, 3, 4);
        Layer("Flatten some", () => Flatten(0, 1), 2, 3, 4);
        Layer("Unflatten", () => Unflatten(1, [2, 3]), 2, 6);
        Layer("Identity", () => Identity(), 2, 3);
        Layer("Dropout eval", () => ActivationCases.Evaluated(Dropout(0.7)), 2, 3);
        Layer("ZeroPad2d", () => ZeroPad2d(1), 1, 2, 2, 3);
        Layer("ReflectionPad2d", () => ReflectionPad2d(1), 1, 2, 2, 3);

        Layer("Embedding", () => Embedding(7, 4), (m, _) => [m.call(Words())]);
        Layer("Embedding with padding", () => Embedding(7, 4, padding_idx: 5), (m, _) => [m.call(Words())]);
    }

    private static Tensor Words() => (arange(6, dtype: ScalarType.Int64) * 5 % 7).reshape(2, 3);
}

internal sealed class PoolingCases : Cases
{
    public PoolingCases()
    {
        Layer("MaxPool1d", () => MaxPool1d(2), 2, 2, 7);
        Layer("MaxPool2d", () => MaxPool2d(2), 2, 2, 5, 4);
        Function("MaxPool2d (functional)", x => F.max_pool2d(x, 2), 2, 2, 5, 4);
        Layer("MaxPool2d overlapping", () => MaxPool2d(3, stride: 2, padding: 1), 2, 2, 5, 4);
        Layer("MaxPool2d rounded up", () => MaxPool2d(2, ceil_mode: true), 1, 2, 5, 5);
        Layer("MaxPool3d", () => MaxPool3d(2), 1, 2, 4, 4, 4);
        Layer("AvgPool1d", () => AvgPool1d(3, stride: 2, padding: 1), 2, 2, 7);
        Layer("AvgPool2d", () => AvgPool2d(2), 2, 2, 5, 4);
        Function("AvgPool2d (functional)", x => F.avg_pool2d(x, 2), 2, 2, 5, 4);
        Layer("AvgPool2d without the padding", () => AvgPool2d(3, stride: 2, padding: 1, count_include_pad: false), 1, 2, 5, 4);
        Layer("AvgPool3d", () => AvgPool3d(2), 1, 1, 4, 4, 4);
        Layer("AdaptiveAvgPool1d", () => AdaptiveAvgPool1d(3), 1, 2, 7);
        Layer("AdaptiveAvgPool2d", () => AdaptiveAvgPool2d((1, 1)), 2, 2, 5, 4);
        Function("AdaptiveAvgPool2d (functional)", x => F.adaptive_avg_pool2d(x, 1), 2, 2, 5, 4);
        Layer("AdaptiveAvgPool2d square", () => AdaptiveAvgPool2d(2), 1, 2, 5, 4);
        Layer("AdaptiveMaxPool1d", () => AdaptiveMaxPool1d(3), 1, 2, 7);
        Layer("AdaptiveMaxPool2d", () => AdaptiveMaxPool2d([2, 3]), 1, 2, 5, 4);
        Layer("LPPool1d", () => LPPool1d(2, 3), 1, 2, 7);
        Layer("LPPool2d", () => LPPool2d(2, 2), 1, 2, 4, 4);
    }
}

internal sealed class NormalizationCases : Cases
{
    public NormalizationCases()
    {
        BatchNorm("BatchNorm1d", momentum => BatchNorm1d(3, momentum: momentum), 4, 3);
        BatchNorm("BatchNorm2d", momentum => BatchNorm2d(3, momentum: momentum), 2, 3, 3, 2);
        BatchNorm("BatchNorm3d", momentum => BatchNorm3d(2, momentum: momentum), 2, 2, 2, 2, 3);
        Layer("BatchNorm1d of sequences", () => BatchNorm1d(3), 2, 3, 4);
        Layer("BatchNorm2d without affine", () => BatchNorm2d(3, affine: false), 2, 3, 3, 2);
        Layer("BatchNorm2d untracked eval", () => ActivationCases.Evaluated(BatchNorm2d(3, track_running_stats: false)), 2, 3, 3, 2);
        Layer("InstanceNorm1d", () => InstanceNorm1d(3), 2, 3, 5);
        Layer("InstanceNorm2d affine", () => InstanceNorm2d(3, affine: true), 2, 3, 3, 2);
        Layer("LayerNorm", () => LayerNorm(5), 2, 3, 5);
        Layer("LayerNorm of two dimensions", () => LayerNorm([3, 5]), 2, 3, 5);
        Layer("LayerNorm without affine", () => LayerNorm(5, elementwise_affine: false), 3, 5);
        Function("LayerNorm without affine (functional)", x => F.layer_norm(x, [5]), 3, 5);
        Layer("GroupNorm", () => GroupNorm(2, 4), 2, 4, 3);
    }

    private void BatchNorm(string name, Func<double, Module<Tensor, Tensor>> make, params long[] shape)
    {
        Layer(name, () => make(0.1), shape);
        Layer($"{name} eval", () =>
        {
            var norm = make(0.3);
            norm.call(Fill(shape, 2, 0.5));
            norm.eval();
            return norm;
        }, shape);
    }
}

internal sealed class RecurrentCases : Cases
{
    private static readonly long[] s_sequence = [4, 2, 3], s_batchFirst = [2, 4, 3], s_state = [1, 2, 5];

    public RecurrentCases()
    {
        Layer("RNN", () => RNN(3, 5), Unfold, s_sequence);
        Layer("RNN deep", () => RNN(3, 5, numLayers: 2), Unfold, s_sequence);
        Layer("RNN bidirectional", () => RNN(3, 5, bidirectional: true), Unfold, s_sequence);
        Layer("RNN batch first", () => RNN(3, 5, batchFirst: true), Unfold, s_batchFirst);
        Layer("RNN without bias", () => RNN(3, 5, bias: false), Unfold, s_sequence);
        Layer("RNN from a state", () => RNN(3, 5), Unfold, s_sequence, s_state);
        Layer("RNN relu from a state", () => RNN(3, 5, nonLinearity: NonLinearities.ReLU), Unfold, s_sequence, s_state);

        Layer("GRU", () => GRU(3, 5), Unfold, s_sequence);
        Layer("GRU deep", () => GRU(3, 5, numLayers: 2), Unfold, s_sequence);
        Layer("GRU bidirectional", () => GRU(3, 5, bidirectional: true), Unfold, s_sequence);
        Layer("GRU batch first", () => GRU(3, 5, batchFirst: true), Unfold, s_batchFirst);
        Layer("GRU without bias", () => GRU(3, 5, bias: false), Unfold, s_sequence);
        Layer("GRU from a state", () => GRU(3, 5), Unfold, s_sequence, s_state);

        Layer("LSTM", () => LSTM(3, 5), UnfoldLstm, s_sequence);
        Layer("LSTM deep", () => LSTM(3, 5, numLayers: 2), UnfoldLstm, s_sequence);
        Layer("LSTM bidirectional", () => LSTM(3, 5, bidirectional: true), UnfoldLstm, s_sequence);
        Layer("LSTM batch first", () => LSTM(3, 5, batchFirst: true), UnfoldLstm, s_batchFirst);
        Layer("LSTM without bias", () => LSTM(3, 5, bias: false), UnfoldLstm, s_sequence);
        Layer("LSTM from a state", () => LSTM(3, 5), UnfoldLstm, s_sequence, s_state, s_state);

        Layer("RNNCell", () => RNNCell(3, 5), (m, x) => [m.call(x[0], null!)], [2, 3]);
        Layer("RNNCell from a state", () => RNNCell(3, 5), (m, x) => [m.call(x[0], x[1])], [2, 3], [2, 5]);
        Layer("GRUCell", () => GRUCell(3, 5), (m, x) => [m.call(x[0], null!)], [2, 3]);
        Layer("GRUCell from a state", () => GRUCell(3, 5), (m, x) => [m.call(x[0], x[1])], [2, 3], [2, 5]);
        Layer("LSTMCell", () => LSTMCell(3, 5), UnfoldCell, [2, 3]);
        Layer("LSTMCell from a state", () => LSTMCell(3, 5), UnfoldCell, [2, 3], [2, 5], [2, 5]);
    }

    private static Tensor[] Unfold(RNN rnn, Tensor[] x)
    {
        var (output, state) = rnn.call(x[0], x.ElementAtOrDefault(1));
        return [output, state];
    }

    private static Tensor[] Unfold(GRU gru, Tensor[] x)
    {
        var (output, state) = gru.call(x[0], x.ElementAtOrDefault(1));
        return [output, state];
    }

    private static Tensor[] UnfoldLstm(LSTM lstm, Tensor[] x)
    {
        var (output, state, cell) = lstm.call(x[0], x.Length == 1 ? null : (x[1], x[2]));
        return [output, state, cell];
    }

    private static Tensor[] UnfoldCell(LSTMCell lstm, Tensor[] x)
    {
        var (state, cell) = lstm.call(x[0], x.Length == 1 ? null : (x[1], x[2]));
        return [state, cell];
    }
}

internal sealed class AttentionCases : Cases
{
    public AttentionCases()
    {
        Layer("MultiheadAttention", () => MultiheadAttention(4, 2), (m, x) =>
        {
            var (output, weights) = m.call(x[0], x[1], x[2], null!, true, null!);
            return [output, weights];
        }, [3, 2, 4], [5, 2, 4], [5, 2, 4]);
        Layer("TransformerEncoderLayer", () => TransformerEncoderLayer(4, 2, 6, dropout: 0), 3, 2, 4);
        Layer("TransformerEncoderLayer gelu", () => TransformerEncoderLayer(4, 2, 6, dropout: 0, activation: Activations.GELU), 3, 2, 4);
        Layer("TransformerEncoder", () => TransformerEncoder(TransformerEncoderLayer(4, 2, 6, dropout: 0), 2), (m, x) => [m.call(x[0])], [3, 2, 4]);
    }
}
