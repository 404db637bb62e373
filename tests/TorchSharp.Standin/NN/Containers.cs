using System.Collections;
using System.Runtime.CompilerServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>Runs its modules one after the other and disposes what lies between two of them.</summary>
        public class Sequential : nn.Module<Tensor, Tensor>
        {
            private readonly List<(string name, nn.IModule<Tensor, Tensor> module)> items = [];

            protected internal Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules) : base(nameof(Sequential))
            {
                foreach (var (name, module) in modules) append(name, module);
            }

            protected Sequential(params nn.Module<Tensor, Tensor>[] modules) : base(nameof(Sequential))
            {
                foreach (var module in modules) append(module);
            }

            public int Count => items.Count;

            /// <summary>TorchSharp asks libtorch, in which a Sequential has no name of its own.</summary>
            public override string GetName() => "torch::nn::SequentialImpl";

            [IndexerName("SequentialItems")]
            public nn.IModule<Tensor, Tensor> this[int index] => items[index].module;

            public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
            {
                items.Add((name, module));
                return this;
            }

            public Sequential append(nn.IModule<Tensor, Tensor> module) => append(items.Count.ToString(), module);

            public override IEnumerable<(string name, nn.Module module)> named_children() => items.Select(i => (i.name, (nn.Module)i.module));

            public override Tensor forward(Tensor tensor)
            {
                if (items.Count == 0) return tensor.alias();
                var current = items[0].module.call(tensor);
                for (var k = 1; k < items.Count; k++)
                {
                    var next = items[k].module.call(current);
                    current.Dispose();
                    current = next;
                }
                return current;
            }
        }

        /// <summary>Modules in a list; the parent registers those that are in it when it registers the list.</summary>
        public class ModuleList<T> : nn.Module, IList<T> where T : nn.Module
        {
            private readonly List<T> items;
            private bool registered;

            public ModuleList(params T[] modules) : base(nameof(ModuleList<T>)) => items = [.. modules ?? []];

            public T this[int index]
            {
                get => items[index];
                set => items[index] = value;
            }

            public int Count => items.Count;

            public bool IsReadOnly => false;

            public void Add(T item) => items.Add(item);

            public void append(params T[] parameters) => items.AddRange(parameters);

            public void extend(IEnumerable<T> modules) => items.AddRange(modules);

            public void Insert(int index, T item) => items.Insert(index, item);

            public bool Remove(T item) => items.Remove(item);

            public void RemoveAt(int index) => items.RemoveAt(index);

            public void Clear() => items.Clear();

            public bool Contains(T item) => items.Contains(item);

            public int IndexOf(T item) => items.IndexOf(item);

            public void CopyTo(T[] array, int arrayIndex) => items.CopyTo(array, arrayIndex);

            public IEnumerator<T> GetEnumerator() => items.GetEnumerator();

            IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

            protected override void RegisterComponents()
            {
                if (registered) return;
                for (var k = 0; k < items.Count; k++) register_module($"{k}", items[k]);
                registered = true;
            }
        }

        /// <summary>Modules by name, in the order in which they came; registered as ModuleList's are.</summary>
        public class ModuleDict<T> : nn.Module, IEnumerable<(string, T)> where T : nn.Module
        {
            private readonly List<(string name, T module)> items = [];
            private bool registered;

            public ModuleDict() : base(nameof(ModuleDict<T>))
            {
            }

            public T this[string key]
            {
                get => items[Position(key)].module;
                set => items[Position(key)] = (key, value);
            }

            public (string, T) this[int index]
            {
                get => items[index];
                set => items[index] = value;
            }

            public int Count => items.Count;

            public void Add((string, T) item)
            {
                if (ContainsKey(item.Item1)) throw new ArgumentException($"An item with the same key has already been added. Key: {item.Item1}");
                items.Add(item);
            }

            public void Add(string key, T value) => Add((key, value));

            public bool ContainsKey(string key) => items.Exists(i => i.name == key);

            public IEnumerable<string> keys() => items.Select(i => i.name);

            public IEnumerable<T> values() => items.Select(i => i.module);

            public void clear() => items.Clear();

            public IEnumerator<(string, T)> GetEnumerator() => items.GetEnumerator();

            IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

            protected override void RegisterComponents()
            {
                if (registered) return;
                foreach (var (name, module) in items) register_module(name, module);
                registered = true;
            }

            private int Position(string key) => items.FindIndex(i => i.name == key) is var k and >= 0 ? k : throw new KeyNotFoundException($"The given key '{key}' was not present in the dictionary.");
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Sequential Sequential() => new(Array.Empty<(string, Module<Tensor, Tensor>)>());

            public static Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) => new(modules);

            public static Sequential Sequential(params Module<Tensor, Tensor>[] modules) => Sequential((IEnumerable<Module<Tensor, Tensor>>)modules);

            public static Sequential Sequential(IEnumerable<(string name, Module<Tensor, Tensor> submodule)> modules) => new(modules.ToArray());

            public static Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules)
            {
                var result = Sequential();
                foreach (var module in modules) result.append(module);
                return result;
            }

            public static ModuleList<Module> ModuleList(params Module[] modules) => new(modules);

            public static ModuleList<T> ModuleList<T>(params T[] modules) where T : Module => new(modules);

            public static ModuleDict<Module> ModuleDict(params (string, Module)[] modules) => ModuleDict<Module>(modules);

            public static ModuleDict<T> ModuleDict<T>(params (string, T)[] modules) where T : Module
            {
                var result = new ModuleDict<T>();
                foreach (var item in modules) result.Add(item);
                return result;
            }
        }
    }
}
