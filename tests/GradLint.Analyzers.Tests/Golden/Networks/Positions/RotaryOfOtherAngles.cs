// Reads: rotary, unreadable
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(16, 16), fc2 = Linear(16, 4);
    private readonly Tensor cos, sin;
    public Net() : base("Net")
    {
        cos = torch.arange(16).to(ScalarType.Float32).cos();
        sin = (torch.arange(16).to(ScalarType.Float32) * 2).sin();
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        x = fc1.forward(x);
        var halves = x.chunk(2, -1);
        return fc2.forward(x * cos + torch.cat(new[] { -halves[1], halves[0] }, -1) * sin);
    }
}
