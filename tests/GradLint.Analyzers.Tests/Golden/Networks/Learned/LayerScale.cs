// Reads: learned-scale, residual-plus, nested-module
public class LayerScale : Module<Tensor, Tensor>
{
    private readonly Tensor layer_scale;

    public LayerScale(int channels, float init_value = 1e-2f) : base("")
    {
        var tensor = init_value * torch.ones(channels);
        layer_scale = nn.Parameter(tensor, requires_grad: true);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => x * layer_scale.unsqueeze(-1).unsqueeze(-1);
}

public class Net : Module<Tensor, Tensor>
{
    private readonly Conv2d conv = Conv2d(8, 8, 3, padding: 1);
    private readonly LayerScale scale = new(8);

    public Net() : base("Net") => RegisterComponents();

    public override Tensor forward(Tensor x) => x + scale.forward(functional.gelu(conv.forward(x)));
}
