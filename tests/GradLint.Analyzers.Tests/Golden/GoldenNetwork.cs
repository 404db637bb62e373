using System.Runtime.CompilerServices;
using GradLint.Analyzers.Embedding;
using GradLint.Analyzers.Reading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace GradLint.Analyzers.Tests.Golden;

/// <summary>
/// A source in <c>Golden/Networks</c> and, beside it, the networks that it says: those of class <c>Net</c>, or of all that the file
/// holds where there is none. The first line names the idioms that it reads; <c>//--- Name.cs</c> starts a second file.
/// </summary>
internal sealed class GoldenNetwork
{
    private const string Heading = "// Reads: ";
    private const string FileMark = "//--- ";

    /// <summary>What the sources need not say.</summary>
    public const string GlobalUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using TorchSharp;
        global using TorchSharp.Modules;
        global using static TorchSharp.torch;
        global using static TorchSharp.torch.nn;
        """;

    private readonly string path;

    private GoldenNetwork(string path)
    {
        this.path = path;
        Source = File.ReadAllText(path).Replace("\r\n", "\n");
        Idioms = Source.StartsWith(Heading, StringComparison.Ordinal) ? Source[Heading.Length..Source.IndexOf('\n')].Split(", ") : [];
    }

    /// <summary>Folder and file: <c>Sequentials/Append</c>.</summary>
    public string Name => Path.GetRelativePath(Folder(), Path.ChangeExtension(path, null)).Replace('\\', '/');

    public string Source { get; }

    /// <summary>What people write that the source is an example of.</summary>
    public IReadOnlyList<string> Idioms { get; }

    /// <summary>Written for a TorchSharp whose parameters had other names: see <see cref="OldTorchSharp"/>.</summary>
    public bool IsOld => Name.StartsWith("OldNames/", StringComparison.Ordinal);

    /// <summary>Needs C# 12, which the oldest supported compiler cannot parse.</summary>
    public bool IsNewer => Name.StartsWith("Newer/", StringComparison.Ordinal);

    public string ExpectedPath => Path.ChangeExtension(path, ".txt");

    public static IReadOnlyList<GoldenNetwork> All() =>
        [.. Directory.EnumerateFiles(Folder(), "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(p => new GoldenNetwork(p))];

    public static GoldenNetwork Named(string name) => new(Path.Combine(Folder(), name + ".cs"));

    /// <summary>What is read, as text; one network after the other.</summary>
    public string Read()
    {
        var compilation = Compile();
        Assert.Empty(compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error));
        var symbols = TorchSharpSymbols.TryResolve(compilation)!;
        if (compilation.GetTypeByMetadataName("Net") is { } net)
            return string.Join("\n", new NetworkReader(compilation, symbols).OfClass(net, default).Select(n => n.ToText()).DefaultIfEmpty("nothing\n"));
        return string.Join("\n", NetworkFinder.All(compilation, symbols, default).Select(n => n.ToText()));
    }

    /// <summary>What is read of every module class, which are asked for in the order of their names or against it.</summary>
    public string ReadAll(bool backwards) => ReadAll(Compile(), backwards);

    /// <summary>The same for any compilation.</summary>
    public static string ReadAll(Compilation compilation, bool backwards)
    {
        var reader = new NetworkReader(compilation, TorchSharpSymbols.TryResolve(compilation)!);
        var names = compilation.GetSymbolsWithName(_ => true, SymbolFilter.Type).OfType<INamedTypeSymbol>().OrderBy(t => t.ToDisplayString(), StringComparer.Ordinal).ToList();
        var read = (backwards ? names.AsEnumerable().Reverse() : names).SelectMany(t => reader.OfClass(t, default)).Select(n => n.ToText()).ToList();
        return string.Join("\n", read.Order(StringComparer.Ordinal));
    }

    private CSharpCompilation Compile()
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        var trees = new List<SyntaxTree> { CSharpSyntaxTree.ParseText(GlobalUsings, options, "/0/GlobalUsings.cs") };
        var name = "Net.cs";
        foreach (var file in Source.Split(FileMark))
        {
            // Behind a mark the rest of its line is the file's name.
            var code = trees.Count == 1 ? file : file[file.IndexOf('\n')..];
            name = trees.Count == 1 ? name : file[..file.IndexOf('\n')];
            trees.Add(CSharpSyntaxTree.ParseText(code, options, "/0/" + name));
        }

        var kind = Idioms.Contains("top-level") ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary;
        var references = IsOld ? OldTorchSharp.References : ReferenceAssemblies.WithTorchSharp;
        return CSharpCompilation.Create("Golden", trees, references, new CSharpCompilationOptions(kind, nullableContextOptions: NullableContextOptions.Disable));
    }

    private static string Folder([CallerFilePath] string thisFile = "") => Path.Combine(Path.GetDirectoryName(thisFile)!, "Networks");
}
