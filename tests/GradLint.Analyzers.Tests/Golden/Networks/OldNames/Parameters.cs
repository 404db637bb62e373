// Reads: learned-list, learned-weight, forward-for
class Net : Module<Tensor, Tensor>
{
    private readonly ParameterList weights = new ParameterList();
    public Net() : base("Net")
    {
        for (var i = 0; i < 3; i++)
            weights.append(Parameter(randn(8, 8) * 0.5));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        for (var i = 0; i < 3; i++)
            x = matmul(x, weights[i]).relu();
        return x;
    }
}
