// Reads: learned-list, learned-scale
class Net : Module<Tensor, Tensor>
{
    private readonly ParameterList gains = ParameterList(Parameter(ones(4)), Parameter(ones(4) * 0.1));
    private readonly Linear first = Linear(4, 4), second = Linear(4, 4);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        x = x + first.forward(x) * gains[0];
        return x + second.forward(x) * gains[1];
    }
}
