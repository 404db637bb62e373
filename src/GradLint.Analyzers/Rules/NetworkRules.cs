using System.Collections.Immutable;

namespace GradLint.Analyzers.Rules;

/// <summary>Every rule about networks.</summary>
internal static class NetworkRules
{
    /// <summary>The more specific ones first: where one has spoken about a network, a more general one may keep silent.</summary>
    public static ImmutableArray<NetworkRule> All { get; } = ImmutableArray.Create<NetworkRule>(
        new GRAD2001_XavierInitializationWithRelu(),
        new GRAD2002_KaimingInitializationWithSaturatingActivation(),
        new GRAD1001_SaturatingActivationsVanishGradient(),
        new GRAD3004_RecurrentStackWithoutNormalization(),
        new GRAD4001_DeepStackWithoutNormalization());
}
