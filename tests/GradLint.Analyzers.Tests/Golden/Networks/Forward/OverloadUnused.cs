// Reads: forward-overload, several-inputs, unreadable
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc = Linear(4, 4);
    public Net() : base("Net") => RegisterComponents();
    public Tensor forward(Tensor x, Tensor mask) => fc.forward(x) * mask;
    public override Tensor forward(Tensor x) => forward(x, torch.ones(4));
}
