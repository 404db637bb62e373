// Reads: nullable, math
public class Net : Module<Tensor, Tensor>
{
    private readonly Linear first, second;

    public Net(int width = 20, int? hidden = null) : base("Net")
    {
        var inner = hidden.HasValue ? hidden.Value : 4 * width;
        first = Linear(width, inner);
        second = Linear(inner, width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => second.forward(functional.gelu(first.forward(x)));
}
