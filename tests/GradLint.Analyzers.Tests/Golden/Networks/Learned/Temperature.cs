// Reads: learned-scale, call-forward
public class Net : Module<Tensor, Tensor>
{
    private readonly Parameter temperature = new(torch.tensor(2.0f)), first, second;
    private readonly Linear fc1 = Linear(6, 6), fc2 = Linear(6, 4);

    public Net() : base("Net")
    {
        first = Parameter(ones(6));
        second = Parameter(empty(6));
        init.normal_(second, 1, 0.1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = fc1.forward(x) * first;
        x = functional.relu(x).mul(second);
        return fc2.forward(x) / temperature;
    }
}
