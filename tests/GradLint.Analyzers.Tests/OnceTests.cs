namespace GradLint.Analyzers.Tests;

public class OnceTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Who_asks_while_another_works_waits_for_the_result()
    {
        var once = new Once<string?>();
        using var started = new ManualResetEventSlim();
        using var mayEnd = new ManualResetEventSlim();
        var works = 0;
        string? Work()
        {
            Interlocked.Increment(ref works);
            started.Set();
            Assert.True(mayEnd.Wait(Long));
            return null;
        }

        var first = Task.Run(() => once.Get(Work, default));
        Assert.True(started.Wait(Long));
        var second = Task.Run(() => once.Get(Work, default));
        mayEnd.Set();
        Assert.Null(await first.WaitAsync(Long));
        Assert.Null(await second.WaitAsync(Long));
        Assert.Null(once.Get(() => "again", default));
        Assert.Equal(1, works);
    }

    [Fact]
    public async Task Who_waits_hears_that_nobody_wants_his_answer()
    {
        var once = new Once<int>();
        using var started = new ManualResetEventSlim();
        using var mayEnd = new ManualResetEventSlim();
        var first = Task.Run(() => once.Get(
            () =>
            {
                started.Set();
                Assert.True(mayEnd.Wait(Long));
                return 1;
            },
            default));
        Assert.True(started.Wait(Long));
        using var gone = new CancellationTokenSource();
        var second = Task.Run(() => once.Get(() => 2, gone.Token));
        gone.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.WaitAsync(Long));
        mayEnd.Set();
        Assert.Equal(1, await first.WaitAsync(Long));
    }

    [Fact]
    public async Task Who_begins_while_another_works_does_not_wait()
    {
        var once = new Once<int>();
        using var started = new ManualResetEventSlim();
        using var mayEnd = new ManualResetEventSlim();
        var first = Task.Run(() => once.Begin(() =>
        {
            started.Set();
            Assert.True(mayEnd.Wait(Long));
            return 1;
        }));
        Assert.True(started.Wait(Long));
        once.Begin(() => throw new InvalidOperationException("Another is at it."));
        mayEnd.Set();
        await first.WaitAsync(Long);
        once.Begin(() => throw new InvalidOperationException("It is done."));
        Assert.Equal(1, once.Get(() => 2, default));
    }

    [Fact]
    public void Work_that_fails_is_done_again()
    {
        var once = new Once<int>();
        Assert.Throws<InvalidOperationException>(() => once.Get(() => throw new InvalidOperationException(), default));
        Assert.Equal(2, once.Get(() => 2, default));
    }
}
