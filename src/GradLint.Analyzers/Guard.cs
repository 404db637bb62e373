namespace GradLint.Analyzers;

/// <summary>A bug in one rule or in the reading of one class costs that, not the others and not the build.</summary>
internal static class Guard
{
    /// <summary>Set by the tests: there a bug must show.</summary>
    public static bool Rethrows { get; set; }

    public static void Run(Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (!Rethrows && exception is not OperationCanceledException)
        {
            // Nothing to tell a user: GradLint stays silent about this network.
        }
    }
}
