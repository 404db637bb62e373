namespace GradLint.Probe;

/// <summary>
/// An assertion about gradients failed. The message holds every finding and the whole table, so that it is enough to read
/// the log of a test run; it is a plain exception and fails a test under xunit, NUnit and MSTest alike.
/// </summary>
public sealed class GradientException : Exception
{
    /// <summary>A failed assertion.</summary>
    /// <param name="message">The findings and the table.</param>
    /// <param name="report">The measurement that was judged.</param>
    public GradientException(string message, GradientReport report) : base(message) => Report = report;

    /// <summary>The measurement that was judged.</summary>
    public GradientReport Report { get; }
}
