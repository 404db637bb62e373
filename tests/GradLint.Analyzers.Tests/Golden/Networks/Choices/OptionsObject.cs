// Reads: options-record, property, math
class Config
{
    public int Width { get; set; } = 6;
    public int Depth { get; set; } = 1;
    public bool Bias = true;
}
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc, head;
    public Net() : base("Net")
    {
        var config = new Config { Width = 10, Bias = false };
        fc = Linear(config.Width, config.Width * config.Depth, hasBias: config.Bias);
        head = Linear(config.Width, (long)Math.Sqrt(16));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => head.forward(fc.forward(x));
}
