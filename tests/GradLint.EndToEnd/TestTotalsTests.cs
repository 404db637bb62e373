namespace GradLint.EndToEnd;

/// <summary>The line that a test run closes with.</summary>
public sealed class TestTotalsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [UnixFact]
    public void It_sums_the_results_of_all_projects()
    {
        Results("One", total: 7, executed: 5, passed: 5);
        Results("Two", total: 12, executed: 12, passed: 12);

        Assert.Equal("17 passed, 0 failed, 2 skipped", Sum().Succeeded().Output.Trim());
    }

    [UnixFact]
    public void A_failed_test_fails_it()
    {
        Results("One", total: 4, executed: 4, passed: 3);

        Assert.Equal("3 passed, 1 failed, 0 skipped", Sum().Failed().Output.Trim());
    }

    [UnixFact]
    public void A_project_without_results_fails_it()
    {
        Results("One", total: 1, executed: 1, passed: 1);
        folder.Write("Two.expected", "");

        var output = Sum().Failed().Output;
        Assert.Contains("1 passed, 1 failed, 0 skipped", output);
        Assert.Contains("Two ran no test.", output);
    }

    [UnixFact]
    public void A_project_in_which_no_test_was_found_fails_it()
    {
        Results("One", total: 1, executed: 1, passed: 1);
        Results("Two", total: 0, executed: 0, passed: 0);

        Assert.Contains("1 passed, 1 failed, 0 skipped", Sum().Failed().Output);
    }

    [UnixFact]
    public void No_test_at_all_fails_it() => Assert.Equal("0 passed, 0 failed, 0 skipped", Sum().Failed().Output.Trim());

    private CommandResult Sum() =>
        DotNet.Command(Repository.PathOf("eng/sum-tests.sh"), folder.Root, new Dictionary<string, string?>(), folder.Root);

    private void Results(string project, int total, int executed, int passed)
    {
        folder.Write($"{project}.expected", "");
        folder.Write($"{project}.trx", $"""
            <?xml version="1.0" encoding="utf-8"?>
            <TestRun>
              <ResultSummary outcome="Completed">
                <Counters total="{total}" executed="{executed}" passed="{passed}" failed="{executed - passed}" error="0" notExecuted="0" />
              </ResultSummary>
            </TestRun>
            """);
    }
}
