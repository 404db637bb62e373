namespace GradLint.Analyzers.Tests;

/// <summary>What stands around a construction, data sets and the loops of training, is no part of the network, and may be as long as it likes.</summary>
public class BesideConstructionsTests
{
    private const string Net = """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential();
            public Net(int depth) : base("Net")
            {
                for (int i = 0; i < depth; i++)
                    layers.append(Linear(64, 64)).append(Sigmoid());
                RegisterComponents();
            }
            public override Tensor forward(Tensor x) => layers.call(x);
        }

        class Options { public int Depth = 3; }

        """;

    /// <summary>Loops within loops, of which nobody knows how often they run, and each of which changes what the others read.</summary>
    private static readonly string s_long = string.Concat(Enumerable.Range(0, 12).Select(i => $"while (Data.Next(x{i})) {{ x{i + 1} = x{i} + x0; x0 = x{i + 1} - x{i}; "))
        + "CHANGE" + new string('}', 12);

    private static readonly string s_variables = "int " + string.Join(", ", Enumerable.Range(0, 13).Select(i => $"x{i} = {i}")) + ";";

    private static string Long(string change = "") => s_variables + s_long.Replace("CHANGE", change);

    private static string Program(string main, string data = "") => Net + $$"""
        static class Data
        {
            public static bool Next(int x) => System.Environment.TickCount > x;
            {{data}}
        }
        static class P { static void Main(string[] args) { {{main}} } }
        """;

    [Theory]
    [InlineData("LONG var net = new Net(3); System.Console.WriteLine(net);", "")]
    [InlineData("var net = new Net(3); LONG System.Console.WriteLine(net);", "")]
    [InlineData("Data.Load(args[0]); var net = new Net(3); System.Console.WriteLine(net);", "public static void Load(string path) { LONG }")]
    [InlineData("var rows = Data.Load(args[0]); var net = new Net(3); System.Console.WriteLine(net.call(rows));", "public static Tensor Load(string path) { LONG return torch.rand(x0, 64); }")]
    [InlineData("System.Console.WriteLine(Data.Make());", "public static Net Make() { LONG return new(3); }")]
    [InlineData("System.Func<Net> make = () => { LONG return new Net(3); }; System.Console.WriteLine(make());", "")]
    [InlineData("var options = new Options(); options.Depth++; var net = new Net(options.Depth - 1); LONG System.Console.WriteLine(net);", "")]
    [InlineData("var depths = new System.Collections.Generic.List<int>(); for (int i = 0; i < 4; i++) depths.Add(i); LONG var net = new Net(depths[3]); System.Console.WriteLine(net);", "")]
    public void Does_not_hide_the_construction(string main, string data) => Assert.Equal(3, Layers(main, data, Long()));

    [Theory]
    [InlineData("int depth = 3; LONG var net = new Net(depth); System.Console.WriteLine(net);", "", "depth++;")]
    [InlineData("var options = new Options(); LONG var net = new Net(options.Depth); System.Console.WriteLine(net);", "", "options.Depth++;")]
    [InlineData("var options = new Options(); Data.Change(options); var net = new Net(options.Depth); System.Console.WriteLine(net);", "public static void Change(Options options) { LONG }", "options.Depth++;")]
    [InlineData("int depth = 3; Data.Change(ref depth); var net = new Net(depth); System.Console.WriteLine(net);", "public static void Change(ref int depth) { LONG }", "depth++;")]
    [InlineData("var depths = new System.Collections.Generic.List<int> { 3 }; Data.Change(depths); var net = new Net(depths[0]); System.Console.WriteLine(net);", "public static void Change(System.Collections.Generic.List<int> depths) { LONG }", "depths[0]++;")]
    [InlineData("var reader = new Reader(); reader.Load(); var net = new Net(reader.Depth); System.Console.WriteLine(net);", "} class Reader { public int Depth = 3; public void Load() { LONG }", "Depth++;")]
    public void Is_not_taken_to_change_nothing(string main, string data, string change) => Assert.Equal(-1, Layers(main, data, Long(change)));

    /// <summary>What overwrites parameters once the training is over initializes none.</summary>
    [Theory]
    [InlineData("var net = new Net(3); Data.Train(net); Data.Reset(net);", "zeros_", "(var 0.333333/fan_in)")]
    [InlineData("var net = new Net(3); Data.Reset(net); Data.Train(net);", "kaiming_normal_", "kaiming_normal")]
    public void Trains(string main, string initializer, string expected)
    {
        var data = $$"""
            public static void Train(Net net) { {{Long("net.call(torch.rand(8, 64)).sum().backward();")}} }
            public static void Reset(Net net) { foreach (var (name, parameter) in net.named_parameters()) if (name.EndsWith("weight")) init.{{initializer}}(parameter); }
            """;
        var text = Assert.Single(Read.All(Program(main, data))).Network.ToText();
        Assert.Equal(3, text.Split(expected).Length - 1);
    }

    /// <summary>How many layers the one network that is read has; -1 where the number is not known.</summary>
    private static int Layers(string main, string data, string code)
    {
        var text = Assert.Single(Read.All(Program(main.Replace("LONG", code), data.Replace("LONG", code)))).Network.ToText();
        return text.Contains("repeat") ? -1 : text.Split("Linear 64 -> 64").Length - 1;
    }
}
