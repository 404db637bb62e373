using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Reading;

internal sealed partial class Interpreter
{
    private const int UnrollLimit = 1_000;

    private Flow Execute(IOperation statement, Frame frame)
    {
        if (!Step())
            return Flow.Unknown;
        switch (statement)
        {
            case IMethodBodyOperation method:
                return (method.BlockBody ?? method.ExpressionBody) is { } methodBody ? Execute(methodBody, frame) : Flow.Normal;
            case ILocalFunctionOperation:
            case IEmptyOperation:
                return Flow.Normal;
            case IBlockOperation block:
                return Block(block, frame);
            case IExpressionStatementOperation expression:
                Evaluate(expression.Operation, frame);
                return Flow.Normal;
            case IVariableDeclarationGroupOperation group:
                Declare(group, frame);
                return Flow.Normal;
            case IUsingDeclarationOperation declaration:
                Declare(declaration.DeclarationGroup, frame);
                Trace.IsWithoutGradient |= TurnsGradientOff(declaration.DeclarationGroup);
                return Flow.Normal;
            case IUsingOperation @using:
                return Using(@using, frame);
            case IReturnOperation { Kind: OperationKind.Return } @return:
                frame.Returned = @return.ReturnedValue is { } returned ? Evaluate(returned, frame) : null;
                return Flow.Return;
            case IThrowOperation:
                return Flow.Throw;
            case IBranchOperation branch:
                return branch.BranchKind switch { BranchKind.Break => Flow.Break, BranchKind.Continue => Flow.Continue, _ => Flow.Unknown };
            case ILabeledOperation { Operation: { } labeled }:
                return Execute(labeled, frame);
            case ILockOperation @lock:
                return Execute(@lock.Body, frame);
            case ITryOperation @try:
                var tried = Execute(@try.Body, frame);
                if (@try.Finally is { } @finally)
                    Execute(@finally, frame);
                return tried;
            case IConditionalOperation conditional when !IsExpression(conditional):
                return If(conditional, frame);
            case ILoopOperation loop:
                return Loop(loop, frame);
            case ISwitchOperation @switch:
                return Switch(@switch, frame);
            default:
                if (statement.Type is not null)
                {
                    Evaluate(statement, frame);
                    return Flow.Normal;
                }

                return Havoc(statement, frame);
        }
    }

    private Flow Block(IBlockOperation block, Frame frame)
    {
        // A using declaration ends with its block.
        var before = Trace.IsWithoutGradient;
        var flow = Flow.Normal;
        for (var i = 0; i < block.Operations.Length; i++)
        {
            var statement = block.Operations[i];
            var isLastWay = i == block.Operations.Length - 2 && statement is IConditionalOperation { WhenFalse: null } && OnlyThrows(block.Operations[i + 1]);
            flow = isLastWay ? If((IConditionalOperation)statement, frame, otherwiseThrows: true) : Execute(statement, frame);
            if (flow != Flow.Normal)
                break;
        }

        Trace.IsWithoutGradient = before;
        return flow;
    }

    private Flow Using(IUsingOperation @using, Frame frame)
    {
        if (@using.Resources is IVariableDeclarationGroupOperation resources)
            Declare(resources, frame);
        else
            Evaluate(@using.Resources, frame);
        var before = Trace.IsWithoutGradient;
        Trace.IsWithoutGradient |= TurnsGradientOff(@using.Resources);
        var flow = Execute(@using.Body, frame);
        Trace.IsWithoutGradient = before;
        return flow;
    }

    private bool TurnsGradientOff(IOperation resources)
    {
        foreach (var operation in resources.DescendantsAndSelf())
        {
            if (operation is IInvocationOperation { TargetMethod: { Name: "no_grad" or "inference_mode" } method } && symbols.IsTorchSharps(method))
                return true;
        }

        return false;
    }

    private static bool IsExpression(IConditionalOperation conditional) => conditional.Type is not null;

    private void Declare(IVariableDeclarationGroupOperation group, Frame frame)
    {
        foreach (var declaration in group.Declarations)
        {
            foreach (var declarator in declaration.Declarators)
            {
                var initializer = declarator.Initializer ?? declaration.Initializer;
                var value = initializer is null ? Value.Unknown : Evaluate(initializer.Value, frame);
                NameIfUnnamed(value, declarator.Symbol.Name);
                frame.Locals[declarator.Symbol] = Identified(value);
            }
        }
    }

    private Flow If(IConditionalOperation conditional, Frame frame, bool otherwiseThrows = false)
    {
        // A guard: what follows runs only where it did not throw.
        var throws = OnlyThrows(conditional.WhenTrue);
        var throwsElse = otherwiseThrows || (conditional.WhenFalse is { } alternative && OnlyThrows(alternative));
        if (Holds(conditional.Condition, frame, () => !throws && !throwsElse && Decides(conditional)) is { } known)
            return known ? Execute(conditional.WhenTrue, frame) : conditional.WhenFalse is { } otherwise ? Execute(otherwise, frame) : Flow.Normal;
        if (throws)
            return conditional.WhenFalse is { } passed ? Execute(passed, frame) : Flow.Normal;
        if (throwsElse)
            return Execute(conditional.WhenTrue, frame);
        return Havoc(conditional, frame);
    }

    private static bool OnlyThrows(IOperation statement) => statement switch
    {
        IThrowOperation => true,
        IExpressionStatementOperation { Operation: IThrowOperation } => true,
        IBlockOperation { Operations: { Length: > 0 } operations } => OnlyThrows(operations[operations.Length - 1]),
        _ => false,
    };

    private Flow Loop(ILoopOperation loop, Frame frame)
    {
        if (!IsAside(loop.Syntax))
            return LoopWhole(loop, frame);
        var flow = Flow.Normal;
        return RanAside(loop.Syntax, () => flow = LoopWhole(loop, frame)) ? flow : Havoc(loop, frame);
    }

    private Flow LoopWhole(ILoopOperation loop, Frame frame) => loop switch
    {
        IForLoopOperation @for => For(@for, frame),
        IForEachLoopOperation each => ForEach(each, frame),
        IWhileLoopOperation @while => While(@while, frame),
        _ => Havoc(loop, frame),
    };

    private Flow For(IForLoopOperation loop, Frame frame)
    {
        foreach (var before in loop.Before)
            Execute(before, frame);
        if (ForOverEntries(loop, frame) is { } read)
            return read;
        if (CallsCell(loop.Body) && KnownRounds(loop, frame) is { } steps && ReadRounds(loop, frame, steps))
            return Flow.Normal;
        for (var round = 0; round < UnrollLimit && Step(); round++)
        {
            if (loop.Condition is not { } condition || Constants.Flag(Evaluate(condition, frame)) is not { } goesOn)
                return UnknownRounds(loop, frame);
            if (!goesOn)
                return Flow.Normal;
            var flow = Execute(loop.Body, frame);
            if (flow == Flow.Break)
                return Flow.Normal;
            if (flow is Flow.Return or Flow.Throw)
                return flow;
            if (flow == Flow.Unknown || IsLoopOfTraining)
                return Havoc(loop, frame);
            foreach (var bottom in loop.AtLoopBottom)
                Execute(bottom, frame);
        }

        return Havoc(loop, frame);
    }

    /// <summary>Whether it is known after a round all that a loop can teach: no round of training constructs or initializes what the others do not.</summary>
    private bool IsLoopOfTraining => IsObserving && HasTrained && insideModules == 0;

    private Flow While(IWhileLoopOperation loop, Frame frame)
    {
        for (var round = 0; round < UnrollLimit && Step(); round++)
        {
            if (loop.ConditionIsTop || round > 0)
            {
                if (loop.Condition is not { } condition || Constants.Flag(Evaluate(condition, frame)) is not { } goesOn)
                    return ReadRounds(new(), loop.Syntax, frame, [], () => Round(loop, frame)) ? Flow.Normal : Havoc(loop, frame);
                if (goesOn == loop.ConditionIsUntil)
                    return Flow.Normal;
            }

            var flow = Execute(loop.Body, frame);
            if (flow == Flow.Break)
                return Flow.Normal;
            if (flow is Flow.Return or Flow.Throw)
                return flow;
            if (flow == Flow.Unknown || IsLoopOfTraining)
                return Havoc(loop, frame);
        }

        return Havoc(loop, frame);
    }

    private Flow Round(IWhileLoopOperation loop, Frame frame)
    {
        if (loop.Condition is { } condition)
            Evaluate(condition, frame);
        return Execute(loop.Body, frame);
    }

    private Flow ForEach(IForEachLoopOperation loop, Frame frame)
    {
        var collection = Evaluate(loop.Collection, frame);

        // Of what is not known, each element is unknown; a tensor that stands for several, for each of them.
        var items = Items(collection) ?? [Rounds.Of(new(), [collection is TensorValue several ? new TensorValue(several.Node) : Value.Unknown])];
        foreach (var item in items)
        {
            var flow = EntryRound(loop, item, null, frame, (_, element) => AssignLoopVariable(loop.LoopControlVariable, element, frame), loop.Body);
            if (flow == Flow.Break)
                return Flow.Normal;
            if (flow is not (Flow.Normal or Flow.Continue))
                return flow;
        }

        return Flow.Normal;
    }

    private static IReadOnlyList<Value>? Items(Value collection) => collection switch
    {
        ListValue { Elements: { } elements } => [.. elements],
        ContainerValue { Type.Name: "ModuleDict", Items: { } pairs } => [.. pairs.Select<KeyValuePair<string, Value>, Value>(p => p.Value is RepeatedValue repeated
            ? Rounds.Map(repeated, module => new TupleValue([Value.Unknown, module]))
            : new TupleValue([new ConstantValue(p.Key), p.Value]))],
        ContainerValue { IsSequential: false, Items: { } items } => [.. items.Select(i => i.Value)],
        _ => null,
    };

    private bool AssignLoopVariable(IOperation variable, Value item, Frame frame)
    {
        if (variable is IVariableDeclaratorOperation declarator)
        {
            frame.Locals[declarator.Symbol] = item;
            return true;
        }

        return Assign(variable, item, frame);
    }

    private Flow Switch(ISwitchOperation @switch, Frame frame)
    {
        var value = Evaluate(@switch.Value, frame);
        var decides = value is not ConstantValue && Decides(@switch);
        ISwitchCaseOperation? fallback = null;
        foreach (var section in @switch.Cases)
        {
            foreach (var clause in section.Clauses)
            {
                bool? matches;
                switch (clause)
                {
                    case IDefaultCaseClauseOperation:
                        fallback = section;
                        continue;
                    case ISingleValueCaseClauseOperation single:
                        matches = Answer(BinaryOperatorKind.Equals, value, Evaluate(single.Value, frame), decides && !OnlyThrows(section));
                        break;
                    case IPatternCaseClauseOperation pattern:
                        matches = Matches(pattern.Pattern, value, frame, decides && !OnlyThrows(section));
                        if (matches == true && pattern.Guard is { } guard)
                            matches = Holds(guard, frame, () => decides);
                        break;
                    default:
                        matches = null;
                        break;
                }

                if (matches is null && OnlyThrows(section))
                    continue;
                if (matches is null)
                    return Havoc(@switch, frame);
                if (matches == true)
                    return Section(section, frame);
            }
        }

        return fallback is null ? Flow.Normal : Section(fallback, frame);
    }

    private static bool OnlyThrows(ISwitchCaseOperation section) => section.Body.Length > 0 && OnlyThrows(section.Body[section.Body.Length - 1]);

    private Flow Section(ISwitchCaseOperation section, Frame frame)
    {
        foreach (var statement in section.Body)
        {
            var flow = Execute(statement, frame);
            if (flow == Flow.Break)
                return Flow.Normal;
            if (flow != Flow.Normal)
                return flow;
        }

        return Flow.Normal;
    }

    /// <summary>
    /// Forgets all that a piece of code may change when it is not known how often it runs, if at all: variables and members that it
    /// assigns, collections that it fills, parameters that it initializes.
    /// </summary>
    private Flow Havoc(IOperation code, Frame frame)
    {
        var leaves = false;
        foreach (var operation in code.DescendantsAndSelf())
        {
            switch (operation)
            {
                case IAssignmentOperation assignment:
                    Forget(assignment.Target, code, frame);
                    break;
                case IIncrementOrDecrementOperation increment:
                    Forget(increment.Target, code, frame);
                    break;
                case IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } argument:
                    Forget(argument.Value, code, frame);
                    break;
                case IReturnOperation { Kind: OperationKind.Return } when !IsInsideFunction(operation, code):
                    frame.ReturnIsUnknown = true;
                    break;
                case IBranchOperation branch when LeavesLoop(branch, code):
                    leaves = true;
                    break;
                case IInvocationOperation invocation:
                    ForgetEffects(invocation, frame);
                    break;
            }
        }

        return leaves ? Flow.Unknown : Flow.Normal;
    }

    private void Forget(IOperation target, IOperation code, Frame frame)
    {
        switch (target)
        {
            case ILocalReferenceOperation local:
                frame.Set(local.Local, Forgotten(frame.Get(local.Local), code));
                break;
            case IParameterReferenceOperation parameter:
                frame.Set(parameter.Parameter, Forgotten(frame.Get(parameter.Parameter), code));
                break;
            case IPropertyReferenceOperation { Property.IsIndexer: true, Instance: { } collection }:
                ForgetContents(collection, frame);
                break;
            case IMemberReferenceOperation { Member: { IsStatic: true } member }:
                statics[member.OriginalDefinition] = Identified(Value.Unknown);
                break;
            case IMemberReferenceOperation { Instance: IInstanceReferenceOperation } member when frame.Self is { } self:
                self.Members[member.Member.OriginalDefinition] = Value.Unknown;
                break;
            case IMemberReferenceOperation { Instance: { } instance, Member.Name: "weight" or "bias" } when symbols.IsModule(instance.Type):
                TaintEverything();
                break;
            case IMemberReferenceOperation { Instance: { } instance } member when Peek(instance, frame) is ObjectValue other:
                other.Members[member.Member.OriginalDefinition] = Value.Unknown;
                break;
            case IArrayElementReferenceOperation element:
                ForgetContents(element.ArrayReference, frame);
                break;
            case ITupleOperation tuple:
                foreach (var element in tuple.Elements)
                    Forget(element, code, frame);
                break;
            case IDeclarationExpressionOperation declaration:
                Forget(declaration.Expression, code, frame);
                break;
        }
    }

    private Value Forgotten(Value old, IOperation code) =>
        old is TensorValue tensor ? Trace.Opaque("code that may or may not run", code.Syntax, tensor.Node) : Value.Unknown;

    private void ForgetEffects(IInvocationOperation invocation, Frame frame)
    {
        var method = invocation.TargetMethod;
        if (SymbolEqualityComparer.Default.Equals(method.ContainingType, symbols.Init))
        {
            if (method.Name is not ("calculate_gain" or "CalculateFanInAndFanOut"))
                TaintEverything();
        }
        else if (symbols.IsTorchSharps(method))
        {
            if (IsTraining(method))
                BeginTraining();
            else if (method.Name is "append" or "add_module" or "register_module" or "Add" or "Insert" && invocation.Instance is { } container)
                ForgetContents(container, frame);
            else if (IsObserving && Loads(method.Name))
                // A checkpoint, if there is one: without it training begins with what was initialized.
                return;
            else if (WritesParameters(method.Name) && invocation.Instance is not null && !symbols.IsTensor(invocation.Instance.Type))
                TaintEverything();
            else if (invocation.Instance?.Type?.Name == "Parameter" && method.Name.EndsWith("_", StringComparison.Ordinal))
                TaintEverything();
            else if (method.Name.EndsWith("_", StringComparison.Ordinal) && invocation.Instance is { } changed && Peek(changed, frame) is TensorValue tensor)
                tensor.Node = Trace.Opaque("code that may or may not run", invocation.Syntax, tensor.Node).Node;
        }
        else if (!method.DeclaringSyntaxReferences.IsEmpty)
        {
            if (reader.MayInitialize(method, cancellationToken))
                TaintEverything();
            foreach (var argument in invocation.Arguments)
                ForgetContents(argument.Value, frame);

            // A method of the same object may assign its members.
            if (invocation.Instance is IInstanceReferenceOperation && frame.Self is { } self && depth < DepthLimit && Step()
                && reader.Operation(method.OriginalDefinition, cancellationToken) is { } body)
            {
                depth++;
                Havoc(body, new Frame(null, self));
                depth--;
            }
        }
        else if (invocation.Instance is { } collection)
        {
            ForgetContents(collection, frame);
        }
    }

    private void ForgetContents(IOperation collection, Frame frame) => ForgetContents(Peek(collection, frame));

    private static void ForgetContents(Value collection)
    {
        switch (collection)
        {
            case ListValue list:
                list.Elements = null;
                break;
            case DictionaryValue dictionary:
                dictionary.Entries = null;
                break;
            case ContainerValue container:
                container.Items = null;
                break;
        }
    }

    /// <summary>Forgets what somebody who was given a value may have changed in it.</summary>
    private static void ForgetMembers(Value value)
    {
        if (value is not ObjectValue { IsModule: false } changed)
        {
            if (value is not ModuleValue)
                ForgetContents(value);
            return;
        }

        foreach (var member in changed.Members.Keys.ToList())
            changed.Members[member] = Value.Unknown;
        foreach (var parameter in changed.Parameters.Keys.ToList())
            changed.Parameters[parameter] = Value.Unknown;
    }

    /// <summary>The value of a variable or member, without running anything.</summary>
    private static Value Peek(IOperation reference, Frame frame) => reference switch
    {
        ILocalReferenceOperation local => frame.Get(local.Local),
        IParameterReferenceOperation parameter => frame.Get(parameter.Parameter),
        IMemberReferenceOperation { Instance: IInstanceReferenceOperation } member
            when frame.Self is { } self && self.Members.TryGetValue(member.Member.OriginalDefinition, out var value) => value,
        IConversionOperation conversion => Peek(conversion.Operand, frame),
        _ => Value.Unknown,
    };

    private static bool IsInsideFunction(IOperation operation, IOperation code)
    {
        for (var parent = operation.Parent; parent is not null && parent != code; parent = parent.Parent)
        {
            if (parent is IAnonymousFunctionOperation or ILocalFunctionOperation)
                return true;
        }

        return false;
    }

    private static bool LeavesLoop(IBranchOperation branch, IOperation code)
    {
        if (branch.BranchKind == BranchKind.GoTo)
            return true;
        for (IOperation? parent = branch; parent is not null; parent = parent.Parent)
        {
            if (parent is ILoopOperation or IAnonymousFunctionOperation or ILocalFunctionOperation
                || (parent is ISwitchOperation && branch.BranchKind == BranchKind.Break))
                return false;
            if (parent == code)
                return true;
        }

        return true;
    }
}
