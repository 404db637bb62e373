using System.Globalization;
using System.Text.RegularExpressions;

namespace GradLint.SignalPropagation.Tests.Oracle;

/// <summary>Builds the network that a line of a grid describes; the words are explained in networks.py.</summary>
internal static class SpecNetwork
{
    public static Network Parse(string spec)
    {
        var words = Expand(spec).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var sizes = words[0][(words[0].IndexOf(':') + 1)..].Split('x').Select(int.Parse).ToArray();
        if (words[0].StartsWith("seq", StringComparison.Ordinal))
            Array.Reverse(sizes);
        var dimensions = sizes.Length - 1;
        var b = new NetworkBuilder(spec);
        var x = b.Input(sizes[0], Sizes.Of([.. sizes[1..].Select(s => (int?)s)]));
        var width = sizes[0];
        var spatial = sizes[1..];
        var skips = new Stack<(NodeId Entered, int Width, int[] Spatial, NodeId? Branch)>();
        foreach (var word in words[1..])
        {
            if (word == "(")
            {
                skips.Push((x, width, spatial, null));
            }
            else if (word == "|")
            {
                var skip = skips.Pop();
                skips.Push(skip with { Branch = x });
                (x, width, spatial) = (skip.Entered, skip.Width, skip.Spatial);
            }
            else if (word == ")")
            {
                var skip = skips.Pop();
                x = b.Sum(skip.Branch ?? skip.Entered, x);
            }
            else if (word[0] is 'L' or 'C' && char.IsDigit(word[1]))
            {
                var parts = word.Split(':');
                var n = Regex.Matches(parts[0], "([A-Za-z])([0-9]+)").ToDictionary(m => m.Groups[1].Value[0], m => int.Parse(m.Groups[2].Value));
                var weight = Weight(parts.ElementAtOrDefault(1) ?? "default");
                var bias = parts.ElementAtOrDefault(2) ?? "default";
                var (hasBias, biasInitializer) = (bias != "none", bias == "zero" ? Initializer.Zeros : Initializer.DefaultBias);
                if (word[0] == 'L')
                {
                    x = b.Linear(x, width, n['L'], weight, biasInitializer, hasBias, path: $"{b.Count}");
                    width = n['L'];
                }
                else
                {
                    var (kernel, stride, padding) = (n['k'], n.GetValueOrDefault('s', 1), n.GetValueOrDefault('p', 0));
                    x = b.Convolution(x, width, n['C'], Sizes.Square(dimensions, kernel), Sizes.Square(dimensions, stride), Sizes.Square(dimensions, padding),
                        groups: n.GetValueOrDefault('g', 1), weight: weight, bias: biasInitializer, hasBias: hasBias, path: $"{b.Count}");
                    width = n['C'];
                    spatial = [.. spatial.Select(s => (s + 2 * padding - kernel) / stride + 1)];
                }
            }
            else if (Regex.Match(word, "^(RNN|RELU|LSTM|GRU)([0-9]+)") is { Success: true } cell)
            {
                var hidden = int.Parse(cell.Groups[2].Value);
                x = b.Add(Recurrent(cell.Groups[1].Value, width, hidden, word.Split(':')[1..]), x, path: $"{b.Count}");
                width = word.Contains(":bi", StringComparison.Ordinal) ? 2 * hidden : hidden;
            }
            else if (word.StartsWith("MHA", StringComparison.Ordinal))
            {
                x = b.Add(new Operation.MultiheadAttention(width, int.Parse(word[3..]), Initializer.XavierUniform(), Initializer.Default), [x, x, x], path: $"{b.Count}");
            }
            else if (Regex.Match(word, "^ENC([0-9]+)f([0-9]+):(.*)$") is { Success: true } encoder)
            {
                x = b.Add(new Operation.TransformerEncoderLayer(width, int.Parse(encoder.Groups[1].Value), int.Parse(encoder.Groups[2].Value),
                    Activation(encoder.Groups[3].Value), 0), x, path: $"{b.Count}");
            }
            else if (word is "last" or "mean")
            {
                x = b.Add(new Operation.Reduction(word == "last" ? ReductionKind.Select : ReductionKind.Mean), x);
            }
            else if (word is "BN")
            {
                x = b.BatchNorm(x, width);
            }
            else if (word is "LN")
            {
                x = b.LayerNorm(x, width);
            }
            else if (word is "IN")
            {
                x = b.Normalization(x, NormalizationKind.Instance, width, affine: false);
            }
            else if (word.StartsWith("GN", StringComparison.Ordinal))
            {
                x = b.Normalization(x, NormalizationKind.Group, width, int.Parse(word[2..]));
            }
            else if (word.StartsWith("drop", StringComparison.Ordinal))
            {
                x = b.Dropout(x, double.Parse(word[4..], CultureInfo.InvariantCulture));
            }
            else if (word == "gap")
            {
                x = b.Pooling(x, PoolingKind.AdaptiveAverage, Sizes.Square(dimensions, 1));
                x = b.Flatten(x);
            }
            else if (word == "flat")
            {
                x = b.Flatten(x);
                width *= spatial.Aggregate(1, (p, s) => p * s);
            }
            else if (word.StartsWith("max", StringComparison.Ordinal) || word.StartsWith("avg", StringComparison.Ordinal))
            {
                var numbers = word[3..].Split('s').Select(int.Parse).ToArray();
                var (window, stride) = (numbers[0], numbers[^1]);
                x = b.Pooling(x, word[0] == 'm' ? PoolingKind.Max : PoolingKind.Average, Sizes.Square(dimensions, window), Sizes.Square(dimensions, stride));
                spatial = [.. spatial.Select(s => (s - window) / stride + 1)];
            }
            else
            {
                x = b.Activation(x, Activation(word));
            }
        }

        return b.Build(x);
    }

    public static Operation.Recurrent Recurrent(string name, int inputs, int hidden, string[] options)
    {
        var cell = name switch { "RNN" => RecurrentCell.Tanh, "RELU" => RecurrentCell.ReLU, "LSTM" => RecurrentCell.LSTM, _ => RecurrentCell.GRU };
        var drawn = options.Contains("xavier") ? Initializer.XavierUniform() : Initializer.DefaultRecurrent;
        var hiddenWeight = options.Contains("whole") || (options.Contains("orthogonal") && cell is not (RecurrentCell.LSTM or RecurrentCell.GRU)) ? Initializer.Orthogonal()
            // A matrix of its own for each gate: variance 1/hidden.
            : options.Contains("orthogonal") ? Initializer.LecunNormal()
            : options.Contains("identity") ? Initializer.Eye
            : drawn;
        var bias = options.Contains("none") ? null : options.Contains("zero") ? Initializer.Zeros : Initializer.DefaultRecurrent;
        var memory = options.FirstOrDefault(o => o.StartsWith("memory", StringComparison.Ordinal));
        return new(cell, inputs, hidden, 1, null, options.Contains("bi"), drawn, hiddenWeight, bias,
            memory is null ? 0 : double.Parse(memory[6..], CultureInfo.InvariantCulture));
    }

    public static Activation Activation(string word)
    {
        var name = word.Split('(')[0];
        double?[] p = [.. Regex.Matches(word, @"-?[0-9]+(\.[0-9]+)?(?=[,)])").Select(m => (double?)double.Parse(m.Value, CultureInfo.InvariantCulture))];
        return name switch
        {
            "relu" => SignalPropagation.Activation.ReLU,
            "leaky_relu" => SignalPropagation.Activation.LeakyReLU(p[0]),
            "prelu" => SignalPropagation.Activation.PReLU(p[0]),
            "elu" => SignalPropagation.Activation.ELU(p[0]),
            "celu" => SignalPropagation.Activation.CELU(p[0]),
            "selu" => SignalPropagation.Activation.SELU,
            "gelu" => SignalPropagation.Activation.GELU,
            "gelu_tanh" => SignalPropagation.Activation.GELUTanh,
            "silu" => SignalPropagation.Activation.SiLU,
            "mish" => SignalPropagation.Activation.Mish,
            "hardswish" => SignalPropagation.Activation.Hardswish,
            "sigmoid" => SignalPropagation.Activation.Sigmoid,
            "logsigmoid" => SignalPropagation.Activation.LogSigmoid,
            "hardsigmoid" => SignalPropagation.Activation.Hardsigmoid,
            "tanh" => SignalPropagation.Activation.Tanh,
            "hardtanh" => SignalPropagation.Activation.Hardtanh(p[0], p[1]),
            "softplus" => SignalPropagation.Activation.Softplus(),
            "softsign" => SignalPropagation.Activation.Softsign,
            "relu6" => SignalPropagation.Activation.ReLU6,
            "softshrink" => SignalPropagation.Activation.Softshrink(p[0]),
            "tanhshrink" => SignalPropagation.Activation.Tanhshrink,
            "sin" => SignalPropagation.Activation.Sin,
            _ => throw new ArgumentException(word),
        };
    }

    public static TrainingLoss Loss(string word) => word switch
    {
        "ce" => TrainingLoss.CrossEntropy,
        "mse" => TrainingLoss.MeanSquaredError,
        "bce" => TrainingLoss.BinaryCrossEntropy,
        _ => throw new ArgumentException(word),
    };

    private static Initializer Weight(string word)
    {
        double Number(int from) => double.Parse(word[from..], CultureInfo.InvariantCulture);
        return word switch
        {
            "default" => Initializer.Default,
            "kaiming" => Initializer.KaimingNormal(),
            "kaiming_out" => Initializer.KaimingNormal(mode: FanMode.FanOut),
            "kaiming_uniform" => Initializer.KaimingUniform(),
            "xavier" => Initializer.XavierUniform(),
            "lecun" => Initializer.LecunNormal(),
            "orthogonal" => Initializer.Orthogonal(),
            _ when word.StartsWith("xavier_gain", StringComparison.Ordinal) => Initializer.XavierUniform(Number(11)),
            _ when word.StartsWith("orthogonal_gain", StringComparison.Ordinal) => Initializer.Orthogonal(Number(15)),
            _ when word.StartsWith("gain", StringComparison.Ordinal) => Initializer.LecunNormal(Number(4)),
            _ when word.StartsWith("normal", StringComparison.Ordinal) => Initializer.Normal(0, Number(6)),
            _ => throw new ArgumentException(word),
        };
    }

    private static string Expand(string spec)
    {
        while (spec.Contains('['))
        {
            spec = Regex.Replace(spec, @"\[([^\[\]]*)\]\*(\d+)",
                m => string.Join(' ', Enumerable.Repeat(m.Groups[1].Value.Trim(), int.Parse(m.Groups[2].Value))));
        }

        return spec;
    }
}
