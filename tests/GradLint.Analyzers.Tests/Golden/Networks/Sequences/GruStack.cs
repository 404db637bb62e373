// Reads: gru, module-list, forward-foreach
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<GRU> layers = new(GRU(4, 4), GRU(4, 4));
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        foreach (var layer in layers)
        {
            var (y, _) = layer.call(x);
            x = y;
        }
        return x;
    }
}
