namespace GradLint.Testing;

/// <summary>What the sources of tests have in common.</summary>
public static class NetworkSource
{
    /// <summary>The usings that most files with networks have.</summary>
    public const string Usings = """
        using System;
        using System.Collections.Generic;
        using System.Linq;
        using TorchSharp;
        using TorchSharp.Modules;
        using static TorchSharp.torch;
        using static TorchSharp.torch.nn;

        """;

    /// <summary>A module whose forward cannot be read.</summary>
    public const string Elsewhere = " class Elsewhere : Module<Tensor, Tensor> { public Elsewhere() : base(\"\") { } public override Tensor forward(Tensor x) => x.cumsum(1); }";

    /// <summary>Elements of a Sequential: layers 64 wide, an activation behind each, and a head of ten outputs.</summary>
    public static string Stack(int hidden, string activation) =>
        string.Concat(Enumerable.Repeat($"Linear(64, 64), {activation}, ", hidden)) + "Linear(64, 10)";

    /// <summary>A class <c>Net</c> that is a Sequential of these elements; its constructor runs the initialization.</summary>
    public static string InClass(string layers, string initialization = "") => $$"""
        class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential({{layers}});
            public Net() : base("Net") { RegisterComponents(); {{initialization}} }
            public override Tensor forward(Tensor x) => layers.call(x);
        }
        """;

    /// <summary>The same as a fix finds and leaves it: the constructor's call is made for every linear layer.</summary>
    public static string EachInitialized(string layers, string call) => $$"""
        public class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential({{layers}});

            public Net() : base("Net")
            {
                RegisterComponents();
                foreach (var module in layers.modules())
                {
                    if (module is Linear linear)
                        {{call}}
                }
            }

            public override Tensor forward(Tensor x) => layers.call(x);
        }
        """;

    /// <summary>A class <c>Net</c> whose constructor assigns five layers and a head.</summary>
    /// <param name="forward">The lines of forward.</param>
    /// <param name="initialization">The lines behind <c>RegisterComponents</c>.</param>
    public static string FiveLayers(string forward, string initialization = "") => $$"""
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
                RegisterComponents();{{Lines(initialization)}}
            }

            public override Tensor forward(Tensor x)
            {{{Lines(forward)}}
            }
        }
        """;

    private static string Lines(string text) => text.Length == 0 ? "" : "\n        " + text.Replace("\n", "\n        ");
}
