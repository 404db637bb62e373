using System.Collections.Immutable;

namespace GradLint.Analyzers.Rules;

/// <summary>Every rule about networks.</summary>
internal static class NetworkRules
{
    public static ImmutableArray<NetworkRule> All { get; } = ImmutableArray.Create<NetworkRule>(new GRAD1001_SaturatingActivationsVanishGradient());
}
