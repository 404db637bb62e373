using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Networks.Vgg;

/// <summary>Simonyan and Zisserman 2014, without normalization.</summary>
public class Vgg11 : Module<Tensor, Tensor>
{
    private static readonly int[] Layout = { 16, -1, 32, -1, 64, 64, -1, 128, 128, -1, 128, 128, -1 };

    private readonly Sequential features;
    private readonly Linear classifier;

    public Vgg11() : base(nameof(Vgg11))
    {
        features = MakeLayers(Layout);
        classifier = Linear(128, 10);
        RegisterComponents();
    }

    private static Sequential MakeLayers(int[] cfg)
    {
        var layers = new List<Module<Tensor, Tensor>>();
        var inChannels = 3;
        foreach (var v in cfg)
        {
            if (v == -1)
            {
                layers.Add(MaxPool2d(2, stride: 2));
            }
            else
            {
                layers.Add(Conv2d(inChannels, v, 3, padding: 1));
                layers.Add(ReLU(inplace: true));
                inChannels = v;
            }
        }

        return Sequential(layers.ToArray());
    }

    public override Tensor forward(Tensor x)
    {
        var y = features.call(x);
        return classifier.call(y.flatten(1));
    }
}

/// <summary>VGG as TorchSharp's own CIFAR example has it: a dictionary of layouts, named modules, BatchNorm.</summary>
public class VGG : Module<Tensor, Tensor>
{
    private readonly Dictionary<string, long[]> _channels = new Dictionary<string, long[]>() {
        { "vgg11", new long[] { 8, 0, 16, 0, 32, 32, 0, 64, 64, 0, 64, 64, 0 } },
        { "vgg16", new long[] { 8, 8, 0, 16, 16, 0, 32, 32, 32, 0, 64, 64, 64, 0, 64, 64, 64, 0 } },
    };

    private readonly Module<Tensor, Tensor> layers;

    public VGG(string name = "vgg16", int numClasses = 10) : base(name)
    {
        var modules = new List<(string, Module<Tensor, Tensor>)>();

        var channels = _channels[name.ToLower()];

        long in_channels = 3;

        for (var i = 0; i < channels.Length; i++)
        {

            if (channels[i] == 0)
            {
                modules.Add(($"MaxPool2d-{i}a", MaxPool2d(kernel_size: 2, stride: 2)));
            }
            else
            {
                modules.Add(($"conv2d-{i}a", Conv2d(in_channels, channels[i], kernel_size: 3, padding: 1)));
                modules.Add(($"bnrm2d-{i}a", BatchNorm2d(channels[i])));
                modules.Add(($"relu-{i}b", ReLU(inplace: true)));
                in_channels = channels[i];
            }
        }
        modules.Add(("avgpool2d", AvgPool2d(kernel_size: 1, stride: 1)));
        modules.Add(("flatten", Flatten()));
        modules.Add(("linear", Linear(64, numClasses)));

        layers = Sequential(modules);

        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => layers.forward(input);
}

/// <summary>VGG-16 with a switch for normalization and Kaiming initialization in a loop.</summary>
public class Vgg16 : Module<Tensor, Tensor>
{
    private static readonly object[] D = { 8, 8, "M", 16, 16, "M", 32, 32, 32, "M", 64, 64, 64, "M", 64, 64, 64, "M" };
    private readonly Sequential features;
    private readonly Sequential classifier;

    public Vgg16(bool batchNorm = false, double dropout = 0.5) : base(nameof(Vgg16))
    {
        features = Sequential();
        long channels = 3;
        foreach (var item in D)
        {
            if (item is string)
            {
                features.append(MaxPool2d(2));
                continue;
            }

            var width = (int)item;
            features.append(Conv2d(channels, width, 3, padding: 1));
            if (batchNorm)
                features.append(BatchNorm2d(width));
            features.append(ReLU());
            channels = width;
        }

        classifier = Sequential(
            ("fc6", Linear(channels, 128)), ("relu6", ReLU()), ("drop6", Dropout(dropout)),
            ("fc7", Linear(128, 128)), ("relu7", ReLU()), ("drop7", Dropout(dropout)),
            ("fc8", Linear(128, 10)));
        RegisterComponents();

        foreach (var m in modules())
        {
            if (m is Conv2d conv)
            {
                init.kaiming_normal_(conv.weight, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU);
                if (conv.bias is not null)
                    init.constant_(conv.bias!, 0);
            }
            else if (m is Linear linear)
            {
                init.normal_(linear.weight, 0, 0.01);
                init.constant_(linear.bias!, 0);
            }
        }
    }

    public override Tensor forward(Tensor x)
    {
        x = features.call(x);
        x = x.flatten(1);
        return classifier.call(x);
    }
}
