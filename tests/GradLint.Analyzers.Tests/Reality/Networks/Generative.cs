using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace Networks.Generative;

/// <summary>Radford et al. 2015.</summary>
public class DcganGenerator : Module<Tensor, Tensor>
{
    private readonly Sequential main;

    public DcganGenerator(int nz = 16, int ngf = 8, int nc = 1) : base("Generator")
    {
        main = Sequential(
            ConvTranspose2d(nz, ngf * 4, 4, 1, 0, bias: false),
            BatchNorm2d(ngf * 4),
            ReLU(true),
            ConvTranspose2d(ngf * 4, ngf * 2, 4, 2, 1, bias: false),
            BatchNorm2d(ngf * 2),
            ReLU(true),
            ConvTranspose2d(ngf * 2, nc, 4, 2, 1, bias: false),
            Tanh());
        RegisterComponents();
        apply(WeightsInit);
    }

    private static void WeightsInit(nn.Module m)
    {
        switch (m)
        {
            case ConvTranspose2d conv:
                init.normal_(conv.weight, 0.0, 0.02);
                break;
            case BatchNorm2d bn:
                init.normal_(bn.weight, 1.0, 0.02);
                init.zeros_(bn.bias!);
                break;
        }
    }

    public override Tensor forward(Tensor input) => main.call(input);
}

public class DcganDiscriminator : Module<Tensor, Tensor>
{
    private readonly Sequential main;

    public DcganDiscriminator(int ndf = 8, int nc = 1) : base("Discriminator")
    {
        main = Sequential(
            ("conv1", Conv2d(nc, ndf, 4, 2, 1, bias: false)),
            ("lrelu1", LeakyReLU(0.2, inplace: true)),
            ("conv2", Conv2d(ndf, ndf * 2, 4, 2, 1, bias: false)),
            ("bn2", BatchNorm2d(ndf * 2)),
            ("lrelu2", LeakyReLU(0.2, inplace: true)),
            ("conv3", Conv2d(ndf * 2, 1, 4, 1, 0, bias: false)),
            ("sigmoid", Sigmoid()));
        RegisterComponents();
        foreach (var (name, param) in named_parameters())
        {
            if (name.Contains("conv"))
                init.normal_(param, 0.0, 0.02);
            else if (name.EndsWith("weight"))
                init.normal_(param, 1.0, 0.02);
        }
    }

    public override Tensor forward(Tensor input)
    {
        var output = main.call(input);
        return output.view(-1, 1).squeeze(1);
    }
}

/// <summary>Isola et al. 2016: a discriminator of patches, its layers counted by a parameter.</summary>
public class PatchGan : Module<Tensor, Tensor>
{
    private readonly Sequential model;

    public PatchGan(int input_nc = 3, int ndf = 8, int n_layers = 3) : base(nameof(PatchGan))
    {
        var sequence = new List<Module<Tensor, Tensor>> { Conv2d(input_nc, ndf, 4, stride: 2, padding: 1), LeakyReLU(0.2) };
        int nf_mult = 1;
        for (int n = 1; n < n_layers; n++)
        {
            int nf_mult_prev = nf_mult;
            nf_mult = Math.Min((int)Math.Pow(2, n), 8);
            sequence.Add(Conv2d(ndf * nf_mult_prev, ndf * nf_mult, 4, stride: 2, padding: 1));
            sequence.Add(InstanceNorm2d(ndf * nf_mult));
            sequence.Add(LeakyReLU(0.2));
        }

        sequence.Add(Conv2d(ndf * nf_mult, 1, 4, stride: 1, padding: 1));
        model = Sequential(sequence);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => model.call(x);
}

/// <summary>Goodfellow et al. 2014: a generator of fully connected layers.</summary>
public class MlpGenerator : Module<Tensor, Tensor>
{
    private readonly Sequential model;

    public MlpGenerator(int latentDim = 100) : base("generator")
    {
        IEnumerable<Module<Tensor, Tensor>> Block(int inFeat, int outFeat, bool normalize = true)
        {
            var layers = new List<Module<Tensor, Tensor>> { Linear(inFeat, outFeat) };
            if (normalize)
                layers.Add(BatchNorm1d(outFeat, 0.8));
            layers.Add(LeakyReLU(0.2, inplace: true));
            return layers;
        }

        var all = new List<Module<Tensor, Tensor>>();
        all.AddRange(Block(latentDim, 128, normalize: false));
        all.AddRange(Block(128, 256));
        all.AddRange(Block(256, 512));
        all.Add(Linear(512, 784));
        all.Add(Tanh());
        model = Sequential(all);
        RegisterComponents();
    }

    public override Tensor forward(Tensor z)
    {
        var img = model.call(z);
        return img.view(img.size(0), 1, 28, 28);
    }
}

/// <summary>Hinton and Salakhutdinov 2006.</summary>
public class Autoencoder : Module<Tensor, Tensor>
{
    private readonly Sequential encoder;
    private readonly Sequential decoder;

    public Autoencoder() : base(nameof(Autoencoder))
    {
        encoder = Sequential(
            Linear(784, 128), ReLU(),
            Linear(128, 64), ReLU(),
            Linear(64, 12), ReLU(),
            Linear(12, 3));
        decoder = Sequential(
            Linear(3, 12), ReLU(),
            Linear(12, 64), ReLU(),
            Linear(64, 128), ReLU(),
            Linear(128, 784), Sigmoid());
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var encoded = encoder.call(x);
        var decoded = decoder.call(encoded);
        return decoded;
    }
}

/// <summary>An autoencoder of images, as two modules of its own.</summary>
public class ConvAutoencoder : Module<Tensor, Tensor>
{
    private readonly Encoder encoder;
    private readonly Decoder decoder;

    public ConvAutoencoder(int latent = 8) : base(nameof(ConvAutoencoder))
    {
        encoder = new Encoder(latent);
        decoder = new Decoder(latent);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => decoder.forward(encoder.forward(x));

    private class Encoder : Module<Tensor, Tensor>
    {
        private readonly Conv2d conv1 = Conv2d(1, 8, 3, stride: 2, padding: 1);
        private readonly Conv2d conv2 = Conv2d(8, 16, 3, stride: 2, padding: 1);
        private readonly Linear fc;

        public Encoder(int latent) : base("Encoder")
        {
            fc = Linear(16 * 7 * 7, latent);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            x = conv1.forward(x).relu();
            x = conv2.forward(x).relu();
            return fc.forward(x.flatten(start_dim: 1));
        }
    }

    private class Decoder : Module<Tensor, Tensor>
    {
        private readonly Linear fc;
        private readonly ConvTranspose2d conv1 = ConvTranspose2d(16, 8, 4, stride: 2, padding: 1);
        private readonly ConvTranspose2d conv2 = ConvTranspose2d(8, 1, 4, stride: 2, padding: 1);

        public Decoder(int latent) : base("Decoder")
        {
            fc = Linear(latent, 16 * 7 * 7);
            RegisterComponents();
        }

        public override Tensor forward(Tensor z)
        {
            var x = fc.forward(z).relu().view(-1, 16, 7, 7);
            x = conv1.forward(x).relu();
            return conv2.forward(x).sigmoid();
        }
    }
}

/// <summary>Kingma and Welling 2013: returns the reconstruction, the mean and the logarithm of the variance.</summary>
public class Vae : Module<Tensor, (Tensor, Tensor, Tensor)>
{
    private readonly Linear fc1, fc21, fc22, fc3, fc4;

    public Vae() : base(nameof(Vae))
    {
        fc1 = Linear(784, 100);
        fc21 = Linear(100, 20);
        fc22 = Linear(100, 20);
        fc3 = Linear(20, 100);
        fc4 = Linear(100, 784);
        RegisterComponents();
    }

    public (Tensor, Tensor) encode(Tensor x)
    {
        var h1 = relu(fc1.call(x));
        return (fc21.call(h1), fc22.call(h1));
    }

    private Tensor reparameterize(Tensor mu, Tensor logvar)
    {
        var std = exp(0.5 * logvar);
        var eps = randn_like(std);
        return mu + eps * std;
    }

    public Tensor decode(Tensor z)
    {
        var h3 = relu(fc3.call(z));
        return torch.sigmoid(fc4.call(h3));
    }

    public override (Tensor, Tensor, Tensor) forward(Tensor x)
    {
        var (mu, logvar) = encode(x.view(-1, 784));
        var z = reparameterize(mu, logvar);
        return (decode(z), mu, logvar);
    }
}
