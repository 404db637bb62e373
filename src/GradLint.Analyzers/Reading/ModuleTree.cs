using GradLint.SignalPropagation;

namespace GradLint.Analyzers.Reading;

/// <summary>The modules inside a module, with the paths that <c>named_parameters()</c> prints.</summary>
internal static class ModuleTree
{
    private const int DepthLimit = 32;

    /// <summary>Every layer once, in the order of registration.</summary>
    public static List<(string Path, LayerValue Layer)> Layers(ModuleValue root)
    {
        var layers = new List<(string, LayerValue)>();
        foreach (var (path, module) in Modules(root))
        {
            if (module is LayerValue layer)
                layers.Add((path, layer));
        }

        return layers;
    }

    /// <summary>Every module once, the root with an empty path included.</summary>
    public static List<(string Path, ModuleValue Module)> Modules(ModuleValue root)
    {
        var modules = new List<(string, ModuleValue)>();
        Walk(root, "", modules, [], 0);
        return modules;
    }

    /// <summary>Whether it is known what every module inside holds.</summary>
    public static bool IsWhole(ModuleValue root)
    {
        foreach (var (_, module) in Modules(root))
        {
            if (module.Children is not { } children || children.Any(c => c.Value is not (ModuleValue or ParameterValue)))
                return false;
        }

        return true;
    }

    /// <summary>Names every module under the root by its path, and no other: those of the root before it lose theirs.</summary>
    /// <param name="root">The module whose network is read.</param>
    /// <param name="named">The modules that have paths.</param>
    public static void AssignPaths(ModuleValue root, List<ModuleValue> named)
    {
        foreach (var module in named)
        {
            module.Path = null;
            if (module is LayerValue layer)
                layer.OwnerPath = null;
        }

        named.Clear();
        foreach (var (path, module) in Modules(root))
        {
            module.Path = path;
            named.Add(module);
            if (path.Length > 0 && module is ObjectValue && Matrix(module) is { } matrix)
                matrix.OwnerPath = path;
        }
    }

    /// <summary>The only matrix of a module that has no other modules inside; null where there are several, or none.</summary>
    private static LayerValue? Matrix(ModuleValue module)
    {
        LayerValue? found = null;
        foreach (var child in module.Children ?? [])
        {
            if (child.Value is not ParameterValue { Layer: { Operation: Operation.LearnedTensor learned } layer } || learned.Shape is null || (learned.Shape.Count >= 2 && found is not null))
                return null;
            found = learned.Shape.Count >= 2 ? layer : found;
        }

        return found;
    }

    private static void Walk(ModuleValue module, string path, List<(string, ModuleValue)> modules, HashSet<ModuleValue> seen, int depth)
    {
        if (depth > DepthLimit || !seen.Add(module))
            return;
        modules.Add((path, module));
        foreach (var child in module.Children ?? [])
        {
            // What a module learns itself is a leaf as any layer.
            if ((child.Value as ModuleValue ?? (child.Value as ParameterValue)?.Layer) is { } inner)
                Walk(inner, path.Length == 0 ? child.Key : path + "." + child.Key, modules, seen, depth + 1);
        }
    }
}
