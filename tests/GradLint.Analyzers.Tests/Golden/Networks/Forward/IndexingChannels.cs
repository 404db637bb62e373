// Reads: indexing, concatenation
public class Net : Module<Tensor, Tensor>
{
    private readonly Conv2d conv = Conv2d(3, 8, 3);

    public Net() : base("Net") => RegisterComponents();

    // Each channel by itself, and together again.
    public override Tensor forward(Tensor x)
    {
        var red = torch.unsqueeze(x[TensorIndex.Slice(), 0], 1) * (0.229f / 0.5f) + (0.485f - 0.5f) / 0.5f;
        var green = x[.., 1].unsqueeze(1) * 0.448f;
        var blue = x.select(1, 2).unsqueeze(1);
        return conv.call(torch.cat(new[] { red, green, blue }, 1));
    }
}
