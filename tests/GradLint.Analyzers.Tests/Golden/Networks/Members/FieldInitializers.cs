// Reads: field-initializer, call-forward, activation-module, expression-body
internal class Net : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> fc1 = Linear(2, 20), fc2 = Linear(20, 1);
    private readonly Module<Tensor, Tensor> act = ReLU();

    public Net() : base(nameof(Net)) => RegisterComponents();

    public override Tensor forward(Tensor x) => fc2.forward(act.forward(fc1.forward(x)));
}
