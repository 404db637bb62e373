using System.Collections.Immutable;
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
        var reader = new NetworkReader(context.Compilation, symbols);
        var evidence = EvidenceTable.Load(context.Options, context.CancellationToken);

        // The named type, not its parts: a constructor and its forward may be written in two files.
        context.RegisterSymbolStartAction(
            start =>
            {
                if (start.Symbol is INamedTypeSymbol type && reader.IsModuleClass(type))
                    start.RegisterSymbolEndAction(end => CheckClass(end, type));
            },
            SymbolKind.NamedType);
        context.RegisterOperationBlockAction(CheckBlocks);

        void CheckClass(SymbolAnalysisContext end, INamedTypeSymbol type)
        {
            var networks = reader.ReadAll(type, end.CancellationToken);
            foreach (var diagnostic in WhatHolds.Of(networks, (read, report) => Check(read, end.Options, evidence, report)))
                end.ReportDiagnostic(diagnostic);
        }

        void CheckBlocks(OperationBlockAnalysisContext block)
        {
            // The Sequentials of a module class are parts of its network.
            if (block.OwningSymbol.ContainingType is { } owner && reader.IsModuleClass(owner))
                return;
            foreach (var body in block.OperationBlocks)
            {
                foreach (var read in reader.ReadBody(body, block.OwningSymbol, block.CancellationToken))
                    Check(read, block.Options, evidence, block.ReportDiagnostic);
            }
        }
    }

    /// <summary>The rules that have something to say about a network, by their ids.</summary>
    internal static ImmutableArray<string> Warnings(ReadNetwork read, Prediction prediction, AnalyzerConfigOptionsProvider options)
    {
        var settings = new RuleOptions(options.GetOptions(read.Tree));
        var common = Ids(read, prediction);
        foreach (var alternative in read.Alternatives.Where(a => a != read && common.Count > 0))
            common.IntersectWith(Ids(alternative, Prediction.Of(alternative.Network)));
        return ImmutableArray.CreateRange(common);

        SortedSet<string> Ids(ReadNetwork network, Prediction predicted)
        {
            var ids = new SortedSet<string>(StringComparer.Ordinal);
            RunRules(new NetworkContext(network, predicted, settings, EvidenceTable.Empty, d => ids.Add(d.Id)));
            return ids;
        }
    }

    private static void Check(ReadNetwork read, AnalyzerOptions options, EvidenceTable evidence, Action<Diagnostic> report)
    {
        var settings = new RuleOptions(options.AnalyzerConfigOptionsProvider.GetOptions(read.Tree));
        RunRules(new NetworkContext(read, Prediction.Of(read.Network), settings, evidence, report));
    }

    private static void RunRules(NetworkContext context)
    {
        foreach (var rule in Rules)
            Guard.Run(() => rule.Check(context));
    }
}
