// Reads: options-record, loop-field, constants
record Options(int Inputs = 4, int Hidden = 8, int Layers = 2, double Dropout = 0.25);

class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net;
    public Net() : this(new Options(Hidden: 16)) { }
    public Net(Options options) : base("Net")
    {
        var list = new List<Module<Tensor, Tensor>> { Linear(options.Inputs, options.Hidden) };
        for (int i = 0; i < options.Layers; i++)
        {
            list.Add(Tanh());
            list.Add(Dropout(options.Dropout));
            list.Add(Linear(options.Hidden, options.Hidden));
        }
        net = Sequential(list);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => net.forward(x);
}
