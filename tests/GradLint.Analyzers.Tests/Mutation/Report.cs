using System.Globalization;
using System.Runtime.CompilerServices;

namespace GradLint.Analyzers.Tests.Mutation;

/// <summary>Measured figures, for <c>./build.sh faults</c>: a line each in <c>artifacts/faults.tsv</c>. Without <c>GRADLINT_COST_ROUNDS</c> in the environment none is written.</summary>
internal static class Report
{
    private static readonly object Gate = new();

    public static void Add(string what, double value)
    {
        if (Environment.GetEnvironmentVariable("GRADLINT_COST_ROUNDS") is null)
            return;
        lock (Gate)
            File.AppendAllText(Path.Combine(Folder(), "faults.tsv"), string.Create(CultureInfo.InvariantCulture, $"{what}\t{value:0.000}\n"));
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private static string Folder([CallerFilePath] string thisFile = "") =>
        Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../../artifacts")).FullName;
}

/// <summary>Tests that measure run when no other test does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public class Alone
{
    public const string Name = "alone";
}
