using System.Globalization;
using GradLint.Analyzers.Rules;
using Microsoft.CodeAnalysis.CSharp;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace GradLint.CodeFixes.Editing;

/// <summary>The call that initializes a layer's weight for the activation behind it.</summary>
internal sealed class LayerInitialization
{
    private const string Init = "TorchSharp.torch.nn.init.";

    private readonly Func<Code, ExpressionSyntax, ITypeSymbol, (string Function, ArgumentSyntax[] Arguments)> call;

    private LayerInitialization(Func<Code, ExpressionSyntax, ITypeSymbol, (string Function, ArgumentSyntax[] Arguments)> call) => this.call = call;

    /// <summary><c>kaiming_normal_(w, nonlinearity: ReLU)</c></summary>
    public static LayerInitialization ForRelu { get; } = new((_, _, _) =>
        ("kaiming_normal_", [Argument(NameColon("nonlinearity"), default, Code.Static(Init + "NonlinearityType.ReLU"))]));

    /// <summary><c>kaiming_normal_(w, a: 0.2)</c></summary>
    public static LayerInitialization ForLeakyRelu { get; } = new((_, _, _) =>
        ("kaiming_normal_", [Argument(NameColon("a"), default, Number(GRAD1001_SaturatingActivationsVanishGradient.LeakySlope))]));

    /// <summary><c>normal_(w, 0, gain / Math.Sqrt(fan_in))</c></summary>
    public static LayerInitialization WithGain(double gain) => new((code, layer, type) =>
        ("normal_", [Argument(Number(0)), Argument(BinaryExpression(SyntaxKind.DivideExpression, Number(gain), RootOfFanIn(code, layer, type)))]));

    /// <param name="code">The file.</param>
    /// <param name="layer">An expression for the layer.</param>
    /// <param name="type">Its class.</param>
    public StatementSyntax Of(Code code, ExpressionSyntax layer, ITypeSymbol type)
    {
        var (function, arguments) = call(code, layer, type);
        var weight = Argument(Member(layer, "weight"));
        return ExpressionStatement(InvocationExpression(Code.Static(Init + function), ArgumentList(SeparatedList(new[] { weight }.Concat(arguments)))));
    }

    /// <summary>A linear layer tells its fan_in; a convolution's has the kernel in it.</summary>
    private static ExpressionSyntax RootOfFanIn(Code code, ExpressionSyntax layer, ITypeSymbol type)
    {
        var fanIn = type.Name == "Linear"
            ? Member(layer, "in_features")
            : Member(InvocationExpression(Code.Static(Init + "CalculateFanInAndFanOut"), ArgumentList(SingletonSeparatedList(Argument(Member(layer, "weight"))))), "fanIn");
        ExpressionSyntax math = code.Model.Compilation.GetTypeByMetadataName("System.Math") is { } known ? code.TypeName(known) : IdentifierName("Math");
        return InvocationExpression(Member(math, "Sqrt"), ArgumentList(SingletonSeparatedList(Argument(fanIn))));
    }

    private static MemberAccessExpressionSyntax Member(ExpressionSyntax of, string name) =>
        MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, of, IdentifierName(name));

    private static ExpressionSyntax Number(double value) => ParseExpression(value.ToString("R", CultureInfo.InvariantCulture));
}
