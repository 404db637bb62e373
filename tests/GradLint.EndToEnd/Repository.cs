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
