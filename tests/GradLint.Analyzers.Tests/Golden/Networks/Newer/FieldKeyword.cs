// Reads: property, expression-body, call-call
class Net : Module<Tensor, Tensor>
{
    private readonly Linear head = Linear(4, 1);
    public Net() : base("Net")
    {
        Width = 4;
        Body = Sequential(("fc", Linear(3, Width)), ("act", Tanh()));
        RegisterComponents();
    }
    private int Width { get; set => field = value; }
    private Sequential Body { get; set => field = value; }
    public override Tensor forward(Tensor x) => head.call(Body.call(x));
}
