using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Training;

/// <summary>Which recurrent layers an update trains.</summary>
internal sealed partial class TrainingReader
{
    private (IReadOnlyList<RecurrentLayer> Layers, string? Parameters) Updated(IInvocationOperation step, IOperation function, CancellationToken cancellationToken)
    {
        var layers = new List<RecurrentLayer>();
        var sources = new List<IOperation>();
        var optimizers = new ValueOrigins(Index(cancellationToken), models, symbols, cancellationToken).Follow(step.Instance);
        foreach (var origin in optimizers.Found)
        {
            // A resilient optimizer takes the sign of the gradient only: its size cannot do harm.
            if (origin is not IInvocationOperation { TargetMethod: { Name: not "Rprop" } method } call || !symbols.TorchSharp.IsTorchSharps(method))
                continue;
            foreach (var argument in call.Arguments)
            {
                foreach (var source in ModulesIn(argument.Value, 0, cancellationToken))
                {
                    sources.Add(source);
                    layers.AddRange(Recurrent(source, cancellationToken));
                }
            }
        }

        var called = CalledModules(function);
        if (optimizers.Found.Count == 0)
        {
            // Nobody in this compilation says what the optimizer updates: it is the model, where only one is there.
            if (called.Count != 1)
                return ([], null);
            layers.AddRange(Recurrent(called[0], cancellationToken));
            sources.Add(called[0]);
        }

        return layers.Count == 0 ? (layers, null) : (layers, Parameters(step, sources, called, cancellationToken));
    }

    private IReadOnlyList<RecurrentLayer> Recurrent(IOperation model, CancellationToken cancellationToken)
    {
        recurrent ??= new RecurrentLayers(compilation, Index(cancellationToken), models, symbols);
        var (layers, _) = recurrent.Of(model, cancellationToken);
        return layers.Count == 0 || IsFrozen(model, cancellationToken) ? [] : layers;
    }

    /// <summary>The modules whose <c>parameters()</c> are in an expression; none where they are filtered in a way that cannot be followed.</summary>
    private IEnumerable<IOperation> ModulesIn(IOperation parameters, int depth, CancellationToken cancellationToken)
    {
        if (depth > 4)
            yield break;
        var filtered = false;
        var found = new List<IOperation>();
        foreach (var operation in parameters.DescendantsAndSelf())
        {
            switch (operation)
            {
                case IInvocationOperation { TargetMethod.Name: "Where" or "Except" or "Skip" or "Take" or "SkipWhile" or "TakeWhile" } filter
                    when !filter.Syntax.DescendantTokens().Any(t => t.ValueText == "requires_grad"):
                    filtered = true;
                    break;
                case IInvocationOperation { TargetMethod.Name: "parameters" or "named_parameters" } call when ValueOrigins.Receiver(call) is { } module && symbols.IsModule(module.Type):
                    found.Add(module);
                    break;
                case ILocalReferenceOperation or IFieldReferenceOperation or IPropertyReferenceOperation or IParameterReferenceOperation or IInvocationOperation
                    when !symbols.IsModule(operation.Type) && IsSequence(operation.Type):
                    foreach (var origin in new ValueOrigins(Index(cancellationToken), models, symbols, cancellationToken).Follow(operation).Found)
                    {
                        if (origin != operation)
                            found.AddRange(ModulesIn(origin, depth + 1, cancellationToken));
                    }

                    break;
            }
        }

        if (filtered)
            yield break;
        foreach (var module in found)
            yield return module;
    }

    private static bool IsSequence(ITypeSymbol? type) =>
        type is IArrayTypeSymbol || (type is INamedTypeSymbol { SpecialType: not SpecialType.System_String } named
            && (named.Name == "IEnumerable" || named.AllInterfaces.Any(i => i.SpecialType == SpecialType.System_Collections_IEnumerable)));

    /// <summary>The modules that a function calls, each once, losses left out.</summary>
    private List<IOperation> CalledModules(IOperation function)
    {
        var called = new List<IOperation>();
        foreach (var operation in function.Descendants())
        {
            if (operation is IInvocationOperation { TargetMethod.Name: "call" or "forward", Instance: { } module }
                && symbols.IsModule(module.Type) && !IsLoss(module.Type)
                && Referenced(module) is { } symbol && !called.Exists(c => SymbolEqualityComparer.Default.Equals(Referenced(c), symbol)))
                called.Add(module);
        }

        return called;
    }

    private static bool IsLoss(ITypeSymbol? type)
    {
        for (var t = type; t is not null; t = t.BaseType)
        {
            if (t.Name is "Loss" or "WeightedLoss")
                return true;
        }

        return false;
    }

    private static ISymbol? Referenced(IOperation operation) => operation switch
    {
        ILocalReferenceOperation o => o.Local,
        IParameterReferenceOperation o => o.Parameter,
        IFieldReferenceOperation { Instance: null or IInstanceReferenceOperation } o => o.Field,
        IPropertyReferenceOperation { Instance: null or IInstanceReferenceOperation, Arguments.IsEmpty: true } o => o.Property,
        _ => null,
    };
}
