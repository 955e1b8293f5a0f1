"""open_lth: the sparse global strategy of the authors of the lottery ticket over three levels, each with new weights.

A class of theirs that this PyTorch can no longer define, for training on several machines, gets another parent.
"""

from types import SimpleNamespace

import torch

torch.nn.parallel.DistributedDataParallel = torch.nn.DataParallel

# Whatever names the strategies last comes first, else they wait for each other.
import models.registry  # noqa: E402, F401
from pruning.sparse_global import PruningHparams, Strategy  # noqa: E402

from cases import bits, dense, distinct, seeded, split  # noqa: E402

WEIGHT, LEVELS = 1 / 64, 3
SIZES = [[4, 5, 3], [3, 4, 4, 2], [6, 5, 2], [5, 7, 2]]


def shapes_of(sizes):
    """Of all weights and biases, in order."""
    return [shape for inputs, units in zip(sizes, sizes[1:]) for shape in [(units, inputs), (units,)]]


def case(seed):
    lot, sizes = seeded(seed), SIZES[seed % 4]
    shapes, share = shapes_of(sizes), [0.2, 0.25, 0.1, 0.35][seed // 4 % 4]
    names = [f"{at // 2}.{'bias' if at % 2 else 'weight'}" for at in range(len(shapes))]
    prunable = [it for it in names if it.endswith("weight")]
    n = sum(torch.Size(it).numel() for it in shapes)
    mask, levels = None, []
    for _ in range(LEVELS):
        weights = distinct(lot, n)
        params = dict(zip(names, split(weights, shapes, WEIGHT)))
        model = SimpleNamespace(prunable_layer_names=prunable, state_dict=lambda params=params: params)
        mask = Strategy.prune(PruningHparams("sparse_global", pruning_fraction=share), model, mask)
        levels.append({"weights": weights, "after": bits(mask[it] for it in prunable)})
    return {"model": dense(sizes), "share": share, "levels": levels}


def make():
    return {"cases": [case(seed) for seed in range(8)]}
