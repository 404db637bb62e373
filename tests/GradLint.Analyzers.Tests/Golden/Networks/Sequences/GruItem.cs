// Reads: gru, constants, call-call
class Net : Module<Tensor, Tensor>
{
    private const int Hidden = 12;
    private readonly GRU gru = GRU(6, Hidden, bias: false);
    private readonly Linear fc = Linear(Hidden, Hidden);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var result = gru.call(x);
        return fc.call(result.Item1).tanh();
    }
}
