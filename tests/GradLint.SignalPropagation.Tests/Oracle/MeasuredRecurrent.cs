using System.Globalization;

namespace GradLint.SignalPropagation.Tests.Oracle;

/// <summary>A row of recurrent.tsv: what recurrent.py measured on one network.</summary>
internal sealed record MeasuredRecurrent(string Spec, int Batch, double Time, double Layer, double Scale, int Horizon, double[] Seeds)
{
    public static IReadOnlyList<MeasuredRecurrent> All { get; } = Read();

    public Network Network { get; } = SpecNetwork.Parse(Spec);

    public int Layers => Network.Nodes.Count(n => n.Operation is Operation.Recurrent);

    /// <summary>Whether the loss reads the last step only.</summary>
    public bool ReadsLastStep => Network.Nodes.Any(n => n.Operation is Operation.Reduction { Kind: ReductionKind.Select });

    /// <summary>Its recurrent layers as one module.</summary>
    public Network AsOneModule()
    {
        var b = new NetworkBuilder(Spec);
        var x = default(NodeId);
        var isInside = false;
        foreach (var node in Network.Nodes)
        {
            var isLayer = node.Operation is Operation.Recurrent;
            if (!(isLayer && isInside))
                x = b.Add(node.Operation is Operation.Recurrent first ? first with { Layers = Layers } : node.Operation, node.Inputs.Count == 0 ? [] : [x], node.Path);
            isInside = isLayer;
        }

        return b.Build(x);
    }

    private static List<MeasuredRecurrent> Read() => [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Oracle", "recurrent.tsv")).Skip(1)
        .Select(line => line.Split('\t')).Select(r =>
        {
            double Number(int i) => double.Parse(r[i], CultureInfo.InvariantCulture);
            return new MeasuredRecurrent(r[0], (int)Number(1), Number(2), Number(4), Number(6), (int)Number(7),
                [.. r[8].Split(';').Select(s => double.Parse(s, CultureInfo.InvariantCulture))]);
        })];
}
