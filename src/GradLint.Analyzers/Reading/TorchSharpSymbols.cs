using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Reading;

/// <summary>TorchSharp as the compilation at hand references it; resolved once per compilation.</summary>
internal sealed class TorchSharpSymbols
{
    private TorchSharpSymbols(INamedTypeSymbol torch, INamedTypeSymbol nn, INamedTypeSymbol module, INamedTypeSymbol tensor, Compilation compilation)
    {
        Torch = torch;
        Nn = nn;
        Module = module;
        Tensor = tensor;
        Functional = compilation.GetTypeByMetadataName("TorchSharp.torch+nn+functional");
        Init = compilation.GetTypeByMetadataName("TorchSharp.torch+nn+init");
        Sequential = compilation.GetTypeByMetadataName("TorchSharp.Modules.Sequential");
        Version = module.ContainingAssembly.Identity.Version;
    }

    public INamedTypeSymbol Torch { get; }

    public INamedTypeSymbol Nn { get; }

    public INamedTypeSymbol? Functional { get; }

    public INamedTypeSymbol? Init { get; }

    public INamedTypeSymbol Module { get; }

    public INamedTypeSymbol Tensor { get; }

    public INamedTypeSymbol? Sequential { get; }

    public Version Version { get; }

    /// <summary>GroupNorm leaves weight and bias uninitialized from this version on.</summary>
    public bool GroupNormIsUninitialized => Version >= new Version(0, 104);

    /// <summary>Null when the compilation does not reference TorchSharp: then nothing is read and no rule runs.</summary>
    public static TorchSharpSymbols? TryResolve(Compilation compilation) =>
        compilation.GetTypeByMetadataName("TorchSharp.torch") is { } torch
        && compilation.GetTypeByMetadataName("TorchSharp.torch+nn") is { } nn
        && compilation.GetTypeByMetadataName("TorchSharp.torch+nn+Module") is { } module
        && compilation.GetTypeByMetadataName("TorchSharp.torch+Tensor") is { } tensor
            ? new TorchSharpSymbols(torch, nn, module, tensor, compilation)
            : null;

    public bool IsModule(ITypeSymbol? type) => DerivesFrom(type, Module);

    public bool IsTensor(ITypeSymbol? type) => DerivesFrom(type, Tensor);

    public bool IsTorchSharps(ISymbol? symbol) => SymbolEqualityComparer.Default.Equals(symbol?.ContainingAssembly, Module.ContainingAssembly);

    public static bool DerivesFrom(ITypeSymbol? type, ITypeSymbol ancestor)
    {
        for (var t = type; t is not null; t = t.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(t.OriginalDefinition, ancestor))
                return true;
        }

        return false;
    }
}
