using GradLint.SignalPropagation;

namespace GradLint.Analyzers.Rules;

/// <summary>The gain of a layer's initialization, √(fan_in · Var(W)), whatever the function that drew it is called.</summary>
internal static class EffectiveGain
{
    /// <summary>How the weight of a linear layer or a convolution is drawn; null for anything else.</summary>
    public static Initializer? WeightOf(Operation operation) => operation switch
    {
        Operation.Linear o => o.Weight,
        Operation.Convolution o => o.Weight,
        _ => null,
    };

    /// <summary>
    /// Whether a layer has equal weights, such as a last layer of zeros: what reaches the layers before it is then no question of depth, and from
    /// the first update on it is another network.
    /// </summary>
    public static bool HasConstantWeights(Prediction prediction) => prediction.Layers.Any(l => WeightOf(l.Node.Operation) is { IsConstant: true });

    /// <summary>Null where a width or the variance is unknown, and for transposed convolutions, whose fan_in is not that of the function.</summary>
    public static double? Of(Operation operation)
    {
        var variance = operation switch
        {
            Operation.Linear o => o.Weight.FanInVariance(new(o.OutFeatures, o.InFeatures)),
            Operation.Convolution { Transposed: false } o => o.Weight.FanInVariance(new(o.OutChannels, o.InChannels / (double?)o.Groups, o.Kernel.Product)),
            _ => null,
        };
        return variance >= 0 ? Math.Sqrt(variance.Value) : null;
    }

    /// <summary>
    /// The slope below zero of a member of the ReLU family: 0 for ReLU; null for another activation, and where the slope is unknown. ReLU6 is
    /// ReLU as long as the signal has the scale that its initialization should give it.
    /// </summary>
    public static double? ReluSlope(Activation activation) => activation.Kind switch
    {
        ActivationKind.ReLU or ActivationKind.ReLU6 => 0,
        ActivationKind.LeakyReLU or ActivationKind.PReLU => activation.A,
        _ => null,
    };
}
