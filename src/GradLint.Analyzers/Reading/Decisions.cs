using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Reading;

/// <summary>
/// One way through the branches that the source does not decide: a choice of activation by a parameter that nobody is seen to pass, an
/// optional normalization. The ways are taken one after the other, each from the beginning, and what is true of all of them is true.
/// </summary>
internal sealed class Decisions
{
    /// <summary>So many ways are followed; where there are more, what they differ in is unknown.</summary>
    public const int Limit = 8;

    private readonly IReadOnlyList<bool> path;
    private readonly List<bool> taken = [];
    private readonly Dictionary<OpenValue, bool> answers = [];
    private readonly Dictionary<OpenValue, ConstantValue> values = [];
    private readonly IReadOnlyList<bool> before = [];

    public Decisions(IReadOnlyList<bool> path) => this.path = path;

    private Decisions(Decisions before, IReadOnlyList<bool> path)
        : this(path)
    {
        IsPossible = before.IsPossible;
        this.before = before.All;
        foreach (var answer in before.answers)
            answers.Add(answer.Key, answer.Value);
        foreach (var value in before.values)
            values.Add(value.Key, value.Value);
    }

    /// <summary>False once this way has led to an exception: nothing is ever constructed on it.</summary>
    public bool IsPossible { get; private set; } = true;

    /// <summary>All that was decided on this way, those before included.</summary>
    public IReadOnlyList<bool> All => [.. before, .. taken];

    /// <summary>The ways that branch off from this one behind the part that was prescribed.</summary>
    public IEnumerable<IReadOnlyList<bool>> Others
    {
        get
        {
            for (var i = path.Count; i < taken.Count; i++)
                yield return [.. taken.Take(i), !taken[i]];
        }
    }

    /// <summary>Further decisions, which know of these.</summary>
    public Decisions Then(IReadOnlyList<bool> further) => new(this, further);

    /// <summary>This way is not passable.</summary>
    public void Abandon() => IsPossible &= All.Count == 0;

    /// <summary>Decides a question; the same one always in the same way, and one about something without identity anew each time.</summary>
    public bool Decide(OpenValue? question)
    {
        if (question?.Negated is { } negated)
            return !Decide(negated);
        if (question is not null && Known(question) is { } known)
            return known;
        var answer = taken.Count >= path.Count || path[taken.Count];
        taken.Add(answer);
        if (question is null)
            return answer;
        answers[question] = answer;
        if (answer && question.Comparison is { Kind: BinaryOperatorKind.Equals } equality)
            values[equality.Subject] = equality.Other;
        return answer;
    }

    /// <summary>What was decided about an unknown, or follows from it; else the unknown itself.</summary>
    public Value Resolve(Value value) => value switch
    {
        OpenValue open when values.TryGetValue(open, out var constant) => constant,
        OpenValue open when Known(open) is { } answer => new ConstantValue(answer),
        _ => value,
    };

    private bool? Known(OpenValue question)
    {
        if (question.Negated is { } negated)
            return !Known(negated);
        if (answers.TryGetValue(question, out var answer))
            return answer;
        return question.Comparison is { } comparison && values.TryGetValue(comparison.Subject, out var value)
            ? Constants.Flag(Constants.Binary(comparison.Kind, value, comparison.Other))
            : null;
    }
}
