namespace GradLint.EndToEnd;

/// <summary>The checkout that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    /// <summary>Copies files and folders of the checkout, without what a build left there.</summary>
    public static void CopyTo(string folder, params string[] relativePaths)
    {
        foreach (var relative in relativePaths)
        {
            var source = PathOf(relative);
            var files = File.Exists(source) ? [source] : SourceFiles(source);
            foreach (var file in files)
            {
                var target = Path.Combine(folder, Path.GetRelativePath(Root, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target, overwrite: true);
            }
        }
    }

    /// <summary>
    /// Copies what the samples and the packages are built from. Two things that a build here found out go with it, so that
    /// they are not found out again: the feeds' answer about TorchSharp, and the native part of its stand-in.
    /// </summary>
    public static void CopySourcesTo(string folder)
    {
        CopyTo(folder, "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "README.md", ".editorconfig", "eng", "src", "samples");
        CopyTo(folder, "tests/Directory.Build.props", "tests/Directory.Packages.props", "tests/TorchSharp.Standin");
        CopyTo(folder, [.. ((string[])["artifacts/feeds", "tests/TorchSharp.Standin/obj/native"]).Where(found => Directory.Exists(PathOf(found)))]);
    }

    public static IEnumerable<string> SourceFiles(string folder) =>
        Directory.EnumerateFiles(folder)
            .Concat(Directory.EnumerateDirectories(folder).Where(d => Path.GetFileName(d) is not ("bin" or "obj")).SelectMany(SourceFiles));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "GradLint.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No GradLint.sln above {AppContext.BaseDirectory}.");
    }
}
