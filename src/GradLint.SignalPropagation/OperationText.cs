using System.Globalization;

namespace GradLint.SignalPropagation;

/// <summary>One operation as stable text.</summary>
internal static class OperationText
{
    public static string Of(Operation operation) => operation switch
    {
        Operation.Input o => $"Input {Text(o.Width)}{(o.Spatial is null ? " @ ?" : o.Spatial.Count == 0 ? "" : $" @ {o.Spatial}")}",
        Operation.Linear o => $"Linear {Text(o.InFeatures)} -> {Text(o.OutFeatures)}, weight {o.Weight}{Bias(o.Bias)}",
        Operation.Bilinear o => $"Bilinear {Text(o.InFeatures1)}, {Text(o.InFeatures2)} -> {Text(o.OutFeatures)}, weight {o.Weight}{Bias(o.Bias)}",
        Operation.Convolution o => Convolution(o),
        Operation.Embedding o => $"Embedding {Text(o.Count)} -> {Text(o.Width)}, weight {o.Weight}",
        Operation.Nonlinearity o => $"Activation {o.Function}",
        Operation.Normalization o => Normalization(o),
        Operation.Dropout o => $"Dropout {Text(o.Probability)}{(o.Kind == DropoutKind.Element ? "" : $" {o.Kind}")}",
        Operation.Pooling o => $"{o.Kind}Pool {o.Window}, stride {o.Stride}{Unless("0", ", padding ", o.Padding)}",
        Operation.Reduction o => $"Reduction {o.Kind}",
        Operation.Flatten => "Flatten",
        Operation.Reshape o => $"Reshape {Text(o.Width)}{(o.Spatial is null ? " @ ?" : o.Spatial.Count == 0 ? "" : $" @ {o.Spatial}")}",
        Operation.Upsample o => $"Upsample {o.Factor}",
        Operation.Scale o => $"Scale {Text(o.Factor)}",
        Operation.Shift o => $"Shift {Text(o.Offset)}",
        Operation.TensorShift o => $"TensorShift {o.Values}{(o.VariesByPosition ? ", by position" : "")}",
        Operation.TensorScale o => $"TensorScale {o.Values}{(o.VariesByPosition ? ", by position" : "")}",
        Operation.LearnedTensor o => $"LearnedTensor {o.Shape?.ToString() ?? "?"}, {o.Values}",
        Operation.Add => "Add",
        Operation.Concatenate o => o.IsAlongPositions ? "Concatenate positions" : "Concatenate",
        Operation.Product => "Product",
        Operation.ScaledDotProduct o => $"ScaledDotProduct heads {Text(o.Heads)}{(o.IsMasked ? ", masked" : "")}{(o.DroppedShare == 0 ? "" : $", dropout {Text(o.DroppedShare)}")}",
        Operation.MultiheadAttention o => $"MultiheadAttention {Text(o.Width)}, heads {Text(o.Heads)}, in {o.InProjection}, out {o.OutProjection}",
        Operation.TransformerEncoderLayer o =>
            $"TransformerEncoderLayer {Text(o.Width)}, heads {Text(o.Heads)}, feed-forward {Text(o.FeedForward)} {o.Function}, dropout {Text(o.DropoutProbability)}",
        Operation.Recurrent o => Recurrent(o),
        Operation.Detach => "Detach",
        Operation.Opaque o => $"Opaque ({o.Reason})",
        _ => operation.GetType().Name,
    };

    private static string Convolution(Operation.Convolution o) =>
        $"{(o.Transposed ? "ConvTranspose" : "Conv")}{o.Kernel.Count}d {Text(o.InChannels)} -> {Text(o.OutChannels)}, kernel {o.Kernel}"
        + Unless("1", ", stride ", o.Stride) + Unless("0", ", padding ", o.Padding) + Unless("1", ", dilation ", o.Dilation)
        + (o.Groups == 1 ? "" : $", groups {Text(o.Groups)}") + $", weight {o.Weight}{Bias(o.Bias)}";

    private static string Normalization(Operation.Normalization o) =>
        $"{o.Kind}Norm {Text(o.Width)}{(o.Kind == NormalizationKind.Group ? $", groups {Text(o.Groups)}" : "")}"
        + (o.Weight is null && o.Bias is null ? ", not affine"
            : (o.Weight is { IsDefault: true } ? "" : $", weight {o.Weight}") + (o.Bias switch { null => ", no bias", { IsDefault: true } => "", _ => $", bias {o.Bias}" }))
        + (o.Epsilon == 1e-5 ? "" : $", eps {Text(o.Epsilon)}");

    private static string Recurrent(Operation.Recurrent o) =>
        $"{o.Cell} recurrent {Text(o.InFeatures)} -> {Text(o.Hidden)}, layers {Text(o.Layers)}, steps {Text(o.Steps)}"
        + (o.Bidirectional ? ", bidirectional" : "") + $", input {o.InputWeight}, hidden {o.HiddenWeight}{Bias(o.Bias)}"
        + (o.MemoryBias == 0 ? "" : $", memory bias {Text(o.MemoryBias)}");

    private static string Bias(Initializer? bias) => bias is null ? ", no bias" : bias.IsDefault ? "" : $", bias {bias}";

    private static string Unless(string usual, string label, Sizes sizes) =>
        sizes.All(s => Text(s) == usual) ? "" : label + sizes;

    private static string Text(int? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "?";

    private static string Text(double? value) => value?.ToString("G6", CultureInfo.InvariantCulture) ?? "?";
}
