using TorchSharp;
using static TorchSharp.torch;

namespace GradLint.Analyzers.Tests.Reality;

/// <summary>A module class of Reality/Networks, and tensors that it can be called with.</summary>
/// <param name="Class">Full name of the class.</param>
/// <param name="Inputs">Makes one argument of forward each; float inputs are drawn from N(0, 1).</param>
public sealed record Architecture(string Class, Func<Tensor[]> Inputs)
{
    /// <summary>Every class that is read and run.</summary>
    public static IReadOnlyList<Architecture> All { get; } =
    [
        Of("ClassicConvolutions.LeNet5", [4, 1, 28, 28]),
        Of("ClassicConvolutions.MnistModel", [2, 1, 28, 28]),
        Of("ClassicConvolutions.AlexNet", [2, 3, 32, 32]),
        Of("ClassicConvolutions.NetworkInNetwork", [2, 3, 32, 32]),
        Of("ClassicConvolutions.Conv3dNet", [2, 3, 4, 8, 8]),
        Of("ClassicConvolutions.M5", [2, 1, 8000]),
        Of("Vgg.Vgg11", [4, 3, 32, 32]),
        Of("Vgg.VGG", [4, 3, 32, 32]),
        Of("Vgg.Vgg16", [2, 3, 32, 32]),
        Of("ResNets.ResNet18", [2, 3, 32, 32]),
        Of("ResNets.ResNet34", [2, 3, 32, 32]),
        Of("ResNets.BottleneckResNet", [2, 3, 16, 16]),
        Of("ResNets.WideResNet", [2, 3, 16, 16]),
        Of("ResNets.ResNeXt", [2, 3, 16, 16]),
        Of("MobileNets.MobileNetV1", [2, 3, 16, 16]),
        Of("MobileNets.MobileNetV2", [2, 3, 32, 32]),
        Of("MobileNets.SqueezeNet", [2, 3, 32, 32]),
        Of("ConvolutionBlocks.UNet", [2, 1, 16, 16]),
        Of("ConvolutionBlocks.SENet", [2, 3, 16, 16]),
        Of("ConvolutionBlocks.DenseNet", [2, 3, 16, 16]),
        Of("ConvolutionBlocks.GoogLeNet", [2, 3, 16, 16]),
        Of("ConvolutionBlocks.TemporalConvNet", [2, 4, 20]),
        Of("ConvolutionBlocks.WaveNet", [2, 1, 32]),
        Of("ConvolutionBlocks.DiffusionBlock", [2, 8, 8, 8]),
        Of("Generative.DcganGenerator", [2, 16, 1, 1]),
        Of("Generative.DcganDiscriminator", [4, 1, 16, 16]),
        Of("Generative.PatchGan", [2, 3, 32, 32]),
        Of("Generative.MlpGenerator", [16, 100]),
        Of("Generative.Autoencoder", [64, 784]),
        Of("Generative.ConvAutoencoder", [2, 1, 28, 28]),
        Of("Generative.Vae", [4, 784]),
        Of("Reinforcement.Dqn", [64, 4]),
        Of("Reinforcement.AtariDqn", [2, 4, 84, 84]),
        Of("Reinforcement.DuelingDqn", [8, 8]),
        Of("Reinforcement.NoisyDqn", [8, 8]),
        Of("Reinforcement.ActorCritic", [8, 8]),
        Of("Reinforcement.GaussianPolicy", [64, 8]),
        Of("Reinforcement.DdpgCritic", [8, 6], [8, 2]),
        Of("Reinforcement.TwinCritic", [8, 6], [8, 2]),
        Of("Sequences.GruClassifier", Tokens(50, 4, 7)),
        Of("Sequences.LstmForecaster", [4, 9, 3]),
        Of("Sequences.CharRnn", Tokens(40, 6, 3)),
        Of("Sequences.BiLstmTagger", Tokens(60, 2, 6)),
        Of("Sequences.ElmanNet", [5, 3, 6]),
        Of("Sequences.RnnRegressor", [4, 8, 2]),
        Of("Sequences.Seq2Seq", Tokens(30, 2, 6), Tokens(40, 2, 5)),
        Of("Sequences.TextCnn", Tokens(80, 3, 12)),
        Of("Sequences.Cbow", Tokens(49, 4, 4)),
        Of("Sequences.NeuralCollaborativeFiltering", Tokens(20, 8), Tokens(30, 8)),
        Of("Transformers.TransformerModel", [Tokens(50, 6, 2), () => zeros(6, 6)]),
        Of("Transformers.EncoderClassifier", [5, 2, 6]),
        Of("Transformers.TinyGpt", Tokens(40, 2, 8)),
        Of("Transformers.VisionTransformer", [2, 3, 16, 16]),
        Of("Transformers.MlpMixer", [2, 16, 12]),
        Of("DenseNetworks.HighwayNetwork", [4, 20]),
        Of("DenseNetworks.PhysicsInformed", [64, 2]),
        Of("DenseNetworks.Siren", [64, 2]),
        Of("DenseNetworks.DeepSigmoid", [64, 64]),
        Of("DenseNetworks.DeepTanh", [64, 64]),
        Of("DenseNetworks.ModuleDictNet", [64, 12]),
        Of("DenseNetworks.SequentialForms", [64, 16]),
        Of("DenseNetworks.ConfiguredMlp", [64, 32]),
        Of("DenseNetworks.EnumMlp", [64, 24]),
        Of("DenseNetworks.FunctionMlp", [64, 16]),
        Of("DenseNetworks.NamedInit", [64, 32]),
        Of("DenseNetworks.SelfNormalizing", [64, 40]),
        Of("DenseNetworks.ResidualMlp", [16, 10]),
        Of("DenseNetworks.MixtureDensity", [8, 1]),
        Of("ClassForms.DerivedClassifier", [64, 20]),
        Of("ClassForms.PartialNet", [64, 12]),
        Of("ClassForms.GenericNet", [8, 16]),
        Of("ClassForms.ChainedConstructors", [64, 16]),
        Of("ClassForms.Siamese", [4, 20], [4, 20]),
        Of("ClassForms.DeepSets", [4, 6, 3]),
        Of("ClassForms.GraphConvolution", [7, 10], [7, 7]),
        Of("ClassForms.OptionalLayers", [64, 18]),
        Of("ClassForms.SharedLayer", [8, 10]),
        Of("RepeatedLayers.UnknownMlp", [8, 12]),
        Of("RepeatedLayers.UnknownResNet", [4, 3, 8, 8]),
        Of("RepeatedLayers.UnknownWithNorms", [8, 16]),
        Of("RepeatedLayers.UnknownCrossNetwork", [8, 10]),
        Of("RepeatedLayers.UnknownDenseNet", [8, 6]),
        Of("RepeatedLayers.UnknownArrayOfLayers", [8, 5]),
        Of("RepeatedLayers.EquilibriumModel", [8, 6]),
        Of("RepeatedLayers.ListForms", [8, 4]),
        Of("HandWritten.CausalSelfAttention", [2, 5, 16]),
        Of("HandWritten.ChunkedAttention", [2, 5, 16]),
        Of("HandWritten.AdditiveAttention", [3, 8], [3, 5, 8]),
        Of("HandWritten.GatedLinearUnit", [2, 8, 10]),
        Of("HandWritten.HighwayStack", [8, 12]),
        Of("HandWritten.LstmByHand", [4, 6, 3]),
        Of("HandWritten.GruLanguageModel", Tokens(30, 4, 6)),
        Of("HandWritten.LstmCellClassifier", [4, 7, 3]),
        Of("HandWritten.RnnCellTagger", [4, 7, 3]),
        new("VanishingMlp.SigmoidMlp", () => [randn(64, 64)]),
        new("VanishingMlp.ReluMlp", () => [randn(64, 64)]),
    ];

    public override string ToString() => Class;

    private static Architecture Of(string name, params long[][] shapes) => new("Networks." + name, () => [.. shapes.Select(shape => randn(shape))]);

    private static Architecture Of(string name, params Func<Tensor>[] inputs) => new("Networks." + name, () => [.. inputs.Select(make => make())]);

    private static Func<Tensor> Tokens(long vocabulary, params long[] shape) => () => randint(0, vocabulary, shape, dtype: ScalarType.Int64);
}
