using System.Reflection;

namespace GradLint.EndToEnd;

/// <summary>Skipped, with the reason, where this project was built without Roslynator's command line.</summary>
public sealed class RoslynatorFactAttribute : FactAttribute
{
    public RoslynatorFactAttribute() => Skip = File.Exists(Path) ? null : $"{Path} is missing: restore without WithoutRoslynator=true.";

    /// <summary>Its assembly, in the folder of packages that this project was restored from.</summary>
    public static string Path { get; } = typeof(RoslynatorFactAttribute).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "Roslynator").Value!;
}
