using System.Reflection;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Rules;

/// <summary>The descriptors of all rules, one partial class file for each thousand.</summary>
internal static partial class Descriptors
{
    /// <summary>Where the page of a rule is; the repository's address comes from the build.</summary>
    internal static string HelpLink(string id) => RepositoryUrl + "/blob/main/docs/rules/" + id + ".md";

    private static string RepositoryUrl { get; } = typeof(Descriptors).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(a => a.Key == "RepositoryUrl")?.Value ?? "";
}
