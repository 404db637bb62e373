using GradLint.Analyzers.Training;
using Microsoft.CodeAnalysis;
using Fixer = GradLint.CodeFixes.GRAD3001_RecurrentTrainingWithoutClippingFixer;

namespace GradLint.CodeFixes.Tests;

public class GRAD3001_RecurrentTrainingWithoutClippingFixerTests
{
    private const string Usings = """
        using System;
        using System.Collections.Generic;
        using System.Linq;
        using TorchSharp;
        using TorchSharp.Modules;
        using static TorchSharp.torch;

        """;

    private const string Model = """

        class CharModel : nn.Module<Tensor, Tensor>
        {
            private readonly LSTM lstm = nn.LSTM(32, 64);

            public CharModel() : base("CharModel") => RegisterComponents();

            public override Tensor forward(Tensor x) => lstm.call(x).Item1;
        }

        """;

    private const string Loop = """
        class Trainer
        {
            public void Run(IEnumerable<Tensor> batches)
            {
                var model = new CharModel();
                var optimizer = optim.Adam(model.parameters(), 1e-3);
                foreach (var x in batches)
                {
                    optimizer.zero_grad();
                    model.call(x).sum().backward();

                    // Update.
                    {|GRAD3001:optimizer.step()|}; // once
                }
            }
        }
        """;

    [Theory]
    [InlineData(Fixer.ClipGradNorm, "clip_grad_norm_", "1.0")]
    [InlineData(Fixer.ClipGradValue, "clip_grad_value_", "0.5")]
    public Task Between_backward_and_step(string key, string function, string limit) => Verify(key, Loop, $$"""
        class Trainer
        {
            public void Run(IEnumerable<Tensor> batches)
            {
                var model = new CharModel();
                var optimizer = optim.Adam(model.parameters(), 1e-3);
                foreach (var x in batches)
                {
                    optimizer.zero_grad();
                    model.call(x).sum().backward();
                    nn.utils.{{function}}(model.parameters(), {{limit}});

                    // Update.
                    optimizer.step(); // once
                }
            }
        }
        """);

    [Theory]
    [InlineData("using TorchSharp;", "torch.nn.utils.clip_grad_norm_")]
    [InlineData("using TorchSharp;\nusing static TorchSharp.torch.nn;", "utils.clip_grad_norm_")]
    [InlineData("using TorchSharp;\nusing static TorchSharp.torch.nn.utils;", "clip_grad_norm_")]
    [InlineData("using nn = TorchSharp.torch.nn;", "nn.utils.clip_grad_norm_")]
    public async Task Named_as_the_file_names_it(string usings, string expected)
    {
        var test = new CSharpCodeFixTest<TrainingAnalyzer, Fixer> { TestCode = usings + """

            class Net
            {
                public static void Run(TorchSharp.torch.Tensor x)
                {
                    var lstm = TorchSharp.torch.nn.LSTM(8, 8);
                    var optimizer = TorchSharp.torch.optim.Adam(lstm.parameters());
                    for (; ; )
                    {
                        lstm.call(x).Item1.backward();
                        optimizer.step();
                    }
                }
            }
            """ };
        Assert.Contains("            " + expected + "(lstm.parameters(), 1.0);", await test.FixedSourceAsync());
    }

    [Fact]
    public Task Bodies_without_braces() => Verify(Fixer.ClipGradNorm, """
        class Trainer
        {
            private readonly CharModel model = new();
            private readonly optim.Optimizer optimizer;

            public Trainer() => optimizer = optim.Adam(model.parameters());

            public void Update(Tensor x, int i)
            {
                model.call(x).sum().backward();
                if (i % 4 == 0)
                    {|GRAD3001:optimizer.step()|};
            }
        }
        """, """
        class Trainer
        {
            private readonly CharModel model = new();
            private readonly optim.Optimizer optimizer;

            public Trainer() => optimizer = optim.Adam(model.parameters());

            public void Update(Tensor x, int i)
            {
                model.call(x).sum().backward();
                if (i % 4 == 0)
                {
                    nn.utils.clip_grad_norm_(model.parameters(), 1.0);
                    optimizer.step();
                }
            }
        }
        """);

    [Fact]
    public Task Accumulation_in_a_block_that_is_nested() => Verify(Fixer.ClipGradNorm, """
        class Trainer
        {
            public static void Fit(nn.Module<Tensor, Tensor> network, Tensor x)
            {
                using var optimizer = optim.SGD(network.parameters(), 0.1);
                for (var i = 0; i < 100; i++)
                {
                    using (NewDisposeScope())
                    {
                        network.call(x).sum().backward();
                        if (i % 4 == 3)
                        {
                            {|GRAD3001:optimizer.step()|};
                            optimizer.zero_grad();
                        }
                    }
                }
            }

            public static void Main(Tensor x) => Fit(new CharModel(), x);
        }
        """, """
        class Trainer
        {
            public static void Fit(nn.Module<Tensor, Tensor> network, Tensor x)
            {
                using var optimizer = optim.SGD(network.parameters(), 0.1);
                for (var i = 0; i < 100; i++)
                {
                    using (NewDisposeScope())
                    {
                        network.call(x).sum().backward();
                        if (i % 4 == 3)
                        {
                            nn.utils.clip_grad_norm_(network.parameters(), 1.0);
                            optimizer.step();
                            optimizer.zero_grad();
                        }
                    }
                }
            }

            public static void Main(Tensor x) => Fit(new CharModel(), x);
        }
        """);

    [Fact]
    public Task By_the_optimizer_where_no_model_has_a_name_here() => Verify(Fixer.ClipGradNorm, """
        class Updater
        {
            private readonly optim.Optimizer optimizer;

            public Updater(optim.Optimizer optimizer) => this.optimizer = optimizer;

            public void Update(Tensor loss)
            {
                loss.backward();
                {|GRAD3001:this.optimizer.step()|};
            }

            public static Updater Make() => new(optim.Adam(new CharModel().parameters()));
        }
        """, """
        class Updater
        {
            private readonly optim.Optimizer optimizer;

            public Updater(optim.Optimizer optimizer) => this.optimizer = optimizer;

            public void Update(Tensor loss)
            {
                loss.backward();
                nn.utils.clip_grad_norm_(this.optimizer.parameters(), 1.0);
                this.optimizer.step();
            }

            public static Updater Make() => new(optim.Adam(new CharModel().parameters()));
        }
        """);

    [Fact]
    public Task The_model_trains_itself() => Verify(Fixer.ClipGradNorm, """
        class Net : nn.Module<Tensor, Tensor>
        {
            private readonly GRU gru = nn.GRU(8, 8);

            public Net() : base("Net") => RegisterComponents();

            public override Tensor forward(Tensor x) => gru.call(x).Item1;

            public void Fit(Tensor x)
            {
                var optimizer = optim.Adam(parameters());
                while (true)
                {
                    call(x).sum().backward();
                    {|GRAD3001:optimizer.step()|};
                }
            }
        }
        """, """
        class Net : nn.Module<Tensor, Tensor>
        {
            private readonly GRU gru = nn.GRU(8, 8);

            public Net() : base("Net") => RegisterComponents();

            public override Tensor forward(Tensor x) => gru.call(x).Item1;

            public void Fit(Tensor x)
            {
                var optimizer = optim.Adam(parameters());
                while (true)
                {
                    call(x).sum().backward();
                    nn.utils.clip_grad_norm_(parameters(), 1.0);
                    optimizer.step();
                }
            }
        }
        """);

    [Fact]
    public Task Both_optimizers_of_a_loop() => Verify(Fixer.ClipGradNorm, """
        static class Program
        {
            static void Run(Tensor x, int kind)
            {
                CharModel encoder = new(), decoder = new();
                optim.Optimizer o1 = optim.Adam(encoder.parameters()), o2 = optim.Adam(decoder.parameters());
                for (; ; )
                {
                    decoder.call(encoder.call(x)).sum().backward();
                    switch (kind)
                    {
                        case 0:
                            {|GRAD3001:o1.step()|};
                            break;
                        default:
                            _ = o2.step();
                            break;
                    }
                }
            }
        }
        """, """
        static class Program
        {
            static void Run(Tensor x, int kind)
            {
                CharModel encoder = new(), decoder = new();
                optim.Optimizer o1 = optim.Adam(encoder.parameters()), o2 = optim.Adam(decoder.parameters());
                for (; ; )
                {
                    decoder.call(encoder.call(x)).sum().backward();
                    switch (kind)
                    {
                        case 0:
                            nn.utils.clip_grad_norm_(encoder.parameters(), 1.0);
                            o1.step();
                            break;
                        default:
                            nn.utils.clip_grad_norm_(decoder.parameters(), 1.0);
                            _ = o2.step();
                            break;
                    }
                }
            }
        }
        """);

    [Fact]
    public Task A_top_level_program() => Verify(Fixer.ClipGradNorm, """
        var model = new CharModel();
        var optimizer = optim.Adam(model.parameters());
        model.call(torch.rand(3, 4, 32)).sum().backward();
        {|GRAD3001:optimizer.step()|};
        """, """
        var model = new CharModel();
        var optimizer = optim.Adam(model.parameters());
        model.call(torch.rand(3, 4, 32)).sum().backward();
        nn.utils.clip_grad_norm_(model.parameters(), 1.0);
        optimizer.step();
        """, OutputKind.ConsoleApplication);

    /// <summary>One loop that clips silences the compilation; Fix All repairs every loop at once.</summary>
    [Fact]
    public Task Fix_all_repairs_every_loop()
    {
        var source = Loop + "\n" + Loop.Replace("class Trainer", "class Other");
        var test = new CSharpCodeFixTest<TrainingAnalyzer, Fixer>
        {
            CodeActionEquivalenceKey = Fixer.ClipGradNorm,
            TestCode = Usings + Model + source,
            FixedCode = Usings + Model + Clipped(Loop) + "\n" + Unmarked(Loop.Replace("class Trainer", "class Other")),
            BatchFixedCode = Usings + Model + Clipped(Loop) + "\n" + Clipped(Loop.Replace("class Trainer", "class Other")),
        };
        return test.RunAsync();
    }

    [Fact]
    public async Task The_norm_is_an_option()
    {
        var test = new CSharpCodeFixTest<TrainingAnalyzer, Fixer> { TestCode = Usings + Model + Loop };
        test.TestState.AddGlobalConfig("gradlint.clip_norm = 0.25");
        Assert.Contains("nn.utils.clip_grad_norm_(model.parameters(), 0.25);", await test.FixedSourceAsync());
    }

    [Fact]
    public async Task Line_endings_stay_what_they_are()
    {
        var test = new CSharpCodeFixTest<TrainingAnalyzer, Fixer> { TestCode = (Usings + Model + Loop).ReplaceLineEndings("\r\n") };
        var text = await test.FixedSourceAsync();
        Assert.Contains("clip_grad_norm_", text);
        Assert.Equal(text.ReplaceLineEndings("\r\n"), text);
    }

    [Theory]
    [InlineData("both, the norm first", Loop, new[] { Fixer.ClipGradNorm, Fixer.ClipGradValue })]
    [InlineData("a closure runs backward inside of step", """
        class Trainer
        {
            void Run(Tensor x)
            {
                var model = new CharModel();
                var optimizer = optim.SGD(model.parameters(), 0.1);
                for (; ; )
                    {|GRAD3001:optimizer.step(() => { var loss = model.call(x).sum(); loss.backward(); return loss; })|};
            }
        }
        """, new string[0])]
    [InlineData("an expression body has no place for a statement", """
        class Trainer
        {
            private readonly optim.Optimizer optimizer;
            Trainer() => optimizer = optim.Adam(new CharModel().parameters());
            void Backward(Tensor loss) => loss.backward();
            void Step() => {|GRAD3001:optimizer.step()|};
        }
        """, new string[0])]
    [InlineData("a directive stands before the update", """
        class Trainer
        {
            void Run(Tensor x)
            {
                var model = new CharModel();
                var optimizer = optim.SGD(model.parameters(), 0.1);
                for (; ; )
                {
                    model.call(x).sum().backward();
        #if !FROZEN
                    {|GRAD3001:optimizer.step()|};
        #endif
                }
            }
        }
        """, new string[0])]
    [InlineData("nothing that can be named is updated", """
        class Trainer
        {
            void Run(Tensor x)
            {
                optim.Optimizer Make() => optim.Adam(new CharModel().parameters());
                for (; ; )
                {
                    x.sum().backward();
                    {|GRAD3001:Make().step()|};
                }
            }
        }
        """, new string[0])]
    public async Task Offered(string why, string source, string[] offered)
    {
        _ = why;
        var test = new CSharpCodeFixTest<TrainingAnalyzer, Fixer>
        {
            OfferedEquivalenceKeys = offered,
            CodeActionEquivalenceKey = "none of them",
            TestCode = Usings + Model + source,
            FixedCode = Usings + Model + source,
        };
        await test.RunAsync();
    }

    private static string Unmarked(string source) => source.Replace("{|GRAD3001:optimizer.step()|}", "optimizer.step()");

    private static string Clipped(string source) => Unmarked(source).Replace("sum().backward();", "sum().backward();\n            nn.utils.clip_grad_norm_(model.parameters(), 1.0);");

    private static Task Verify(string key, string source, string fixedSource, OutputKind kind = OutputKind.DynamicallyLinkedLibrary)
    {
        var (before, after) = kind == OutputKind.ConsoleApplication ? (source + Model, fixedSource + Model) : (Model + source, Model + fixedSource);
        return new CSharpCodeFixTest<TrainingAnalyzer, Fixer> { CodeActionEquivalenceKey = key, OutputKind = kind, TestCode = Usings + before, FixedCode = Usings + after }.RunAsync();
    }
}
