using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace Networks.MobileNets;

/// <summary>Howard et al. 2017: depthwise separable convolutions.</summary>
public class MobileNetV1 : Module<Tensor, Tensor>
{
    private readonly (long planes, long stride)[] cfg = { (16, 1), (32, 2), (32, 1), (64, 2) };
    private readonly Module<Tensor, Tensor> layers;

    public MobileNetV1(int numClasses = 10) : base(nameof(MobileNetV1))
    {
        var modules = new List<(string, Module<Tensor, Tensor>)>
        {
            ("conv2d-first", Conv2d(3, 8, kernel_size: 3, stride: 1, padding: 1, bias: false)),
            ("bnrm2d-first", BatchNorm2d(8)),
            ("relu-first", ReLU()),
        };
        MakeLayers(modules, 8);
        modules.Add(("avgpool", AdaptiveAvgPool2d(1)));
        modules.Add(("flatten", Flatten()));
        modules.Add(("linear", Linear(64, numClasses)));
        layers = Sequential(modules);
        RegisterComponents();
    }

    private void MakeLayers(List<(string, Module<Tensor, Tensor>)> modules, long in_planes)
    {
        for (var i = 0; i < cfg.Length; i++)
        {
            var (out_planes, stride) = cfg[i];
            modules.Add(($"conv2d-{i}a", Conv2d(in_planes, in_planes, kernel_size: 3, stride: stride, padding: 1, groups: in_planes, bias: false)));
            modules.Add(($"bnrm2d-{i}a", BatchNorm2d(in_planes)));
            modules.Add(($"relu-{i}a", ReLU()));
            modules.Add(($"conv2d-{i}b", Conv2d(in_planes, out_planes, kernel_size: 1L, stride: 1L, padding: 0L, bias: false)));
            modules.Add(($"bnrm2d-{i}b", BatchNorm2d(out_planes)));
            modules.Add(($"relu-{i}b", ReLU()));
            in_planes = out_planes;
        }
    }

    public override Tensor forward(Tensor input) => layers.forward(input);
}

/// <summary>Sandler et al. 2018: inverted residuals and linear bottlenecks.</summary>
public class InvertedResidual : Module<Tensor, Tensor>
{
    private readonly Sequential conv;
    private readonly bool useResidual;

    public InvertedResidual(int inp, int oup, int stride, int expandRatio) : base("InvertedResidual")
    {
        var hidden = (int)Math.Round((double)inp * expandRatio);
        useResidual = stride == 1 && inp == oup;

        var layers = new List<Module<Tensor, Tensor>>();
        if (expandRatio != 1)
            layers.Add(ConvBNReLU(inp, hidden, 1));
        layers.AddRange(new Module<Tensor, Tensor>[]
        {
            ConvBNReLU(hidden, hidden, 3, stride, hidden),
            Conv2d(hidden, oup, 1, bias: false),
            BatchNorm2d(oup),
        });
        conv = Sequential(layers);
        RegisterComponents();
    }

    internal static Sequential ConvBNReLU(int inPlanes, int outPlanes, int kernel = 3, int stride = 1, int groups = 1)
    {
        var padding = (kernel - 1) / 2;
        return Sequential(
            Conv2d(inPlanes, outPlanes, kernel, stride: stride, padding: padding, groups: groups, bias: false),
            BatchNorm2d(outPlanes),
            ReLU6(inplace: true));
    }

    public override Tensor forward(Tensor x)
    {
        if (useResidual)
            return x + conv.call(x);
        else
            return conv.call(x);
    }
}

public class MobileNetV2 : Module<Tensor, Tensor>
{
    private readonly Sequential features;
    private readonly Sequential classifier;

    public MobileNetV2(int numClasses = 10, double widthMult = 1.0) : base(nameof(MobileNetV2))
    {
        var settings = new[]
        {
            // t, c, n, s
            new[] { 1, 16, 1, 1 },
            new[] { 6, 24, 2, 2 },
            new[] { 6, 32, 2, 2 },
        };
        var inputChannel = MakeDivisible(16 * widthMult, 8);
        var lastChannel = MakeDivisible(64 * Math.Max(1.0, widthMult), 8);
        var list = new List<Module<Tensor, Tensor>> { InvertedResidual.ConvBNReLU(3, inputChannel, stride: 2) };
        foreach (var s in settings)
        {
            int t = s[0], c = s[1], n = s[2], stride = s[3];
            var outputChannel = MakeDivisible(c * widthMult, 8);
            for (var i = 0; i < n; i++)
            {
                list.Add(new InvertedResidual(inputChannel, outputChannel, i == 0 ? stride : 1, expandRatio: t));
                inputChannel = outputChannel;
            }
        }

        list.Add(InvertedResidual.ConvBNReLU(inputChannel, lastChannel, kernel: 1));
        features = Sequential(list.ToArray());
        classifier = Sequential(Dropout(0.2), Linear(lastChannel, numClasses));
        RegisterComponents();
    }

    private static int MakeDivisible(double v, int divisor)
    {
        var rounded = Math.Max(divisor, (int)(v + divisor / 2.0) / divisor * divisor);
        if (rounded < 0.9 * v)
            rounded += divisor;
        return rounded;
    }

    public override Tensor forward(Tensor x)
    {
        x = features.call(x);
        x = adaptive_avg_pool2d(x, (1, 1)).reshape(x.shape[0], -1);
        return classifier.call(x);
    }
}

/// <summary>Iandola et al. 2016.</summary>
public class Fire : Module<Tensor, Tensor>
{
    private readonly Conv2d squeeze, expand1x1, expand3x3;
    private readonly ReLU squeeze_activation, expand1x1_activation, expand3x3_activation;

    public Fire(int inplanes, int squeeze_planes, int expand1x1_planes, int expand3x3_planes) : base("Fire")
    {
        squeeze = Conv2d(inplanes, squeeze_planes, kernel_size: 1);
        squeeze_activation = ReLU(inplace: true);
        expand1x1 = Conv2d(squeeze_planes, expand1x1_planes, kernel_size: 1);
        expand1x1_activation = ReLU(inplace: true);
        expand3x3 = Conv2d(squeeze_planes, expand3x3_planes, kernel_size: 3, padding: 1);
        expand3x3_activation = ReLU(inplace: true);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = squeeze_activation.call(squeeze.call(x));
        return cat(new[] { expand1x1_activation.call(expand1x1.call(x)), expand3x3_activation.call(expand3x3.call(x)) }, 1);
    }
}

public class SqueezeNet : Module<Tensor, Tensor>
{
    private readonly Sequential features, classifier;

    public SqueezeNet(int num_classes = 10) : base(nameof(SqueezeNet))
    {
        features = Sequential(
            Conv2d(3, 32, kernel_size: 3, stride: 2),
            ReLU(inplace: true),
            MaxPool2d(kernel_size: 3, stride: 2, ceil_mode: true),
            new Fire(32, 8, 16, 16),
            new Fire(32, 8, 16, 16),
            MaxPool2d(kernel_size: 3, stride: 2, ceil_mode: true),
            new Fire(32, 16, 32, 32));
        var final_conv = Conv2d(64, num_classes, kernel_size: 1);
        classifier = Sequential(Dropout(p: 0.5), final_conv, ReLU(inplace: true), AdaptiveAvgPool2d((1, 1)));
        init.normal_(final_conv.weight, mean: 0.0, std: 0.01);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = features.call(x);
        x = classifier.call(x);
        return torch.flatten(x, 1);
    }
}
