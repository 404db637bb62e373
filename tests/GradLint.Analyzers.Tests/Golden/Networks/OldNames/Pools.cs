// Reads: old-names, pooling, named-arguments
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential features, sequence;
    public Net() : base("Net")
    {
        features = Sequential(
            Conv2d(1, 4, kernelSize: 5, paddingMode: PaddingModes.Zeros), MaxPool2d(kernelSize: (2, 2), stride: (2, 2)),
            Conv2d(4, 8, 3), MaxPool2d(new long[] { 3, 3 }, strides: new long[] { 2, 2 }),
            AvgPool2d(new long[] { 2, 2 }, strides: new long[] { 1, 1 }), AdaptiveAvgPool2d(outputSize: (1, 1)), Flatten(startDim: 1, endDim: -1));
        sequence = Sequential(Conv1d(8, 8, kernelSize: 3), MaxPool1d(kernelSize: 2), AvgPool1d(kernelSize: 2), AdaptiveAvgPool1d(outputSize: 1));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => sequence.forward(features.forward(x));
}
