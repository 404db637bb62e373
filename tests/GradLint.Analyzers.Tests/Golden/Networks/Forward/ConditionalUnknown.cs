// Reads: forward-conditional, unreadable, activation-torch
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc = Linear(4, 4);
    private readonly bool positive;
    public Net(bool positive) : base("Net")
    {
        this.positive = positive;
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => positive ? torch.sigmoid(fc.forward(x)) : torch.tanh(fc.forward(x));
}
