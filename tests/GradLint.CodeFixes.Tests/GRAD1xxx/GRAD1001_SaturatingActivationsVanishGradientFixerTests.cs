using GradLint.Analyzers;
using Microsoft.CodeAnalysis;
using static GradLint.Testing.NetworkSource;
using Fixer = GradLint.CodeFixes.GRAD1001_SaturatingActivationsVanishGradientFixer;

namespace GradLint.CodeFixes.Tests;

public class GRAD1001_SaturatingActivationsVanishGradientFixerTests
{
    private const string NamedSequential = """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential(
                ("fc1", Linear(64, 64)), ("s1", {|GRAD1001:Sigmoid()|}),
                ("fc2", Linear(64, 64)), ("s2", Sigmoid()),
                ("fc3", Linear(64, 64)), ("s3", nn.Sigmoid(inplace: true)),
                ("fc4", Linear(64, 64)), ("s4", Sigmoid()),
                ("fc5", Linear(64, 64)), ("s5", Sigmoid()),
                ("head", Linear(64, 10)));

            public Net() : base("Net") => RegisterComponents();

            public override Tensor forward(Tensor x) => layers.call(x);
        }
        """;

    private const string Members = """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1, fc2, fc3, fc4, fc5, head;

            public Net(int width = 64) : base("Net")
            {
                fc1 = Linear(width, width);
                fc2 = Linear(width, width);
                fc3 = Linear(width, width);
                fc4 = Linear(width, width);
                fc5 = Linear(width, width);
                head = Linear(width, 10);
                RegisterComponents();
            }

            public override Tensor forward(Tensor x)
            {
                x = {|GRAD1001:torch.sigmoid(fc1.call(x))|};
                x = fc2.call(x).sigmoid();
                x = functional.sigmoid(fc3.call(x));
                using var y = fc4.call(x).sigmoid(); // kept
                return head.call(torch.sigmoid(fc5.call(y)));
            }
        }
        """;

    private const string Program = """
        using TorchSharp;
        using static TorchSharp.torch.nn;

        // The model.
        var model = Sequential(
            Linear(64, 64), {|GRAD1001:Sigmoid()|},
            Linear(64, 64), Sigmoid(),
            Linear(64, 64), Sigmoid(),
            Linear(64, 64), Sigmoid(),
            Linear(64, 64), Sigmoid(),
            Linear(64, 10));
        var output = model.call(torch.rand(1, 64));
        """;

    private const string SharedActivationAndBaseTypes = """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Module<Tensor, Tensor> conv1 = Conv2d(1, 16, 3), conv2 = Conv2d(16, 16, 3), conv3 = Conv2d(16, 16, 3), conv4 = Conv2d(16, 16, 3);
            private readonly Conv2d conv5 = Conv2d(16, 16, 3);
            private readonly Sigmoid act = {|GRAD1001:Sigmoid()|};
            private readonly Conv2d head = Conv2d(16, 10, 1);

            public Net() : base("Net")
            {
                RegisterComponents();
            }

            public override Tensor forward(Tensor x)
            {
                x = act.call(conv3.call(act.call(conv2.call(act.call(conv1.call(x))))));
                x = act.call(conv5.call(act.call(conv4.call(x))));
                return head.call(x);
            }
        }
        """;

    [Fact]
    public Task Relu_in_a_named_sequential() => Verify(Fixer.UseReluWithKaiming, NamedSequential, """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential(
                ("fc1", Linear(64, 64)), ("s1", ReLU()),
                ("fc2", Linear(64, 64)), ("s2", ReLU()),
                ("fc3", Linear(64, 64)), ("s3", nn.ReLU(inplace: true)),
                ("fc4", Linear(64, 64)), ("s4", ReLU()),
                ("fc5", Linear(64, 64)), ("s5", ReLU()),
                ("head", Linear(64, 10)));

            public Net() : base("Net")
            {
                RegisterComponents();
                foreach (var module in layers.modules())
                {
                    if (module is Linear linear)
                        init.kaiming_normal_(linear.weight, nonlinearity: init.NonlinearityType.ReLU);
                }
            }

            public override Tensor forward(Tensor x) => layers.call(x);
        }
        """);

    [Fact]
    public Task Batch_norm_in_a_named_sequential() => Verify(Fixer.InsertBatchNorm, NamedSequential, """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential(
                ("fc1", Linear(64, 64)), ("bn1", BatchNorm1d(64)), ("s1", Sigmoid()),
                ("fc2", Linear(64, 64)), ("bn2", BatchNorm1d(64)), ("s2", Sigmoid()),
                ("fc3", Linear(64, 64)), ("bn3", BatchNorm1d(64)), ("s3", nn.Sigmoid(inplace: true)),
                ("fc4", Linear(64, 64)), ("bn4", BatchNorm1d(64)), ("s4", Sigmoid()),
                ("fc5", Linear(64, 64)), ("bn5", BatchNorm1d(64)), ("s5", Sigmoid()),
                ("head", Linear(64, 10)));

            public Net() : base("Net") => RegisterComponents();

            public override Tensor forward(Tensor x) => layers.call(x);
        }
        """);

    [Fact]
    public Task Leaky_relu_for_members() => Verify(Fixer.UseLeakyReluWithKaiming, Members, """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1, fc2, fc3, fc4, fc5, head;

            public Net(int width = 64) : base("Net")
            {
                fc1 = Linear(width, width);
                fc2 = Linear(width, width);
                fc3 = Linear(width, width);
                fc4 = Linear(width, width);
                fc5 = Linear(width, width);
                head = Linear(width, 10);
                RegisterComponents();
                foreach (var layer in new[] { fc1, fc2, fc3, fc4, fc5 })
                    init.kaiming_normal_(layer.weight, a: 0.2);
            }

            public override Tensor forward(Tensor x)
            {
                x = functional.leaky_relu(fc1.call(x), 0.2);
                x = fc2.call(x).leaky_relu(0.2);
                x = functional.leaky_relu(fc3.call(x), 0.2);
                using var y = fc4.call(x).leaky_relu(0.2); // kept
                return head.call(functional.leaky_relu(fc5.call(y), 0.2));
            }
        }
        """);

    [Fact]
    public async Task An_activation_in_place_stays_in_place()
    {
        var test = new CSharpCodeFixTest<NetworkAnalyzer, Fixer> { TestCode = Usings + Members.Replace("fc4.call(x).sigmoid()", "fc4.call(x).sigmoid_()") };
        Assert.Contains("using var y = fc4.call(x).relu_(); // kept", await test.FixedSourceAsync());
    }

    [Fact]
    public Task Batch_norm_for_members() => Verify(Fixer.InsertBatchNorm, Members, """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1, fc2, fc3, fc4, fc5, head;
            private readonly BatchNorm1d bn1, bn2, bn3, bn4, bn5;

            public Net(int width = 64) : base("Net")
            {
                fc1 = Linear(width, width);
                bn1 = BatchNorm1d(width);
                fc2 = Linear(width, width);
                bn2 = BatchNorm1d(width);
                fc3 = Linear(width, width);
                bn3 = BatchNorm1d(width);
                fc4 = Linear(width, width);
                bn4 = BatchNorm1d(width);
                fc5 = Linear(width, width);
                bn5 = BatchNorm1d(width);
                head = Linear(width, 10);
                RegisterComponents();
            }

            public override Tensor forward(Tensor x)
            {
                x = torch.sigmoid(bn1.call(fc1.call(x)));
                x = bn2.call(fc2.call(x)).sigmoid();
                x = functional.sigmoid(bn3.call(fc3.call(x)));
                using var y = bn4.call(fc4.call(x)).sigmoid(); // kept
                return head.call(torch.sigmoid(bn5.call(fc5.call(y))));
            }
        }
        """);

    [Fact]
    public Task Relu_in_a_program() => Verify(Fixer.UseReluWithKaiming, Program, """
        using TorchSharp;
        using TorchSharp.Modules;
        using static TorchSharp.torch.nn;

        // The model.
        var model = Sequential(
            Linear(64, 64), ReLU(),
            Linear(64, 64), ReLU(),
            Linear(64, 64), ReLU(),
            Linear(64, 64), ReLU(),
            Linear(64, 64), ReLU(),
            Linear(64, 10));

        foreach (var module in model.modules())
        {
            if (module is Linear linear)
                init.kaiming_normal_(linear.weight, nonlinearity: init.NonlinearityType.ReLU);
        }

        var output = model.call(torch.rand(1, 64));
        """, OutputKind.ConsoleApplication, usings: "");

    [Fact]
    public Task Relu_for_a_shared_activation_and_members_of_a_base_type() => Verify(Fixer.UseReluWithKaiming, SharedActivationAndBaseTypes, """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Module<Tensor, Tensor> conv1 = Conv2d(1, 16, 3), conv2 = Conv2d(16, 16, 3), conv3 = Conv2d(16, 16, 3), conv4 = Conv2d(16, 16, 3);
            private readonly Conv2d conv5 = Conv2d(16, 16, 3);
            private readonly ReLU act = ReLU();
            private readonly Conv2d head = Conv2d(16, 10, 1);

            public Net() : base("Net")
            {
                RegisterComponents();
                foreach (Conv2d layer in new[] { conv1, conv2, conv3, conv4, conv5 })
                    init.kaiming_normal_(layer.weight, nonlinearity: init.NonlinearityType.ReLU);
            }

            public override Tensor forward(Tensor x)
            {
                x = act.call(conv3.call(act.call(conv2.call(act.call(conv1.call(x))))));
                x = act.call(conv5.call(act.call(conv4.call(x))));
                return head.call(x);
            }
        }
        """);

    [Fact]
    public Task Relu_where_the_sequential_has_no_name() => Verify(Fixer.UseReluWithKaiming, """
        static class Models
        {
            public static Func<Sequential> Factory = () => Sequential(Linear(8, 8), {|GRAD1001:Sigmoid()|}, Linear(8, 8), Sigmoid(), Linear(8, 8), Sigmoid(), Linear(8, 8), Sigmoid(), Linear(8, 8), Sigmoid(), Linear(8, 8));

            public static Sequential Make() => Sequential(Linear(8, 8), {|GRAD1001:Sigmoid()|}, Linear(8, 8), Sigmoid(), Linear(8, 8), Sigmoid(), Linear(8, 8), Sigmoid(), Linear(8, 8), Sigmoid(), Linear(8, 8));

            public static Sequential MakeToo()
            {
                // Made at once.
                return Sequential(Linear(8, 8), {|GRAD1001:Sigmoid()|}, Linear(8, 8), Sigmoid(), Linear(8, 8), Sigmoid(), Linear(8, 8), Sigmoid(), Linear(8, 8), Sigmoid(), Linear(8, 8));
            }
        }
        """, """
        static class Models
        {
            public static Func<Sequential> Factory = () =>
            {
                var model = Sequential(Linear(8, 8), ReLU(), Linear(8, 8), ReLU(), Linear(8, 8), ReLU(), Linear(8, 8), ReLU(), Linear(8, 8), ReLU(), Linear(8, 8));
                foreach (var module in model.modules())
                {
                    if (module is Linear linear)
                        init.kaiming_normal_(linear.weight, nonlinearity: init.NonlinearityType.ReLU);
                }

                return model;
            };

            public static Sequential Make()
            {
                var model = Sequential(Linear(8, 8), ReLU(), Linear(8, 8), ReLU(), Linear(8, 8), ReLU(), Linear(8, 8), ReLU(), Linear(8, 8), ReLU(), Linear(8, 8));
                foreach (var module in model.modules())
                {
                    if (module is Linear linear)
                        init.kaiming_normal_(linear.weight, nonlinearity: init.NonlinearityType.ReLU);
                }

                return model;
            }

            public static Sequential MakeToo()
            {
                // Made at once.
                var model = Sequential(Linear(8, 8), ReLU(), Linear(8, 8), ReLU(), Linear(8, 8), ReLU(), Linear(8, 8), ReLU(), Linear(8, 8), ReLU(), Linear(8, 8));
                foreach (var module in model.modules())
                {
                    if (module is Linear linear)
                        init.kaiming_normal_(linear.weight, nonlinearity: init.NonlinearityType.ReLU);
                }

                return model;
            }
        }
        """);

    [Fact]
    public Task Relu_for_layers_that_a_loop_makes() => Verify(
        Fixer.UseReluWithKaiming,
        Loop("{|GRAD1001:Sigmoid()|}", ""),
        Loop("ReLU()", "").Replace("        RegisterComponents();\n", """
                RegisterComponents();
                foreach (var module in modules())
                {
                    if (module is Linear linear)
                        init.kaiming_normal_(linear.weight, nonlinearity: init.NonlinearityType.ReLU);
                }

        """));

    [Fact]
    public Task Batch_norm_before_unnamed_elements() => Verify(Fixer.InsertBatchNorm, """
        static class Models
        {
            public static Sequential Make(int width)
            {
                return Sequential(
                    Linear(64, width), {|GRAD1001:Sigmoid()|}, // one
                    Linear(width, width), Sigmoid(),
                    Linear(width, width), Sigmoid(),
                    Linear(width, width), Sigmoid(),
                    Linear(width, width), Sigmoid(),
                    Linear(width, width), Sigmoid(),
                    Linear(width, 10));
            }
        }
        """, """
        static class Models
        {
            public static Sequential Make(int width)
            {
                return Sequential(
                    Linear(64, width), BatchNorm1d(width), Sigmoid(), // one
                    Linear(width, width), BatchNorm1d(width), Sigmoid(),
                    Linear(width, width), BatchNorm1d(width), Sigmoid(),
                    Linear(width, width), BatchNorm1d(width), Sigmoid(),
                    Linear(width, width), BatchNorm1d(width), Sigmoid(),
                    Linear(width, width), BatchNorm1d(width), Sigmoid(),
                    Linear(width, 10));
            }
        }
        """);

    [Fact]
    public async Task Line_endings_stay_what_they_are()
    {
        var test = new CSharpCodeFixTest<NetworkAnalyzer, Fixer> { TestCode = (Usings + NamedSequential).ReplaceLineEndings("\r\n") };
        var text = await test.FixedSourceAsync();
        Assert.Equal(text.ReplaceLineEndings("\r\n"), text);
    }

    [Fact]
    public Task Elu_for_members() => Verify(Fixer.UseEluWithFittingInitialization, Members, """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1, fc2, fc3, fc4, fc5, head;

            public Net(int width = 64) : base("Net")
            {
                fc1 = Linear(width, width);
                fc2 = Linear(width, width);
                fc3 = Linear(width, width);
                fc4 = Linear(width, width);
                fc5 = Linear(width, width);
                head = Linear(width, 10);
                RegisterComponents();
                foreach (var layer in new[] { fc1, fc2, fc3, fc4, fc5 })
                    init.normal_(layer.weight, 0, 1.2452 / Math.Sqrt(layer.in_features));
            }

            public override Tensor forward(Tensor x)
            {
                x = functional.elu(fc1.call(x), 1);
                x = fc2.call(x).elu();
                x = functional.elu(fc3.call(x), 1);
                using var y = fc4.call(x).elu(); // kept
                return head.call(functional.elu(fc5.call(y), 1));
            }
        }
        """);

    [Fact]
    public Task Gelu_for_convolutions_and_without_using_System() => Verify(Fixer.UseGeluWithFittingInitialization, """
        using TorchSharp;
        using static TorchSharp.torch.nn;

        static class Models
        {
            public static object Make()
            {
                var model = Sequential(
                    Conv2d(3, 16, 3), {|GRAD1001:Tanh()|},
                    Conv2d(16, 16, 3), Tanh(),
                    Conv2d(16, 16, 3), Sigmoid(),
                    Conv2d(16, 16, 3), Sigmoid(inplace: true),
                    Conv2d(16, 16, 3), Sigmoid(),
                    Flatten(),
                    Linear(64, 10));
                return model;
            }
        }
        """, """
        using System;
        using TorchSharp;
        using TorchSharp.Modules;
        using static TorchSharp.torch.nn;

        static class Models
        {
            public static object Make()
            {
                var model = Sequential(
                    Conv2d(3, 16, 3), GELU(),
                    Conv2d(16, 16, 3), GELU(),
                    Conv2d(16, 16, 3), GELU(),
                    Conv2d(16, 16, 3), GELU(inplace: true),
                    Conv2d(16, 16, 3), GELU(),
                    Flatten(),
                    Linear(64, 10));
                foreach (var module in model.modules())
                {
                    if (module is Conv2d conv2d)
                        init.normal_(conv2d.weight, 0, 1.48 / Math.Sqrt(init.CalculateFanInAndFanOut(conv2d.weight).fanIn));
                }

                return model;
            }
        }
        """, usings: "");

    /// <summary>Behind the sigmoid, whose output has a mean of one half; before the tanh.</summary>
    [Fact]
    public Task Layer_norm_in_a_named_sequential() => Verify(Fixer.InsertLayerNorm, NamedSequential.Replace("Sigmoid(inplace: true)", "Tanh()"), """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential(
                ("fc1", Linear(64, 64)), ("s1", Sigmoid()), ("ln1", LayerNorm(64)),
                ("fc2", Linear(64, 64)), ("s2", Sigmoid()), ("ln2", LayerNorm(64)),
                ("fc3", Linear(64, 64)), ("ln3", LayerNorm(64)), ("s3", nn.Tanh()),
                ("fc4", Linear(64, 64)), ("s4", Sigmoid()), ("ln4", LayerNorm(64)),
                ("fc5", Linear(64, 64)), ("s5", Sigmoid()), ("ln5", LayerNorm(64)),
                ("head", Linear(64, 10)));

            public Net() : base("Net") => RegisterComponents();

            public override Tensor forward(Tensor x) => layers.call(x);
        }
        """);

    [Theory]
    [InlineData(Fixer.InsertBatchNorm, "Linear(64, 64), // in\n    BatchNorm1d(64),\n    Sigmoid(), // out\n")]
    [InlineData(Fixer.InsertLayerNorm, "Linear(64, 64), // in\n    Sigmoid(), // out\n    LayerNorm(64),\n")]
    public Task A_line_for_each_element(string key, string lines)
    {
        static string Source(IEnumerable<string> layers) => "var model = Sequential(\n" + string.Concat(layers.Select(l => "    " + l)) + "    Linear(64, 10));\n\nConsole.WriteLine(model);\n";
        return Verify(
            key,
            Source(Enumerable.Range(0, 5).Select(i => $"Linear(64, 64), // in\n    {(i == 0 ? "{|GRAD1001:Sigmoid()|}" : "Sigmoid()")}, // out\n")),
            Source(Enumerable.Repeat(lines, 5)),
            OutputKind.ConsoleApplication);
    }

    [Fact]
    public Task Layer_norm_for_members() => Verify(Fixer.InsertLayerNorm, Members, """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1, fc2, fc3, fc4, fc5, head;
            private readonly LayerNorm ln1, ln2, ln3, ln4, ln5;

            public Net(int width = 64) : base("Net")
            {
                fc1 = Linear(width, width);
                ln1 = LayerNorm(width);
                fc2 = Linear(width, width);
                ln2 = LayerNorm(width);
                fc3 = Linear(width, width);
                ln3 = LayerNorm(width);
                fc4 = Linear(width, width);
                ln4 = LayerNorm(width);
                fc5 = Linear(width, width);
                ln5 = LayerNorm(width);
                head = Linear(width, 10);
                RegisterComponents();
            }

            public override Tensor forward(Tensor x)
            {
                x = ln1.call(torch.sigmoid(fc1.call(x)));
                x = ln2.call(fc2.call(x).sigmoid());
                x = ln3.call(functional.sigmoid(fc3.call(x)));
                using var y = ln4.call(fc4.call(x).sigmoid()); // kept
                return head.call(ln5.call(torch.sigmoid(fc5.call(y))));
            }
        }
        """);

    [Fact]
    public Task Layer_norm_in_a_loop() => Verify(Fixer.InsertLayerNorm, Loop("{|GRAD1001:Sigmoid()|}", ""), Loop("Sigmoid()", "\n            list.Add(LayerNorm(64));"));

    [Fact]
    public Task Skip_connections_for_members() => Verify(Fixer.AddSkipConnections, Members, """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1, fc2, fc3, fc4, fc5, head;

            public Net(int width = 64) : base("Net")
            {
                fc1 = Linear(width, width);
                fc2 = Linear(width, width);
                fc3 = Linear(width, width);
                fc4 = Linear(width, width);
                fc5 = Linear(width, width);
                head = Linear(width, 10);
                RegisterComponents();
            }

            public override Tensor forward(Tensor x)
            {
                x = x + torch.sigmoid(fc1.call(x));
                x = x + fc2.call(x).sigmoid();
                x = x + functional.sigmoid(fc3.call(x));
                using var y = x + fc4.call(x).sigmoid(); // kept
                return head.call(y + torch.sigmoid(fc5.call(y)));
            }
        }
        """);

    private const string ActivationMembers = """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1 = Linear(32, 64), fc2 = Linear(64, 64), fc3 = Linear(64, 64), fc4 = Linear(64, 64), fc5 = Linear(64, 64), head = Linear(64, 10);
            private readonly Sigmoid act = {|GRAD1001:Sigmoid()|}, last = Sigmoid();
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x)
            {
                x = act.call(fc1.call(x));
                var y = act.call(fc2.call(x)); // two
                x = this.act.forward(this.fc3.forward(y)).contiguous();
                x = act.call(fc4.call(x));
                return head.call(last.call(fc5.call(x)));
            }
        }
        """;

    /// <summary>The first layer changes the width: it has none.</summary>
    [Fact]
    public Task Skip_connections_for_a_shared_activation() => Verify(Fixer.AddSkipConnections, ActivationMembers.Replace(".contiguous()", ""), """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1 = Linear(32, 64), fc2 = Linear(64, 64), fc3 = Linear(64, 64), fc4 = Linear(64, 64), fc5 = Linear(64, 64), head = Linear(64, 10);
            private readonly Sigmoid act = Sigmoid(), last = Sigmoid();
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x)
            {
                x = act.call(fc1.call(x));
                var y = x + act.call(fc2.call(x)); // two
                x = y + this.act.forward(this.fc3.forward(y));
                x = x + act.call(fc4.call(x));
                return head.call(x + last.call(fc5.call(x)));
            }
        }
        """);

    [Fact]
    public Task Batch_norm_for_a_shared_activation() => Verify(Fixer.InsertBatchNorm, ActivationMembers.Replace(".contiguous()", ""), """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1 = Linear(32, 64), fc2 = Linear(64, 64), fc3 = Linear(64, 64), fc4 = Linear(64, 64), fc5 = Linear(64, 64), head = Linear(64, 10);
            private readonly BatchNorm1d bn1 = BatchNorm1d(64), bn2 = BatchNorm1d(64), bn3 = BatchNorm1d(64), bn4 = BatchNorm1d(64), bn5 = BatchNorm1d(64);
            private readonly Sigmoid act = Sigmoid(), last = Sigmoid();
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x)
            {
                x = act.call(bn1.call(fc1.call(x)));
                var y = act.call(bn2.call(fc2.call(x))); // two
                x = this.act.forward(bn3.call(this.fc3.forward(y)));
                x = act.call(bn4.call(fc4.call(x)));
                return head.call(last.call(bn5.call(fc5.call(x))));
            }
        }
        """);

    [Fact]
    public Task A_skip_connection_inside_of_an_expression_is_put_in_parentheses() => Verify(
        Fixer.AddSkipConnections,
        Members.Replace("functional.sigmoid(fc3.call(x))", "functional.sigmoid(fc3.call(x)).alias()"),
        Members.Replace("{|GRAD1001:torch.sigmoid(fc1.call(x))|}", "x + torch.sigmoid(fc1.call(x))").Replace("x = fc2", "x = x + fc2").Replace("functional.sigmoid(fc3.call(x))", "(x + functional.sigmoid(fc3.call(x))).alias()")
            .Replace("y = fc4", "y = x + fc4").Replace("torch.sigmoid(fc5.call(y))", "y + torch.sigmoid(fc5.call(y))"));

    [Fact]
    public Task Skip_connections_in_a_loop() => Verify(Fixer.AddSkipConnections, Foreach("{|GRAD1001:torch.tanh(first.call(x))|}", "torch.tanh(layer.call(x))"), Foreach("torch.tanh(first.call(x))", "x + torch.tanh(layer.call(x))"));

    private static string Foreach(string first, string body) => $$"""
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear first = Linear(32, 64), head = Linear(64, 10);
            private readonly ModuleList<Linear> layers = new();

            public Net(int depth = 14, int width = 64) : base("Net")
            {
                for (var i = 0; i < depth; i++)
                    layers.Add(Linear(width, width));
                RegisterComponents();
            }

            public override Tensor forward(Tensor x)
            {
                x = {{first}};
                foreach (var layer in layers)
                    x = {{body}};
                return head.call(x);
            }
        }
        """;

    private static string Loop(string activation, string more) => $$"""
        class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers;
            public Net() : base("Net")
            {
                var list = new List<Module<Tensor, Tensor>>();
                for (var i = 0; i < 6; i++)
                {
                    list.Add(Linear(64, 64));
                    list.Add({{activation}});{{more}}
                }
                list.Add(Linear(64, 10));
                layers = Sequential(list);
                RegisterComponents();
            }
            public override Tensor forward(Tensor x) => layers.call(x);
        }
        """;

    [Theory]
    [InlineData("what enters a convolution has no name, and LayerNorm needs the size of the image", SharedActivationAndBaseTypes, new[] { Fixer.UseReluWithKaiming, Fixer.UseLeakyReluWithKaiming, Fixer.UseEluWithFittingInitialization, Fixer.UseGeluWithFittingInitialization, Fixer.InsertBatchNorm })]
    [InlineData("a loop runs through layers of which one has another width", """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1 = Linear(32, 64), fc2 = Linear(64, 64), fc3 = Linear(64, 64), fc4 = Linear(64, 64), fc5 = Linear(64, 64), head = Linear(64, 10);
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x)
            {
                foreach (var layer in new[] { fc1, fc2, fc3, fc4, fc5 })
                    x = {|GRAD1001:torch.sigmoid(layer.call(x))|};
                return head.call(x);
            }
        }
        """, new[] { Fixer.UseReluWithKaiming, Fixer.UseLeakyReluWithKaiming, Fixer.UseEluWithFittingInitialization, Fixer.UseGeluWithFittingInitialization })]
    [InlineData("the widths agree by chance: another caller of the constructor may give others", """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1, fc2, fc3, fc4, fc5, head;
            public Net(int a = 64, int b = 64) : base("Net")
            {
                fc1 = Linear(a, b);
                fc2 = Linear(b, a);
                fc3 = Linear(a, b);
                fc4 = Linear(b, a);
                fc5 = Linear(a, b);
                head = Linear(b, 10);
                RegisterComponents();
            }
            public override Tensor forward(Tensor x)
            {
                x = {|GRAD1001:torch.sigmoid(fc1.call(x))|};
                x = torch.sigmoid(fc2.call(x));
                x = torch.sigmoid(fc3.call(x));
                x = torch.sigmoid(fc4.call(x));
                x = torch.sigmoid(fc5.call(x));
                return head.call(x);
            }
        }
        """, new[] { Fixer.UseReluWithKaiming, Fixer.UseLeakyReluWithKaiming, Fixer.UseEluWithFittingInitialization, Fixer.UseGeluWithFittingInitialization, Fixer.InsertBatchNorm, Fixer.InsertLayerNorm })]
    [InlineData("a block lies between the skip connection's ends", """
        class Block : Module<Tensor, Tensor>
        {
            private readonly Linear a = Linear(64, 64), b = Linear(64, 64);
            public Block() : base("Block") => RegisterComponents();
            public override Tensor forward(Tensor x) => b.call(a.call(x).cos());
        }
        class Net : Module<Tensor, Tensor>
        {
            private readonly Block b1 = new(), b2 = new(), b3 = new(), b4 = new();
            private readonly Linear head = Linear(64, 10);
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x)
            {
                x = {|GRAD1001:torch.sigmoid(b1.call(x))|};
                x = torch.sigmoid(b2.call(x));
                x = torch.sigmoid(b3.call(x));
                x = torch.sigmoid(b4.call(x));
                return head.call(x);
            }
        }
        """, new[] { Fixer.InsertBatchNorm })]
    [InlineData("one of two variables of a declaration cannot change its type", """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1 = Linear(64, 64), fc2 = Linear(64, 64), fc3 = Linear(64, 64), fc4 = Linear(64, 64), fc5 = Linear(64, 64), head = Linear(64, 10);
            private readonly Sigmoid hidden = {|GRAD1001:Sigmoid()|}, last = Sigmoid();
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x)
            {
                foreach (var layer in new[] { fc1, fc2, fc3, fc4, fc5 })
                    x = hidden.call(layer.call(x));
                return last.call(head.call(x));
            }
        }
        """, new string[0])]
    public async Task Not_offered(string why, string source, string[] offered)
    {
        _ = why;
        var test = new CSharpCodeFixTest<NetworkAnalyzer, Fixer>
        {
            OfferedEquivalenceKeys = offered,
            CodeActionEquivalenceKey = "none of them",
            TestCode = Usings + source,
            FixedCode = Usings + source,
        };
        await test.RunAsync();
    }

    public static TheoryData<string, string> Shapes()
    {
        const string forward = "public override Tensor forward(Tensor x) => layers.call(x);";
        string[] shapes =
        [
            $$"""class Net : Module<Tensor, Tensor> { private readonly Sequential layers; public Net() : base("Net") { layers = Sequential({{Stack(5, "Sigmoid()")}}); RegisterComponents(); } {{forward}} }""",
            $$"""class Net : Module<Tensor, Tensor> { private readonly Module<Tensor, Tensor> layers; public Net(string name) : base(name) { this.layers = nn.Sequential({{Stack(5, "Sigmoid()")}}); RegisterComponents(); } public Net() : this("Net") { } {{forward}} }""",
            $$"""class Net : Module<Tensor, Tensor> { private Sequential layers { get; } = Sequential({{Stack(5, "Sigmoid()")}}); public Net() : base("Net") { RegisterComponents(); } {{forward}} }""",
            $$"""namespace A.B { static class Outer<T> { internal sealed class Net : Module<Tensor, Tensor> { private readonly Sequential layers = Sequential({{Stack(5, "Sigmoid()")}}); public Net() : base("Net") => RegisterComponents(); {{forward}} } } }""",
            $$"""class Trainer { public void Run() { var module = 1; var linear = 2; var net = Sequential({{Stack(5, "Sigmoid()")}}).to(torch.CPU); Console.WriteLine(net.ToString() + module + linear); } }""",
            $$"""class Trainer { private Sequential net = Sequential(); public Trainer() { net = Sequential({{Stack(5, "Sigmoid()")}}); } }""",
            $$"""
            class Trainer
            {
            #if DEBUG
                private readonly int unused;
            #endif
                public Sequential Make()
                {
            #region the model
                    return Sequential({{Stack(5, "Sigmoid()")}}); // made
            #endregion
                }
            }
            """,
        ];
        var cases = new TheoryData<string, string>();
        foreach (var key in (string[])[Fixer.UseReluWithKaiming, Fixer.UseLeakyReluWithKaiming, Fixer.UseEluWithFittingInitialization, Fixer.UseGeluWithFittingInitialization, Fixer.InsertBatchNorm, Fixer.InsertLayerNorm])
        {
            foreach (var shape in shapes)
                cases.Add(key, shape);
        }

        return cases;
    }

    /// <summary>Whatever shape the code has: what is offered compiles, silences the rule, and is not offered again.</summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Every_shape_is_repaired(string key, string source)
    {
        var test = new CSharpCodeFixTest<NetworkAnalyzer, Fixer> { TestCode = Usings + source, CodeActionEquivalenceKey = key };
        var repaired = await test.FixedSourceAsync();
        Assert.NotEqual(Usings + source, repaired);
        Assert.Contains(
            key switch
            {
                Fixer.InsertBatchNorm => "BatchNorm1d(64)",
                Fixer.InsertLayerNorm => "LayerNorm(64)",
                Fixer.UseEluWithFittingInitialization => "1.2452 / Math.Sqrt(",
                Fixer.UseGeluWithFittingInitialization => "1.48 / Math.Sqrt(",
                _ => "kaiming_normal_",
            },
            repaired);
        await CSharpAnalyzerVerifier<NetworkAnalyzer>.VerifyAnalyzerAsync(repaired);
    }

    [Fact]
    public async Task Half_typed_code_is_repaired_or_left_alone()
    {
        var offered = 0;
        var sources = BrokenCode.Mutations(Usings + Members.Replace("{|GRAD1001:", "").Replace("|}", "")).Where((_, i) => i % 9 == 0);
        foreach (var source in sources)
        {
            var test = new CSharpCodeFixTest<NetworkAnalyzer, Fixer>();
            offered += await test.CountChangesAsync(source);
        }

        Assert.True(offered > 0);
    }

    private static Task Verify(string key, string source, string fixedSource, OutputKind kind = OutputKind.DynamicallyLinkedLibrary, string usings = Usings) =>
        new CSharpCodeFixTest<NetworkAnalyzer, Fixer> { CodeActionEquivalenceKey = key, OutputKind = kind, TestCode = usings + source, FixedCode = usings + fixedSource }.RunAsync();
}
