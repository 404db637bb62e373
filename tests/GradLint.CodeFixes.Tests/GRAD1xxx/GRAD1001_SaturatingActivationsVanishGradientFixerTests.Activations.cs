using GradLint.Analyzers;
using Microsoft.CodeAnalysis;
using static GradLint.Testing.NetworkSource;
using Fixer = GradLint.CodeFixes.GRAD1001_SaturatingActivationsVanishGradientFixer;

namespace GradLint.CodeFixes.Tests;

/// <summary>Another activation, and the initialization that belongs to it.</summary>
public partial class GRAD1001_SaturatingActivationsVanishGradientFixerTests
{
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
    public Task Leaky_relu_for_members() => Verify(Fixer.UseLeakyReluWithKaiming, Members, FiveLayers("""
        x = functional.leaky_relu(fc1.call(x), 0.2);
        x = fc2.call(x).leaky_relu(0.2);
        x = functional.leaky_relu(fc3.call(x), 0.2);
        using var y = fc4.call(x).leaky_relu(0.2); // kept
        return head.call(functional.leaky_relu(fc5.call(y), 0.2));
        """, """
        foreach (var layer in new[] { fc1, fc2, fc3, fc4, fc5 })
            init.kaiming_normal_(layer.weight, a: 0.2);
        """));

    [Fact]
    public async Task An_activation_in_place_stays_in_place()
    {
        var test = new CSharpCodeFixTest<NetworkAnalyzer, Fixer> { TestCode = Usings + Members.Replace("fc4.call(x).sigmoid()", "fc4.call(x).sigmoid_()") };
        Assert.Contains("using var y = fc4.call(x).relu_(); // kept", await test.FixedSourceAsync());
    }

    [Fact]
    public Task Elu_for_members() => Verify(Fixer.UseEluWithFittingInitialization, Members, FiveLayers("""
        x = functional.elu(fc1.call(x), 1);
        x = fc2.call(x).elu();
        x = functional.elu(fc3.call(x), 1);
        using var y = fc4.call(x).elu(); // kept
        return head.call(functional.elu(fc5.call(y), 1));
        """, """
        foreach (var layer in new[] { fc1, fc2, fc3, fc4, fc5 })
            init.normal_(layer.weight, 0, 1.2452 / Math.Sqrt(layer.in_features));
        """));

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
}
