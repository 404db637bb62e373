using System.Collections.Concurrent;
using GradLint.Analyzers.Training;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Reading;

/// <summary>Reads the networks of one compilation; every class is read once.</summary>
internal sealed class NetworkReader : INetworks
{
    private const string Sequential = nameof(Sequential);

    private readonly Compilation compilation;
    private readonly SemanticModels models;
    private readonly Constructions constructions;
    private readonly ConcurrentDictionary<INamedTypeSymbol, IReadOnlyList<ReadNetwork>> networks = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<IMethodSymbol, Once<IOperation?>> bodies = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<ISymbol, Once<IOperation?>> initializers = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<IMethodSymbol, bool> mayInitialize = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<ITypeSymbol, IReadOnlyList<IMethodSymbol>> forwards = new(SymbolEqualityComparer.Default);
    private readonly Once<LeadingNames> making = new();
    private readonly Once<LeadingNames> training = new();

    public NetworkReader(Compilation compilation, TorchSharpSymbols symbols)
    {
        this.compilation = compilation;
        Symbols = symbols;
        models = new(compilation);
        constructions = new(this, models, compilation);
    }

    public TorchSharpSymbols Symbols { get; }

    /// <summary>How many bodies and initializers were bound for it.</summary>
    public int Bound => models.Bound;

    public FieldDefaults Defaults { get; } = new();

    /// <inheritdoc/>
    public IReadOnlyList<ReadNetwork> OfClass(INamedTypeSymbol type, CancellationToken cancellationToken) => IsModuleClass(type) ? ReadAll(type, cancellationToken) : [];

    /// <inheritdoc/>
    public IReadOnlyList<ReadNetwork> OutsideOfClasses(SyntaxTree tree, CancellationToken cancellationToken) => Symbols.Sequential is null
        ? []
        : [.. Bodies.Mentioning(Sequential, tree, cancellationToken).SelectMany(body => ReadBody(body, cancellationToken))];

    /// <summary>The network of a module class as it is constructed first; null when it has no forward from one tensor to one, or none that could be read.</summary>
    public ReadNetwork? Read(INamedTypeSymbol type, CancellationToken cancellationToken) => ReadAll(type, cancellationToken).FirstOrDefault();

    private IReadOnlyList<ReadNetwork> ReadAll(INamedTypeSymbol type, CancellationToken cancellationToken)
    {
        if (networks.TryGetValue(type, out var known))
            return known;
        IReadOnlyList<ReadNetwork> read;
        try
        {
            read = new ClassReader(this, constructions, type, cancellationToken).Read();
        }
        catch (InsufficientExecutionStackException)
        {
            // An expression with thousands of parts, a list that contains itself: the compiler's process must survive it.
            read = [];
        }

        return networks.GetOrAdd(type, read);
    }

    /// <summary>The networks of every <c>Sequential</c> that a method, initializer or top-level program makes outside of any module class.</summary>
    public IReadOnlyList<ReadNetwork> ReadBody(IOperation body, ISymbol owner, CancellationToken cancellationToken)
    {
        if (Symbols.Sequential is null || !body.Syntax.Mentions(Sequential))
            return [];
        try
        {
            return ReadSequentials(body, owner, cancellationToken);
        }
        catch (InsufficientExecutionStackException)
        {
            return [];
        }
    }

    private IReadOnlyList<ReadNetwork> ReadSequentials(IOperation body, ISymbol owner, CancellationToken cancellationToken)
    {
        var interpreter = new Interpreter(this, cancellationToken);
        switch (owner)
        {
            // A field is initialized further by the constructor, and a constructor continues what the fields begin.
            case IMethodSymbol { MethodKind: MethodKind.Constructor } constructor:
                interpreter.Construct(constructor.ContainingType, constructor, body.Syntax);
                break;
            case IFieldSymbol or IPropertySymbol when !owner.IsStatic && body is ISymbolInitializerOperation:
                interpreter.Construct(owner.ContainingType, MainConstructor(owner.ContainingType), body.Syntax);
                break;
            default:
                if (body is ISymbolInitializerOperation initializer)
                    Interpreter.NameIfUnnamed(interpreter.Evaluate(initializer.Value), owner.Name);
                else
                    interpreter.Run(body);
                break;
        }

        foreach (var function in Functions(body))
            interpreter.Run(function);
        if (interpreter.IsExhausted)
            return [];

        var inner = new HashSet<Value>();
        foreach (var sequential in interpreter.Sequentials)
        {
            foreach (var child in sequential.Children ?? [])
                inner.Add(child.Value);
        }

        var read = new List<ReadNetwork>();
        var seen = new HashSet<SyntaxNode>();
        foreach (var sequential in interpreter.Sequentials)
        {
            // What a helper in a loop makes several times is one place in the source.
            if (inner.Contains(sequential) || !body.Syntax.FullSpan.Contains(sequential.Syntax.FullSpan) || sequential.Syntax.SyntaxTree != body.Syntax.SyntaxTree || !seen.Add(sequential.Syntax))
                continue;
            read.AddRange(ReadSequential(interpreter, sequential, owner, cancellationToken));
        }

        return read;
    }

    /// <summary>A <c>Sequential</c> as those leave it who call the method that made it; where they differ, an alternative for each.</summary>
    private IReadOnlyList<ReadNetwork> ReadSequential(Interpreter interpreter, ContainerValue sequential, ISymbol owner, CancellationToken cancellationToken)
    {
        var site = Site(owner, sequential.Name);
        var networks = new Dictionary<string, ReadNetwork>(StringComparer.Ordinal);
        foreach (var way in owner is IMethodSymbol { MethodKind: MethodKind.Ordinary } method ? constructions.Around(method, cancellationToken) : [])
        {
            lock (way)
            {
                way.StartForward(cancellationToken);
                foreach (var made in way.Sequentials.Where(s => s.Syntax == sequential.Syntax).Take(Decisions.Limit).ToList())
                {
                    if (networks.Count < Decisions.Limit && ReadNetwork.OfSequential(way, made, site) is { } network)
                        networks[network.Network.Fingerprint] = network;
                }
            }
        }

        if (networks.Count == 0)
            return ReadNetwork.OfSequential(interpreter, sequential, site) is { } own ? [own] : [];
        List<ReadNetwork> alternatives = [.. networks.Values];
        alternatives.ForEach(a => a.Alternatives = alternatives);
        return alternatives;
    }

    /// <summary>The same for the syntax of a body: a method, accessor, initializer, or a whole file of top-level statements.</summary>
    public IReadOnlyList<ReadNetwork> ReadBody(SyntaxNode body, CancellationToken cancellationToken)
    {
        if (models.For(body.SyntaxTree) is not { } model)
            return [];
        var declaration = body is EqualsValueClauseSyntax or ArrowExpressionClauseSyntax ? body.Parent! : body;
        var owner = model.GetDeclaredSymbol(declaration, cancellationToken);
        return owner is null || IsModuleClass(owner.ContainingType) || models.Operation(body, cancellationToken) is not { } operation
            ? []
            : ReadBody(operation, owner, cancellationToken);
    }

    public bool IsModuleClass(INamedTypeSymbol? type) => type?.TypeKind == TypeKind.Class && !SymbolEqualityComparer.Default.Equals(type, Symbols.Module) && Symbols.IsModule(type);

    /// <summary>The forward that an object of this class runs when it is called with so many arguments.</summary>
    public IMethodSymbol? Forward(ITypeSymbol type, int arguments)
    {
        foreach (var method in forwards.GetOrAdd(type, ForwardsOf))
        {
            if (method.Parameters.Length >= arguments && method.Parameters.Skip(arguments).All(p => p.HasExplicitDefaultValue))
                return method;
        }

        return null;
    }

    /// <summary>Every forward with a body in the source, the most derived class's first.</summary>
    private static IReadOnlyList<IMethodSymbol> ForwardsOf(ITypeSymbol type)
    {
        var found = new List<IMethodSymbol>();
        for (ITypeSymbol? t = type; t is not null && !t.DeclaringSyntaxReferences.IsEmpty; t = t.BaseType)
            found.AddRange(t.GetMembers("forward").OfType<IMethodSymbol>().Where(m => m is { IsAbstract: false, IsStatic: false, DeclaringSyntaxReferences.IsEmpty: false }).Select(m => m.OriginalDefinition));
        return found;
    }

    /// <summary>The body of a method, constructor (a class's own parameters and base arguments are one), getter or local function; null where there is none in the source.</summary>
    public IOperation? Operation(IMethodSymbol method, CancellationToken cancellationToken) =>
        bodies.GetOrAdd(method, _ => new()).Get(() => FindBody(method, cancellationToken), cancellationToken);

    private IOperation? FindBody(IMethodSymbol method, CancellationToken cancellationToken)
    {
        foreach (var reference in method.DeclaringSyntaxReferences)
        {
            switch (models.Operation(reference.GetSyntax(cancellationToken), cancellationToken))
            {
                case ILocalFunctionOperation { Body: { } local }:
                    return local;
                case { } operation:
                    return operation;
            }
        }

        return null;
    }

    /// <summary>The value that a field or property is declared with.</summary>
    public IOperation? Initializer(ISymbol member, CancellationToken cancellationToken) =>
        initializers.GetOrAdd(member, _ => new()).Get(() => FindInitializer(member, cancellationToken), cancellationToken);

    private IOperation? FindInitializer(ISymbol member, CancellationToken cancellationToken)
    {
        foreach (var reference in member.DeclaringSyntaxReferences)
        {
            var value = reference.GetSyntax(cancellationToken) switch
            {
                VariableDeclaratorSyntax field => field.Initializer,
                PropertyDeclarationSyntax property => property.Initializer,
                _ => null,
            };
            if (value is not null && models.Operation(value, cancellationToken) is ISymbolInitializerOperation initializer)
                return initializer.Value;
        }

        return null;
    }

    /// <summary>Whether a piece of code may construct a module or overwrite parameters, itself or through what it calls.</summary>
    public bool MayMakeModules(SyntaxNode code, CancellationToken cancellationToken) =>
        making.Get(() => new(Index(cancellationToken), NamesOfMaking(cancellationToken), cancellationToken), cancellationToken).AreIn(code);

    /// <summary>Whether a piece of code may train, itself or through what it calls.</summary>
    public bool MayTrain(SyntaxNode code, CancellationToken cancellationToken) =>
        training.Get(() => new(Index(cancellationToken), ["backward"], cancellationToken), cancellationToken).AreIn(code);

    /// <summary>The factories of <c>torch.nn</c>, the module classes of the source, and what overwrites parameters.</summary>
    private IEnumerable<string> NamesOfMaking(CancellationToken cancellationToken)
    {
        var index = Index(cancellationToken);
        return Symbols.Nn.GetMembers().Where(m => m is IMethodSymbol { ReturnType: var made } && Symbols.IsModule(made) && !m.Name.EndsWith("Loss", StringComparison.Ordinal)).Select(m => m.Name)
            .Concat(index.Derived.Where(t => models.For(t.SyntaxTree)?.GetDeclaredSymbol(t, cancellationToken) is { } type && IsModuleClass(type)).Select(t => t.Identifier.ValueText))
            .Concat(index.CalledNames.Where(OverwritesParameters))
            .Concat(["init", "Parameter"]);
    }

    /// <summary>Whether a method, or one that it calls, contains a name by which parameters are overwritten; a method that is not in the source may.</summary>
    public bool MayInitialize(IMethodSymbol method, CancellationToken cancellationToken) =>
        mayInitialize.GetOrAdd(method.OriginalDefinition, m => ReachesInitialization(m, cancellationToken));

    private bool ReachesInitialization(IMethodSymbol method, CancellationToken cancellationToken)
    {
        const int limit = 64;
        var seen = new HashSet<IMethodSymbol>(SymbolEqualityComparer.Default) { method };
        var pending = new Queue<IMethodSymbol>(seen);
        while (pending.Count > 0)
        {
            var next = pending.Dequeue();
            if (next.DeclaringSyntaxReferences.IsEmpty || seen.Count > limit || next.DeclaringSyntaxReferences.Any(r => OverwritesParameters(r.GetSyntax(cancellationToken))))
                return true;
            foreach (var operation in Operation(next, cancellationToken)?.Descendants() ?? [])
            {
                if (operation is IInvocationOperation { TargetMethod: { DeclaringSyntaxReferences.IsEmpty: false } callee } && seen.Add(callee.OriginalDefinition))
                    pending.Enqueue(callee.OriginalDefinition);
            }
        }

        return false;
    }

    private static bool OverwritesParameters(SyntaxNode body)
    {
        foreach (var token in body.DescendantTokens())
        {
            if (token.IsKind(SyntaxKind.IdentifierToken) && OverwritesParameters(token.ValueText))
                return true;
        }

        return false;
    }

    /// <summary>Whether nothing but its initializer gives a static field or property its value.</summary>
    public bool IsAssignedOnlyByInitializer(ISymbol member, CancellationToken cancellationToken) =>
        member is IFieldSymbol { IsReadOnly: true } or IPropertySymbol { SetMethod: null }
        || ((member.DeclaredAccessibility is not (Accessibility.Public or Accessibility.Protected) || IsSetting(member)) && Index(cancellationToken).Assignments(member.Name).Count == 0);

    private SourceIndex Index(CancellationToken cancellationToken) => SourceIndex.Of(compilation, cancellationToken);

    /// <summary>What programs keep in public variables that nothing assigns again: sizes and names, not objects.</summary>
    public static bool IsSetting(ISymbol member) =>
        ((member as IFieldSymbol)?.Type ?? (member as IPropertySymbol)?.Type) is { } type && (type.SpecialType != SpecialType.None || type.TypeKind is TypeKind.Enum or TypeKind.Array);

    private static bool OverwritesParameters(string name) => name switch
    {
        "init" or "apply" or "load" or "load_state_dict" or "normal_" or "uniform_" or "fill_" or "zero_" or "copy_" or "set_" or "Parameter" => true,
        _ => name.StartsWith("kaiming_", StringComparison.Ordinal) || name.StartsWith("xavier_", StringComparison.Ordinal)
            || name.StartsWith("trunc_normal_", StringComparison.Ordinal) || name.StartsWith("orthogonal_", StringComparison.Ordinal)
            || name.StartsWith("constant_", StringComparison.Ordinal),
    };

    public bool ReturnsTensors(ITypeSymbol type) =>
        Symbols.IsTensor(type) || (type is INamedTypeSymbol { IsTupleType: true } tuple && tuple.TupleElements.Any(e => Symbols.IsTensor(e.Type)));

    /// <summary>The constructor that does the work: one that does not hand over to another, and of several the one with the fewest unknowns.</summary>
    public static IMethodSymbol? MainConstructor(INamedTypeSymbol type)
    {
        IMethodSymbol? best = null;
        var fewest = int.MaxValue;
        foreach (var constructor in type.InstanceConstructors)
        {
            var unknowns = constructor.Parameters.Count(p => !p.HasExplicitDefaultValue);
            if (unknowns < fewest)
                (best, fewest) = (constructor, unknowns);
        }

        return best;
    }

    /// <summary>Lambdas and local functions: what nobody calls here is called elsewhere, with arguments that are unknown.</summary>
    private static IEnumerable<IOperation> Functions(IOperation body)
    {
        foreach (var operation in body.Descendants())
        {
            if (((operation as IAnonymousFunctionOperation)?.Body ?? (operation as ILocalFunctionOperation)?.Body) is { } function && function.Syntax.Mentions(Sequential))
                yield return function;
        }
    }

    private static string Site(ISymbol owner, string? variable)
    {
        var member = owner is IMethodSymbol { AssociatedSymbol: { } property } ? property : owner;
        var path = TypeNames.FullName(member.ContainingType) + "." + member.Name;
        return variable is null || variable == member.Name ? path : path + "." + variable;
    }
}
