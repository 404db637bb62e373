// Reads: buffer, learned-position
public class Net : Module<Tensor, Tensor>
{
    private readonly Linear embed = Linear(4, 16), head = Linear(16, 2);
    private readonly Tensor pe;

    public Net(int length = 50, int width = 16) : base("Net")
    {
        var table = torch.zeros(length, width);
        var position = torch.arange(0, length).unsqueeze(1);
        var div = (torch.arange(0, width, 2) * (-Math.Log(10000.0) / width)).exp();
        table[.., TensorIndex.Slice(0, null, 2)] = (position * div).sin();
        table[.., TensorIndex.Slice(1, null, 2)] = (position * div).cos();
        pe = table.unsqueeze(0);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => head.forward(embed.forward(x) + pe[.., ..(int)x.shape[1]]);
}
