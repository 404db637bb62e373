
namespace TorchSharp;

/// <summary>A number with a dtype, as ATen's Scalar. It owns nothing native: Dispose does nothing.</summary>
public sealed class Scalar : IDisposable
{
    private readonly long integer;
    private readonly double real;

    internal Scalar(long value) => (Type, integer, real) = (torch.ScalarType.Int64, value, value);

    internal Scalar(double value, torch.ScalarType type = torch.ScalarType.Float64) => (Type, integer, real) = (type, double.IsFinite(value) ? (long)value : 0, value);

    internal Scalar(bool value) => (Type, integer, real) = (torch.ScalarType.Bool, value ? 1 : 0, value ? 1 : 0);

    public torch.ScalarType Type { get; }

    internal long Integer => integer;

    internal double Real => real;

    internal Arg AsArg() => Type switch
    {
        torch.ScalarType.Int64 => integer,
        torch.ScalarType.Bool => integer != 0,
        _ => real,
    };

    internal object ToObject() => Type switch
    {
        torch.ScalarType.Int64 => integer,
        torch.ScalarType.Bool => integer != 0,
        _ => real,
    };

    public static implicit operator Scalar(byte value) => new((long)value);
    public static implicit operator Scalar(sbyte value) => new((long)value);
    public static implicit operator Scalar(short value) => new((long)value);
    public static implicit operator Scalar(int value) => new((long)value);
    public static implicit operator Scalar(long value) => new(value);
    public static implicit operator Scalar(float value) => new(value);
    public static implicit operator Scalar(double value) => new(value);
    public static implicit operator Scalar(bool value) => new(value);

    public void Dispose()
    {
    }
}

public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this int value) => value;
    public static Scalar ToScalar(this long value) => value;
    public static Scalar ToScalar(this float value) => value;
    public static Scalar ToScalar(this double value) => value;
    public static Scalar ToScalar(this bool value) => value;

    public static float ToSingle(this Scalar value) => (float)value.Real;
    public static double ToDouble(this Scalar value) => value.Real;
    public static int ToInt32(this Scalar value) => checked((int)value.Integer);
    public static long ToInt64(this Scalar value) => value.Integer;
    public static bool ToBoolean(this Scalar value) => value.Real != 0;
}
