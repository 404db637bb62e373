using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace Networks.ConvolutionBlocks;

/// <summary>Ronneberger et al. 2015.</summary>
public class UNet : Module<Tensor, Tensor>
{
    private readonly DoubleConv inc, down1, down2, up1, up2;
    private readonly ConvTranspose2d upsample1, upsample2;
    private readonly MaxPool2d pool;
    private readonly Conv2d outc;

    public UNet(int channels = 1, int classes = 2) : base(nameof(UNet))
    {
        inc = new DoubleConv(channels, 8);
        down1 = new DoubleConv(8, 16);
        down2 = new DoubleConv(16, 32);
        upsample1 = ConvTranspose2d(32, 16, 2, stride: 2);
        up1 = new DoubleConv(32, 16);
        upsample2 = ConvTranspose2d(16, 8, 2, stride: 2);
        up2 = new DoubleConv(16, 8);
        outc = Conv2d(8, classes, 1);
        pool = MaxPool2d(2);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var x1 = inc.call(x);
        var x2 = down1.call(pool.call(x1));
        var x3 = down2.call(pool.call(x2));
        var y = upsample1.call(x3);
        y = up1.call(cat(new List<Tensor> { x2, y }, dim: 1));
        y = upsample2.call(y);
        y = up2.call(torch.cat(new Tensor[] { x1, y }, 1));
        return outc.call(y);
    }

    private sealed class DoubleConv : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> double_conv;

        public DoubleConv(long in_channels, long out_channels, long? mid_channels = null) : base("DoubleConv")
        {
            var mid = mid_channels ?? out_channels;
            double_conv = Sequential(
                ("conv1", Conv2d(in_channels, mid, 3, padding: 1, bias: false)),
                ("bn1", BatchNorm2d(mid)),
                ("relu1", ReLU(inplace: true)),
                ("conv2", Conv2d(mid, out_channels, 3, padding: 1, bias: false)),
                ("bn2", BatchNorm2d(out_channels)),
                ("relu2", ReLU(inplace: true)));
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => double_conv.call(x);
    }
}

/// <summary>Hu et al. 2017: squeeze and excitation.</summary>
public class SEBlock : Module<Tensor, Tensor>
{
    private readonly AdaptiveAvgPool2d avg_pool = AdaptiveAvgPool2d(1);
    private readonly Sequential fc;

    public SEBlock(long channel, long reduction = 4) : base("SEBlock")
    {
        fc = Sequential(
            Linear(channel, channel / reduction, hasBias: false),
            ReLU(),
            Linear(channel / reduction, channel, hasBias: false),
            Sigmoid());
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var b = x.size(0);
        var c = x.size(1);
        var y = avg_pool.call(x).view(b, c);
        y = fc.call(y).view(b, c, 1, 1);
        return x * y.expand_as(x);
    }
}

public class SENet : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1 = Conv2d(3, 16, 3, padding: 1);
    private readonly SEBlock se1 = new(16);
    private readonly Conv2d conv2 = Conv2d(16, 32, 3, padding: 1);
    private readonly SEBlock se2 = new SEBlock(32, reduction: 8);
    private readonly Linear fc = Linear(32, 10);

    public SENet() : base(nameof(SENet)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        x = se1.call(relu(conv1.call(x)));
        x = max_pool2d(x, 2);
        x = se2.call(relu(conv2.call(x)));
        x = x.mean(new long[] { 2, 3 });
        return fc.call(x);
    }
}

/// <summary>Huang et al. 2016: each layer sees all before it.</summary>
public class DenseNet : Module<Tensor, Tensor>
{
    private readonly Conv2d stem;
    private readonly Sequential features;
    private readonly BatchNorm2d norm;
    private readonly Linear classifier;

    public DenseNet(int growth = 8, int layersPerBlock = 3, int blocks = 2) : base(nameof(DenseNet))
    {
        var channels = 2 * growth;
        stem = Conv2d(3, channels, 3, padding: 1, bias: false);
        features = Sequential();
        for (int b = 0; b < blocks; b++)
        {
            for (int l = 0; l < layersPerBlock; l++)
            {
                features.append($"dense{b}_{l}", new DenseLayer(channels, growth));
                channels += growth;
            }

            if (b < blocks - 1)
            {
                features.append($"transition{b}", new Transition(channels, channels / 2));
                channels /= 2;
            }
        }

        norm = BatchNorm2d(channels);
        classifier = Linear(channels, 10);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var y = features.call(stem.call(x));
        y = relu(norm.call(y));
        y = adaptive_avg_pool2d(y, 1).flatten(1);
        return classifier.call(y).MoveToOuterDisposeScope();
    }

    private class DenseLayer : Module<Tensor, Tensor>
    {
        private readonly BatchNorm2d bn;
        private readonly Conv2d conv;

        public DenseLayer(int channels, int growth) : base("DenseLayer")
        {
            bn = BatchNorm2d(channels);
            conv = Conv2d(channels, growth, 3, padding: 1, bias: false);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            var y = conv.call(relu(bn.call(x)));
            return cat(new[] { x, y }, 1);
        }
    }

    private class Transition : Module<Tensor, Tensor>
    {
        private readonly Sequential layers;

        public Transition(int from, int to) : base("Transition")
        {
            layers = Sequential(BatchNorm2d(from), ReLU(), Conv2d(from, to, 1, bias: false), AvgPool2d(2));
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => layers.call(x);
    }
}

/// <summary>Szegedy et al. 2014.</summary>
public class Inception : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> b1, b2, b3, b4;

    public Inception(string name, int in_planes, int n1x1, int n3x3red, int n3x3, int n5x5red, int n5x5, int pool_planes) : base(name)
    {
        b1 = Sequential(
            ("conv", Conv2d(in_planes, n1x1, kernel_size: 1)),
            ("bn", BatchNorm2d(n1x1)),
            ("relu", ReLU(true)));
        b2 = Sequential(
            ("conv1", Conv2d(in_planes, n3x3red, kernel_size: 1)),
            ("bn1", BatchNorm2d(n3x3red)),
            ("relu1", ReLU(true)),
            ("conv2", Conv2d(n3x3red, n3x3, kernel_size: 3, padding: 1)),
            ("bn2", BatchNorm2d(n3x3)),
            ("relu2", ReLU(true)));
        b3 = Sequential(
            ("conv1", Conv2d(in_planes, n5x5red, kernel_size: 1)),
            ("relu1", ReLU(true)),
            ("conv2", Conv2d(n5x5red, n5x5, kernel_size: 5, padding: 2)),
            ("relu2", ReLU(true)));
        b4 = Sequential(
            ("pool", MaxPool2d(3, stride: 1, padding: 1)),
            ("conv", Conv2d(in_planes, pool_planes, kernel_size: 1)),
            ("relu", ReLU(true)));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var y1 = b1.call(input);
        using var y2 = b2.call(input);
        using var y3 = b3.call(input);
        using var y4 = b4.call(input);
        return cat(new Tensor[] { y1, y2, y3, y4 }, 1);
    }
}

public class GoogLeNet : Module<Tensor, Tensor>
{
    private const int conv2d_pre = 16;

    private readonly Module<Tensor, Tensor> pre_layers;
    private readonly Module<Tensor, Tensor> a3 = new Inception("a3", conv2d_pre, 8, 8, 12, 4, 8, 4);
    private readonly Module<Tensor, Tensor> b3 = new Inception("b3", 32, 16, 8, 16, 4, 8, 8);
    private readonly Module<Tensor, Tensor> maxpool = MaxPool2d(3, stride: 2, padding: 1);
    private readonly Module<Tensor, Tensor> avgpool = AdaptiveAvgPool2d(1);
    private readonly Linear linear;

    public GoogLeNet(string name = "GoogLeNet", int numClasses = 10) : base(name)
    {
        pre_layers = Sequential(
            ("conv2d", Conv2d(3, conv2d_pre, kernel_size: 3, padding: 1)),
            ("bnrm2d", BatchNorm2d(conv2d_pre)),
            ("relu", ReLU(inplace: true)));
        linear = Linear(48, numClasses);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        var x = pre_layers.call(input);
        x = a3.call(x);
        x = maxpool.call(x);
        x = b3.call(x);
        x = avgpool.call(x);
        return linear.call(x.view(x.shape[0], -1));
    }
}

/// <summary>Bai et al. 2018: dilated causal convolutions.</summary>
public class TemporalBlock : Module<Tensor, Tensor>
{
    private readonly Conv1d conv1, conv2;
    private readonly Dropout dropout;
    private readonly Conv1d? downsample;
    private readonly long chomp;

    public TemporalBlock(long inputs, long outputs, long kernelSize, long dilation, double dropout = 0.2) : base("TemporalBlock")
    {
        chomp = (kernelSize - 1) * dilation;
        conv1 = Conv1d(inputs, outputs, kernelSize, padding: chomp, dilation: dilation);
        conv2 = Conv1d(outputs, outputs, kernelSize, padding: chomp, dilation: dilation);
        this.dropout = Dropout(dropout);
        if (inputs != outputs)
            downsample = Conv1d(inputs, outputs, 1);
        RegisterComponents();
        init.normal_(conv1.weight, 0, 0.01);
        init.normal_(conv2.weight, 0, 0.01);
    }

    private Tensor Chomp(Tensor x) => x[TensorIndex.Ellipsis, TensorIndex.Slice(null, -chomp)].contiguous();

    public override Tensor forward(Tensor x)
    {
        var y = dropout.call(relu(Chomp(conv1.call(x))));
        y = dropout.call(relu(Chomp(conv2.call(y))));
        var res = downsample?.call(x) ?? x;
        return relu(y + res);
    }
}

public class TemporalConvNet : Module<Tensor, Tensor>
{
    private readonly Sequential network;
    private readonly Linear linear;

    public TemporalConvNet(int inputSize = 4, int outputSize = 3, int kernelSize = 3) : base(nameof(TemporalConvNet))
    {
        var numChannels = new List<int> { 16, 16, 24 };
        var layers = new List<Module<Tensor, Tensor>>();
        for (int i = 0; i < numChannels.Count; i++)
        {
            var dilation = 1 << i;
            var inChannels = i == 0 ? inputSize : numChannels[i - 1];
            layers.Add(new TemporalBlock(inChannels, numChannels[i], kernelSize, dilation));
        }

        network = Sequential(layers);
        linear = Linear(numChannels[numChannels.Count - 1], outputSize);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var y = network.call(x);
        return linear.call(y[.., .., -1]);
    }
}

/// <summary>van den Oord et al. 2016: gated dilated convolutions with skip connections.</summary>
public class WaveNet : Module<Tensor, Tensor>
{
    private readonly Conv1d start, end1, end2;
    private readonly ModuleList<Conv1d> filters = new(), gates = new(), residuals = new(), skips = new();

    public WaveNet(int layers = 4, int channels = 16) : base(nameof(WaveNet))
    {
        start = Conv1d(1, channels, 1);
        for (var i = 0; i < layers; i++)
        {
            var dilation = (long)Math.Pow(2, i);
            filters.Add(Conv1d(channels, channels, 3, padding: dilation, dilation: dilation));
            gates.Add(Conv1d(channels, channels, 3, padding: dilation, dilation: dilation));
            residuals.Add(Conv1d(channels, channels, 1));
            skips.Add(Conv1d(channels, 2 * channels, 1));
        }

        end1 = Conv1d(2 * channels, 2 * channels, 1);
        end2 = Conv1d(2 * channels, 8, 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = start.call(x);
        Tensor? skip = null;
        for (var i = 0; i < filters.Count; i++)
        {
            var residual = x;
            var z = tanh(filters[i].call(x)) * torch.sigmoid(gates[i].call(x));
            var s = skips[i].call(z);
            skip = skip is null ? s : skip + s;
            x = residuals[i].call(z) + residual;
        }

        return end2.call(relu(end1.call(relu(skip!))));
    }
}

/// <summary>Ho et al. 2020: GroupNorm, SiLU and a learned shortcut, as in diffusion models.</summary>
public class DiffusionBlock : Module<Tensor, Tensor>
{
    private readonly GroupNorm norm1, norm2;
    private readonly Conv2d conv1, conv2;
    private readonly Module<Tensor, Tensor> nin_shortcut;

    public DiffusionBlock(int in_channels = 8, int out_channels = 16, float dropout = 0.1f) : base(nameof(DiffusionBlock))
    {
        norm1 = GroupNorm(4, in_channels);
        conv1 = Conv2d(in_channels, out_channels, 3, 1, 1);
        norm2 = GroupNorm(4, out_channels, eps: 1e-6);
        conv2 = Conv2d(out_channels, out_channels, 3, Padding.Same);
        nin_shortcut = in_channels != out_channels ? Conv2d(in_channels, out_channels, 1) : Identity();
        RegisterComponents();
        init.ones_(norm1.weight);
        init.zeros_(norm1.bias!);
        init.ones_(norm2.weight);
        init.zeros_(norm2.bias!);
    }

    public override Tensor forward(Tensor x)
    {
        var h = conv1.call(silu(norm1.call(x)));
        h = conv2.call(silu(norm2.call(h)));
        return (nin_shortcut.call(x) + h) / Math.Sqrt(2);
    }
}
