using GradLint.SignalPropagation.Moments;

namespace GradLint.SignalPropagation.Propagation;

// Functions that couple the units of a layer: softmax over the features, gated linear units; and bilinear layers.
internal sealed partial class Pass
{
    private static bool CouplesUnits(Activation function) =>
        function.Kind is ActivationKind.Softmax or ActivationKind.Softmin or ActivationKind.LogSoftmax or ActivationKind.GLU;

    private static Signal ForwardCoupled(Step step, Activation function, Signal input)
    {
        var shape = new Signal { Width = function.Kind == ActivationKind.GLU ? input.Width / 2 : input.Width, Spatial = input.Spatial, Known = input.Known };
        if (!input.Known)
            return shape;
        if (input.Fresh < 0 || input.LargestOf > 1)
            return Give(step, shape, $"{function.Name} of what is no Gaussian");
        if (function.Kind == ActivationKind.GLU)
        {
            var gate = ActivationMoments.Of(Activation.Sigmoid)!;
            var unit = gate.Unit(input.Square);
            return shape with
            {
                Square = input.Square * unit.Square,
                AcrossSamples = input.AcrossSamples * Pair(gate, unit, input.Square, input.AcrossSamples).Product,
                AcrossPositions = input.AcrossPositions * Pair(gate, unit, input.Square, input.AcrossPositions).Product,
                AcrossBoth = input.AcrossBoth * Pair(gate, unit, input.Square, input.AcrossBoth).Product,
                Scatter = 4 * input.Scatter,
            };
        }

        if (input.Width is not > 1 and not null || input.Width is not { } width)
            return Give(step, shape, $"the width of {function.Name} is unknown");
        var q = input.Square;
        if (function.Kind != ActivationKind.LogSoftmax)
        {
            var overlap = SoftmaxOverlap.For(width);
            return shape with
            {
                Square = overlap.Self(q) / width,
                AcrossSamples = overlap.Pair(q, input.AcrossSamples) / width,
                AcrossPositions = overlap.Pair(q, input.AcrossPositions) / width,
                AcrossBoth = overlap.Pair(q, input.AcrossBoth) / width,
                Mean = 1 / width,
            };
        }

        // ln Σ e^z of many Gaussians: ln n + q/2 for small q.
        var level = Math.Log(width) + Math.Min(q / 2, Math.Sqrt(2 * q * Math.Log(width)));
        return shape with
        {
            Square = q + level * level,
            AcrossSamples = input.AcrossSamples + level * level,
            AcrossPositions = input.AcrossPositions + level * level,
            AcrossBoth = input.AcrossBoth + level * level,
            Mean = -level,
        };
    }

    private void BackwardCoupled(Step step, Activation function, Gradient gradient, Signal input)
    {
        if (!step.Signal.Known || !input.Known)
        {
            SendUnknown(step, null);
            return;
        }

        var q = input.Square;
        if (function.Kind == ActivationKind.GLU)
        {
            // One half gets δ·σ(b), the other δ·a·σ'(b).
            var gate = ActivationMoments.Of(Activation.Sigmoid)!;
            var unit = gate.Unit(q);
            double Both(double c)
            {
                var pair = Pair(gate, unit, q, c);
                return pair.Product + c * pair.SlopeProduct;
            }

            Send(step, 0, Alike(gradient, Both(q), gradient.AcrossPositions * Both(input.AcrossPositions), gradient.AcrossSamples * Both(input.AcrossSamples)));
            return;
        }

        var width = input.Width!.Value;
        var overlap = SoftmaxOverlap.For(width);
        var self = overlap.Self(q);
        if (function.Kind == ActivationKind.LogSoftmax)
        {
            // δ − p·Σδ
            Send(step, 0, Alike(gradient, 1 + self - 2 / width, gradient.AcrossPositions * (1 + overlap.Pair(q, input.AcrossPositions) - 2 / width),
                gradient.AcrossSamples * (1 + overlap.Pair(q, input.AcrossSamples) - 2 / width)));
            return;
        }

        // p·(δ − Σ p·δ): Σ p² − 2·Σ p³ + (Σ p²)², for each unit's share of δ².
        double Factor(double s) => Math.Max(0, s - 2 * Math.Min(Math.Pow(s, 1.5), s * s * s * width) + s * s) / width;
        Send(step, 0, Alike(gradient, Factor(self), gradient.AcrossPositions * Factor(overlap.Pair(q, input.AcrossPositions)),
            gradient.AcrossSamples * Factor(overlap.Pair(q, input.AcrossSamples))));
    }

    /// <summary>x₁·W·x₂ + b: each of fan_in₁·fan_in₂ products with a weight of its own.</summary>
    private Signal ForwardBilinear(int index, Operation.Bilinear o)
    {
        var step = steps[index];
        var shape = new Signal { Width = Positive(o.OutFeatures), Spatial = steps[step.Inputs[0]].Signal.Spatial };
        if (step.Inputs.Length != 2)
            return Give(step, shape, "a bilinear layer without two inputs");
        var (left, right) = (Value(step.Inputs[0]), Value(step.Inputs[1]));
        if (!left.Known || !right.Known)
            return shape.Unknown();
        if (BilinearGain(o, left, right) is not { } gain || BilinearBias(o, left) is not { } bias)
            return Give(step, shape, "the variance of a bilinear layer's weights is unknown");
        return shape with
        {
            Square = gain * left.Square * right.Square + bias,
            AcrossSamples = gain * left.AcrossSamples * right.AcrossSamples + bias,
            AcrossPositions = gain * left.AcrossPositions * right.AcrossPositions + bias,
            AcrossBoth = gain * left.AcrossBoth * right.AcrossBoth + bias,
            Fresh = index,
            Scatter = left.Scatter + right.Scatter,
            SampleScatter = left.SampleScatter + right.SampleScatter,
        };
    }

    private void BackwardBilinear(Step step, Operation.Bilinear o, Gradient gradient)
    {
        if (!step.Signal.Known || step.Inputs.Length != 2)
        {
            SendUnknown(step, null);
            return;
        }

        for (var i = 0; i < 2; i++)
        {
            var (own, other) = (Value(step.Inputs[i]), Value(step.Inputs[1 - i]));
            var gain = BilinearGain(o, i == 0 ? own : other, i == 0 ? other : own) ?? 0;
            Send(step, i, Alike(gradient, gain * other.Square, gradient.AcrossPositions * gain * other.AcrossPositions, gradient.AcrossSamples * gain * other.AcrossSamples) with
            {
                Variance = gradient.Variance + 2 / (own.Width ?? AssumedWidth) + 2 / (other.Width ?? AssumedWidth),
            });
        }
    }

    /// <summary>in₁·in₂·Var(W); the default, U(±1/√in₁), makes in₂/3 of it.</summary>
    private static double? BilinearGain(Operation.Bilinear o, Signal left, Signal right)
    {
        var (first, second) = (Positive(o.InFeatures1) ?? left.Width, Positive(o.InFeatures2) ?? right.Width);
        if (o.Weight is not { IsKnown: true, Mean: 0 })
            return null;
        return o.Weight.IsDefault ? second * o.Weight.Coefficient : o.Weight.FanInVariance(new WeightShape(Positive(o.OutFeatures), first, second));
    }

    private static double? BilinearBias(Operation.Bilinear o, Signal left) => o.Bias switch
    {
        null => 0,
        { Mean: not 0 } => null,
        { IsDefault: true } bias => bias.Coefficient / (Positive(o.InFeatures1) ?? left.Width),
        { Scaling: VarianceScaling.None } bias => bias.Coefficient,
        _ => null,
    };
}
