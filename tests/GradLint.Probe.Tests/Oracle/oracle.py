"""Writes expected.json: what PyTorch's autograd says about the networks of OracleNetworks.cs.

Weights and data come from a closed formula on both sides (Fill), so no random stream has to agree.
Run with a Python that has torch (Debian: python3-torch):  python3 oracle.py > expected.json
"""
import json
import math
import sys

import torch
from torch import nn
import torch.nn.functional as F


def fill(shape, scale, phase):
    count = math.prod(shape)
    return torch.tensor([scale * math.sin(0.7 * i + phase) for i in range(count)], dtype=torch.float64).reshape(shape).float()


def fill_parameters(model):
    for k, (name, p) in enumerate(model.named_parameters()):
        fan_in = p[0].numel() if p.dim() > 1 else p.numel()
        with torch.no_grad():
            p.copy_(fill(p.shape, 1.5 / math.sqrt(fan_in), 1.0 + k))


class Watched:
    """Every call's output of the layers that own a weight matrix."""

    def __init__(self, model):
        self.layers = [(n, m) for n, m in model.named_modules()
                       if any(p.dim() > 1 for p in m.parameters(recurse=False))]
        self.calls = []
        for name, module in self.layers:
            module.register_forward_hook(lambda m, i, o, name=name: self.see(name, o))

    def see(self, name, output):
        first = output[0] if isinstance(output, tuple) else output
        first.retain_grad()
        self.calls.append((name, first, first.detach().clone()))
        return (first.clone(),) + output[1:] if isinstance(output, tuple) else first.clone()


def rms(tensors):
    return math.sqrt(sum(t.double().pow(2).sum().item() for t in tensors) / sum(t.numel() for t in tensors))


def measure(model, loss_of):
    fill_parameters(model)
    watched = Watched(model)
    loss = loss_of(model)
    loss.backward()
    layers = []
    for name, module in watched.layers:
        outputs = [value for n, _, value in watched.calls if n == name]
        gradients = [t.grad for n, t, _ in watched.calls if n == name]
        weights = [p.grad for p in module.parameters(recurse=False) if p.dim() > 1]
        layers.append({
            "path": name,
            "outputRms": rms(outputs),
            "gradientRms": rms(gradients),
            "weightGradientNorm": math.sqrt(sum(g.double().pow(2).sum().item() for g in weights)),
        })
    total = torch.norm(torch.stack([p.grad.norm() for p in model.parameters()])).item()
    return {"loss": loss.item(), "totalNorm": total, "layers": layers}


def mlp(activation):
    return nn.Sequential(nn.Linear(12, 16), activation(), nn.Linear(16, 16), activation(), nn.Linear(16, 16), activation(), nn.Linear(16, 5))


class Shared(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(12, 12)
        self.head = nn.Linear(12, 5)

    def forward(self, x):
        return self.head(torch.tanh(self.inner(torch.tanh(self.inner(x)))))


class Recurrent(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.cell = cell(6, 10)
        self.head = nn.Linear(10, 5)

    def forward(self, x):
        return self.head(self.cell(x)[0][-1])


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(20, 8)
        self.head = nn.Linear(8, 5)

    def forward(self, x):
        return self.head(self.words(x).mean(1))


def classify(x):
    target = torch.arange(x.shape[0]) % 5
    return lambda model: F.cross_entropy(model(x), target)


def sequence(x):
    target = torch.arange(x.shape[1]) % 5
    return lambda model: F.cross_entropy(model(x), target)


def main():
    vectors = fill((8, 12), 1.3, 0.0)
    images = fill((4, 3, 8, 8), 1.3, 0.0)
    steps = fill((7, 4, 6), 1.3, 0.0)
    words = (torch.arange(8 * 3) * 7 % 20).reshape(8, 3)
    convolutional = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(inplace=True), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(64, 5))
    expected = {
        "mlp-sigmoid": measure(mlp(nn.Sigmoid), classify(vectors)),
        "mlp-relu-inplace": measure(mlp(lambda: nn.ReLU(inplace=True)), classify(vectors)),
        "mlp-gelu-sum": measure(mlp(nn.GELU), lambda m: F.cross_entropy(m(vectors), torch.arange(8) % 5, reduction="sum")),
        "convolutional": measure(convolutional, classify(images)),
        "shared": measure(Shared(), classify(vectors)),
        "rnn": measure(Recurrent(nn.RNN), sequence(steps)),
        "lstm": measure(Recurrent(nn.LSTM), sequence(steps)),
        "gru": measure(Recurrent(nn.GRU), sequence(steps)),
        "embedding": measure(Words(), classify(words)),
    }
    json.dump({"torch": torch.__version__, "networks": expected}, sys.stdout, indent=1)
    sys.stdout.write("\n")


main()
