using Xunit.Abstractions;

namespace GradLint.Analyzers.Tests.Reality;

/// <summary>What the reader makes of networks, held against the same networks as they run.</summary>
[Collection(Run.Alone)]
public class RealityTests(ITestOutputHelper output)
{
    [Fact]
    public void The_networks_compile() =>
        Assert.Empty(Sources.Written.GetDiagnostics().Where(d => d.Severity == Microsoft.CodeAnalysis.DiagnosticSeverity.Error));

    [TorchFact]
    public void What_is_read_is_what_runs()
    {
        var verdicts = Architecture.All.Select(a => (a.Class, Verdict: Verdict.Of(Sources.Read(a.Class), Run.Of(a)))).ToList();

        var agree = verdicts.Count(v => v.Verdict.Outcome == Outcome.Agrees);
        var report = string.Join('\n', verdicts.OrderByDescending(v => v.Verdict.Outcome).Select(v => $"{v.Verdict.Outcome,-7} {v.Class}  {v.Verdict.Because}"))
            + $"\n{agree} of {verdicts.Count} agree";
        output.WriteLine(report);
        Assert.True(verdicts.Count >= 60);
        Assert.True(verdicts.All(v => v.Verdict.Outcome != Outcome.Wrong), report);
        Assert.True(agree >= 0.95 * verdicts.Count, report);
    }
}
