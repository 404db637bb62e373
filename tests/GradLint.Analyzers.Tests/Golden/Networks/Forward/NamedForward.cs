// Reads: forward-named-otherwise, nested-module, call-forward
class Encoder : Module<Tensor, Tensor>
{
    private readonly Linear fc = Linear(8, 3);
    public Encoder() : base("Encoder") => RegisterComponents();
    public Tensor Forward(Tensor x) => fc.forward(x).tanh();
    public override Tensor forward(Tensor x) => Forward(x);
}
class Net : Module<Tensor, Tensor>
{
    private readonly Encoder encoder = new();
    private readonly Linear decoder = Linear(3, 8);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => decoder.forward(encoder.Forward(x));
}
