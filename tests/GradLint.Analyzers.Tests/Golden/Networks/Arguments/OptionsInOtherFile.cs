// Reads: options-object, construction-site, settings
static class Program
{
    static void Main() => Console.WriteLine(new Net(Defaults.Model));
}
class Net : Module<Tensor, Tensor>
{
    private readonly ModelOptions options;
    private readonly Linear fc1, fc2;
    public Net(ModelOptions options) : base("Net")
    {
        this.options = options;
        fc1 = Linear(options.Sizes[0], options.Sizes[1]);
        fc2 = Linear(options.Sizes[1], options.Sizes[^1], hasBias: options.Bias);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        x = fc1.call(x);
        x = options.Kind switch { ActivationKind.Relu => x.relu(), ActivationKind.Tanh => x.tanh(), _ => throw new NotSupportedException() };
        return fc2.call(x);
    }
}
//--- Options.cs
enum ActivationKind { Relu, Tanh }
sealed class ModelOptions
{
    public int[] Sizes { get; init; } = { 1, 1, 1 };
    public ActivationKind Kind { get; init; }
    public bool Bias { get; init; } = true;
}
static class Defaults
{
    public const int Features = 12;
    public static readonly ModelOptions Model = new() { Sizes = new[] { Features, Features / 2, 3 }, Kind = ActivationKind.Tanh, Bias = false };
}
