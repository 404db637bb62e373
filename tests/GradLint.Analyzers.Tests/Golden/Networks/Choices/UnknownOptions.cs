// Reads: alternatives, options-object, choice-unknown
class Config
{
    public bool Normalize { get; set; }
    public string Activation { get; set; } = "relu";
}
class Net : Module<Tensor, Tensor>
{
    private readonly Config config;
    private readonly Linear fc1 = Linear(4, 8), fc2 = Linear(8, 2);
    private readonly LayerNorm norm;
    public Net(Config config) : base("Net")
    {
        this.config = config;
        if (config.Normalize)
            norm = LayerNorm(8);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        x = fc1.call(x);
        if (config.Normalize)
            x = norm.call(x);
        return fc2.call(config.Activation == "relu" ? x.relu() : x.tanh());
    }
}
