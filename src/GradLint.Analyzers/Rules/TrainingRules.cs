using System.Collections.Immutable;

namespace GradLint.Analyzers.Rules;

/// <summary>Every rule about training code.</summary>
internal static class TrainingRules
{
    public static ImmutableArray<TrainingRule> All { get; } = ImmutableArray.Create<TrainingRule>(new GRAD3001_RecurrentTrainingWithoutClipping());
}
