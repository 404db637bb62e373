using GradLint.Analyzers.Training;
using Microsoft.CodeAnalysis;
using static GradLint.Testing.NetworkSource;

namespace GradLint.Analyzers.Tests.Rules;

/// <summary>Where the gradients are clipped, or may be, or need not.</summary>
public partial class GRAD3001_RecurrentTrainingWithoutClippingTests
{
    [Theory]
    [InlineData("static class More { public static void Clip(Module m) => torch.nn.utils.clip_grad_norm_(m.parameters(), 1.0); }")]
    [InlineData("static class More { public static void Limit(this Module m) { foreach (var p in m.parameters()) p.grad?.clamp_(-1, 1); } }")]
    public async Task Clipping_in_another_file_is_live_too(string other) => Assert.Empty(await AcrossFiles(other).LiveDiagnosticsAsync("/0/Trainer.cs"));

    [Theory]
    [InlineData("torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5);")]
    [InlineData("utils.clip_grad_value_(model.parameters(), 0.5);")]
    [InlineData("foreach (var p in model.parameters()) p.grad!.mul_(0.5);")]
    [InlineData("foreach (var p in model.parameters()) p.grad?.clamp_(-1, 1);")]
    [InlineData("foreach (var p in model.parameters()) p.grad = p.grad!.clamp(-1, 1);")]
    [InlineData("foreach (var p in model.parameters()) if (p.grad is { } g) g.div_(2);")]
    [InlineData("foreach (var g in model.parameters().Select(p => p.grad)) g!.copy_(g.clamp(-1, 1));")]
    [InlineData("foreach (var p in model.parameters()) Helper.Scale(p.grad!, 0.1);")]
    [InlineData("foreach (var p in model.parameters()) p.grad!.Shrink();")]
    [InlineData("Helper.ClipGradients(model);")]
    public async Task Silent_when_clipped(string clipping)
    {
        const string helper = """
            static class Helper
            {
                public static void Scale(Tensor t, double by) { t.mul_(by); }
                public static Tensor Shrink(this Tensor t) => t.mul_(0.1);
                public static void ClipGradients(Module m) { }
            }
            """;
        Assert.Empty(await ReportedAsync(CharModel + helper + Loop.Replace("loss.backward();", "loss.backward(); " + clipping)));
    }

    [Theory]
    [InlineData("in a base class", """
        abstract class Base
        {
            protected virtual void AfterBackward(Module m) => utils.clip_grad_norm_(m.parameters(), 1);
        }
        class Trainer : Base
        {
            public void Run(Tensor x)
            {
                var model = new CharModel();
                var optimizer = optim.Adam(model.parameters());
                for (;;) { model.call(x).sum().backward(); AfterBackward(model); optimizer.step(); }
            }
        }
        """)]
    [InlineData("nothing is trained: no step", """
        class Predictor { public Tensor Run(Tensor x) { var model = new CharModel(); return model.call(x); } }
        """)]
    [InlineData("nothing is trained: no backward", """
        class Predictor { public void Run(Tensor x) { var model = new CharModel(); optim.Adam(model.parameters()).step(); } }
        """)]
    [InlineData("adversarial examples: backward without step", """
        class Attack { public Tensor Run(Tensor x) { var model = new CharModel(); x.requires_grad = true; model.call(x).sum().backward(); return x + 0.1 * x.grad!.sign(); } }
        """)]
    [InlineData("another model is trained", """
        class Trainer
        {
            public void Run(Tensor x)
            {
                var recurrent = new CharModel();
                var plain = new PlainModel();
                var optimizer = optim.Adam(plain.parameters());
                for (;;) { plain.call(recurrent.call(x).detach()).sum().backward(); optimizer.step(); }
            }
        }
        """)]
    [InlineData("the optimizer has an input, not a model", """
        class Trainer
        {
            public void Run()
            {
                var model = new CharModel();
                var image = new Parameter(torch.zeros(1, 3, 32));
                var optimizer = optim.Adam(new[] { image });
                for (;;) { model.call(image).sum().backward(); optimizer.step(); }
            }
        }
        """)]
    [InlineData("only the head, chosen by name, is trained", """
        class Trainer
        {
            public void Run(Tensor x)
            {
                var model = new CharModel();
                var optimizer = optim.Adam(model.named_parameters().Where(p => p.name.StartsWith("head")).Select(p => p.parameter));
                for (;;) { model.call(x).sum().backward(); optimizer.step(); }
            }
        }
        """)]
    [InlineData("the model is frozen", """
        class Trainer
        {
            public void Run(Tensor x)
            {
                var model = new CharModel();
                foreach (var p in model.parameters()) p.requires_grad = false;
                var optimizer = optim.Adam(model.parameters());
                for (;;) { model.call(x).sum().backward(); optimizer.step(); }
            }
        }
        """)]
    [InlineData("a generic trainer whose callers are unknown", """
        public static class Trainer
        {
            public static void Fit(Module<Tensor, Tensor> model, optim.Optimizer optimizer, Tensor x)
            {
                for (;;) { model.call(x).sum().backward(); optimizer.step(); }
            }
        }
        """)]
    [InlineData("of two models that are called, it is unknown which the optimizer updates", """
        public static class Trainer
        {
            public static void Fit(CharModel frozen, PlainModel model, optim.Optimizer optimizer, Tensor x)
            {
                for (;;) { model.call(frozen.call(x)).sum().backward(); optimizer.step(); }
            }
        }
        """)]
    [InlineData("a generic trainer that is only given plain models", """
        public static class Trainer
        {
            public static void Fit(Module<Tensor, Tensor> model, Tensor x)
            {
                var optimizer = optim.Adam(model.parameters());
                for (;;) { model.call(x).sum().backward(); optimizer.step(); }
            }
            static void Run(Tensor x) { Fit(new PlainModel(), x); new CharModel().call(x); }
        }
        """)]
    [InlineData("another class has a step", """
        class Environment { public void step() { } public void backward() { } }
        class Game { public void Run() { var model = new CharModel(); var environment = new Environment(); for (;;) { environment.backward(); environment.step(); } } }
        """)]
    [InlineData("a hand-written cell is none of TorchSharp's recurrent layers", """
        class Cell : Module<Tensor, Tensor, Tensor>
        {
            private readonly Linear ih = Linear(8, 8), hh = Linear(8, 8);
            public Cell() : base("Cell") => RegisterComponents();
            public override Tensor forward(Tensor x, Tensor h) => torch.tanh(ih.call(x) + hh.call(h));
        }
        class Trainer
        {
            public void Run(Tensor x, Tensor h) { var cell = new Cell(); var optimizer = optim.Adam(cell.parameters()); for (;;) { cell.call(x, h).sum().backward(); optimizer.step(); } }
        }
        """)]
    public async Task Silent(string why, string source)
    {
        _ = why;
        Assert.Empty(await ReportedAsync((CharModel + PlainModel + source).Replace("class CharModel", "public class CharModel").Replace("class PlainModel", "public class PlainModel")));
    }

    /// <summary>A referenced library that is given the model may clip.</summary>
    [Theory]
    [InlineData("Library.Tools.Prepare(model);", 0)]
    [InlineData("Library.Tools.Prepare(optimizer);", 0)]
    [InlineData("Library.Tools.Prepare(model.parameters());", 0)]
    [InlineData("Library.Tools.Log(loss);", 1)]
    [InlineData("Console.WriteLine(model); new List<object>().Add(optimizer);", 1)]
    [InlineData("AfterBackward();", 0, "class Trainer : Library.Base")]
    [InlineData("", 0, "class Trainer : Library.Base")]
    public async Task A_referenced_library_may_clip(string call, int expected, string trainer = "class Trainer")
    {
        var library = Microsoft.CodeAnalysis.CSharp.CSharpCompilation.Create(
            "Library",
            [Microsoft.CodeAnalysis.CSharp.CSharpSyntaxTree.ParseText("""
                namespace Library { public static class Tools { public static void Prepare(object o) { } public static void Log(object o) { } } public class Base { protected void AfterBackward() { } } }
                """)],
            ReferenceAssemblies.WithTorchSharp,
            new(OutputKind.DynamicallyLinkedLibrary));
        var test = new CSharpAnalyzerTest<TrainingAnalyzer> { TestCode = Usings + CharModel + Loop.Replace("loss.backward();", "loss.backward(); " + call).Replace("class Trainer", trainer) };
        test.TestState.AdditionalReferences.Add(library.ToMetadataReference());
        Assert.Equal(expected, (await CSharpAnalyzerTest<TrainingAnalyzer>.GetDiagnosticsAsync(Project(test), default)).All.Length);
    }

    [Fact]
    public async Task A_sign_based_optimizer_needs_none() => Assert.Empty(await ReportedAsync(CharModel + """
        class Trainer
        {
            public void Run(Tensor x) { var model = new CharModel(); optim.Optimizer optimizer = optim.Rprop(model.parameters()); for (;;) { model.call(x).sum().backward(); optimizer.step(); } }
        }
        """));
}
