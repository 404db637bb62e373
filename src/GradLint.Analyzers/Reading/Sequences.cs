using GradLint.SignalPropagation;

namespace GradLint.Analyzers.Reading;

/// <summary>Recurrent layers and attention: what their factories make, and the parameters that they hold.</summary>
internal static class Sequences
{
    /// <summary>The operation that a factory's module performs; null when the name is none of these or an argument decides what cannot be told.</summary>
    public static Operation? Create(string factory, Arguments arguments) => factory switch
    {
        "RNN" or "RNNCell" => Cell(arguments) is { } cell ? Recurrent(cell, arguments, factory) : null,
        "LSTM" or "LSTMCell" => Recurrent(RecurrentCell.LSTM, arguments, factory),
        "GRU" or "GRUCell" => Recurrent(RecurrentCell.GRU, arguments, factory),
        "MultiheadAttention" => Attention(arguments),
        "TransformerEncoderLayer" => EncoderLayer(arguments),
        _ => null,
    };

    /// <summary>The dimension of time in the output of a recurrent layer; null where that is not known, or for a cell.</summary>
    public static int? TimeDimension(string factory, Arguments arguments) =>
        factory is "RNN" or "LSTM" or "GRU" ? arguments.Flag(false, "batchFirst") switch { true => 1, false => 0, null => null } : null;

    /// <summary>Every parameter of such a layer by its name.</summary>
    public static IEnumerable<string> ParameterNames(Operation operation)
    {
        switch (operation)
        {
            case Operation.Recurrent { Layers: { } layers } o:
                // A cell has no suffix.
                string[] suffixes = o.Steps == 1 ? [""] : o.Bidirectional ? ["_l{0}", "_l{0}_reverse"] : ["_l{0}"];
                for (var layer = 0; layer < layers; layer++)
                {
                    foreach (var suffix in suffixes)
                    {
                        foreach (var name in o.Bias is null ? new[] { "weight_ih", "weight_hh" } : ["weight_ih", "weight_hh", "bias_ih", "bias_hh"])
                            yield return name + suffix.Replace("{0}", layer.ToString(System.Globalization.CultureInfo.InvariantCulture));
                    }
                }

                break;
            case Operation.MultiheadAttention:
                foreach (var name in AttentionParameters)
                    yield return name;
                break;
            case Operation.TransformerEncoderLayer:
                foreach (var name in AttentionParameters)
                    yield return "self_attn." + name;
                foreach (var module in new[] { "linear1", "linear2", "norm1", "norm2" })
                {
                    yield return module + ".weight";
                    yield return module + ".bias";
                }

                break;
        }
    }

    /// <summary>The operation with an initializer in place of a parameter's. One of several layers or directions differing from the others
    /// cannot be said: then all are unknown.</summary>
    public static Operation Assign(Operation operation, string parameter, Initializer initializer)
    {
        switch (operation)
        {
            case Operation.Recurrent o:
                var written = o is { Layers: 1, Bidirectional: false } ? initializer : Initializer.Unknown;
                if (parameter.StartsWith("weight_ih", StringComparison.Ordinal))
                    return o with { InputWeight = written };
                if (parameter.StartsWith("weight_hh", StringComparison.Ordinal))
                    return o with { HiddenWeight = written };

                // b_ih and b_hh are one: their sum counts, and zeros_ of one leaves the other.
                return o with { Bias = Initializer.Unknown, MemoryBias = null };
            case Operation.MultiheadAttention o when parameter == "in_proj_weight":
                return o with { InProjection = initializer };
            case Operation.MultiheadAttention o when parameter == "out_proj.weight":
                return o with { OutProjection = initializer };
            case Operation.MultiheadAttention when initializer == Initializer.Zeros:
                return operation;
            default:
                return new Operation.Opaque(operation.GetType().Name + " with an initialization of its own");
        }
    }

    private static readonly string[] AttentionParameters = ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"];

    private static RecurrentCell? Cell(Arguments arguments) => arguments.Find("nonLinearity") is null ? RecurrentCell.Tanh : arguments.Integer("nonLinearity") switch
    {
        0 => RecurrentCell.ReLU,
        1 => RecurrentCell.Tanh,
        _ => null,
    };

    private static Operation? Recurrent(RecurrentCell cell, Arguments arguments, string factory)
    {
        var isCell = factory.EndsWith("Cell", StringComparison.Ordinal);
        if (arguments.Flag(false, "bidirectional") is not { } bidirectional || arguments.Flag(true, "bias") is not { } bias)
            return null;
        return new Operation.Recurrent(
            cell,
            arguments.Integer("inputSize"),
            arguments.Integer("hiddenSize"),
            arguments.Find("numLayers") is null ? 1 : arguments.Integer("numLayers"),
            isCell ? 1 : null,
            bidirectional,
            Initializer.DefaultRecurrent,
            Initializer.DefaultRecurrent,
            bias ? Initializer.DefaultRecurrent : null,
            0);
    }

    private static Operation? Attention(Arguments arguments) =>
        // Keys and values of other widths have weights of their own.
        IsNullOrMissing(arguments, "kdim") && IsNullOrMissing(arguments, "vdim")
            ? new Operation.MultiheadAttention(arguments.Integer("embedded_dim"), arguments.Integer("num_heads"), Initializer.XavierUniform(), Initializer.Default)
            : null;

    private static Operation? EncoderLayer(Arguments arguments)
    {
        Activation? function = arguments.Find("activation") is null ? Activation.ReLU : arguments.Integer("activation") switch
        {
            0 => Activation.ReLU,
            1 => Activation.GELU,
            _ => null,
        };
        return function is null ? null : new Operation.TransformerEncoderLayer(
            arguments.Integer("d_model"), arguments.Integer("nhead"), arguments.Integer("dim_feedforward"), function, arguments.NumberOr(0.1, "dropout"));
    }

    private static bool IsNullOrMissing(Arguments arguments, string name) => arguments.Find(name) is null or ConstantValue { Constant: null };
}
