"""Makes the golden vectors beside this file: what PyTorch makes of every named model, dense and pruned to about half.

    python -m venv venv && venv/bin/pip install torch numpy && venv/bin/python client-wasm/engine/tests/golden/make.py [NAME ...]

The truth is computed in float64. What PyTorch's own float32 is apart from it is kept too, as the measure of what float32
can do. Nothing is read but the definitions in words.py and nets.py: weights are w0 of seed 1, samples are `digits`, taken
in order and again from the front, the last batch ragged where the samples are not a multiple of it.
"""

import json
import sys
from pathlib import Path

import torch
from torch.nn import functional as F

import nets
from words import WEIGHT_SEED, digits, scattered

STEPS, PICKED = 20, 8
TOPIC_MODELS = [nets.ProdLda, nets.NeuralLda]
# Rows of an evaluation step; a topic model draws anew in each.
EVALUATION_BATCH = 16
SGD = {"kind": "sgd", "learning_rate": 0.1}
# Batch norm over few samples is steep, and an activation near a kink may fall on its other side in float32, which moves
# every gradient before it. Small steps and small batches keep the runs clear of that: about one ReLU in a million falls.
SLOW = {"kind": "sgd", "learning_rate": 2e-5, "momentum": 0.5, "weight_decay": 0.0005}
HEAVY = {"kind": "sgd", "learning_rate": 0.05, "momentum": 0.9, "weight_decay": 0.0005}
# As OCTIS trains topics, but for ε: the prior's mean starts where its gradient vanishes, and Adam would make whole steps of
# the rounding that is left there.
TOPICAL = {"kind": "adam", "learning_rate": 0.002, "beta1": 0.99, "beta2": 0.99, "epsilon": 0.01}
ADAM = {"kind": "adam", "learning_rate": 0.002, "weight_decay": 0.001}
# Model: (maker, input, optimizer, batch, samples).
MODELS = {
    "lenet-300-100": (nets.lenet_300_100, [784], SGD, 20, 50),
    "lenet-5-caffe": (nets.lenet_5_caffe, [1, 28, 28], HEAVY, 10, 25),
    "conv-2": (nets.conv_2, [1, 28, 28], HEAVY, 8, 20),
    "conv-2-512": (nets.conv_2_512, [1, 28, 28], HEAVY, 8, 20),
    "small-cnn": (nets.small_cnn, [1, 28, 28], HEAVY, 10, 25),
    "vgg-11": (nets.vgg_11, [3, 32, 32], HEAVY, 4, 10),
    "vgg-11-half": (nets.vgg_11_half, [3, 32, 32], HEAVY, 4, 10),
    "vgg-11-bn": (nets.vgg_11_bn, [3, 32, 32], SLOW, 6, 15),
    "resnet-18": (nets.resnet_18, [3, 32, 32], SLOW | {"learning_rate": 1e-6}, 2, 6),
    # A sixteenth of ImageNet's area, so that a vector takes seconds.
    "resnet-18-imagenet": (nets.resnet_18_imagenet, [3, 64, 64], SLOW | {"learning_rate": 1e-6}, 4, 12),
    "narrow-vgg": (nets.narrow_vgg, [3, 32, 32], SLOW, 6, 15),
    # Width, batch and step size are such that no ReLU of the first and the last step is nearer to its kink than 7e-6 of its
    # layer's root mean square, in the whole network as in the half: float32 does not reach across.
    "narrow-resnet": (nets.narrow_resnet, [3, 32, 32], SLOW | {"learning_rate": 1.5e-5}, 4, 10),
    "audio-cnn": (nets.audio_cnn, [1, 98, 40], ADAM, 8, 20),
    "prodlda": (nets.ProdLda, [2000], TOPICAL, 16, 40),
    "neurallda": (nets.NeuralLda, [2000], TOPICAL, 16, 40),
    "smooth-resnet": (nets.smooth_resnet, [3, 32, 32], SLOW | {"learning_rate": 0.005}, 6, 15),
    "every-layer": (nets.every_layer, [2, 12, 12], ADAM, 8, 28),
}
# Models that recipes do not call by the vector's name.
STACKS = {
    "every-layer": nets.EVERY_LAYER,
    "vgg-11-half": {"name": "vgg-11", "width": 0.5},
    "narrow-vgg": {"name": "vgg-11-bn", "width": 0.125},
    "narrow-resnet": {"name": "resnet-18", "width": 0.078125},
    "smooth-resnet": nets.resnet_stack(32, 16, "swish"),
    "resnet-18-imagenet": nets.resnet_stack(64, 64, "relu", imagenet=True),
}

# The same under a mask without structure: the share of the weights of products that is alive.
MASKED = {"masked-lenet-300-100": HEAVY | {"learning_rate": 0.3}, "masked-lenet-5-caffe": HEAVY, "masked-every-layer": ADAM}
DENSITY = 0.2
MODELS |= {name: (*MODELS[name[7:]][:2], it, *MODELS[name[7:]][3:]) for name, it in MASKED.items()}


def descent(model, it):
    if it["kind"] == "adam":
        betas, decay = (it.get("beta1", 0.9), it.get("beta2", 0.999)), it.get("weight_decay", 0)
        return torch.optim.Adam(model.parameters(), it["learning_rate"], betas, it.get("epsilon", 1e-8), decay)
    momentum, decay = it.get("momentum", 0), it.get("weight_decay", 0)
    return torch.optim.SGD(model.parameters(), it["learning_rate"], momentum=momentum, weight_decay=decay)


def pick(gradient):
    """Norm of a gradient, and entries evenly spread over it, to seven digits."""
    flat = gradient.double().flatten()
    n_picked = min(PICKED, len(flat))
    places = [at * len(flat) // n_picked for at in range(n_picked)]
    picked = [float(f"{it:.7g}") for it in flat[places].tolist()]
    return {"norm": flat.norm().item(), "picked": picked, "len": len(flat)}


def run(maker, shape, optimizer, batch, samples, half, dtype, density=1):
    """One training run: the loss of every step, gradients at the first and the last, and the loss of an evaluation."""
    model = maker(nets.Maker(half)).to(dtype)
    masks = [torch.tensor(scattered(at, it.shape, density)) for at, it in enumerate(model.parameters())]
    for it, mask in zip(model.parameters(), masks):
        it.data *= mask
    # A topic model's classes are its words, and no word is counted less than never.
    is_topic_model = maker in TOPIC_MODELS
    classes = shape[0] if is_topic_model else {nets.conv_2: 62, nets.resnet_18_imagenet: 1000}.get(maker, 10)
    shift = 0 if is_topic_model else -1
    bytes_, labels = digits(samples, int(torch.tensor(shape).prod()), classes)
    x = (torch.tensor(bytes_, dtype=dtype) / 64 + shift).reshape(samples, *shape)
    y = torch.tensor(labels)

    def loss_on(rows, step=0):
        if is_topic_model:
            return model.loss(x[rows], step)
        if maker is nets.every_layer:
            return F.binary_cross_entropy_with_logits(model(x[rows]), F.one_hot(y[rows], 10).to(dtype))
        return F.cross_entropy(model(x[rows]), y[rows])

    steps, losses, gradients, at = descent(model, optimizer), [], {}, 0
    for step in range(1, STEPS + 1):
        rows = slice(at, min(at + batch, samples))
        at = rows.stop % samples
        steps.zero_grad()
        loss = loss_on(rows, step - 1)
        loss.backward()
        losses.append(loss.item())
        if step in (1, STEPS):
            gradients[step] = [pick(it.grad) for it in model.parameters()]
        # Noted before: the gradients of dead weights are evidence too.
        for it, mask in zip(model.parameters(), masks):
            it.grad *= mask
        steps.step()
    assert all((it[~mask] == 0).all() for it, mask in zip(model.parameters(), masks))
    model.eval()
    with torch.no_grad():
        evaluated = 0
        for number, start in enumerate(range(0, samples, EVALUATION_BATCH)):
            rows = slice(start, min(start + EVALUATION_BATCH, samples))
            evaluated += loss_on(rows, STEPS + number).item() * (rows.stop - start) / samples
    return {"half": half, "losses": losses, "first": gradients[1], "last": gradients[STEPS], "evaluated": evaluated}


def loss_apart(truth, found):
    pairs = zip([*truth["losses"], truth["evaluated"]], [*found["losses"], found["evaluated"]])
    return max(abs(found - truth) / abs(truth) for truth, found in pairs)


def gradient_apart(truth, found):
    """Largest difference of a norm, and of an entry in units of the gradient's root mean square. A gradient that all but
    vanishes beside the others is measured by them: it is the rounding of sums that cancel."""
    floor = 1e-2 * max(it["norm"] for it in truth)
    apart = [0.0, 0.0]
    for truth, found in zip(truth, found):
        scale = max(truth["norm"], floor)
        apart[0] = max(apart[0], abs(found["norm"] - truth["norm"]) / scale)
        entries = zip(truth["picked"], found["picked"])
        apart[1] = max([apart[1], *(abs(a - b) / scale * truth["len"] ** 0.5 for a, b in entries)])
    return apart


def rounded(it):
    """Nine digits, as many as a float32 can tell apart."""
    if isinstance(it, dict):
        return {key: rounded(value) for key, value in it.items()}
    if isinstance(it, list):
        return [rounded(value) for value in it]
    return float(f"{it:.9g}") if isinstance(it, float) else it


def make(name):
    maker, shape, optimizer, batch, samples = MODELS[name]
    density, model = DENSITY if name in MASKED else 1, name.removeprefix("masked-")
    stack = STACKS.get(model, {"name": model})
    recipe = {
        "name": name,
        "about": "golden vectors",
        "model": stack,
        "rounds": {"total": 1},
        "local": {"epochs": 1, "batch": batch, "optimizer": optimizer},
        "aggregation": {"kind": "mean"},
    }
    runs = []
    for half in [False] if name in MASKED else [False, True]:
        truth = run(maker, shape, optimizer, batch, samples, half, torch.float64, density)
        single = run(maker, shape, optimizer, batch, samples, half, torch.float32, density)
        apart = [loss_apart(truth, single)]
        apart += [it for key in ["first", "last"] for it in gradient_apart(truth[key], single[key])]
        truth["float32_apart"] = dict(zip(["loss", "first_norm", "first_entry", "last_norm", "last_entry"], apart))
        print(name, "half" if half else "all", f"{truth['losses'][0]:.4f} → {truth['losses'][-1]:.4f}", end=" ")
        print(" ".join(f"{key} {value:.1e}" for key, value in truth["float32_apart"].items()))
        runs.append(truth)
    text = {"torch": torch.__version__, "recipe": recipe, "seed": WEIGHT_SEED, "samples": samples}
    text |= {"shift": 0 if maker in TOPIC_MODELS else -1}
    text |= {"density": density} if name in MASKED else {}
    text |= {"runs": runs}
    lines = json.dumps(rounded(text), separators=(",", ":")).replace('{"norm"', '\n{"norm"').replace('{"half"', '\n{"half"')
    Path(__file__).with_name(f"{name}.json").write_text(lines + "\n")


if __name__ == "__main__":
    torch.manual_seed(0)
    for name in sys.argv[1:] or MODELS:
        make(name)
