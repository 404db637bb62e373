using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Reading;

/// <summary>Type names as reflection prints them.</summary>
internal static class TypeNames
{
    /// <summary><see cref="Type.FullName"/> of a type's definition: <c>Models.Outer+Net`1</c>.</summary>
    public static string FullName(INamedTypeSymbol? type)
    {
        if (type is null)
            return "";
        if (type.ContainingType is { } outer)
            return FullName(outer) + "+" + type.MetadataName;
        return type.ContainingNamespace is { IsGlobalNamespace: false } space ? space.ToDisplayString() + "." + type.MetadataName : type.MetadataName;
    }
}
