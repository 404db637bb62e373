// Reads: cell, gate, product
class Net : Module<Tensor, Tensor, (Tensor, Tensor)>
{
    private readonly Linear x2h, h2h;
    public Net(int inputs, int hidden) : base("Net")
    {
        x2h = Linear(inputs, 4 * hidden);
        h2h = Linear(hidden, 4 * hidden);
        RegisterComponents();
    }
    public override (Tensor, Tensor) forward(Tensor x, Tensor state)
    {
        var (h, c) = (state, state);
        var gates = (x2h.forward(x) + h2h.forward(h)).chunk(4, 1);
        var i = torch.sigmoid(gates[0]);
        var f = torch.sigmoid(gates[1]);
        var g = torch.tanh(gates[2]);
        var o = torch.sigmoid(gates[3]);
        var next = f * c + i * g;
        return (o * torch.tanh(next), next);
    }
}
