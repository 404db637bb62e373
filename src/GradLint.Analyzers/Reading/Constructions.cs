using System.Collections.Concurrent;
using GradLint.Analyzers.Training;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Reading;

/// <summary>
/// Where the module classes of a compilation are constructed: with which arguments, and what the code around does to their parameters
/// before they are trained. Found by name first; only what may construct a class is bound, and each body is run once.
/// </summary>
internal sealed class Constructions
{
    private const int SiteLimit = 32;
    private const int CallerLimit = 16;
    private const int CallDepth = 3;

    private readonly NetworkReader reader;
    private readonly SemanticModels models;
    private readonly Compilation compilation;
    private readonly ConcurrentDictionary<ISymbol, Once<IReadOnlyList<Interpreter>>> observed = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<SyntaxNode, (string Namespace, HashSet<string> Usings)> surroundings = new();
    private InitializingMembers? initializing;

    public Constructions(NetworkReader reader, SemanticModels models, Compilation compilation)
    {
        this.reader = reader;
        this.models = models;
        this.compilation = compilation;
    }

    /// <summary>
    /// What was constructed of a class: one list for each construction, which holds the object as it is on every way through the branches
    /// that lead to it. Without a construction in sight, the object that a caller would get who passes nothing but what he must.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<(Interpreter Interpreter, ObjectValue Module)>> Of(INamedTypeSymbol type, CancellationToken cancellationToken)
    {
        _ = SourceIndex.Of(compilation, cancellationToken);
        var constructions = new List<List<(Interpreter, ObjectValue)>>();
        var roots = new List<ISymbol>();
        CollectRoots(type, CallDepth, new(SymbolEqualityComparer.Default), roots, cancellationToken);
        var distinct = roots.Distinct(SymbolEqualityComparer.Default).ToList();

        // A class and its blocks are constructed in the same places: who reads the one begins where nobody is who reads the other.
        foreach (var root in distinct)
            Observation(root!).Begin(() => RunEveryWay(root!, cancellationToken));
        foreach (var root in distinct)
            Add(type, Observe(root!, cancellationToken), constructions);

        // Of those who call a method of that name, none may have meant this one.
        var met = new HashSet<SyntaxNode>(constructions.Select(c => c[0].Item2.Syntax));
        foreach (var member in Sites(type).Where(s => !met.Contains(s)).Select(s => Around(s, cancellationToken)).OfType<IMethodSymbol>().Distinct<IMethodSymbol>(SymbolEqualityComparer.Default))
        {
            if (member.MethodKind == MethodKind.Ordinary && !roots.Contains(member, SymbolEqualityComparer.Default))
                Add(type, Observe(member, cancellationToken), constructions);
        }

        if (constructions.Count == 0)
            Add(type, Observe(type, cancellationToken), constructions);
        return constructions;
    }

    /// <summary>What runs around a method: those who call it; empty where nobody is seen to, or where it would not matter.</summary>
    public IReadOnlyList<Interpreter> Around(IMethodSymbol method, CancellationToken cancellationToken)
    {
        _ = SourceIndex.Of(compilation, cancellationToken);
        if (!Matters)
            return [];
        var roots = new List<ISymbol>();
        var visited = new HashSet<ISymbol>(SymbolEqualityComparer.Default) { method };
        foreach (var call in Index.Calls(method.Name).Where(c => c is InvocationExpressionSyntax && !IsInside(c, method)).Take(CallerLimit))
            CollectRoots(call, CallDepth - 1, visited, roots, cancellationToken);
        return [.. roots.Distinct(SymbolEqualityComparer.Default).SelectMany(root => Observe(root!, cancellationToken))];
    }

    /// <summary>Made before it is asked for, where its making can be cancelled.</summary>
    private SourceIndex Index => SourceIndex.Of(compilation, default);

    private InitializingMembers Initializing(CancellationToken cancellationToken) => initializing ??= new(Index, cancellationToken);

    private static void Add(INamedTypeSymbol type, IReadOnlyList<Interpreter> ways, List<List<(Interpreter, ObjectValue)>> constructions)
    {
        // The same construction on another way is the one with the same place and, in a loop, the same round.
        var known = new Dictionary<(SyntaxNode, int), List<(Interpreter, ObjectValue)>>();
        foreach (var way in ways)
        {
            var rounds = new Dictionary<SyntaxNode, int>();
            foreach (var module in CreatedBy(way))
            {
                if (!SymbolEqualityComparer.Default.Equals(module.Type, type))
                    continue;
                rounds.TryGetValue(module.Syntax, out var round);
                rounds[module.Syntax] = round + 1;
                if (!known.TryGetValue((module.Syntax, round), out var construction))
                {
                    known.Add((module.Syntax, round), construction = []);
                    constructions.Add(construction);
                }

                construction.Add((way, module));
            }
        }
    }

    private static IReadOnlyList<ObjectValue> CreatedBy(Interpreter way)
    {
        // A forward that is being read may make modules of its own.
        lock (way)
            return [.. way.Created];
    }

    /// <summary>The classes and bodies to run so that the constructions of a class are met.</summary>
    private void CollectRoots(INamedTypeSymbol type, int depth, HashSet<ISymbol> visited, List<ISymbol> roots, CancellationToken cancellationToken)
    {
        if (!visited.Add(type))
            return;
        var before = roots.Count;
        foreach (var site in depth > 0 ? Sites(type) : [])
            CollectRoots(site, depth, visited, roots, cancellationToken);
        if (roots.Count == before)
            roots.Add(type);
    }

    /// <summary>Where a class is constructed, by name; none where it does not matter with what and by whom.</summary>
    private IEnumerable<SyntaxNode> Sites(INamedTypeSymbol type) => Matters || type.InstanceConstructors.Any(c => c.Parameters.Any(IsTelling))
        ? Index.Constructions(type.Name).Where(s => MayMean(s, type)).Take(SiteLimit)
        : [];

    private void CollectRoots(SyntaxNode site, int depth, HashSet<ISymbol> visited, List<ISymbol> roots, CancellationToken cancellationToken)
    {
        switch (Around(site, cancellationToken))
        {
            case { IsStatic: false } member and (IFieldSymbol or IPropertySymbol or IMethodSymbol { MethodKind: MethodKind.Constructor }):
                CollectRoots(member.ContainingType, depth - (reader.IsModuleClass(member.ContainingType) ? 0 : 1), visited, roots, cancellationToken);
                break;
            case IMethodSymbol { MethodKind: MethodKind.Ordinary } method when depth > 0 && (method.Parameters.Length > 0 || Matters) && visited.Add(method):
                var before = roots.Count;
                foreach (var call in Index.Calls(method.Name).Where(c => c is InvocationExpressionSyntax && !IsInside(c, method)).Take(CallerLimit))
                    CollectRoots(call, depth - 1, visited, roots, cancellationToken);
                if (roots.Count == before)
                    roots.Add(method);
                break;
            case { } other when !visited.Contains(other):
                roots.Add(other);
                break;
        }
    }

    /// <summary>Whether what the code around a construction does may change a parameterless class: initialize it, or load what was trained.</summary>
    private bool Matters => Index.InitializesElsewhere || Index.ReplacesWeights;

    /// <summary>A name says nothing about a network, nor does where it is kept.</summary>
    private static bool IsTelling(IParameterSymbol parameter) =>
        parameter is not { Type.SpecialType: SpecialType.System_String, Name: "name" } and not { Type.Name: "Device" }
        && !(parameter.Type is INamedTypeSymbol { TypeArguments.Length: 1 } optional && optional.TypeArguments[0].Name == "ScalarType");

    private static bool IsInside(SyntaxNode node, IMethodSymbol method) =>
        method.DeclaringSyntaxReferences.Any(r => r.SyntaxTree == node.SyntaxTree && r.Span.Contains(node.Span));

    /// <summary>The member whose body or initializer holds a node; the entry point for a top-level program.</summary>
    private ISymbol? Around(SyntaxNode node, CancellationToken cancellationToken)
    {
        if (models.For(node.SyntaxTree) is not { } model)
            return null;
        for (var at = node.Parent; at is not null; at = at.Parent)
        {
            switch (at)
            {
                case BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or CompilationUnitSyntax:
                    return model.GetDeclaredSymbol(at, cancellationToken);
                case VariableDeclaratorSyntax { Parent.Parent: BaseFieldDeclarationSyntax }:
                    return model.GetDeclaredSymbol(at, cancellationToken);
                case PropertyDeclarationSyntax { ExpressionBody: not null } property:
                    return model.GetDeclaredSymbol(property, cancellationToken)?.GetMethod;
                case PropertyDeclarationSyntax property:
                    return model.GetDeclaredSymbol(property, cancellationToken);
                case TypeDeclarationSyntax type:
                    return model.GetDeclaredSymbol(type, cancellationToken)?.InstanceConstructors.FirstOrDefault();
            }
        }

        return null;
    }

    private bool MayMean(BaseObjectCreationExpressionSyntax site, INamedTypeSymbol type) =>
        site is ObjectCreationExpressionSyntax { Type: QualifiedNameSyntax or AliasQualifiedNameSyntax } || MaySee(site, type);

    /// <summary>Runs the constructor of a class, a method, or an initializer, once for every way through its undecided branches. Empty where it is too long to be read.</summary>
    private IReadOnlyList<Interpreter> Observe(ISymbol root, CancellationToken cancellationToken) =>
        Observation(root).Get(() => RunEveryWay(root, cancellationToken), cancellationToken);

    private Once<IReadOnlyList<Interpreter>> Observation(ISymbol root) => observed.GetOrAdd(root, _ => new());

    private IReadOnlyList<Interpreter> RunEveryWay(ISymbol root, CancellationToken cancellationToken)
    {
        var ways = new List<Interpreter>();
        var tooLong = new HashSet<SyntaxNode>();
        var pending = new Stack<IReadOnlyList<bool>>();
        pending.Push([]);
        while (pending.Count > 0)
        {
            if (ways.Count + pending.Count > Decisions.Limit)
            {
                ways = [Run(root, null, tooLong, cancellationToken)];
                break;
            }

            var decisions = new Decisions(pending.Pop());
            var way = Run(root, decisions, tooLong, cancellationToken);
            foreach (var other in decisions.Others)
                pending.Push(other);
            if (decisions.IsPossible)
                ways.Add(way);
        }

        return ways.Exists(w => w.IsExhausted) ? [] : ways;
    }

    private Interpreter Run(ISymbol root, Decisions? decisions, HashSet<SyntaxNode> tooLong, CancellationToken cancellationToken)
    {
        var interpreter = new Interpreter(reader, cancellationToken) { IsObserving = true, Decisions = decisions, TooLong = tooLong };
        switch (root)
        {
            case INamedTypeSymbol type:
                interpreter.Construct(type, NetworkReader.MainConstructor(type), Declaration(type, cancellationToken));
                break;
            case IMethodSymbol method when reader.Operation(method.OriginalDefinition, cancellationToken) is { } body:
                var owner = method.ContainingType;
                interpreter.Executed.Add(method.OriginalDefinition);
                interpreter.Run(body, method.IsStatic || owner.IsAbstract ? null : interpreter.Construct(owner, NetworkReader.MainConstructor(owner), Declaration(owner, cancellationToken)),
                    Index.Calls(method.Name).Any(c => c is InvocationExpressionSyntax && !IsInside(c, method)) ? null : method.OriginalDefinition);
                foreach (var function in UncalledFunctions(body, interpreter))
                    interpreter.Run(function);
                break;
            case IFieldSymbol or IPropertySymbol when reader.Initializer(root, cancellationToken) is { } initializer:
                interpreter.Evaluate(initializer);
                break;
        }

        foreach (var created in interpreter.Created.GroupBy(m => (INamedTypeSymbol)m.Type, SymbolEqualityComparer.Default).ToList())
        {
            if (IsInitializedElsewhere((INamedTypeSymbol)created.Key!, interpreter.Executed, cancellationToken))
            {
                foreach (var module in created)
                    Interpreter.ForgetInitialization(module);
            }
        }

        return interpreter;
    }

    private static SyntaxNode Declaration(INamedTypeSymbol type, CancellationToken cancellationToken) => type.DeclaringSyntaxReferences[0].GetSyntax(cancellationToken);

    /// <summary>Lambdas and local functions that construct modules and that nobody called: somebody else does.</summary>
    private IEnumerable<IOperation> UncalledFunctions(IOperation body, Interpreter interpreter)
    {
        foreach (var operation in body.Descendants())
        {
            if (((operation as IAnonymousFunctionOperation)?.Body ?? (operation as ILocalFunctionOperation)?.Body) is { } function
                && function.Descendants().Any(o => o is IObjectCreationOperation { Type: INamedTypeSymbol type } && reader.IsModuleClass(type))
                && !interpreter.Created.Exists(m => function.Syntax.Span.Contains(m.Syntax.Span) && function.Syntax.SyntaxTree == m.Syntax.SyntaxTree))
                yield return function;
        }
    }

    /// <summary>Whether a member that was not run may initialize objects of a class.</summary>
    private bool IsInitializedElsewhere(INamedTypeSymbol type, HashSet<IMethodSymbol> executed, CancellationToken cancellationToken)
    {
        foreach (var member in Initializing(cancellationToken).SpeakingOf(type.Name))
        {
            if (!MaySee(member, type) || models.For(member.SyntaxTree) is not { } model)
                continue;
            var symbol = model.GetDeclaredSymbol(member is GlobalStatementSyntax ? member.Parent! : member, cancellationToken);
            var body = symbol as IMethodSymbol ?? (symbol as IPropertySymbol)?.GetMethod;
            if (body is not null && !executed.Contains(body) && !TorchSharpSymbols.DerivesFrom(type, body.ContainingType.OriginalDefinition))
                return true;
        }

        return false;
    }

    /// <summary>Whether a simple name in this place can be a class's: by the namespace around it or the usings of the file.</summary>
    private bool MaySee(SyntaxNode place, INamedTypeSymbol type)
    {
        if (type.ContainingNamespace is not { IsGlobalNamespace: false } space)
            return true;
        var name = space.ToDisplayString();
        var (around, usings) = surroundings.GetOrAdd(place, p => (Namespace(p), Usings(p.SyntaxTree)));
        return around == name || around.StartsWith(name + ".", StringComparison.Ordinal) || usings.Contains(space.Name) || Index.HasGlobalUsing(space.Name);
    }

    private static HashSet<string> Usings(SyntaxTree tree) => tree.GetRoot() is not CompilationUnitSyntax root ? []
        : [.. root.Usings.Concat(root.Members.OfType<BaseNamespaceDeclarationSyntax>().SelectMany(n => n.Usings)).Select(u => SourceIndex.LastName(u.Name))];

    private static string Namespace(SyntaxNode place)
    {
        var around = "";
        for (SyntaxNode? at = place; at is not null; at = at.Parent)
        {
            if (at is BaseNamespaceDeclarationSyntax declaration)
                around = declaration.Name + (around.Length == 0 ? "" : ".") + around;
        }

        return around;
    }
}
