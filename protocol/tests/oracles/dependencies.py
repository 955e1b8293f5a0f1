"""Torch-Pruning: which entries of which weights go with each channel of a network, and what a channel is worth by L1 and L2.

Fang et al. 2023. The networks are those of client-wasm/engine/tests/golden, with w0 of seed 1. A group is said by its number of
channels, the entries of one, and two sums modulo 2^64 over all entries, each times its channel's number counted from 1: of the
entries' places in the vector of all weights, and of the squares of these.
"""

import sys
from pathlib import Path

import torch
from torch import nn

sys.path.append(str(Path(__file__).parents[3] / "client-wasm/engine/tests/golden"))

import torch_pruning as tp  # noqa: E402
from torch_pruning.pruner import function  # noqa: E402

import nets  # noqa: E402

NETS = {
    "small-cnn": (nets.small_cnn, [1, 28, 28]),
    "vgg-11": (nets.vgg_11, [3, 32, 32]),
    "vgg-11-bn": (nets.vgg_11_bn, [3, 32, 32]),
    "resnet-18": (nets.resnet_18, [3, 32, 32]),
}
PICKED = 2
OUTPUTS = [function.prune_conv_out_channels, function.prune_linear_out_channels]
INPUTS = [function.prune_conv_in_channels, function.prune_linear_in_channels]


def places(model):
    """For every weight its place in the vector of all weights."""
    found, at = {}, 0
    for it in model.parameters():
        found[id(it)] = torch.arange(at, at + it.numel()).reshape(it.shape)
        at += it.numel()
    return found


def entries(group, where):
    """The places that go with each channel of a group, as a list for every channel."""
    found = {}
    for (dependency, idxs), root_idxs in zip(group, (it.root_idxs for it in group)):
        layer, prune = dependency.layer, dependency.pruning_fn
        if not isinstance(layer, (nn.Conv2d, nn.Linear, nn.BatchNorm2d)):
            continue
        assert prune in [*OUTPUTS, *INPUTS, function.prune_batchnorm_out_channels], prune
        tensors = [layer.weight] if prune in INPUTS else [it for it in [layer.weight, layer.bias] if it is not None]
        for tensor in tensors:
            rows = where[id(tensor)].transpose(0, 1) if prune in INPUTS else where[id(tensor)]
            for at, root in zip(idxs, root_idxs):
                found.setdefault(root, []).extend(rows[at].flatten().tolist())
    return [sorted(found[it]) for it in range(len(found))]


def score(group, norm, reduction, bias):
    by = tp.importance.GroupMagnitudeImportance(p=norm, group_reduction=reduction, normalizer=None, bias=bias)
    return [float(f"{it:.9g}") for it in by(group).tolist()]


def case(name):
    maker, shape = NETS[name]
    model = maker(nets.Maker(False)).double().eval()
    where = places(model)
    graph = tp.DependencyGraph().build_dependency(model, torch.zeros(1, *shape, dtype=torch.float64))
    last = [it for it in model.modules() if isinstance(it, nn.Linear)][-1]
    found = []
    for group in graph.get_all_groups(ignored_layers=[last], root_module_types=[nn.Conv2d, nn.Linear]):
        channels = entries(group, where)
        n, lengths = len(channels), {len(it) for it in channels}
        assert len(lengths) == 1
        flat = [(number + 1, at) for number, it in enumerate(channels) for at in it]
        n_sources = sum(dependency.pruning_fn in OUTPUTS for dependency, _ in group)
        picked = [at * n // PICKED for at in range(PICKED)]
        scores = {
            # Biases count as we count them; squares of the L2 norm.
            "all_l1": score(group, 1, "sum", True),
            "all_l2_squared": score(group, 2, "sum", True),
        }
        if n_sources == 1:
            # The first layer of the group alone: what a filter multiplies its inputs by.
            scores |= {"own_l1": score(group, 1, "first", False), "own_l2_squared": score(group, 2, "first", False)}
        found.append(
            {
                "channels": n,
                "entries": lengths.pop(),
                "sum": sum(number * at for number, at in flat) % 2**64,
                "squares": sum(number * at * at for number, at in flat) % 2**64,
                "first": channels[0][0],
                "scores": {key: [it[at] for at in picked] for key, it in scores.items()},
            }
        )
    found.sort(key=lambda it: it.pop("first"))
    return {"model": name, "groups": found}


def make():
    return {"cases": [case(name) for name in NETS]}
