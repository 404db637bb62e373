using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace GradLint.Benchmarks;

/// <summary>The networks whose training step is the unit of cost.</summary>
internal static class Models
{
    /// <summary>24 blocks of Linear and ReLU, 512 wide, with Kaiming's initialization: with the default one its gradients are 1e-7 of what they should be.</summary>
    public static (Module<Tensor, Tensor> Model, Tensor Input, Tensor Target) Mlp()
    {
        var layers = new List<Module<Tensor, Tensor>>();
        for (int block = 0; block < 24; block++)
        {
            var linear = Linear(512, 512);
            init.kaiming_normal_(linear.weight!);
            init.zeros_(linear.bias!);
            layers.Add(linear);
            layers.Add(ReLU());
        }

        layers.Add(Linear(512, 10));
        return (Sequential(layers), randn(256, 512), randint(0, 10, [256]));
    }

    /// <summary>ResNet-18 for 32 x 32 images (He et al. 2016, arXiv:1512.03385): 20 convolutions, 11 million parameters.</summary>
    public static (Module<Tensor, Tensor> Model, Tensor Input, Tensor Target) ResNet() =>
        (new ResNet18(), randn(8, 3, 32, 32), randint(0, 10, [8]));

    private sealed class ResNet18 : Module<Tensor, Tensor>
    {
        private readonly Sequential stem = Sequential(Conv2d(3, 64, 3, padding: 1, bias: false), BatchNorm2d(64), ReLU());
        private readonly Sequential blocks;
        private readonly Linear head = Linear(512, 10);

        public ResNet18() : base(nameof(ResNet18))
        {
            var all = new List<Module<Tensor, Tensor>>();
            long channels = 64;
            foreach (long width in new long[] { 64, 128, 256, 512 })
            {
                all.Add(new BasicBlock(channels, width, stride: width == 64 ? 1 : 2));
                all.Add(new BasicBlock(width, width, stride: 1));
                channels = width;
            }

            blocks = Sequential(all);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => head.call(blocks.call(stem.call(x)).mean([2, 3]));
    }

    private sealed class BasicBlock : Module<Tensor, Tensor>
    {
        private readonly Conv2d conv1;
        private readonly BatchNorm2d bn1;
        private readonly Conv2d conv2;
        private readonly BatchNorm2d bn2;
        private readonly Module<Tensor, Tensor> shortcut;

        public BasicBlock(long channels, long width, long stride) : base(nameof(BasicBlock))
        {
            conv1 = Conv2d(channels, width, 3, stride: stride, padding: 1, bias: false);
            bn1 = BatchNorm2d(width);
            conv2 = Conv2d(width, width, 3, padding: 1, bias: false);
            bn2 = BatchNorm2d(width);
            shortcut = stride == 1 && channels == width
                ? Sequential()
                : Sequential(Conv2d(channels, width, 1, stride: stride, bias: false), BatchNorm2d(width));
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => relu(bn2.call(conv2.call(relu(bn1.call(conv1.call(x))))) + shortcut.call(x));
    }
}
