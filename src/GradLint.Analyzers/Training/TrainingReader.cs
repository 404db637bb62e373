using GradLint.Analyzers.Embedding;
using GradLint.Analyzers.Reading;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Training;

/// <summary>
/// Reads the training code of one compilation. A loop is read where it is written, so that an editor shows what is found; the facts of
/// the rest of the compilation are gathered when the first loop asks for them.
/// </summary>
internal sealed class TrainingReader(Compilation compilation, TrainingSymbols symbols)
{
    private readonly SemanticModels models = new(compilation);
    private RecurrentLayers? recurrent;
    private INetworks? networks;
    private object? clips;

    /// <summary>How many bodies and expressions were bound for it.</summary>
    public int Bound => models.Bound;

    /// <summary>What a body does; null where it does nothing.</summary>
    public IOperation? Operation(SyntaxNode body, CancellationToken cancellationToken) => models.Operation(body, cancellationToken);

    /// <summary>What is predicted of the gradient of a recurrent layer over time; null where its model could not be read, or not in one way, or does not run it.</summary>
    public TimePrediction? Time(RecurrentLayer layer, CancellationToken cancellationToken)
    {
        networks ??= SharedNetworks.Of(compilation) is { } shared ? shared : new NetworkReader(compilation, symbols.TorchSharp);
        if (layer.Model is not INamedTypeSymbol model)
            return null;
        var times = networks.OfClass(model.OriginalDefinition, cancellationToken)
            .Select(read => read.Prediction.Layers.FirstOrDefault(l => l.Path == layer.Path && l.Node.Operation is Operation.Recurrent { Steps: not 1 })?.Time).ToList();
        return times.Count > 0 && times.All(t => t?.Horizon == times[0]?.Horizon) ? times[0] : null;
    }

    public SourceIndex Index(CancellationToken cancellationToken) => SourceIndex.Of(compilation, cancellationToken);

    /// <summary>Whether anything in the compilation clips gradients.</summary>
    public bool Clips(CancellationToken cancellationToken)
    {
        clips ??= new GradientClipping(Index(cancellationToken), models, symbols).Exists(cancellationToken);
        return (bool)clips;
    }

    /// <summary>Whether anything in the compilation computes gradients.</summary>
    public bool RunsBackward(CancellationToken cancellationToken) => Index(cancellationToken).RunsBackward;

    /// <summary>The loops of a body that update recurrent models.</summary>
    public IReadOnlyList<TrainingLoop> RecurrentLoops(IOperation body, CancellationToken cancellationToken)
    {
        var loops = new List<(IOperation Loop, List<OptimizerStep> Steps)>();
        foreach (var operation in body.Descendants())
        {
            if (operation is not IInvocationOperation { TargetMethod.Name: "step", Instance: { } optimizer } call || !symbols.IsOptimizer(optimizer.Type))
                continue;
            var function = Enclosing(call, isLoop: false);
            if (HandsOut(function) || IsPartOfLibrary(call, cancellationToken))
                continue;
            var (layers, parameters) = Updated(call, function, cancellationToken);
            if (layers.Count == 0)
                continue;
            var loop = Enclosing(call, isLoop: true);
            var steps = loops.Find(l => l.Loop == loop).Steps;
            if (steps is null)
                loops.Add((loop, steps = []));
            steps.Add(new(call, layers, parameters));
        }

        return loops.ConvertAll(l => new TrainingLoop(l.Steps));
    }

    /// <summary>The innermost loop around an operation, or the function when there is none.</summary>
    private static IOperation Enclosing(IOperation operation, bool isLoop)
    {
        var at = operation;
        while (at.Parent is { } parent)
        {
            at = parent;
            if (at is IAnonymousFunctionOperation or ILocalFunctionOperation || (isLoop && at is ILoopOperation))
                return at;
        }

        return at;
    }

    private (IReadOnlyList<RecurrentLayer> Layers, string? Parameters) Updated(IInvocationOperation step, IOperation function, CancellationToken cancellationToken)
    {
        var layers = new List<RecurrentLayer>();
        var sources = new List<IOperation>();
        var optimizers = new ValueOrigins(Index(cancellationToken), models, symbols, cancellationToken).Follow(step.Instance);
        foreach (var origin in optimizers.Found)
        {
            // A resilient optimizer takes the sign of the gradient only: its size cannot do harm.
            if (origin is not IInvocationOperation { TargetMethod: { Name: not "Rprop" } method } call || !symbols.TorchSharp.IsTorchSharps(method))
                continue;
            foreach (var argument in call.Arguments)
            {
                foreach (var source in ModulesIn(argument.Value, 0, cancellationToken))
                {
                    sources.Add(source);
                    layers.AddRange(Recurrent(source, cancellationToken));
                }
            }
        }

        var called = CalledModules(function);
        if (optimizers.Found.Count == 0)
        {
            // Nobody in this compilation says what the optimizer updates: it is the model, where only one is there.
            if (called.Count != 1)
                return ([], null);
            layers.AddRange(Recurrent(called[0], cancellationToken));
            sources.Add(called[0]);
        }

        return layers.Count == 0 ? (layers, null) : (layers, Parameters(step, sources, called, cancellationToken));
    }

    private IReadOnlyList<RecurrentLayer> Recurrent(IOperation model, CancellationToken cancellationToken)
    {
        recurrent ??= new RecurrentLayers(compilation, Index(cancellationToken), models, symbols);
        var (layers, _) = recurrent.Of(model, cancellationToken);
        return layers.Count == 0 || IsFrozen(model, cancellationToken) ? [] : layers;
    }

    /// <summary>The modules whose <c>parameters()</c> are in an expression; none where they are filtered in a way that cannot be followed.</summary>
    private IEnumerable<IOperation> ModulesIn(IOperation parameters, int depth, CancellationToken cancellationToken)
    {
        if (depth > 4)
            yield break;
        var filtered = false;
        var found = new List<IOperation>();
        foreach (var operation in parameters.DescendantsAndSelf())
        {
            switch (operation)
            {
                case IInvocationOperation { TargetMethod.Name: "Where" or "Except" or "Skip" or "Take" or "SkipWhile" or "TakeWhile" } filter
                    when !filter.Syntax.DescendantTokens().Any(t => t.ValueText == "requires_grad"):
                    filtered = true;
                    break;
                case IInvocationOperation { TargetMethod.Name: "parameters" or "named_parameters" } call when ValueOrigins.Receiver(call) is { } module && symbols.IsModule(module.Type):
                    found.Add(module);
                    break;
                case ILocalReferenceOperation or IFieldReferenceOperation or IPropertyReferenceOperation or IParameterReferenceOperation or IInvocationOperation
                    when !symbols.IsModule(operation.Type) && IsSequence(operation.Type):
                    foreach (var origin in new ValueOrigins(Index(cancellationToken), models, symbols, cancellationToken).Follow(operation).Found)
                    {
                        if (origin != operation)
                            found.AddRange(ModulesIn(origin, depth + 1, cancellationToken));
                    }

                    break;
            }
        }

        if (filtered)
            yield break;
        foreach (var module in found)
            yield return module;
    }

    private static bool IsSequence(ITypeSymbol? type) =>
        type is IArrayTypeSymbol || (type is INamedTypeSymbol { SpecialType: not SpecialType.System_String } named
            && (named.Name == "IEnumerable" || named.AllInterfaces.Any(i => i.SpecialType == SpecialType.System_Collections_IEnumerable)));

    /// <summary>The modules that a function calls, each once, losses left out.</summary>
    private List<IOperation> CalledModules(IOperation function)
    {
        var called = new List<IOperation>();
        foreach (var operation in function.Descendants())
        {
            if (operation is IInvocationOperation { TargetMethod.Name: "call" or "forward", Instance: { } module }
                && symbols.IsModule(module.Type) && !IsLoss(module.Type)
                && Referenced(module) is { } symbol && !called.Exists(c => SymbolEqualityComparer.Default.Equals(Referenced(c), symbol)))
                called.Add(module);
        }

        return called;
    }

    private static bool IsLoss(ITypeSymbol? type)
    {
        for (var t = type; t is not null; t = t.BaseType)
        {
            if (t.Name is "Loss" or "WeightedLoss")
                return true;
        }

        return false;
    }

    private static ISymbol? Referenced(IOperation operation) => operation switch
    {
        ILocalReferenceOperation o => o.Local,
        IParameterReferenceOperation o => o.Parameter,
        IFieldReferenceOperation { Instance: null or IInstanceReferenceOperation } o => o.Field,
        IPropertyReferenceOperation { Instance: null or IInstanceReferenceOperation, Arguments.IsEmpty: true } o => o.Property,
        _ => null,
    };

    /// <summary>The model's parameters by a name that is visible at the update, otherwise the optimizer's own.</summary>
    private string? Parameters(IInvocationOperation step, List<IOperation> sources, List<IOperation> called, CancellationToken cancellationToken)
    {
        if (step.SemanticModel is not { } model)
            return null;
        var distinct = sources.GroupBy(s => Referenced(s) ?? (ISymbol?)s.Type, SymbolEqualityComparer.Default).Select(g => g.First()).ToList();
        var position = step.Syntax.SpanStart;
        if (distinct.Count == 1)
        {
            var source = distinct[0];
            if (source is IInstanceReferenceOperation && source.Type is { } self && TorchSharpSymbols.DerivesFrom(model.GetEnclosingSymbol(position, cancellationToken)?.ContainingType, self.OriginalDefinition))
                return "parameters()";
            if (Name(source) is { } name)
                return name + ".parameters()";
            if (called.Count == 1 && Name(called[0]) is { } alias && Recurrent(called[0], cancellationToken).Count > 0)
                return alias + ".parameters()";
        }

        return symbols.OptimizerHasParameters && step.Instance is { } optimizer && Referenced(optimizer) is { } symbol && IsVisible(symbol)
            ? optimizer.Syntax.WithoutTrivia().ToString() + ".parameters()"
            : null;

        string? Name(IOperation module) => Referenced(module) is { } symbol && IsVisible(symbol) ? SyntaxFacts.GetKeywordKind(symbol.Name) == SyntaxKind.None ? symbol.Name : "@" + symbol.Name : null;

        bool IsVisible(ISymbol symbol) =>
            (symbol is not ILocalSymbol || symbol.DeclaringSyntaxReferences.All(r => r.SyntaxTree == step.Syntax.SyntaxTree && r.Span.End < position))
            && model.LookupSymbols(position, name: symbol.Name).Any(s => SymbolEqualityComparer.Default.Equals(s, symbol))
            && (symbol is not (ILocalSymbol or IParameterSymbol) || MayCapture(symbol));

        bool MayCapture(ISymbol variable)
        {
            for (var scope = model.GetEnclosingSymbol(position, cancellationToken); scope is IMethodSymbol method && !SymbolEqualityComparer.Default.Equals(scope, variable.ContainingSymbol); scope = scope.ContainingSymbol)
            {
                if (method is { IsStatic: true, MethodKind: MethodKind.LocalFunction or MethodKind.AnonymousFunction })
                    return false;
            }

            return true;
        }
    }

    /// <summary>
    /// Whether some of the compilation switches gradients off for the model or what may be it: frozen layers are not trained through time.
    /// </summary>
    private bool IsFrozen(IOperation model, CancellationToken cancellationToken)
    {
        foreach (var name in Index(cancellationToken).FreezingNames)
        {
            if (!SwitchesOff(name) || models.For(name.SyntaxTree) is not { } semantic || name.Parent is not MemberAccessExpressionSyntax access)
                continue;
            var frozen = semantic.GetTypeInfo(access.Expression, cancellationToken).Type;
            if (symbols.TorchSharp.IsTensor(frozen) && access.FirstAncestorOrSelf<ForEachStatementSyntax>() is { } each)
            {
                var module = each.Expression.DescendantNodesAndSelf().OfType<InvocationExpressionSyntax>()
                    .FirstOrDefault(i => SourceIndex.LastName(i.Expression) is "parameters" or "named_parameters");
                frozen = module is null ? null
                    : module.Expression is MemberAccessExpressionSyntax { Expression: { } receiver } ? semantic.GetTypeInfo(receiver, cancellationToken).Type
                    : semantic.GetEnclosingSymbol(module.SpanStart, cancellationToken)?.ContainingType;
            }
            else if (symbols.TorchSharp.IsTensor(frozen))
            {
                continue;
            }

            // A module of a base type may be any.
            if (frozen is null || symbols.Recurrent(frozen) is not null || recurrent!.Of(frozen, cancellationToken).Count > 0
                || (symbols.TorchSharp.IsModule(frozen) && frozen is INamedTypeSymbol { Name: "Module" or "Sequential" }))
                return true;
        }

        return false;
    }

    private static bool SwitchesOff(SimpleNameSyntax name) => name.Parent?.Parent switch
    {
        InvocationExpressionSyntax call => call.ArgumentList.Arguments.Count == 1 && !call.ArgumentList.Arguments[0].Expression.IsKind(SyntaxKind.TrueLiteralExpression),
        AssignmentExpressionSyntax assignment => assignment.Left == name.Parent && !assignment.Right.IsKind(SyntaxKind.TrueLiteralExpression),
        _ => false,
    };

    /// <summary>Whether a function, or the class around it, leaves the training to code that is not in this compilation.</summary>
    private bool HandsOut(IOperation function)
    {
        foreach (var operation in function.Descendants())
        {
            if (operation is IInvocationOperation { TargetMethod: { } method } call && !symbols.IsSource(method) && !symbols.IsKnownLibrary(method.ContainingAssembly)
                && (call.Instance is IInstanceReferenceOperation || IsTraining(call.Instance?.Type) || call.Arguments.Any(a => IsTraining((a.Value as IConversionOperation)?.Operand.Type ?? a.Value.Type))))
                return true;
        }

        return false;
    }

    /// <summary>Whether the class around an update derives from one of a library, which may do more than is written here.</summary>
    private bool IsPartOfLibrary(IOperation step, CancellationToken cancellationToken)
    {
        for (var type = step.SemanticModel?.GetEnclosingSymbol(step.Syntax.SpanStart, cancellationToken)?.ContainingType; type is not null; type = type.BaseType)
        {
            if (!symbols.IsSource(type.OriginalDefinition) && !symbols.IsKnownLibrary(type.ContainingAssembly) && !SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, compilation.Assembly))
                return true;
        }

        return false;
    }

    private bool IsTraining(ITypeSymbol? type) => symbols.IsModule(type) || symbols.IsOptimizer(type)
        || (type is INamedTypeSymbol { TypeArguments: { IsEmpty: false } arguments } && IsSequence(type) && arguments.Any(a => symbols.TorchSharp.IsTensor(a)));
}
