// Reads: learned-weight, constructor-assignment
public class Net : Module<Tensor, Tensor>
{
    private Parameter W1, b1, W2, b2;

    public Net(int input = 8, int hidden = 16, int output = 2) : base("by hand")
    {
        W1 = Parameter(randn(input, hidden) * 0.1);
        b1 = Parameter(zeros(hidden));
        W2 = Parameter(randn(new long[] { hidden, output }, dtype: float32).mul_(0.1));
        b2 = Parameter(zeros(output));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var h = functional.relu(torch.matmul(x, W1) + b1);
        return h.matmul(W2) + b2;
    }
}
