using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Analyzers.Training;

/// <summary>
/// Where names are called and assigned in a compilation. Model, loss and optimizer often meet only at a call site in another file; by the
/// name alone it is found which few nodes are worth binding.
/// </summary>
internal sealed class SourceIndex
{
    private static readonly ConditionalWeakTable<Compilation, SourceIndex> Known = new();

    private readonly Dictionary<string, List<SyntaxNode>> calls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(ExpressionSyntax Left, ExpressionSyntax Right)>> assignments = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<TypeDeclarationSyntax>> derived = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<BaseObjectCreationExpressionSyntax>> constructions = new(StringComparer.Ordinal);
    private readonly HashSet<MemberDeclarationSyntax> writers = [];

    private SourceIndex()
    {
    }

    /// <summary>Names that may have to do with clipping: <c>grad</c>, and everything that contains <c>clip</c>.</summary>
    public List<SimpleNameSyntax> ClippingNames { get; } = [];

    /// <summary><c>requires_grad</c> and <c>requires_grad_</c>, by which a part of a model is frozen.</summary>
    public List<SimpleNameSyntax> FreezingNames { get; } = [];

    /// <summary>Whether anything is called <c>backward</c>.</summary>
    public bool RunsBackward { get; private set; }

    /// <summary>Whether weights may be anything but TorchSharp's default: an orthogonal or identity initialization, or loaded ones, somewhere in the compilation.</summary>
    public bool ReplacesWeights { get; private set; }

    /// <summary>The index of a compilation, made once for all who ask.</summary>
    public static SourceIndex Of(Compilation compilation, CancellationToken cancellationToken) => Known.GetValue(compilation, c => Build(c, cancellationToken));

    private static SourceIndex Build(Compilation compilation, CancellationToken cancellationToken)
    {
        var index = new SourceIndex();
        foreach (var tree in compilation.SyntaxTrees)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var node in tree.GetRoot(cancellationToken).DescendantNodes())
                index.Add(node);
        }

        return index;
    }

    /// <summary>Invocations of methods of this name, or constructions of types of this name.</summary>
    public IReadOnlyList<SyntaxNode> Calls(string name) => calls.TryGetValue(name, out var found) ? found : [];

    /// <summary><c>new(…)</c> without a type, <c>: this(…)</c> and <c>: base(…)</c>.</summary>
    public IReadOnlyList<SyntaxNode> UnnamedConstructions => Calls("");

    /// <summary>Assignments whose left side ends in this name, those of object initializers and of tuples included.</summary>
    public IReadOnlyList<(ExpressionSyntax Left, ExpressionSyntax Right)> Assignments(string name) => assignments.TryGetValue(name, out var found) ? found : [];

    /// <summary><c>new Name(…)</c>, and <c>new(…)</c> where a declaration says that it is a Name.</summary>
    public IReadOnlyList<BaseObjectCreationExpressionSyntax> Constructions(string name) => constructions.TryGetValue(name, out var found) ? found : [];

    /// <summary>The members other than constructors in which parameters may be initialized, by the names of what does it.</summary>
    public IReadOnlyCollection<MemberDeclarationSyntax> Writers => writers;

    /// <summary>Whether parameters may be initialized anywhere but in the constructor of their own module.</summary>
    public bool InitializesElsewhere { get; private set; }

    /// <summary>The last names of what <c>global using</c> directives name.</summary>
    public HashSet<string> GlobalUsings { get; } = new(StringComparer.Ordinal);

    /// <summary>Types with a base of this name.</summary>
    public IReadOnlyList<TypeDeclarationSyntax> DerivedFrom(string name) => derived.TryGetValue(name, out var found) ? found : [];

    /// <summary>The last name of <c>a.b.C&lt;T&gt;</c>; empty where there is none.</summary>
    public static string LastName(SyntaxNode? expression) => expression switch
    {
        SimpleNameSyntax name => name.Identifier.ValueText,
        MemberAccessExpressionSyntax access => access.Name.Identifier.ValueText,
        MemberBindingExpressionSyntax binding => binding.Name.Identifier.ValueText,
        QualifiedNameSyntax qualified => qualified.Right.Identifier.ValueText,
        AliasQualifiedNameSyntax alias => alias.Name.Identifier.ValueText,
        NullableTypeSyntax nullable => LastName(nullable.ElementType),
        _ => "",
    };

    private void Add(SyntaxNode node)
    {
        switch (node)
        {
            case SimpleNameSyntax name:
                AddName(name);
                break;
            case InvocationExpressionSyntax invocation when LastName(invocation.Expression) is { Length: > 0 } name:
                AddTo(calls, name, invocation);
                break;
            case ObjectCreationExpressionSyntax creation:
                AddTo(calls, LastName(creation.Type), creation);
                AddTo(constructions, LastName(creation.Type), creation);
                break;
            case ImplicitObjectCreationExpressionSyntax creation:
                AddTo(calls, "", node);
                if (LastName(DeclaredType(creation)) is { Length: > 0 } declared)
                    AddTo(constructions, declared, creation);
                break;
            case ConstructorInitializerSyntax:
                AddTo(calls, "", node);
                break;
            case PrimaryConstructorBaseTypeSyntax primary:
                AddTo(calls, LastName(primary.Type), primary);
                break;
            case UsingDirectiveSyntax directive when !directive.GlobalKeyword.IsKind(SyntaxKind.None):
                GlobalUsings.Add(LastName(directive.Name));
                break;
            case AssignmentExpressionSyntax assignment:
                AddAssignment(assignment.Left, assignment.Right);
                break;
            case TypeDeclarationSyntax { BaseList: { } bases } type:
                foreach (var ancestor in bases.Types)
                    AddTo(derived, LastName(ancestor.Type), type);
                break;
        }
    }

    /// <summary>The type that the declaration around <c>new(…)</c> gives; null where none does.</summary>
    private static TypeSyntax? DeclaredType(ImplicitObjectCreationExpressionSyntax creation) => creation.Parent switch
    {
        EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax variable } } => variable.Type,
        EqualsValueClauseSyntax { Parent: PropertyDeclarationSyntax property } => property.Type,
        ArrowExpressionClauseSyntax { Parent: PropertyDeclarationSyntax property } => property.Type,
        ArrowExpressionClauseSyntax { Parent: MethodDeclarationSyntax method } => method.ReturnType,
        ReturnStatementSyntax statement => statement.FirstAncestorOrSelf<MethodDeclarationSyntax>()?.ReturnType,
        _ => null,
    };

    /// <summary>Names by which parameters are initialized; what loads trained ones is not among them.</summary>
    private static bool Initializes(string name) => name switch
    {
        "init" or "apply" or "orthogonal_" => true,
        _ => name.StartsWith("kaiming_", StringComparison.Ordinal) || name.StartsWith("xavier_", StringComparison.Ordinal)
            || name.StartsWith("trunc_normal_", StringComparison.Ordinal) || name.StartsWith("constant_", StringComparison.Ordinal),
    };

    /// <summary>Whether a tensor method is called on something that is called weight or bias, or in a loop over parameters.</summary>
    private static bool IsOnParameter(SimpleNameSyntax method) =>
        method.Parent is MemberAccessExpressionSyntax { Expression: var tensor }
        && (tensor.DescendantNodesAndSelf().Any(n => LastName(n) is "weight" or "bias")
            || method.FirstAncestorOrSelf<CommonForEachStatementSyntax>() is { Expression: var items } && items.DescendantNodesAndSelf().Any(n => LastName(n) is "parameters" or "named_parameters"));

    private void AddName(SimpleNameSyntax name)
    {
        var text = name.Identifier.ValueText;
        if (Initializes(text) || (text is "normal_" or "uniform_" or "fill_" or "zero_" && IsOnParameter(name)))
            AddWriter(name.FirstAncestorOrSelf<MemberDeclarationSyntax>());
        switch (text)
        {
            case "backward":
                RunsBackward = true;
                break;
            case "grad":
                ClippingNames.Add(name);
                break;
            case "requires_grad" or "requires_grad_":
                FreezingNames.Add(name);
                break;
            case "orthogonal_" or "orthogonal" or "eye_" or "eye" or "dirac_" or "load" or "load_state_dict" or "load_py":
                ReplacesWeights = true;
                break;
            default:
                if (text.IndexOf("clip", StringComparison.OrdinalIgnoreCase) >= 0)
                    ClippingNames.Add(name);
                break;
        }
    }

    private void AddWriter(MemberDeclarationSyntax? member)
    {
        switch (member)
        {
            case null or MethodDeclarationSyntax { Identifier.ValueText: "forward" }:
                break;
            case ConstructorDeclarationSyntax or BaseFieldDeclarationSyntax or BaseTypeDeclarationSyntax:
                // A module initializes itself.
                InitializesElsewhere |= member.FirstAncestorOrSelf<TypeDeclarationSyntax>()?.Members.Any(m => m is MethodDeclarationSyntax { Identifier.ValueText: "forward" }) != true;
                break;
            default:
                InitializesElsewhere = true;
                writers.Add(member);
                break;
        }
    }

    private void AddAssignment(ExpressionSyntax left, ExpressionSyntax right)
    {
        if (left is TupleExpressionSyntax targets && right is TupleExpressionSyntax values && targets.Arguments.Count == values.Arguments.Count)
        {
            for (var i = 0; i < targets.Arguments.Count; i++)
                AddAssignment(targets.Arguments[i].Expression, values.Arguments[i].Expression);
        }
        else if (LastName(left) is { Length: > 0 } name)
        {
            AddTo(assignments, name, (left, right));
        }
    }

    private static void AddTo<T>(Dictionary<string, List<T>> table, string key, T value)
    {
        if (!table.TryGetValue(key, out var list))
            table.Add(key, list = []);
        list.Add(value);
    }
}
