using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace Networks.ResNets;

/// <summary>He et al. 2015: two 3x3 convolutions and a shortcut.</summary>
public class BasicBlock : Module<Tensor, Tensor>
{
    public const int Expansion = 1;

    private readonly Conv2d conv1, conv2;
    private readonly BatchNorm2d bn1, bn2;
    private readonly ReLU relu;
    private readonly Module<Tensor, Tensor>? downsample;

    public BasicBlock(int inPlanes, int planes, int stride = 1, Module<Tensor, Tensor>? downsample = null) : base("BasicBlock")
    {
        conv1 = Conv2d(inPlanes, planes, 3, stride: stride, padding: 1, bias: false);
        bn1 = BatchNorm2d(planes);
        relu = ReLU(inplace: true);
        conv2 = Conv2d(planes, planes, 3, padding: 1, bias: false);
        bn2 = BatchNorm2d(planes);
        this.downsample = downsample;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var identity = x;

        var output = conv1.call(x);
        output = bn1.call(output);
        output = relu.call(output);

        output = conv2.call(output);
        output = bn2.call(output);

        if (downsample != null)
            identity = downsample.call(x);

        output += identity;
        return relu.call(output);
    }
}

/// <summary>ResNet for small images, its depth given by the blocks of each stage.</summary>
public class ResNet : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Sequential layer1, layer2, layer3, layer4;
    private readonly AdaptiveAvgPool2d avgpool;
    private readonly Linear fc;
    private int inPlanes = 8;

    protected ResNet(string name, int[] layers, int numClasses) : base(name)
    {
        conv1 = Conv2d(3, inPlanes, 3, padding: 1, bias: false);
        bn1 = BatchNorm2d(inPlanes);
        layer1 = MakeLayer(8, layers[0]);
        layer2 = MakeLayer(16, layers[1], stride: 2);
        layer3 = MakeLayer(32, layers[2], stride: 2);
        layer4 = MakeLayer(64, layers[3], stride: 2);
        avgpool = AdaptiveAvgPool2d((1, 1));
        fc = Linear(64 * BasicBlock.Expansion, numClasses);
        RegisterComponents();
    }

    private Sequential MakeLayer(int planes, int blocks, int stride = 1)
    {
        Module<Tensor, Tensor>? downsample = null;
        if (stride != 1 || inPlanes != planes * BasicBlock.Expansion)
        {
            downsample = Sequential(
                Conv2d(inPlanes, planes * BasicBlock.Expansion, 1, stride: stride, bias: false),
                BatchNorm2d(planes * BasicBlock.Expansion));
        }

        var layers = new List<Module<Tensor, Tensor>> { new BasicBlock(inPlanes, planes, stride, downsample) };
        inPlanes = planes * BasicBlock.Expansion;
        for (int i = 1; i < blocks; i++)
            layers.Add(new BasicBlock(inPlanes, planes));
        return Sequential(layers);
    }

    public override Tensor forward(Tensor x)
    {
        x = relu(bn1.call(conv1.call(x)));
        x = layer1.call(x);
        x = layer2.call(x);
        x = layer3.call(x);
        x = layer4.call(x);
        x = avgpool.call(x);
        x = x.flatten(1);
        return fc.call(x);
    }
}

public class ResNet18 : ResNet
{
    public ResNet18(int numClasses = 10) : base(nameof(ResNet18), new[] { 2, 2, 2, 2 }, numClasses)
    {
    }
}

public class ResNet34 : ResNet
{
    public ResNet34(int numClasses = 10) : base(nameof(ResNet34), new[] { 3, 4, 6, 3 }, numClasses)
    {
    }
}

/// <summary>ResNet as TorchSharp's CIFAR example writes it: a factory for the block, lists of named modules, forward.</summary>
public class BottleneckResNet : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> layers;
    private int in_planes = 8;

    public BottleneckResNet(int numClasses = 10) : base("ResNet50")
    {
        var modules = new List<(string, Module<Tensor, Tensor>)>();
        var num_blocks = new int[] { 1, 2, 1 };

        modules.Add(("conv2d-first", Conv2d(3, 8, kernel_size: 3, stride: 1, padding: 1, bias: false)));
        modules.Add(("bnrm2d-first", BatchNorm2d(8)));
        modules.Add(("relu-first", ReLU(inplace: true)));
        MakeLayer(modules, (name, in_planes, planes, stride) => new Bottleneck(name, in_planes, planes, stride), Bottleneck.expansion, 8, num_blocks[0], 1);
        MakeLayer(modules, (name, in_planes, planes, stride) => new Bottleneck(name, in_planes, planes, stride), Bottleneck.expansion, 16, num_blocks[1], 2);
        MakeLayer(modules, (name, in_planes, planes, stride) => new Bottleneck(name, in_planes, planes, stride), Bottleneck.expansion, 32, num_blocks[2], 2);
        modules.Add(("avgpool", AdaptiveAvgPool2d(1)));
        modules.Add(("flatten", Flatten()));
        modules.Add(($"linear", Linear(32 * Bottleneck.expansion, numClasses)));

        layers = Sequential(modules);

        RegisterComponents();
    }

    private void MakeLayer(List<(string, Module<Tensor, Tensor>)> modules, Func<string, int, int, int, Module<Tensor, Tensor>> block, int expansion, int planes, int num_blocks, int stride)
    {
        var strides = new List<int>();
        strides.Add(stride);
        for (var i = 0; i < num_blocks - 1; i++) { strides.Add(1); }

        for (var i = 0; i < strides.Count; i++)
        {
            var s = strides[i];
            modules.Add(($"blck-{planes}-{i}", block($"blck-{planes}-{i}", in_planes, planes, s)));
            in_planes = planes * expansion;
        }
    }

    public override Tensor forward(Tensor input)
    {
        return layers.forward(input);
    }

    private class Bottleneck : Module<Tensor, Tensor>
    {
        public const int expansion = 4;

        private readonly Module<Tensor, Tensor> layers;
        private readonly Module<Tensor, Tensor> shortcut;

        public Bottleneck(string name, int in_planes, int planes, int stride) : base(name)
        {
            var modules = new List<(string, Module<Tensor, Tensor>)>();
            modules.Add(($"{name}-conv2d-1", Conv2d(in_planes, planes, kernel_size: 1, bias: false)));
            modules.Add(($"{name}-bnrm2d-1", BatchNorm2d(planes)));
            modules.Add(($"{name}relu-1", ReLU(inplace: true)));
            modules.Add(($"{name}-conv2d-2", Conv2d(planes, planes, kernel_size: 3, stride: stride, padding: 1, bias: false)));
            modules.Add(($"{name}-bnrm2d-2", BatchNorm2d(planes)));
            modules.Add(($"{name}relu-2", ReLU(inplace: true)));
            modules.Add(($"{name}-conv2d-3", Conv2d(planes, expansion * planes, kernel_size: 1, bias: false)));
            modules.Add(($"{name}-bnrm2d-3", BatchNorm2d(expansion * planes)));
            layers = Sequential(modules);

            if (stride != 1 || in_planes != expansion * planes)
            {
                shortcut = Sequential(
                    ($"{name}-conv2d-4", Conv2d(in_planes, expansion * planes, kernel_size: 1, stride: stride, bias: false)),
                    ($"{name}-bnrm2d-4", BatchNorm2d(expansion * planes)));
            }
            else
            {
                shortcut = Sequential();
            }
            RegisterComponents();
        }

        public override Tensor forward(Tensor t)
        {
            var x = layers.forward(t);
            var y = shortcut.forward(t);
            return x.add_(y).relu_();
        }
    }
}

/// <summary>Zagoruyko and Komodakis 2016: pre-activation and dropout between the convolutions.</summary>
public class WideBlock : Module<Tensor, Tensor>
{
    private readonly BatchNorm2d bn1, bn2;
    private readonly Conv2d conv1, conv2;
    private readonly Dropout drop;
    private readonly Conv2d? shortcut;

    public WideBlock(long inChannels, long outChannels, long stride, double dropRate) : base("WideBlock")
    {
        bn1 = BatchNorm2d(inChannels);
        conv1 = Conv2d(inChannels, outChannels, 3, stride: stride, padding: 1, bias: false);
        bn2 = BatchNorm2d(outChannels);
        drop = Dropout(dropRate);
        conv2 = Conv2d(outChannels, outChannels, 3, padding: 1, bias: false);
        shortcut = inChannels == outChannels && stride == 1 ? null : Conv2d(inChannels, outChannels, 1, stride: stride, bias: false);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var y = relu(bn1.call(x));
        var residual = shortcut is null ? x : shortcut.call(y);
        y = conv1.call(y);
        y = conv2.call(drop.call(relu(bn2.call(y))));
        return y + residual;
    }
}

public class WideResNet : Module<Tensor, Tensor>
{
    private readonly Conv2d stem;
    private readonly ModuleList<WideBlock> blocks = new();
    private readonly BatchNorm2d bn;
    private readonly Linear head;

    public WideResNet(int depth = 10, int widen = 2, double dropRate = 0.3, int classes = 10) : base(nameof(WideResNet))
    {
        if ((depth - 4) % 6 != 0)
            throw new ArgumentException("depth must be 6n + 4", nameof(depth));
        var n = (depth - 4) / 6;
        var widths = new[] { 8, 8 * widen, 16 * widen, 32 * widen };
        stem = Conv2d(3, widths[0], 3, padding: 1, bias: false);
        for (var stage = 0; stage < 3; stage++)
        {
            for (var i = 0; i < n; i++)
                blocks.Add(new WideBlock(i == 0 ? widths[stage] : widths[stage + 1], widths[stage + 1], i == 0 && stage > 0 ? 2 : 1, dropRate));
        }

        bn = BatchNorm2d(widths[^1]);
        head = Linear(widths[3], classes);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = stem.call(x);
        foreach (var block in blocks)
            x = block.call(x);
        x = relu(bn.call(x)).mean(new long[] { 2, 3 });
        return head.call(x);
    }
}

/// <summary>Xie et al. 2016: grouped convolutions.</summary>
public class ResNeXtBlock : Module<Tensor, Tensor>
{
    private readonly Sequential body;

    public ResNeXtBlock(int width, int groups) : base(nameof(ResNeXtBlock))
    {
        body = Sequential(
            Conv2d(width, width / 2, 1, bias: false), BatchNorm2d(width / 2), ReLU(),
            Conv2d(width / 2, width / 2, 3, padding: 1, groups: groups, bias: false), BatchNorm2d(width / 2), ReLU(),
            Conv2d(width / 2, width, 1, bias: false), BatchNorm2d(width));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => relu(x.add(body.call(x)));
}

public class ResNeXt : Module<Tensor, Tensor>
{
    private readonly Sequential net;

    public ResNeXt(int cardinality = 4) : base(nameof(ResNeXt))
    {
        net = Sequential(
            ("stem", Conv2d(3, 32, 3, padding: 1)),
            ("block1", new ResNeXtBlock(32, cardinality)),
            ("block2", new ResNeXtBlock(32, cardinality)),
            ("pool", AdaptiveAvgPool2d(1)),
            ("flatten", Flatten()),
            ("fc", Linear(32, 10)));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        return net.call(x);
    }
}
