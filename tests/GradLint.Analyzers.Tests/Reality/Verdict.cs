using GradLint.Analyzers.Reading;
using GradLint.SignalPropagation;

namespace GradLint.Analyzers.Tests.Reality;

internal enum Outcome
{
    /// <summary>Every layer that ran was read, with its path, its parameters' shapes, and in the order in which it ran.</summary>
    Agrees,

    /// <summary>A part was not read, and the network that was read says so.</summary>
    Opaque,

    /// <summary>Something was read that is not so, or is missing without a word.</summary>
    Wrong,
}

/// <summary>What was read of a class against what ran.</summary>
internal sealed record Verdict(Outcome Outcome, string Because)
{
    public static Verdict Of(ReadNetwork? read, Run run)
    {
        if (read is null)
            return new(Outcome.Opaque, "not read");
        // What a class learns without a layer is a parameter, not a module that runs.
        var layers = read.Network.Nodes.Where(n => n.Path is { Length: > 0 } && !IsLearned(read, n.Path)).ToList();
        run = run.Under([.. read.Layers.Select(l => l.Path)]);

        // TransformerEncoder runs its layers without calling them as modules: it alone is seen to run.
        var order = layers.Select(n => run.Layers.FirstOrDefault(l => n.Path!.StartsWith(l + ".", StringComparison.Ordinal)) ?? n.Path!).Distinct().ToList();
        var parameters = read.Layers.SelectMany(l => Parameters(l.Path, l.Operation)).ToList();
        var unread = read.Network.Nodes.Where(n => n.Operation is Operation.Opaque).Select(n => ((Operation.Opaque)n.Operation).Reason).Distinct().ToList();
        var saysSo = unread.Count > 0 ? $" (opaque: {string.Join(", ", unread)})" : "";

        foreach (var (name, shape) in parameters)
        {
            if (!run.Parameters.TryGetValue(name, out var real))
                return new(Outcome.Wrong, $"there is no parameter {name}");
            if (!Fits(shape, real))
                return new(Outcome.Wrong, $"{name} is {real}, and was read as {shape}");
        }

        if (order.Except(run.Layers).FirstOrDefault() is { } never)
            return new(Outcome.Wrong, $"{never} never ran");
        if (!order.SequenceEqual(run.Layers.Intersect(order)))
            return new(Outcome.Wrong, $"ran: {string.Join(", ", run.Layers.Intersect(order))}; read: {string.Join(", ", order)}");

        if (run.Layers.Except(order).ToList() is { Count: > 0 } missed)
            return new(unread.Count > 0 ? Outcome.Opaque : Outcome.Wrong, $"not read: {string.Join(", ", missed)}{saysSo}");
        if (layers.FirstOrDefault(n => n.Operation is Operation.Opaque) is { } layer)
            return new(Outcome.Opaque, $"{layer.Path} is opaque");
        if (parameters.FirstOrDefault(p => p.Shape.Contains('?')) is { Name: not null } vague)
            return new(Outcome.Opaque, $"{vague.Name} was read as {vague.Shape}");

        // A parameter that a class registers itself is no layer; what computes with it must show.
        var own = run.Parameters.Keys.Except(parameters.Select(p => p.Name)).ToList();
        if (own.FirstOrDefault(name => run.Layers.Any(l => name.StartsWith(l + ".", StringComparison.Ordinal))) is { } missing)
            return new(Outcome.Wrong, $"{missing} was not read");
        return new(Outcome.Agrees, saysSo.Trim());
    }

    /// <summary>Whether a path is that of a tensor that a class learns itself, or of a class that learns nothing else.</summary>
    public static bool IsLearned(ReadNetwork read, string path) =>
        read.Layers.Any(l => l.Operation is Operation.LearnedTensor && (l.Path == path || (l.Path.StartsWith(path + ".", StringComparison.Ordinal) && l.Path.IndexOf('.', path.Length + 1) < 0)));

    private static bool Fits(string read, string real)
    {
        var (a, b) = (read.Split('x'), real.Split('x'));
        return a.Length == b.Length && a.Zip(b).All(p => p.First == "?" || p.First == p.Second);
    }

    /// <summary>The parameters that a layer of this kind registers.</summary>
    private static IEnumerable<(string Name, string Shape)> Parameters(string path, Operation operation)
    {
        switch (operation)
        {
            case Operation.Linear o:
                return Pair(Shape(o.OutFeatures, o.InFeatures), Shape(o.OutFeatures), o.Bias is not null);
            case Operation.Bilinear o:
                return Pair(Shape(o.OutFeatures, o.InFeatures1, o.InFeatures2), Shape(o.OutFeatures), o.Bias is not null);
            case Operation.Convolution { Transposed: false } o:
                return Pair(Shape([o.OutChannels, o.InChannels / o.Groups, .. o.Kernel]), Shape(o.OutChannels), o.Bias is not null);
            case Operation.Convolution o:
                return Pair(Shape([o.InChannels, o.OutChannels / o.Groups, .. o.Kernel]), Shape(o.OutChannels), o.Bias is not null);
            case Operation.LearnedTensor { Shape: { } shape }:
                return [(path, shape.Count == 0 ? "" : Shape([.. shape]))];
            case Operation.LearnedTensor:
                return [];
            case Operation.Embedding o:
                return Pair(Shape(o.Count, o.Width), "", hasBias: false);
            case Operation.Normalization { Weight: not null } o:
                return Pair(Shape(o.Width), Shape(o.Width), o.Bias is not null);
            case Operation.MultiheadAttention o:
                return Attention(o.Width).Select(p => (path + "." + p.Name, p.Shape));
            case Operation.TransformerEncoderLayer o:
                return EncoderLayer(o).Select(p => (path + "." + p.Name, p.Shape));
            case Operation.Recurrent o:
                return Recurrent(o).Select(p => (path + "." + p.Name, p.Shape));
            default:
                return [];
        }

        IEnumerable<(string, string)> Pair(string weight, string bias, bool hasBias) =>
            hasBias ? [(path + ".weight", weight), (path + ".bias", bias)] : [(path + ".weight", weight)];
    }

    private static IEnumerable<(string Name, string Shape)> Attention(int? width) =>
    [
        ("in_proj_weight", Shape(3 * width, width)), ("in_proj_bias", Shape(3 * width)),
        ("out_proj.weight", Shape(width, width)), ("out_proj.bias", Shape(width)),
    ];

    private static IEnumerable<(string Name, string Shape)> EncoderLayer(Operation.TransformerEncoderLayer o) =>
    [
        .. Attention(o.Width).Select(p => ("self_attn." + p.Name, p.Shape)),
        ("linear1.weight", Shape(o.FeedForward, o.Width)), ("linear1.bias", Shape(o.FeedForward)),
        ("linear2.weight", Shape(o.Width, o.FeedForward)), ("linear2.bias", Shape(o.Width)),
        ("norm1.weight", Shape(o.Width)), ("norm1.bias", Shape(o.Width)),
        ("norm2.weight", Shape(o.Width)), ("norm2.bias", Shape(o.Width)),
    ];

    private static IEnumerable<(string Name, string Shape)> Recurrent(Operation.Recurrent o)
    {
        var rows = o.Hidden * (o.Cell switch { RecurrentCell.LSTM => 4, RecurrentCell.GRU => 3, _ => 1 });
        for (var layer = 0; layer < o.Layers; layer++)
        {
            foreach (var suffix in o.Steps == 1 ? new[] { "" } : o.Bidirectional ? [$"_l{layer}", $"_l{layer}_reverse"] : [$"_l{layer}"])
            {
                yield return ($"weight_ih{suffix}", Shape(rows, layer == 0 ? o.InFeatures : o.Hidden * (o.Bidirectional ? 2 : 1)));
                yield return ($"weight_hh{suffix}", Shape(rows, o.Hidden));
                if (o.Bias is null)
                    continue;
                yield return ($"bias_ih{suffix}", Shape(rows));
                yield return ($"bias_hh{suffix}", Shape(rows));
            }
        }
    }

    private static string Shape(params int?[] sizes) => string.Join('x', sizes.Select(s => s?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"));
}
