// Reads: activation-tensor-method, activation-in-place, call-call
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc = Linear(2, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        x = fc.call(x).leaky_relu(0.2);
        x = fc.call(x).sigmoid_();
        x = fc.call(x).gelu();
        x = fc.call(x).tanh_();
        return fc.call(x).softmax(1);
    }
}
