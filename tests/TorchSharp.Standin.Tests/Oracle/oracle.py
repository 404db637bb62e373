"""Writes expected.json: what PyTorch computes for the cases of Cases*.cs, outputs and gradients.

Weights and data come from a closed formula on both sides (fill), so no random stream has to agree; only "seeded" holds
what a seed gives, which another random number generator of a later libtorch may not repeat.
Run with a Python that has torch (Debian: python3-torch):  python3 oracle.py > expected.json
"""
import json
import math
import warnings

import torch
import torch.nn.functional as F
from torch import nn

warnings.filterwarnings("ignore")
cases = {}


def fill(*shape, scale=1.3, phase=0.0):
    values = [scale * math.sin(0.7 * i + phase) for i in range(math.prod(shape))]
    return torch.tensor(values, dtype=torch.float64).reshape(shape).float()


def classes(count, of):
    return (torch.arange(count) * 2 + 1) % of


def signs(*shape):
    return torch.where(fill(*shape, phase=2.0) > 0, 1.0, -1.0)


def numbers(tensor):
    return {"shape": list(tensor.shape), "values": [float(f"{v:.8g}") for v in tensor.detach().double().flatten().tolist()]}


def case(name, forward, *shapes, model=None, scale=1.3):
    """forward takes one tensor for each shape; the loss weights its outputs with fill, so that no gradient is constant."""
    assert name not in cases, name
    if model is not None:
        for k, (_, p) in enumerate(sorted(model.named_parameters())):
            fan_in = p[0].numel() if p.dim() > 1 else p.numel()
            p.data.copy_(fill(*p.shape, scale=1.5 / math.sqrt(fan_in), phase=1.0 + k))
    inputs = [fill(*shape, scale=scale, phase=0.1 + k).requires_grad_() for k, shape in enumerate(shapes)]
    outputs = forward(*inputs)
    outputs = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
    loss = sum((o * fill(*o.shape, scale=1.0, phase=0.3 + k)).sum() for k, o in enumerate(outputs))
    if loss.requires_grad:
        loss.backward()
    parameters = dict(model.named_parameters()) if model is not None else {}
    buffers = dict(model.named_buffers()) if model is not None else {}
    cases[name] = {
        "outputs": [numbers(o) for o in outputs],
        "inputGradients": [None if x.grad is None else numbers(x.grad) for x in inputs],
        "parameterGradients": {n: None if p.grad is None else numbers(p.grad) for n, p in parameters.items()},
        "buffers": {n: numbers(b) for n, b in buffers.items()},
    }


def layer(name, model, *shapes, scale=1.3):
    case(name, model, *shapes, model=model, scale=scale)


def flat(*parts):
    out = []
    for part in parts:
        out += flat(*part) if isinstance(part, tuple) else [part]
    return out


def activations():
    shape = (3, 4)
    for name, model in {
        "CELU": nn.CELU(0.7), "ELU": nn.ELU(0.7), "GELU": nn.GELU(), "GLU": nn.GLU(),
        "Hardshrink": nn.Hardshrink(0.6), "Hardsigmoid": nn.Hardsigmoid(), "Hardswish": nn.Hardswish(), "Hardtanh": nn.Hardtanh(-0.8, 1.2),
        "LeakyReLU": nn.LeakyReLU(0.2), "LeakyReLU default": nn.LeakyReLU(), "LogSigmoid": nn.LogSigmoid(), "LogSoftmax": nn.LogSoftmax(1),
        "Mish": nn.Mish(), "ReLU": nn.ReLU(), "ReLU6": nn.ReLU6(), "SELU": nn.SELU(), "Sigmoid": nn.Sigmoid(), "SiLU": nn.SiLU(),
        "Softmax": nn.Softmax(1), "Softmin": nn.Softmin(1), "Softplus": nn.Softplus(1.5, 2.0), "Softshrink": nn.Softshrink(0.6),
        "Softsign": nn.Softsign(), "Tanh": nn.Tanh(), "Tanhshrink": nn.Tanhshrink(), "Threshold": nn.Threshold(0.3, -2.0),
    }.items():
        layer(name, model, shape, scale=4.0)
    layer("PReLU", nn.PReLU(4), shape, scale=4.0)
    layer("RReLU eval", nn.RReLU().eval(), shape, scale=4.0)
    layer("Softmax2d", nn.Softmax2d(), (2, 3, 2, 2))


def layers():
    layer("Linear", nn.Linear(5, 4), (3, 5))
    layer("Linear without bias", nn.Linear(5, 4, bias=False), (2, 3, 5))
    layer("Bilinear", nn.Bilinear(3, 4, 2), (2, 3), (2, 4))
    layer("Conv1d", nn.Conv1d(2, 3, 3, stride=2, padding=1, dilation=2), (2, 2, 9))
    layer("Conv2d", nn.Conv2d(2, 4, 3, padding=1), (2, 2, 5, 4))
    layer("Conv2d of groups", nn.Conv2d(4, 4, 3, stride=2, groups=2, bias=False), (1, 4, 6, 5))
    layer("Conv2d oblong", nn.Conv2d(2, 2, (3, 2), stride=(2, 1), padding=(1, 0)), (1, 2, 5, 4))
    layer("Conv2d padded by reflection", nn.Conv2d(2, 2, 3, padding=1, padding_mode="reflect"), (1, 2, 4, 4))
    layer("Conv2d padded by replication", nn.Conv2d(2, 2, 3, padding=1, padding_mode="replicate"), (1, 2, 4, 4))
    layer("Conv2d padded in a circle", nn.Conv2d(2, 2, 3, padding=1, padding_mode="circular"), (1, 2, 4, 4))
    layer("Conv2d same", nn.Conv2d(2, 2, 3, padding="same"), (1, 2, 4, 4))
    layer("Conv3d", nn.Conv3d(1, 2, 2), (1, 1, 3, 3, 3))
    layer("ConvTranspose1d", nn.ConvTranspose1d(2, 3, 3, stride=2, padding=1, output_padding=1), (2, 2, 4))
    layer("ConvTranspose2d", nn.ConvTranspose2d(2, 4, 3, stride=2, groups=2), (1, 2, 3, 3))
    layer("ConvTranspose3d", nn.ConvTranspose3d(1, 2, 2), (1, 1, 2, 2, 2))

    layer("Flatten", nn.Flatten(), (2, 3, 4))
    layer("Flatten some", nn.Flatten(0, 1), (2, 3, 4))
    layer("Unflatten", nn.Unflatten(1, (2, 3)), (2, 6))
    layer("Identity", nn.Identity(), (2, 3))
    layer("Dropout eval", nn.Dropout(0.7).eval(), (2, 3))
    layer("ZeroPad2d", nn.ZeroPad2d(1), (1, 2, 2, 3))
    layer("ReflectionPad2d", nn.ReflectionPad2d(1), (1, 2, 2, 3))

    words = (torch.arange(6) * 5 % 7).reshape(2, 3)
    for name, model in {"Embedding": nn.Embedding(7, 4), "Embedding with padding": nn.Embedding(7, 4, padding_idx=5)}.items():
        case(name, lambda model=model: model(words), model=model)


def pooling():
    layer("MaxPool1d", nn.MaxPool1d(2), (2, 2, 7))
    layer("MaxPool2d", nn.MaxPool2d(2), (2, 2, 5, 4))
    layer("MaxPool2d overlapping", nn.MaxPool2d(3, stride=2, padding=1), (2, 2, 5, 4))
    layer("MaxPool2d rounded up", nn.MaxPool2d(2, ceil_mode=True), (1, 2, 5, 5))
    layer("MaxPool3d", nn.MaxPool3d(2), (1, 2, 4, 4, 4))
    layer("AvgPool1d", nn.AvgPool1d(3, stride=2, padding=1), (2, 2, 7))
    layer("AvgPool2d", nn.AvgPool2d(2), (2, 2, 5, 4))
    layer("AvgPool2d without the padding", nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False), (1, 2, 5, 4))
    layer("AvgPool3d", nn.AvgPool3d(2), (1, 1, 4, 4, 4))
    layer("AdaptiveAvgPool1d", nn.AdaptiveAvgPool1d(3), (1, 2, 7))
    layer("AdaptiveAvgPool2d", nn.AdaptiveAvgPool2d((1, 1)), (2, 2, 5, 4))
    layer("AdaptiveAvgPool2d square", nn.AdaptiveAvgPool2d(2), (1, 2, 5, 4))
    layer("AdaptiveMaxPool1d", nn.AdaptiveMaxPool1d(3), (1, 2, 7))
    layer("AdaptiveMaxPool2d", nn.AdaptiveMaxPool2d((2, 3)), (1, 2, 5, 4))
    layer("LPPool1d", nn.LPPool1d(2, 3), (1, 2, 7))
    layer("LPPool2d", nn.LPPool2d(2, 2), (1, 2, 4, 4))


def normalization():
    for dims, shape in {1: (4, 3), 2: (2, 3, 3, 2), 3: (2, 2, 2, 2, 3)}.items():
        batch_norm = getattr(nn, f"BatchNorm{dims}d")
        layer(f"BatchNorm{dims}d", batch_norm(shape[1]), shape)
        evaluated = batch_norm(shape[1], momentum=0.3)
        evaluated(fill(*shape, scale=2.0, phase=0.5))
        layer(f"BatchNorm{dims}d eval", evaluated.eval(), shape)
    layer("BatchNorm1d of sequences", nn.BatchNorm1d(3), (2, 3, 4))
    layer("BatchNorm2d without affine", nn.BatchNorm2d(3, affine=False), (2, 3, 3, 2))
    layer("BatchNorm2d untracked eval", nn.BatchNorm2d(3, track_running_stats=False).eval(), (2, 3, 3, 2))
    layer("InstanceNorm1d", nn.InstanceNorm1d(3), (2, 3, 5))
    layer("InstanceNorm2d affine", nn.InstanceNorm2d(3, affine=True), (2, 3, 3, 2))
    layer("LayerNorm", nn.LayerNorm(5), (2, 3, 5))
    layer("LayerNorm of two dimensions", nn.LayerNorm((3, 5)), (2, 3, 5))
    layer("LayerNorm without affine", nn.LayerNorm(5, elementwise_affine=False), (3, 5))
    layer("GroupNorm", nn.GroupNorm(2, 4), (2, 4, 3))


def recurrent():
    sequence, batch_first, state = (4, 2, 3), (2, 4, 3), (1, 2, 5)
    for name, make in {"RNN": nn.RNN, "GRU": nn.GRU, "LSTM": nn.LSTM}.items():
        variants = {
            "": make(3, 5), " deep": make(3, 5, num_layers=2), " bidirectional": make(3, 5, bidirectional=True),
            " batch first": make(3, 5, batch_first=True), " without bias": make(3, 5, bias=False),
        }
        for variant, model in variants.items():
            case(name + variant, lambda x, model=model: flat(*model(x)), batch_first if "first" in variant else sequence, model=model)
    for name, model in {"RNN": nn.RNN(3, 5), "RNN relu": nn.RNN(3, 5, nonlinearity="relu"), "GRU": nn.GRU(3, 5)}.items():
        case(f"{name} from a state", lambda x, h, model=model: flat(*model(x, h)), sequence, state, model=model)
    lstm = nn.LSTM(3, 5)
    case("LSTM from a state", lambda x, h, c: flat(*lstm(x, (h, c))), sequence, state, state, model=lstm)
    for name, model in {"RNNCell": nn.RNNCell(3, 5), "GRUCell": nn.GRUCell(3, 5)}.items():
        case(name, lambda x, model=model: model(x), (2, 3), model=model)
    case("RNNCell from a state", rnn_cell := nn.RNNCell(3, 5), (2, 3), (2, 5), model=rnn_cell)
    case("GRUCell from a state", gru_cell := nn.GRUCell(3, 5), (2, 3), (2, 5), model=gru_cell)
    cell = nn.LSTMCell(3, 5)
    case("LSTMCell", lambda x: cell(x), (2, 3), model=cell)
    other = nn.LSTMCell(3, 5)
    case("LSTMCell from a state", lambda x, h, c: other(x, (h, c)), (2, 3), (2, 5), (2, 5), model=other)


def attention():
    attend = nn.MultiheadAttention(4, 2)
    case("MultiheadAttention", lambda q, k, v: attend(q, k, v), (3, 2, 4), (5, 2, 4), (5, 2, 4), model=attend)
    layer("TransformerEncoderLayer", nn.TransformerEncoderLayer(4, 2, 6, dropout=0.0), (3, 2, 4))
    layer("TransformerEncoderLayer gelu", nn.TransformerEncoderLayer(4, 2, 6, dropout=0.0, activation="gelu"), (3, 2, 4))
    layer("TransformerEncoder", nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 6, dropout=0.0), 2), (3, 2, 4))


def losses():
    shape = (4, 3)
    target = fill(*shape, phase=1.7)
    probabilities = torch.softmax(fill(*shape, phase=1.7), 1)
    bits = (signs(*shape) + 1) / 2
    label = classes(4, 3)
    weight = torch.tensor([0.5, 1.0, 2.0])
    for reduction in ("mean", "sum", "none"):
        suffix = "" if reduction == "mean" else f" {reduction}"
        r = {"reduction": reduction}
        case("MSELoss" + suffix, lambda x: nn.MSELoss(**r)(x, target), shape)
        case("L1Loss" + suffix, lambda x: nn.L1Loss(**r)(x, target), shape)
        case("CrossEntropyLoss" + suffix, lambda x: nn.CrossEntropyLoss(**r)(x, label), shape)
        case("NLLLoss" + suffix, lambda x: nn.NLLLoss(**r)(torch.log_softmax(x, 1), label), shape)
        case("BCEWithLogitsLoss" + suffix, lambda x: nn.BCEWithLogitsLoss(**r)(x, bits), shape)
    case("CrossEntropyLoss weighted", lambda x: nn.CrossEntropyLoss(weight)(x, label), shape)
    case("CrossEntropyLoss ignoring", lambda x: nn.CrossEntropyLoss(ignore_index=0)(x, label), shape)
    case("CrossEntropyLoss smoothed", lambda x: F.cross_entropy(x, label, label_smoothing=0.1), shape)
    case("CrossEntropyLoss of probabilities", lambda x: nn.CrossEntropyLoss()(x, probabilities), shape)
    case("NLLLoss weighted", lambda x: nn.NLLLoss(weight)(torch.log_softmax(x, 1), label), shape)
    case("BCELoss", lambda x: nn.BCELoss()(torch.sigmoid(x), bits), shape)
    case("BCEWithLogitsLoss with positive weights", lambda x: nn.BCEWithLogitsLoss(pos_weight=weight)(x, bits), shape)
    case("SmoothL1Loss", lambda x: nn.SmoothL1Loss(beta=0.5)(x, target), shape)
    case("HuberLoss", lambda x: nn.HuberLoss(delta=0.5)(x, target), shape)
    case("KLDivLoss", lambda x: nn.KLDivLoss(log_target=False)(torch.log_softmax(x, 1), probabilities), shape)
    case("KLDivLoss of logarithms", lambda x: nn.KLDivLoss(log_target=True)(torch.log_softmax(x, 1), probabilities.log()), shape)
    case("PoissonNLLLoss", lambda x: nn.PoissonNLLLoss()(x, target.abs()), shape)
    # TorchSharp sums each sample before it reduces, as PyTorch did up to 1.8.
    case("GaussianNLLLoss", lambda x: 12 / 4 * nn.GaussianNLLLoss()(x, target, target.abs() + 0.5), shape)
    case("HingeEmbeddingLoss", lambda x: nn.HingeEmbeddingLoss()(x, signs(*shape)), shape)
    case("SoftMarginLoss", lambda x: nn.SoftMarginLoss()(x, signs(*shape)), shape)
    case("MultiLabelSoftMarginLoss", lambda x: nn.MultiLabelSoftMarginLoss()(x, bits), shape)
    case("MultiMarginLoss", lambda x: nn.MultiMarginLoss()(x, label), shape)
    case("MarginRankingLoss", lambda a, b: nn.MarginRankingLoss(0.1)(a, b, signs(*shape)), shape, shape)
    case("CosineEmbeddingLoss", lambda a, b: nn.CosineEmbeddingLoss(0.1)(a, b, signs(4)), shape, shape)
    case("TripletMarginLoss", lambda a, p, n: nn.TripletMarginLoss()(a, p, n), shape, shape, shape)
    lengths = torch.tensor([5, 5]), torch.tensor([2, 3])
    case("CTCLoss", lambda x: nn.CTCLoss()(torch.log_softmax(x, 2), torch.tensor([[1, 2, 0], [2, 1, 2]]), *lengths), (5, 2, 3))


def optimizers():
    x, target = fill(6, 4), classes(6, 3)
    for name, make in {
        "SGD": lambda p: torch.optim.SGD(p, 0.1),
        "SGD with momentum": lambda p: torch.optim.SGD(p, 0.1, momentum=0.9),
        "SGD damped": lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, dampening=0.5),
        "SGD of Nesterov": lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, nesterov=True),
        "SGD with weight decay": lambda p: torch.optim.SGD(p, 0.1, weight_decay=0.1),
        "Adam": lambda p: torch.optim.Adam(p, 0.01),
        "Adam with everything": lambda p: torch.optim.Adam(p, 0.01, betas=(0.8, 0.9), eps=1e-4, weight_decay=0.1, amsgrad=True),
        "AdamW": lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0.1),
        "RMSProp": lambda p: torch.optim.RMSprop(p, 0.01),
        "RMSProp with momentum": lambda p: torch.optim.RMSprop(p, 0.01, alpha=0.9, momentum=0.5, weight_decay=0.1, centered=True),
        "Adagrad": lambda p: torch.optim.Adagrad(p, 0.1),
        "Adagrad decaying": lambda p: torch.optim.Adagrad(p, 0.1, lr_decay=0.1, weight_decay=0.1),
    }.items():
        model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))

        def train():
            optimizer = make(model.parameters())
            for _ in range(3):
                optimizer.zero_grad()
                F.cross_entropy(model(x), target).backward()
                optimizer.step()
            trained = [p.detach().clone() for _, p in sorted(model.named_parameters())]
            model.zero_grad(set_to_none=True)
            return trained

        case(name, train, model=model)


def operators():
    shape = (3, 4)
    case("matmul", lambda a, b: a.matmul(b), (2, 3, 4), (4, 5))
    case("batched matmul", lambda a, b: a.bmm(b), (2, 3, 4), (2, 4, 2))
    case("arithmetic", lambda a, b: (a + b * 2 - 1) / (b.pow(2) + 1) - a * b, shape, (4,))
    case("reductions", lambda a: [a.sum(), a.mean(1), a.std(), a.var(0), a.sum(1, keepdim=True), a.norm(), a.abs().max()], shape)
    case("exponentials", lambda a: [a.exp(), (a.abs() + 1).log(), (a.abs() + 1).sqrt(), a.sin(), a.cos()], shape)
    case("shapes", lambda a: [a.view(2, 6).t(), a.unsqueeze(0).transpose(1, 2), a.permute(1, 0), a.flatten(), a.reshape(-1, 2).squeeze()], shape)
    case("joins", lambda a, b: [torch.cat([a, b], 1), torch.stack([a, b], 1)], shape, shape)
    case("slices", lambda a: [a[1], a[:, 1:3], a[..., -1], a.narrow(1, 1, 2), *a.chunk(2, 1), a.select(0, 2)], shape)
    case("vector norms", lambda a: [torch.linalg.vector_norm(a), torch.linalg.vector_norm(a, 1), torch.linalg.vector_norm(a, float("inf"))], shape)
    case("clamps", lambda a, b: [a.clamp(-0.5, 0.7), torch.maximum(a, b), torch.where(a > b, a, b), a.masked_fill(b > 0, 2.0)], shape, shape)
    case("einsum", lambda a, b: torch.einsum("ij,kj->ik", a, b), shape, (5, 4))
    case("scaled dot product", lambda q, k, v: torch.softmax(q.matmul(k.transpose(-2, -1)) / 2, -1).matmul(v), (2, 3, 4), (2, 5, 4), (2, 5, 4))


def seeded():
    def first(make):
        torch.manual_seed(42)
        made = make()
        tensors = {"": made} if isinstance(made, torch.Tensor) else dict(made.named_parameters())
        return {n: [float(f"{v:.8g}") for v in t.detach().flatten().tolist()[:6]] for n, t in tensors.items()}

    return {
        "rand": first(lambda: torch.rand(6)),
        "randn": first(lambda: torch.randn(6)),
        "randn of twenty": first(lambda: torch.randn(20)),
        "Linear": first(lambda: nn.Linear(4, 3)),
        "Conv2d": first(lambda: nn.Conv2d(2, 3, 3)),
        "LSTM": first(lambda: nn.LSTM(3, 4)),
        "Embedding": first(lambda: nn.Embedding(5, 3)),
    }


def main():
    for part in (activations, layers, pooling, normalization, recurrent, attention, losses, optimizers, operators):
        part()
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(values, allow_nan=False)}" for name, values in cases.items())
    print(f'{{\n "torch": {json.dumps(torch.__version__)},\n "seeded": {json.dumps(seeded())},\n "cases": {{\n{lines}\n }}\n}}')


main()
