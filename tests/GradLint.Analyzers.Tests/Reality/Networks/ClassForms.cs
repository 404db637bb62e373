using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace Networks.ClassForms;

/// <summary>A base class that holds the head, an abstract method for the rest.</summary>
public abstract class ClassifierBase : Module<Tensor, Tensor>
{
    protected readonly Linear head;

    protected ClassifierBase(string name, int features, int classes = 10) : base(name)
    {
        head = Linear(features, classes);
    }

    protected abstract Tensor Features(Tensor x);

    public override Tensor forward(Tensor x) => head.call(Features(x));
}

public class DerivedClassifier : ClassifierBase
{
    private readonly Linear hidden1;
    private readonly Linear hidden2;

    public DerivedClassifier() : base(nameof(DerivedClassifier), features: 40)
    {
        hidden1 = Linear(20, 40);
        hidden2 = Linear(40, 40);
        RegisterComponents();
    }

    protected override Tensor Features(Tensor x) => torch.sigmoid(hidden2.call(torch.sigmoid(hidden1.call(x))));
}

/// <summary>A class in two parts, its layers in properties.</summary>
public partial class PartialNet : Module<Tensor, Tensor>
{
    public Linear Input { get; }

    public Linear Hidden { get; private set; }

    public Linear Output { get; }

    public PartialNet() : base(nameof(PartialNet))
    {
        Input = Linear(12, 24);
        Hidden = Linear(24, 24);
        Output = Linear(24, 3);
        RegisterComponents();
    }
}

public partial class PartialNet
{
    public override Tensor forward(Tensor x)
    {
        x = relu(Input.call(x));
        x = relu(Hidden.call(x));
        return Output.call(x);
    }
}

/// <summary>A generic wrapper around any module, nested in the class that uses it.</summary>
public class GenericNet : Module<Tensor, Tensor>
{
    private readonly Residual<Linear> first;
    private readonly Residual<Sequential> second;
    private readonly Linear head;

    public GenericNet() : base(nameof(GenericNet))
    {
        first = new Residual<Linear>(Linear(16, 16));
        second = new Residual<Sequential>(Sequential(Linear(16, 32), ReLU(), Linear(32, 16)));
        head = Linear(16, 2);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => head.call(second.call(relu(first.call(x))));

    public class Residual<T> : Module<Tensor, Tensor>
        where T : Module<Tensor, Tensor>
    {
        private readonly T inner;

        public Residual(T inner) : base("Residual")
        {
            this.inner = inner;
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => inner.call(x) + x;
    }
}

/// <summary>Constructors that hand over to each other, and a width computed in between.</summary>
public class ChainedConstructors : Module<Tensor, Tensor>
{
    private const double Expansion = 1.5;
    private readonly Linear fc1, fc2;

    public ChainedConstructors() : this(16)
    {
    }

    public ChainedConstructors(int inputs) : this(inputs, (int)(inputs * Expansion))
    {
    }

    private ChainedConstructors(int inputs, int hidden) : base(nameof(ChainedConstructors))
    {
        this.fc1 = Linear(inputs, hidden);
        this.fc2 = Linear(hidden, 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var h = fc1.call(x);
        using var a = h.relu();
        return fc2.call(a);
    }
}

/// <summary>Two branches of one shared encoder (Bromley et al. 1993).</summary>
public class Siamese : Module<Tensor, Tensor, Tensor>
{
    private readonly Sequential encoder = Sequential(Linear(20, 32), ReLU(), Linear(32, 8));
    private readonly Linear compare = Linear(8, 1);

    public Siamese() : base(nameof(Siamese)) => RegisterComponents();

    private Tensor Encode(Tensor x) => encoder.call(x);

    public override Tensor forward(Tensor left, Tensor right) => compare.call((Encode(left) - Encode(right)).abs());
}

/// <summary>Zaheer et al. 2017: each element by itself, their sum, the rest.</summary>
public class DeepSets : Module<Tensor, Tensor>
{
    private readonly Sequential phi;
    private readonly Sequential rho;

    public DeepSets(long dim = 32) : base(nameof(DeepSets))
    {
        phi = Sequential(("1", Linear(3, dim)), ("act", ELU()), ("2", Linear(dim, dim)));
        rho = Sequential(("1", Linear(dim, dim)), ("act", ELU()), ("2", Linear(dim, 1)));
        RegisterComponents();
    }

    public override Tensor forward(Tensor set) => rho.call(phi.call(set).sum(1));
}

/// <summary>Kipf and Welling 2016: features and an adjacency matrix.</summary>
public class GraphConvolution : Module<Tensor, Tensor, Tensor>
{
    private readonly Linear gc1, gc2;
    private readonly double dropout;

    public GraphConvolution(int features = 10, int hidden = 16, int classes = 4, double dropout = 0.5) : base("GCN")
    {
        gc1 = Linear(features, hidden, hasBias: false);
        gc2 = Linear(hidden, classes, hasBias: false);
        this.dropout = dropout;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Tensor adj)
    {
        x = relu(adj.matmul(gc1.call(x)));
        x = functional.dropout(x, dropout, training);
        x = adj.matmul(gc2.call(x));
        return log_softmax(x, 1);
    }
}

/// <summary>Layers that are made only where they are wanted.</summary>
public class OptionalLayers : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(18, 36);
    private readonly Linear fc2 = Linear(36, 36);
    private readonly Linear fc3 = Linear(36, 4);
    private readonly LayerNorm? norm;
    private readonly Dropout? drop;

    public OptionalLayers(bool normalize = true, double dropout = 0) : base(nameof(OptionalLayers))
    {
        if (normalize)
            norm = LayerNorm(36);
        drop = dropout > 0 ? Dropout(dropout) : null;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = relu(fc1.call(x));
        if (norm is not null)
            x = norm.call(x);
        if (drop is not null)
            x = drop.call(x);
        x = relu(fc2.call(x));
        return fc3.call(x);
    }
}

/// <summary>Two modules with the same weights: one layer, called twice.</summary>
public class SharedLayer : Module<Tensor, Tensor>
{
    private readonly Linear input = Linear(10, 24), shared = Linear(24, 24), output = Linear(24, 3);

    public SharedLayer() : base(nameof(SharedLayer)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        x = input.call(x).relu();
        for (var i = 0; i < 3; i++)
            x = shared.call(x).relu();
        return output.call(x);
    }
}
