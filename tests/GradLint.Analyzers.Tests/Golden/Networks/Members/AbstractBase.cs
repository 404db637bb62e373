// Reads: user-base-class, nested-module, forward-helper
abstract class Backbone : Module<Tensor, Tensor>
{
    protected readonly Linear stem = Linear(10, 20);

    protected Backbone(string name) : base(name) { }

    protected Tensor Stem(Tensor x) => stem.forward(x).relu();
}

class Head : Module<Tensor, Tensor>
{
    private readonly Linear proj;
    public Head(long inputs, long classes) : base("Head")
    {
        proj = Linear(inputs, classes);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => proj.forward(x);
}

class Net : Backbone
{
    private readonly Head head;
    public Net() : base("Net")
    {
        head = new Head(20, 5);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => head.forward(Stem(x));
}
