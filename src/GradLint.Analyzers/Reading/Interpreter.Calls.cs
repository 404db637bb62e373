using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Reading;

internal sealed partial class Interpreter
{
    private Value Invoke(IInvocationOperation invocation, Frame frame)
    {
        var method = invocation.TargetMethod;
        if (method.MethodKind is MethodKind.LocalFunction)
            return Inline(method, Bind(invocation.Arguments, frame), null, frame, invocation);
        if (method.MethodKind is MethodKind.DelegateInvoke)
            return InvokeDelegate(invocation, frame);
        if (symbols.IsTorchSharps(method))
            return InvokeTorchSharp(invocation, frame);

        var instance = invocation.Instance is { } target ? Evaluate(target, frame) : null;
        if (!method.DeclaringSyntaxReferences.IsEmpty || method.IsAbstract)
        {
            if (instance is ModuleValue module && method.Name is "forward" && invocation.Arguments.Length >= 1)
                return Apply(module, [.. invocation.Arguments.Select(a => Evaluate(a.Value, frame))], invocation.Syntax);
            return InvokeOwn(invocation, method, instance, frame);
        }

        var arguments = Arguments.Evaluate(invocation.Arguments, a => Evaluate(a, frame));
        ForgetByReference(invocation, frame);
        return method.ContainingType switch
        {
            { Name: "Math" or "MathF", ContainingNamespace.Name: "System" } => Root(method.Name, arguments) ?? Constants.Mathematics(method.Name, arguments),
            { Name: "Tuple" or "ValueTuple", ContainingNamespace.Name: "System" } when method.Name == "Create" => new TupleValue([.. arguments.All]),
            { SpecialType: SpecialType.System_String } => Text(method.Name, instance, arguments),
            { Name: "Enumerable", ContainingNamespace.Name: "Linq" } => Linq(method.Name, arguments, invocation, frame),
            _ when instance is DictionaryValue dictionary => Lookup(dictionary, method.Name, arguments, invocation),
            _ when instance is ListValue list => Collection(list, method.Name, arguments, invocation),
            _ => UnknownResult(invocation, instance is null ? arguments.All : arguments.All.Prepend(instance), taint: !IsFrameworks(method)),
        };
    }

    /// <summary>The root of what is not known.</summary>
    private static RootValue? Root(string function, Arguments arguments) => (function, arguments.Count) switch
    {
        ("Sqrt", 1) when arguments[0] is not ConstantValue => new RootValue(isInverse: false),
        ("Pow", 2) when arguments[0] is not ConstantValue && Constants.Number(arguments[1]) is 0.5 or -0.5 => new RootValue(isInverse: Constants.Number(arguments[1]) < 0),
        _ => null,
    };

    /// <summary>The framework knows no parameters to overwrite.</summary>
    private static bool IsFrameworks(IMethodSymbol method) =>
        method.ContainingAssembly is { Name: { } name } && (name.StartsWith("System", StringComparison.Ordinal) || name is "mscorlib" or "netstandard");

    private Value InvokeOwn(IInvocationOperation invocation, IMethodSymbol method, Value? instance, Frame frame)
    {
        var arguments = Bind(invocation.Arguments, frame);
        ForgetByReference(invocation, frame);
        if (method.IsStatic)
        {
            var result = Inline(method, arguments, null, null, invocation);
            foreach (var argument in invocation.Arguments)
            {
                if (argument.Parameter is { RefKind: RefKind.Ref or RefKind.Out } parameter)
                    Assign(argument.Value, arguments[parameter.OriginalDefinition], frame);
            }

            return result;
        }

        return instance is ObjectValue self && Implementation(self, method) is IMethodSymbol implementation
            ? Inline(implementation, Rebind(arguments, method, implementation), self, null, invocation)
            : UnknownCall(invocation, method, instance, arguments.Values);
    }

    /// <summary>A method of the compilation on an object that is not known: it may initialize what it is given.</summary>
    private Value UnknownCall(IInvocationOperation invocation, IMethodSymbol method, Value? instance, IEnumerable<Value> arguments) =>
        UnknownResult(invocation, instance is null ? arguments : arguments.Prepend(instance), taint: reader.MayInitialize(method, cancellationToken));

    /// <summary>The override that runs for an object of a known class.</summary>
    private static ISymbol? Implementation(ObjectValue self, ISymbol member)
    {
        if (!member.IsVirtual && !member.IsAbstract && !member.IsOverride)
            return member.OriginalDefinition;
        for (ITypeSymbol? type = self.Type; type is not null; type = type.BaseType)
        {
            foreach (var candidate in type.GetMembers(member.Name))
            {
                for (ISymbol? overridden = candidate; overridden is not null; overridden = (overridden as IMethodSymbol)?.OverriddenMethod ?? (ISymbol?)(overridden as IPropertySymbol)?.OverriddenProperty)
                {
                    if (SymbolEqualityComparer.Default.Equals(overridden.OriginalDefinition, member.OriginalDefinition))
                        return candidate.IsAbstract ? null : candidate.OriginalDefinition;
                }
            }
        }

        return null;
    }

    private static Dictionary<ISymbol, Value> Rebind(Dictionary<ISymbol, Value> arguments, IMethodSymbol from, IMethodSymbol to)
    {
        if (SymbolEqualityComparer.Default.Equals(from.OriginalDefinition, to.OriginalDefinition) || from.Parameters.Length != to.Parameters.Length)
            return arguments;
        var rebound = new Dictionary<ISymbol, Value>(SymbolEqualityComparer.Default);
        for (var i = 0; i < to.Parameters.Length; i++)
            rebound[to.Parameters[i].OriginalDefinition] = arguments.TryGetValue(from.OriginalDefinition.Parameters[i], out var value) ? value : Value.Unknown;
        return rebound;
    }

    private void ForgetByReference(IInvocationOperation invocation, Frame frame)
    {
        foreach (var argument in invocation.Arguments)
        {
            if (argument.Parameter?.RefKind is RefKind.Ref or RefKind.Out)
                Forget(argument.Value, invocation, frame);
        }
    }

    private Value InvokeDelegate(IInvocationOperation invocation, Frame frame)
    {
        var target = invocation.Instance is { } instance ? Evaluate(instance, frame) : Value.Unknown;
        var arguments = invocation.Arguments.Select(a => Evaluate(a.Value, frame)).ToList();
        return InvokeFunction(target, arguments, invocation);
    }

    private Value InvokeFunction(Value function, IReadOnlyList<Value> arguments, IOperation call)
    {
        if (function is FunctionValue { Frame: Frame outer } known)
        {
            var operation = known.Operation is IDelegateCreationOperation creation ? creation.Target : known.Operation;
            if (operation is IAnonymousFunctionOperation lambda && lambda.Symbol.Parameters.Length == arguments.Count && MayEnter())
            {
                depth++;
                var frame = new Frame(outer, null);
                for (var i = 0; i < arguments.Count; i++)
                    frame.Locals[lambda.Symbol.Parameters[i]] = arguments[i];
                var flow = Execute(lambda.Body, frame);
                depth--;
                return flow == Flow.Unknown || frame.ReturnIsUnknown ? UnknownResult(call, arguments, taint: false) : frame.Returned ?? Value.Unknown;
            }

            if (operation is IMethodReferenceOperation { Method: { DeclaringSyntaxReferences.IsEmpty: true } factory } && symbols.IsTorchSharps(factory) && InvokeTorchSharp(factory, arguments, call) is { } made)
                return made;
            if (operation is IMethodReferenceOperation { Method: { } method } && method.Parameters.Length == arguments.Count && !method.DeclaringSyntaxReferences.IsEmpty)
            {
                var bound = new Dictionary<ISymbol, Value>(SymbolEqualityComparer.Default);
                for (var i = 0; i < arguments.Count; i++)
                    bound[method.OriginalDefinition.Parameters[i]] = arguments[i];
                return Inline(method, bound, method.IsStatic ? null : outer.Self, method.MethodKind == MethodKind.LocalFunction ? outer : null, call);
            }
        }

        return UnknownResult(call, arguments, taint: true);
    }

    /// <summary><c>nn.GELU</c>, <c>functional.relu</c> or <c>torch.tanh</c> as a delegate; null for any other method.</summary>
    private Value? InvokeTorchSharp(IMethodSymbol method, IReadOnlyList<Value> given, IOperation call)
    {
        var values = new List<(string, Value)>();
        for (var i = 0; i < method.Parameters.Length; i++)
        {
            var parameter = method.Parameters[i];
            values.Add((parameter.Name, i < given.Count ? given[i] : parameter.HasExplicitDefaultValue ? new ConstantValue(parameter.ExplicitDefaultValue) : Value.Unknown));
        }

        var arguments = Arguments.Named(values);
        var container = method.ContainingType.OriginalDefinition;
        if (SymbolEqualityComparer.Default.Equals(container, symbols.Nn))
            return Factory(method, arguments, call);
        return (SymbolEqualityComparer.Default.Equals(container, symbols.Functional) || SymbolEqualityComparer.Default.Equals(container, symbols.Torch))
            && given.Count > 0 && given[0] is TensorValue tensor && !scores.ContainsKey(tensor.Node) && Activations.Function(method.Name, arguments) is { } activation
            ? InPlace(method, tensor, arguments, Trace.Add(new Operation.Nonlinearity(activation), [tensor.Node], null, call.Syntax))
            : null;
    }

    private Value InvokeTorchSharp(IInvocationOperation invocation, Frame frame)
    {
        var method = invocation.TargetMethod;
        var container = method.ContainingType.OriginalDefinition;
        if (SymbolEqualityComparer.Default.Equals(container, symbols.Nn))
            return Factory(invocation, frame);
        if (SymbolEqualityComparer.Default.Equals(container, symbols.Init))
            return Initialize(invocation, frame);

        var instance = invocation.Instance is { } target ? Evaluate(target, frame) : null;
        if (method.Name is "call" or "forward" && symbols.IsModule(method.ContainingType))
            return Apply(instance ?? Value.Unknown, [.. invocation.Arguments.Where(a => a.ArgumentKind != ArgumentKind.DefaultValue).Select(a => Evaluate(a.Value, frame))], invocation.Syntax);

        var arguments = Arguments.Evaluate(invocation.Arguments, a => Evaluate(a, frame));
        if (IsTraining(method))
            BeginTraining();
        if (method.IsExtensionMethod && arguments.Count > 0 && arguments[0] is ModuleValue moved)
            return moved;
        if (method.Name == "AsParameter")
            return Learn(arguments[0], method.ReturnType, invocation.Syntax);
        if (symbols.IsModule(method.ContainingType) || instance is ModuleValue)
            return ModuleMethod(invocation, instance ?? frame.Self ?? Value.Unknown, arguments);
        if (instance is ParameterValue parameter)
            return ParameterMethod(invocation, parameter, arguments);
        if (container.Name == "DisposeScope" && arguments.Count == 1 && method.Name is "MoveToOuter" or "Detach" or "MoveToOther" or "Include")
            return arguments[0];
        if (symbols.IsTensor(method.ContainingType))
            return InPlace(method, instance, arguments, TensorFunction(invocation, instance ?? Value.Unknown, arguments, first: 0));
        return SymbolEqualityComparer.Default.Equals(container, symbols.Functional) || SymbolEqualityComparer.Default.Equals(container, symbols.Torch)
            ? InPlace(method, arguments[0], arguments, TensorFunction(invocation, arguments[0], arguments, first: 1))
            : UnknownResult(invocation, arguments.All, taint: false);
    }

    /// <summary><c>x.relu_()</c> and <c>relu(x, inplace: true)</c> change x itself, whether their result is used or not.</summary>
    private Value InPlace(IMethodSymbol method, Value? input, Arguments arguments, Value result)
    {
        if (input is not TensorValue tensor || result is not TensorValue changed || !(method.Name.EndsWith("_", StringComparison.Ordinal) || arguments.Flag(false, "inplace") != false))
            return result;
        if (!ReferenceEquals(tensor, changed))
            TaintLearned(tensor);
        tensor.Node = changed.Node;
        return tensor;
    }

    /// <summary>A factory of <c>torch.nn</c>.</summary>
    private Value Factory(IInvocationOperation invocation, Frame frame)
    {
        return Factory(invocation.TargetMethod, Arguments.Evaluate(invocation.Arguments, a => Evaluate(a, frame)), invocation);
    }

    private Value Factory(IMethodSymbol method, Arguments arguments, IOperation invocation)
    {
        var (name, type) = (method.Name, method.ReturnType);
        if (name is "Parameter")
            return Learn(arguments[0], type, invocation.Syntax);
        if (name is "Sequential" or "ModuleList" or "ModuleDict" or "ParameterList" or "ParameterDict")
            return Container(type, invocation.Syntax, arguments);
        if (name is "TransformerEncoder" && arguments[0] is LayerValue { Operation: Operation.TransformerEncoderLayer } given && Constants.Integer(arguments[1]) is { } count and >= 0 and <= UnrollLimit)
        {
            // Its layers are copies of the one that it is given: same sizes, parameters of their own.
            var stack = new ContainerValue(type, invocation.Syntax, isSequential: true);
            for (var i = 0; i < count; i++)
                stack.Add("layers." + Constants.Text(i), Layer(given.Type, given.Syntax, given.Operation));
            return stack;
        }

        if (name is "TransformerEncoder" && arguments[0] is LayerValue { Operation: Operation.TransformerEncoderLayer } each && Constants.Integer(arguments[1]) is null)
        {
            var repeated = new ContainerValue(type, invocation.Syntax, isSequential: true);
            repeated.Add("layers." + RepeatedValue.AnyNumber, Rounds.Of(new(), [new TupleValue([new ConstantValue("layers." + RepeatedValue.AnyNumber), Layer(each.Type, each.Syntax, each.Operation)])]));
            return repeated;
        }

        if (Layers.Create(name, arguments, symbols) is { } operation)
        {
            var layer = Layer(type, invocation.Syntax, operation);
            layer.TimeDimension = Sequences.TimeDimension(name, arguments);
            layer.Bag = name == "EmbeddingBag" ? Layers.Bag(arguments) : null;
            return layer;
        }

        return symbols.IsModule(type)
            ? Layer(type, invocation.Syntax, new Operation.Opaque(name))
            : UnknownResult(invocation, arguments.All, taint: false);
    }

    private LayerValue Layer(ITypeSymbol type, SyntaxNode syntax, Operation operation)
    {
        var layer = new LayerValue(type, syntax, operation);
        layers.Add(layer);
        return layer;
    }

    private ContainerValue Container(ITypeSymbol type, SyntaxNode syntax, Arguments arguments)
    {
        var container = Fill(new ContainerValue(type, syntax, isSequential: type.Name == "Sequential"), arguments);
        if (container.IsSequential)
            Sequentials.Add(container);
        return container;
    }

    /// <summary><c>new ModuleList&lt;T&gt; { a, b }</c>.</summary>
    private ContainerValue FillInitializer(ContainerValue container, IObjectOrCollectionInitializerOperation? initializer, Frame frame)
    {
        foreach (var element in initializer?.Initializers ?? System.Collections.Immutable.ImmutableArray<IOperation>.Empty)
        {
            if (element is IInvocationOperation { TargetMethod.Name: "Add" } add)
                Append(container, Arguments.Evaluate(add.Arguments, a => Evaluate(a, frame)));
            else
                container.Items = null;
        }

        return container;
    }

    private static ContainerValue Fill(ContainerValue container, Arguments arguments)
    {
        if (arguments.Count == 0)
            return container;
        if (arguments.Count > 1 || arguments[0] is not ListValue { Elements: { } elements })
        {
            container.Items = null;
            return container;
        }

        foreach (var element in elements)
        {
            if (element is TupleValue { Elements.Count: 2 } pair && pair.Elements[0] is ConstantValue { Constant: string name })
                container.Add(name, pair.Elements[1]);
            else if (element is ModuleValue || IsLearned(element))
                container.Add(null, element);
            else if (element is RepeatedValue)
                container.Add(RepeatedValue.AnyNumber, element);
            else
                container.Items = null;
        }

        return container;
    }

    private Value Initialize(IInvocationOperation invocation, Frame frame)
    {
        var arguments = Arguments.Evaluate(invocation.Arguments, a => Evaluate(a, frame));
        var name = invocation.TargetMethod.Name;
        if (name == "calculate_gain")
            return Initialization.GainOf(arguments.Integer("nonlinearity"), arguments.NumberOr(0, "param")) is { } gain ? new ConstantValue(gain) : Value.Unknown;
        var tensor = arguments.Find("tensor") ?? arguments[0];
        if (name == "CalculateFanInAndFanOut")
            return Initialization.Fans(tensor);
        if (Initialization.Create(name, arguments) is not { } initializer)
            return Value.Unknown;
        if (tensor is ParameterValue parameter)
            Initialization.Assign(parameter, initializer, invocation.Syntax);
        else if (tensor is TensorValue written)
            return Overwrite(written, initializer, name, invocation.Syntax) ?? tensor;
        else
            TaintEverything();
        return tensor;
    }

    /// <summary><c>loss.backward()</c>, <c>optimizer.step()</c>.</summary>
    private bool IsTraining(IMethodSymbol method) => method.Name is "backward" or "step" && symbols.IsTorchSharps(method) && !symbols.IsModule(method.ContainingType);

    /// <summary>What a checkpoint or a trained model is read by.</summary>
    private static bool Loads(string method) => method.StartsWith("load", StringComparison.Ordinal);

    private static bool WritesParameters(string method) => method is "apply" or "load" or "load_state_dict" or "load_py" or "load_safetensors" or "load_checkpoint";

    private Value ModuleMethod(IInvocationOperation invocation, Value module, Arguments arguments)
    {
        var name = invocation.TargetMethod.Name;
        switch (module, name)
        {
            case (ContainerValue container, "append" or "extend" or "add_module" or "register_module" or "Add"):
                Append(container, arguments);
                return container;
            case (ContainerValue container, "AddRange" or "Insert" or "Remove" or "RemoveAt" or "Clear" or "insert"):
                container.Items = null;
                return container;
            case (ObjectValue self, "register_module" or "add_module"):
                if (arguments.Count == 2 && arguments[0] is ConstantValue { Constant: string child })
                    self.Registered.Add(new(child, arguments[1]));
                return Value.Unknown;
            case (ObjectValue self, "register_parameter"):
                if (arguments.Count == 2 && arguments[0] is ConstantValue { Constant: string parameterName } && IsLearned(arguments[1]))
                    self.Registered.Add(new(parameterName, arguments[1]));
                return Value.Unknown;
            case (ModuleValue known, "parameters" or "named_parameters" or "modules" or "named_modules" or "children" or "named_children"):
                return Enumerate(known, name);
            case (LayerValue layer, "GetName"):
                return new ConstantValue(layer.Type.Name);
            case (ContainerValue { Items: { } items }, "values"):
                return new ListValue([.. items.Select(i => i.Value)]);
            case (ContainerValue dictionary, "items") when Items(dictionary) is { } pairs:
                return new ListValue([.. pairs]);
            case (ObjectValue { Name: { } named }, "GetName"):
                return named;
            case (ModuleValue known, "get_parameter"):
                if (arguments.Count == 1 && arguments[0] is ConstantValue { Constant: string wanted } && Parameter(known, wanted) is { } parameter)
                    return parameter;
                Taint(known);
                return UnknownResult(invocation, arguments.All, taint: false);
            case (ModuleValue known, "apply"):
                return ApplyToAll(known, arguments[0], invocation);
            case (ModuleValue known, "to" or "cpu" or "cuda" or "train" or "eval" or "float" or "double" or "half"):
                return known;
            default:
                if (WritesParameters(name))
                    Taint(module);
                return UnknownResult(invocation, arguments.All.Prepend(module), taint: false);
        }
    }

    private static void Append(ContainerValue container, Arguments arguments)
    {
        if (arguments.Count == 1 && (arguments[0] is ModuleValue || IsLearned(arguments[0])))
            container.Add(null, arguments[0]);
        else if (arguments.Count == 1 && arguments[0] is TupleValue { Elements.Count: 2 } pair && pair.Elements[0] is ConstantValue { Constant: string key })
            container.Add(key, pair.Elements[1]);
        else if (arguments.Count == 1 && arguments[0] is ListValue { Elements: { } modules } && modules.TrueForAll(m => m is ModuleValue or RepeatedValue))
            modules.ForEach(m => container.Add(m is RepeatedValue ? RepeatedValue.AnyNumber : null, m));
        else if (arguments.Count == 2 && arguments[0] is ConstantValue { Constant: string name })
            container.Add(name, arguments[1]);
        else
            container.Items = null;
    }

    /// <summary>The parameter of a path; null where it is not known.</summary>
    private static ParameterValue? Parameter(ModuleValue module, string path)
    {
        if (Enumerate(module, "named_parameters") is not ListValue { Elements: { } pairs })
            return null;
        foreach (var pair in pairs)
        {
            if (pair is TupleValue { Elements: { Count: 2 } elements } && elements[0] is ConstantValue { Constant: string name } && name == path)
                return elements[1] as ParameterValue;
        }

        return null;
    }

    private static Value Enumerate(ModuleValue module, string what)
    {
        if (!ModuleTree.IsWhole(module))
            return Value.Unknown;
        List<Value> items = [];
        switch (what)
        {
            case "children":
                items.AddRange(module.Children!.Where(c => !IsLearned(c.Value)).Select(c => c.Value));
                break;
            case "named_children":
                items.AddRange(module.Children!.Where(c => !IsLearned(c.Value)).Select(c => new TupleValue([new ConstantValue(c.Key), c.Value])));
                break;
            case "modules" or "named_modules":
                // TorchSharp leaves out the root from named_modules, and from modules as well.
                foreach (var (path, inner) in ModuleTree.Modules(module))
                {
                    if (path.Length > 0 && inner is not LayerValue { Operation: Operation.LearnedTensor })
                        items.Add(what == "modules" ? inner : new TupleValue([new ConstantValue(path), inner]));
                }

                break;
            default:
                foreach (var (path, layer) in ModuleTree.Layers(module))
                {
                    if (layer.Operation is Operation.Opaque)
                        return Value.Unknown;
                    foreach (var parameter in Initialization.ParameterNames(layer.Operation))
                    {
                        var value = new ParameterValue(layer, parameter);
                        items.Add(what == "parameters" ? value : new TupleValue([new ConstantValue(path.Length == 0 || parameter.Length == 0 ? path + parameter : path + "." + parameter), value]));
                    }
                }

                break;
        }

        return new ListValue(items);
    }

    private Value ApplyToAll(ModuleValue module, Value function, IOperation call)
    {
        if (!ModuleTree.IsWhole(module))
            TaintEverything();
        foreach (var (_, inner) in ModuleTree.Modules(module))
        {
            if (inner is not LayerValue { Operation: Operation.LearnedTensor })
                InvokeFunction(function, [inner], call);
        }

        return module;
    }

    private Value ParameterMethod(IInvocationOperation invocation, ParameterValue parameter, Arguments arguments)
    {
        var name = invocation.TargetMethod.Name;
        if (name == "dim")
            return Initialization.Dimensions(parameter) is { } dimensions ? new ConstantValue((long)dimensions) : Value.Unknown;
        if (IsLearned(parameter) && symbols.IsTensor(invocation.Type) && !name.EndsWith("_", StringComparison.Ordinal))
            return TensorFunction(invocation, AsTensor(parameter, invocation.Syntax), arguments, first: 0);
        if (name is "detach" or "view" or "reshape" or "narrow" or "slice" or "select" or "split" or "chunk" or "flatten" or "transpose" or "t" or "index_select")
            Initialization.Assign(parameter, Initializer.Unknown);
        if (!name.EndsWith("_", StringComparison.Ordinal) || name is "requires_grad_")
            return name is "requires_grad_" ? parameter : UnknownResult(invocation, arguments.All, taint: false);
        var initializer = name == "mul_" && parameter.Layer.Operation is Operation.LearnedTensor learned ? learned.Values.Times(Constants.Number(arguments[0])) : Initialization.Create(name, arguments);
        Initialization.Assign(parameter, initializer ?? Initializer.Unknown, invocation.Syntax);
        return parameter;
    }

    /// <summary>A tensor method, or a function of <c>torch</c> or <c>torch.nn.functional</c> on a tensor.</summary>
    private Value TensorFunction(IInvocationOperation invocation, Value input, Arguments arguments, int first)
    {
        var name = invocation.TargetMethod.Name;
        var syntax = invocation.Syntax;
        if (name is "cat" or "concat" or "concatenate")
            return Concatenate(invocation, arguments);
        if (name is "einsum")
            return Einsum(invocation, arguments);
        if (name is "stack" && Sequence(arguments[0]) is { } sequence)
            return sequence;
        if (first == 1 && Make(name, arguments, syntax) is { } fresh)
            return BeginMask(name, invocation, null, arguments, fresh);
        if (MaskFunction(name, input, arguments, first, syntax) is { } mask)
            return mask;
        if (name is "where" && MaskedBy(first == 1 ? arguments[1] : input, first == 1 ? arguments[2] : arguments[1], syntax) is { } chosen)
            return chosen;
        if (OfFixed(name, input, arguments, first, syntax) is { } learned)
            return learned;
        input = AsTensor(input, syntax);
        if (input is not TensorValue tensor)
            return UnknownResult(invocation, arguments.All, taint: false);
        int[] from = [tensor.Node];
        if (StatisticOf(name, tensor, arguments, first, syntax) is { } statistic)
            return statistic;
        if (Activations.Function(name, arguments) is { } activation && !scores.ContainsKey(tensor.Node))
            return Trace.Add(new Operation.Nonlinearity(activation), from, null, syntax);
        switch (name)
        {
            case "add" or "add_" when arguments.Count > first && arguments.Find("alpha") is null:
                return Arithmetic(invocation, BinaryOperatorKind.Add, input, arguments[first]);
            case "sub" or "sub_" or "subtract" when arguments.Count > first && arguments.Find("alpha") is null:
                return Arithmetic(invocation, BinaryOperatorKind.Subtract, input, arguments[first]);
            case "mul" or "mul_" or "multiply":
                return Arithmetic(invocation, BinaryOperatorKind.Multiply, input, arguments[first]);
            case "div" or "div_" or "divide":
                return Arithmetic(invocation, BinaryOperatorKind.Divide, input, arguments[first]);
            case "neg" or "neg_":
                return Trace.Add(new Operation.Scale(-1), from, null, syntax);
            case "zeros_like" or "ones_like" or "full_like" or "empty_like" or "rand_like" or "randn_like" or "new_zeros" or "new_ones" or "new_full" or "new_empty":
                // They take no more than its shape.
                return BeginMask(name, invocation, tensor, arguments, Trace.Opaque(name, syntax));
            case "detach" or "detach_":
                return Trace.Add(new Operation.Detach(), from, null, syntax);
            case "MoveToOuterDisposeScope" or "DetachFromDisposeScope" or "MoveToOtherDisposeScope" or "alias" or "contiguous" or "requires_grad_" or "set_names":
                return tensor;
            case "clone" or "to" or "cuda" or "cpu" or "type" or "type_as" or "to_type":
                return new TensorValue(tensor.Node);
            case "flatten" or "flatten_":
                return Trace.Add(FlattensFeatures(arguments) ? new Operation.Flatten() : new Operation.Reshape(null, null), from, null, syntax);
            case "view" or "reshape" or "reshape_as" or "view_as":
                return Arrange(tensor, name is "view" or "reshape" ? View(arguments, first) : new Operation.Reshape(null, null), name, arguments, first, syntax);
            case "permute" or "transpose" or "transpose_" or "t" or "swapaxes" or "swapdims":
                return Turned(tensor, Arrange(tensor, new Operation.Reshape(null, null), name, arguments, first, syntax), name, arguments, first);
            case "matmul" or "bmm" or "mm" when arguments[first] is TensorValue other:
                return MatrixProduct(tensor, other, name, syntax);
            case "softmax" when scores.ContainsKey(tensor.Node):
                return Follow(tensor, Trace.Add(new Operation.Nonlinearity(Activation.Softmax), from, null, syntax), s => s with { AreWeights = true });
            case "masked_fill" or "masked_fill_" when scores.ContainsKey(tensor.Node):
                return Follow(tensor, Trace.Opaque(name, syntax, tensor.Node), s => s with { IsMasked = true });
            case "chunk" or "tensor_split" when Constants.Integer(arguments[first]) is { } parts:
                return Parts(tensor, parts, syntax);
            case "split" when arguments[first] is ListValue { Elements: { } sections }:
                return Parts(tensor, sections.Count, syntax);
            case "split" when arguments.Integer("split_size", "size") is > 0 and var size && OutFeatures(tensor.Node) is { } features && features % size == 0 && arguments.Integer("dim") is -1 or 1 or 2:
                return Parts(tensor, features / size, syntax);
            case "select" when arguments[first + 1] is IndexValue:
            case "narrow" when arguments[first + 1] is IndexValue && Constants.Integer(arguments[first + 2]) == 1:
                return TimeStep(tensor, "an index", syntax);
            case "unbind" when !leadByParts.Contains(tensor.Node):
                return TimeStep(tensor, name, syntax);
            case "unbind" when leadByParts.Contains(tensor.Node) && arguments.NumberOr(0, "dim", "dimension") == 0:
                return Parts(tensor, shapes.TryGetValue(tensor.Node, out var sizes) ? Constants.Integer(sizes[0]) : null, syntax);
            case "narrow" or "slice" when Constants.Integer(arguments[first]) is not (null or 0):
                return Part(tensor, syntax);
            case "mean" when arguments.Count > first && arguments[first] is ListValue { Elements: { Count: > 0 } dims } && dims.All(d => Constants.Integer(d) is >= 2 or < 0):
                // Dimension 2 and beyond are positions: a global average pool written by hand.
                return Trace.Add(new Operation.Reduction(ReductionKind.Mean), from, null, syntax);
            case "mean" when HasTokens(tensor.Node) && arguments.Count > first && IsOne(arguments[first]):
                return Trace.Add(new Operation.Reduction(ReductionKind.Mean), from, null, syntax);
            case "unsqueeze" when arguments.Integer("dim", "dimension") == 1 && taken.TryGetValue(tensor.Node, out var whole):
                // One channel, or one position, and the dimension that it was taken from is there again.
                return Part(whole, syntax);
            case "interpolate" or "upsample" or "upsample_nearest" or "upsample_nearest1d" or "upsample_nearest2d" or "upsample_nearest3d" when Layers.Upsample(arguments) is { } upsampled:
                return Trace.Add(upsampled, from, null, syntax);
            case "dropout1d" or "dropout2d" or "dropout3d" or "alpha_dropout":
                return arguments.Flag(true, "training") == false ? tensor
                    : Trace.Add(new Operation.Dropout(arguments.Flag(true, "training") is null ? null : arguments.NumberOr(0.5, "p"), name == "alpha_dropout" ? DropoutKind.Alpha : DropoutKind.Channel), from, null, syntax);
            case "squeeze" or "squeeze_" or "unsqueeze" or "unsqueeze_" or "movedim" or "unflatten" or "pixel_shuffle" or "pixel_unshuffle":
                return Trace.Add(new Operation.Reshape(null, null), from, null, syntax);
            case "scaled_dot_product_attention" when arguments.Count >= 3 && arguments.All.Take(3).All(a => a is TensorValue):
                return Trace.Add(Attention(arguments, Heads(tensor.Node)), [.. arguments.All.Take(3).Select(a => ((TensorValue)a).Node)], null, syntax);
            case "select" when Constants.Integer(arguments[first]) == 0 && FinalState(tensor, arguments[first + 1], syntax) is { } final:
                return final;
            case "select" when HasTokens(tensor.Node) && Constants.Integer(arguments[first]) == 1 && Constants.Integer(arguments[first + 1]) is not null:
            case "select" when TakesState(tensor, arguments[first], arguments[first + 1], invocation.Arguments.FirstOrDefault(a => a.Parameter?.Name == "index")?.Value):
                return Trace.Add(new Operation.Reduction(ReductionKind.Select), from, null, syntax);
            case "select" when Constants.Integer(arguments[first]) == 1 && Constants.Integer(arguments[first + 1]) is not null && Fixed(tensor) is null:
                return Taken(tensor, Trace.Opaque("select", syntax, tensor.Node));
            case "dropout":
                // The second argument of functional.dropout is p; a call with training: false drops nothing.
                return arguments.Flag(true, "training") switch
                {
                    true => Dropped(tensor, new(arguments.NumberOr(0.5, "p"), DropoutKind.Element), null, syntax),
                    false => tensor,
                    null => Dropped(tensor, new(null, DropoutKind.Element), null, syntax),
                };
            case "max_pool1d" or "max_pool2d" or "max_pool3d" or "avg_pool1d" or "avg_pool2d" or "avg_pool3d":
                return Trace.Add(Layers.Pooling(name[0] == 'm' ? PoolingKind.Max : PoolingKind.Average, Dimensions(name), arguments), from, null, syntax);
            case "adaptive_max_pool1d" or "adaptive_max_pool2d" or "adaptive_max_pool3d" or "adaptive_avg_pool1d" or "adaptive_avg_pool2d" or "adaptive_avg_pool3d":
                return Trace.Add(Layers.AdaptivePooling(name.StartsWith("adaptive_max", StringComparison.Ordinal) ? PoolingKind.AdaptiveMax : PoolingKind.AdaptiveAverage, Dimensions(name), arguments), from, null, syntax);
            default:
                return UnknownResult(invocation, invocation.Instance is null ? arguments.All : arguments.All.Prepend(input), taint: false);
        }
    }

    /// <summary>The number in names like <c>max_pool2d</c>.</summary>
    private static int Dimensions(string function) => function[function.Length - 2] - '0';

    private Value Concatenate(IInvocationOperation invocation, Arguments arguments)
    {
        if (arguments[0] is not ListValue { Elements: { } given } || AsTensors(given, invocation.Syntax) is var parts && parts.Any(p => p is not TensorValue))
            return UnknownResult(invocation, arguments.All, taint: false);
        if (arguments.Integer("dim", "axis") is { } dimension && parts.Any(p => IsToken(p, dimension)))
            return Trace.Add(new Operation.Concatenate { IsAlongPositions = true }, [.. parts.Select(p => ((TensorValue)p).Node)], null, invocation.Syntax);
        if (arguments.Integer("dim", "axis") == 1 && parts.Any(p => Fixed(p) is { Learned: not null } and not { IsWhole: true, Shape.Count: 2 }))
            return UnknownResult(invocation, arguments.All, taint: false);
        return arguments.Integer("dim", "axis") is 1 or -1
            ? Trace.Add(new Operation.Concatenate(), [.. parts.Select(p => ((TensorValue)p).Node)], null, invocation.Syntax)
            : UnknownResult(invocation, arguments.All, taint: false);
    }

    private static bool FlattensFeatures(Arguments arguments) =>
        arguments.NumberOr(0, "start_dim", "startDim") == 1 && arguments.NumberOr(-1, "end_dim", "endDim") == -1;

    /// <summary><c>view(n, -1)</c> flattens; <c>view(-1, features)</c> leaves that many features; all else is some other arrangement.</summary>
    private static Operation View(Arguments arguments, int first)
    {
        var shape = arguments.Count > first && arguments[first] is ListValue { Elements: { } elements } ? elements : [.. arguments.All.Skip(first)];
        if (shape.Count != 2)
            return new Operation.Reshape(null, null);
        if (Constants.Integer(shape[1]) == -1)
            return new Operation.Flatten();
        return new Operation.Reshape(Constants.Integer(shape[1]), Sizes.None);
    }

    /// <summary>Calls a module on its arguments.</summary>
    private Value Apply(Value module, IReadOnlyList<Value> arguments, SyntaxNode syntax)
    {
        if (!Step())
            return Value.Unknown;
        if (IsObserving)
            return Trace.Opaque("a call", syntax);
        arguments = AsTensors(arguments, syntax);
        var inputs = new List<int>();
        foreach (var argument in arguments)
            CollectTensors(argument, inputs);
        if (inputs.Count == 0)
            inputs.Add(Trace.Opaque("an input that could not be read", syntax).Node);
        switch (module)
        {
            case LayerValue { Operation: Operation.Recurrent or Operation.MultiheadAttention } layer:
                return ApplySequence(layer, arguments, inputs);
            case LayerValue { Operation: Operation.Nonlinearity { Function.Kind: ActivationKind.Softmax } } layer when arguments.Count == 1 && arguments[0] is TensorValue scored:
                return Follow(scored, Trace.Add(layer.Operation, inputs, layer, layer.Syntax), s => s with { AreWeights = true });
            case LayerValue { Operation: Operation.Dropout dropout } layer when arguments.Count == 1 && arguments[0] is TensorValue kept:
                return Dropped(kept, dropout, layer, layer.Syntax);
            case LayerValue { Bag: { } bag } layer:
                var rows = Trace.Add(layer.Operation, [inputs[0]], layer, layer.Syntax);
                return inputs.Count <= 2 ? Trace.Add(new Operation.Reduction(bag), [rows.Node], null, layer.Syntax) : Trace.Opaque("weights of a bag", syntax, rows.Node);
            case LayerValue layer:
                return Trace.Add(layer.Operation, inputs, layer, layer.Syntax);
            case ContainerValue { IsSequential: true, Items: { } items }:
                Value signal = new TensorValue(inputs[0]);

                // A container may contain itself.
                if (!MayEnter())
                    return Trace.Opaque("a module inside many others", syntax, [.. inputs]);
                depth++;
                foreach (var item in items)
                    signal = item.Value is RepeatedValue repeated ? ApplyRounds(repeated, signal, syntax) : Apply(item.Value, [signal], syntax);
                depth--;
                return signal;
            case ObjectValue self when reader.Forward(self.Type, arguments.Count) is { } forward:
                var bound = new Dictionary<ISymbol, Value>(SymbolEqualityComparer.Default);
                for (var i = 0; i < forward.Parameters.Length; i++)
                    bound[forward.Parameters[i]] = i < arguments.Count ? arguments[i] : forward.Parameters[i].HasExplicitDefaultValue ? new ConstantValue(forward.Parameters[i].ExplicitDefaultValue) : Value.Unknown;
                return InlineForward(forward, bound, self, syntax, inputs);
            case ConstantValue { Constant: null }:
                // Nobody gets here: on this way the member was never assigned.
                Decisions?.Abandon();
                return Trace.Opaque("a module that is null", syntax, [.. inputs]);
            default:
                return Trace.Opaque("a module that could not be read", syntax, [.. inputs]);
        }
    }

    private Value InlineForward(IMethodSymbol forward, Dictionary<ISymbol, Value> arguments, ObjectValue self, SyntaxNode syntax, List<int> inputs)
    {
        if (!MayEnter() || reader.Operation(forward, cancellationToken) is not { } body)
            return Trace.Opaque(self.Type.Name, syntax, [.. inputs]);
        depth++;
        var frame = new Frame(null, self);
        foreach (var argument in arguments)
            frame.Locals[argument.Key] = argument.Value;
        insideModules++;
        var flow = Execute(body, frame);
        insideModules--;
        depth--;
        if (flow == Flow.Throw)
            Decisions?.Abandon();
        frame.Returned = frame.Returned is { } returned ? AsTensor(returned, syntax) : null;
        return flow == Flow.Unknown || frame.ReturnIsUnknown || frame.Returned is null or { } and not (TensorValue or TupleValue)
            ? Trace.Opaque("forward of " + self.Type.Name, syntax, [.. inputs])
            : frame.Returned;
    }

    private Value Create(IObjectCreationOperation creation, Frame frame)
    {
        var type = creation.Type as INamedTypeSymbol;
        if (type is not null && symbols.IsModule(type) && !symbols.IsTorchSharps(type))
        {
            var module = new ObjectValue(type.OriginalDefinition, creation.Syntax);
            if (type.DeclaringSyntaxReferences.IsEmpty)
                return Layer(type, creation.Syntax, new Operation.Opaque(type.Name));
            RunOutermostConstructor(module, type.OriginalDefinition, creation.Constructor?.OriginalDefinition, Bind(creation.Arguments, frame));
            RunObjectInitializer(module, creation.Initializer, frame);
            return module;
        }

        if (type is { IsAnonymousType: false, DeclaringSyntaxReferences.IsEmpty: false, TypeKind: TypeKind.Class or TypeKind.Struct })
        {
            var plain = new ObjectValue(type.OriginalDefinition, creation.Syntax, isModule: false);
            RunOutermostConstructor(plain, type.OriginalDefinition, creation.Constructor?.OriginalDefinition, Bind(creation.Arguments, frame));
            RunObjectInitializer(plain, creation.Initializer, frame);
            return plain;
        }

        var arguments = Arguments.Evaluate(creation.Arguments, a => Evaluate(a, frame));
        if (type is { Name: "Parameter" } && symbols.IsTorchSharps(type))
            return Learn(arguments[0], type, creation.Syntax);
        if (type is { Name: "ModuleList" or "ModuleDict" or "ParameterList" or "ParameterDict" or "Sequential" } && symbols.IsTorchSharps(type))
            return FillInitializer(Container(type, creation.Syntax, arguments), creation.Initializer, frame);
        if (type is { Name: "List", ContainingNamespace.Name: "Generic" })
        {
            var list = new ListValue(arguments.Count == 1 && Items(arguments[0]) is { } copied ? [.. copied] : []);
            if (arguments.Count == 1 && arguments[0] is not ConstantValue && Items(arguments[0]) is null)
                list.Elements = null;
            foreach (var element in creation.Initializer?.Initializers ?? System.Collections.Immutable.ImmutableArray<IOperation>.Empty)
            {
                if (element is IInvocationOperation { TargetMethod.Name: "Add", Arguments.Length: 1 } add)
                    list.Elements?.Add(Evaluate(add.Arguments[0].Value, frame));
                else
                    list.Elements = null;
            }

            return list;
        }

        if (type is { Name: "Dictionary", ContainingNamespace.Name: "Generic" })
            return Dictionary(arguments, creation.Initializer, frame);
        if (type is { Name: "Tuple", ContainingNamespace.Name: "System" })
            return new TupleValue([.. arguments.All]);
        if (creation.Initializer is { } initializer)
            Evaluate(initializer, frame);
        return UnknownResult(creation, arguments.All, taint: type is not null && !type.DeclaringSyntaxReferences.IsEmpty && creation.Constructor is { } constructor && reader.MayInitialize(constructor, cancellationToken));
    }

    /// <summary>A changed copy of a record.</summary>
    private Value With(IWithOperation with, Frame frame)
    {
        if (Evaluate(with.Operand, frame) is not ObjectValue { IsModule: false, Type: INamedTypeSymbol type } original)
            return Value.Unknown;
        var copy = new ObjectValue(type, with.Syntax, isModule: false);
        foreach (var member in original.Members)
            copy.Members[member.Key] = member.Value;
        RunObjectInitializer(copy, with.Initializer, frame);
        return copy;
    }

    /// <summary><c>{ Width = 64, Depth = 3 }</c> behind a construction.</summary>
    private void RunObjectInitializer(ObjectValue created, IObjectOrCollectionInitializerOperation? initializer, Frame frame)
    {
        foreach (var element in initializer?.Initializers ?? System.Collections.Immutable.ImmutableArray<IOperation>.Empty)
        {
            if (element is ISimpleAssignmentOperation { Target: IMemberReferenceOperation { Instance: IInstanceReferenceOperation } member } assignment)
                created.Members[member.Member.OriginalDefinition] = Evaluate(assignment.Value, frame);
            else
                Havoc(element, frame);
        }
    }

    private DictionaryValue Dictionary(Arguments arguments, IObjectOrCollectionInitializerOperation? initializer, Frame frame)
    {
        var dictionary = new DictionaryValue();
        if (arguments.Count > 0)
            dictionary.Entries = null;
        foreach (var element in initializer?.Initializers ?? System.Collections.Immutable.ImmutableArray<IOperation>.Empty)
        {
            if (element is IInvocationOperation { TargetMethod.Name: "Add", Arguments.Length: 2 } add)
                dictionary.Set(Evaluate(add.Arguments[0].Value, frame), Evaluate(add.Arguments[1].Value, frame));
            else if (element is ISimpleAssignmentOperation { Target: IPropertyReferenceOperation { Arguments.Length: 1 } entry } assignment)
                dictionary.Set(Evaluate(entry.Arguments[0].Value, frame), Evaluate(assignment.Value, frame));
            else
                dictionary.Entries = null;
        }

        return dictionary;
    }

    private Value Lookup(DictionaryValue dictionary, string method, Arguments arguments, IOperation call)
    {
        switch (method)
        {
            case "Add" when arguments.Count == 2:
                dictionary.Set(arguments[0], arguments[1]);
                return Value.Unknown;
            case "ContainsKey" when dictionary.Entries is not null && arguments[0] is ConstantValue key:
                return dictionary.Contains(key) ? ConstantValue.True : new ConstantValue(false);
            case "ContainsKey" or "TryGetValue" or "GetValueOrDefault":
                return UnknownResult(call, arguments.All, taint: false);
            default:
                dictionary.Entries = null;
                return UnknownResult(call, arguments.All, taint: false);
        }
    }

    private Value Collection(ListValue list, string method, Arguments arguments, IOperation call)
    {
        switch (method)
        {
            case "Add" when arguments.Count == 1:
                list.Elements?.Add(arguments[0]);
                return Value.Unknown;
            case "AddRange" when arguments.Count == 1 && Items(arguments[0]) is { } items:
                list.Elements?.AddRange(items);
                return Value.Unknown;
            case "ToArray" or "AsReadOnly" or "ToList" when list.Elements is { } elements:
                return new ListValue([.. elements]);
            case "Insert" when Constants.Integer(arguments[0]) is { } position && list.Elements is { } target && position >= 0 && position <= target.Count && !target.Take(position).Any(e => e is RepeatedValue):
                target.Insert(position, arguments[1]);
                return Value.Unknown;
            case "Contains" or "IndexOf" or "GetEnumerator" or "GetLength":
                return Value.Unknown;
            default:
                list.Elements = null;
                return UnknownResult(call, arguments.All, taint: false);
        }
    }

    private Value Linq(string method, Arguments arguments, IOperation call, Frame frame)
    {
        switch (method)
        {
            case "Range" when Constants.Integer(arguments[0]) is { } start:
                return Constants.Integer(arguments[1]) is { } count
                    ? count is >= 0 and <= UnrollLimit ? new ListValue([.. Enumerable.Range(0, count).Select(i => new ConstantValue((long)start + i))]) : Value.Unknown
                    : new ListValue([Rounds.Of(new(), [new IndexValue(start)])]);
            case "Repeat" when arguments.Count == 2:
                return Constants.Integer(arguments[1]) is { } times
                    ? times is >= 0 and <= UnrollLimit ? new ListValue([.. Enumerable.Repeat(arguments[0], times)]) : Value.Unknown
                    : new ListValue([Rounds.Of(new(), [arguments[0]])]);
        }

        if (arguments.Count == 0 || Items(arguments[0]) is not { } items)
            return UnknownResult(call, arguments.All, taint: false);
        switch (method)
        {
            case "ToArray" or "ToList" or "AsEnumerable":
                return new ListValue([.. items]);
            case "Reverse":
                return new ListValue([.. items.Reverse().Select(i => i is RepeatedValue repeated ? new RepeatedValue(repeated.Loop, [.. repeated.Round.Reverse()]) : i)]);
            case "Sum" or "Max" or "Min" when arguments.Count == 1 && items.Count > 0:
                var kind = method switch { "Sum" => BinaryOperatorKind.Add, "Max" => BinaryOperatorKind.GreaterThan, _ => BinaryOperatorKind.LessThan };
                return items.Aggregate((total, next) => kind == BinaryOperatorKind.Add ? Constants.Binary(kind, total, next) : Constants.Flag(Constants.Binary(kind, total, next)) switch { true => total, false => next, null => Value.Unknown });
            case "Count":
                return arguments.Count == 1 ? Rounds.Count(arguments[0]) : Value.Unknown;
            case "Concat" when Items(arguments[1]) is { } others:
                return new ListValue([.. items, .. others]);
            case "Append":
                return new ListValue([.. items, arguments[1]]);
            case "Prepend":
                return new ListValue([arguments[1], .. items]);
            case "Skip" when Constants.Integer(arguments[1]) is { } skipped:
                return Rounds.Between(items, skipped, 0) is { } rest ? new ListValue([.. rest.Select(e => e.Value)]) : Value.Unknown;
            case "SkipLast" when Constants.Integer(arguments[1]) is >= 0 and var dropped:
                return Rounds.Between(items, 0, -dropped) is { } without ? new ListValue([.. without.Select(e => e.Value)]) : Value.Unknown;
            case "Take" when arguments[1] is CountValue { Offset: <= 0 } taken && ReferenceEquals(taken.List, arguments[0]):
                return Rounds.Between(items, 0, taken.Offset) is { } most ? new ListValue([.. most.Select(e => e.Value)]) : Value.Unknown;
            case "Take" when Constants.Integer(arguments[1]) is { } taken && !items.Take(taken).Any(i => i is RepeatedValue):
                return new ListValue([.. items.Take(taken)]);
            case "First" or "Last" when arguments.Count == 1 && items.Count > 0:
                return method == "Last" ? Rounds.FromEnd(new ListValue([.. items]), 1) : items[0] is RepeatedValue first ? first.Round[0].Value : items[0];
            case "Zip" when arguments.Count >= 2 && Items(arguments[1]) is { } partners:
                var pairs = Rounds.Zip(items, partners);
                if (pairs is not null && arguments.Count == 3)
                    pairs = Mapped(pairs, arguments[2], call);
                return pairs is null ? UnknownResult(call, arguments.All, taint: false) : new ListValue(pairs);
            case "SelectMany":
                var lists = Mapped(items, arguments[1], call)?.Select(l => l is RepeatedValue ? null : Items(l)).ToList();
                return lists?.TrueForAll(l => l is not null) == true ? new ListValue([.. lists.SelectMany(l => l!)]) : Value.Unknown;
            case "Select":
                return Mapped(items, arguments[1], call) is { } selected ? new ListValue(selected) : UnknownResult(call, arguments.All, taint: false);
            case "OfType" or "Where" when items.Any(i => i is RepeatedValue):
                return UnknownResult(call, arguments.All, taint: false);
            case "OfType" when call is IInvocationOperation { TargetMethod.TypeArguments: { Length: 1 } types }:
                var typed = items.Select(i => (Item: i, Fits: IsOfType(i, types[0]))).ToList();
                return typed.All(t => t.Fits is not null) ? new ListValue([.. typed.Where(t => t.Fits == true).Select(t => t.Item)]) : Value.Unknown;
            case "Where":
                var kept = items.Select(i => (Item: i, Keeps: Constants.Flag(InvokeFunction(arguments[1], [i], call)))).ToList();
                return kept.All(k => k.Keeps is not null) ? new ListValue([.. kept.Where(k => k.Keeps == true).Select(k => k.Item)]) : Value.Unknown;
            default:
                return UnknownResult(call, arguments.All, taint: false);
        }
    }

    /// <summary>A method of a string, or <c>string.Equals</c>.</summary>
    private static Value Text(string method, Value? instance, Arguments arguments)
    {
        var (text, first) = instance is null ? (arguments[0], 1) : (instance, 0);
        var other = arguments[first] as ConstantValue;
        if (method == "Equals" && other is { Constant: string })
        {
            // Of the members of StringComparison, those with odd numbers ignore case.
            var ignoresCase = arguments.Count > first + 1 && Constants.Integer(arguments[first + 1]) is not (0 or 2 or 4);
            var (a, b) = ignoresCase ? (Changed("ToLowerInvariant", text), Changed("ToLowerInvariant", other)) : (text, other);
            return Compared(BinaryOperatorKind.Equals, a, b) ?? Constants.Binary(BinaryOperatorKind.Equals, a, b);
        }

        if (instance is OpenValue open && arguments.All.All(a => a is ConstantValue))
            return open.Derived(method + "(" + string.Join(",", arguments.All.Select(a => Constants.Text(((ConstantValue)a).Constant))) + ")");
        if (arguments.Count == 0 || instance is not ConstantValue { Constant: string known } || other is not { Constant: string part })
            return Changed(method, text);
        return method switch
        {
            "EndsWith" => new ConstantValue(known.EndsWith(part, StringComparison.Ordinal)),
            "StartsWith" => new ConstantValue(known.StartsWith(part, StringComparison.Ordinal)),
            "Contains" => new ConstantValue(known.IndexOf(part, StringComparison.Ordinal) >= 0),
            _ => Value.Unknown,
        };
    }

    private static Value Changed(string method, Value text) => (text, method) switch
    {
        (ConstantValue { Constant: string known }, "ToLower" or "ToLowerInvariant") => new ConstantValue(known.ToLowerInvariant()),
        (ConstantValue { Constant: string known }, "ToUpper" or "ToUpperInvariant") => new ConstantValue(known.ToUpperInvariant()),
        (ConstantValue { Constant: string known }, "Trim") => new ConstantValue(known.Trim()),
        (OpenValue open, _) => open.Derived(method + "()"),
        _ => Value.Unknown,
    };
}
