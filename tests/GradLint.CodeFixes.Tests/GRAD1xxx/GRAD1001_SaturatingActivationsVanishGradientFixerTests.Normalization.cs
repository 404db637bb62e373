using Microsoft.CodeAnalysis;
using Fixer = GradLint.CodeFixes.GRAD1001_SaturatingActivationsVanishGradientFixer;

namespace GradLint.CodeFixes.Tests;

/// <summary>BatchNorm before each activation; LayerNorm before each tanh, and after each sigmoid.</summary>
public partial class GRAD1001_SaturatingActivationsVanishGradientFixerTests
{
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
}
