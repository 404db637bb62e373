// Reads: module-argument, unreadable, call-forward
class Net : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> backbone;
    private readonly Linear head = Linear(512, 10);
    public Net(Module<Tensor, Tensor> backbone) : base("Net")
    {
        this.backbone = backbone;
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => head.forward(backbone.forward(x));
}
