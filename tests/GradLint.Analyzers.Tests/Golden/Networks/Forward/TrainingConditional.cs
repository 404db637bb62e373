// Reads: training-flag, forward-conditional, nested-module
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc = Linear(4, 3);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var logits = fc.forward(x);
        return this.training ? logits : logits.softmax(-1);
    }
}
