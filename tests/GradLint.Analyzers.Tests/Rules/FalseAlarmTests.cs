using static GradLint.Testing.NetworkSource;

namespace GradLint.Analyzers.Tests.Rules;

/// <summary>Healthy networks as people write them, of which no rule about networks may say a word; numbers were measured with PyTorch.</summary>
public class FalseAlarmTests
{
    private const string TanhNet = """
        public class Net : Module<Tensor, Tensor>
        {
            public readonly Sequential layers = Sequential();
            public Net(int depth = 16) : base("Net")
            {
                for (int i = 0; i < depth; i++)
                    layers.append(Linear(64, 64)).append(Tanh());
                layers.append(Linear(64, 10));
                RegisterComponents();
            }
            public override Tensor forward(Tensor x) => layers.call(x);
        }

        """;

    /// <summary>Tanh with Xavier is healthy at any usual depth, −0.67 decade over 24 layers; with the default, sixteen fade.</summary>
    [Theory]
    [InlineData("static class P { static void Main() { var net = new Net(); net.apply(Init); } static void Init(Module m) { if (m is Linear l) init.xavier_uniform_(l.weight); } }")]
    [InlineData("static class P { static void Main() { var net = new Net(); foreach (var (name, p) in net.named_parameters()) if (name.EndsWith(\"weight\")) init.xavier_normal_(p); } }")]
    [InlineData("static class P { static void Main() => Weights.Init(new Net(16)); } static class Weights { public static void Init(Module net) { foreach (var m in net.modules()) { switch (m) { case Linear l: init.xavier_uniform_(l.weight); init.zeros_(l.bias); break; } } } }")]
    [InlineData("class Agent { private readonly Net policy = new Net(); public Agent() { InitWeights(policy); } private void InitWeights(Module<Tensor, Tensor> net) { foreach (var p in net.parameters()) if (p.dim() > 1) init.xavier_uniform_(p, 5.0 / 3); } }")]
    [InlineData("class Agent { private readonly Net policy = new Net(); public void Setup() { foreach (var p in policy.parameters()) if (p.dim() > 1) init.xavier_uniform_(p); } }")]
    [InlineData("static class P { public static void Init(Net net) => net.apply(m => { if (m is Linear l) init.xavier_uniform_(l.weight); }); }")]
    [InlineData("static class P { static Net model = new Net(); static void Main() { foreach (var m in model.layers.children()) if (m is Linear l) init.xavier_uniform_(l.weight); } }")]
    [InlineData("static class P { static void Main() { var net = new Net(); net.load_state_dict(Load()); } static Dictionary<string, Tensor> Load() => new(); }")]
    [InlineData("class Trainer { private readonly Net net; public Trainer(Net net) { this.net = net; } public void Begin(Action<Module> f) { net.apply(f); } } static class P { static void Main() { new Trainer(new Net()).Begin(m => { if (m is Linear l) init.xavier_uniform_(l.weight); }); } }")]
    public async Task Initialized_from_outside(string program) => await IsSilentAsync(TanhNet + program);

    /// <summary>Without it the same network is reported: the tests above test something.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("static class P { static void Main() => Console.WriteLine(new Net()); }")]
    [InlineData("class Agent { private readonly Net policy = new Net(); public void Load(Dictionary<string, Tensor> s) => policy.load_state_dict(s); }")]
    [InlineData("static class P { static void Main() { var net = new Net(); var o = optim.SGD(net.parameters(), 0.1); net.call(rand(1, 64)).sum().backward(); o.step(); foreach (var p in net.parameters()) init.zeros_(p); } }")]
    public async Task But_not_where_nobody_initializes(string program) =>
        Assert.Equal("GRAD1001", Assert.Single(await Findings.AllAsync(TanhNet + program)).Id);

    [Theory]
    [InlineData("a discriminator", "Linear(784, 512), LeakyReLU(0.2), Linear(512, 256), LeakyReLU(0.2), Linear(256, 1), Sigmoid()")]
    [InlineData("a generator", "Linear(100, 256), BatchNorm1d(256), ReLU(), Linear(256, 512), BatchNorm1d(512), ReLU(), Linear(512, 784), Tanh()")]
    [InlineData("a policy", "Linear(8, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 2), Tanh()")]
    [InlineData("a value network", "Linear(8, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 1)")]
    [InlineData("VGG-16 with BatchNorm", VggWithBatchNorm)]
    [InlineData("two ReLU layers", "Linear(784, 128), ReLU(), Linear(128, 10)")]
    [InlineData("squeeze and excite", "Linear(64, 4), ReLU(), Linear(4, 64), Sigmoid()")]
    public async Task Of_every_day(string what, string layers) => await IsSilentAsync(InClass(layers, ""), what);

    [Theory]
    [InlineData("four tanh with BatchNorm and the gain of tanh", "Linear(64, 64), BatchNorm1d(64), Tanh(), Linear(64, 64), BatchNorm1d(64), Tanh(), Linear(64, 64), BatchNorm1d(64), Tanh(), Linear(64, 64), BatchNorm1d(64), Tanh(), Linear(64, 10)", "foreach (var p in parameters()) if (p.dim() > 1) init.xavier_uniform_(p, init.calculate_gain(init.NonlinearityType.Tanh));")]
    [InlineData("GELU with Kaiming", "Linear(64, 64), GELU(), Linear(64, 64), GELU(), Linear(64, 64), GELU(), Linear(64, 64), GELU(), Linear(64, 64), GELU(), Linear(64, 64), GELU(), Linear(64, 10)", "foreach (var p in parameters()) if (p.dim() > 1) init.kaiming_normal_(p, nonlinearity: init.NonlinearityType.ReLU);")]
    [InlineData("two ReLU layers with Xavier", "Linear(784, 128), ReLU(), Linear(128, 128), ReLU(), Linear(128, 10)", "foreach (var p in parameters()) if (p.dim() > 1) init.xavier_uniform_(p);")]
    [InlineData("Kaiming with a slope of one", "Linear(64, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 10)", "foreach (var p in parameters()) if (p.dim() > 1) init.kaiming_normal_(p, a: 1);")]
    public async Task Initialized(string what, string layers, string initialization) => await IsSilentAsync(InClass(layers, initialization), what);

    [Theory]
    [InlineData("a hand-written GRU cell", "var z = torch.sigmoid(a.call(x) + b.call(x)); var r = torch.sigmoid(c.call(x) + d.call(x)); var n = torch.tanh(e.call(x) + r * f.call(x)); x = (1 - z) * n + z * x; return head.call(x);")]
    [InlineData("a hand-written LSTM cell", "var i = torch.sigmoid(a.call(x)); var g = torch.tanh(b.call(x)); var o = torch.sigmoid(c.call(x)); var s = i * g; return head.call(o * torch.tanh(s));")]
    [InlineData("additive attention over layers", "var s = d.call(torch.tanh(a.call(x) + b.call(x) + c.call(x))); return head.call(functional.softmax(s, 1) * x);")]
    [InlineData("gated linear units", "x = a.call(x) * torch.sigmoid(b.call(x)); x = c.call(x) * torch.sigmoid(d.call(x)); x = e.call(x) * torch.sigmoid(f.call(x)); return head.call(x);")]
    [InlineData("squeeze and excite between", "x = functional.relu(a.call(x)); x = x * torch.sigmoid(c.call(functional.relu(b.call(x)))); x = functional.relu(d.call(x)); return head.call(x * torch.sigmoid(f.call(functional.relu(e.call(x)))));")]
    public async Task Gates(string what, string forward) => await IsSilentAsync(
        $$"""
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear a = Linear(32, 32), b = Linear(32, 32), c = Linear(32, 32), d = Linear(32, 32), e = Linear(32, 32), f = Linear(32, 32), head = Linear(32, 4);
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x) { {{forward}} }
        }
        """, what);

    [Fact]
    public async Task Twenty_residual_blocks_in_a_list() => await IsSilentAsync(
        """
        class Block : Module<Tensor, Tensor>
        {
            private readonly Conv2d conv1, conv2;
            private readonly BatchNorm2d bn1, bn2;
            public Block(int channels) : base("Block")
            {
                conv1 = Conv2d(channels, channels, 3, padding: 1, bias: false); bn1 = BatchNorm2d(channels);
                conv2 = Conv2d(channels, channels, 3, padding: 1, bias: false); bn2 = BatchNorm2d(channels);
                init.zeros_(bn2.weight);
                RegisterComponents();
            }
            public override Tensor forward(Tensor x) => functional.relu(x + bn2.call(conv2.call(functional.relu(bn1.call(conv1.call(x))))));
        }
        class Net : Module<Tensor, Tensor>
        {
            private readonly Conv2d stem = Conv2d(3, 32, 3, padding: 1);
            private readonly ModuleList<Module<Tensor, Tensor>> blocks = new();
            private readonly Linear head = Linear(32, 10);
            public Net(int count) : base("Net")
            {
                for (int i = 0; i < count; i++)
                    blocks.Add(new Block(32));
                RegisterComponents();
            }
            public override Tensor forward(Tensor x)
            {
                x = functional.relu(stem.call(x));
                foreach (var block in blocks)
                    x = block.call(x);
                return head.call(functional.adaptive_avg_pool2d(x, 1).flatten(1));
            }
        }
        static class Program { static void Main() => Console.WriteLine(new Net(20)); }
        """);

    private const string VggWithBatchNorm =
        "Conv2d(3, 64, 3, padding: 1), BatchNorm2d(64), ReLU(), Conv2d(64, 64, 3, padding: 1), BatchNorm2d(64), ReLU(), MaxPool2d(2), "
        + "Conv2d(64, 128, 3, padding: 1), BatchNorm2d(128), ReLU(), Conv2d(128, 128, 3, padding: 1), BatchNorm2d(128), ReLU(), MaxPool2d(2), "
        + "Conv2d(128, 256, 3, padding: 1), BatchNorm2d(256), ReLU(), Conv2d(256, 256, 3, padding: 1), BatchNorm2d(256), ReLU(), Conv2d(256, 256, 3, padding: 1), BatchNorm2d(256), ReLU(), MaxPool2d(2), "
        + "Conv2d(256, 512, 3, padding: 1), BatchNorm2d(512), ReLU(), Conv2d(512, 512, 3, padding: 1), BatchNorm2d(512), ReLU(), Conv2d(512, 512, 3, padding: 1), BatchNorm2d(512), ReLU(), MaxPool2d(2), "
        + "Conv2d(512, 512, 3, padding: 1), BatchNorm2d(512), ReLU(), Conv2d(512, 512, 3, padding: 1), BatchNorm2d(512), ReLU(), Conv2d(512, 512, 3, padding: 1), BatchNorm2d(512), ReLU(), MaxPool2d(2), "
        + "AdaptiveAvgPool2d(7), Flatten(), Linear(25088, 4096), ReLU(), Dropout(), Linear(4096, 4096), ReLU(), Dropout(), Linear(4096, 1000)";

    private static async Task IsSilentAsync(string source, string what = "") => Assert.True(await Findings.AllAsync(source) is [], what);
}
