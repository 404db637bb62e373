using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.Testing;

/// <summary>An expected diagnostic. Immutable; <c>With*</c> methods return changed copies, as in Microsoft.CodeAnalysis.Testing.</summary>
public sealed record DiagnosticResult(string Id, DiagnosticSeverity? Severity)
{
    public DiagnosticResult(DiagnosticDescriptor descriptor) : this(descriptor.Id, descriptor.DefaultSeverity) => MessageFormat = descriptor.MessageFormat;

    public LocalizableString? MessageFormat { get; init; }
    public object?[]? Arguments { get; init; }
    public string? ExplicitMessage { get; init; }
    public string? Path { get; init; }
    public TextSpan? Span { get; init; }
    public string? MarkupKey { get; init; }
    public (int Line, int Column)? Start { get; init; }
    public bool NoLocation { get; init; }

    public string? Message => ExplicitMessage ?? (Arguments is { Length: > 0 } a && MessageFormat is not null ? string.Format(MessageFormat.ToString(), a) : null);

    public static DiagnosticResult CompilerError(string id) => new(id, DiagnosticSeverity.Error);
    public static DiagnosticResult CompilerWarning(string id) => new(id, DiagnosticSeverity.Warning);

    public DiagnosticResult WithArguments(params object?[] arguments) => this with { Arguments = arguments };
    public DiagnosticResult WithMessage(string message) => this with { ExplicitMessage = message };
    public DiagnosticResult WithSeverity(DiagnosticSeverity severity) => this with { Severity = severity };
    public DiagnosticResult WithLocation(int markupKey) => this with { MarkupKey = "#" + markupKey };
    public DiagnosticResult WithLocation(int line, int column) => this with { Start = (line, column) };
    public DiagnosticResult WithNoLocation() => this with { NoLocation = true };

    public bool Matches(Diagnostic actual)
    {
        if (actual.Id != Id || (Severity is { } s && actual.Severity != s) || (Message is { } m && actual.GetMessage() != m))
            return false;
        if (NoLocation)
            return actual.Location == Location.None;
        if (Path is not null && actual.Location.SourceTree?.FilePath != Path)
            return false;
        if (Span is { } span && actual.Location.SourceSpan != span)
            return false;
        var start = actual.Location.GetLineSpan().StartLinePosition;
        return Start is not { } at || (start.Line + 1, start.Character + 1) == at;
    }

    public override string ToString() => $"{Severity} {Id} at {Path}{(Span is { } s ? s : Start is { } p ? p : NoLocation ? "(none)" : "")} {Message}";
}
