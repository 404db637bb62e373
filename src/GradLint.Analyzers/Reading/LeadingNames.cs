using System.Collections.Concurrent;
using GradLint.Analyzers.Training;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Analyzers.Reading;

/// <summary>
/// The names that lead to something: those that stand for it, the methods and variables that hold code with such a name in it, the types
/// that are made with it, what calls or derives from these, and so on. By names alone: code without any of them does not lead there, code with one may.
/// </summary>
internal sealed class LeadingNames
{
    private readonly HashSet<string> names;
    private readonly ConcurrentDictionary<SyntaxNode, bool> known = new();

    public LeadingNames(SourceIndex index, IEnumerable<string> seeds, CancellationToken cancellationToken)
    {
        names = new(seeds, StringComparer.Ordinal);
        var pending = new Queue<string>(names);
        while (pending.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var next = pending.Dequeue();
            foreach (var name in index.Calls(next).Concat(index.Constructions(next)).SelectMany(NamesAround).Concat(index.DerivedFrom(next).Select(t => t.Identifier.ValueText)))
            {
                // What has no name is called by none.
                if (name.Length > 0 && names.Add(name))
                    pending.Enqueue(name);
            }
        }
    }

    /// <summary>Whether a piece of code may lead there.</summary>
    public bool AreIn(SyntaxNode code) =>
        known.GetOrAdd(code, c => c.DescendantTokens().Any(t => t.IsKind(SyntaxKind.IdentifierToken) && names.Contains(t.ValueText)));

    /// <summary>By what the code around a call is run.</summary>
    private static IEnumerable<string> NamesAround(SyntaxNode call)
    {
        for (var at = call.Parent; at is not null; at = at.Parent)
        {
            switch (at)
            {
                case LocalFunctionStatementSyntax function:
                    yield return function.Identifier.ValueText;
                    break;
                case AnonymousFunctionExpressionSyntax { Parent: EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax variable } }:
                    yield return variable.Identifier.ValueText;
                    break;
                case AnonymousFunctionExpressionSyntax { Parent: AssignmentExpressionSyntax assignment }:
                    yield return SourceIndex.LastName(assignment.Left);
                    break;
                case MethodDeclarationSyntax method:
                    yield return method.Identifier.ValueText;
                    yield break;
                case PropertyDeclarationSyntax property:
                    yield return property.Identifier.ValueText;
                    yield return Around(property);
                    yield break;
                case MemberDeclarationSyntax member and (ConstructorDeclarationSyntax or BaseFieldDeclarationSyntax or TypeDeclarationSyntax):
                    yield return Around(member);
                    yield break;
                case MemberDeclarationSyntax:
                    yield break;
            }
        }
    }

    /// <summary>The type whose construction runs a member.</summary>
    private static string Around(MemberDeclarationSyntax member) => member.FirstAncestorOrSelf<TypeDeclarationSyntax>()?.Identifier.ValueText ?? "";
}
