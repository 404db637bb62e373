using System.Text;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Reading;

internal sealed partial class Interpreter
{
    private Value Evaluate(IOperation expression, Frame frame)
    {
        if (!Step())
            return Value.Unknown;
        if (expression.ConstantValue is { HasValue: true, Value: var constant })
            return new ConstantValue(constant);
        var value = EvaluateAnew(expression, frame);
        return Decisions is { } decisions ? decisions.Resolve(value) : value;
    }

    private Value EvaluateAnew(IOperation expression, Frame frame)
    {
        switch (expression)
        {
            case ILocalReferenceOperation local:
                return frame.Get(local.Local);
            case IParameterReferenceOperation parameter:
                return frame.Get(parameter.Parameter);
            case IInstanceReferenceOperation:
                return frame.Self ?? Value.Unknown;
            case IFieldReferenceOperation field:
                return Field(field, frame);
            case IPropertyReferenceOperation property:
                return Property(property, frame);
            case IParenthesizedOperation parenthesized:
                return Evaluate(parenthesized.Operand, frame);
            case IConversionOperation conversion:
                return Convert(conversion, frame);
            case IUnaryOperation unary:
                return Negate(unary, Evaluate(unary.Operand, frame));
            case IBinaryOperation binary:
                return Binary(binary, binary.OperatorKind, Evaluate(binary.LeftOperand, frame), Evaluate(binary.RightOperand, frame));
            case IInvocationOperation invocation:
                return Invoke(invocation, frame);
            case IObjectCreationOperation creation:
                return Create(creation, frame);
            case IArrayCreationOperation array:
                return Array(array, frame);
            case ITupleOperation tuple:
                return new TupleValue([.. tuple.Elements.Select(e => Evaluate(e, frame))]);
            case IConditionalOperation conditional:
                return Conditional(conditional, frame);
            case ICoalesceOperation coalesce:
                return Coalesce(coalesce, frame);
            case IConditionalAccessOperation access:
                return Access(access, frame);
            case IConditionalAccessInstanceOperation:
                return frame.ConditionalInstances.Count > 0 ? frame.ConditionalInstances.Peek() : Value.Unknown;
            case ISimpleAssignmentOperation assignment:
                var assigned = Evaluate(assignment.Value, frame);
                Assign(assignment.Target, assigned, frame);
                return assigned;
            case IDeconstructionAssignmentOperation deconstruction:
                var parts = Evaluate(deconstruction.Value, frame);
                Assign(deconstruction.Target, parts, frame);
                return parts;
            case ICompoundAssignmentOperation compound:
                var result = Binary(compound, compound.OperatorKind, Evaluate(compound.Target, frame), Evaluate(compound.Value, frame));
                Assign(compound.Target, result, frame);
                return result;
            case ICoalesceAssignmentOperation coalesceAssignment:
                return CoalesceAssign(coalesceAssignment, frame);
            case IIncrementOrDecrementOperation increment:
                return Increment(increment, frame);
            case IArrayElementReferenceOperation { Indices.Length: 1 } element:
                return Element(Evaluate(element.ArrayReference, frame), element.Indices[0], frame);
            case IImplicitIndexerReferenceOperation implicitIndex:
                return Element(Evaluate(implicitIndex.Instance, frame), implicitIndex.Argument, frame);
            case IIsPatternOperation pattern:
                return Truth(Matches(pattern.Pattern, Evaluate(pattern.Value, frame), frame));
            case IIsTypeOperation test:
                return Truth(IsOfType(Evaluate(test.ValueOperand, frame), test.TypeOperand) ^ test.IsNegated);
            case ISwitchExpressionOperation @switch:
                return SwitchExpression(@switch, frame);
            case IWithOperation with:
                return With(with, frame);
            case IDeclarationExpressionOperation declaration:
                return Evaluate(declaration.Expression, frame);
            case IInterpolatedStringOperation text:
                return Interpolate(text, frame);
            case IDefaultValueOperation { Type: { } type } when type.IsReferenceType || type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T:
                return ConstantValue.Null;
            case IAnonymousFunctionOperation or IDelegateCreationOperation or IMethodReferenceOperation:
                return new FunctionValue(expression, frame);
            case IArgumentOperation argument:
                return Evaluate(argument.Value, frame);
            case IAwaitOperation awaited:
                return Evaluate(awaited.Operation, frame);
            default:
                return Unread(expression, frame);
        }
    }

    private static Value Truth(bool? known) => known is { } truth ? new ConstantValue(truth) : Value.Unknown;

    /// <summary>What this reader has no case for.</summary>
    private Value Unread(IOperation expression, Frame frame)
    {
        if (expression.Syntax.GetType().Name == "CollectionExpressionSyntax")
            return CollectionExpression(expression, frame);
        if (expression is IInvalidOperation && InvokeByName(expression, frame) is { } called)
            return called;
        var children = expression.ChildOperations.Select(c => Evaluate(c, frame)).ToList();
        return UnknownResult(expression, children, taint: false);
    }

    /// <summary>The oldest supported compiler has no operation for <c>[a, .. b]</c>; newer ones have one with these children.</summary>
    private Value CollectionExpression(IOperation expression, Frame frame)
    {
        var elements = new List<Value>();
        var isKnown = true;
        foreach (var child in expression.ChildOperations)
        {
            var isSpread = child.Syntax.GetType().Name == "SpreadElementSyntax";
            var value = Evaluate(isSpread ? child.ChildOperations.First() : child, frame);
            if (isSpread && Items(value) is { } items)
                elements.AddRange(items);
            else
                elements.Add(value);
            isKnown &= !value.IsUnknown && (!isSpread || Items(value) is not null);
        }

        return isKnown ? new ListValue(elements) : UnknownResult(expression, elements, taint: false);
    }

    private Value Field(IFieldReferenceOperation reference, Frame frame)
    {
        var field = reference.Field;
        if (field.IsStatic)
            return Static(field);

        return (reference.Instance is { } instance ? Evaluate(instance, frame) : frame.Self) switch
        {
            ObjectValue self => self.Members.TryGetValue(field.OriginalDefinition, out var value) ? value : reader.Defaults.Of(field, cancellationToken),
            TupleValue tuple when field.ContainingType is { IsTupleType: true } => TupleElement(tuple, field),
            OpenValue open when !symbols.IsTensor(field.Type) => open.Derived(field.Name),
            _ => Value.Unknown,
        };
    }

    /// <summary>What a static field or property holds: what was assigned here last, or what it is declared with where nothing else assigns it.</summary>
    private Value Static(ISymbol member)
    {
        var definition = member.OriginalDefinition;
        if (statics.TryGetValue(definition, out var value))
            return value;
        var known = reader.IsAssignedOnlyByInitializer(definition, cancellationToken) && reader.Initializer(definition, cancellationToken) is { } initializer && MayEnter();
        if (!known)
            return NetworkReader.IsSetting(definition) ? statics[definition] = Identified(Value.Unknown) : Value.Unknown;
        depth++;
        value = Identified(Evaluate(reader.Initializer(definition, cancellationToken)!, new Frame(null, null)));
        depth--;
        NameIfUnnamed(value, definition.Name);
        return statics[definition] = value;
    }

    private Value StaticGetter(IPropertySymbol property, IOperation reference) =>
        property.SetMethod is null && property.GetMethod is { DeclaringSyntaxReferences.IsEmpty: false } getter && reader.Operation(getter.OriginalDefinition, cancellationToken) is not null
            ? Inline(getter, new(SymbolEqualityComparer.Default), null, null, reference)
            : UnknownResult(reference, [], taint: false);

    private static Value TupleElement(TupleValue tuple, IFieldSymbol field)
    {
        var position = Position((field.CorrespondingTupleField ?? field).Name);
        return position <= tuple.Elements.Count ? tuple.Elements[position.Value - 1] : Value.Unknown;
    }

    /// <summary>3 for <c>Item3</c>.</summary>
    private static int? Position(string name) =>
        name.StartsWith("Item", StringComparison.Ordinal) && int.TryParse(name.Substring(4), out var position) && position >= 1 ? position : null;

    private Value Property(IPropertyReferenceOperation reference, Frame frame)
    {
        var property = reference.Property;
        if (property.IsStatic && !property.DeclaringSyntaxReferences.IsEmpty)
            return Static(property) is var held && (!held.IsUnknown || (held is OpenValue && property.SetMethod is not null)) ? held : StaticGetter(property, reference);
        var instance = reference.Instance is { } target ? Evaluate(target, frame) : property.IsStatic ? Value.Unknown : frame.Self ?? Value.Unknown;
        var index = reference.Arguments.Length == 1 ? Evaluate(reference.Arguments[0].Value, frame) : null;
        if (symbols.IsTensor(reference.Type) && property.Name != "grad")
            instance = AsTensor(instance, reference.Syntax);
        if (property.ContainingType?.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T && OfNullable(property.Name, instance) is { } inside)
            return inside;
        switch (instance)
        {
            case LayerValue layer when property.Name is "weight" or "bias":
                return Initialization.ParameterNames(layer.Operation).Contains(property.Name) ? new ParameterValue(layer, property.Name)
                    : layer.Operation is Operation.Linear or Operation.Bilinear or Operation.Convolution or Operation.Normalization ? ConstantValue.Null
                    : Value.Unknown;
            case LayerValue layer when Layers.Size(layer.Operation, property.Name) is { } size:
                return new ConstantValue((long)size);
            case ParameterValue parameter when property.Name is "ndim" or "Dimensions":
                return Initialization.Dimensions(parameter) is { } dimensions ? new ConstantValue((long)dimensions) : Value.Unknown;
            case OpenValue open when !property.IsIndexer && !symbols.IsTensor(property.Type) && !symbols.IsTorchSharps(property):
                return open.Derived(property.Name);
            case ModuleValue when property.Name == "training":
                return ConstantValue.True;
            case ObjectValue self:
                if (self.Members.TryGetValue(property.OriginalDefinition, out var value))
                    return value;
                return Getter(self, property, reference);
            case TupleValue tuple when Position(property.Name) is { } position:
                return position <= tuple.Elements.Count ? tuple.Elements[position - 1] : Value.Unknown;
            case ListValue or ContainerValue when property.Name is "Count" or "Length":
                return Rounds.Count(instance);
            case ContainerValue { Items: { } items } when property.Name is "Values":
                return new ListValue([.. items.Select(i => i.Value)]);
            case DictionaryValue dictionary when index is not null:
                return EntryOf(dictionary, index) ?? dictionary[index];
            case DictionaryValue { Entries: { } entries } when property.Name is "Count":
                return new ConstantValue(entries.Count);
            case ListValue or ContainerValue when index is not null:
                return OneOf(Element(instance, index), reference);
            case TensorValue tensor when property.Name is "grad" or "shape" or "device" or "dtype":
                return Value.Unknown;
            case TensorValue tensor when property.IsIndexer && SelectsState(tensor, reference, frame):
                return Trace.Add(new Operation.Reduction(ReductionKind.Select), [tensor.Node], null, reference.Syntax);
            case ParameterValue parameter when symbols.IsTensor(reference.Type) && property.Name != "grad":
                // A part of it, or its data: what is written there is written into the parameter.
                Initialization.Assign(parameter, Initializer.Unknown);
                return UnknownResult(reference, [], taint: false);
            case TensorValue tensor when symbols.IsTensor(reference.Type):
                if (property.Name is "T" or "mT" or "H" or "mH")
                {
                    var swapped = Trace.Add(new Operation.Reshape(null, null), [tensor.Node], null, reference.Syntax);
                    transposed[swapped.Node] = tensor.Node;
                    return swapped;
                }

                return property.IsIndexer && FixedPart(tensor, reference, frame) is { } fixedPart ? fixedPart
                    : property.IsIndexer && Indices(reference) is { Count: > 0 } brackets && brackets.Skip(1).All(IsEverything) && FinalState(tensor, FromEnd(brackets[0], frame), reference.Syntax) is { } final ? final
                    : property.IsIndexer && StepOf(tensor, reference, frame) is { } step ? step
                    : property.IsIndexer && TokenOf(tensor, reference, frame) is { } token ? token
                    : property.IsIndexer && Indexed(tensor, reference, frame) is { } part ? part
                    : property.IsIndexer && Indices(reference) is { Count: 2 } pair && IsEverything(pair[0]) && Constants.Integer(Evaluate(Unconverted(pair[1]), frame)) is not null
                        ? Taken(tensor, Trace.Opaque("an index", reference.Syntax, tensor.Node))
                    : Trace.Opaque(property.IsIndexer ? "an index" : property.Name, reference.Syntax, tensor.Node);
            default:
                return UnknownResult(reference, [instance], taint: false);
        }
    }

    /// <summary><c>count.HasValue</c> and <c>count.Value</c>; null where it is not known whether there is one.</summary>
    private static Value? OfNullable(string property, Value nullable) => (property, nullable) switch
    {
        ("HasValue", OpenValue open) => open.Compared(BinaryOperatorKind.NotEquals, ConstantValue.Null),
        ("HasValue", ConstantValue known) => new ConstantValue(known.Constant is not null),
        ("HasValue", TupleValue or ObjectValue) => ConstantValue.True,
        ("Value", ConstantValue { Constant: not null } or TupleValue or ObjectValue) => nullable,
        _ => null,
    };

    private Value Getter(ObjectValue self, IPropertySymbol property, IOperation reference) =>
        Implementation(self, property) is IPropertySymbol { GetMethod: { DeclaringSyntaxReferences.IsEmpty: false } getter } && getter.OriginalDefinition is { } body
            && reader.Operation(body, cancellationToken) is not null
            ? Inline(body, new(SymbolEqualityComparer.Default), self, null, reference)
            : reader.Defaults.Of(property, cancellationToken);

    /// <summary>The entry under a key that is not known: one way for each, as with a switch. Without such an entry the program stops.</summary>
    private Value? EntryOf(DictionaryValue dictionary, Value key)
    {
        var candidates = dictionary.Candidates(key);
        if (candidates.Count == 0 || Decisions is null || insideModules == 0)
            return null;
        for (var i = 0; i < candidates.Count - 1; i++)
        {
            switch (Answer(BinaryOperatorKind.Equals, key, candidates[i].Key, decides: true))
            {
                case true:
                    return candidates[i].Value;
                case null:
                    return null;
            }
        }

        return candidates[candidates.Count - 1].Value;
    }

    /// <summary><c>list[2]</c> or <c>list[^1]</c>.</summary>
    private Value Element(Value list, IOperation index, Frame frame)
    {
        if (list is TensorValue several)
            return new TensorValue(several.Node);
        if (index is not IUnaryOperation { OperatorKind: UnaryOperatorKind.Hat } fromEnd)
            return OneOf(Element(list, Evaluate(index, frame)), index);
        return Constants.Integer(Evaluate(fromEnd.Operand, frame)) is { } places ? OneOf(Rounds.FromEnd(list, places), index) : Value.Unknown;
    }

    private static Value Element(Value list, Value index)
    {
        if (list is ContainerValue { Items: { } modules } && index is ConstantValue { Constant: string key })
            return modules.FindIndex(m => m.Key == key) is >= 0 and var found ? modules[found].Value : Value.Unknown;
        switch (index)
        {
            case IndexValue counter:
                return Rounds.Element(list, counter);
            case CountValue { Offset: < 0 } count when ReferenceEquals(count.List, list):
                return Rounds.FromEnd(list, -count.Offset);
        }

        if (Constants.Integer(index) is not { } position || position < 0 || Rounds.Entries(list) is not { } entries)
            return Value.Unknown;
        for (var i = 0; i < entries.Count && entries[i] is not RepeatedValue; i++)
        {
            if (i == position)
                return entries[i];
        }

        return Rounds.Element(list, new IndexValue(position));
    }

    private Value Convert(IConversionOperation conversion, Frame frame)
    {
        var operand = Evaluate(conversion.Operand, frame);
        if (operand is ParameterValue or TensorValue && symbols.IsTensor(conversion.Type))
            return operand;
        if (conversion.IsTryCast)
            return IsOfType(operand, conversion.Type) switch { true => operand, false => ConstantValue.Null, null => Value.Unknown };
        return conversion.OperatorMethod is null || operand is not ConstantValue { Constant: null }
            ? Constants.ChangeType(operand, conversion.Type)
            : Value.Unknown;
    }

    private Value Negate(IUnaryOperation unary, Value operand) =>
        AsTensor(operand, unary.Syntax) is TensorValue tensor && unary.OperatorKind == UnaryOperatorKind.Minus
            ? Trace.Add(new Operation.Scale(-1), [tensor.Node], null, unary.Syntax)
            : operand is TensorValue ? UnknownResult(unary, [operand], taint: false)
            : operand is OpenValue open && unary.OperatorKind == UnaryOperatorKind.Not ? open.Not
            : Constants.Unary(unary.OperatorKind, operand);

    private Value Binary(IOperation operation, BinaryOperatorKind kind, Value left, Value right)
    {
        if (kind is BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals && (IsNull(left) && IsObject(right) || IsObject(left) && IsNull(right)))
            return new ConstantValue(kind == BinaryOperatorKind.NotEquals);
        if (left is not TensorValue && right is not TensorValue && !IsLearned(left) && !IsLearned(right))
        {
            var folded = Rounds.Binary(kind, left, right) ?? Inverse(kind, left, right) ?? Constants.Binary(kind, left, right);
            return folded != Value.Unknown ? folded : Compared(kind, left, right) ?? UnknownResult(operation, [left, right], taint: false);
        }

        return Arithmetic(operation, kind, left, right);
    }

    /// <summary>The question whether an unknown equals or exceeds a constant; null where it is no such question.</summary>
    private static OpenValue? Compared(BinaryOperatorKind kind, Value left, Value right)
    {
        if (kind is not (BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals or BinaryOperatorKind.LessThan or BinaryOperatorKind.LessThanOrEqual
            or BinaryOperatorKind.GreaterThan or BinaryOperatorKind.GreaterThanOrEqual))
            return null;
        return (left, right) switch
        {
            (OpenValue open, ConstantValue constant) => open.Compared(kind, constant),
            (ConstantValue constant, OpenValue open) => open.Compared(Turned(kind), constant),
            _ => null,
        };
    }

    private static BinaryOperatorKind Turned(BinaryOperatorKind kind) => kind switch
    {
        BinaryOperatorKind.LessThan => BinaryOperatorKind.GreaterThan,
        BinaryOperatorKind.LessThanOrEqual => BinaryOperatorKind.GreaterThanOrEqual,
        BinaryOperatorKind.GreaterThan => BinaryOperatorKind.LessThan,
        BinaryOperatorKind.GreaterThanOrEqual => BinaryOperatorKind.LessThanOrEqual,
        _ => kind,
    };

    /// <summary><c>1 / Math.Sqrt(n)</c>.</summary>
    private static RootValue? Inverse(BinaryOperatorKind kind, Value left, Value right) =>
        kind == BinaryOperatorKind.Divide && Constants.Number(left) == 1 && right is RootValue root ? new RootValue(!root.IsInverse) : null;

    private static bool IsNull(Value value) => value is ConstantValue { Constant: null };

    private static bool IsObject(Value value) => value is ModuleValue or TensorValue or ListValue or ParameterValue or FunctionValue;

    /// <summary>Tensor arithmetic: a residual sum, a gate, a factor; anything else is opaque.</summary>
    private Value Arithmetic(IOperation operation, BinaryOperatorKind kind, Value left, Value right)
    {
        var syntax = operation.Syntax;
        if (MaskArithmetic(kind, left, right, syntax) is { } masked)
            return masked;
        if (ArithmeticWithFixed(kind, left, right, syntax) is { } shiftedOrScaled)
            return shiftedOrScaled;
        (left, right) = (AsTensor(left, syntax), AsTensor(right, syntax));
        switch (left, right)
        {
            case (TensorValue a, TensorValue b):
                if (ArithmeticOfStatistics(kind, a, b, syntax) is { } statistic)
                    return statistic;
                switch (kind)
                {
                    case BinaryOperatorKind.Add when scores.ContainsKey(a.Node) && IsMask(a, b):
                        return Follow(a, Trace.Add(new Operation.Add(), [a.Node, b.Node], null, syntax), s => s with { IsMasked = true });
                    case BinaryOperatorKind.Add when Rotated(a, b, syntax) is { } rotated:
                        return rotated;
                    case BinaryOperatorKind.Add:
                        return Trace.Add(new Operation.Add(), [a.Node, b.Node], null, syntax);
                    case BinaryOperatorKind.Subtract:
                        var negative = Trace.Add(new Operation.Scale(-1), [b.Node], null, syntax);
                        return Trace.Add(new Operation.Add(), [a.Node, negative.Node], null, syntax);
                    case BinaryOperatorKind.Multiply:
                        return Trace.Add(new Operation.Product(), [a.Node, b.Node], null, syntax);
                }

                break;
            case (TensorValue tensor, _) when IsNumber(right, operation, isRight: true):
                return WithNumber(tensor, kind, right, isLeft: false, syntax) ?? UnknownResult(operation, [left, right], taint: false);
            case (_, TensorValue tensor) when IsNumber(left, operation, isRight: false):
                return WithNumber(tensor, kind, left, isLeft: true, syntax) ?? UnknownResult(operation, [left, right], taint: false);
        }

        return UnknownResult(operation, [left, right], taint: false);
    }

    /// <summary>Whether one side of an operation is a number: by its value, else by its type.</summary>
    private static bool IsNumber(Value value, IOperation operation, bool isRight)
    {
        if (value is RootValue || Constants.Number(value) is not null)
            return true;
        var written = operation switch
        {
            IBinaryOperation binary => isRight ? binary.RightOperand : binary.LeftOperand,
            ICompoundAssignmentOperation compound when isRight => compound.Value,
            _ => null,
        };
        return written is not null && value is not TensorValue
            && Unconverted(written).Type?.SpecialType is SpecialType.System_Int32 or SpecialType.System_Int64 or SpecialType.System_Single or SpecialType.System_Double;
    }

    /// <summary>A tensor and a number, which may be unknown; null where what comes out is no multiple and no shift of the tensor.</summary>
    private TensorValue? WithNumber(TensorValue tensor, BinaryOperatorKind kind, Value number, bool isLeft, SyntaxNode syntax)
    {
        var known = Constants.Number(number);
        switch (kind)
        {
            case BinaryOperatorKind.Multiply:
                return Scaled(tensor, known, number is RootValue { IsInverse: true }, syntax);
            case BinaryOperatorKind.Divide when !isLeft && known != 0:
                return Scaled(tensor, 1 / known, number is RootValue { IsInverse: false }, syntax);
            case BinaryOperatorKind.Add:
                return WithEpsilon(tensor, Trace.Add(new Operation.Shift(known), [tensor.Node], null, syntax), known);
            case BinaryOperatorKind.Subtract when isLeft:
                var negative = Trace.Add(new Operation.Scale(-1), [tensor.Node], null, syntax);
                return Trace.Add(new Operation.Shift(known), [negative.Node], null, syntax);
            case BinaryOperatorKind.Subtract:
                return Trace.Add(new Operation.Shift(-known), [tensor.Node], null, syntax);
            default:
                return null;
        }
    }

    private Value Array(IArrayCreationOperation array, Frame frame)
    {
        if (array.Initializer is { } initializer)
            return new ListValue([.. initializer.ElementValues.Select(e => Evaluate(e, frame))]);
        return array.DimensionSizes.Length == 1 && Constants.Integer(Evaluate(array.DimensionSizes[0], frame)) is { } length and >= 0 and <= UnrollLimit
            ? new ListValue([.. Enumerable.Repeat(Value.Unknown, length)]) { IsArray = true }
            : array.DimensionSizes.Length == 1 ? new ListValue([Rounds.Of(new(), [Value.Unknown])]) { IsArray = true } : Value.Unknown;
    }

    private Value Conditional(IConditionalOperation conditional, Frame frame)
    {
        if (conditional.WhenFalse is not { } whenFalse)
            return Value.Unknown;
        if (Throws(conditional.WhenTrue) || Throws(whenFalse))
        {
            Evaluate(conditional.Condition, frame);
            return Evaluate(Throws(whenFalse) ? conditional.WhenTrue : whenFalse, frame);
        }

        if (Holds(conditional.Condition, frame, () => Decides(conditional)) is { } known)
            return Evaluate(known ? conditional.WhenTrue : whenFalse, frame);
        Havoc(conditional, frame);
        return UnknownResult(conditional, Tensors(conditional, frame), taint: false);
    }

    /// <summary>The tensors that unread code refers to.</summary>
    private static IEnumerable<Value> Tensors(IOperation code, Frame frame) =>
        code.Descendants().Select(o => Peek(o, frame)).Where(v => v is TensorValue).ToList();

    private Value Coalesce(ICoalesceOperation coalesce, Frame frame)
    {
        var value = Evaluate(coalesce.Value, frame);
        return value switch
        {
            ConstantValue { Constant: null } => Evaluate(coalesce.WhenNull, frame),
            ConstantValue or TensorValue or ModuleValue or ListValue or TupleValue or ParameterValue or FunctionValue or DictionaryValue => value,
            _ when coalesce.WhenNull is IThrowOperation => value,
            _ => UnknownResult(coalesce, [value, .. Tensors(coalesce, frame)], taint: false),
        };
    }

    private Value CoalesceAssign(ICoalesceAssignmentOperation assignment, Frame frame)
    {
        var value = Evaluate(assignment.Target, frame);
        if (value is ConstantValue { Constant: null })
            value = Evaluate(assignment.Value, frame);
        else if (value.IsUnknown)
            Evaluate(assignment.Value, frame);
        Assign(assignment.Target, value, frame);
        return value;
    }

    private Value Access(IConditionalAccessOperation access, Frame frame)
    {
        var instance = Evaluate(access.Operation, frame);
        if (instance is ConstantValue { Constant: null })
            return ConstantValue.Null;
        frame.ConditionalInstances.Push(instance);
        var value = Evaluate(access.WhenNotNull, frame);
        frame.ConditionalInstances.Pop();

        // Whether the call happens is only known for an object that is known.
        return instance.IsUnknown ? UnknownResult(access, [value, .. Tensors(access, frame)], taint: false) : value;
    }

    private Value Increment(IIncrementOrDecrementOperation increment, Frame frame)
    {
        var before = Evaluate(increment.Target, frame);
        var kind = increment.Kind == OperationKind.Increment ? BinaryOperatorKind.Add : BinaryOperatorKind.Subtract;
        var after = Constants.Binary(kind, before, new ConstantValue(1L));
        Assign(increment.Target, after, frame);
        return increment.IsPostfix ? before : after;
    }

    private Value Interpolate(IInterpolatedStringOperation text, Frame frame)
    {
        var result = new StringBuilder();
        foreach (var part in text.Parts)
        {
            var value = part switch
            {
                IInterpolatedStringTextOperation literal => Evaluate(literal.Text, frame),
                IInterpolationOperation { FormatString: null, Alignment: null } interpolation => Evaluate(interpolation.Expression, frame),
                _ => Value.Unknown,
            };
            if (value is IndexValue)
                result.Append(RepeatedValue.AnyNumber);
            else if (value is ConstantValue { Constant: var constant })
                result.Append(Constants.Text(constant));
            else
                return Value.Unknown;
        }

        return new ConstantValue(result.ToString());
    }

    private Value SwitchExpression(ISwitchExpressionOperation @switch, Frame frame)
    {
        var value = Evaluate(@switch.Value, frame);
        var decides = value is not ConstantValue && Decides(@switch);
        var last = @switch.Arms.LastOrDefault(a => !Throws(a.Value));
        foreach (var arm in @switch.Arms)
        {
            // An arm that throws is not the one: what is behind it would never run.
            var matches = Matches(arm.Pattern, value, frame, decides && arm != last);
            if (matches == true && arm.Guard is { } guard)
                matches = Holds(guard, frame, () => decides);
            if (matches is null && Throws(arm.Value))
                matches = false;
            if (matches == true || (matches is null && decides && arm == last && (Trace.Loop is null || value is OpenValue { IsOfRound: false })))
                return Evaluate(arm.Value, frame);
            if (matches is null)
                break;
        }

        Havoc(@switch, frame);
        return UnknownResult(@switch, Tensors(@switch, frame), taint: false);
    }

    private static bool Throws(IOperation value) => value is IThrowOperation or IConversionOperation { Operand: IThrowOperation };

    /// <summary>Whether a value matches a pattern; null where that is not known. Assigns the pattern's variable.</summary>
    private bool? Matches(IPatternOperation pattern, Value value, Frame frame, bool decides = false)
    {
        switch (pattern)
        {
            case IDiscardPatternOperation:
                return true;
            case IConstantPatternOperation constant:
                var expected = Evaluate(constant.Value, frame);
                if (expected is ConstantValue { Constant: null } && value is ModuleValue or TensorValue or ListValue or ParameterValue or TupleValue or FunctionValue or DictionaryValue)
                    return false;
                return Answer(BinaryOperatorKind.Equals, value, expected, decides);
            case INegatedPatternOperation negated:
                return !Matches(negated.Pattern, value, frame, decides);
            case IBinaryPatternOperation { OperatorKind: BinaryOperatorKind.Or } or:
                return Matches(or.LeftPattern, value, frame, decides) switch
                {
                    true => true,
                    false => Matches(or.RightPattern, value, frame, decides),
                    null => Matches(or.RightPattern, value, frame, decides) == true ? true : null,
                };
            case IBinaryPatternOperation { OperatorKind: BinaryOperatorKind.And } and:
                return Matches(and.LeftPattern, value, frame, decides) switch
                {
                    false => false,
                    true => Matches(and.RightPattern, value, frame, decides),
                    null => Matches(and.RightPattern, value, frame, decides) == false ? false : null,
                };
            case IRelationalPatternOperation relational:
                return Answer(relational.OperatorKind, value, Evaluate(relational.Value, frame), decides);
            case ITypePatternOperation type:
                return IsOfType(value, type.MatchedType);
            case IDeclarationPatternOperation declaration:
                var matches = declaration.MatchesNull ? true : IsOfType(value, declaration.MatchedType);
                if (declaration.DeclaredSymbol is { } symbol)
                    frame.Locals[symbol] = matches == true ? value : Value.Unknown;
                return matches;
            case IRecursivePatternOperation { DeconstructionSubpatterns.IsEmpty: true, PropertySubpatterns.IsEmpty: true } recursive:
                var fits = IsOfType(value, recursive.MatchedType);
                if (recursive.DeclaredSymbol is { } named)
                    frame.Locals[named] = fits == true ? value : Value.Unknown;
                return fits;
            default:
                return null;
        }
    }

    private static bool? IsOfType(Value value, ITypeSymbol? type)
    {
        switch (value)
        {
            case ConstantValue { Constant: null }:
                return false;
            case ConstantValue { Constant: string }:
                return type?.SpecialType switch { SpecialType.System_String => true, SpecialType.System_Object or SpecialType.None or null => null, _ => false };
            case ConstantValue { Constant: int }:
                // Folded integers are kept as 64 bits whatever their type: only what was never folded has kept its own.
                return type?.SpecialType switch { SpecialType.System_Int32 => true, SpecialType.System_String or SpecialType.System_Boolean => false, _ => null };
            case ModuleValue module when type is not null:
                if (TorchSharpSymbols.DerivesFrom(module.Type, type.OriginalDefinition))
                    return true;
                if (type.TypeKind == TypeKind.Interface)
                    return module.Type.AllInterfaces.Any(i => SymbolEqualityComparer.Default.Equals(i, type)) ? true : null;

                // A factory that returns a base class may return any class derived from it.
                return module is LayerValue { Type.IsSealed: false } or ContainerValue { Type.IsSealed: false } && TorchSharpSymbols.DerivesFrom(type, module.Type.OriginalDefinition) ? null : false;
            default:
                return null;
        }
    }

    /// <summary>Stores a value; false where the target is none that can be followed.</summary>
    private bool Assign(IOperation target, Value value, Frame frame)
    {
        switch (target)
        {
            case ILocalReferenceOperation local:
                NameIfUnnamed(value, local.Local.Name);
                frame.Set(local.Local, Identified(value));
                return true;
            case IParameterReferenceOperation parameter:
                frame.Set(parameter.Parameter, Identified(value));
                return true;
            case IDiscardOperation:
                return true;
            case IDeclarationExpressionOperation declaration:
                return Assign(declaration.Expression, value, frame);
            case ITupleOperation tuple:
                var parts = value as TupleValue ?? Deconstructed(value, tuple.Elements.Length);
                var all = true;
                for (var i = 0; i < tuple.Elements.Length; i++)
                {
                    var part = parts is not null && i < parts.Elements.Count ? parts.Elements[i]
                        : value is TensorValue several && symbols.IsTensor(tuple.Elements[i].Type) ? new TensorValue(several.Node)
                        : Value.Unknown;
                    all &= Assign(tuple.Elements[i], part, frame);
                }

                return all;
            case IMemberReferenceOperation member and (IFieldReferenceOperation or IPropertyReferenceOperation):
                return AssignMember(member, value, frame);
            case IArrayElementReferenceOperation element:
                return AssignElement(Evaluate(element.ArrayReference, frame), element.Indices.Length == 1 ? Evaluate(element.Indices[0], frame) : Value.Unknown, value);
            default:
                return false;
        }
    }

    /// <summary>The parts of a record, in the order of its parameters.</summary>
    private static TupleValue? Deconstructed(Value value, int count)
    {
        if (value is not ObjectValue { IsModule: false, Type.IsRecord: true } record
            || record.Type.GetMembers("Deconstruct").OfType<IMethodSymbol>().FirstOrDefault(m => m.IsImplicitlyDeclared && m.Parameters.Length == count) is not { } deconstruct)
            return null;
        return new([.. deconstruct.Parameters.Select(p => record.Type.GetMembers(p.Name).FirstOrDefault() is { } member && record.Members.TryGetValue(member, out var part) ? part : Value.Unknown)]);
    }

    private bool AssignMember(IMemberReferenceOperation member, Value value, Frame frame)
    {
        NameIfUnnamed(value, member.Member.Name);
        if (member.Member.IsStatic)
        {
            statics[member.Member.OriginalDefinition] = Identified(value);
            return true;
        }

        switch (member.Instance is { } instance ? Evaluate(instance, frame) : frame.Self)
        {
            case ObjectValue self:
                self.Members[member.Member.OriginalDefinition] = Identified(value);
                return true;
            case ParameterValue parameter when IsLearned(parameter):
                Initialization.Assign(parameter, Initializer.Unknown);
                return true;
            case LayerValue layer when member.Member.Name is "weight" or "bias":
                Initialization.Assign(new ParameterValue(layer, member.Member.Name), Initializer.Unknown);
                return true;
            case TupleValue tuple when member is IFieldReferenceOperation { Instance: { } holder, Field: var field } && Position((field.CorrespondingTupleField ?? field).Name) is { } place && place <= tuple.Elements.Count:
                return Assign(holder, new TupleValue([.. tuple.Elements.Select((e, i) => i == place - 1 ? value : e)]), frame);
            case TensorValue tensor:
                TaintLearned(tensor);
                tensor.Node = Trace.Opaque("an assignment into a tensor", member.Syntax, tensor.Node).Node;
                return true;
            case var list when member is IPropertyReferenceOperation { Arguments.Length: 1 } indexer:
                return AssignElement(list ?? Value.Unknown, Evaluate(indexer.Arguments[0].Value, frame), value);
            default:
                return false;
        }
    }

    private bool AssignElement(Value list, Value index, Value value)
    {
        if (list is DictionaryValue dictionary)
        {
            dictionary.Set(index, value);
            return true;
        }

        if (list is ContainerValue container)
            return AssignModule(container, index, value);
        if (list is not ListValue { Elements: { } elements } known)
            return false;
        if (known.IsArray && elements.Count > 0 && elements[elements.Count - 1] is RepeatedValue { Round.Count: 1 } rest)
        {
            known.Elements = FillArray(elements, rest, index, value);
            return true;
        }

        if (Constants.Integer(index) is { } position && position >= 0 && position < elements.Count && elements.TrueForAll(e => e is not RepeatedValue))
            elements[position] = value;
        else
            known.Elements = null;
        return true;
    }

    /// <summary>An array of unknown length: its elements are set one by one, then by a loop.</summary>
    private List<Value>? FillArray(List<Value> elements, RepeatedValue rest, Value index, Value value)
    {
        var known = elements.Count - 1;
        return index switch
        {
            IndexValue counter when counter.First >= known && rest.Round[0].Value == Value.Unknown && currentRounds is { } loop => [.. elements.Take(known), new RepeatedValue(loop, [new(RepeatedValue.AnyNumber, value)])],
            _ when Constants.Integer(index) == known && rest.Round[0].Value == Value.Unknown => [.. elements.Take(known), value, rest],
            _ when Constants.Integer(index) is >= 0 and var position && position < known => [.. elements.Take(position), value, .. elements.Skip(position + 1)],
            _ => null,
        };
    }

    private static bool AssignModule(ContainerValue container, Value index, Value value)
    {
        if (container.Items is not { } items)
            return true;
        var key = index is ConstantValue { Constant: string name } ? name : null;
        var position = key is null ? Constants.Integer(index) ?? -1 : items.FindIndex(m => m.Key == key);
        if (position >= 0 && position < items.Count && !items.Exists(i => i.Value is RepeatedValue))
            items[position] = new(items[position].Key, value);
        else if (key is not null)
            container.Add(key, value);
        else
            container.Items = null;
        return true;
    }
}
