"""PruneFL: the squared gradients that its authors' server reads from what clients send, by `merge_accumulate_client_update`.

Jiang et al. 2022, the prototype with sockets. In their simulator a client sums its gradients into the very tensor that holds
them, which PyTorch 1.x empties before every step: there the evidence of a round is (2 g)² of its last step, and no vector.
Samples add up to a power of two, so that means are exact.
"""

from types import SimpleNamespace

import torch
from bases.fl.modules import Server
from control.algorithm import ControlModule
from torch import nn

from cases import seeded, split, whole

UNIT, N = 1 / 64, 6


def case(seed):
    lot = seeded(seed)
    samples = [[16, 48], [20, 20, 24], [1, 3, 28]][seed % 3]
    rate = [0.25, 0.5, 2][seed % 3]
    model = nn.Linear(N, 1, bias=False)
    before = whole(lot, N, -64, 64)
    [model.weight.data] = split(before, [(1, N)], UNIT)
    control = ControlModule(model, None)
    server = SimpleNamespace(use_adaptive=True, is_adj_round=lambda: False, model=model, control=control)
    rounds = []
    for _ in range(3):
        updates = [whole(lot, N, -40, 40) for _ in samples]
        trained = [{"weight": model.weight.data + split(it, [(1, N)], UNIT)[0]} for it in updates]
        Server.merge_accumulate_client_update(server, samples, trained, rate)
        rounds.append(updates)
    return {
        "samples": samples,
        "rate": rate,
        "before": before,
        "rounds": rounds,
        "after": model.weight.flatten().tolist(),
        "squares": control.squared_grad_dict["weight"].flatten().tolist(),
    }


def make():
    return {"cases": [case(seed) for seed in range(3)]}
