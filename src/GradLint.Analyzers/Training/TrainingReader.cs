using GradLint.Analyzers.Embedding;
using GradLint.Analyzers.Reading;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Training;

/// <summary>
/// Reads the training code of one compilation. A loop is read where it is written, so that an editor shows what is found; the facts of
/// the rest of the compilation are gathered when the first loop asks for them.
/// </summary>
internal sealed partial class TrainingReader(Compilation compilation, TrainingSymbols symbols)
{
    private readonly SemanticModels models = new(compilation);
    private RecurrentLayers? recurrent;
    private INetworks? networks;
    private object? clips;

    /// <summary>How many bodies and expressions were bound for it.</summary>
    public int Bound => models.Bound;

    /// <summary>What a body does; null where it does nothing.</summary>
    public IOperation? Operation(SyntaxNode body, CancellationToken cancellationToken) => models.Operation(body, cancellationToken);

    /// <summary>What is predicted of the gradient of a recurrent layer over time; null where its model could not be read, or not in one way, or does not run it.</summary>
    public TimePrediction? Time(RecurrentLayer layer, CancellationToken cancellationToken)
    {
        networks ??= SharedNetworks.Of(compilation) is { } shared ? shared : new NetworkReader(compilation, symbols.TorchSharp);
        if (layer.Model is not INamedTypeSymbol model)
            return null;
        var times = networks.OfClass(model.OriginalDefinition, cancellationToken)
            .Select(read => read.Predict(cancellationToken).Layers.FirstOrDefault(l => l.Path == layer.Path && l.Node.Operation is Operation.Recurrent { Steps: not 1 })?.Time).ToList();
        return times.Count > 0 && times.All(t => t?.Horizon == times[0]?.Horizon) ? times[0] : null;
    }

    public SourceIndex Index(CancellationToken cancellationToken) => SourceIndex.Of(compilation, cancellationToken);

    /// <summary>Whether anything in the compilation clips gradients.</summary>
    public bool Clips(CancellationToken cancellationToken)
    {
        clips ??= new GradientClipping(Index(cancellationToken), models, symbols).Exists(cancellationToken);
        return (bool)clips;
    }

    /// <summary>Whether anything in the compilation computes gradients.</summary>
    public bool RunsBackward(CancellationToken cancellationToken) => Index(cancellationToken).RunsBackward;

    /// <summary>The loops of a body that update recurrent models.</summary>
    public IReadOnlyList<TrainingLoop> RecurrentLoops(IOperation body, CancellationToken cancellationToken)
    {
        var loops = new List<(IOperation Loop, List<OptimizerStep> Steps)>();
        foreach (var operation in body.Descendants())
        {
            if (operation is not IInvocationOperation { TargetMethod.Name: "step", Instance: { } optimizer } call || !symbols.IsOptimizer(optimizer.Type))
                continue;
            var function = Enclosing(call, isLoop: false);
            if (HandsOut(function) || IsPartOfLibrary(call, cancellationToken))
                continue;
            var (layers, parameters) = Updated(call, function, cancellationToken);
            if (layers.Count == 0)
                continue;
            var loop = Enclosing(call, isLoop: true);
            var steps = loops.Find(l => l.Loop == loop).Steps;
            if (steps is null)
                loops.Add((loop, steps = []));
            steps.Add(new(call, layers, parameters));
        }

        return loops.ConvertAll(l => new TrainingLoop(l.Steps));
    }

    /// <summary>The innermost loop around an operation, or the function when there is none.</summary>
    private static IOperation Enclosing(IOperation operation, bool isLoop)
    {
        var at = operation;
        while (at.Parent is { } parent)
        {
            at = parent;
            if (at is IAnonymousFunctionOperation or ILocalFunctionOperation || (isLoop && at is ILoopOperation))
                return at;
        }

        return at;
    }
}
