using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace GradLint.Analyzers.Tests.Golden;

/// <summary>The signatures of TorchSharp 0.99 that later versions renamed, and of layers that the stand-in lacks, as far as the golden sources use them.</summary>
internal static class OldTorchSharp
{
    private const string Surface = """
        [assembly: System.Reflection.AssemblyVersion("0.99.6.0")]
        namespace TorchSharp
        {
            using TorchSharp.Modules;
            public enum PaddingModes { Zeros }
            public enum EmbeddingBagMode { Sum, Mean, Max }
            public static class torch
            {
                public class Device { }
                public enum ScalarType { Float32 }
                public enum UpsampleMode { Nearest, Linear, Bilinear }
                public enum InterpolationMode { Nearest, Linear, Bilinear }
                public class Tensor
                {
                    public Tensor relu() => this;
                    public Tensor view(params long[] shape) => this;
                    public static Tensor operator +(Tensor left, Tensor right) => left;
                    public static Tensor operator *(Tensor left, Tensor right) => left;
                    public static Tensor operator *(Tensor left, double right) => left;
                }
                public static Tensor randn(long rows, long columns) => null;
                public static Tensor ones(long size) => null;
                public static Tensor matmul(Tensor left, Tensor right) => left;
                public static Tensor flatten(Tensor input, long start_dim = 0, long end_dim = -1) => input;
                public static class nn
                {
                    public class Module { protected Module(string name) { } protected void RegisterComponents() { } }
                    public abstract class Module<T1, TResult> : Module { protected Module(string name) : base(name) { } public abstract TResult forward(T1 input); public TResult call(T1 input) => forward(input); }
                    public static Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device device = null, ScalarType? dtype = null) => null;
                    public static Conv1d Conv1d(long inputChannel, long outputChannel, long kernelSize, long stride = 1, long padding = 0, long dilation = 1, PaddingModes paddingMode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device device = null, ScalarType? dtype = null) => null;
                    public static Conv2d Conv2d(long inputChannel, long outputChannel, long kernelSize, long stride = 1, long padding = 0, long dilation = 1, PaddingModes paddingMode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device device = null, ScalarType? dtype = null) => null;
                    public static ConvTranspose2d ConvTranspose2d(long inputChannel, long outputChannel, long kernelSize, long stride = 1, long padding = 0, long outputPadding = 0, long dilation = 1, PaddingModes paddingMode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device device = null, ScalarType? dtype = null) => null;
                    public static BatchNorm1d BatchNorm1d(long features, double eps = 1E-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device device = null, ScalarType? dtype = null) => null;
                    public static BatchNorm2d BatchNorm2d(long features, double eps = 1E-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device device = null, ScalarType? dtype = null) => null;
                    public static AdaptiveAvgPool2d AdaptiveAvgPool2d(long outputSize) => null;
                    public static MaxPool2d MaxPool2d((long, long) kernelSize, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null, bool ceilMode = false) => null;
                    public static MaxPool2d MaxPool2d(long[] kernelSize, long[] strides = null, long[] padding = null, long[] dilation = null, bool ceilMode = false) => null;
                    public static MaxPool1d MaxPool1d(long kernelSize, long? stride = null, long? padding = null, long? dilation = null, bool ceilMode = false) => null;
                    public static AvgPool1d AvgPool1d(long kernelSize, long? stride = null, long padding = 0, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) => null;
                    public static AvgPool2d AvgPool2d(long[] kernel_size, long[] strides = null, long[] padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) => null;
                    public static AdaptiveAvgPool1d AdaptiveAvgPool1d(long outputSize) => null;
                    public static AdaptiveAvgPool2d AdaptiveAvgPool2d((long, long) outputSize) => null;
                    public static InstanceNorm2d InstanceNorm2d(long features, double eps = 1E-05, double momentum = 0.1, bool affine = false, bool track_running_stats = false, Device device = null, ScalarType? dtype = null) => null;
                    public static LayerNorm LayerNorm(long normalized_shape, double eps = 1E-05, bool elementwise_affine = true, Device device = null, ScalarType? dtype = null) => null;
                    public static MaxPool2d MaxPool2d(long kernelSize, long? stride = null, long? padding = null, long? dilation = null, bool ceilMode = false) => null;
                    public static Flatten Flatten(long startDim = 1, long endDim = -1) => null;
                    public static Bilinear Bilinear(long in1Features, long in2Features, long outputSize, bool hasBias = true, Device device = null, ScalarType? dtype = null) => null;
                    public static Parameter Parameter(Tensor data, bool requires_grad = true) => null;
                    public static ParameterList ParameterList(params Parameter[] parameters) => null;
                    public static EmbeddingBag EmbeddingBag(long num_embeddings, long embedding_dims, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, EmbeddingBagMode mode = EmbeddingBagMode.Mean, bool sparse = false, bool include_last_offset = false, long padding_index = -1, Device device = null, ScalarType? dtype = null) => null;
                    public static Upsample Upsample(long[] size = null, double[] scale_factor = null, UpsampleMode mode = UpsampleMode.Nearest, bool? align_corners = null) => null;
                    public static ReLU ReLU(bool inplace = false) => null;
                    public static Tanh Tanh() => null;
                    public static Sequential Sequential(params Module<Tensor, Tensor>[] modules) => null;
                    public static class functional
                    {
                        public static Tensor Sigmoid(Tensor x) => x;
                        public static Tensor SiLU(Tensor x) => x;
                        public static Tensor interpolate(Tensor x, long[] size = null, double[] scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null, bool recompute_scale_factor = false) => x;
                        public static Tensor tanh(Tensor x) => x;
                        public static Tensor max_pool2d(Tensor input, long kernelSize, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) => input;
                    }
                    public static class init { public static Tensor xavier_uniform_(Tensor tensor, double gain = 1.0) => tensor; }
                }
            }
        }
        namespace TorchSharp.Modules
        {
            using static TorchSharp.torch;
            using static TorchSharp.torch.nn;
            public class Layer : Module<Tensor, Tensor> { protected Layer() : base("") { } public override Tensor forward(Tensor input) => input; }
            public sealed class Parameter : Tensor { }
            public sealed class ParameterList : Module { public ParameterList() : base("") { } public Parameter this[int index] => null; public ParameterList append(Parameter parameter) => this; }
            public sealed class EmbeddingBag : Module { internal EmbeddingBag() : base("") { } public Tensor weight { get; set; } public Tensor forward(Tensor input, Tensor offsets) => input; public Tensor call(Tensor input, Tensor offsets) => input; public Tensor call(Tensor input) => input; }
            public sealed class Upsample : Layer { }
            public sealed class Linear : Layer { public Tensor weight { get; set; } public Tensor bias { get; set; } }
            public sealed class Conv1d : Layer { public Tensor weight { get; set; } }
            public sealed class Conv2d : Layer { public Tensor weight { get; set; } }
            public sealed class ConvTranspose2d : Layer { public Tensor weight { get; set; } }
            public sealed class BatchNorm1d : Layer { }
            public sealed class MaxPool1d : Layer { }
            public sealed class AvgPool1d : Layer { }
            public sealed class AvgPool2d : Layer { }
            public sealed class AdaptiveAvgPool1d : Layer { }
            public sealed class InstanceNorm2d : Layer { }
            public sealed class LayerNorm : Layer { }
            public sealed class BatchNorm2d : Layer { }
            public sealed class AdaptiveAvgPool2d : Layer { }
            public sealed class MaxPool2d : Layer { }
            public sealed class Flatten : Layer { }
            public sealed class Bilinear : Layer { }
            public sealed class ReLU : Layer { }
            public sealed class Tanh : Layer { }
            public class Sequential : Layer { }
        }
        """;

    private static readonly Lazy<ImmutableArray<MetadataReference>> Lazily = new(() =>
    {
        var compilation = CSharpCompilation.Create("TorchSharp", [CSharpSyntaxTree.ParseText(Surface)], ReferenceAssemblies.Framework, new(OutputKind.DynamicallyLinkedLibrary));
        using var image = new MemoryStream();
        Assert.Empty(compilation.Emit(image).Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error));
        return [.. ReferenceAssemblies.Framework, MetadataReference.CreateFromImage(image.ToArray())];
    });

    public static ImmutableArray<MetadataReference> References => Lazily.Value;
}
