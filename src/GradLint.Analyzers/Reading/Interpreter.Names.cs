using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Analyzers.Reading;

// Calls that do not bind: code that is being typed, or that was written for another version of TorchSharp.
internal sealed partial class Interpreter
{
    /// <summary>A factory of <c>torch.nn</c> by the method that it may mean, and a call of a module by its name; null for anything else.</summary>
    private Value? InvokeByName(IOperation call, Frame frame)
    {
        if (call.Syntax is not InvocationExpressionSyntax invocation || call.SemanticModel is not { } model)
            return null;
        if (invocation.Expression is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "forward" or "call" } access
            && Evaluate(access.Expression) is ModuleValue module and not ObjectValue { IsModule: false })
            return Apply(module, [.. invocation.ArgumentList.Arguments.Select(a => Evaluate(a.Expression))], invocation);

        var candidates = model.GetSymbolInfo(invocation, cancellationToken).CandidateSymbols.OfType<IMethodSymbol>()
            .Where(m => SymbolEqualityComparer.Default.Equals(m.ContainingType, symbols.Nn) && symbols.IsModule(m.ReturnType)).ToList();
        if (candidates.Count == 0)
            return null;
        var method = candidates[0];
        foreach (var candidate in candidates)
        {
            // The one that knows most of the names.
            if (Known(candidate) > Known(method))
                method = candidate;
        }

        var arguments = new List<(string, Value)>();
        foreach (var argument in invocation.ArgumentList.Arguments)
        {
            var name = argument.NameColon?.Name.Identifier.ValueText
                ?? (arguments.Count < method.Parameters.Length ? method.Parameters[arguments.Count].Name : "");
            arguments.Add((name, Evaluate(argument.Expression)));
        }

        return Factory(method, Arguments.Named(Gathered(method, arguments)), call);

        int Known(IMethodSymbol candidate) => invocation.ArgumentList.Arguments.Count(a => a.NameColon is { } named && candidate.Parameters.Any(p => p.Name == named.Name.Identifier.ValueText));

        Value Evaluate(ExpressionSyntax expression) => model.GetOperation(expression, cancellationToken) is { } operation ? this.Evaluate(operation, frame) : Value.Unknown;
    }

    /// <summary>Arguments of a <c>params</c> method as the one array that it takes.</summary>
    private static List<(string, Value)> Gathered(IMethodSymbol method, List<(string Name, Value Value)> arguments) =>
        method.Parameters.Length == 1 && method.Parameters[0].IsParams && !(arguments.Count == 1 && arguments[0].Value is ListValue)
            ? [(method.Parameters[0].Name, new ListValue([.. arguments.Select(a => a.Value)]))]
            : arguments;
}
