using System.Collections.Concurrent;
using GradLint.Analyzers.Reading;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Training;

/// <summary>Finds the recurrent layers inside of models; every class is looked through once.</summary>
internal sealed class RecurrentLayers(Compilation compilation, SourceIndex index, SemanticModels models, TrainingSymbols symbols)
{
    private const int DepthLimit = 8;

    private readonly ConcurrentDictionary<INamedTypeSymbol, IReadOnlyList<RecurrentLayer>> ofTypes = new(SymbolEqualityComparer.Default);

    /// <summary>The recurrent layers of the models that an expression may stand for, and whether there may be models that were not found.</summary>
    public (IReadOnlyList<RecurrentLayer> Layers, bool IsIncomplete) Of(IOperation model, CancellationToken cancellationToken) => Of(model, 0, cancellationToken);

    /// <summary>The recurrent layers of a class and its bases; empty where the class is not of this compilation.</summary>
    public IReadOnlyList<RecurrentLayer> Of(ITypeSymbol? type, CancellationToken cancellationToken) => OfType(type, 0, cancellationToken);

    /// <summary>Whether the class that holds a layer calls one of these methods.</summary>
    public static bool OwnerMentions(RecurrentLayer layer, Func<string, bool> name, CancellationToken cancellationToken)
    {
        if (layer.Owner is not { } owner)
            return false;
        foreach (var reference in owner.DeclaringSyntaxReferences)
        {
            foreach (var token in reference.GetSyntax(cancellationToken).DescendantTokens())
            {
                if (token.IsKind(SyntaxKind.IdentifierToken) && name(token.ValueText))
                    return true;
            }
        }

        return false;
    }

    private (IReadOnlyList<RecurrentLayer> Layers, bool IsIncomplete) Of(IOperation model, int depth, CancellationToken cancellationToken)
    {
        while (model is IConversionOperation conversion)
            model = conversion.Operand;
        var layers = new List<RecurrentLayer>();
        if (model is IInstanceReferenceOperation)
        {
            layers.AddRange(OfType(model.Type, depth, cancellationToken));

            // What a base class trains is the object of the derived one.
            if (layers.Count == 0 && model.Type is INamedTypeSymbol { IsSealed: false } ancestor)
                layers.AddRange(OfDerived(ancestor, depth, cancellationToken));
            return (layers, layers.Count == 0);
        }

        if (OfType(model.Type, depth, cancellationToken) is { Count: > 0 } typed)
            return (typed, false);
        var origins = new ValueOrigins(index, models, symbols, cancellationToken).Follow(model);
        var incomplete = origins.IsIncomplete;
        foreach (var origin in origins.Found)
        {
            switch (origin)
            {
                case IInvocationOperation call when symbols.Recurrent(call.Type) is { } cell:
                    layers.Add(Layer(cell, call.Type!, "", call.Type!, null, call));
                    break;
                case IInstanceReferenceOperation:
                    layers.AddRange(OfType(origin.Type, depth, cancellationToken));
                    break;
                case IObjectCreationOperation or IInvocationOperation:
                    if (OfType(origin.Type, depth, cancellationToken) is { Count: > 0 } inner)
                        layers.AddRange(inner);
                    else if (symbols.TorchSharp.IsModule(origin.Type) && depth < DepthLimit)
                        layers.AddRange(OfElements(origin, depth, cancellationToken));
                    incomplete |= origin is IInvocationOperation { TargetMethod: { } method } && !symbols.TorchSharp.IsTorchSharps(method);
                    break;
                default:
                    incomplete = true;
                    break;
            }
        }

        return (layers, incomplete);
    }

    /// <summary>The modules in the arguments of a <c>Sequential</c>, <c>ModuleList</c> or <c>ModuleDict</c>.</summary>
    private IEnumerable<RecurrentLayer> OfElements(IOperation container, int depth, CancellationToken cancellationToken)
    {
        var position = 0;
        foreach (var element in container.Descendants())
        {
            if (element is not (IInvocationOperation or IObjectCreationOperation or ILocalReferenceOperation or IFieldReferenceOperation) || !symbols.IsModule(element.Type))
                continue;
            var name = element.Parent is IConversionOperation { Parent: ITupleOperation converted } ? ElementName(converted)
                : element.Parent is ITupleOperation tuple ? ElementName(tuple)
                : null;
            name ??= position.ToString(System.Globalization.CultureInfo.InvariantCulture);
            position++;
            foreach (var layer in Of(element, depth + 1, cancellationToken).Layers)
                yield return Under(name, layer, container.Type!);
        }
    }

    private static string? ElementName(ITupleOperation tuple) => tuple.Elements[0].ConstantValue is { HasValue: true, Value: string name } ? name : null;

    private IReadOnlyList<RecurrentLayer> OfType(ITypeSymbol? type, int depth, CancellationToken cancellationToken)
    {
        if (symbols.Recurrent(type) is { } cell)
            return [new(cell, IsCell(type!), "", type!, null, Location.None)];
        if (type is not INamedTypeSymbol named || !symbols.IsSource(named) || !symbols.TorchSharp.IsModule(named) || depth >= DepthLimit)
            return [];
        named = named.OriginalDefinition;
        if (ofTypes.TryGetValue(named, out var known))
            return known;
        var layers = new List<RecurrentLayer>();
        for (INamedTypeSymbol? t = named; t is not null && symbols.IsSource(t.OriginalDefinition); t = t.BaseType)
        {
            foreach (var member in t.OriginalDefinition.GetMembers())
            {
                if (member is not { IsStatic: false, IsImplicitlyDeclared: false } || MemberType(member) is not { } memberType || !symbols.IsModule(memberType))
                    continue;
                foreach (var layer in OfMember(member, memberType, depth, cancellationToken))
                    layers.Add(Under(ObjectValue.ComponentName(member), layer with { Owner = layer.Owner ?? t.OriginalDefinition, Location = layer.Location == Location.None ? member.Locations[0] : layer.Location }, named));
            }
        }

        return depth == 0 ? ofTypes.GetOrAdd(named, layers) : layers;
    }

    private IEnumerable<RecurrentLayer> OfMember(ISymbol member, ITypeSymbol type, int depth, CancellationToken cancellationToken)
    {
        var cell = symbols.Recurrent(type);
        if (cell is null && OfType(type, depth + 1, cancellationToken) is { Count: > 0 } nested)
        {
            foreach (var layer in nested)
                yield return layer;
            yield break;
        }

        // Its construction says whether an RNN is one of tanh or of ReLU, and what a member of a base type holds.
        var origins = new ValueOrigins(index, models, symbols, cancellationToken).FollowMember(member);
        var any = false;
        foreach (var origin in origins.Found)
        {
            if (cell is null && depth < DepthLimit)
            {
                foreach (var layer in Of(origin, depth + 1, cancellationToken).Layers)
                    yield return layer;
            }
            else if (origin is IInvocationOperation { Type: { } made } call && symbols.Recurrent(made) is { } madeCell && !any)
            {
                any = true;
                yield return Layer(madeCell, made, "", made, null, call);
            }
        }

        if (cell is { } declared && !any)
            yield return new(declared, IsCell(type), "", type, null, Location.None);
    }

    private IEnumerable<RecurrentLayer> OfDerived(INamedTypeSymbol ancestor, int depth, CancellationToken cancellationToken)
    {
        foreach (var declaration in index.DerivedFrom(ancestor.Name))
        {
            if (depth >= DepthLimit || models.For(declaration.SyntaxTree)?.GetDeclaredSymbol(declaration, cancellationToken) is not INamedTypeSymbol derived
                || !SymbolEqualityComparer.Default.Equals(derived.BaseType?.OriginalDefinition, ancestor.OriginalDefinition))
                continue;
            foreach (var layer in OfType(derived, depth + 1, cancellationToken))
                yield return layer;
            foreach (var layer in OfDerived(derived, depth + 1, cancellationToken))
                yield return layer;
        }
    }

    private RecurrentLayer Layer(RecurrentCell cell, ITypeSymbol type, string path, ITypeSymbol model, INamedTypeSymbol? owner, IInvocationOperation call)
    {
        foreach (var argument in call.Arguments)
        {
            if (argument.Parameter?.Type is { TypeKind: TypeKind.Enum, Name: "NonLinearities" } nonlinearity
                && argument.Value.ConstantValue is { HasValue: true, Value: { } value }
                && nonlinearity.GetMembers("ReLU").FirstOrDefault() is IFieldSymbol { ConstantValue: { } relu } && relu.Equals(value))
                cell = RecurrentCell.ReLU;
        }

        return new(cell, IsCell(type), path, model, owner, compilation.ContainsSyntaxTree(call.Syntax.SyntaxTree) ? call.Syntax.GetLocation() : Location.None);
    }

    private static RecurrentLayer Under(string name, RecurrentLayer layer, ITypeSymbol model) =>
        layer with { Path = layer.Path.Length == 0 ? name : name + "." + layer.Path, Model = model };

    private static bool IsCell(ITypeSymbol type) => type.Name.EndsWith("Cell", StringComparison.Ordinal);

    private static ITypeSymbol? MemberType(ISymbol member) => member switch
    {
        IFieldSymbol { AssociatedSymbol: null } field => field.Type,
        IPropertySymbol { IsIndexer: false, SetMethod: not null } property => property.Type,
        IPropertySymbol { IsIndexer: false } property when property.DeclaringSyntaxReferences.Any(r => r.GetSyntax() is PropertyDeclarationSyntax { ExpressionBody: null } p
            && p.AccessorList!.Accessors.All(a => a.Body is null && a.ExpressionBody is null)) => property.Type,
        _ => null,
    };
}
