// Reads: dropout-by-hand
class Net : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1 = Conv2d(8, 8, 3, padding: 1), conv2 = Conv2d(8, 8, 3, padding: 1), conv3 = Conv2d(8, 8, 3, padding: 1);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        const double keep = 0.8;
        var mask = torch.bernoulli(torch.full(new long[] { x.size(0), 1, 1, 1 }, keep));
        x = x + conv1.forward(x) * mask / keep;
        x = x + conv2.forward(x) / keep * torch.full(x.shape, keep).bernoulli();
        // By probabilities that no number says.
        return x + conv3.forward(x) * torch.bernoulli(torch.rand(x.shape[0], 1, 1, 1));
    }
}
