namespace GradLint.SignalPropagation.Propagation;

/// <summary>
/// One recurrent layer, one direction, over a sequence: second moments of its state between all pairs of steps, and of the gradient. The weights are
/// the same at every step. Products between different steps are therefore needed: what reaches an early step by several ways through time that
/// meet weight_hh equally often adds up coherently (dynamical mean-field theory: Can, Krishnamurthy and Schwab 2020, arXiv:2002.00025).
/// </summary>
internal abstract class CellDynamics(in CellWeights weights, OverTime input)
{
    protected readonly CellWeights Weights = weights;

    protected readonly OverTime Input = input;

    protected readonly int Steps = input.Steps;

    /// <summary>Of a unit's output.</summary>
    public readonly OverTime Output = new(input.Steps);

    /// <summary>How much of what a step does to the gradient is the same at a distant step: 1 for all of it.</summary>
    public abstract double Coherence { get; }

    /// <summary>Whether the gradient goes on to fall by the same factor at each step.</summary>
    public virtual bool FadesExponentially => true;

    /// <summary>Variance of ln of the squared gradient n steps back, over draws of the weights.</summary>
    public virtual double VarianceAfter(double n) => Amplification.Variance(Weights, Coherence, HiddenShare, n);

    /// <summary>Share of one step of the gradient that leads through weight_hh; the rest stays in the cell.</summary>
    protected abstract double HiddenShare { get; }

    /// <summary>Of the gradient of all gates' arguments, summed over the gates, for one hidden unit, where <paramref name="output"/> is the gradient of
    /// a unit's output. Times Var(weight_ih) · hidden size it is the gradient of an input.</summary>
    public abstract OverTime Backward(OverTime output);

    /// <summary>Runs a layer forward from a state of zeros; null where the cell is not modelled with such weights.</summary>
    public static CellDynamics? Run(RecurrentCell cell, in CellWeights weights, bool isIdentity, OverTime input) => (cell, isIdentity) switch
    {
        (RecurrentCell.ReLU, true) => new IdentityReluDynamics(weights, input),
        (_, true) => null,
        (RecurrentCell.LSTM, _) => new LstmDynamics(weights, input),
        (RecurrentCell.GRU, _) => new GruDynamics(weights, input),
        _ => new ElmanDynamics(cell, weights, input),
    };

    /// <summary>Adds step <paramref name="t"/> of Σ W·x + Σ U·h + b to its argument.</summary>
    /// <param name="argument">The argument.</param>
    /// <param name="t">The step.</param>
    /// <param name="bias">Second moment of b.</param>
    /// <param name="products">Becomes its mean products with all steps up to it.</param>
    protected void AddArgument(CorrelationOverTime argument, int t, double bias, double[] products)
    {
        var (inputs, row) = (Input.Rows, OverTime.Row(t));
        var (states, before) = (Output.Rows, OverTime.Row(t - 1) - 1);
        products[0] = Weights.Input * inputs[row] + bias;
        for (var s = 1; s <= t; s++)
            products[s] = Weights.Input * inputs[row + s] + Weights.Hidden * states[before + s] + bias;
        argument.Add(t, products);
    }
}
