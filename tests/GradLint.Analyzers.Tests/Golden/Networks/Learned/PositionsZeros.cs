// Reads: learned-position, constructor-assignment, call-call
using static TorchSharp.torch.nn.functional;

public class Net : Module<Tensor, Tensor>
{
    private Conv2d patch;
    private Parameter pos_embed;
    private LayerNorm norm;
    private Linear head;

    public Net(int patches = 16, int dim = 32) : base("Net")
    {
        this.patch = Conv2d(3, dim, kernel_size: 4, stride: 4);
        this.pos_embed = new Parameter(zeros(1, patches, dim));
        this.norm = LayerNorm(dim);
        this.head = Linear(dim, 10);
        init.trunc_normal_(pos_embed, std: 0.02);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = patch.call(x).flatten(2).transpose(1, 2);
        x = x.add(pos_embed);
        x = gelu(norm.call(x));
        return head.call(x.mean(new long[] { 1 }));
    }
}
