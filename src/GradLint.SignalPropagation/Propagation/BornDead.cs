namespace GradLint.SignalPropagation.Propagation;

/// <summary>How likely a ReLU network is dead at birth: all units of a layer off for every input, and nothing to learn from.</summary>
internal static class BornDead
{
    /// <summary>1 − Π(1 − 2^−width) over the ReLU layers that everything flows through (Lu et al. 2019, arXiv:1903.06733, theorem 3.2), an upper estimate.
    /// Null where a width or an initializer is unknown.</summary>
    public static double? Probability(List<Step> steps, int output)
    {
        var logAlive = 0.0;
        var isCut = Cuts(steps, output);
        for (var index = 0; index <= output; index++)
        {
            if (!isCut[index])
                continue;
            var step = steps[index];
            switch (step.Node.Operation)
            {
                case Operation.Opaque:
                    return null;
                case Operation.Nonlinearity { Function.Kind: ActivationKind.ReLU or ActivationKind.ReLU6 }:
                    if (CannotDie(steps, index))
                        break;
                    if (step.Signal.Width is not { } width || !IsSymmetric(steps, index))
                        return null;
                    logAlive += Moments.SpecialFunctions.Log1p(-Math.Pow(2, -width));
                    break;
            }
        }

        return -Moments.SpecialFunctions.Expm1(logAlive);
    }

    /// <summary>Steps that every way from the input to the output passes.</summary>
    private static bool[] Cuts(List<Step> steps, int output)
    {
        var needed = new bool[steps.Count];
        var across = new int[steps.Count + 1];
        needed[output] = true;
        for (var i = output; i >= 0; i--)
        {
            if (!needed[i])
                continue;
            foreach (var input in steps[i].Inputs)
            {
                needed[input] = true;
                across[input + 1]++;
                across[i]--;
            }
        }

        var open = 0;
        var isCut = new bool[steps.Count];
        for (var i = 0; i <= output; i++)
        {
            open += across[i];
            isCut[i] = needed[i] && open == 0;
        }

        return isCut;
    }

    // Behind a normalization some value is above the mean.
    private static bool CannotDie(List<Step> steps, int index) => Source(steps, index).Node.Operation is Operation.Normalization;

    /// <summary>Whether a unit is as likely negative as positive: then each is off with probability one half.</summary>
    private static bool IsSymmetric(List<Step> steps, int index) => Source(steps, index).Node.Operation switch
    {
        Operation.Linear o => IsSymmetric(o.Weight, o.Bias),
        Operation.Convolution o => IsSymmetric(o.Weight, o.Bias),
        _ => false,
    };

    // A positive bias keeps units alive: the estimate stays an upper one.
    private static bool IsSymmetric(Initializer weight, Initializer? bias) =>
        weight is { Mean: 0, IsConstant: false, Distribution: not (InitializerDistribution.Identity or InitializerDistribution.Unknown) } && bias is null or { Mean: >= 0 };

    private static Step Source(List<Step> steps, int index)
    {
        var at = steps[steps[index].Inputs[0]];
        while (at.Node.Operation is Operation.Dropout or Operation.Flatten or Operation.Reshape or Operation.Pooling && at.Inputs.Length == 1)
            at = steps[at.Inputs[0]];
        return at;
    }
}
