// Reads: switch, choice-unknown, unreadable
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net;
    public Net(string activation) : base("Net")
    {
        Module<Tensor, Tensor> act;
        switch (activation)
        {
            case "relu": act = ReLU(); break;
            case "tanh": act = Tanh(); break;
            default: act = Sigmoid(); break;
        }
        net = Sequential(("fc1", Linear(3, 3)), ("act", act), ("fc2", Linear(3, 1)));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => net.forward(x);
}
