// Reads: choice-unknown, activation-module, unreadable
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(4, 4), fc2 = Linear(4, 1);
    private readonly Module<Tensor, Tensor> act;
    public Net(bool useTanh) : base("Net")
    {
        act = useTanh ? Tanh() : ReLU();
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => fc2.forward(act.forward(fc1.forward(x)));
}
