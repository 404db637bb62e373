namespace GradLint.SignalPropagation;

/// <summary>Where a layer is written. Opaque here: nothing that is predicted depends on it.</summary>
/// <param name="File">Path of the file, or null where there is no source.</param>
/// <param name="Line">Line, the first being 1; 0 where unknown.</param>
/// <param name="Column">Column, the first being 1; 0 where unknown.</param>
/// <param name="Start">Offset of the first character in the file.</param>
/// <param name="Length">Number of characters.</param>
public readonly record struct SourceLocation(string? File, int Line, int Column = 0, int Start = 0, int Length = 0)
{
    /// <summary>No place in any source.</summary>
    public static SourceLocation None => default;

    /// <summary>Whether there is a source.</summary>
    public bool IsKnown => File is not null;

    /// <summary>For example <c>Models/Net.cs:17</c>, or an empty string.</summary>
    public override string ToString() => IsKnown ? FormattableString.Invariant($"{File}:{Line}") : "";
}
