using System.Reflection;
using System.Runtime.CompilerServices;
using TorchSharp.Modules;
using TorchSharp.Utils;

namespace TorchSharp
{
    namespace Utils
    {
        /// <summary>The name under which a field is registered, where it is not the field's own.</summary>
        [AttributeUsage(AttributeTargets.Field)]
        public class ComponentNameAttribute : Attribute
        {
            public string Name { get; set; } = "";
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>A layer or a network: named parameters, buffers and modules below it.</summary>
            public class Module : IDisposable
            {
                private readonly Dictionary<string, Parameter> ownParameters = [];
                private readonly Dictionary<string, (Tensor buffer, bool persistent)> ownBuffers = [];
                private readonly List<(string name, Module module)> ownModules = [];
                private bool componentsRegistered;

                protected string? name;

                protected Module(string name) => this.name = name;

                ~Module() => Dispose(false);

                public virtual bool training { get; private set; } = true;

                public virtual string GetName() => string.IsNullOrEmpty(name) ? GetType().Name : name;

                public void Dispose()
                {
                    Dispose(true);
                    GC.SuppressFinalize(this);
                }

                protected virtual void Dispose(bool disposing)
                {
                    if (!disposing) return;
                    foreach (var (_, b) in named_buffers(false)) b.DetachFromDisposeScope().Dispose();
                    foreach (var (_, p) in named_parameters(false)) p.DetachFromDisposeScope().Dispose();
                    foreach (var (_, m) in named_children().ToList()) m.Dispose();
                }

                public virtual IEnumerable<(string name, Module module)> named_children() => ownModules;

                public virtual IEnumerable<Module> children() => named_children().Select(c => c.module);

                /// <summary>The modules below this one, children first; this one is not among them (PyTorch lists it as '').</summary>
                public virtual IEnumerable<(string name, Module module)> named_modules()
                {
                    foreach (var child in named_children()) yield return child;
                    foreach (var (name, module) in named_children())
                        foreach (var (below, m) in module.named_modules())
                            yield return ($"{name}.{below}", m);
                }

                public virtual IEnumerable<Module> modules() => named_modules().Select(m => m.module);

                public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true) =>
                    Distinct(ownParameters.Select(p => (p.Key, p.Value)), recurse, m => m.named_parameters(true));

                public virtual IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(p => p.parameter);

                public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true) =>
                    Distinct(ownBuffers.Where(b => b.Value.persistent).Select(b => (b.Key, b.Value.buffer)), recurse, m => m.named_buffers(true, include_nonpersistent));

                public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) => named_buffers(recurse, include_nonpersistent).Select(b => b.buffer);

                /// <summary>Each tensor once, under the first name that leads to it; disposed ones are left out.</summary>
                private IEnumerable<(string, T)> Distinct<T>(IEnumerable<(string, T)> own, bool recurse, Func<Module, IEnumerable<(string, T)>> below) where T : Tensor
                {
                    var seen = new HashSet<T>(ReferenceEqualityComparer.Instance);
                    foreach (var (name, t) in own)
                        if (!t.IsInvalid && seen.Add(t)) yield return (name, t);
                    if (!recurse) yield break;
                    foreach (var (prefix, module) in named_children())
                        foreach (var (name, t) in below(module))
                            if (!t.IsInvalid && seen.Add(t)) yield return ($"{prefix}.{name}", t);
                }

                public virtual Parameter? get_parameter(string target) => named_parameters().FirstOrDefault(p => p.name == target).parameter;

                public virtual Tensor? get_buffer(string target) => named_buffers().FirstOrDefault(b => b.name == target).buffer;

                public virtual bool has_parameter(string target) => get_parameter(target) is not null;

                public virtual bool has_buffer(string target) => get_buffer(target) is not null;

                public virtual void register_parameter(string name, Parameter param)
                {
                    if (param is null || param.IsInvalid) throw new ArgumentNullException(nameof(param), "A null tensor cannot be registered as a parameter.");
                    if (!ownParameters.TryAdd(name, param)) throw new InvalidOperationException($"Parameter {name} is already registered.");
                }

                public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
                {
                    if (tensor is null || tensor.IsInvalid) throw new ArgumentNullException(nameof(tensor), "A null tensor cannot be registered as a buffer.");
                    if (!ownBuffers.TryAdd(name, (tensor, persistent))) throw new InvalidOperationException($"Tensor {name} is already registered.");
                }

                public void add_module(string name, Module module) => register_module(name, module);

                public virtual void register_module(string name, Module submodule)
                {
                    if (submodule is null)
                    {
                        ownModules.RemoveAll(m => m.name == name);
                        return;
                    }
                    if (name.Contains('.')) throw new ArgumentException($"module name can't contain \".\", got: {name}");
                    if (string.IsNullOrEmpty(name)) throw new ArgumentException("module name can't be empty string \"\"");
                    if (ownModules.Exists(m => m.name == name)) throw new InvalidOperationException($"Sub-module {name} is already registered.");
                    submodule.RegisterComponents();
                    ownModules.Add((name, submodule));
                }

                protected void ClearModules() => ownModules.Clear();

                protected void ConditionallyRegisterParameter(string name, Parameter? value)
                {
                    if (value is null) ownParameters.Remove(name);
                    else ownParameters[name] = value;
                }

                protected void ConditionallyRegisterBuffer(string name, Tensor? value, bool persistent = true)
                {
                    if (value is null) ownBuffers.Remove(name);
                    else ownBuffers[name] = (value, persistent);
                }

                /// <summary>Registers what the fields hold now: modules, parameters, and other tensors as buffers. A second call does nothing.</summary>
                protected virtual void RegisterComponents()
                {
                    if (componentsRegistered) return;
                    foreach (var (name, field) in Fields())
                    {
                        if (ownParameters.ContainsKey(name) || ownBuffers.ContainsKey(name) || ownModules.Exists(m => m.name == name)) continue;
                        switch (field.GetValue(this))
                        {
                            case Module m:
                                register_module(name, m);
                                break;
                            case Parameter p:
                                register_parameter(name, p);
                                break;
                            case Tensor t:
                                register_buffer(name, t);
                                break;
                        }
                    }
                    componentsRegistered = true;
                }

                /// <summary>The instance fields, a class's own before its base's, each name once.</summary>
                private IEnumerable<(string name, FieldInfo field)> Fields()
                {
                    var seen = new HashSet<string>();
                    for (var type = GetType(); type is not null && type != typeof(Module); type = type.BaseType)
                        foreach (var f in type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance))
                            if (seen.Add(f.Name)) yield return (f.GetCustomAttribute<ComponentNameAttribute>()?.Name ?? f.Name, f);
                }

                /// <summary>The parameter under a name, that of the calling property where none is given; built-in layers keep theirs here and in no field.</summary>
                internal Parameter? OwnParameter([CallerMemberName] string name = "") => ownParameters.GetValueOrDefault(name);

                internal Tensor? OwnBuffer([CallerMemberName] string name = "") => ownBuffers.TryGetValue(name, out var b) ? b.buffer : null;

                /// <summary>Takes a parameter over from the caller's dispose scope; the one before it is disposed.</summary>
                internal void Own(Parameter? value, [CallerMemberName] string name = "")
                {
                    var before = OwnParameter(name);
                    if (ReferenceEquals(before, value)) return;
                    before?.Dispose();
                    value?.DetachFromDisposeScope();
                    ConditionallyRegisterParameter(name, value);
                }

                internal void OwnBuffer(Tensor? value, [CallerMemberName] string name = "")
                {
                    var before = OwnBuffer(name);
                    if (ReferenceEquals(before, value)) return;
                    before?.Dispose();
                    value?.DetachFromDisposeScope();
                    ConditionallyRegisterBuffer(name, value);
                }

                /// <summary>Moves and converts; parameters become new objects, so an optimizer made before holds the old ones.</summary>
                internal void Move(Device? device, ScalarType? dtype)
                {
                    if (dtype is ScalarType type && !is_floating_point(type) && !is_complex(type))
                        throw new ArgumentException($"nn.Module.to only accepts floating point or complex types, but got desired dtype={type}");
                    if (device?.type == DeviceType.CUDA && !cuda.is_available()) throw new InvalidOperationException("CUDA is not available.");
                    foreach (var child in children().ToList()) child.Move(device, dtype);
                    foreach (var (name, p) in ownParameters.ToList())
                    {
                        using var grad = p.grad;
                        if (!Differs(p, device, dtype) && (grad is null || !Differs(grad, device, dtype))) continue;
                        using var noGrad = no_grad();
                        var moved = new Parameter(Converted(p, device, dtype), p.requires_grad);
                        moved.DetachFromDisposeScope();
                        if (grad is not null)
                        {
                            using var g = Converted(grad, device, dtype);
                            moved.grad = g;
                        }
                        Replace(name, p, moved);
                        Own(moved, name);
                    }
                    foreach (var (name, (b, _)) in ownBuffers.ToList())
                    {
                        if (!Differs(b, device, dtype)) continue;
                        var moved = Converted(b, device, dtype).DetachFromDisposeScope();
                        Replace(name, b, moved);
                        OwnBuffer(moved, name);
                    }
                }

                private static bool Differs(Tensor t, Device? device, ScalarType? dtype) =>
                    (dtype is ScalarType d && is_floating_point(t.dtype) && t.dtype != d)
                    || (device is not null && (device.type != t.device_type || (device.index >= 0 && device.index != t.device_index)));

                private static Tensor Converted(Tensor t, Device? device, ScalarType? dtype) =>
                    t.to(is_floating_point(t.dtype) ? dtype ?? t.dtype : t.dtype, device ?? t.device);

                private void Replace(string name, Tensor before, Tensor after)
                {
                    foreach (var (fieldName, field) in Fields())
                        if (fieldName == name && ReferenceEquals(field.GetValue(this), before)) field.SetValue(this, after);
                }

                public virtual Module apply(Action<Module> fn)
                {
                    foreach (var (_, m) in named_children()) m.apply(fn);
                    fn(this);
                    return this;
                }

                public virtual void train(bool train = true)
                {
                    training = train;
                    foreach (var (_, m) in named_children()) m.train(train);
                }

                public virtual void eval() => train(false);

                public virtual void zero_grad(bool set_to_none = true)
                {
                    foreach (var (_, p) in named_parameters())
                    {
                        using var grad = p.grad;
                        if (grad is null) continue;
                        if (set_to_none) p.grad = null;
                        else grad.zero_();
                    }
                }

                public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
                {
                    destination ??= [];
                    string Key(string name) => string.IsNullOrEmpty(prefix) ? name : $"{prefix}.{name}";
                    foreach (var (name, p) in named_parameters()) destination.TryAdd(Key(name), p);
                    foreach (var (name, b) in named_buffers()) destination.TryAdd(Key(name), b);
                    return destination;
                }

                public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
                {
                    var target = state_dict();
                    var missing = target.Keys.Where(k => skip?.Contains(k) != true && !source.ContainsKey(k)).ToList();
                    var unexpected = source.Keys.Where(k => skip?.Contains(k) != true && !target.ContainsKey(k)).ToList();
                    if (strict && missing.Count + unexpected.Count > 0) throw new InvalidOperationException("The loaded state_dict is not identical to the target dictionary.");
                    using var noGrad = no_grad();
                    foreach (var (name, value) in source)
                        if (skip?.Contains(name) != true && target.TryGetValue(name, out var t)) t.copy_(value);
                    return (missing, unexpected);
                }
            }
        }
    }

    public static class ModuleExtensionMethods
    {
        public static T to<T>(this T module, torch.ScalarType type, bool non_blocking = false) where T : torch.nn.Module => Moved(module, null, type);

        public static T to<T>(this T module, torch.Device device, torch.ScalarType type, bool non_blocking = false) where T : torch.nn.Module => Moved(module, device, type);

        public static T to<T>(this T module, DeviceType deviceType, int deviceIndex = -1, bool non_blocking = false) where T : torch.nn.Module => Moved(module, new torch.Device(deviceType, deviceIndex), null);

        public static T to<T>(this T module, torch.Device device, bool non_blocking = false) where T : torch.nn.Module => Moved(module, device, null);

        public static T to<T>(this T module, string device, bool non_blocking = false) where T : torch.nn.Module => Moved(module, new torch.Device(device), null);

        public static T cpu<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => Moved(module, torch.CPU, null);

        public static T cuda<T>(this T module, int deviceIndex = -1, bool non_blocking = false) where T : torch.nn.Module => Moved(module, new torch.Device(DeviceType.CUDA, deviceIndex), null);

        public static T half<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => Moved(module, null, torch.ScalarType.Float16);

        public static T bfloat16<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => Moved(module, null, torch.ScalarType.BFloat16);

        public static T @float<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => Moved(module, null, torch.ScalarType.Float32);

        public static T @double<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => Moved(module, null, torch.ScalarType.Float64);

        /// <summary>Moves a module that was made on the CPU to where its maker asked for.</summary>
        internal static T Placed<T>(this T module, torch.Device? device, torch.ScalarType? dtype) where T : torch.nn.Module =>
            device is null && dtype is null ? module : Moved(module, device, dtype);

        private static T Moved<T>(T module, torch.Device? device, torch.ScalarType? dtype) where T : torch.nn.Module
        {
            module.Move(device, dtype);
            return module;
        }
    }
}
