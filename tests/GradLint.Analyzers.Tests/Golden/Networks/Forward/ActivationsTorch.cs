// Reads: activation-torch, activation-bare, expression-body
class Net : Module<Tensor, Tensor>
{
    private readonly Linear a = Linear(2, 2), b = Linear(2, 2), c = Linear(2, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => torch.softmax(c.call(sigmoid(b.call(torch.tanh(a.call(x))))), 1);
}
