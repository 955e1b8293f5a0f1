"""torch.nn.utils.prune: which weights, filters and inputs its selections keep, in one and in several steps.

Magnitudes are distinct, since of equal ones PyTorch keeps whichever comes.
"""

from torch import nn
from torch.nn.utils import prune

from cases import bits, convolved, dense, distinct, seeded, split

WEIGHT = 1 / 64
AMOUNTS = [0.1, 0.2, 0.25, 0.3, 0.5, 0.7, 0.9]
# Numbers of weights, of which some shares are halves.
ONE = [[5, 1], [3, 5], [5, 5], [7, 2], [9, 5], [10, 3], [5, 3]]
# Sizes and amount; of 15, 42 and 18 weights some shares are halves.
EVERYWHERE = [
    ([3, 4, 2], 0.2),
    ([2, 3, 3], 0.1),
    ([2, 3, 3], 0.3),
    ([2, 3, 3], 0.5),
    ([5, 2, 5], 0.25),
    ([4, 6, 3], 0.25),
    ([3, 3, 3], 0.25),
    ([4, 6, 3], 0.5),
]
CONV = convolved(2, 5, 2)


def layers_of(stack):
    made, inputs = [], stack["input"][0]
    for it in stack["layers"]:
        if it["kind"] == "conv2d":
            made.append(nn.Conv2d(inputs, it["filters"], it["kernel"]))
            inputs = it["filters"] * (stack["input"][1] - it["kernel"] + 1) ** 2
        elif it["kind"] == "linear":
            made.append(nn.Linear(inputs, it["units"]))
            inputs = it["units"]
    return made


def weighted(stack, lot):
    """The layers with their weights, and all weights and biases as one list of whole numbers."""
    layers, all_weights = layers_of(stack), []
    for layer in layers:
        # The biases are the largest, so that a rule which counts them is found out.
        weights = distinct(lot, layer.weight.numel(), 200) + [999] * layer.bias.numel()
        shapes = [layer.weight.shape, layer.bias.shape]
        layer.weight.data, layer.bias.data = split(weights, shapes, WEIGHT)
        all_weights += weights
    return layers, all_weights


def case_of(stack, weights, masks, steps, **more):
    return {"model": stack, "weights": weights, "amounts": steps, "masks": masks} | more


def single_weights(seed):
    """`l1_unstructured` of the first layer, step by step."""
    lot = seeded(seed)
    stack = dense(ONE[seed % len(ONE)])
    layers, weights = weighted(stack, lot)
    steps, masks = [lot.choice(AMOUNTS) for _ in range(2)], []
    for amount in steps:
        prune.l1_unstructured(layers[0], "weight", amount)
        masks.append(bits([layers[0].weight_mask]))
    return case_of(stack, weights, masks, steps)


def structures(seed):
    """`ln_structured` of the first layer, step by step: filters and neurons along axis 0, inputs along axis 1."""
    lot = seeded(100 + seed)
    axis, norm = seed // 2 % 2, seed % 2 + 1
    stack = CONV if axis == 0 and seed % 8 < 4 else dense([[5, 7, 3], [7, 5, 2], [9, 10, 2]][seed % 3])
    layers, weights = weighted(stack, lot)
    # Inputs are rows of the second layer of a dense network: those of the first are features.
    layer = layers[axis]
    steps, masks = [lot.choice(AMOUNTS[:5]) for _ in range(2)], []
    for amount in steps:
        prune.ln_structured(layer, "weight", amount, n=norm, dim=axis)
        mask = layer.weight_mask.transpose(0, axis).flatten(1)
        assert (mask.amin(1) == mask.amax(1)).all()
        masks.append(bits([mask[:, 0]]))
    return case_of(stack, weights, masks, steps, axis=axis, norm=norm)


def everywhere(seed):
    """`global_unstructured` over all layers, once."""
    lot = seeded(200 + seed)
    sizes, amount = EVERYWHERE[seed]
    stack = dense(sizes)
    layers, weights = weighted(stack, lot)
    named = [(it, "weight") for it in layers]
    prune.global_unstructured(named, pruning_method=prune.L1Unstructured, amount=amount)
    return case_of(stack, weights, [bits(it.weight_mask for it in layers)], [amount])


def make():
    kinds = {"single_weights": single_weights, "structures": structures, "everywhere": everywhere}
    return {name: [one(seed) for seed in range(n)] for (name, one), n in zip(kinds.items(), [10, 10, len(EVERYWHERE)])}
