// Reads: method-group, activation-torch, forward-foreach
public class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<Linear> layers = new(Linear(5, 5), Linear(5, 5), Linear(5, 5));
    private readonly Func<Tensor, Tensor> squash = torch.tanh;

    public Net() : base("Net") => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        foreach (var layer in layers)
            x = squash(layer.forward(x));
        return x;
    }
}
