using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Reading;

/// <summary>Arithmetic over values that are known.</summary>
internal static class Constants
{
    public static double? Number(Value value) => value is ConstantValue { Constant: { } constant } ? Number(constant) : null;

    public static int? Integer(Value value) =>
        value is ConstantValue { Constant: sbyte or byte or short or ushort or int or uint or long or ulong } constant
        && Number(constant) is { } number && Math.Abs(number) <= int.MaxValue ? (int)number : null;

    public static bool? Flag(Value value) => value is ConstantValue { Constant: bool flag } ? flag : null;

    public static Value Unary(UnaryOperatorKind kind, Value operand) => (kind, operand) switch
    {
        (UnaryOperatorKind.Not, ConstantValue { Constant: bool flag }) => new ConstantValue(!flag),
        (UnaryOperatorKind.Plus, ConstantValue) => operand,
        (UnaryOperatorKind.Minus, ConstantValue { Constant: double d }) => new ConstantValue(-d),
        (UnaryOperatorKind.Minus, ConstantValue { Constant: float f }) => new ConstantValue(-f),
        (UnaryOperatorKind.Minus, _) when Integer(operand) is { } i => new ConstantValue(-(long)i),
        _ => Value.Unknown,
    };

    public static Value Binary(BinaryOperatorKind kind, Value left, Value right)
    {
        if (Decisive(kind, left) || Decisive(kind, right))
            return new ConstantValue(kind == BinaryOperatorKind.ConditionalOr);
        if (left is not ConstantValue { Constant: var a } || right is not ConstantValue { Constant: var b })
            return Value.Unknown;
        if (a is bool p && b is bool q)
        {
            return kind switch
            {
                BinaryOperatorKind.And or BinaryOperatorKind.ConditionalAnd => new ConstantValue(p && q),
                BinaryOperatorKind.Or or BinaryOperatorKind.ConditionalOr => new ConstantValue(p || q),
                BinaryOperatorKind.Equals => new ConstantValue(p == q),
                BinaryOperatorKind.NotEquals => new ConstantValue(p != q),
                _ => Value.Unknown,
            };
        }

        if (kind == BinaryOperatorKind.Equals && (a is null || b is null || a is string))
            return new ConstantValue(Equals(a, b));
        if (kind == BinaryOperatorKind.NotEquals && (a is null || b is null || a is string))
            return new ConstantValue(!Equals(a, b));
        if (kind == BinaryOperatorKind.Add && (a is string || b is string))
            return new ConstantValue(Text(a) + Text(b));
        if (a is null || b is null || Number(a) is not { } x || Number(b) is not { } y)
            return Value.Unknown;
        return a is float or double or decimal || b is float or double or decimal ? Real(kind, x, y) : Integral(kind, a, b);
    }

    /// <summary>False decides a conjunction and true a disjunction, whatever the other side is.</summary>
    private static bool Decisive(BinaryOperatorKind kind, Value operand) =>
        kind is BinaryOperatorKind.ConditionalAnd or BinaryOperatorKind.ConditionalOr && Flag(operand) == (kind == BinaryOperatorKind.ConditionalOr);

    private static Value Real(BinaryOperatorKind kind, double x, double y) => kind switch
    {
        BinaryOperatorKind.Add => new ConstantValue(x + y),
        BinaryOperatorKind.Subtract => new ConstantValue(x - y),
        BinaryOperatorKind.Multiply => new ConstantValue(x * y),
        BinaryOperatorKind.Divide => new ConstantValue(x / y),
        _ => Compare(kind, x.CompareTo(y)),
    };

    private static Value Integral(BinaryOperatorKind kind, object a, object b)
    {
        if (a is ulong || b is ulong)
            return Value.Unknown;
        var (x, y) = (Convert.ToInt64(a, System.Globalization.CultureInfo.InvariantCulture), Convert.ToInt64(b, System.Globalization.CultureInfo.InvariantCulture));
        try
        {
            return kind switch
            {
                BinaryOperatorKind.Add => new ConstantValue(checked(x + y)),
                BinaryOperatorKind.Subtract => new ConstantValue(checked(x - y)),
                BinaryOperatorKind.Multiply => new ConstantValue(checked(x * y)),
                BinaryOperatorKind.Divide when y != 0 => new ConstantValue(checked(x / y)),
                BinaryOperatorKind.Remainder when y != 0 => new ConstantValue(checked(x % y)),
                BinaryOperatorKind.LeftShift when y is >= 0 and < 31 => new ConstantValue(checked(x * (1L << (int)y))),
                BinaryOperatorKind.RightShift when y is >= 0 and < 63 => new ConstantValue(x >> (int)y),
                _ => Compare(kind, x.CompareTo(y)),
            };
        }
        catch (OverflowException)
        {
            return Value.Unknown;
        }
    }

    private static Value Compare(BinaryOperatorKind kind, int order) => kind switch
    {
        BinaryOperatorKind.Equals => new ConstantValue(order == 0),
        BinaryOperatorKind.NotEquals => new ConstantValue(order != 0),
        BinaryOperatorKind.LessThan => new ConstantValue(order < 0),
        BinaryOperatorKind.LessThanOrEqual => new ConstantValue(order <= 0),
        BinaryOperatorKind.GreaterThan => new ConstantValue(order > 0),
        BinaryOperatorKind.GreaterThanOrEqual => new ConstantValue(order >= 0),
        _ => Value.Unknown,
    };

    /// <summary>A number in the type that it is converted to: an integer division must stay one.</summary>
    public static Value ChangeType(Value value, ITypeSymbol? type)
    {
        if (value is not ConstantValue { Constant: { } constant } || Number(constant) is not { } number)
            return value;
        return type?.SpecialType switch
        {
            SpecialType.System_Double => new ConstantValue(number),
            SpecialType.System_Single => new ConstantValue((float)number),
            SpecialType.System_Int32 or SpecialType.System_Int64 or SpecialType.System_Int16 or SpecialType.System_UInt32 or SpecialType.System_Byte
                when constant is double or float or decimal => Math.Abs(number) < int.MaxValue ? new ConstantValue((long)number) : Value.Unknown,
            _ => value,
        };
    }

    public static string Text(object? constant) => Convert.ToString(constant, System.Globalization.CultureInfo.InvariantCulture) ?? "";

    /// <summary><c>Math.Sqrt</c> and its like.</summary>
    public static Value Mathematics(string name, Arguments arguments)
    {
        if (arguments.Count is 0 or > 3 || Number(arguments[0]) is not { } x)
            return Value.Unknown;
        if (arguments.Count == 3)
        {
            return name == "Clamp" && Number(arguments[1]) is { } low && Number(arguments[2]) is { } high
                ? arguments.All.All(a => Integer(a) is not null) ? new ConstantValue((long)Math.Min(Math.Max(x, low), high)) : new ConstantValue(Math.Min(Math.Max(x, low), high))
                : Value.Unknown;
        }

        var integral = Integer(arguments[0]) is not null;
        if (arguments.Count == 2)
        {
            if (Number(arguments[1]) is not { } y)
                return Value.Unknown;
            integral &= Integer(arguments[1]) is not null;
            return name switch
            {
                "Pow" => new ConstantValue(Math.Pow(x, y)),
                "Log" => new ConstantValue(Math.Log(x, y)),
                "Min" => integral ? new ConstantValue((long)Math.Min(x, y)) : new ConstantValue(Math.Min(x, y)),
                "Max" => integral ? new ConstantValue((long)Math.Max(x, y)) : new ConstantValue(Math.Max(x, y)),
                _ => Value.Unknown,
            };
        }

        return name switch
        {
            "Sqrt" => new ConstantValue(Math.Sqrt(x)),
            "Exp" => new ConstantValue(Math.Exp(x)),
            "Log" => new ConstantValue(Math.Log(x)),
            "Log2" => new ConstantValue(Math.Log(x, 2)),
            "Log10" => new ConstantValue(Math.Log10(x)),
            "Cbrt" => new ConstantValue(Math.Sign(x) * Math.Pow(Math.Abs(x), 1.0 / 3)),
            "Sign" => new ConstantValue((long)Math.Sign(x)),
            "Abs" => integral ? new ConstantValue((long)Math.Abs(x)) : new ConstantValue(Math.Abs(x)),
            "Round" => new ConstantValue(Math.Round(x)),
            "Truncate" => new ConstantValue(Math.Truncate(x)),
            "Floor" => new ConstantValue(Math.Floor(x)),
            "Ceiling" => new ConstantValue(Math.Ceiling(x)),
            _ => Value.Unknown,
        };
    }

    private static double? Number(object constant) => constant switch
    {
        sbyte or byte or short or ushort or int or uint or long or ulong or float or double or decimal =>
            Convert.ToDouble(constant, System.Globalization.CultureInfo.InvariantCulture),
        _ => null,
    };
}
