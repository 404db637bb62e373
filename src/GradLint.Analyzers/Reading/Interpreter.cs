using System.Runtime.CompilerServices;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Reading;

/// <summary>
/// Runs constructors and forward over abstract values. What it does not understand becomes <see cref="Value.Unknown"/>, an opaque
/// node, or an initializer that is unknown; it never guesses and never throws (but for cancellation).
/// </summary>
internal sealed partial class Interpreter(NetworkReader reader, CancellationToken cancellationToken)
{
    // A class of 200 layers takes about 3,000 steps.
    private const int StepLimit = 60_000;
    private const int DepthLimit = 24;

    // What prepares the arguments of a construction is shorter.
    private const int AsideLimit = 4_000;

    private readonly TorchSharpSymbols symbols = reader.Symbols;
    private readonly List<LayerValue> layers = [];
    private readonly Dictionary<ISymbol, Value> statics = new(SymbolEqualityComparer.Default);
    private int steps;
    private int limit = StepLimit;
    private int depth;
    private int insideModules;
    private bool isTooDeep;
    private bool? wasTooDeep;

    /// <summary>All that forward did so far.</summary>
    public Trace Trace { get; } = new();

    /// <summary>Every <c>Sequential</c> that was constructed, in order.</summary>
    public List<ContainerValue> Sequentials { get; } = [];

    /// <summary>Every object of a module class that was constructed, in order.</summary>
    public List<ObjectValue> Created { get; } = [];

    /// <summary>The modules that have paths: those under the root whose network was read last.</summary>
    public List<ModuleValue> Named { get; } = [];

    /// <summary>Every method of the compilation that was run.</summary>
    public HashSet<IMethodSymbol> Executed { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>Whether only what is constructed and how it is initialized counts: then no module is called, and training ends what can be learned.</summary>
    public bool IsObserving { get; set; }

    /// <summary>Code beside the networks that proved too long to be run; what runs the same code again need not try.</summary>
    public HashSet<SyntaxNode> TooLong { get; set; } = [];

    /// <summary>What is decided where the source does not decide; null where that shall stay unknown.</summary>
    public Decisions? Decisions { get; set; }

    /// <summary>Whether the code was too long to be read to its end: then nothing that was read may be used.</summary>
    public bool IsExhausted => steps >= limit || isTooDeep;

    /// <summary>Constructs a module class; parameters without a known argument are unknown, or have their default.</summary>
    public ObjectValue Construct(INamedTypeSymbol type, IMethodSymbol? constructor, SyntaxNode syntax, IReadOnlyDictionary<ISymbol, Value>? known = null)
    {
        var module = new ObjectValue(type, syntax, reader.IsModuleClass(type));
        var arguments = DefaultArguments(constructor);
        foreach (var argument in known ?? new Dictionary<ISymbol, Value>(SymbolEqualityComparer.Default))
            arguments[argument.Key] = argument.Value;
        RunOutermostConstructor(module, type, constructor, arguments);
        return module;
    }

    /// <summary>Runs the body of a method or of a top-level program, its parameters unknown.</summary>
    /// <param name="body">The body.</param>
    /// <param name="self">The object that it is a method of.</param>
    /// <param name="defaults">A method that nobody is seen to call: its parameters have their defaults, as those of a constructor.</param>
    public void Run(IOperation body, ObjectValue? self = null, IMethodSymbol? defaults = null)
    {
        var frame = new Frame(null, self);
        foreach (var argument in DefaultArguments(defaults))
            frame.Locals[argument.Key] = argument.Value;
        Execute(body, frame);
    }

    /// <summary>From here on modules are called. Each may take as long as any.</summary>
    /// <param name="cancellation">Who asks now; whoever asked for the construction may have lost interest.</param>
    public void StartForward(CancellationToken cancellation)
    {
        cancellationToken = cancellation;
        IsObserving = false;
        Trace.IsWithoutGradient = false;
        firstOfForward ??= Trace.Nodes.Count;

        // A forward that was too deep, or broken off, is nothing to the next one.
        isTooDeep = wasTooDeep ??= isTooDeep;
        (Trace.Loop, currentRounds) = (null, null);
        steps = depth = insideModules = 0;
    }

    /// <summary>Evaluates an expression on its own.</summary>
    public Value Evaluate(IOperation expression) => Evaluate(expression, new Frame(null, null));

    /// <summary>A network that has no class is known by the first variable or member that holds it.</summary>
    public static void NameIfUnnamed(Value value, string name)
    {
        if (value is ContainerValue { Name: null } container)
            container.Name = name;
    }

    /// <summary>Calls a module.</summary>
    public Value Call(Value module, IReadOnlyList<Value> inputs, SyntaxNode syntax)
    {
        firstOfForward ??= Trace.Nodes.Count;
        return Apply(module, inputs, syntax);
    }

    /// <summary>
    /// One node that all tensors of a result lead to; null where there is none. How a loss joins several results is not known, but where only
    /// one of them depends on a layer, only that one can be trained: the others are lengths, masks, indices.
    /// </summary>
    public TensorValue? Joined(Value result, SyntaxNode syntax)
    {
        if (result is TensorValue tensor)
            return tensor;
        var results = new List<int>();
        CollectTensors(result, results);
        var trained = results.Count == 1 ? results : results.FindAll(r => Before(r).Any(n => Trace.Nodes[n] is { Layer: not null } or { Operation: Operation.Opaque, Inputs.Count: > 0 }));
        return results.Count == 0 ? null : trained.Count == 1 ? new(trained[0]) : Trace.Opaque("several results", syntax, [.. results]);
    }

    /// <summary>Whether a call may go one deeper. Code that calls itself without an end is not read at all.</summary>
    private bool MayEnter()
    {
        isTooDeep |= depth >= DepthLimit;
        return !isTooDeep && Step();
    }

    private bool Step()
    {
        cancellationToken.ThrowIfCancellationRequested();
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return ++steps < limit;
    }

    private void RunOutermostConstructor(ObjectValue module, INamedTypeSymbol type, IMethodSymbol? constructor, Dictionary<ISymbol, Value> arguments)
    {
        if (module.IsModule)
        {
            Created.Add(module);
            insideModules++;
        }

        if (constructor is not null)
            module.Arguments = [.. constructor.Parameters.Select(p => new KeyValuePair<IParameterSymbol, Value>(p, arguments.TryGetValue(p, out var value) ? value : Value.Unknown))];
        RunConstructor(module, type, constructor, arguments);
        if (module.IsModule)
            insideModules--;
    }

    private void RunConstructor(ObjectValue module, INamedTypeSymbol type, IMethodSymbol? constructor, Dictionary<ISymbol, Value> arguments)
    {
        if (!MayEnter())
            return;
        if (type.DeclaringSyntaxReferences.IsEmpty)
        {
            module.Name = arguments.FirstOrDefault(a => a.Key.Name == "name").Value;
            return;
        }

        depth++;
        if (constructor is not null)
            Executed.Add(constructor);
        foreach (var argument in arguments)
            module.Parameters[argument.Key] = argument.Value;
        var frame = new Frame(null, module);
        var body = constructor is null ? null : reader.Operation(constructor, cancellationToken);
        var chained = body is IConstructorBodyOperation { Initializer: { } initializer } ? Chained(initializer) : null;
        var callsOwn = chained is not null && SymbolEqualityComparer.Default.Equals(chained.TargetMethod.ContainingType, type);
        if (!callsOwn)
        {
            RunInitializers(module, type, frame);
            if (chained is null && type.BaseType is { } implicitBase)
                RunConstructor(module, implicitBase, implicitBase.InstanceConstructors.FirstOrDefault(c => c.Parameters.Length == 0), []);
        }

        if (chained is not null)
            RunConstructor(module, chained.TargetMethod.ContainingType, chained.TargetMethod, Bind(chained.Arguments, frame));
        if (body is IConstructorBodyOperation constructorBody)
        {
            if ((constructorBody.BlockBody ?? constructorBody.ExpressionBody) is { } block && Execute(block, frame) == Flow.Throw)
                Decisions?.Abandon();
        }

        depth--;
    }

    private static IInvocationOperation? Chained(IOperation initializer) => initializer switch
    {
        IInvocationOperation invocation => invocation,
        IExpressionStatementOperation { Operation: IInvocationOperation invocation } => invocation,
        _ => null,
    };

    private void RunInitializers(ObjectValue module, INamedTypeSymbol type, Frame frame)
    {
        foreach (var member in type.GetMembers())
        {
            if (member.IsStatic || member.IsImplicitlyDeclared || member is not (IFieldSymbol or IPropertySymbol))
                continue;
            if (reader.Initializer(member, cancellationToken) is { } value)
            {
                var initial = Identified(Evaluate(value, frame));
                NameIfUnnamed(initial, member.Name);
                module.Members[member] = initial;
            }
        }

        if (!type.IsRecord)
            return;
        foreach (var parameter in module.Parameters)
        {
            // The properties that a record makes from its parameters.
            if (type.GetMembers(parameter.Key.Name).FirstOrDefault() is IPropertySymbol property && SymbolEqualityComparer.Default.Equals(parameter.Key.ContainingType, type))
                module.Members[property] = parameter.Value;
        }
    }

    private Dictionary<ISymbol, Value> DefaultArguments(IMethodSymbol? method)
    {
        var arguments = new Dictionary<ISymbol, Value>(SymbolEqualityComparer.Default);
        if (method is null)
            return arguments;
        foreach (var parameter in method.Parameters)
            arguments[parameter] = parameter.HasExplicitDefaultValue ? new ConstantValue(parameter.ExplicitDefaultValue) : Identified(Value.Unknown);
        return arguments;
    }

    /// <summary>What a variable holds is the same wherever the variable is used, known or not.</summary>
    private Value Identified(Value value) => value == Value.Unknown ? new OpenValue { IsOfRound = Trace.Loop is not null } : value;

    private Dictionary<ISymbol, Value> Bind(System.Collections.Immutable.ImmutableArray<IArgumentOperation> arguments, Frame frame)
    {
        var bound = new Dictionary<ISymbol, Value>(SymbolEqualityComparer.Default);
        foreach (var argument in arguments)
        {
            var value = Evaluate(argument.Value, frame);
            if (argument.Parameter is { } parameter)
                bound[parameter.OriginalDefinition] = value;
        }

        return bound;
    }

    /// <summary>
    /// Whether code may be run for a short while only: the data sets and the loops of training around a construction, which are no part of
    /// a network and have no end in sight.
    /// </summary>
    private bool IsAside(SyntaxNode code) => IsObserving && insideModules == 0 && !IsRunningAside && !reader.MayMakeModules(code, cancellationToken);

    private bool IsRunningAside => limit != StepLimit;

    /// <summary>Runs something that is <see cref="IsAside">aside</see>. False where it took too long, and was broken off: what it may change must be forgotten.</summary>
    private bool RanAside(SyntaxNode code, Action run)
    {
        var (wasTooDeep, before) = (isTooDeep, layers.Count);
        limit = TooLong.Contains(code) ? steps : Math.Min(StepLimit, steps + AsideLimit);
        if (!IsExhausted)
            run();
        var isDone = !IsExhausted || wasTooDeep;
        (limit, isTooDeep) = (StepLimit, wasTooDeep);
        if (isDone)
            return true;
        TooLong.Add(code);

        // Should anything be constructed after all, what would have become of it is not known.
        layers.Skip(before).ToList().ForEach(TaintLayer);
        if (reader.MayTrain(code, cancellationToken))
            BeginTraining();
        return false;
    }

    /// <summary>Runs a method of the compilation on these arguments; what it leaves in ref and out parameters is in them afterwards.</summary>
    private Value Inline(IMethodSymbol method, Dictionary<ISymbol, Value> arguments, ObjectValue? self, Frame? outer, IOperation call)
    {
        if (!IsAside(call.Syntax))
            return InlineWhole(method, arguments, self, outer, call);
        var result = Value.Unknown;
        if (RanAside(call.Syntax, () => result = InlineWhole(method, arguments, self, outer, call)))
            return result;
        foreach (var argument in arguments.Values)
            ForgetMembers(argument);
        if (self is { IsModule: false })
            ForgetMembers(self);
        foreach (var parameter in method.OriginalDefinition.Parameters.Where(p => p.RefKind is RefKind.Ref or RefKind.Out))
            arguments[parameter] = Value.Unknown;
        return UnknownResult(call, arguments.Values, taint: false);
    }

    private Value InlineWhole(IMethodSymbol method, Dictionary<ISymbol, Value> arguments, ObjectValue? self, Frame? outer, IOperation call)
    {
        if (!MayEnter() || reader.Operation(method.OriginalDefinition, cancellationToken) is not { } body)
            return UnknownResult(call, arguments.Values, taint: true);
        depth++;
        Executed.Add(method.OriginalDefinition);
        var frame = new Frame(outer, self);
        foreach (var argument in arguments)
            frame.Locals[argument.Key] = argument.Value;
        var flow = Execute(body, frame);
        depth--;
        if (flow == Flow.Throw)
            Decisions?.Abandon();
        var isUnknown = flow == Flow.Unknown || frame.ReturnIsUnknown;
        foreach (var parameter in method.OriginalDefinition.Parameters)
        {
            if (parameter.RefKind is RefKind.Ref or RefKind.Out)
                arguments[parameter] = isUnknown ? Value.Unknown : frame.Get(parameter);
        }

        return isUnknown ? UnknownResult(call, arguments.Values, taint: false) : frame.Returned ?? Value.Unknown;
    }

    /// <summary>The result of something unread: a tensor that depends on the tensors among its arguments, else unknown.</summary>
    private Value UnknownResult(IOperation operation, IEnumerable<Value> arguments, bool taint)
    {
        var inputs = new List<int>();
        foreach (var argument in symbols.IsTensor(operation.Type) ? arguments.Select(a => AsTensor(a, operation.Syntax)).ToList() : arguments)
        {
            CollectTensors(argument, inputs);
            if (!taint)
                continue;
            Taint(argument);
            if (argument is ListValue list)
                list.Elements = null;
        }

        return symbols.IsTensor(operation.Type) || (inputs.Count > 0 && HoldsTensors(operation.Type))
            ? Trace.Opaque(Describe(operation), operation.Syntax, [.. inputs])
            : Value.Unknown;
    }

    /// <summary>Arrays, lists and tuples of tensors: where nothing is known of them, each of their tensors depends on what made them.</summary>
    private bool HoldsTensors(ITypeSymbol? type) => type switch
    {
        IArrayTypeSymbol array => symbols.IsTensor(array.ElementType),
        INamedTypeSymbol { TypeKind: not TypeKind.Delegate } named => !symbols.IsModule(named) && named.TypeArguments.Any(symbols.IsTensor),
        _ => false,
    };

    private static string Describe(IOperation operation) => operation switch
    {
        IInvocationOperation invocation => invocation.TargetMethod.Name,

        // These kinds have two names each, and which of them is printed depends on the compiler.
        IBinaryOperation => "BinaryOperator",
        IUnaryOperation => "UnaryOperator",
        _ => operation.Kind.ToString(),
    };

    private static void CollectTensors(Value value, List<int> inputs)
    {
        // A list may contain itself.
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (value)
        {
            case TensorValue tensor when !inputs.Contains(tensor.Node):
                inputs.Add(tensor.Node);
                break;
            case ListValue { Elements: { } elements }:
                foreach (var element in elements)
                    CollectTensors(element, inputs);
                break;
            case RepeatedValue repeated:
                foreach (var element in repeated.Round)
                    CollectTensors(element.Value, inputs);
                break;
            case TupleValue tuple:
                foreach (var element in tuple.Elements)
                    CollectTensors(element, inputs);
                break;
        }
    }

    /// <summary>Somebody unknown may have written into these parameters.</summary>
    private static void Taint(Value value)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (value)
        {
            case ParameterValue parameter:
                Initialization.Assign(parameter, Initializer.Unknown);
                break;
            case ModuleValue module:
                foreach (var (_, layer) in ModuleTree.Layers(module))
                    TaintLayer(layer);
                break;
            case ListValue { Elements: { } elements }:
                foreach (var element in elements)
                    Taint(element);
                break;
            case RepeatedValue repeated:
                foreach (var element in repeated.Round)
                    Taint(element.Value);
                break;
            case TupleValue tuple:
                foreach (var element in tuple.Elements)
                    Taint(element);
                break;
        }
    }

    /// <summary>Training has begun: what is written into parameters from here on initializes none of them.</summary>
    private void BeginTraining()
    {
        HasTrained = true;
        foreach (var layer in layers)
            layer.IsTrained = true;
    }

    private bool HasTrained { get; set; }

    /// <summary>Somebody who was not seen may initialize this module.</summary>
    public static void ForgetInitialization(ModuleValue module) => Taint(module);

    private void TaintEverything()
    {
        foreach (var layer in layers)
            TaintLayer(layer);
    }

    private static void TaintLayer(LayerValue layer)
    {
        foreach (var name in Initialization.ParameterNames(layer.Operation))
            Initialization.Assign(new ParameterValue(layer, name), Initializer.Unknown);
    }

    /// <summary>How a statement ends.</summary>
    private enum Flow
    {
        Normal,
        Return,
        Break,
        Continue,
        Throw,

        /// <summary>It may leave the surrounding loop or method, or not.</summary>
        Unknown,
    }

    /// <summary>The variables of one call.</summary>
    private sealed class Frame(Frame? outer, ObjectValue? self)
    {
        public Dictionary<ISymbol, Value> Locals { get; } = new(SymbolEqualityComparer.Default);

        /// <summary>The frame around a local function or lambda.</summary>
        public Frame? Outer { get; } = outer;

        public ObjectValue? Self { get; } = self ?? outer?.Self;

        public Value? Returned { get; set; }

        public bool ReturnIsUnknown { get; set; }

        /// <summary>What stands before <c>?.</c></summary>
        public Stack<Value> ConditionalInstances { get; } = new();

        public Value Get(ISymbol symbol)
        {
            for (var frame = this; frame is not null; frame = frame.Outer)
            {
                if (frame.Locals.TryGetValue(symbol.OriginalDefinition, out var value))
                    return value;
            }

            return Self is { } self && self.Parameters.TryGetValue(symbol.OriginalDefinition, out var captured) ? captured : Value.Unknown;
        }

        public void Set(ISymbol symbol, Value value)
        {
            for (var frame = this; frame is not null; frame = frame.Outer)
            {
                if (frame.Locals.ContainsKey(symbol))
                {
                    frame.Locals[symbol] = value;
                    return;
                }
            }

            Locals[symbol] = value;
        }
    }
}
