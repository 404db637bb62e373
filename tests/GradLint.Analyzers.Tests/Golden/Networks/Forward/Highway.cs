// Reads: gate, product
class Net : Module<Tensor, Tensor>
{
    private readonly Linear transform = Linear(16, 16), gate = Linear(16, 16);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var t = torch.sigmoid(gate.forward(x));
        var h = functional.relu(transform.forward(x));
        return t * h + (1.0f - t) * x;
    }
}
