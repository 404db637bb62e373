using GradLint.Analyzers.Reading;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Training;

/// <summary>What training code is made of, in TorchSharp as the compilation references it.</summary>
internal sealed class TrainingSymbols
{
    private readonly INamedTypeSymbol optimizer;
    private readonly IAssemblySymbol assembly;
    private readonly Dictionary<ISymbol, RecurrentCell> recurrent = new(SymbolEqualityComparer.Default);

    private TrainingSymbols(TorchSharpSymbols torchSharp, INamedTypeSymbol optimizer, Compilation compilation)
    {
        TorchSharp = torchSharp;
        this.optimizer = optimizer;
        assembly = compilation.Assembly;
        foreach (var (name, cell) in ((string, RecurrentCell)[])[
            ("RNN", RecurrentCell.Tanh), ("RNNCell", RecurrentCell.Tanh), ("LSTM", RecurrentCell.LSTM), ("LSTMCell", RecurrentCell.LSTM), ("GRU", RecurrentCell.GRU), ("GRUCell", RecurrentCell.GRU)])
        {
            if (compilation.GetTypeByMetadataName("TorchSharp.Modules." + name) is { } type)
                recurrent.Add(type, cell);
        }
    }

    public TorchSharpSymbols TorchSharp { get; }

    /// <summary>Null when the compilation does not reference TorchSharp.</summary>
    public static TrainingSymbols? TryResolve(Compilation compilation) =>
        TorchSharpSymbols.TryResolve(compilation) is { } torchSharp && compilation.GetTypeByMetadataName("TorchSharp.torch+optim+Optimizer") is { } optimizer
            ? new TrainingSymbols(torchSharp, optimizer, compilation)
            : null;

    /// <summary>Whether a symbol is written in this compilation. In an editor other projects have syntax as well, in a build they have none.</summary>
    public bool IsSource(ISymbol symbol) => SymbolEqualityComparer.Default.Equals(symbol.ContainingAssembly, assembly) && !symbol.DeclaringSyntaxReferences.IsEmpty;

    public bool IsOptimizer(ITypeSymbol? type) => TorchSharpSymbols.DerivesFrom(type, optimizer);

    public bool IsModule(ITypeSymbol? type) => TorchSharp.IsModule(type) || (type is ITypeParameterSymbol parameter && parameter.ConstraintTypes.Any(TorchSharp.IsModule));

    /// <summary>Whether an optimizer hands out what it updates.</summary>
    public bool OptimizerHasParameters => optimizer.GetMembers("parameters").Any(m => m is IMethodSymbol { Parameters.IsEmpty: true, DeclaredAccessibility: Accessibility.Public });

    /// <summary>The equations of TorchSharp's own recurrent layers and cells; null for every other type. RNNs are tanh here: a type does not tell.</summary>
    public RecurrentCell? Recurrent(ITypeSymbol? type)
    {
        for (var t = type; t is not null; t = t.BaseType)
        {
            if (recurrent.TryGetValue(t, out var cell))
                return cell;
        }

        return null;
    }

    /// <summary>TorchSharp, the framework, or GradLint's own probe: none of them clips without being told to.</summary>
    public bool IsKnownLibrary(IAssemblySymbol? library)
    {
        if (library is null || SymbolEqualityComparer.Default.Equals(library, TorchSharp.Module.ContainingAssembly))
            return true;
        var name = library.Name;
        return name is "mscorlib" or "netstandard" or "System" or "WindowsBase" or "PresentationFramework"
            || name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.", StringComparison.Ordinal)
            || name.StartsWith("GradLint.", StringComparison.Ordinal);
    }
}
