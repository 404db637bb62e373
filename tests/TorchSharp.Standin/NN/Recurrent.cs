using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>What the recurrent layers share: the weights weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, …, each U(±1/√hidden).</summary>
        internal sealed class RecurrentCore
        {
            private readonly Module module;
            private readonly List<string> names = [];
            private readonly long hidden, layers;
            private readonly bool bias, batchFirst, bidirectional;
            private readonly double dropout;

            /// <param name="gates">How many matrices of hidden rows a weight stacks: 1, 3 (GRU) or 4 (LSTM).</param>
            internal RecurrentCore(Module module, long gates, long inputs, long hidden, long layers, bool bias, bool batchFirst, double dropout, bool bidirectional)
            {
                (this.module, this.hidden, this.layers, this.bias, this.batchFirst, this.dropout, this.bidirectional) = (module, hidden, layers, bias, batchFirst, dropout, bidirectional);
                for (var layer = 0L; layer < layers; layer++)
                {
                    foreach (var direction in bidirectional ? new[] { "", "_reverse" } : [""])
                    {
                        Add($"weight_ih_l{layer}{direction}", empty(gates * hidden, layer == 0 ? inputs : hidden * Directions));
                        Add($"weight_hh_l{layer}{direction}", empty(gates * hidden, hidden));
                        if (!bias) continue;
                        Add($"bias_ih_l{layer}{direction}", empty(gates * hidden));
                        Add($"bias_hh_l{layer}{direction}", empty(gates * hidden));
                    }
                }
                var bound = hidden > 0 ? 1 / Math.Sqrt(hidden) : 0;
                foreach (var name in names) init.uniform_(module.OwnParameter(name)!, -bound, bound);
            }

            private long Directions => bidirectional ? 2 : 1;

            private void Add(string name, Tensor weight)
            {
                module.Own(new Parameter(weight), name);
                names.Add(name);
            }

            internal Tensor Zeros(Tensor input) => zeros(Directions * layers, input.shape[batchFirst ? 0 : 1], hidden, input.dtype, input.device);

            internal Tensor[] Run(string op, Tensor input, params Tensor[] states)
            {
                var weights = names.ConvertAll(n => (Tensor)module.OwnParameter(n)!).ToArray();
                return op == "aten::lstm.input"
                    ? Native.CallMany(op, input, states, weights, bias, layers, dropout, module.training, bidirectional, batchFirst)
                    : Native.CallMany(op, input, states[0], weights, bias, layers, dropout, module.training, bidirectional, batchFirst);
            }

            internal Parameter? Again(string name) => module.OwnParameter(name)?.Again();
        }

        /// <summary>J. Elman, "Finding structure in time" (1990). Input [steps, batch, inputs], or batch first; result (output, last state).</summary>
        public sealed class RNN : Module<Tensor, Tensor?, (Tensor, Tensor)>
        {
            private readonly RecurrentCore core;
            private readonly string op;

            internal RNN(long inputs, long hidden, long layers, NonLinearities nonLinearity, bool bias, bool batchFirst, double dropout, bool bidirectional) : base("torch::nn::RNNImpl")
            {
                core = new RecurrentCore(this, 1, inputs, hidden, layers, bias, batchFirst, dropout, bidirectional);
                op = nonLinearity == NonLinearities.ReLU ? "aten::rnn_relu.input" : "aten::rnn_tanh.input";
            }

            public override (Tensor, Tensor) forward(Tensor input, Tensor? h0)
            {
                var all = core.Run(op, input, h0 ?? core.Zeros(input));
                return (all[0], all[1]);
            }

            public new (Tensor, Tensor) call(Tensor input, Tensor? h0 = null) => base.call(input, h0);

            public void flatten_parameters()
            {
            }

            public Parameter? get_weight_ih(long idx) => core.Again($"weight_ih_l{idx}");

            public Parameter? get_weight_hh(long idx) => core.Again($"weight_hh_l{idx}");

            public Parameter? get_bias_ih(long idx) => core.Again($"bias_ih_l{idx}");

            public Parameter? get_bias_hh(long idx) => core.Again($"bias_hh_l{idx}");
        }

        /// <summary>K. Cho et al., "Learning phrase representations using RNN encoder-decoder" (2014).</summary>
        public sealed class GRU : Module<Tensor, Tensor?, (Tensor, Tensor)>
        {
            private readonly RecurrentCore core;

            internal GRU(long inputs, long hidden, long layers, bool bias, bool batchFirst, double dropout, bool bidirectional) : base("torch::nn::GRUImpl") =>
                core = new RecurrentCore(this, 3, inputs, hidden, layers, bias, batchFirst, dropout, bidirectional);

            public override (Tensor, Tensor) forward(Tensor input, Tensor? h0 = null)
            {
                var all = core.Run("aten::gru.input", input, h0 ?? core.Zeros(input));
                return (all[0], all[1]);
            }

            public new (Tensor, Tensor) call(Tensor input, Tensor? h0 = null) => base.call(input, h0);

            public void flatten_parameters()
            {
            }
        }

        /// <summary>S. Hochreiter and J. Schmidhuber, "Long short-term memory" (1997). Result (output, last hidden, last cell state).</summary>
        public sealed class LSTM : Module<Tensor, (Tensor, Tensor)?, (Tensor, Tensor, Tensor)>
        {
            private readonly RecurrentCore core;

            internal LSTM(long inputs, long hidden, long layers, bool bias, bool batchFirst, double dropout, bool bidirectional) : base("torch::nn::LSTMImpl") =>
                core = new RecurrentCore(this, 4, inputs, hidden, layers, bias, batchFirst, dropout, bidirectional);

            public override (Tensor, Tensor, Tensor) forward(Tensor input, (Tensor, Tensor)? h0_c0 = null)
            {
                var (h, c) = h0_c0 ?? (core.Zeros(input), core.Zeros(input));
                var all = core.Run("aten::lstm.input", input, h, c);
                return (all[0], all[1], all[2]);
            }

            public new (Tensor, Tensor, Tensor) call(Tensor input, (Tensor, Tensor)? h0_c0 = null) => base.call(input, h0_c0);

            public void flatten_parameters()
            {
            }
        }

        /// <summary>What the cells share: the weights of one step.</summary>
        internal static class Cells
        {
            internal static void Build(Module cell, long gates, long inputs, long hidden, bool bias)
            {
                cell.Own(new Parameter(empty(gates * hidden, inputs)), "weight_ih");
                cell.Own(new Parameter(empty(gates * hidden, hidden)), "weight_hh");
                if (bias)
                {
                    cell.Own(new Parameter(empty(gates * hidden)), "bias_ih");
                    cell.Own(new Parameter(empty(gates * hidden)), "bias_hh");
                }
                var bound = 1 / Math.Sqrt(hidden);
                foreach (var p in cell.parameters()) init.uniform_(p, -bound, bound);
            }

            internal static Tensor Zeros(Module cell, Tensor input) => zeros(input.shape[0], cell.OwnParameter("weight_hh")!.shape[1], input.dtype, input.device);

            internal static Tensor Run(Module cell, string op, Tensor input, Tensor? state) =>
                Native.Call(op, input, state ?? Zeros(cell, input), cell.OwnParameter("weight_ih"), cell.OwnParameter("weight_hh"), cell.OwnParameter("bias_ih"), cell.OwnParameter("bias_hh"));
        }

        public sealed class RNNCell : Module<Tensor, Tensor?, Tensor>
        {
            private readonly string op;

            internal RNNCell(long inputs, long hidden, NonLinearities nonLinearity, bool bias) : base("torch::nn::RNNCellImpl")
            {
                Cells.Build(this, 1, inputs, hidden, bias);
                op = nonLinearity == NonLinearities.ReLU ? "aten::rnn_relu_cell" : "aten::rnn_tanh_cell";
            }

            public override Tensor forward(Tensor input, Tensor? h0 = null) => Cells.Run(this, op, input, h0);

            public Parameter? weight_ih { get => OwnParameter()?.Again(); set => Own(Parameter.NotNull(value)); }

            public Parameter? weight_hh { get => OwnParameter()?.Again(); set => Own(Parameter.NotNull(value)); }

            public Parameter? bias_ih { get => OwnParameter()?.Again(); set => Own(Parameter.NotNull(value)); }

            public Parameter? bias_hh { get => OwnParameter()?.Again(); set => Own(Parameter.NotNull(value)); }
        }

        public sealed class GRUCell : Module<Tensor, Tensor?, Tensor>
        {
            internal GRUCell(long inputs, long hidden, bool bias) : base("torch::nn::GRUCellImpl") => Cells.Build(this, 3, inputs, hidden, bias);

            public override Tensor forward(Tensor input, Tensor? h0 = null) => Cells.Run(this, "aten::gru_cell", input, h0);

            public Parameter? weight_ih { get => OwnParameter()?.Again(); set => Own(Parameter.NotNull(value)); }

            public Parameter? weight_hh { get => OwnParameter()?.Again(); set => Own(Parameter.NotNull(value)); }

            public Parameter? bias_ih { get => OwnParameter()?.Again(); set => Own(Parameter.NotNull(value)); }

            public Parameter? bias_hh { get => OwnParameter()?.Again(); set => Own(Parameter.NotNull(value)); }
        }

        public sealed class LSTMCell : Module<Tensor, (Tensor, Tensor)?, (Tensor, Tensor)>
        {
            internal LSTMCell(long inputs, long hidden, bool bias) : base("torch::nn::LSTMCellImpl") => Cells.Build(this, 4, inputs, hidden, bias);

            public override (Tensor, Tensor) forward(Tensor input, (Tensor, Tensor)? h0_c0)
            {
                var (h, c) = h0_c0 ?? (Cells.Zeros(this, input), Cells.Zeros(this, input));
                return Native.CallTwo("aten::lstm_cell", input, new[] { h, c }, OwnParameter("weight_ih"), OwnParameter("weight_hh"), OwnParameter("bias_ih"), OwnParameter("bias_hh"));
            }

            public new (Tensor, Tensor) call(Tensor input, (Tensor, Tensor)? h0_c0 = null) => base.call(input, h0_c0);

            public Parameter? weight_ih { get => OwnParameter()?.Again(); set => Own(Parameter.NotNull(value)); }

            public Parameter? weight_hh { get => OwnParameter()?.Again(); set => Own(Parameter.NotNull(value)); }

            public Parameter? bias_ih { get => OwnParameter()?.Again(); set => Own(Parameter.NotNull(value)); }

            public Parameter? bias_hh { get => OwnParameter()?.Again(); set => Own(Parameter.NotNull(value)); }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public enum NonLinearities
            {
                ReLU = 0,
                Tanh = 1,
            }

            public static RNN RNN(long inputSize, long hiddenSize, long numLayers = 1, NonLinearities nonLinearity = NonLinearities.Tanh, bool bias = true, bool batchFirst = false, double dropout = 0.0, bool bidirectional = false, Device? device = null, ScalarType? dtype = null) =>
                new RNN(inputSize, hiddenSize, numLayers, nonLinearity, bias, batchFirst, dropout, bidirectional).Placed(device, dtype);

            public static LSTM LSTM(long inputSize, long hiddenSize, long numLayers = 1, bool bias = true, bool batchFirst = false, double dropout = 0.0, bool bidirectional = false, Device? device = null, ScalarType? dtype = null) =>
                new LSTM(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional).Placed(device, dtype);

            public static GRU GRU(long inputSize, long hiddenSize, long numLayers = 1, bool bias = true, bool batchFirst = false, double dropout = 0.0, bool bidirectional = false, Device? device = null, ScalarType? dtype = null) =>
                new GRU(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional).Placed(device, dtype);

            public static RNNCell RNNCell(long inputSize, long hiddenSize, NonLinearities nonLinearity = NonLinearities.Tanh, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new RNNCell(inputSize, hiddenSize, nonLinearity, bias).Placed(device, dtype);

            public static LSTMCell LSTMCell(long inputSize, long hiddenSize, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new LSTMCell(inputSize, hiddenSize, bias).Placed(device, dtype);

            public static GRUCell GRUCell(long inputSize, long hiddenSize, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new GRUCell(inputSize, hiddenSize, bias).Placed(device, dtype);
        }
    }
}
