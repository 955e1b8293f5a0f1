"""Makes the golden vectors of evidence beside this file, as `make.py` does those of training:

    venv/bin/python client-wasm/engine/tests/golden/make_evidence.py

Over a few training steps the gradients of every parameter are summed, their sizes, and their squares; at the weights they
lead to, all samples' curvature is summed batch by batch: the diagonal of the Gauss-Newton matrix as "Optimal Brain Damage"
(LeCun, Denker & Solla 1990) passes it back, which the last layer is also checked for against the matrix itself.
"""

import json
from pathlib import Path

import torch
from torch.nn import functional as F

import nets
from make import MODELS, descent, pick, rounded
from words import WEIGHT_SEED, digits

STEPS, CURVED = 5, 10
NAMES = ["lenet-300-100", "lenet-5-caffe"]


def passed_back(layer, x, h):
    """What the second derivatives of a layer's output come to for its weight, its bias and its input."""
    if isinstance(layer, torch.nn.Linear):
        return h.T @ x**2, h.sum(0), h @ layer.weight.detach() ** 2
    if isinstance(layer, torch.nn.Conv2d):
        weight, how = layer.weight.detach(), dict(stride=layer.stride, padding=layer.padding)
        of_weight = torch.nn.grad.conv2d_weight(x**2, weight.shape, h, **how)
        return of_weight, h.sum((0, 2, 3)), torch.nn.grad.conv2d_input(x.shape, weight**2, h, **how)
    # What has no weights passes derivatives on: its slopes are 0 or 1, their own squares.
    x = x.detach().requires_grad_()
    return None, None, torch.autograd.grad(layer(x), x, h)[0]


def curvature(layers, x):
    """Of the mean loss over a batch, in the order of the parameters."""
    values = [x]
    with torch.no_grad():
        for layer in layers:
            values.append(layer(values[-1]))
    shares = values[-1].softmax(1)
    h, found = shares * (1 - shares) / len(x), []
    for layer, value in zip(reversed(layers), reversed(values[:-1])):
        of_weight, of_bias, h = passed_back(layer, value, h)
        if of_weight is not None:
            found = [of_weight, of_bias] + found
    exact(layers[-1], values[-2], shares, found[-2])
    return found


def exact(last, x, shares, of_weight):
    """Holds the last layer to the diagonal of Jᵀ H J, entry by entry, H being the Hessian of the mean loss by the logits."""
    for entry in [(0, 0), (3, 5), (9, last.in_features - 1)]:
        slope = torch.zeros_like(shares)
        slope[:, entry[0]] = x[:, entry[1]]
        hessian = torch.diag_embed(shares) - shares[:, :, None] * shares[:, None, :]
        diagonal = torch.einsum("ni,nij,nj->", slope, hessian, slope) / len(x)
        assert torch.allclose(diagonal, of_weight[entry], rtol=1e-10), entry


def make(name):
    maker, shape, optimizer, batch, samples = MODELS[name]
    model = maker(nets.Maker(False)).double()
    bytes_, labels = digits(samples, int(torch.tensor(shape).prod()), 10)
    x, y = (torch.tensor(bytes_).double() / 64 - 1).reshape(samples, *shape), torch.tensor(labels)
    steps, at = descent(model, optimizer), 0
    gathered = {key: [torch.zeros_like(it) for it in model.parameters()] for key in ["sum", "absolute", "square"]}
    for _ in range(STEPS):
        rows = slice(at, min(at + batch, samples))
        at = rows.stop % samples
        steps.zero_grad()
        F.cross_entropy(model(x[rows]), y[rows]).backward()
        for place, it in enumerate(model.parameters()):
            gathered["sum"][place] += it.grad
            gathered["absolute"][place] += it.grad.abs()
            gathered["square"][place] += it.grad**2
        steps.step()
    curved = [torch.zeros_like(it) for it in model.parameters()]
    for start in range(0, samples, CURVED):
        for total, it in zip(curved, curvature(list(model), x[start : start + CURVED])):
            total += it
    recipe = {
        "name": name,
        "about": "golden vectors of evidence",
        "model": {"name": name},
        "rounds": {"total": 1},
        "local": {"epochs": 1, "batch": batch, "optimizer": optimizer},
        "aggregation": {"kind": "mean"},
    }
    text = {"torch": torch.__version__, "recipe": recipe, "seed": WEIGHT_SEED, "samples": samples, "shift": -1}
    text |= {"steps": STEPS, "curved": CURVED}
    text |= {key: [pick(it) for it in value] for key, value in {**gathered, "curvature": curved}.items()}
    lines = json.dumps(rounded(text), separators=(",", ":")).replace('{"norm"', '\n{"norm"')
    Path(__file__).with_name(f"evidence-{name}.json").write_text(lines + "\n")


if __name__ == "__main__":
    for name in NAMES:
        make(name)
