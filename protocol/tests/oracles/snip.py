"""SNIP: connection sensitivities of LeNet-300-100 on one batch, and which weights stay.

Lee et al. 2019. The authors' code (namhoonlee/snip-public, commit f0284968) is for TensorFlow 1, so `create_sparse_mask` and
the gradient with respect to a mask of ones are said again here, in PyTorch: the mask multiplies weights and biases alike, a
sensitivity is |∂L/∂c| over their sum, and the κ = round(n · (1 − sparsity)) largest stay. Weights are w0 of seed 1, samples
are `digits`, as client-wasm/engine/tests/golden has them.
"""

import sys
from pathlib import Path

import torch
from torch.nn import functional as F

sys.path.append(str(Path(__file__).parents[3] / "client-wasm/engine/tests/golden"))

import nets  # noqa: E402
from words import digits  # noqa: E402

SAMPLES, PICKED = 20, 12
SPARSITIES = [0.95, 0.98, 0.5]


def sensitivities():
    model = nets.lenet_300_100(nets.Maker(False)).double()
    bytes_, labels = digits(SAMPLES, 784, 10)
    x, y = torch.tensor(bytes_, dtype=torch.float64) / 64 - 1, torch.tensor(labels)
    weights = {name: it.detach() for name, it in model.named_parameters()}
    ones = {name: torch.ones_like(it, requires_grad=True) for name, it in weights.items()}
    masked = {name: it * ones[name] for name, it in weights.items()}
    loss = F.cross_entropy(torch.func.functional_call(model, masked, x), y)
    loss.backward()
    scores = torch.cat([it.grad.abs().flatten() for it in ones.values()])
    return scores / scores.sum(), [it.numel() for it in ones.values()], loss.item()


def make():
    scores, sizes, loss = sensitivities()
    n, cases = len(scores), []
    order = scores.sort(descending=True).values
    for sparsity in SPARSITIES:
        kept = int(round(n * (1 - sparsity)))
        mask = torch.zeros(n, dtype=torch.bool)
        mask[scores.topk(kept).indices] = True
        # Sums in another order may not move a weight across the cut.
        assert order[kept - 1] / order[kept] - 1 > 1e-9, "the cut is too near"
        places = mask.nonzero().flatten().tolist()
        cases.append(
            {
                "sparsity": sparsity,
                "kept": kept,
                "by_tensor": [int(it.sum()) for it in mask.split(sizes)],
                "sum": sum(places),
                "squares": sum(it * it for it in places) % 2**64,
            }
        )
    picked = [at * n // PICKED for at in range(PICKED)]
    sample = {"samples": SAMPLES, "loss": loss, "picked": [float(f"{scores[at].item():.12g}") for at in picked]}
    return {"batch": [sample], "cases": cases}
