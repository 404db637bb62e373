namespace GradLint.SignalPropagation;

/// <summary>The recommended gains of <c>torch.nn.init.calculate_gain</c>, as TorchSharp has them.</summary>
public static class Gain
{
    /// <summary>Linear, the convolutions.</summary>
    public const double Linear = 1;

    /// <summary>Sigmoid. It keeps no signal: no gain does.</summary>
    public const double Sigmoid = 1;

    /// <summary>Tanh.</summary>
    public const double Tanh = 5.0 / 3;

    /// <summary>ReLU: √2 (He et al. 2015).</summary>
    public const double ReLU = 1.4142135623730951;

    /// <summary>LeakyReLU: √(2/(1 + slope²)). TorchSharp's default slope here is 0, PyTorch's 0.01.</summary>
    public static double LeakyReLU(double slope = 0) => Math.Sqrt(2 / (1 + slope * slope));
}
