"""MPFL: the two consensus functions of its authors' `create_server_mask`, given what each node keeps.

Gez & Cohen 2023. Their module draws plots, which nobody asks for here: pylab is an empty module.
"""

import sys
from types import ModuleType

import torch

sys.modules.setdefault("pylab", ModuleType("pylab"))

from utils.pruning_utils import create_server_mask  # noqa: E402

from cases import seeded  # noqa: E402

LAYERS = ["first", "second"]


def ballots(lot, n_nodes, sizes, share, unity, density):
    """What each node keeps of every layer: all but a share of the filters that are alive, by scores that agree more or
    less. Dead filters are kept by nobody."""
    alive = {name: [lot.random() < density for _ in range(n)] for name, n in zip(LAYERS, sizes)}
    for it in alive.values():
        it[0] = True
    common = {name: [lot.random() for _ in range(n)] for name, n in zip(LAYERS, sizes)}
    nodes = []
    for _ in range(n_nodes):
        node = {}
        for name, n in zip(LAYERS, sizes):
            living = [it for it in range(n) if alive[name][it]]
            order = sorted(living, key=lambda it: common[name][it] * unity + lot.random() * (1 - unity))
            gone = set(order[: round(share * len(living))])
            node[name] = torch.tensor([int(it in living and it not in gone) for it in range(n)])
        nodes.append(node)
    return alive, nodes


def text(by_layer):
    return "".join(str(int(it)) for name in LAYERS for it in by_layer[name])


def consensus(nodes, required, **options):
    return text(create_server_mask(nodes, required_prune=required, **options)[0])


def case(seed, sizes, density):
    lot = seeded(seed)
    n_nodes, sizes = lot.choice([2, 3, 4, 7, 10]), [lot.choice(sizes) for _ in LAYERS]
    share, level = lot.choice([0.1, 0.2, 0.3]), lot.choice([1, 2, 3])
    alive, nodes = ballots(lot, n_nodes, sizes, share, lot.choice([0, 0.5, 0.9, 1]), density)
    return {
        "sizes": sizes,
        "share": share,
        "level": level,
        "alive": text(alive),
        "kept": [text(it) for it in nodes],
        # The share that must be gone as a decimal, and as the product of theirs, which may lie a hair above it.
        "dynamic": consensus(nodes, round(level * share, 9)),
        "by_product": consensus(nodes, level * share),
        "histogram": consensus(nodes, 0, use_histogram=True, histogram_percentile=0.95),
    }


def make():
    usual = [case(seed, [4, 5, 10, 16], 0.8) for seed in [*range(20), 32]]
    return {"cases": usual, "thin": [case(100 + seed, [20, 40], 0.08) for seed in range(6)]}
