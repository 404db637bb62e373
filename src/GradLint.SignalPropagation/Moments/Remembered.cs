namespace GradLint.SignalPropagation.Moments;

/// <summary>A few tables, each the one that serves a key: an editor keeps them for its lifetime, and sources choose the keys, so their number is bounded.
/// They are so few that looking through them is no slower than hashing, and a compiler that starts cold has no dictionary to compile.</summary>
internal sealed class Remembered<T>(int most)
    where T : class
{
    /// <summary>All that are remembered. The array is replaced, never changed.</summary>
    public volatile T[] All = [];

    /// <summary>Adds a table, and forgets the others where they are too many. Of two threads that add at once, one may be forgotten: it is made again.</summary>
    public T Add(T table)
    {
        var before = All;
        var kept = before.Length < most ? before.Length : 0;
        var after = new T[kept + 1];
        Array.Copy(before, after, kept);
        after[kept] = table;
        All = after;
        return table;
    }
}
