namespace GradLint.Analyzers;

/// <summary>Something that is worked out once. Who asks while another works on it waits, and hears when nobody wants his answer any more.</summary>
/// <typeparam name="T">What is worked out; null is a result too.</typeparam>
internal sealed class Once<T>
{
    // How long to wait for another's work before looking for a cancellation.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    private readonly object gate = new();
    private volatile bool isDone;
    private T value = default!;

    /// <summary>The result. Work that throws or is cancelled leaves nothing: the next who asks does it again. It must not ask for itself.</summary>
    public T Get(Func<T> work, CancellationToken cancellationToken)
    {
        if (isDone)
            return value;
        while (!Monitor.TryEnter(gate, Patience))
            cancellationToken.ThrowIfCancellationRequested();
        Finish(work);
        return value;
    }

    /// <summary>Works it out unless another is at it: then there may be something else to do meanwhile.</summary>
    public void Begin(Func<T> work)
    {
        if (!isDone && Monitor.TryEnter(gate))
            Finish(work);
    }

    private void Finish(Func<T> work)
    {
        try
        {
            if (!isDone)
            {
                value = work();
                isDone = true;
            }
        }
        finally
        {
            Monitor.Exit(gate);
        }
    }
}
