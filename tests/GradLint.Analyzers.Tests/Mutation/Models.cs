using GradLint.Analyzers.Tests.Golden;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace GradLint.Analyzers.Tests.Mutation;

/// <summary>Code that is nothing but models: the golden sources that are whole classes, each as often as wanted and in a namespace of its own.</summary>
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
            sources.AddRange(models.Select((m, i) => $"namespace Copy{copy}Model{i}\n{{\n{m.Source}\n}}\n"));
        return sources;
    }

    public static CSharpCompilation Compilation(IReadOnlyList<string> sources) =>
        WholeGradLint.Compile(OutputKind.DynamicallyLinkedLibrary, [.. sources.Select((s, i) => CSharpSyntaxTree.ParseText(s, path: $"/0/{i}.cs"))]);
}
