using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace Networks.ClassicConvolutions;

/// <summary>LeCun et al., "Gradient-based learning applied to document recognition" (1998).</summary>
public class LeNet5 : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1, conv2;
    private readonly AvgPool2d pool;
    private readonly Linear fc1, fc2, fc3;

    public LeNet5(int classes = 10) : base("LeNet5")
    {
        conv1 = Conv2d(1, 6, 5, padding: 2);
        conv2 = Conv2d(6, 16, 5);
        pool = AvgPool2d(2, stride: 2);
        fc1 = Linear(16 * 5 * 5, 120);
        fc2 = Linear(120, 84);
        fc3 = Linear(84, classes);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = pool.call(tanh(conv1.call(x)));
        x = pool.call(tanh(conv2.call(x)));
        x = x.view(x.shape[0], -1);
        x = tanh(fc1.call(x));
        x = tanh(fc2.call(x));
        return fc3.call(x);
    }
}

/// <summary>The example that comes with every framework: MNIST with two convolutions and dropout.</summary>
public class MnistModel : Module<Tensor, Tensor>
{
    private Module<Tensor, Tensor> conv1 = Conv2d(1, 32, 3);
    private Module<Tensor, Tensor> conv2 = Conv2d(32, 64, 3);
    private Module<Tensor, Tensor> fc1 = Linear(9216, 128);
    private Module<Tensor, Tensor> fc2 = Linear(128, 10);

    private Module<Tensor, Tensor> pool1 = MaxPool2d(kernel_size: new long[] { 2, 2 });

    private Module<Tensor, Tensor> relu1 = ReLU();
    private Module<Tensor, Tensor> relu2 = ReLU();
    private Module<Tensor, Tensor> relu3 = ReLU();

    private Module<Tensor, Tensor> dropout1 = Dropout(0.25);
    private Module<Tensor, Tensor> dropout2 = Dropout(0.5);

    private Module<Tensor, Tensor> flatten = Flatten();
    private Module<Tensor, Tensor> logsm = LogSoftmax(1);

    public MnistModel() : base(nameof(MnistModel))
    {
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var l11 = conv1.forward(input);
        using var l12 = relu1.forward(l11);

        using var l21 = conv2.forward(l12);
        using var l22 = relu2.forward(l21);
        using var l23 = pool1.forward(l22);
        using var l24 = dropout1.forward(l23);

        using var x = flatten.forward(l24);

        using var l31 = fc1.forward(x);
        using var l32 = relu3.forward(l31);
        using var l33 = dropout2.forward(l32);

        using var l41 = fc2.forward(l33);

        return logsm.forward(l41);
    }
}

/// <summary>Krizhevsky et al. 2012, for CIFAR-10.</summary>
public class AlexNet : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> features;
    private readonly Module<Tensor, Tensor> avgPool;
    private readonly Module<Tensor, Tensor> classifier;

    public AlexNet(string name = "AlexNet", int numClasses = 10) : base(name)
    {
        features = Sequential(
            ("c1", Conv2d(3, 64, kernel_size: 3, stride: 2, padding: 1)),
            ("r1", ReLU(inplace: true)),
            ("mp1", MaxPool2d(kernel_size: new long[] { 2, 2 })),
            ("c2", Conv2d(64, 192, kernel_size: 3, padding: 1)),
            ("r2", ReLU(inplace: true)),
            ("mp2", MaxPool2d(kernel_size: new long[] { 2, 2 })),
            ("c3", Conv2d(192, 384, kernel_size: 3, padding: 1)),
            ("r3", ReLU(inplace: true)),
            ("c4", Conv2d(384, 256, kernel_size: 3, padding: 1)),
            ("r4", ReLU(inplace: true)),
            ("c5", Conv2d(256, 256, kernel_size: 3, padding: 1)),
            ("r5", ReLU(inplace: true)),
            ("mp3", MaxPool2d(kernel_size: new long[] { 2, 2 })));

        avgPool = AdaptiveAvgPool2d(new long[] { 2, 2 });

        classifier = Sequential(
            ("d1", Dropout()),
            ("l1", Linear(256 * 2 * 2, 512)),
            ("r1", ReLU(inplace: true)),
            ("d2", Dropout()),
            ("l2", Linear(512, 512)),
            ("r3", ReLU(inplace: true)),
            ("d3", Dropout()),
            ("l3", Linear(512, numClasses)));

        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        var f = features.call(input);
        var avg = avgPool.call(f);

        var x = avg.view(new long[] { avg.shape[0], 256 * 2 * 2 });

        return classifier.call(x);
    }
}

/// <summary>Lin et al., "Network in network" (2013).</summary>
public class NetworkInNetwork : Module<Tensor, Tensor>
{
    private readonly Sequential net;

    public NetworkInNetwork() : base(nameof(NetworkInNetwork))
    {
        net = Sequential(
            NinBlock(3, 24, 5, 1, 2),
            MaxPool2d(3, stride: 2),
            NinBlock(24, 32, 3, 1, 1),
            MaxPool2d(3, stride: 2),
            Dropout(0.5),
            NinBlock(32, 10, 3, 1, 1),
            AdaptiveAvgPool2d(1),
            Flatten());
        RegisterComponents();
    }

    private static Sequential NinBlock(int inChannels, int outChannels, int kernelSize, int strides, int padding) => Sequential(
        Conv2d(inChannels, outChannels, kernelSize, strides, padding),
        ReLU(),
        Conv2d(outChannels, outChannels, 1), ReLU(),
        Conv2d(outChannels, outChannels, 1), ReLU());

    public override Tensor forward(Tensor x) => net.call(x);
}

/// <summary>A classifier of clips.</summary>
public class Conv3dNet : Module<Tensor, Tensor>
{
    private readonly Conv3d conv1 = Conv3d(3, 8, (3, 3, 3), padding: (1, 1, 1));
    private readonly BatchNorm3d bn1 = BatchNorm3d(8);
    private readonly Conv3d conv2 = Conv3d(8, 16, 3, stride: 2, padding: 1, bias: false);
    private readonly AdaptiveAvgPool3d pool = AdaptiveAvgPool3d(1);
    private readonly Linear fc = Linear(16, 5);

    public Conv3dNet() : base(nameof(Conv3dNet)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        x = bn1.call(conv1.call(x)).relu_();
        x = conv2.call(x).relu_();
        x = pool.call(x).flatten(1);
        return fc.call(x);
    }
}

/// <summary>Sound, as one-dimensional convolutions (Dai et al. 2016, M5).</summary>
public class M5 : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> conv1, conv2, conv3, bn1, bn2, bn3, pool1, pool2, pool3, fc1;

    public M5(string name, int n_input = 1, int n_output = 35, int stride = 16, int n_channel = 32) : base(name)
    {
        conv1 = Conv1d(n_input, n_channel, kernel_size: 80, stride: stride);
        bn1 = BatchNorm1d(n_channel);
        pool1 = MaxPool1d(4);
        conv2 = Conv1d(n_channel, n_channel, kernel_size: 3);
        bn2 = BatchNorm1d(n_channel);
        pool2 = MaxPool1d(4);
        conv3 = Conv1d(n_channel, 2 * n_channel, kernel_size: 3);
        bn3 = BatchNorm1d(2 * n_channel);
        pool3 = MaxPool1d(4);
        fc1 = Linear(2 * n_channel, n_output);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = pool1.forward(relu(bn1.forward(conv1.forward(x))));
        x = pool2.forward(relu(bn2.forward(conv2.forward(x))));
        x = pool3.forward(relu(bn3.forward(conv3.forward(x))));
        x = avg_pool1d(x, 5);
        x = x.permute(0, 2, 1);
        x = fc1.forward(x);
        return log_softmax(x, dim: 2).squeeze(1);
    }
}
