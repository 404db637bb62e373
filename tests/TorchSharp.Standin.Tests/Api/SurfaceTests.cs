namespace TorchSharp.Standin.Tests.Api;

public class SurfaceTests
{
    [Fact]
    public void A_type_is_described_by_what_others_can_bind_to()
    {
        var facts = Surface.Of(typeof(Sample<>).Assembly.Location)["Standin.Tests.Api.Sample`1"];

        Assert.Equal(
            [
                ".ctor(long[]): void | protected (params sizes)",
                "Answer: int | public const = 42",
                "Pair``1(!!0&, int&, double, string): System.ValueTuple`2<!0, int> | public virtual where U: struct & System.ValueType modreq(System.Runtime.InteropServices.UnmanagedType) (u, out n, scale = 0.5, name = null)",
                "Sum(torch.Tensor, Standin.Tests.Api.SampleKind): torch.Tensor static | public (input, kind = 1)",
                "extends System.Collections.Generic.List`1<!0>",
                "get_Width(): long | public ()",
                "implements System.IDisposable",
                "is abstract class where T: class & new()",
            ],
            facts.Where(f => !f.StartsWith("implements System.Collections", StringComparison.Ordinal)));
    }

    [Fact]
    public void Enumerations_have_their_values()
    {
        var facts = Surface.Of(typeof(Sample<>).Assembly.Location)["Standin.Tests.Api.SampleKind"];

        Assert.Contains("is enum", facts);
        Assert.Contains("Round: Standin.Tests.Api.SampleKind | public const = 1", facts);
    }
}

public enum SampleKind
{
    Square,
    Round,
}

/// <summary>Something to describe.</summary>
public abstract class Sample<T> : List<T>, IDisposable where T : class, new()
{
    public const int Answer = 42;

    protected Sample(params long[] sizes) => Width = sizes.Length;

    public long Width { get; private set; }

    public static torch.Tensor Sum(torch.Tensor input, SampleKind kind = SampleKind.Round) => kind == SampleKind.Round ? input.sum() : input;

    public virtual (T First, int Second) Pair<U>(ref U u, out int n, double scale = 0.5, string? name = null) where U : unmanaged
    {
        n = (int)scale;
        return (new T(), Hidden(name));
    }

    public override string ToString() => "";

    void IDisposable.Dispose() => GC.SuppressFinalize(this);

    internal int Hidden(string? name) => name?.Length ?? Answer;
}
