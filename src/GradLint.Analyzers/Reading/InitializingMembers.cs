using GradLint.Analyzers.Training;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Analyzers.Reading;

/// <summary>
/// The members that may initialize parameters, themselves or through what they call, by the types of which they speak. By names alone:
/// more are found than do.
/// </summary>
internal sealed class InitializingMembers
{
    private const int CallDepth = 3;
    private const int CallerLimit = 64;

    private readonly Dictionary<string, List<MemberDeclarationSyntax>> bySpokenType = new(StringComparer.Ordinal);

    public InitializingMembers(SourceIndex index, CancellationToken cancellationToken)
    {
        var pending = new Queue<(MemberDeclarationSyntax Member, int Depth)>(index.Writers.Select(w => (w, CallDepth)));
        var seen = new HashSet<MemberDeclarationSyntax>();
        var followed = new HashSet<string>(StringComparer.Ordinal);
        while (pending.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (member, depth) = pending.Dequeue();
            if (!seen.Add(member))
                continue;
            foreach (var name in SpokenTypes(member))
            {
                if (!bySpokenType.TryGetValue(name, out var members))
                    bySpokenType.Add(name, members = []);
                members.Add(member);
            }

            if (depth == 0 || member is not MethodDeclarationSyntax { Identifier.ValueText: var called } || !followed.Add(called))
                continue;
            foreach (var call in index.Calls(called).Take(CallerLimit))
            {
                // A constructor runs where the object is made: what it does is seen there.
                if (call.FirstAncestorOrSelf<MemberDeclarationSyntax>() is { } caller and not (ConstructorDeclarationSyntax or BaseFieldDeclarationSyntax or BaseTypeDeclarationSyntax))
                    pending.Enqueue((caller, depth - 1));
            }
        }
    }

    public IReadOnlyList<MemberDeclarationSyntax> SpeakingOf(string type) => bySpokenType.TryGetValue(type, out var members) ? members : [];

    /// <summary>Every name in a member, and the types of the fields and properties that it names.</summary>
    private static HashSet<string> SpokenTypes(MemberDeclarationSyntax member)
    {
        var spoken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var token in member.DescendantTokens())
        {
            if (token.IsKind(SyntaxKind.IdentifierToken))
                spoken.Add(token.ValueText);
        }

        if (member.Parent is not TypeDeclarationSyntax around)
            return spoken;
        foreach (var other in around.Members)
        {
            switch (other)
            {
                case BaseFieldDeclarationSyntax { Declaration: var field } when field.Variables.Any(v => spoken.Contains(v.Identifier.ValueText)):
                    spoken.Add(SourceIndex.LastName(field.Type));
                    break;
                case PropertyDeclarationSyntax property when spoken.Contains(property.Identifier.ValueText):
                    spoken.Add(SourceIndex.LastName(property.Type));
                    break;
            }
        }

        return spoken;
    }
}
