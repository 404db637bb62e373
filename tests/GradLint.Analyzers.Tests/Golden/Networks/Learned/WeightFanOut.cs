// Reads: learned-weight, forward-helper
public class Net : Module<Tensor, Tensor>
{
    private readonly Parameter kernel, table;
    private readonly int width = 6;

    public Net() : base("Net")
    {
        // As Keras keeps it: input first. The fans of init are those of the shape.
        kernel = Parameter(empty(40, width));
        init.kaiming_uniform_(kernel);
        table = Parameter(rand(width, 3) * 2 - 1);
        RegisterComponents();
    }

    private Tensor Dense(Tensor x, Parameter w) => x.mm(w);

    public override Tensor forward(Tensor x) => Dense(functional.gelu(Dense(x, kernel)), table);
}
