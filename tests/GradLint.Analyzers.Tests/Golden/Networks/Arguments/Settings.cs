// Reads: settings, constants, switch
static class Settings
{
    public const int Inputs = 6;
    public static readonly int[] Hidden = { 8, Inputs * 2 };
    public static int Classes = 3;
    public static Kind Activation { get; } = Kind.Silu;
}
enum Kind { Relu, Silu }
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net;
    public Net() : base("Net")
    {
        var layers = new List<Module<Tensor, Tensor>>();
        var inputs = Settings.Inputs;
        foreach (var size in Settings.Hidden)
        {
            layers.Add(Linear(inputs, size));
            layers.Add(Make(Settings.Activation));
            inputs = size;
        }
        layers.Add(Linear(inputs, Settings.Classes));
        net = Sequential(layers.ToArray());
        RegisterComponents();
    }
    private static Module<Tensor, Tensor> Make(Kind kind) => kind switch
    {
        Kind.Relu => ReLU(),
        Kind.Silu => SiLU(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
    public override Tensor forward(Tensor x) => net.call(x);
}
