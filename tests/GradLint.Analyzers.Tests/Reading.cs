using GradLint.Analyzers.Reading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace GradLint.Analyzers.Tests;

/// <summary>Reads the networks of a test source.</summary>
internal static class Read
{
    private const string Usings = NetworkSource.Usings + "using static TorchSharp.torch.nn.functional;\n";

    /// <summary>The network of class <c>Net</c>, as text; null when it has none.</summary>
    public static string? Class(string source) => Network(source)?.Network.ToText().Replace("\r\n", "\n");

    /// <summary>The same of code that does not compile.</summary>
    public static string Broken(string source)
    {
        var compilation = Compile(source, OutputKind.DynamicallyLinkedLibrary, mayBeBroken: true);
        return new NetworkReader(compilation, TorchSharpSymbols.TryResolve(compilation)!).Read(compilation.GetTypeByMetadataName("Net")!, default)!.ToText();
    }

    public static ReadNetwork? Network(string source, string name = "Net") => All(source, name).FirstOrDefault();

    /// <summary>Every network that is read of a class.</summary>
    public static IReadOnlyList<ReadNetwork> All(string source, string name = "Net", OutputKind kind = OutputKind.DynamicallyLinkedLibrary)
    {
        var compilation = Compile(source, kind);
        var type = compilation.GetTypeByMetadataName(name);
        Assert.NotNull(type);
        return new NetworkReader(compilation, TorchSharpSymbols.TryResolve(compilation)!).OfClass(type, default);
    }

    /// <summary>The networks outside of classes that a top-level program or the methods of class <c>Program</c> make, as text.</summary>
    public static IReadOnlyList<ReadNetwork> Program(string source)
    {
        var compilation = Compile(source, OutputKind.ConsoleApplication);
        var reader = new NetworkReader(compilation, TorchSharpSymbols.TryResolve(compilation)!);
        return [.. compilation.GetTypeByMetadataName("Program")!.GetMembers().OfType<IMethodSymbol>()
            .Select(m => (Method: m, Body: reader.Operation(m, default))).Where(m => m.Body is not null)
            .SelectMany(m => reader.ReadBody(m.Body!, m.Method, default))];
    }

    /// <summary>The network that the initializer of a field makes.</summary>
    public static ReadNetwork Initializer(string source, string type, string field)
    {
        var compilation = Compile(source, OutputKind.DynamicallyLinkedLibrary);
        var reader = new NetworkReader(compilation, TorchSharpSymbols.TryResolve(compilation)!);
        var syntax = compilation.GetTypeByMetadataName(type)!.GetMembers(field).Single().DeclaringSyntaxReferences[0].GetSyntax();
        return Assert.Single(reader.ReadBody(((Microsoft.CodeAnalysis.CSharp.Syntax.VariableDeclaratorSyntax)syntax).Initializer!, default));
    }

    private static CSharpCompilation Compile(string source, OutputKind kind, bool mayBeBroken = false)
    {
        var compilation = CSharpCompilation.Create(
            "Test", [CSharpSyntaxTree.ParseText(Usings + source, path: "/0/Net.cs")], ReferenceAssemblies.WithTorchSharp, new CSharpCompilationOptions(kind));
        Assert.True(mayBeBroken || !compilation.GetDiagnostics().Any(d => d.Severity == DiagnosticSeverity.Error), string.Join("\n", compilation.GetDiagnostics()));
        return compilation;
    }
}
