// Reads: using-var, activation-functional, pooling, view
class Net : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1 = Conv2d(1, 32, 3), conv2 = Conv2d(32, 64, 3);
    private readonly Linear fc1 = Linear(9216, 128), fc2 = Linear(128, 10);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor input)
    {
        using var l11 = conv1.forward(input);
        using var l12 = functional.relu(l11);
        using var l21 = conv2.forward(l12);
        using var l22 = functional.relu(l21);
        using var l23 = functional.max_pool2d(l22, 2);
        using var x = l23.flatten(1);
        using var l31 = fc1.forward(x);
        using var l32 = functional.relu(l31);
        using var l41 = fc2.forward(l32);
        return functional.log_softmax(l41, 1);
    }
}
