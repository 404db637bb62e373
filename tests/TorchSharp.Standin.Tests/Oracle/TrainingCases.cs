using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.Reduction;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.Standin.Tests.Oracle;

internal sealed class LossCases : Cases
{
    public LossCases()
    {
        foreach (var (suffix, r) in new[] { ("", Mean), (" sum", Sum), (" none", None) })
        {
            Loss("MSELoss" + suffix, x => MSELoss(r).call(x, Target()), x => F.mse_loss(x, Target(), r));
            Loss("L1Loss" + suffix, x => L1Loss(r).call(x, Target()), x => F.l1_loss(x, Target(), r));
            Loss("CrossEntropyLoss" + suffix, x => CrossEntropyLoss(reduction: r).call(x, Label()), x => F.cross_entropy(x, Label(), reduction: r));
            Loss("NLLLoss" + suffix, x => NLLLoss(reduction: r).call(x.log_softmax(1), Label()), x => F.nll_loss(F.log_softmax(x, 1), Label(), reduction: r));
            Loss("BCEWithLogitsLoss" + suffix, x => BCEWithLogitsLoss(reduction: r).call(x, Bits()), x => F.binary_cross_entropy_with_logits(x, Bits(), reduction: r));
        }

        Loss("CrossEntropyLoss weighted", x => CrossEntropyLoss(Weight()).call(x, Label()), x => F.cross_entropy(x, Label(), Weight()));
        Loss("CrossEntropyLoss ignoring", x => CrossEntropyLoss(ignore_index: 0).call(x, Label()), x => F.cross_entropy(x, Label(), ignore_index: 0));
        Loss("CrossEntropyLoss smoothed", null, x => F.cross_entropy(x, Label(), label_smoothing: 0.1));
        Loss("CrossEntropyLoss of probabilities", x => CrossEntropyLoss().call(x, Probabilities()), x => F.cross_entropy(x, Probabilities()));
        Loss("NLLLoss weighted", x => NLLLoss(Weight()).call(x.log_softmax(1), Label()), x => F.nll_loss(x.log_softmax(1), Label(), Weight()));
        Loss("BCELoss", x => BCELoss().call(x.sigmoid(), Bits()), x => F.binary_cross_entropy(x.sigmoid(), Bits()));
        Loss("BCEWithLogitsLoss with positive weights", x => BCEWithLogitsLoss(pos_weights: Weight()).call(x, Bits()), x => F.binary_cross_entropy_with_logits(x, Bits(), pos_weights: Weight()));
        Loss("SmoothL1Loss", x => SmoothL1Loss(beta: 0.5).call(x, Target()), x => F.smooth_l1_loss(x, Target(), beta: 0.5));
        Loss("HuberLoss", x => HuberLoss(0.5).call(x, Target()), x => F.huber_loss(x, Target(), 0.5));
        Loss("KLDivLoss", x => KLDivLoss(log_target: false).call(x.log_softmax(1), Probabilities()), x => F.kl_div(x.log_softmax(1), Probabilities(), log_target: false));
        Loss("KLDivLoss of logarithms", x => KLDivLoss().call(x.log_softmax(1), Probabilities().log()), x => F.kl_div(x.log_softmax(1), Probabilities().log()));
        Loss("PoissonNLLLoss", x => PoissonNLLLoss().call(x, Target().abs()), x => F.poisson_nll_loss(x, Target().abs()));
        Loss("GaussianNLLLoss", x => GaussianNLLLoss().call(x, Target(), Target().abs() + 0.5), x => F.gaussian_nll_loss(x, Target(), Target().abs() + 0.5));
        Loss("HingeEmbeddingLoss", x => HingeEmbeddingLoss().call(x, Signs(4, 3)), x => F.hinge_embedding_loss(x, Signs(4, 3), margin: 1));
        Loss("SoftMarginLoss", x => SoftMarginLoss().call(x, Signs(4, 3)), x => F.soft_margin_loss(x, Signs(4, 3)));
        Loss("MultiLabelSoftMarginLoss", x => MultiLabelSoftMarginLoss().call(x, Bits()), x => F.multilabel_soft_margin_loss(x, Bits()));
        Loss("MultiMarginLoss", x => MultiMarginLoss().call(x, Label()), x => F.multi_margin_loss(x, Label()));
        Function("MarginRankingLoss", x => [MarginRankingLoss(0.1).call(x[0], x[1], Signs(4, 3))], [4, 3], [4, 3]);
        Function("CosineEmbeddingLoss", x => [CosineEmbeddingLoss(0.1).call(x[0], x[1], Signs(4))], [4, 3], [4, 3]);
        Function("TripletMarginLoss", x => [TripletMarginLoss().call(x[0], x[1], x[2])], [4, 3], [4, 3], [4, 3]);
        Function("CTCLoss", x => [CTCLoss().call(x[0].log_softmax(2), tensor(new long[] { 1, 2, 0, 2, 1, 2 }).reshape(2, 3), tensor(new long[] { 5, 5 }), tensor(new long[] { 2, 3 }))], [5, 2, 3]);
    }

    private static Tensor Target() => Fill([4, 3], phase: 1.7);

    private static Tensor Probabilities() => Target().softmax(1);

    private static Tensor Bits() => (Signs(4, 3) + 1) / 2;

    private static Tensor Label() => Classes(4, 3);

    private static Tensor Weight() => tensor(new float[] { 0.5f, 1, 2 });

    private void Loss(string name, Func<Tensor, Tensor>? module, Func<Tensor, Tensor> functional)
    {
        if (module is not null)
            Function(name, module, 4, 3);
        Function($"{name} (functional)", functional, 4, 3);
    }
}

internal sealed class OptimizerCases : Cases
{
    public OptimizerCases()
    {
        Optimizer("SGD", p => optim.SGD(p, 0.1));
        Optimizer("SGD with momentum", p => optim.SGD(p, 0.1, momentum: 0.9));
        Optimizer("SGD damped", p => optim.SGD(p, 0.1, momentum: 0.9, dampening: 0.5));
        Optimizer("SGD of Nesterov", p => optim.SGD(p, 0.1, momentum: 0.9, nesterov: true));
        Optimizer("SGD with weight decay", p => optim.SGD(p, 0.1, weight_decay: 0.1));
        Optimizer("Adam", p => optim.Adam(p, 0.01));
        Optimizer("Adam with everything", p => optim.Adam(p, 0.01, beta1: 0.8, beta2: 0.9, eps: 1e-4, weight_decay: 0.1, amsgrad: true));
        Optimizer("AdamW", p => optim.AdamW(p, 0.01, weight_decay: 0.1));
        Optimizer("RMSProp", p => optim.RMSProp(p, 0.01));
        Optimizer("RMSProp with momentum", p => optim.RMSProp(p, 0.01, alpha: 0.9, weight_decay: 0.1, momentum: 0.5, centered: true));
        Optimizer("Adagrad", p => optim.Adagrad(p, 0.1));
        Optimizer("Adagrad decaying", p => optim.Adagrad(p, 0.1, lr_decay: 0.1, weight_decay: 0.1));
    }

    private void Optimizer(string name, Func<IEnumerable<Parameter>, optim.Optimizer> make) =>
        Layer(name, () => Sequential(Linear(4, 5), Tanh(), Linear(5, 3)), (model, _) => Train(model, make));

    private static Tensor[] Train(Module<Tensor, Tensor> model, Func<IEnumerable<Parameter>, optim.Optimizer> make)
    {
        var (x, target) = (Fill([6, 4]), Classes(6, 3));
        using var optimizer = make(model.parameters());
        for (int step = 0; step < 3; step++)
        {
            optimizer.zero_grad();
            F.cross_entropy(model.call(x), target).backward();
            optimizer.step();
        }
        model.zero_grad();
        return [.. model.named_parameters().OrderBy(p => p.name, StringComparer.Ordinal).Select(p => p.parameter.detach())];
    }
}

internal sealed class OperatorCases : Cases
{
    public OperatorCases()
    {
        Function("matmul", x => [x[0].matmul(x[1])], [2, 3, 4], [4, 5]);
        Function("matmul (static)", x => [torch.matmul(x[0], x[1])], [2, 3, 4], [4, 5]);
        Function("batched matmul", x => [x[0].bmm(x[1])], [2, 3, 4], [2, 4, 2]);
        Function("arithmetic", x => [((x[0] + (x[1] * 2) - 1) / (x[1].pow(2) + 1)) - (x[0] * x[1])], [3, 4], [4]);
        Function("arithmetic (methods)", x => [x[0].add(x[1].mul(2)).sub(1).div(x[1].pow(2).add(1)).sub(x[0].mul(x[1]))], [3, 4], [4]);
        Function("reductions", x => [x[0].sum(), x[0].mean([1]), x[0].std(), x[0].var(0), x[0].sum(1, keepdim: true), x[0].norm(), x[0].abs().max()], [3, 4]);
        Function("exponentials", x => [x[0].exp(), (x[0].abs() + 1).log(), (x[0].abs() + 1).sqrt(), x[0].sin(), x[0].cos()], [3, 4]);
        Function("shapes", x => [x[0].view(2, 6).t(), x[0].unsqueeze(0).transpose(1, 2), x[0].permute(1, 0), x[0].flatten(), x[0].reshape(-1, 2).squeeze()], [3, 4]);
        Function("joins", x => [cat([x[0], x[1]], 1), stack([x[0], x[1]], 1)], [3, 4], [3, 4]);
        Function("slices", x => [x[0][1], x[0][.., 1..3], x[0][TensorIndex.Ellipsis, -1], x[0].narrow(1, 1, 2), .. x[0].chunk(2, 1), x[0].select(0, 2)], [3, 4]);
        Function("vector norms", x => [linalg.vector_norm(x[0], 2), linalg.vector_norm(x[0], 1), linalg.vector_norm(x[0], double.PositiveInfinity)], [3, 4]);
        Function("clamps", x => [x[0].clamp(-0.5, 0.7), maximum(x[0], x[1]), where(x[0].gt(x[1]), x[0], x[1]), x[0].masked_fill(x[1].gt(0), 2)], [3, 4], [3, 4]);
        Function("einsum", x => [einsum("ij,kj->ik", x[0], x[1])], [3, 4], [5, 4]);
        Function("scaled dot product", x => [F.softmax(x[0].matmul(x[1].transpose(-2, -1)) / 2, -1).matmul(x[2])], [2, 3, 4], [2, 5, 4], [2, 5, 4]);
        Function("scaled dot product (functional)", x => [F.scaled_dot_product_attention(x[0], x[1], x[2])], [2, 3, 4], [2, 5, 4], [2, 5, 4]);
    }
}
