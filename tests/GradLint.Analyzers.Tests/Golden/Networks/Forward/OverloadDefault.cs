// Reads: forward-overload, several-inputs, nested-module
class Mixer : Module<Tensor, Tensor, Tensor>
{
    private readonly Linear left = Linear(3, 3), right = Linear(3, 3);
    public Mixer() : base("Mixer") => RegisterComponents();
    public override Tensor forward(Tensor a, Tensor b) => left.forward(a) + right.forward(b);
}
class Net : Module<Tensor, Tensor>
{
    private readonly Mixer mixer = new();
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => mixer.forward(x, x.relu());
}
