// Reads: top-level, sequential-outside, nested-module
var net = Sequential(Linear(4, 4), new Gate(4), Linear(4, 1));
net.call(torch.rand(2, 4)).sum().backward();

class Gate : Module<Tensor, Tensor>
{
    private readonly Linear gate;
    public Gate(int width) : base("Gate") { gate = Linear(width, width); RegisterComponents(); }
    public override Tensor forward(Tensor x) => x * gate.call(x).sigmoid();
}
