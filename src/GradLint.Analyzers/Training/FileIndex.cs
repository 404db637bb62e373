using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Analyzers.Training;

/// <summary>
/// Where names are called and assigned in one file. To walk through all nodes of a file takes longer than to look at what was found, so it
/// is done once for all compilations that the file is in: those of the generator and of the analyzers, those between two keystrokes elsewhere.
/// </summary>
internal sealed class FileIndex
{
    private static readonly ConditionalWeakTable<SyntaxTree, FileIndex> Known = new();

    private readonly List<(string Name, SyntaxNode Call)> calls = [];
    private readonly List<(string Name, (ExpressionSyntax Left, ExpressionSyntax Right) Sides)> assignments = [];
    private readonly List<(string Name, TypeDeclarationSyntax Type)> derived = [];
    private readonly List<(string Name, BaseObjectCreationExpressionSyntax Creation)> constructions = [];
    private readonly HashSet<MemberDeclarationSyntax> writers = [];
    private readonly List<SimpleNameSyntax> clippingNames = [];
    private readonly List<SimpleNameSyntax> freezingNames = [];
    private readonly HashSet<string> globalUsings = new(StringComparer.Ordinal);

    private FileIndex()
    {
    }

    public IReadOnlyList<(string Name, SyntaxNode Call)> Calls => calls;

    public IReadOnlyList<(string Name, (ExpressionSyntax Left, ExpressionSyntax Right) Sides)> Assignments => assignments;

    public IReadOnlyList<(string Name, TypeDeclarationSyntax Type)> Derived => derived;

    public IReadOnlyList<(string Name, BaseObjectCreationExpressionSyntax Creation)> Constructions => constructions;

    public IReadOnlyCollection<MemberDeclarationSyntax> Writers => writers;

    public IReadOnlyList<SimpleNameSyntax> ClippingNames => clippingNames;

    public IReadOnlyList<SimpleNameSyntax> FreezingNames => freezingNames;

    public IReadOnlyCollection<string> GlobalUsings => globalUsings;

    public bool RunsBackward { get; private set; }

    public bool ReplacesWeights { get; private set; }

    public bool InitializesElsewhere { get; private set; }

    /// <summary>The index of a file, made once for all who ask.</summary>
    public static FileIndex Of(SyntaxTree tree, CancellationToken cancellationToken) => Known.GetValue(tree, t => Build(t, cancellationToken));

    private static FileIndex Build(SyntaxTree tree, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var index = new FileIndex();
        foreach (var node in tree.GetRoot(cancellationToken).DescendantNodes())
            index.Add(node);
        return index;
    }

    private void Add(SyntaxNode node)
    {
        switch (node)
        {
            case SimpleNameSyntax name:
                AddName(name);
                break;
            case InvocationExpressionSyntax invocation when SourceIndex.LastName(invocation.Expression) is { Length: > 0 } name:
                calls.Add((name, invocation));
                break;
            case ObjectCreationExpressionSyntax creation:
                calls.Add((SourceIndex.LastName(creation.Type), creation));
                constructions.Add((SourceIndex.LastName(creation.Type), creation));
                break;
            case ImplicitObjectCreationExpressionSyntax creation:
                calls.Add(("", node));
                if (SourceIndex.LastName(DeclaredType(creation)) is { Length: > 0 } declared)
                    constructions.Add((declared, creation));
                break;
            case ConstructorInitializerSyntax:
                calls.Add(("", node));
                break;
            case PrimaryConstructorBaseTypeSyntax primary:
                calls.Add((SourceIndex.LastName(primary.Type), primary));
                break;
            case UsingDirectiveSyntax directive when !directive.GlobalKeyword.IsKind(SyntaxKind.None):
                globalUsings.Add(SourceIndex.LastName(directive.Name));
                break;
            case AssignmentExpressionSyntax assignment:
                AddAssignment(assignment.Left, assignment.Right);
                break;
            case TypeDeclarationSyntax { BaseList: { } bases } type:
                foreach (var ancestor in bases.Types)
                    derived.Add((SourceIndex.LastName(ancestor.Type), type));
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
        && (tensor.DescendantNodesAndSelf().Any(n => SourceIndex.LastName(n) is "weight" or "bias")
            || method.FirstAncestorOrSelf<CommonForEachStatementSyntax>() is { Expression: var items } && items.DescendantNodesAndSelf().Any(n => SourceIndex.LastName(n) is "parameters" or "named_parameters"));

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
                clippingNames.Add(name);
                break;
            case "requires_grad" or "requires_grad_":
                freezingNames.Add(name);
                break;
            case "orthogonal_" or "orthogonal" or "eye_" or "eye" or "dirac_" or "load" or "load_state_dict" or "load_py":
                ReplacesWeights = true;
                break;
            default:
                if (text.IndexOf("clip", StringComparison.OrdinalIgnoreCase) >= 0)
                    clippingNames.Add(name);
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
        else if (SourceIndex.LastName(left) is { Length: > 0 } name)
        {
            assignments.Add((name, (left, right)));
        }
    }
}
