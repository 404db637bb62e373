using System.Collections.Immutable;
using GradLint.Analyzers.Embedding;
using GradLint.Analyzers.Evidence;
using GradLint.Analyzers.Reading;
using GradLint.Analyzers.Rules;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Analyzers;

/// <summary>Hosts every rule about networks: each network is read and predicted once and handed to all of them.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class NetworkAnalyzer : DiagnosticAnalyzer
{
    private static readonly ImmutableArray<NetworkRule> Rules = NetworkRules.All;

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.CreateRange(NetworkRules.All, r => r.Descriptor);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(Start);
    }

    private static void Start(CompilationStartAnalysisContext context)
    {
        if (TorchSharpSymbols.TryResolve(context.Compilation) is not { } symbols)
            return;
        var evidence = EvidenceTable.Load(context.Options, context.CancellationToken);
        INetworks networks = SharedNetworks.Of(context.Compilation) is { } shared ? shared : new NetworkReader(context.Compilation, symbols);

        // The named type, not its parts: a constructor and its forward may be written in two files. And its end: by then the compiler of a
        // build has bound what the reader asks for.
        context.RegisterSymbolStartAction(
            start =>
            {
                if (start.Symbol is INamedTypeSymbol { TypeKind: TypeKind.Class } type)
                    start.RegisterSymbolEndAction(end => CheckClass(end, type));
            },
            SymbolKind.NamedType);
        context.RegisterSemanticModelAction(CheckFile);

        void CheckClass(SymbolAnalysisContext end, INamedTypeSymbol type) => Guard.Run(() =>
        {
            foreach (var diagnostic in WhatHolds.Of(networks.OfClass(type, end.CancellationToken), (read, report) => Check(read, end.Options.AnalyzerConfigOptionsProvider, evidence, report, end.CancellationToken)))
                end.ReportDiagnostic(diagnostic);
        });

        // Not one action for each body: for that the compiler would bind every one.
        void CheckFile(SemanticModelAnalysisContext file) => Guard.Run(() =>
        {
            foreach (var diagnostic in WhatHolds.Of(networks.OutsideOfClasses(file.SemanticModel.SyntaxTree, file.CancellationToken), (read, report) => Check(read, file.Options.AnalyzerConfigOptionsProvider, evidence, report, file.CancellationToken)))
                file.ReportDiagnostic(diagnostic);
        });
    }

    /// <summary>The rules that have something to say about a network, by their ids.</summary>
    internal static ImmutableArray<string> Warnings(ReadNetwork read, AnalyzerConfigOptionsProvider options, CancellationToken cancellationToken)
    {
        var settings = new RuleOptions(options.GetOptions(read.Tree));
        var common = Ids(read);
        foreach (var alternative in read.Alternatives.Where(a => a != read && common.Count > 0))
            common.IntersectWith(Ids(alternative));
        return ImmutableArray.CreateRange(common);

        SortedSet<string> Ids(ReadNetwork network)
        {
            var ids = new SortedSet<string>(StringComparer.Ordinal);
            RunRules(new NetworkContext(network, settings, EvidenceTable.Empty, d => ids.Add(d.Id), cancellationToken) { OffersRepairs = false });
            return ids;
        }
    }

    /// <summary>Runs the rules on one network.</summary>
    internal static void Check(ReadNetwork read, AnalyzerConfigOptionsProvider options, EvidenceTable evidence, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        var settings = new RuleOptions(options.GetOptions(read.Tree));
        RunRules(new NetworkContext(read, settings, evidence, report, cancellationToken));
    }

    private static void RunRules(NetworkContext context)
    {
        foreach (var rule in Rules)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            Guard.Run(() => rule.Check(context));
        }
    }
}
