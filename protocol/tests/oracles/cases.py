"""Cases: small networks with weights that are short in binary, as the tests beside this file build them too."""

import math
import random

import torch


def linear(units):
    return {"kind": "linear", "units": units}


def dense(sizes):
    """A network of linear layers with a ReLU between them: its input and layers as a recipe has them."""
    layers = [layer for units in sizes[1:] for layer in (linear(units), {"kind": "relu"})]
    return {"input": [sizes[0]], "layers": layers[:-1]}


def convolved(channels, filters, units):
    """A network of filters of three by three over four by four places, and a linear layer."""
    convolution = {"kind": "conv2d", "filters": filters, "kernel": 3, "padding": 0}
    return {"input": [channels, 4, 4], "layers": [convolution, {"kind": "relu"}, {"kind": "flatten"}, linear(units)]}


def whole(lot, n, least, most):
    """So many whole numbers, of which none is 0."""
    return [lot.choice([it for it in range(least, most + 1) if it != 0]) for _ in range(n)]


def distinct(lot, n, most=None):
    """So many whole numbers with distinct magnitudes and random signs."""
    return [it * lot.choice([-1, 1]) for it in lot.sample(range(1, (most or 4 * n) + 1), n)]


def bits(masks):
    """Masks one after another, a 1 for whatever is alive."""
    return "".join("1" if it else "0" for mask in masks for it in mask.flatten().tolist())


def split(values, shapes, unit):
    """Tensors of these shapes, cut from a list of whole numbers of this unit."""
    tensors, at = [], 0
    for shape in shapes:
        n = math.prod(shape)
        tensors.append(torch.tensor(values[at : at + n], dtype=torch.float32).reshape(shape) * unit)
        at += n
    assert at == len(values)
    return tensors


def seeded(seed):
    return random.Random(seed)
