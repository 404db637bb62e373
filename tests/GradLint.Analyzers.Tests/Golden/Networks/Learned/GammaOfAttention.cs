// Reads: learned-scale, this-assignment
public class Net : Module<Tensor, Tensor>
{
    private Parameter gamma;
    private Conv2d query, value;

    public Net(int channels = 16) : base("sagan")
    {
        this.query = Conv2d(channels, channels, 1);
        this.value = Conv2d(channels, channels, 1);
        this.gamma = Parameter(torch.zeros(1));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var gate = torch.sigmoid(query.forward(x)) * value.forward(x);
        return gamma * gate + x;
    }
}
