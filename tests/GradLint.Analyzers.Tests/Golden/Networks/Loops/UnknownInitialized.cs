// Reads: loop-unknown, list-of-modules, init-modules
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential body;
    private readonly Linear stem = Linear(2, 64), head = Linear(64, 1);
    public Net(int depth) : base("Net")
    {
        var layers = new List<Module<Tensor, Tensor>>();
        for (int i = 0; i < depth; i++)
        {
            var fc = Linear(64, 64);
            init.kaiming_normal_(fc.weight);
            layers.Add(fc);
            layers.Add(Tanh());
        }
        body = Sequential(layers);
        RegisterComponents();
        foreach (var m in body.modules())
        {
            if (m is Linear linear)
                init.xavier_uniform_(linear.weight);
        }
        for (int i = 0; i < depth; i++)
            init.zeros_(head.bias);
    }
    public override Tensor forward(Tensor x) => head.forward(body.forward(stem.forward(x)));
}
