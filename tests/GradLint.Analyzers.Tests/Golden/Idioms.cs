namespace GradLint.Analyzers.Tests.Golden;

/// <summary>What people write, by the names that the golden sources use for it.</summary>
internal static class Idioms
{
    public static IReadOnlyList<string> All { get; } =
    [
        // Classes and their members.
        "user-base-class", "partial-class", "chained-constructor", "several-inputs",
        "constructor-assignment", "this-assignment", "field-initializer", "property", "nested-module", "cast",

        // Sequential.
        "sequential-tuples", "sequential-params", "sequential-variable", "sequential-append", "sequential-in-class", "sequential-outside",
        "list-of-pairs", "list-of-modules", "array-of-modules", "list-wrapped-later", "straight-add", "module-list", "module-dict",

        // Loops, helpers and choices that build.
        "loop-literal", "loop-parameter", "loop-field", "loop-unknown", "loop-foreach",
        "block-helper", "static-factory", "lambda", "local-function", "module-argument", "activation-argument",
        "choice-of-layer", "choice-unknown", "choice-by-key", "switch", "guard", "nullable", "method-group", "factory-default", "options-record", "constants", "math", "named-arguments", "old-names",

        // Forward.
        "call-forward", "call-call", "expression-body", "forward-helper", "forward-named-otherwise", "forward-overload",
        "forward-foreach", "forward-for", "forward-if", "forward-conditional", "conditional-access", "training-flag",
        "using-var", "dispose-scope",
        "activation-module", "activation-functional", "activation-bare", "activation-tensor-method", "activation-in-place", "activation-torch",
        "residual-plus", "residual-add", "residual-add-in-place", "concatenation", "product",
        "view", "pooling", "upsample", "indexing", "gate", "unreadable",

        // Initialization.
        "init-weight", "init-helper", "init-elsewhere", "init-parameters", "init-named-parameters", "init-modules", "init-apply",
        "init-outside", "loaded",

        // Arguments, and branches that nothing decides.
        "construction-site", "construction-unknown", "options-object", "settings", "alternatives",

        // Sequences.
        "embedding-bag", "final-state", "initial-state", "last-step", "gru", "lstm", "rnn", "cell", "stacked-cells", "transformer", "attention", "scaled-dot-product", "attention-by-hand",

        // What a module learns without a layer, and what it keeps.
        "learned-position", "learned-token", "learned-weight", "learned-scale", "learned-list", "buffer", "dropout-by-hand", "attention-bias", "attention-mask", "rotary", "normalization-by-hand", "normalization-functional",

        // Names.
        "using-static-torch", "using-static-nn", "using-alias", "using-static-functional", "top-level",
        "primary-constructor", "collection-expression",
    ];
}
