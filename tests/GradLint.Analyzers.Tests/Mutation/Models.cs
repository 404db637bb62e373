using System.Text.RegularExpressions;
using GradLint.Analyzers.Tests.Golden;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace GradLint.Analyzers.Tests.Mutation;

/// <summary>Code that is nothing but models: the golden sources that are whole classes, each as often as wanted and by a name of its own.</summary>
internal static class Models
{
    /// <summary>The sources, and the usings that they share.</summary>
    public static IReadOnlyList<string> Sources(int copies)
    {
        var models = GoldenNetwork.All().Where(n => n is { IsOld: false, IsNewer: false } && n.Source.Contains("class Net ")
            && !n.Idioms.Contains("top-level") && !n.Source.Contains("//--- ") && !n.Source.Contains("namespace ")).ToList();
        Assert.True(models.Count > 100);
        var sources = new List<string> { GoldenNetwork.GlobalUsings };
        for (var copy = 0; copy < copies; copy++)
            sources.AddRange(models.Select((m, i) => $"namespace Copy{copy}Model{i}\n{{\n{Renamed(m.Source, $"{copy}_{i}")}\n}}\n"));
        return sources;
    }

    /// <summary>A project's classes have names of their own.</summary>
    private static string Renamed(string source, string suffix)
    {
        foreach (var name in Regex.Matches(source, @"\b(?:class|record(?: struct| class)?|struct|enum|interface) (?!struct\b|class\b)(\w+)").Select(m => m.Groups[1].Value).Distinct())
            source = Regex.Replace(source, $@"\b{name}\b", name + suffix);
        return source;
    }

    public static CSharpCompilation Compilation(IReadOnlyList<string> sources) =>
        WholeGradLint.Compile(OutputKind.DynamicallyLinkedLibrary, [.. sources.Select((s, i) => CSharpSyntaxTree.ParseText(s, path: $"/0/{i}.cs"))]);
}
