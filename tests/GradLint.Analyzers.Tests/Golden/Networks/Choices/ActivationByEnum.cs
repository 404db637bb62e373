// Reads: alternatives, switch, activation-argument
enum Act { Relu, Tanh, Gelu }
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(4, 8), fc2 = Linear(8, 8), fc3 = Linear(8, 2);
    private readonly Act act;
    public Net(Act act) : base("Net") { this.act = act; RegisterComponents(); }
    private Tensor Activate(Tensor x)
    {
        switch (act)
        {
            case Act.Relu: return nn.functional.relu(x);
            case Act.Tanh: return torch.tanh(x);
            case Act.Gelu: return nn.functional.gelu(x);
            default: throw new ArgumentException(nameof(act));
        }
    }
    public override Tensor forward(Tensor x) => fc3.call(Activate(fc2.call(Activate(fc1.call(x)))));
}
