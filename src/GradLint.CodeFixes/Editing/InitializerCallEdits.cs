using System.Globalization;
using Microsoft.CodeAnalysis.Formatting;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace GradLint.CodeFixes.Editing;

/// <summary>Puts another function of <c>torch.nn.init</c>, or other arguments, in place of a call that initializes a weight.</summary>
internal static class InitializerCallEdits
{
    private const string Init = "TorchSharp.torch.nn.init.";

    /// <summary><c>kaiming_normal_(w, nonlinearity: ReLU)</c> or <c>kaiming_normal_(w, a: slope)</c>; uniform where the call was uniform.</summary>
    public static bool TryPlanKaiming(Code code, InvocationExpressionSyntax call, double slope, List<Action<SyntaxEditor>> edits) => TryPlan(
        code,
        call,
        name => "kaiming_" + Distribution(name),
        slope == 0
            ? Argument(NameColon("nonlinearity"), default, Nonlinearity("ReLU"))
            : Argument(NameColon("a"), default, Number(slope)),
        edits);

    /// <summary><c>xavier_normal_(w, calculate_gain(…))</c> with the gain of ReLU, or of LeakyReLU with a slope; uniform where the call was uniform.</summary>
    public static bool TryPlanXavier(Code code, InvocationExpressionSyntax call, double slope, List<Action<SyntaxEditor>> edits) => TryPlan(
        code,
        call,
        name => "xavier_" + Distribution(name),
        Argument(InvocationExpression(
            Code.Static(Init + "calculate_gain"),
            ArgumentList(slope == 0
                ? SingletonSeparatedList(Argument(Nonlinearity("ReLU")))
                : SeparatedList([Argument(Nonlinearity("LeakyReLU")), Argument(Number(slope))])))),
        edits);

    /// <summary><c>kaiming_normal_(w, nonlinearity: Linear)</c>: variance 1/fan_in.</summary>
    public static bool TryPlanLecun(Code code, InvocationExpressionSyntax call, List<Action<SyntaxEditor>> edits) =>
        TryPlan(code, call, name => "kaiming_" + Distribution(name), Argument(NameColon("nonlinearity"), default, Nonlinearity("Linear")), edits);

    /// <summary><c>xavier_normal_(w, gain)</c>; the gain of tanh by its name.</summary>
    public static bool TryPlanXavierGain(Code code, InvocationExpressionSyntax call, double gain, List<Action<SyntaxEditor>> edits) => TryPlan(
        code,
        call,
        name => "xavier_" + Distribution(name),
        Argument(gain == SignalPropagation.Gain.Tanh
            ? InvocationExpression(Code.Static(Init + "calculate_gain"), ArgumentList(SingletonSeparatedList(Argument(Nonlinearity("Tanh")))))
            : Number(gain)),
        edits);

    private static bool TryPlan(Code code, InvocationExpressionSyntax call, Func<string, string> rename, ArgumentSyntax argument, List<Action<SyntaxEditor>> edits)
    {
        if (code.Method(call) is not { } method || !Code.Is(method.ContainingType, code.Symbols.Init) || Tensor(call) is null)
            return false;
        var name = IdentifierName(rename(method.Name));
        edits.Add(editor => editor.ReplaceNode(call, (current, _) =>
        {
            // The tensor keeps edits of its own.
            var edited = (InvocationExpressionSyntax)current;
            var function = edited.Expression is MemberAccessExpressionSyntax access ? access.WithName(name) : (ExpressionSyntax)name.WithTriviaFrom(edited.Expression);
            return edited.WithExpression(function)
                .WithArgumentList(edited.ArgumentList.WithArguments(SeparatedList([Tensor(edited)!.WithoutTrivia(), argument])))
                .WithAdditionalAnnotations(Formatter.Annotation);
        }));
        return true;
    }

    private static ArgumentSyntax? Tensor(InvocationExpressionSyntax call) =>
        call.ArgumentList.Arguments.FirstOrDefault(a => a.NameColon?.Name.Identifier.ValueText == "tensor")
        ?? call.ArgumentList.Arguments.FirstOrDefault(a => a.NameColon is null);

    private static string Distribution(string name) => name.EndsWith("uniform_", StringComparison.Ordinal) ? "uniform_" : "normal_";

    private static ExpressionSyntax Nonlinearity(string name) => Code.Static(Init + "NonlinearityType." + name);

    private static ExpressionSyntax Number(double value) => ParseExpression(value.ToString("R", CultureInfo.InvariantCulture));
}
