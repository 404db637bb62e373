namespace GradLint.Analyzers.Tests;

/// <summary>Golden networks: what is read from sources written as people write them.</summary>
public class ReadingTests
{
    [Fact]
    public void Members_and_a_straight_forward() => Golden(
        """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1, fc2;
            private Module<Tensor, Tensor> head;
            public Net() : base("Net")
            {
                fc1 = Linear(784, 64);
                fc2 = Linear(64, 64, hasBias: false);
                this.head = Linear(64, 10);
                RegisterComponents();
            }
            public override Tensor forward(Tensor x)
            {
                x = torch.sigmoid(fc1.forward(x));
                using var y = fc2.call(x).tanh_();
                return head.forward(functional.relu(y));
            }
        }
        """,
        """
        Net
           0  Input ? @ ?
           1  (0) Linear 784 -> 64, weight default (var 0.333333/fan_in)  fc1
           2  (1) Activation sigmoid
           3  (2) Linear 64 -> 64, weight default (var 0.333333/fan_in), no bias  fc2
           4  (3) Activation tanh
           5  (4) Activation relu
           6  (5) Linear 64 -> 10, weight default (var 0.333333/fan_in)  head  -> output
        """);

    [Fact]
    public void A_sequential_with_names_inside_a_class() => Golden(
        """
        class Net : Module<Tensor, Tensor>
        {
            private const int Hidden = 2 * 32;
            private readonly Sequential layers = Sequential(("fc1", Linear(784, Hidden)), ("act1", Sigmoid()), ("block", Sequential(Linear(Hidden, Hidden), Tanh())));
            private readonly Module<Tensor, Tensor> head;
            public Net(int classes = 10) : base(nameof(Net)) { head = Linear(Hidden, classes); RegisterComponents(); }
            public override Tensor forward(Tensor input) => head.call(layers.call(input.view(-1, 784)));
        }
        """,
        """
        Net
           0  Input ? @ ?
           1  (0) Reshape 784
           2  (1) Linear 784 -> 64, weight default (var 0.333333/fan_in)  layers.fc1
           3  (2) Activation sigmoid  layers.act1
           4  (3) Linear 64 -> 64, weight default (var 0.333333/fan_in)  layers.block.0
           5  (4) Activation tanh  layers.block.1
           6  (5) Linear 64 -> 10, weight default (var 0.333333/fan_in)  head  -> output
        """);

    [Fact]
    public void Convolution_normalization_pooling_dropout() => Golden(
        """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Conv2d conv1 = Conv2d(3, 16, 3, padding: 1);
            private readonly Conv2d conv2 = Conv2d(16, 32, (3, 5), stride: (2, 2), padding: Padding.Valid, bias: false);
            private readonly BatchNorm2d bn = BatchNorm2d(32);
            private readonly GroupNorm gn = GroupNorm(4, 32);
            private readonly MaxPool2d pool = MaxPool2d(2);
            private readonly Dropout2d drop = Dropout2d(0.1);
            private readonly Linear fc = Linear(512, 10);
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x)
            {
                using (NewDisposeScope())
                {
                    x = pool.call(leaky_relu(conv1.call(x), 0.2));
                    x = drop.call(gn.call(bn.call(conv2.call(x))));
                    x = adaptive_avg_pool2d(x, 4).flatten(1);
                    x = functional.dropout(x, 0.25, training);
                    return fc.call(x).MoveToOuterDisposeScope();
                }
            }
        }
        """,
        """
        Net
           0  Input ? @ ?
           1  (0) Conv2d 3 -> 16, kernel 3x3, padding 1x1, weight default (var 0.333333/fan_in)  conv1
           2  (1) Activation leaky_relu(0.2)
           3  (2) MaxPool 2x2, stride 2x2  pool
           4  (3) Conv2d 16 -> 32, kernel 3x5, stride 2x2, weight default (var 0.333333/fan_in), no bias  conv2
           5  (4) BatchNorm 32  bn
           6  (5) GroupNorm 32, groups 4  gn
           7  (6) Dropout 0.1 Channel  drop
           8  (7) AdaptiveAveragePool 4x4, stride 1x1
           9  (8) Flatten
          10  (9) Dropout 0.25
          11  (10) Linear 512 -> 10, weight default (var 0.333333/fan_in)  fc  -> output
        """);

    [Fact]
    public void Initialization_in_the_constructor_and_in_a_helper() => Golden(
        """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear a = Linear(8, 8), b = Linear(8, 8), c = Linear(8, 8), d = Linear(8, 8), e = Linear(8, 8), f = Linear(8, 8);
            public Net() : base("Net")
            {
                init.xavier_uniform_(a.weight, init.calculate_gain(init.NonlinearityType.Tanh));
                init.kaiming_normal_(b.weight, nonlinearity: init.NonlinearityType.ReLU);
                init.zeros_(b.bias);
                Reset(c);
                foreach (var layer in new[] { d, e })
                    init.normal_(layer.weight, 0, 1 / Math.Sqrt(64));
                f.weight.normal_(0.0, 0.5);
                RegisterComponents();
            }
            private static void Reset(Linear layer) { init.orthogonal_(layer.weight!, gain: 2); init.constant_(layer.bias, 0.1); }
            public override Tensor forward(Tensor x) => f.call(e.call(d.call(c.call(b.call(a.call(x))))));
        }
        """,
        """
        Net
           0  Input ? @ ?
           1  (0) Linear 8 -> 8, weight xavier_uniform_ (var 2.77778/fan_avg)  a
           2  (1) Linear 8 -> 8, weight kaiming_normal_ (var 2/fan_in), bias zeros_ (0)  b
           3  (2) Linear 8 -> 8, weight orthogonal_ (var 4/larger_side), bias constant_ (0.1)  c
           4  (3) Linear 8 -> 8, weight normal_ (var 0.015625)  d
           5  (4) Linear 8 -> 8, weight normal_ (var 0.015625)  e
           6  (5) Linear 8 -> 8, weight normal_ (var 0.25)  f  -> output
        """);

    [Fact]
    public void Initialization_over_all_parameters() => Golden(
        """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers;
            public Net() : base("Net")
            {
                layers = Sequential(Linear(8, 8), ReLU(), Linear(8, 8), BatchNorm1d(8));
                RegisterComponents();
                foreach (var (name, p) in named_parameters())
                {
                    if (name.EndsWith("weight") && p.dim() > 1) init.kaiming_uniform_(p);
                }
                foreach (var m in modules())
                {
                    switch (m)
                    {
                        case Linear l: init.zeros_(l.bias); break;
                        case BatchNorm1d bn: init.constant_(bn.weight, 0.5); break;
                    }
                }
            }
            public override Tensor forward(Tensor x) => layers.call(x);
        }
        """,
        """
        Net
           0  Input ? @ ?
           1  (0) Linear 8 -> 8, weight kaiming_uniform_ (var 2/fan_in), bias zeros_ (0)  layers.0
           2  (1) Activation relu  layers.1
           3  (2) Linear 8 -> 8, weight kaiming_uniform_ (var 2/fan_in), bias zeros_ (0)  layers.2
           4  (3) BatchNorm 8, weight constant_ (0.5)  layers.3  -> output
        """);

    [Fact]
    public void Loops_lists_and_helpers_that_build() => Golden(
        """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers;
            public Net(int depth = 3, int width = 16) : base("Net")
            {
                var list = new List<(string, Module<Tensor, Tensor>)>();
                for (int i = 0; i < depth; i++)
                {
                    list.Add(($"fc{i}", Dense(i == 0 ? 4 : width, width)));
                    list.Add(($"act{i}", Tanh()));
                }
                list.Add(("head", Linear(width, 2)));
                layers = Sequential(list);
                RegisterComponents();
            }
            private static Linear Dense(long from, long to) => Linear(from, to);
            public override Tensor forward(Tensor x) { return layers.forward(x); }
        }
        """,
        """
        Net
           0  Input ? @ ?
           1  (0) Linear 4 -> 16, weight default (var 0.333333/fan_in)  layers.fc0
           2  (1) Activation tanh  layers.act0
           3  (2) Linear 16 -> 16, weight default (var 0.333333/fan_in)  layers.fc1
           4  (3) Activation tanh  layers.act1
           5  (4) Linear 16 -> 16, weight default (var 0.333333/fan_in)  layers.fc2
           6  (5) Activation tanh  layers.act2
           7  (6) Linear 16 -> 2, weight default (var 0.333333/fan_in)  layers.head  -> output
        """);

    [Fact]
    public void Residual_block_of_its_own_class_and_a_gate() => Golden(
        """
        class Block : Module<Tensor, Tensor>
        {
            private readonly Linear inner;
            public Block(long width) : base("Block") { inner = Linear(width, width); RegisterComponents(); }
            public override Tensor forward(Tensor x) => x + relu(inner.call(x)) * 0.5;
        }
        class Net : Module<Tensor, Tensor>
        {
            public Linear Stem { get; }
            private readonly Block block = new(8);
            private readonly Linear gate = Linear(8, 8);
            public Net() : base("Net") { Stem = Linear(4, 8); RegisterComponents(); }
            public override Tensor forward(Tensor x)
            {
                var h = block.call(Stem.call(x));
                return cat(new[] { h * gate.call(h).sigmoid(), h }, 1);
            }
        }
        """,
        """
        Net
           0  Input ? @ ?
           1  (0) Linear 4 -> 8, weight default (var 0.333333/fan_in)  <Stem>k__BackingField
           2  (1) Linear 8 -> 8, weight default (var 0.333333/fan_in)  block.inner
           3  (2) Activation relu
           4  (3) Scale 0.5
           5  (1, 4) Add
           6  (5) Linear 8 -> 8, weight default (var 0.333333/fan_in)  gate
           7  (6) Activation sigmoid
           8  (5, 7) Product
           9  (8, 5) Concatenate  -> output
        """);

    [Fact]
    public void A_base_class_and_partial_parts() => Golden(
        """
        abstract class Model : Module<Tensor, Tensor>
        {
            protected readonly Linear head;
            protected Model(string name, int width) : base(name) { head = Linear(width, 1); }
            protected abstract Tensor Features(Tensor x);
            public override Tensor forward(Tensor x) => head.call(Features(x));
        }
        partial class Net : Model
        {
            private readonly Linear fc = Linear(3, 7);
            public Net() : base("Net", 7) => RegisterComponents();
        }
        partial class Net
        {
            protected override Tensor Features(Tensor x) => softplus(fc.call(x));
        }
        """,
        """
        Net
           0  Input ? @ ?
           1  (0) Linear 3 -> 7, weight default (var 0.333333/fan_in)  fc
           2  (1) Activation softplus(1, 20)
           3  (2) Linear 7 -> 1, weight default (var 0.333333/fan_in)  head  -> output
        """);

    [Theory]
    [InlineData("for (int i = 0; i < x.shape[0]; i++) { if (x.shape[i] > 3) break; x = torch.sigmoid(x); }")]
    [InlineData("while (true) { if (x.sum().item<float>() > 1) break; x = torch.sigmoid(x); }")]
    [InlineData("for (int i = 0; i < x.shape[0]; i++) { x = torch.sigmoid(x); if (x.shape[0] == i) break; }")]
    [InlineData("while (x.sum().item<float>() > 1) { if (x.shape[0] > 3) break; x = torch.sigmoid(x); }")]
    [InlineData("x = Unreadable(x);")]
    public void What_is_not_understood_is_opaque(string statement)
    {
        var text = Read.Class($$"""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Linear fc = Linear(3, 7);
                public Net() : base("Net") => RegisterComponents();
                public override Tensor forward(Tensor x)
                {
                    x = fc.call(x);
                    {{statement}}
                    return x;
                }
                private static readonly Func<Tensor, Tensor> Unreadable = (Func<Tensor, Tensor>)AppDomain.CurrentDomain.GetData("function")!;
            }
            """);
        Assert.Contains("  -> output", text!.Split('\n').Single(l => l.Contains("Opaque")));
        Assert.Contains("(1) Opaque", text);
    }

    [Theory]
    [InlineData("apply(Init);")]
    [InlineData("while (DateTime.Now.Year > 2000) init.xavier_uniform_(fc.weight);")]
    [InlineData("fc.load_state_dict(new Dictionary<string, Tensor>());")]
    [InlineData("fc.weight = Parameter(torch.zeros(7, 3));")]
    public void Weights_that_somebody_may_have_written_are_unknown(string statement)
    {
        var text = Read.Class($$"""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Linear fc = Linear(3, 7);
                public Net() : base("Net")
                {
                    RegisterComponents();
                    {{statement}}
                }
                public override Tensor forward(Tensor x) => fc.call(x);
                private static readonly Action<Module> Init = (Action<Module>)AppDomain.CurrentDomain.GetData("function")!;
            }
            """);
        Assert.Contains("weight unknown", text);
    }

    /// <summary>A branch that the source does not decide makes one of two networks.</summary>
    [Theory]
    [InlineData("if (DateTime.Now.Year > 2000) init.xavier_uniform_(fc.weight);", "", "xavier_uniform_", "weight default")]
    [InlineData("apply(Init);", "", "zeros_", "weight default")]
    [InlineData("foreach (var p in new[] { fc.weight }) Elsewhere(p);", "", "xavier_uniform_", "weight default")]
    [InlineData("if (DateTime.Now.Year > 2000) act = ReLU();", "", "Activation relu", "Activation sigmoid")]
    [InlineData("if (DateTime.Now.Year > 2000) UseRelu();", "", "Activation relu", "Activation sigmoid")]
    [InlineData("act = DateTime.Now.Year > 2000 ? ReLU() : Tanh();", "", "Activation relu", "Activation tanh")]
    [InlineData("", "if (x.shape[0] > 3) x = torch.tanh(x);", "Activation tanh", "Linear")]
    [InlineData("", "x = x.shape[0] > 3 ? torch.tanh(x) : x;", "Activation tanh", "Linear")]
    public void An_undecided_branch_leaves_two_alternatives(string constructor, string forward, string one, string other)
    {
        var read = Read.All($$"""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Linear fc = Linear(3, 7);
                private Module<Tensor, Tensor> act = Sigmoid();
                public Net() : base("Net")
                {
                    {{constructor}}
                    RegisterComponents();
                }
                public override Tensor forward(Tensor x)
                {
                    {{forward}}
                    return act.call(fc.call(x));
                }
                private void UseRelu() => act = ReLU();
                private static Action<Module> Init => DateTime.Now.Year > 2000 ? m => { if (m is Linear l) init.zeros_(l.weight); } : m => { };
                private static void Elsewhere(Tensor p) { if (DateTime.Now.Year > 2000) init.xavier_uniform_(p); }
            }
            """);
        Assert.Equal(2, read.Count);
        Assert.All(read, r => Assert.Equal(read, r.Alternatives));
        Assert.All(read, r => Assert.DoesNotContain("Opaque", r.ToText()));
        Assert.Contains(one, read[0].ToText());
        Assert.DoesNotContain(one, read[1].ToText());
        Assert.Contains(other, read[1].ToText());
    }

    [Theory]
    [InlineData("this.to(torch.CPU);")]
    [InlineData("if (torch.cuda.is_available()) this.cuda();")]
    [InlineData("Console.WriteLine(fc);")]
    [InlineData("if (DateTime.Now.Year < 2000) throw new InvalidOperationException();")]
    [InlineData("for (int i = 0; i < DateTime.Now.Day; i++) Console.WriteLine(fc.call(torch.rand(2, 3)));")]
    public void Harmless_code_in_the_constructor_changes_nothing(string statement)
    {
        var text = Read.Class($$"""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Linear fc = Linear(3, 7);
                public Net() : base("Net")
                {
                    RegisterComponents();
                    {{statement}}
                }
                public override Tensor forward(Tensor x) => fc.call(x);
            }
            """);
        Assert.Contains("weight default", text);
    }

    [Fact]
    public void A_top_level_program()
    {
        var read = Assert.Single(Read.Program("""
            var model = Sequential(("fc1", Linear(4, 8)), ("s", Sigmoid()), ("head", Linear(8, 2)));
            foreach (var m in model.modules())
                if (m is Linear linear)
                    init.kaiming_normal_(linear.weight, nonlinearity: init.NonlinearityType.ReLU);
            var optimizer = torch.optim.SGD(model.parameters(), 0.1);
            for (var epoch = 0; epoch < 1000000; epoch++)
            {
                optimizer.zero_grad();
                var loss = functional.mse_loss(model.call(torch.rand(3, 4)), torch.rand(3, 2));
                loss.backward();
                optimizer.step();
            }
            """));
        Assert.Equal("TorchSharp.Modules.Sequential", read.TypeName);
        Assert.Equal("Program.<Main>$.model", read.Site);
        Assert.Equal(
            """
            Program.<Main>$.model
               0  Input ? @ ?
               1  (0) Linear 4 -> 8, weight kaiming_normal_ (var 2/fan_in)  fc1
               2  (1) Activation sigmoid  s
               3  (2) Linear 8 -> 2, weight kaiming_normal_ (var 2/fan_in)  head  -> output

            """,
            read.Network.ToText());
    }

    [Fact]
    public void Sequentials_in_methods_and_lambdas()
    {
        var read = Read.Program("""
            Module<Tensor, Tensor> Make() => Sequential(Linear(4, 8), Sequential(Tanh()), Linear(8, 2));
            var first = Make();
            Func<Sequential> factory = () => Sequential(Linear(1, 1));
            """);
        Assert.Equal(2, read.Count);
        Assert.Contains("Activation tanh  1.0", read[0].Network.ToText());
        Assert.Contains("Linear 1 -> 1", read[1].Network.ToText());
    }

    [Fact]
    public void A_member_of_another_class_that_its_constructor_initializes()
    {
        var read = Read.Initializer("""
            class Trainer
            {
                private readonly Sequential net = Sequential(Linear(4, 8), ReLU(), Linear(8, 2));
                public Trainer()
                {
                    foreach (var module in net.modules())
                    {
                        if (module is Linear linear)
                            init.kaiming_normal_(linear.weight, nonlinearity: init.NonlinearityType.ReLU);
                    }
                }
            }
            """, "Trainer", "net");
        Assert.Equal("Trainer.net", read.Site);
        Assert.Contains("Linear 8 -> 2, weight kaiming_normal_", read.Network.ToText());
    }

    [Theory]
    [InlineData("x.tanh_();", "Activation tanh")]
    [InlineData("var alias = x; alias.add_(alias);", "Add")]
    [InlineData("x.clamp_(0, 1);", "Opaque (clamp_)")]
    [InlineData("x[0] = torch.zeros(7);", "Opaque (an assignment into a tensor)")]
    [InlineData("using (torch.no_grad()) { x = torch.tanh(x); }", "Detach")]
    [InlineData("using var off = torch.no_grad(); x = torch.tanh(x);", "Detach")]
    public void What_changes_a_tensor_in_place_or_cuts_its_gradient_is_seen(string statement, string last)
    {
        var text = Read.Class($$"""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Linear fc = Linear(3, 7);
                public Net() : base("Net") => RegisterComponents();
                public override Tensor forward(Tensor x)
                {
                    x = fc.call(x);
                    {{statement}}
                    return x;
                }
            }
            """);
        Assert.Contains($") {last}", text!.Split('\n').Single(l => l.EndsWith("-> output")));
    }

    /// <summary>Code that was written for another version of TorchSharp, or is being typed, and does not compile.</summary>
    [Theory]
    [InlineData("Conv2d(3, 8, kernelSize: 5)", "Conv2d 3 -> 8, kernel 5x5, weight default")]
    [InlineData("Conv2d(inputChannel: 3, outputChannel: 8, kernelSize: 3)", "Conv2d 3 -> 8, kernel 3x3, weight default")]
    [InlineData("BatchNorm2d(features: 8)", "BatchNorm 8")]
    [InlineData("MaxPool2d(kernelSize: 3, stride: 2)", "MaxPool 3x3, stride 2x2")]
    [InlineData("AdaptiveAvgPool2d(outputSize: 1)", "AdaptiveAveragePool 1x1")]
    [InlineData("Linear(3, )", "Linear 3 -> ?")]
    public void A_call_that_no_overload_takes(string layer, string expected)
    {
        var text = Read.Broken($$"""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Sequential layers;
                public Net() : base("Net") { var layer = {{layer}}; layers = Sequential(layer, ReLU()); RegisterComponents(); }
                public override Tensor forward(Tensor x) => layers.call(x);
            }
            """);
        Assert.Contains(expected, text);
        Assert.Contains("layers.0", text);
    }

    [Fact]
    public void Layers_handed_out_by_a_helper()
    {
        var read = Assert.Single(Read.Program("""
            Helper.Make(8, out var first, out var second);
            var model = Sequential(("first", first), ("act", Tanh()), ("second", second));
            static class Helper
            {
                public static void Make(int width, out Linear first, out Linear second) { first = Linear(4, width); second = Linear(width, 2); }
            }
            """));
        Assert.Contains("Linear 4 -> 8", read.Network.ToText());
        Assert.Contains("Linear 8 -> 2", read.Network.ToText());
    }

    [Theory]
    [InlineData("class Net : Module<Tensor, Tensor> { public Net() : base(\"Net\") { } public override Tensor forward(Tensor x) => throw new NotImplementedException(); }")]
    [InlineData("class Net : Module<Tensor, (Tensor, Tensor)> { public Net() : base(\"Net\") { } public override (Tensor, Tensor) forward(Tensor x) => (x, x); }")]
    [InlineData("class Net : Module { public Net() : base(\"Net\") { } }")]
    public void No_network(string source) => Assert.DoesNotContain("Linear", Read.Class(source) ?? "");

    [Fact]
    public void A_module_that_contains_itself_ends() => Read.Class("""
        class Net : Module<Tensor, Tensor>
        {
            private readonly Net inner;
            public Net() : base("Net") { inner = new Net(); RegisterComponents(); }
            public override Tensor forward(Tensor x) => inner.call(x);
        }
        """);

    private static void Golden(string source, string expected) => Assert.Equal(expected + "\n", Read.Class(source));
}
