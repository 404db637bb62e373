// Reads: switch, activation-argument, activation-module
enum Activation { ReLU, Tanh, Gelu }

class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net;
    public Net(Activation activation = Activation.Tanh) : base("Net")
    {
        net = Sequential(Linear(2, 4), Make(activation), Linear(4, 1), Make(Activation.Gelu));
        RegisterComponents();
    }
    private static Module<Tensor, Tensor> Make(Activation activation) => activation switch
    {
        Activation.ReLU => ReLU(),
        Activation.Tanh => Tanh(),
        Activation.Gelu => GELU(),
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };
    public override Tensor forward(Tensor x) => net.forward(x);
}
