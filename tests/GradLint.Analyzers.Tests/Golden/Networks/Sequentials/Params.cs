// Reads: sequential-params, sequential-in-class, pooling, field-initializer
class Net : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> features = Sequential(
        Conv2d(3, 64, kernel_size: 3, stride: 2, padding: 1),
        ReLU(inplace: true),
        MaxPool2d(kernel_size: 2),
        Conv2d(64, 192, kernel_size: 3, padding: 1),
        ReLU(inplace: true),
        AdaptiveAvgPool2d((2, 2)));

    public Net() : base("Net") => RegisterComponents();

    public override Tensor forward(Tensor x) => features.call(x);
}
