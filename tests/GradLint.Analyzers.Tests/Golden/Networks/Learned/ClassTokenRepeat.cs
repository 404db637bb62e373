// Reads: learned-token, module-list, forward-foreach
public class Net : Module<Tensor, Tensor>
{
    private readonly Parameter class_token;
    private readonly ModuleList<Module<Tensor, Tensor>> layers = new();
    private readonly Linear fc;

    public Net(int dim = 16, int depth = 2) : base("Net")
    {
        class_token = torch.nn.Parameter(torch.randn(1, 1, dim));
        for (int i = 0; i < depth; i++)
            layers.Add(Linear(dim, dim));
        fc = Linear(dim, 3);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var tokens = torch.cat(new List<Tensor> { class_token.repeat(x.size(0), 1, 1), x }, 1);
        foreach (var layer in layers)
            tokens = functional.relu(layer.forward(tokens));
        return fc.forward(tokens.select(1, 0));
    }
}
