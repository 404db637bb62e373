using System.Globalization;
using System.Text.RegularExpressions;

namespace GradLint.SignalPropagation.Tests.Oracle;

/// <summary>A row of recurrent.tsv: what recurrent.py measured on one network. The words are explained there.</summary>
internal sealed record MeasuredRecurrent(string Spec, int Batch, double Time, double Layer, double Scale, int Horizon, double[] Seeds)
{
    private readonly string[] words = Spec.Split(' ');

    public static IReadOnlyList<MeasuredRecurrent> All { get; } = Read();

    public int Layers => Number("x") ?? 1;

    public int Steps => Number("T")!.Value;

    /// <summary>The layers as modules one after another, or as one module.</summary>
    public Network Network(bool asOneModule)
    {
        var b = new NetworkBuilder(Spec);
        var (inputs, hidden) = (Number("i")!.Value, Number("h")!.Value);
        var x = b.Input(inputs, Sizes.Of(Steps));
        for (var layer = 0; layer < (asOneModule ? 1 : Layers); layer++)
        {
            x = b.Add(Operation(inputs, hidden) with { Layers = asOneModule ? Layers : 1 }, x, path: $"layers.{layer}");
            inputs = words.Contains("bi") ? 2 * hidden : hidden;
        }

        if (!words.Contains("all"))
            x = b.Add(new Operation.Reduction(ReductionKind.Select), x);
        return b.Build(b.Linear(x, inputs, 10, path: "head"));
    }

    private Operation.Recurrent Operation(int inputs, int hidden)
    {
        var cell = words[0] switch { "tanh" => RecurrentCell.Tanh, "relu" => RecurrentCell.ReLU, "lstm" => RecurrentCell.LSTM, _ => RecurrentCell.GRU };
        var xavier = words.Contains("xavier") ? Initializer.XavierUniform() : null;
        var isSquare = cell is RecurrentCell.Tanh or RecurrentCell.ReLU;
        var recurrent = words.Contains("orthogonal_whole") || (isSquare && words.Contains("orthogonal")) ? Initializer.Orthogonal()
            // A block of its own for each gate: variance 1/hidden.
            : words.Contains("orthogonal") ? Initializer.LecunNormal()
            : words.Contains("identity") ? Initializer.Eye
            : xavier ?? Initializer.DefaultRecurrent;
        var bias = words.Contains("none") ? null : words.Contains("zero") ? Initializer.Zeros : Initializer.DefaultRecurrent;
        var memory = words.FirstOrDefault(w => w.StartsWith("memory", StringComparison.Ordinal));
        return new(cell, inputs, hidden, 1, null, words.Contains("bi"), xavier ?? Initializer.DefaultRecurrent, recurrent, bias,
            memory is null ? 0 : double.Parse(memory[6..], CultureInfo.InvariantCulture));
    }

    private int? Number(string letter) => words.Select(w => Regex.Match(w, $"^{letter}([0-9]+)$")).FirstOrDefault(m => m.Success) is { } match
        ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;

    private static List<MeasuredRecurrent> Read() => [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Oracle", "recurrent.tsv")).Skip(1)
        .Select(line => line.Split('\t')).Select(r =>
        {
            double Number(int i) => double.Parse(r[i], CultureInfo.InvariantCulture);
            return new MeasuredRecurrent(r[0], (int)Number(1), Number(2), Number(4), Number(6), (int)Number(7),
                [.. r[8].Split(';').Select(s => double.Parse(s, CultureInfo.InvariantCulture))]);
        })];
}
