// Reads: several-inputs, concatenation, call-call
class Net : Module<Tensor, Tensor, Tensor>
{
    private readonly Linear state = Linear(8, 16), action = Linear(2, 16), q = Linear(32, 1);
    public Net() : base("Critic") => RegisterComponents();
    public override Tensor forward(Tensor s, Tensor a)
    {
        var x = torch.cat(new[] { state.call(s).relu(), action.call(a).relu() }, 1);
        return q.call(x);
    }
}
