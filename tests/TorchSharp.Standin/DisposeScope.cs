namespace TorchSharp;

/// <summary>Disposes the tensors that were created on this thread while it was the innermost scope and are still in it.</summary>
public sealed class DisposeScope : IDisposable
{
    private readonly DisposeScopeManager manager;
    private HashSet<IDisposable> items = new(ReferenceEqualityComparer.Instance);
    private bool disposed;

    internal DisposeScope(DisposeScopeManager manager)
    {
        this.manager = manager;
        OuterScope = manager.Current;
    }

    internal DisposeScope? OuterScope { get; set; }

    public IReadOnlyList<IDisposable> DisposablesView => [.. Alive()];

    public int DisposablesCount => Alive().Count;

    public T MoveToOuter<T>(T disposable) where T : IDisposable
    {
        MoveToOther(OuterScope, (IEnumerable<IDisposable>)[disposable]);
        return disposable;
    }

    public void MoveToOuter(params IDisposable[] disposables) => MoveToOther(OuterScope, (IEnumerable<IDisposable>)disposables);

    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(OuterScope, disposables);

    public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables)
    {
        var mine = Alive();
        foreach (var d in disposables)
        {
            if (scope is null) Detach(d);
            // As in TorchSharp: what is moved to where it is falls out of the scope that it still belongs to.
            else if (mine.Remove(d)) scope.Add(d);
        }
    }

    public T Detach<T>(T disposable) where T : IDisposable
    {
        if (Alive().Remove(disposable) && disposable is torch.Tensor t) t.OwningDisposeScope = null;
        return disposable;
    }

    public void Attach(IDisposable disposable) => Add(disposable);

    public void DisposeEverything() => DisposeEverythingBut((IEnumerable<IDisposable>)[]);

    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        var all = Alive();
        items = new HashSet<IDisposable>(inKeep, ReferenceEqualityComparer.Instance);
        foreach (var d in all)
            if (!items.Contains(d)) d.Dispose();
    }

    public T DisposeEverythingBut<T>(T keep) where T : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[keep]);
        return keep;
    }

    public bool Contains(IDisposable disposable) => items.Contains(disposable);

    public void Dispose()
    {
        if (disposed) return;
        DisposeEverything();
        manager.Remove(this);
        disposed = true;
    }

    internal void Add(IDisposable item)
    {
        if (item is not torch.Tensor t) throw new InvalidOperationException("DisposeScope can only manage Tensor or PackedSequence");
        if (t.OwningDisposeScope == this) return;
        t.OwningDisposeScope?.items.Remove(t);
        Alive().Add(t);
        t.OwningDisposeScope = this;
    }

    internal void Register(torch.Tensor t) => items.Add(t);

    internal void Forget(torch.Tensor t)
    {
        Alive().Remove(t);
        t.OwningDisposeScope = null;
    }

    private HashSet<IDisposable> Alive() => disposed ? throw new ObjectDisposedException(GetType().FullName) : items;
}

public class DisposeScopeManager
{
    [ThreadStatic] private static DisposeScopeManager? thread;

    internal static DisposeScopeManager OfThread => thread ??= new DisposeScopeManager();

    internal DisposeScope? Current { get; private set; }

    internal DisposeScope Open() => Current = new DisposeScope(this);

    internal void Remove(DisposeScope scope)
    {
        if (Current == scope)
        {
            Current = scope.OuterScope;
            return;
        }
        for (var inner = Current; inner is not null; inner = inner.OuterScope)
            if (inner.OuterScope == scope) inner.OuterScope = scope.OuterScope;
    }
}

public static partial class torch
{
    public static DisposeScope NewDisposeScope() => DisposeScopeManager.OfThread.Open();
}
