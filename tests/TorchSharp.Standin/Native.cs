using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>An argument of an ATen operator. <c>default</c> is None.</summary>
internal readonly struct Arg
{
    internal enum Kind : long { None, Tensor, Int, Double, Bool, IntList, TensorList, Text, DoubleList, Device, Anything }

    internal readonly Kind Tag;
    internal readonly long Int;
    internal readonly double Double;
    internal readonly object? Ref;

    private Arg(Kind tag, long i = 0, double d = 0, object? reference = null) => (Tag, Int, Double, Ref) = (tag, i, d, reference);

    private Arg(Kind tag, object? reference) => (Tag, Ref) = (reference is null ? Kind.None : tag, reference);

    public static implicit operator Arg(Tensor? t) => new(Kind.Tensor, t);
    public static implicit operator Arg(Tensor?[]? t) => new(Kind.TensorList, t);
    public static implicit operator Arg(int i) => new(Kind.Int, i);
    public static implicit operator Arg(long i) => new(Kind.Int, i);
    public static implicit operator Arg(long? i) => i is long n ? n : default(Arg);
    public static implicit operator Arg(double d) => new(Kind.Double, d: d);
    public static implicit operator Arg(double? d) => d is double x ? x : default(Arg);
    public static implicit operator Arg(bool b) => new(Kind.Bool, b ? 1 : 0);
    public static implicit operator Arg(long[]? l) => new(Kind.IntList, l);
    public static implicit operator Arg(double[]? l) => new(Kind.DoubleList, l);
    public static implicit operator Arg(string? s) => new(Kind.Text, s);
    public static implicit operator Arg(ScalarType t) => new(Kind.Int, (long)t);
    public static implicit operator Arg(ScalarType? t) => t is ScalarType s ? s : default(Arg);
    public static implicit operator Arg(Device? d) => new(Kind.Device, d);
    public static implicit operator Arg(Scalar? s) => s is null ? default : s.AsArg();

    /// <summary>The same from an object, for calls that are not known at compile time.</summary>
    internal static Arg From(object? value) => value switch
    {
        null => default,
        Tensor t => t,
        Tensor?[] l => l,
        int i => i,
        long i => i,
        double d => d,
        float f => f,
        bool b => b,
        long[] l => l,
        double[] l => l,
        string s => s,
        ScalarType t => t,
        Device d => d,
        Scalar s => s,
        _ => throw new ArgumentException($"{value.GetType()} is no type of an ATen argument", nameof(value)),
    };
}

/// <summary>The one way into libtorch: an ATen operator by its full name, "aten::add.Tensor", as PyTorch's schema spells it.</summary>
internal static unsafe class Native
{
    [StructLayout(LayoutKind.Sequential)]
    private struct Value
    {
        internal Arg.Kind Tag;
        internal long Int;
        internal double Double;
        internal void* Pointer;
        internal long Count;
    }

    private const string Library = "aten_standin";
    private const int SmallArena = 256;

    private static readonly ConcurrentDictionary<string, IntPtr> Operators = new();
    private static long calls, reads, copies;

#pragma warning disable CA2255 // The counters and the generic call are for tests; they are reached by name because the public surface is TorchSharp's.
    [ModuleInitializer]
    internal static void Publish()
    {
        NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, Load);
        AppContext.SetData("TorchSharp.Standin.NativeCalls", (Func<long>)(() => Interlocked.Read(ref calls)));
        AppContext.SetData("TorchSharp.Standin.HostReads", (Func<long>)(() => Interlocked.Read(ref reads)));
        AppContext.SetData("TorchSharp.Standin.HostCopies", (Func<long>)(() => Interlocked.Read(ref copies)));
        AppContext.SetData("TorchSharp.Standin.Call", (Func<string, object?[], object?>)((name, args) => Number(name, [.. args.Select(Arg.From)]).ToObject()));
        AppContext.SetData("TorchSharp.Standin.CallTensor", (Func<string, object?[], object?>)((name, args) => CallOrNull(name, [.. args.Select(Arg.From)])));
    }
#pragma warning restore CA2255

    /// <summary>An operator with one tensor as its result.</summary>
    internal static Tensor Call(string name, params ReadOnlySpan<Arg> args) => new((IntPtr)Invoke(name, args, Arg.Kind.Tensor).Pointer);

    /// <summary>The same where the result may be undefined.</summary>
    internal static Tensor? CallOrNull(string name, params ReadOnlySpan<Arg> args) =>
        Invoke(name, args, Arg.Kind.Tensor).Pointer is var p && p != null ? new Tensor((IntPtr)p) : null;

    /// <summary>An operator with several tensors, or a list of them, as its result.</summary>
    internal static Tensor[] CallMany(string name, params ReadOnlySpan<Arg> args)
    {
        var result = Invoke(name, args, Arg.Kind.TensorList);
        return Array.ConvertAll(TakeList((IntPtr*)result.Pointer, result.Count), h => new Tensor(h));
    }

    /// <summary>An operator whose first result is wanted.</summary>
    internal static Tensor CallFirst(string name, params ReadOnlySpan<Arg> args)
    {
        var result = Invoke(name, args, Arg.Kind.TensorList);
        var handles = TakeList((IntPtr*)result.Pointer, result.Count);
        for (var k = 1; k < handles.Length; k++) aten_free(handles[k]);
        return new Tensor(handles[0]);
    }

    internal static (Tensor, Tensor) CallTwo(string name, params ReadOnlySpan<Arg> args)
    {
        var all = CallMany(name, args);
        return (all[0], all[1]);
    }

    internal static (Tensor, Tensor, Tensor) CallThree(string name, params ReadOnlySpan<Arg> args)
    {
        var all = CallMany(name, args);
        return (all[0], all[1], all[2]);
    }

    /// <summary>An operator in place; its result, a tensor that the caller has, is dropped.</summary>
    internal static void Do(string name, params ReadOnlySpan<Arg> args) => Invoke(name, args, Arg.Kind.Anything);

    /// <summary>An operator whose result is a number or a truth value.</summary>
    internal static Scalar Number(string name, params ReadOnlySpan<Arg> args)
    {
        var v = Invoke(name, args, Arg.Kind.None);
        return v.Tag switch
        {
            Arg.Kind.Int => new Scalar(v.Int),
            Arg.Kind.Bool => new Scalar(v.Int != 0),
            _ => new Scalar(v.Double),
        };
    }

    internal static bool Truth(string name, params ReadOnlySpan<Arg> args) => Invoke(name, args, Arg.Kind.Bool).Int != 0;

    private static Value Invoke(string name, ReadOnlySpan<Arg> args, Arg.Kind expected)
    {
        var op = Operators.GetOrAdd(name, Find);
        Interlocked.Increment(ref calls);

        var words = 0;
        foreach (ref readonly var a in args) words += Words(a);
        Span<long> arena = words <= SmallArena ? stackalloc long[SmallArena] : new long[words];
        Value result;
        int rc;
        fixed (long* memory = arena)
        {
            var values = stackalloc Value[args.Length];
            var next = memory;
            for (var k = 0; k < args.Length; k++) next += Write(args[k], values + k, next);
            rc = (int)aten_call(op, values, args.Length, expected, &result);
        }
        foreach (ref readonly var a in args) GC.KeepAlive(a.Ref);
        return rc == 0 ? result : throw Error();
    }

    private static int Words(in Arg a) => a.Ref switch
    {
        Array list => list.Length,
        string text => Encoding.UTF8.GetMaxByteCount(text.Length) / sizeof(long) + 1,
        _ => 0,
    };

    /// <summary>Writes one argument, lists into the arena; returns the words that it took.</summary>
    private static int Write(in Arg a, Value* v, long* arena)
    {
        *v = new Value { Tag = a.Tag, Int = a.Int, Double = a.Double, Pointer = arena };
        switch (a.Ref)
        {
            case null:
                return 0;
            case Tensor t:
                v->Pointer = (void*)t.Handle;
                return 0;
            case Device d:
                (v->Int, v->Count) = ((long)d.type, d.index);
                return 0;
            case long[] l:
                l.CopyTo(new Span<long>(arena, l.Length));
                v->Count = l.Length;
                return l.Length;
            case double[] l:
                l.CopyTo(new Span<double>(arena, l.Length));
                v->Count = l.Length;
                return l.Length;
            case Tensor?[] l:
                for (var k = 0; k < l.Length; k++) arena[k] = l[k] is { } t ? t.Handle : 0;
                v->Count = l.Length;
                return l.Length;
            case string s:
                var words = Words(a);
                v->Count = Encoding.UTF8.GetBytes(s, new Span<byte>(arena, words * sizeof(long)));
                return words;
            default:
                throw new ArgumentException($"{a.Ref.GetType()} is no type of an ATen argument");
        }
    }

    private static IntPtr Find(string name) => aten_find(name) is var op && op != 0 ? op : throw Error();

    private static IntPtr[] TakeList(IntPtr* list, long count)
    {
        var handles = new Span<IntPtr>(list, (int)count).ToArray();
        aten_free_list(list);
        return handles;
    }

    internal static ExternalException Error() => new(Marshal.PtrToStringUTF8(aten_error()));

    internal static void Check(long rc)
    {
        if (rc < 0) throw Error();
    }

    internal static void CountRead() => Interlocked.Increment(ref reads);

    internal static void CountCopy() => Interlocked.Increment(ref copies);

    internal static IntPtr[] Handles(IList<Tensor>? tensors)
    {
        if (tensors is null) return [];
        var handles = new IntPtr[tensors.Count];
        for (var k = 0; k < handles.Length; k++) handles[k] = tensors[k]?.Handle ?? 0;
        return handles;
    }

    internal static void Backward(IList<Tensor> roots, IList<Tensor>? gradients, bool retainGraph, bool createGraph, IList<Tensor>? inputs)
    {
        IntPtr[] r = Handles(roots), g = Handles(gradients), i = Handles(inputs);
        fixed (IntPtr* pr = r, pg = g, pi = i)
            Check(aten_backward(pr, r.Length, pg, g.Length, retainGraph ? 1 : 0, createGraph ? 1 : 0, pi, i.Length));
        GC.KeepAlive(roots);
        GC.KeepAlive(gradients);
        GC.KeepAlive(inputs);
    }

    internal static Tensor[] Gradients(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? gradients, bool retainGraph, bool createGraph, bool allowUnused)
    {
        IntPtr[] o = Handles(outputs), i = Handles(inputs), g = Handles(gradients);
        IntPtr* list;
        fixed (IntPtr* po = o, pi = i, pg = g)
            list = aten_gradients(po, o.Length, pi, i.Length, pg, g.Length, retainGraph ? 1 : 0, createGraph ? 1 : 0, allowUnused ? 1 : 0);
        GC.KeepAlive(outputs);
        GC.KeepAlive(inputs);
        GC.KeepAlive(gradients);
        if (list == null) throw Error();
        return Array.ConvertAll(TakeList(list, i.Length), h => h == 0 ? Tensor.Undefined() : new Tensor(h));
    }

    internal static Tensor FromMemory(ReadOnlySpan<byte> bytes, ReadOnlySpan<long> shape, ScalarType dtype)
    {
        fixed (byte* data = bytes)
        fixed (long* sizes = shape)
            return aten_from_memory(data, bytes.Length, sizes, shape.Length, (long)dtype) is var t && t != 0 ? new Tensor(t) : throw Error();
    }

    /// <summary>The outputs as results of a node of the graph whose backward is the context's.</summary>
    internal static List<Tensor> Record(autograd.AutogradContext context, List<Tensor> inputs, List<Tensor> outputs)
    {
        var key = GCHandle.Alloc(context);
        var handles = Handles(inputs);
        IntPtr owner;
        fixed (IntPtr* i = handles)
            owner = aten_node((IntPtr)key, &RunBackward, &Release, i, handles.Length, context.MaterializeGrads ? 1 : 0);
        GC.KeepAlive(inputs);
        if (owner == 0) throw Error();
        try
        {
            var recorded = outputs.ConvertAll(o => aten_node_output(owner, o.Handle) is var h && h != 0 ? new Tensor(h) : throw Error());
            foreach (var saved in context.Saved)
            {
                var output = outputs.FindIndex(o => ReferenceEquals(o, saved));
                Check(aten_node_save(owner, output < 0 ? saved.Handle : recorded[output].Handle, output < 0 ? 0 : 1));
            }
            context.Attach(aten_node_pointer(owner));
            return recorded;
        }
        finally
        {
            aten_node_free(owner);
        }
    }

    internal static Tensor Saved(IntPtr node, int index)
    {
        IntPtr handle;
        Check(aten_node_saved(node, index, &handle));
        return new Tensor(handle);
    }

    [UnmanagedCallersOnly]
    private static long RunBackward(long key, IntPtr* gradients, long n, IntPtr* results, long m)
    {
        var given = new List<Tensor>();
        for (var k = 0; k < n; k++) given.Add(gradients[k] == 0 ? Tensor.Undefined() : new Tensor(gradients[k]));
        try
        {
            var context = (autograd.AutogradContext)GCHandle.FromIntPtr((IntPtr)key).Target!;
            var all = context.Backward!(context, given);
            if (all.Count != context.IsTensor.Length) throw new InvalidOperationException($"the backward returned an incorrect number of gradients (expected {context.IsTensor.Length}, got {all.Count})");
            for (int k = 0, next = 0; k < all.Count && next < m; k++)
                if (context.IsTensor[k]) results[next++] = all[k] is { IsInvalid: false } t ? aten_alias(t.Handle) : 0;
            return 0;
        }
        catch (Exception e)
        {
            // An exception must not cross into C++; there it becomes the engine's error, and comes back as an exception.
            aten_fail(e.Message);
            return -1;
        }
    }

    [UnmanagedCallersOnly]
    private static void Release(long key) => GCHandle.FromIntPtr((IntPtr)key).Free();

    private static IntPtr Load(string name, Assembly assembly, DllImportSearchPath? search)
    {
        if (name != Library) return 0;
        foreach (var folder in new[] { Path.GetDirectoryName(assembly.Location), AppContext.BaseDirectory })
        {
            var path = Path.Combine(folder ?? "", $"lib{Library}.so");
            if (!File.Exists(path)) continue;
            try
            {
                return NativeLibrary.Load(path);
            }
            catch (DllNotFoundException e)
            {
                throw Missing(e.Message.ReplaceLineEndings(" ").Trim(), e);
            }
        }
        throw Missing("There was none when TorchSharp's stand-in was built.", null);
    }

    private static NotSupportedException Missing(string why, Exception? inner) => new(
        "libtorch cannot be used: install libtorch-dev, g++ and libopenblas0 (Debian, Ubuntu), "
        + $"or set LIBTORCH to a libtorch folder with include/ and lib/, and build again. ({why})", inner);

    [DllImport(Library)] private static extern IntPtr aten_error();
    [DllImport(Library)] private static extern IntPtr aten_find([MarshalAs(UnmanagedType.LPUTF8Str)] string name);
    [DllImport(Library)] private static extern long aten_call(IntPtr op, Value* args, long n, Arg.Kind expected, Value* result);
    [DllImport(Library)] internal static extern IntPtr aten_alias(IntPtr tensor);
    [DllImport(Library)] internal static extern void aten_free(IntPtr tensor);
    [DllImport(Library)] private static extern void aten_free_list(IntPtr* list);

    [DllImport(Library), SuppressGCTransition] internal static extern long aten_dim(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern long aten_numel(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern long aten_dtype(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern long aten_element_size(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern long aten_device_type(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern long aten_device_index(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern long aten_is_sparse(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern long aten_is_contiguous(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern void aten_sizes(IntPtr tensor, long* sizes);
    [DllImport(Library)] internal static extern long aten_strides(IntPtr tensor, long* strides);

    [DllImport(Library), SuppressGCTransition] internal static extern long aten_requires_grad(IntPtr tensor);
    [DllImport(Library)] internal static extern long aten_set_requires_grad(IntPtr tensor, long on);
    [DllImport(Library)] internal static extern long aten_retain_grad(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern long aten_is_leaf(IntPtr tensor);
    [DllImport(Library)] internal static extern long aten_grad(IntPtr tensor, IntPtr* grad);
    [DllImport(Library)] internal static extern long aten_set_grad(IntPtr tensor, IntPtr grad);
    [DllImport(Library)] internal static extern long aten_grad_enabled();
    [DllImport(Library)] internal static extern void aten_set_grad_enabled(long on);
    [DllImport(Library)] internal static extern IntPtr aten_inference(long on);
    [DllImport(Library)] internal static extern void aten_inference_free(IntPtr guard);
    [DllImport(Library)] internal static extern long aten_inference_enabled();
    [DllImport(Library)] private static extern long aten_backward(IntPtr* roots, long n, IntPtr* gradients, long m, long retainGraph, long createGraph, IntPtr* inputs, long k);
    [DllImport(Library)] private static extern IntPtr* aten_gradients(IntPtr* outputs, long m, IntPtr* inputs, long n, IntPtr* gradients, long k, long retainGraph, long createGraph, long allowUnused);

    [DllImport(Library)] private static extern IntPtr aten_node(long key, delegate* unmanaged<long, IntPtr*, long, IntPtr*, long, long> backward, delegate* unmanaged<long, void> release, IntPtr* inputs, long n, long materialize);
    [DllImport(Library)] private static extern IntPtr aten_node_output(IntPtr node, IntPtr output);
    [DllImport(Library)] private static extern long aten_node_save(IntPtr node, IntPtr tensor, long isOutput);
    [DllImport(Library)] private static extern long aten_node_saved(IntPtr pointer, long k, IntPtr* tensor);
    [DllImport(Library)] private static extern IntPtr aten_node_pointer(IntPtr node);
    [DllImport(Library)] private static extern void aten_node_free(IntPtr node);
    [DllImport(Library)] private static extern void aten_fail([MarshalAs(UnmanagedType.LPUTF8Str)] string message);

    [DllImport(Library)] internal static extern long aten_manual_seed(ulong seed);
    [DllImport(Library)] internal static extern IntPtr aten_rng_state();
    [DllImport(Library)] internal static extern long aten_set_rng_state(IntPtr state);
    [DllImport(Library)] internal static extern long aten_cuda_count();
    [DllImport(Library)] internal static extern long aten_cuda_synchronize(long device);
    [DllImport(Library)] internal static extern long aten_num_threads();
    [DllImport(Library)] internal static extern void aten_set_num_threads(long n);
    [DllImport(Library)] private static extern IntPtr aten_from_memory(void* data, long bytes, long* sizes, long dim, long dtype);
    [DllImport(Library)] internal static extern IntPtr aten_data(IntPtr tensor);
}
