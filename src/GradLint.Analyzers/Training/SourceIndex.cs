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
    private static readonly ConditionalWeakTable<Compilation, Once<SourceIndex>> Known = new();

    private readonly Dictionary<string, List<SyntaxNode>> calls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(ExpressionSyntax Left, ExpressionSyntax Right)>> assignments = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<TypeDeclarationSyntax>> derived = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<BaseObjectCreationExpressionSyntax>> constructions = new(StringComparer.Ordinal);
    private readonly List<MemberDeclarationSyntax> writers = [];
    private readonly List<SimpleNameSyntax> clippingNames = [];
    private readonly List<SimpleNameSyntax> freezingNames = [];
    private readonly HashSet<string> globalUsings = new(StringComparer.Ordinal);

    private SourceIndex(IEnumerable<FileIndex> files)
    {
        foreach (var file in files)
        {
            AddTo(calls, file.Calls);
            AddTo(assignments, file.Assignments);
            AddTo(derived, file.Derived);
            AddTo(constructions, file.Constructions);
            writers.AddRange(file.Writers);
            clippingNames.AddRange(file.ClippingNames);
            freezingNames.AddRange(file.FreezingNames);
            globalUsings.UnionWith(file.GlobalUsings);
            RunsBackward |= file.RunsBackward;
            ReplacesWeights |= file.ReplacesWeights;
            InitializesElsewhere |= file.InitializesElsewhere;
        }
    }

    /// <summary>Names that may have to do with clipping: <c>grad</c>, and everything that contains <c>clip</c>.</summary>
    public IReadOnlyList<SimpleNameSyntax> ClippingNames => clippingNames;

    /// <summary><c>requires_grad</c> and <c>requires_grad_</c>, by which a part of a model is frozen.</summary>
    public IReadOnlyList<SimpleNameSyntax> FreezingNames => freezingNames;

    /// <summary>Whether anything is called <c>backward</c>.</summary>
    public bool RunsBackward { get; }

    /// <summary>Whether weights may be anything but TorchSharp's default: an orthogonal or identity initialization, or loaded ones, somewhere in the compilation.</summary>
    public bool ReplacesWeights { get; }

    /// <summary>Whether parameters may be initialized anywhere but in the constructor of their own module.</summary>
    public bool InitializesElsewhere { get; }

    /// <summary>The index of a compilation, made once for all who ask.</summary>
    public static SourceIndex Of(Compilation compilation, CancellationToken cancellationToken) =>
        Known.GetOrCreateValue(compilation).Get(() => Build(compilation, cancellationToken), cancellationToken);

    private static SourceIndex Build(Compilation compilation, CancellationToken cancellationToken)
    {
        var trees = compilation.SyntaxTrees.ToArray();
        var files = new FileIndex[trees.Length];
        Parallel.For(0, trees.Length, Parallelism.Of(compilation, cancellationToken), i => files[i] = FileIndex.Of(trees[i], cancellationToken));
        return new(files);
    }

    /// <summary>Every name that is called or constructed.</summary>
    public IEnumerable<string> CalledNames => calls.Keys;

    /// <summary>Types that name a base or an interface.</summary>
    public IEnumerable<TypeDeclarationSyntax> Derived => derived.Values.SelectMany(types => types).Distinct();

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

    /// <summary>Whether a <c>global using</c> directive names something of this last name.</summary>
    public bool HasGlobalUsing(string name) => globalUsings.Contains(name);

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

    private static void AddTo<T>(Dictionary<string, List<T>> table, IEnumerable<(string Name, T Value)> found)
    {
        foreach (var (name, value) in found)
        {
            if (!table.TryGetValue(name, out var list))
                table.Add(name, list = []);
            list.Add(value);
        }
    }
}
