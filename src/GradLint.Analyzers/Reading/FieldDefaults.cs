using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Analyzers.Reading;

/// <summary>What a field or property holds that no constructor assigned: null, 0 or false, where nothing else can have assigned it either.</summary>
internal sealed class FieldDefaults
{
    private readonly ConcurrentDictionary<ISymbol, bool> settled = new(SymbolEqualityComparer.Default);

    public Value Of(ISymbol member, CancellationToken cancellationToken)
    {
        var type = member switch
        {
            IFieldSymbol field => field.Type,
            IPropertySymbol { GetMethod: not null } property => property.Type,
            _ => null,
        };
        if (type is null || !settled.GetOrAdd(member.OriginalDefinition, m => IsSettled(m, cancellationToken)))
            return Value.Unknown;
        return type switch
        {
            { IsReferenceType: true } or { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } => ConstantValue.Null,
            { SpecialType: SpecialType.System_Boolean } => new ConstantValue(false),
            { SpecialType: SpecialType.System_Int32 or SpecialType.System_Int64 } => new ConstantValue(0L),
            { SpecialType: SpecialType.System_Double or SpecialType.System_Single } => new ConstantValue(0.0),
            _ => Value.Unknown,
        };
    }

    /// <summary>Whether only constructors assign it.</summary>
    private static bool IsSettled(ISymbol member, CancellationToken cancellationToken)
    {
        if (member.DeclaringSyntaxReferences.IsEmpty || member.IsAbstract)
            return false;
        switch (member)
        {
            case IFieldSymbol { IsReadOnly: true }:
                return true;
            case IPropertySymbol property:
                return property.SetMethod is null or { IsInitOnly: true } && property.DeclaringSyntaxReferences[0].GetSyntax(cancellationToken) is PropertyDeclarationSyntax { AccessorList: { } accessors }
                    && accessors.Accessors.All(a => a.Body is null && a.ExpressionBody is null);
            case IFieldSymbol { DeclaredAccessibility: Accessibility.Private }:
                foreach (var declaration in member.ContainingType.DeclaringSyntaxReferences)
                {
                    foreach (var token in declaration.GetSyntax(cancellationToken).DescendantTokens())
                    {
                        if (token.IsKind(SyntaxKind.IdentifierToken) && token.ValueText == member.Name && MayAssign(token.Parent))
                            return false;
                    }
                }

                return true;
            default:
                return false;
        }
    }

    private static bool MayAssign(SyntaxNode? name)
    {
        if (name is not IdentifierNameSyntax)
            return false;
        var target = name.Parent is MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax } access ? access : name;
        return target.Parent switch
        {
            AssignmentExpressionSyntax assignment when assignment.Left == target => target.FirstAncestorOrSelf<ConstructorDeclarationSyntax>() is null || target.FirstAncestorOrSelf<AnonymousFunctionExpressionSyntax>() is not null,
            ArgumentSyntax argument => !argument.RefKindKeyword.IsKind(SyntaxKind.None) || argument.Parent is TupleExpressionSyntax,
            _ => false,
        };
    }
}
