using static GradLint.Testing.NetworkSource;
using Fixer = GradLint.CodeFixes.GRAD1001_SaturatingActivationsVanishGradientFixer;

namespace GradLint.CodeFixes.Tests;

/// <summary>Skip connections around layers whose widths agree.</summary>
public partial class GRAD1001_SaturatingActivationsVanishGradientFixerTests
{
    [Fact]
    public Task Skip_connections_for_members() => Verify(Fixer.AddSkipConnections, Members, FiveLayers("""
        x = x + torch.sigmoid(fc1.call(x));
        x = x + fc2.call(x).sigmoid();
        x = x + functional.sigmoid(fc3.call(x));
        using var y = x + fc4.call(x).sigmoid(); // kept
        return head.call(y + torch.sigmoid(fc5.call(y)));
        """));

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
}
