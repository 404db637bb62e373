using GradLint.Analyzers.Training;
using Microsoft.CodeAnalysis;
using static GradLint.Testing.NetworkSource;
using Verify = GradLint.Testing.CSharpAnalyzerVerifier<GradLint.Analyzers.Training.TrainingAnalyzer>;

namespace GradLint.Analyzers.Tests.Rules;

public partial class GRAD3001_RecurrentTrainingWithoutClippingTests
{
    private const string CharModel = """

        class CharModel : Module<Tensor, Tensor>
        {
            private readonly LSTM lstm = LSTM(32, 64, batchFirst: true);
            private readonly Linear head = Linear(64, 32);
            public CharModel() : base("CharModel") => RegisterComponents();
            public override Tensor forward(Tensor x)
            {
                var (y, _, _) = lstm.call(x);
                return head.call(y);
            }
        }

        """;

    private const string PlainModel = """

        class PlainModel : Module<Tensor, Tensor>
        {
            private readonly Linear head = Linear(64, 32);
            public PlainModel() : base("PlainModel") => RegisterComponents();
            public override Tensor forward(Tensor x) => head.call(x);
        }

        """;

    private const string Loop = """

        class Trainer
        {
            public void Run(IEnumerable<(Tensor, Tensor)> batches)
            {
                var model = new CharModel();
                var optimizer = optim.Adam(model.parameters(), 1e-3);
                foreach (var (x, y) in batches)
                {
                    optimizer.zero_grad();
                    var loss = functional.cross_entropy(model.call(x), y);
                    loss.backward();
                    {|GRAD3001:optimizer.step()|};
                }
            }
        }

        """;

    [Fact]
    public Task The_message_names_layer_update_horizon_and_remedy() => Verify.VerifyAnalyzerAsync(
        Usings + CharModel + Loop.Replace("GRAD3001:", "#0:"),
        Verify.Diagnostic("GRAD3001").WithLocation(0).WithMessage(
            "Nothing clips the gradient of the LSTM 'lstm' of 'CharModel' before 'optimizer.step()' (it fades to 10^-3 within about 14 time steps; where training makes weight_hh grow, the loss gets cliffs at which one update can throw the weights away); insert torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0) between backward() and step()"));

    [Theory]
    [InlineData("RNN(32, 64)", "RNN", "the tanh RNN 'layer'", "within 12 time steps")]
    [InlineData("RNN(32, 64, 2, NonLinearities.ReLU)", "RNN", "the ReLU RNN 'layer'", "within 8 time steps")]
    [InlineData("GRU(32, 64)", "GRU", "the GRU 'layer'", "within 15 time steps")]
    [InlineData("GRUCell(32, 64)", "GRUCell", "the GRU cell 'layer'", "within 15 time steps")]
    [InlineData("LSTMCell(32, 64)", "LSTMCell", "the LSTM cell 'layer'", "within 14 time steps")]
    [InlineData("RNNCell(32, 64, NonLinearities.ReLU)", "RNNCell", "the ReLU RNN cell 'layer'", "within 8 time steps")]
    public async Task Every_recurrent_layer(string construction, string type, string kind, string horizon)
    {
        var source = $$"""
            class CharModel : Module<Tensor, Tensor>
            {
                private readonly {{type}} layer;
                public CharModel() : base("CharModel") { layer = {{construction}}; RegisterComponents(); }
                public override Tensor forward(Tensor x) => x;
            }
            """;
        var reported = Assert.Single(await ReportedAsync(source + Loop));
        Assert.Contains(kind, reported.GetMessage());
        Assert.Contains(horizon, reported.GetMessage());
        Assert.Equal(DiagnosticSeverity.Warning, reported.Severity);
        Assert.Equal(construction, TextOf(reported.AdditionalLocations[1]));
    }

    [Theory]
    // Measured by PyTorch, 128 units, 50 steps: orthogonal −7.47 decades, identity −0.38.
    [InlineData("init.orthogonal_(rnn.get_parameter(\"weight_hh_l0\"));", "it fades to 10^-3 within about 20 time steps")]
    [InlineData("init.eye_(rnn.get_parameter(\"weight_hh_l0\"));", "it hardly fades over time, and nothing else bounds it")]
    [InlineData("init.normal_(rnn.get_parameter(\"weight_hh_l0\"), 0, 0.3);", "for each step back in time, from birth")]
    [InlineData("init.xavier_uniform_(rnn.get_parameter(\"weight_hh_l0\"));", "it fades to 10^-3 within about 20 time steps")]
    [InlineData("init.normal_(rnn.get_parameter(Environment.MachineName));", "its gradient is a product over the time steps")]
    [InlineData("", "within about 8 time steps")]
    public async Task What_is_said_of_a_relu_rnn_depends_on_its_initialization(string initialization, string expected)
    {
        var source = $$"""
            class CharModel : Module<Tensor, Tensor>
            {
                private readonly RNN rnn;
                public CharModel() : base("CharModel") { rnn = RNN(32, 64, nonLinearity: NonLinearities.ReLU); RegisterComponents(); {{initialization}} }
                public override Tensor forward(Tensor x) => rnn.call(x).Item1;
            }
            """;
        Assert.Contains(expected, Assert.Single(await ReportedAsync(source + Loop)).GetMessage());
    }

    /// <summary>How model, optimizer and loop come together.</summary>
    [Theory]
    [InlineData("the layer itself", """
        class Trainer
        {
            private readonly LSTM lstm = LSTM(8, 8);
            public void Run(Tensor x)
            {
                using var optimizer = torch.optim.SGD(lstm.parameters(), 0.1);
                for (var i = 0; i < 10; i++) { lstm.call(x).Item1.sum().backward(); {|GRAD3001:optimizer.step()|}; }
            }
        }
        """)]
    [InlineData("a model of a base type and a method that updates once", """
        class Trainer
        {
            private readonly Module<Tensor, Tensor> model;
            private readonly optim.Optimizer optimizer;
            public Trainer() { model = new CharModel().to(torch.CPU); optimizer = optim.AdamW(model.parameters()); }
            public void Update(Tensor x) { var loss = model.call(x).mean(); loss.backward(); {|GRAD3001:optimizer.step()|}; }
        }
        """)]
    [InlineData("a generic trainer, connected by its call", """
        class Trainer
        {
            public static void Fit(Module<Tensor, Tensor> model, optim.Optimizer optimizer, Tensor x)
            {
                while (true) { model.call(x).mean().backward(); {|GRAD3001:optimizer.step()|}; }
            }
        }
        class Program { static void Run(Tensor x) { var net = new CharModel(); Trainer.Fit(net, optim.Adam(net.parameters()), x); } }
        """)]
    [InlineData("a constructor's parameter, connected by the construction", """
        class Trainer
        {
            private readonly optim.Optimizer optimizer;
            public Trainer(Module<Tensor, Tensor> model) => optimizer = optim.RMSProp(model.parameters(), 0.01);
            public void Update(Tensor loss) { loss.backward(); {|GRAD3001:optimizer.step()|}; }
        }
        class Program { static Trainer Make() => new(new CharModel()); }
        """)]
    [InlineData("the model trains itself", """
        class Net : Module<Tensor, Tensor>
        {
            private readonly GRU gru = GRU(8, 8);
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x) => gru.call(x).Item1;
            public void Fit(Tensor x)
            {
                var optimizer = optim.Adam(parameters());
                for (var i = 0; i < 10; i++) { forward(x).sum().backward(); {|GRAD3001:optimizer.step()|}; }
            }
        }
        """)]
    [InlineData("a base class trains what derives from it", """
        abstract class Trainable : Module<Tensor, Tensor>
        {
            protected Trainable(string name) : base(name) { }
            public void Fit(Tensor x)
            {
                var optimizer = optim.Adam(parameters());
                for (var i = 0; i < 10; i++) { call(x).sum().backward(); {|GRAD3001:optimizer.step()|}; }
            }
        }
        class Net : Trainable
        {
            private readonly GRU gru = GRU(8, 8);
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x) => gru.call(x).Item1;
        }
        """)]
    [InlineData("a factory method, a helper for the optimizer", """
        static class Program
        {
            static Module<Tensor, Tensor> Make(bool recurrent) => recurrent ? new CharModel() : new PlainModel();
            static optim.Optimizer Optimizer(Module<Tensor, Tensor> model) { return optim.Adam(model.parameters(), 1e-3); }
            static void Run(Tensor x)
            {
                var model = Make(true);
                var optimizer = Optimizer(model);
                do { model.call(x).sum().backward(); {|GRAD3001:optimizer.step()|}; } while (true);
            }
        }
        """)]
    [InlineData("two modules in one optimizer", """
        static class Program
        {
            static void Run(Tensor x)
            {
                var embedding = Embedding(10, 8);
                var model = new CharModel();
                var all = embedding.parameters().Concat(model.parameters());
                var optimizer = optim.Adam(all, 1e-3);
                foreach (var i in Enumerable.Range(0, 9)) { model.call(embedding.call(x)).sum().backward(); {|GRAD3001:optimizer.step()|}; }
            }
        }
        """)]
    [InlineData("a block inside a block inside a Sequential", """
        class Block : Module<Tensor, Tensor>
        {
            private readonly Module<Tensor, Tensor> inner;
            public Block(Module<Tensor, Tensor> inner) : base("Block") { this.inner = inner; RegisterComponents(); }
            public override Tensor forward(Tensor x) => inner.call(x);
        }
        static class Program
        {
            static void Run(Tensor x)
            {
                var model = Sequential(("a", new PlainModel()), ("b", new Block(new CharModel())));
                var optimizer = optim.Adam(model.parameters(), 1e-3);
                foreach (var i in Enumerable.Range(0, 9)) { model.call(x).sum().backward(); {|GRAD3001:optimizer.step()|}; }
            }
        }
        """)]
    [InlineData("a library method whose callers are elsewhere: the only model that is called", """
        public static class Trainer
        {
            public static void Fit(CharModel model, optim.Optimizer optimizer, Loss<Tensor, Tensor, Tensor> loss, Tensor x)
            {
                for (;;) { loss.call(model.call(x), x).backward(); {|GRAD3001:optimizer.step()|}; }
            }
        }
        """)]
    [InlineData("accumulation, torch.autograd.backward, a local function and a lambda", """
        static class Program
        {
            static void Run(Tensor x)
            {
                var model = new CharModel();
                var optimizer = optim.Adam(model.parameters(), 1e-3);
                void Update() { autograd.backward(new[] { model.call(x).sum() }); {|GRAD3001:optimizer.step()|}; }
                Action<int> accumulate = i => { model.call(x).sum().backward(); if (i % 4 == 0) {|GRAD3001:optimizer.step()|}; };
                Update(); accumulate(1);
            }
        }
        """)]
    [InlineData("PPO clips a ratio, not a gradient", """
        static class Program
        {
            static void Run(Tensor ratio, float clip)
            {
                var model = new CharModel();
                var optimizer = optim.Adam(model.parameters(), 1e-3);
                for (;;) { torch.clamp(ratio, 1 - clip, 1 + clip).sum().backward(); ratio.clamp(0, 1); ratio.clip(0, 1); {|GRAD3001:optimizer.step()|}; }
            }
        }
        """)]
    [InlineData("a gradient is only looked at", """
        static class Program
        {
            static void Run(Tensor x)
            {
                var model = new CharModel();
                var optimizer = optim.Adam(model.parameters(), 1e-3);
                for (;;)
                {
                    model.call(x).sum().backward();
                    foreach (var p in model.parameters()) Console.WriteLine(p.grad!.norm().item<float>());
                    {|GRAD3001:optimizer.step()|};
                    foreach (var p in model.parameters()) p.grad = null;
                }
            }
        }
        """)]
    [InlineData("a wrapper around the optimizer", """
        class Scheduled
        {
            private readonly optim.Optimizer inner;
            public Scheduled(optim.Optimizer inner) { this.inner = inner; }
            public void Advance() { {|GRAD3001:inner.step()|}; }
        }
        static class Program
        {
            static void Run(Tensor x)
            {
                var model = new CharModel();
                var optimizer = new Scheduled(optim.Adam(model.parameters(), 1e-3));
                for (;;) { model.call(x).sum().backward(); optimizer.Advance(); }
            }
        }
        """)]
    public Task Reported(string why, string source)
    {
        _ = why;
        return Verify.VerifyAnalyzerAsync((Usings + CharModel + PlainModel + source).Replace("class CharModel", "public class CharModel"));
    }

    /// <summary>A compiler that does not know primary constructors has nothing to connect, and is silent.</summary>
    [Fact]
    public async Task A_primary_constructor() =>
        Assert.Equal(Enum.IsDefined(typeof(Microsoft.CodeAnalysis.CSharp.LanguageVersion), 1200) ? 1 : 0, (await ReportedAsync(CharModel + """
            class Trainer(Module<Tensor, Tensor> model, optim.Optimizer optimizer)
            {
                public void Update(Tensor x) { model.call(x).mean().backward(); optimizer.step(); }
                public static Trainer Make() { var net = new CharModel(); return new(net, optim.Adam(net.parameters())); }
            }
            """)).Count);

    [Fact]
    public async Task One_warning_for_a_loop_with_two_optimizers()
    {
        var reported = Assert.Single(await ReportedAsync(CharModel + """
            static class Program
            {
                static void Run(Tensor x)
                {
                    CharModel encoder = new(), decoder = new();
                    optim.Optimizer o1 = optim.Adam(encoder.parameters()), o2 = optim.Adam(decoder.parameters());
                    for (var epoch = 0; epoch < 9; epoch++)
                    {
                        foreach (var i in Enumerable.Range(0, 9)) { decoder.call(encoder.call(x)).sum().backward(); o1.step(); o2.step(); }
                    }
                }
            }
            """));
        Assert.Equal("2", reported.Properties["StepCount"]);
        Assert.Equal("encoder.parameters()", reported.Properties["Parameters0"]);
        Assert.Equal("decoder.parameters()", reported.Properties["Parameters1"]);
    }

    [Fact]
    public async Task Two_loops_are_two_warnings() => Assert.Equal(2, (await ReportedAsync(CharModel + """
        static class Program
        {
            static void Run(Tensor x)
            {
                var model = new CharModel();
                var optimizer = optim.Adam(model.parameters());
                for (var i = 0; i < 9; i++) { model.call(x).sum().backward(); optimizer.step(); }
                for (var i = 0; i < 9; i++) { model.call(x).mean().backward(); optimizer.step(); }
            }
        }
        """)).Count);

    [Fact]
    public Task A_top_level_program()
    {
        var test = new CSharpAnalyzerTest<TrainingAnalyzer>
        {
            OutputKind = OutputKind.ConsoleApplication,
            TestCode = Usings + """
                var model = new CharModel();
                var optimizer = optim.Adam(model.parameters());
                for (var i = 0; i < 9; i++)
                {
                    model.call(torch.rand(3, 4, 32)).sum().backward();
                    {|GRAD3001:optimizer.step()|};
                }
                """ + CharModel,
        };
        return test.RunAsync();
    }

    /// <summary>Model, construction and loop in three files; the warning is where the loop is typed.</summary>
    [Fact]
    public async Task Across_files_and_live_in_an_editor()
    {
        var test = AcrossFiles("");
        var reported = Assert.Single(await test.LiveDiagnosticsAsync("/0/Trainer.cs"));
        Assert.Equal("/0/Trainer.cs", reported.Location.SourceTree!.FilePath);
        Assert.Equal("optimizer.step()", TextOf(reported.Location));
        Assert.Equal("/0/Model.cs", reported.AdditionalLocations[1].SourceTree!.FilePath);
        Assert.Empty(await AcrossFiles("").LiveDiagnosticsAsync("/0/Model.cs"));
    }

    [Fact]
    public async Task The_norm_is_an_option()
    {
        Assert.Contains("clip_grad_norm_(model.parameters(), 0.25)", Assert.Single(await ReportedAsync(CharModel + Loop, "gradlint.clip_norm = 0.25")).GetMessage());
        Assert.Equal(DiagnosticSeverity.Error, Assert.Single(await ReportedAsync(CharModel + Loop, "dotnet_diagnostic.GRAD3001.severity = error")).Severity);
    }

    /// <summary>The name under which the parameters can be reached at the update.</summary>
    [Theory]
    [InlineData("CharModel model, Tensor x", "var optimizer = optim.Adam(model.parameters());", "model.parameters()")]
    [InlineData("CharModel @event, Tensor x", "var optimizer = optim.Adam(@event.parameters());", "@event.parameters()")]
    [InlineData("Tensor x", "optim.Optimizer optimizer; { var inner = new CharModel(); optimizer = optim.Adam(inner.parameters()); }", "optimizer.parameters()")]
    [InlineData("Tensor x", "var a = new CharModel(); var b = Linear(1, 1); var optimizer = optim.Adam(a.parameters().Concat(b.parameters()));", "optimizer.parameters()")]
    [InlineData("Tensor x", "var a = new CharModel(); Update(optim.Adam(a.parameters())); static void Update(optim.Optimizer optimizer) { optimizer.step(); }", "optimizer.parameters()")]
    public async Task Parameters_by_a_name_that_is_visible(string parameters, string before, string expected)
    {
        var source = $"class Trainer {{ void Run({parameters}) {{ {before} for (;;) {{ x.sum().backward(); optimizer.step(); }} }} }}";
        Assert.Equal(expected, Assert.Single(await ReportedAsync(CharModel + source)).Properties["Parameters0"]);
    }

    private static CSharpAnalyzerTest<TrainingAnalyzer> AcrossFiles(string more)
    {
        var test = new CSharpAnalyzerTest<TrainingAnalyzer>();
        test.TestState.Sources.Add(("/0/Model.cs", Usings + CharModel));
        test.TestState.Sources.Add(("/0/Program.cs", Usings + """
            static class Start { public static void Run(Tensor x) { var net = new CharModel(); new Trainer(net, optim.Adam(net.parameters())).Fit(x); } }
            """));
        test.TestState.Sources.Add(("/0/Trainer.cs", Usings + """
            class Trainer
            {
                private readonly Module<Tensor, Tensor> model;
                private readonly optim.Optimizer optimizer;
                public Trainer(Module<Tensor, Tensor> model, optim.Optimizer optimizer) => (this.model, this.optimizer) = (model, optimizer);
                public void Fit(Tensor x)
                {
                    for (var i = 0; i < 9; i++) { model.call(x).sum().backward(); optimizer.step(); }
                }
            }
            """));
        test.TestState.Sources.Add(("/0/More.cs", Usings + more));
        return test;
    }

    private static async Task<IReadOnlyList<Diagnostic>> ReportedAsync(string source, string? config = null)
    {
        var test = new CSharpAnalyzerTest<TrainingAnalyzer> { TestCode = Usings + System.Text.RegularExpressions.Regex.Replace(source, @"\{\|[^:]*:(.*?)\|\}", "$1") };
        if (config is not null)
            test.TestState.AddGlobalConfig(config.Split('\n'));
        return [.. (await CSharpAnalyzerTest<TrainingAnalyzer>.GetDiagnosticsAsync(Project(test), default)).All.Where(d => d.Id.StartsWith("GRAD", StringComparison.Ordinal))];
    }

    private static Project Project(CSharpAnalyzerTest<TrainingAnalyzer> test) =>
        test.CreateProject([.. test.TestState.Sources.Select(s => (s.Path, System.Text.RegularExpressions.Regex.Replace(s.Code, @"\{\|[^:]*:(.*?)\|\}", "$1")))]);

    private static string TextOf(Location location) => location.SourceTree!.GetText().ToString(location.SourceSpan);
}
