using GradLint.Analyzers.Training;
using static GradLint.Testing.NetworkSource;

namespace GradLint.Analyzers.Tests.Rules;

/// <summary>What was found in real code to be no fault, and looks like one: no rule, about networks or training, says a word.</summary>
public class TrapTests
{
    public static TheoryData<string, string> Traps() => new()
    {
        {
            "a generator and a discriminator",
            Class("Generator", "Linear(100, 256), LeakyReLU(0.2), Linear(256, 784), Tanh()") + Class("Discriminator", "Linear(784, 256), LeakyReLU(0.2), Linear(256, 1), Sigmoid()")
        },
        { "a policy of two tanh layers and a tanh head", Class("Policy", "Linear(8, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 2), Tanh()") },
        { "four tanh with BatchNorm and the gain of tanh", Class("Net", Repeat(4, "Linear(64, 64), BatchNorm1d(64), Tanh()") + "Linear(64, 10)", "init.xavier_uniform_(l.weight, init.calculate_gain(init.NonlinearityType.Tanh));") },
        { "tanh with Xavier, 24 layers", Class("Net", Repeat(24, "Linear(64, 64), Tanh()") + "Linear(64, 10)", "init.xavier_normal_(l.weight);") },
        { "tanh with Xavier and the gain of tanh, 4 layers", Class("Net", Repeat(4, "Linear(64, 64), Tanh()") + "Linear(64, 10)", "init.xavier_normal_(l.weight, init.calculate_gain(init.NonlinearityType.Tanh));") },
        { "sigmoids of which nobody says how many", Unknown("Linear(64, 64)", "Sigmoid()") },
        {
            "two sigmoid layers, and pairs of them of which there may be none",
            """
            class Net : Module<Tensor, Tensor>
            {
                private readonly Linear first = Linear(64, 64), second = Linear(64, 64), head = Linear(64, 10);
                private readonly ModuleList<Linear> more = new();
                public Net(int pairs) : base("Net")
                {
                    for (int i = 0; i < pairs; i++)
                    {
                        more.Add(Linear(64, 64));
                        more.Add(Linear(64, 64));
                    }
                    RegisterComponents();
                }
                public override Tensor forward(Tensor x)
                {
                    x = sigmoid(first.call(x));
                    foreach (var layer in more)
                        x = sigmoid(layer.call(x));
                    return head.call(sigmoid(second.call(x)));
                }
            }
            """
        },
        {
            "branches that begin at nothing (Bachlechner et al. 2020, arXiv:2003.04887)",
            """
            class Block : Module<Tensor, Tensor>
            {
                private readonly Linear fc1 = Linear(64, 64), fc2 = Linear(64, 64);
                private readonly Parameter gamma = Parameter(zeros(1));
                public Block() : base("Block") => RegisterComponents();
                public override Tensor forward(Tensor x) => x + gamma * fc2.call(functional.relu(fc1.call(x)));
            }
            class Net : Module<Tensor, Tensor>
            {
                private readonly ModuleList<Block> blocks = new();
                private readonly Linear head = Linear(64, 10);
                public Net() : base("Net") { for (var i = 0; i < 12; i++) blocks.Add(new Block()); RegisterComponents(); }
                public override Tensor forward(Tensor x) { foreach (var block in blocks) x = block.call(x); return head.call(x); }
            }
            """
        },
        {
            "branches with a layer scale",
            """
            class Block : Module<Tensor, Tensor>
            {
                private readonly Linear fc1 = Linear(64, 64), fc2 = Linear(64, 64);
                private readonly Parameter gamma = Parameter(1e-6 * ones(64));
                public Block() : base("Block") => RegisterComponents();
                public override Tensor forward(Tensor x) => x + gamma * fc2.call(tanh(fc1.call(x)));
            }
            class Net : Module<Tensor, Tensor>
            {
                private readonly ModuleList<Block> blocks = new();
                private readonly Linear head = Linear(64, 10);
                public Net() : base("Net") { for (var i = 0; i < 12; i++) blocks.Add(new Block()); RegisterComponents(); }
                public override Tensor forward(Tensor x) { foreach (var block in blocks) x = block.call(x); return head.call(x); }
            }
            """
        },
        {
            "tanh with norms behind learned positions and a class token",
            """
            class Net : Module<Tensor, Tensor>
            {
                private readonly Parameter token = Parameter(zeros(1, 1, 64)), positions = Parameter(randn(1, 17, 64) * 0.02);
                private readonly Linear a = Linear(64, 64), b = Linear(64, 64), c = Linear(64, 64), d = Linear(64, 64), e = Linear(64, 64), head = Linear(64, 10);
                private readonly LayerNorm norm1 = LayerNorm(64), norm2 = LayerNorm(64), norm3 = LayerNorm(64), norm4 = LayerNorm(64);
                public Net() : base("Net") => RegisterComponents();
                public override Tensor forward(Tensor x)
                {
                    x = cat(new[] { token.expand(x.shape[0], 1, 64), a.call(x) }, 1) + positions;
                    x = x + tanh(b.call(norm1.call(x)));
                    x = x + tanh(c.call(norm2.call(x)));
                    x = x + tanh(d.call(norm3.call(x)));
                    x = x + tanh(e.call(norm4.call(x)));
                    return head.call(x[.., 0]);
                }
            }
            """
        },
        {
            "sigmoids behind a stack of matrices by hand",
            """
            class Net : Module<Tensor, Tensor>
            {
                private readonly Parameter heads = Parameter(randn(4, 64, 64) * 0.01);
                private readonly Linear a = Linear(64, 64), b = Linear(64, 64), c = Linear(64, 10);
                public Net() : base("Net") => RegisterComponents();
                public override Tensor forward(Tensor x)
                {
                    x = sigmoid(matmul(a.call(x).unsqueeze(0), heads));
                    x = sigmoid(matmul(b.call(x), heads));
                    x = sigmoid(matmul(x, heads));
                    return c.call(sigmoid(x));
                }
            }
            """
        },
        { "ReLU with Xavier, of which nobody says how many", Unknown("Initialized(Linear(64, 64))", "ReLU()") },
        { "a hundred layers, or none", Unknown("Linear(64, 64)", "ReLU()") },
        { "GELU with Kaiming", Class("Net", Repeat(12, "Linear(64, 64), GELU()") + "Linear(64, 10)", "init.kaiming_normal_(l.weight);") },
        { "a two-layer ReLU net with Xavier", Class("Net", "Linear(784, 128), ReLU(), Linear(128, 10)", "init.xavier_uniform_(l.weight);") },
        { "Kaiming with a slope of one is LeCun's", Class("Net", Repeat(12, "Linear(64, 64), SELU()") + "Linear(64, 10)", "init.kaiming_normal_(l.weight, a: 1);") },
        {
            "squeeze and excite in every block, with Hardsigmoid",
            """
            class Block : Module<Tensor, Tensor>
            {
                private readonly Conv2d conv = Conv2d(32, 32, 3, padding: 1), squeeze = Conv2d(32, 8, 1), excite = Conv2d(8, 32, 1);
                public Block() : base("Block") => RegisterComponents();
                public override Tensor forward(Tensor x)
                {
                    var y = functional.relu(conv.call(x));
                    var scale = functional.adaptive_avg_pool2d(y, 1);
                    scale = functional.hardsigmoid(excite.call(functional.relu(squeeze.call(scale))));
                    return x + y * scale;
                }
            }
            class Net : Module<Tensor, Tensor>
            {
                private readonly ModuleList<Block> blocks = new();
                private readonly Conv2d head = Conv2d(32, 10, 1);
                public Net() : base("Net") { for (var i = 0; i < 12; i++) blocks.Add(new Block()); RegisterComponents(); }
                public override Tensor forward(Tensor x) { foreach (var block in blocks) x = block.call(x); return head.call(x); }
            }
            """
        },
        {
            "a hand-written GRU over many steps",
            """
            class Gru : Module<Tensor, Tensor>
            {
                private readonly Linear update = Linear(128, 64), reset = Linear(128, 64), candidate = Linear(128, 64), head = Linear(64, 10);
                public Gru() : base("Gru") => RegisterComponents();
                public override Tensor forward(Tensor x)
                {
                    var h = zeros(x.shape[0], 64);
                    for (var t = 0; t < 20; t++)
                    {
                        var both = cat(new[] { x, h }, 1);
                        var z = torch.sigmoid(update.call(both));
                        var r = torch.sigmoid(reset.call(both));
                        var c = torch.tanh(candidate.call(cat(new[] { x, r * h }, 1)));
                        h = (1 - z) * h + z * c;
                    }
                    return head.call(h);
                }
            }
            """
        },
        {
            "softmax attention written by hand, Xavier on its projections",
            """
            class Attention : Module<Tensor, Tensor>
            {
                private readonly Linear q = Linear(64, 64), k = Linear(64, 64), v = Linear(64, 64), o = Linear(64, 64);
                public Attention() : base("Attention")
                {
                    foreach (var l in new[] { q, k, v, o }) init.xavier_uniform_(l.weight);
                    RegisterComponents();
                }
                public override Tensor forward(Tensor x)
                {
                    var weights = functional.softmax(matmul(q.call(x), k.call(x).transpose(-2, -1)) / 8, -1);
                    return x + functional.relu(o.call(matmul(weights, v.call(x))));
                }
            }
            class Net : Module<Tensor, Tensor>
            {
                private readonly Sequential layers = Sequential(new Attention(), new Attention(), new Attention(), new Attention(), new Attention(), new Attention());
                private readonly Linear head = Linear(64, 10);
                public Net() : base("Net") => RegisterComponents();
                public override Tensor forward(Tensor x) => head.call(layers.call(x));
            }
            """
        },
        {
            "twenty residual blocks in a list, the last scale of each zero",
            """
            class Block : Module<Tensor, Tensor>
            {
                private readonly Conv2d c1 = Conv2d(64, 64, 3, padding: 1, bias: false), c2 = Conv2d(64, 64, 3, padding: 1, bias: false);
                private readonly BatchNorm2d b1 = BatchNorm2d(64), b2 = BatchNorm2d(64);
                public Block() : base("Block") { init.zeros_(b2.weight!); RegisterComponents(); }
                public override Tensor forward(Tensor x) => functional.relu(x + b2.call(c2.call(functional.relu(b1.call(c1.call(x))))));
            }
            class Net : Module<Tensor, Tensor>
            {
                private readonly List<Module<Tensor, Tensor>> list = new();
                private readonly Sequential blocks;
                private readonly Linear head = Linear(64, 10);
                public Net() : base("Net") { for (var i = 0; i < 20; i++) list.Add(new Block()); blocks = Sequential(list); RegisterComponents(); }
                public override Tensor forward(Tensor x) => head.call(functional.adaptive_avg_pool2d(blocks.call(x), 1).flatten(1));
            }
            """
        },
        {
            "a U-Net with concatenation skips",
            """
            class Net : Module<Tensor, Tensor>
            {
                private readonly Conv2d d1 = Conv2d(3, 16, 3, padding: 1), d2 = Conv2d(16, 32, 3, padding: 1), d3 = Conv2d(32, 64, 3, padding: 1), d4 = Conv2d(64, 64, 3, padding: 1),
                    u3 = Conv2d(128, 32, 3, padding: 1), u2 = Conv2d(64, 16, 3, padding: 1), u1 = Conv2d(32, 16, 3, padding: 1), head = Conv2d(16, 1, 1);
                private readonly ConvTranspose2d up3 = ConvTranspose2d(64, 64, 2, stride: 2), up2 = ConvTranspose2d(32, 32, 2, stride: 2), up1 = ConvTranspose2d(16, 16, 2, stride: 2);
                public Net() : base("Net") => RegisterComponents();
                public override Tensor forward(Tensor x)
                {
                    var a = functional.relu(d1.call(x));
                    var b = functional.relu(d2.call(functional.max_pool2d(a, 2)));
                    var c = functional.relu(d3.call(functional.max_pool2d(b, 2)));
                    var d = functional.relu(d4.call(functional.max_pool2d(c, 2)));
                    x = functional.relu(u3.call(cat(new[] { up3.call(d), c }, 1)));
                    x = functional.relu(u2.call(cat(new[] { up2.call(x), b }, 1)));
                    x = functional.relu(u1.call(cat(new[] { up1.call(x), a }, 1)));
                    return torch.sigmoid(head.call(x));
                }
            }
            """
        },
        { "VGG-16 with BatchNorm", Class("Net", Vgg() + "Flatten(), Linear(512, 10)") },
        { "a last layer of zeros, as policies and gates have it", Class("Net", Repeat(12, "Linear(64, 64), ReLU()") + "Linear(64, 10)", "init.kaiming_normal_(l.weight);", "init.zeros_(((Linear)layers[24]).weight);") },
        {
            "a spatial transformer, whose last layer starts at zero",
            """
            class Net : Module<Tensor, Tensor>
            {
                private readonly Linear fc1 = Linear(784, 64), fc2 = Linear(64, 6), c1 = Linear(784, 128), c2 = Linear(128, 10);
                public Net() : base("Net") { init.zeros_(fc2.weight); RegisterComponents(); }
                public override Tensor forward(Tensor x)
                {
                    var theta = torch.tanh(fc2.call(functional.relu(fc1.call(x.flatten(1))))).view(-1, 2, 3);
                    x = Warp(x, theta);
                    return c2.call(functional.relu(c1.call(x.flatten(1))));
                }
                private static Tensor Warp(Tensor image, Tensor theta) => image.cumsum(1) + theta.sum();
            }
            """
        },
        {
            "positional embeddings of zeros, Xavier on word embeddings",
            """
            class Net : Module<Tensor, Tensor>
            {
                private readonly Embedding words = Embedding(1000, 64), positions = Embedding(128, 64);
                private readonly Linear fc1 = Linear(64, 64), fc2 = Linear(64, 64), head = Linear(64, 10);
                public Net() : base("Net") { init.xavier_uniform_(words.weight); init.zeros_(positions.weight); RegisterComponents(); }
                public override Tensor forward(Tensor x) => head.call(functional.relu(fc2.call(functional.relu(fc1.call(words.call(x) + positions.call(x))))));
            }
            """
        },
        {
            "sigmoid of the logits beside a loss on them, softmax only where nothing is trained",
            """
            class Net : Module<Tensor, Tensor>
            {
                private readonly Linear fc1 = Linear(64, 64), fc2 = Linear(64, 64), head = Linear(64, 10);
                public Net() : base("Net") => RegisterComponents();
                public override Tensor forward(Tensor x)
                {
                    x = head.call(functional.relu(fc2.call(functional.relu(fc1.call(x)))));
                    return training ? x : functional.softmax(x, 1);
                }
                public Tensor Loss(Tensor x, Tensor y)
                {
                    var logits = call(x);
                    Console.WriteLine(torch.sigmoid(logits));
                    return functional.binary_cross_entropy_with_logits(logits, y);
                }
            }
            """
        },
        {
            "a recurrent network that is never trained, and one whose gradients are clipped by hand",
            """
            class Frozen : Module<Tensor, Tensor>
            {
                private readonly LSTM lstm = LSTM(8, 16);
                public Frozen() : base("Frozen") => RegisterComponents();
                public override Tensor forward(Tensor x) => lstm.call(x).Item1;
            }
            static class Training
            {
                public static void Run(Tensor x, Tensor y)
                {
                    var model = GRU(8, 16);
                    var optimizer = optim.Adam(model.parameters());
                    optimizer.zero_grad();
                    functional.mse_loss(model.call(x).Item1, y).backward();
                    foreach (var p in model.parameters())
                        p.grad!.clamp_(-1, 1);
                    optimizer.step();
                }
            }
            """
        },
    };

    [Theory]
    [MemberData(nameof(Traps))]
    public async Task No_rule_speaks(string what, string source)
    {
        var networks = await new CSharpAnalyzerTest<NetworkAnalyzer>().ReportedAsync(Usings + source);
        var training = await new CSharpAnalyzerTest<TrainingAnalyzer>().ReportedAsync(Usings + source);
        Assert.True(networks.Length + training.Length == 0, what + Environment.NewLine + string.Join(Environment.NewLine, networks.Concat(training)));
    }

    private static string Repeat(int count, string layers) => string.Concat(Enumerable.Repeat(layers + ", ", count));

    private static string Vgg()
    {
        int[] widths = [64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0];
        var (channels, layers) = (3, "");
        foreach (var width in widths)
        {
            layers += width == 0 ? "MaxPool2d(2), " : $"Conv2d({channels}, {width}, 3, padding: 1), BatchNorm2d({width}), ReLU(), ";
            channels = width == 0 ? channels : width;
        }

        return layers;
    }

    /// <summary>A stack whose depth is an argument that nobody is seen to pass.</summary>
    private static string Unknown(string layer, string activation) => $$"""
        class Net : Module<Tensor, Tensor>
        {
            private readonly ModuleList<Linear> layers = new();
            private readonly Module<Tensor, Tensor> activation = {{activation}};
            private readonly Linear head = Linear(64, 10);
            public Net(int depth) : base("Net")
            {
                for (int i = 0; i < depth; i++)
                    layers.Add({{layer}});
                RegisterComponents();
            }
            private static Linear Initialized(Linear layer)
            {
                init.xavier_uniform_(layer.weight);
                return layer;
            }
            public override Tensor forward(Tensor x)
            {
                foreach (var layer in layers)
                    x = activation.call(layer.call(x));
                return head.call(x);
            }
        }
        """;

    private static string Class(string name, string layers, string initialization = "", string more = "") => $$"""
        class {{name}} : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential({{layers}});
            public {{name}}() : base("{{name}}")
            {
                RegisterComponents();
                foreach (var m in layers.modules()) { if (m is Linear l) { {{initialization}} } }
                {{more}}
            }
            public override Tensor forward(Tensor x) => layers.call(x);
        }

        """;
}
