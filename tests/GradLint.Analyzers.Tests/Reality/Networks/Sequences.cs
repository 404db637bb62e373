using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace Networks.Sequences;

/// <summary>Sentiment by the last state of a GRU.</summary>
public class GruClassifier : Module<Tensor, Tensor>
{
    private readonly Embedding embedding;
    private readonly GRU gru;
    private readonly Dropout dropout;
    private readonly Linear fc;

    public GruClassifier(int vocab = 50, int embed = 16, int hidden = 32, int classes = 2) : base(nameof(GruClassifier))
    {
        embedding = Embedding(vocab, embed);
        gru = GRU(embed, hidden, batchFirst: true);
        dropout = Dropout(0.3);
        fc = Linear(hidden, classes);
        RegisterComponents();
    }

    public override Tensor forward(Tensor tokens)
    {
        var e = embedding.call(tokens);
        var (output, _) = gru.call(e);
        var last = output.select(1, -1);
        return fc.call(dropout.call(last));
    }
}

/// <summary>A number from a window of a time series.</summary>
public class LstmForecaster : Module<Tensor, Tensor>
{
    private readonly LSTM lstm;
    private readonly Linear linear;

    public LstmForecaster(int inputSize = 3, int hiddenSize = 20, int numLayers = 2) : base(nameof(LstmForecaster))
    {
        lstm = LSTM(inputSize, hiddenSize, numLayers, batchFirst: true, dropout: 0.1);
        linear = Linear(hiddenSize, 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var (y, h, c) = lstm.forward(x);
        return linear.forward(y[.., -1, ..]);
    }
}

/// <summary>Karpathy's char-rnn: logits of the next character at every step.</summary>
public class CharRnn : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> encoder;
    private readonly LSTM rnn;
    private readonly Linear decoder;

    public CharRnn(long chars = 40, long hidden = 32) : base("char-rnn")
    {
        encoder = Embedding(chars, hidden);
        rnn = LSTM(hidden, hidden, numLayers: 2);
        decoder = Linear(hidden, chars);
        InitWeights();
        RegisterComponents();
    }

    private void InitWeights()
    {
        init.uniform_(decoder.weight, -0.1, 0.1);
        init.zeros_(decoder.bias!);
    }

    public override Tensor forward(Tensor input)
    {
        var emb = encoder.call(input);
        var output = rnn.call(emb).Item1;
        return decoder.call(output.view(-1, output.shape[2]));
    }
}

/// <summary>Graves and Schmidhuber 2005: both directions, a label for each token.</summary>
public class BiLstmTagger : Module<Tensor, Tensor>
{
    private readonly Embedding word_embeddings = Embedding(60, 12);
    private readonly LSTM lstm = LSTM(12, 16, batchFirst: true, bidirectional: true);
    private readonly Linear hidden2tag = Linear(2 * 16, 5);

    public BiLstmTagger() : base(nameof(BiLstmTagger)) => RegisterComponents();

    public override Tensor forward(Tensor sentence)
    {
        var embeds = word_embeddings.call(sentence);
        (Tensor lstm_out, _, _) = lstm.call(embeds);
        var tag_space = hidden2tag.call(lstm_out);
        return log_softmax(tag_space, dim: -1);
    }
}

/// <summary>Elman 1990, the cell applied by hand.</summary>
public class ElmanNet : Module<Tensor, Tensor>
{
    private readonly Linear i2h, h2o;
    private readonly long hidden;

    public ElmanNet(long inputs = 6, long hidden = 12, long outputs = 3) : base(nameof(ElmanNet))
    {
        this.hidden = hidden;
        i2h = Linear(inputs + hidden, hidden);
        h2o = Linear(hidden, outputs);
        RegisterComponents();
    }

    public override Tensor forward(Tensor sequence)
    {
        var h = zeros(sequence.shape[1], hidden);
        for (var t = 0; t < sequence.shape[0]; t++)
            h = tanh(i2h.call(cat(new[] { sequence[t], h }, 1)));
        return h2o.call(h);
    }
}

/// <summary>A plain recurrent layer, its output at the last step.</summary>
public class RnnRegressor : Module<Tensor, Tensor>
{
    private readonly RNN rnn;
    private readonly Linear head;

    public RnnRegressor() : base(nameof(RnnRegressor))
    {
        rnn = RNN(2, 24, nonLinearity: NonLinearities.Tanh, batchFirst: true);
        head = Linear(24, 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var (output, hidden) = rnn.call(x);
        return head.call(hidden.squeeze(0));
    }
}

/// <summary>Cho et al. 2014 and Bahdanau et al. 2014: an encoder, and a decoder that attends to it.</summary>
public class Seq2Seq : Module<Tensor, Tensor, Tensor>
{
    private readonly EncoderRnn encoder;
    private readonly AttentionDecoder decoder;

    public Seq2Seq(int sourceVocab = 30, int targetVocab = 40, int hidden = 24) : base(nameof(Seq2Seq))
    {
        encoder = new EncoderRnn(sourceVocab, hidden);
        decoder = new AttentionDecoder(targetVocab, hidden);
        RegisterComponents();
    }

    public override Tensor forward(Tensor source, Tensor target)
    {
        var (outputs, state) = encoder.call(source);
        return decoder.call(target, outputs, state);
    }

    private sealed class EncoderRnn : Module<Tensor, (Tensor, Tensor)>
    {
        private readonly Embedding embedding;
        private readonly GRU gru;

        public EncoderRnn(int vocab, int hidden) : base(nameof(EncoderRnn))
        {
            embedding = Embedding(vocab, hidden);
            gru = GRU(hidden, hidden, batchFirst: true);
            RegisterComponents();
        }

        public override (Tensor, Tensor) forward(Tensor input) => gru.call(dropout(embedding.call(input), 0.1, training));
    }

    private sealed class AttentionDecoder : Module<Tensor, Tensor, Tensor, Tensor>
    {
        private readonly Embedding embedding;
        private readonly GRU gru;
        private readonly Linear attn, combine, output;

        public AttentionDecoder(int vocab, int hidden) : base(nameof(AttentionDecoder))
        {
            embedding = Embedding(vocab, hidden);
            gru = GRU(hidden, hidden, batchFirst: true);
            attn = Linear(hidden, hidden, hasBias: false);
            combine = Linear(2 * hidden, hidden);
            output = Linear(hidden, vocab);
            RegisterComponents();
        }

        public override Tensor forward(Tensor target, Tensor memory, Tensor state)
        {
            var embedded = embedding.call(target);
            var (decoded, _) = gru.call(embedded, state);
            var scores = bmm(attn.call(decoded), memory.transpose(1, 2));
            var weights = softmax(scores, -1);
            var context = bmm(weights, memory);
            var combined = tanh(combine.call(cat(new[] { decoded, context }, -1)));
            return output.call(combined);
        }
    }
}

/// <summary>Kim 2014: convolutions of several widths over word vectors.</summary>
public class TextCnn : Module<Tensor, Tensor>
{
    private readonly Embedding embedding;
    private readonly ModuleList<Conv1d> convs;
    private readonly Dropout dropout;
    private readonly Linear fc;

    public TextCnn(int vocab = 80, int dim = 16, int filters = 12, double p = 0.5) : base(nameof(TextCnn))
    {
        var sizes = new[] { 3, 4, 5 };
        embedding = Embedding(vocab, dim, padding_idx: 0);
        convs = ModuleList(sizes.Select(k => Conv1d(dim, filters, k)).ToArray());
        dropout = Dropout(p);
        fc = Linear(filters * sizes.Length, 2);
        RegisterComponents();
    }

    public override Tensor forward(Tensor text)
    {
        var embedded = embedding.call(text).permute(0, 2, 1);
        var pooled = convs.Select(conv => relu(conv.call(embedded)).amax(new long[] { 2 })).ToList();
        return fc.call(dropout.call(cat(pooled, 1)));
    }
}

/// <summary>Mikolov et al. 2013: the words around predict the one between.</summary>
public class Cbow : Module<Tensor, Tensor>
{
    private readonly Embedding embeddings;
    private readonly Linear linear1, linear2;

    public Cbow(long vocab = 49, long dim = 10, long context = 2) : base(nameof(Cbow))
    {
        embeddings = Embedding(vocab, dim);
        linear1 = Linear(2 * context * dim, 32);
        linear2 = Linear(32, vocab);
        RegisterComponents();
    }

    public override Tensor forward(Tensor inputs)
    {
        var embeds = embeddings.call(inputs).view(inputs.size(0), -1);
        var output = relu(linear1.call(embeds));
        output = linear2.call(output);
        return log_softmax(output, 1);
    }
}

/// <summary>He et al. 2017: users and items, both ways.</summary>
public class NeuralCollaborativeFiltering : Module<Tensor, Tensor, Tensor>
{
    private readonly Embedding userGmf, itemGmf, userMlp, itemMlp;
    private readonly Sequential mlp;
    private readonly Linear predict;

    public NeuralCollaborativeFiltering(int users = 20, int items = 30, int factors = 8) : base("NCF")
    {
        userGmf = Embedding(users, factors);
        itemGmf = Embedding(items, factors);
        userMlp = Embedding(users, factors);
        itemMlp = Embedding(items, factors);
        mlp = Sequential(Linear(2 * factors, 16), ReLU(), Linear(16, 8), ReLU());
        predict = Linear(8 + factors, 1);
        RegisterComponents();
        foreach (var e in new[] { userGmf, itemGmf, userMlp, itemMlp })
            init.normal_(e.weight!, std: 0.01);
    }

    public override Tensor forward(Tensor user, Tensor item)
    {
        var gmf = userGmf.call(user) * itemGmf.call(item);
        var h = mlp.call(cat(new[] { userMlp.call(user), itemMlp.call(item) }, -1));
        return predict.call(cat(new[] { gmf, h }, -1)).squeeze(-1);
    }
}
