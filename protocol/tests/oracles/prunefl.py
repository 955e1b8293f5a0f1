"""PruneFL: reconfiguration and the end of initial pruning, by its authors' `main_control` and `initial_pruning`.

Jiang et al. 2022. Where a heap of theirs runs empty because everything is taken, their search stops with an IndexError: such
cases are drawn again.
"""

import contextlib
import io
from types import SimpleNamespace

import torch
from bases.fl.simulation.adaptive import AdaptiveServer
from bases.nn.conv2d import DenseConv2d
from bases.nn.linear import DenseLinear
from bases.nn.models.base_model import BaseModel
from control.algorithm import main_control

from cases import bits, convolved, dense, distinct, seeded, split, whole

WEIGHT, SQUARE = 1 / 16, 1 / 8
SIZES = [[3, 4, 4, 2], [5, 6, 3], [3, 3, 3, 3, 2], [2, 10, 2], [4, 5, 4]]
CONV = convolved(1, 3, 3)


class Model(BaseModel):
    """The authors' model, made of their layers; the last `n_whole` layers may not be pruned."""

    def __init__(self, layers, n_whole):
        self.n_whole = n_whole
        super().__init__(None, {f"layer{at}": it for at, it in enumerate(layers)})

    def collect_layers(self):
        self.get_param_layers(self.param_layers, self.param_layer_prefixes)
        n = len(self.param_layers) - self.n_whole
        self.prunable_layers, self.prunable_layer_prefixes = self.param_layers[:n], self.param_layer_prefixes[:n]

    def forward(self, inputs):
        raise NotImplementedError

    def to_sparse(self):
        raise NotImplementedError


def layers_of(stack):
    """The authors' layers of a network whose linear layers follow one another."""
    inputs = stack["input"][0]
    made = []
    for it in stack["layers"]:
        if it["kind"] == "conv2d":
            side = stack["input"][1] - it["kernel"] + 1
            made.append(DenseConv2d(inputs, it["filters"], it["kernel"]))
            inputs = it["filters"] * side * side
        elif it["kind"] == "linear":
            made.append(DenseLinear(inputs, it["units"]))
            inputs = it["units"]
    return made


def reconfigured(case):
    """The mask that the authors leave, or nothing where their heap runs empty."""
    model = Model(layers_of(case["model"]), case["n_whole"])
    params = dict(model.named_parameters())
    shapes = [it.shape for it in params.values()]
    for it, weights in zip(params.values(), split(case["weights"], shapes, WEIGHT)):
        it.data = weights
    masks = [it.weight.shape for it in model.prunable_layers]
    alive = [int(it) for it in case["before"]]
    for layer, mask in zip(model.prunable_layers, split(alive, masks, 1)):
        layer.mask = mask.bool()
    squares = dict(zip(params, split(case["squares"], shapes, SQUARE)))
    comm = 1 / 8
    config = SimpleNamespace(
        TIME_CONSTANT=case["constant"], COMP_COEFFICIENTS=[it - comm for it in case["taus"]], COMM_COEFFICIENT=comm
    )
    with torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):
        try:
            main_control(model, squares, config, case["kappa"], case["max_density"])
        except IndexError:
            return None
    return bits(it.mask for it in model.prunable_layers)


def random_case(seed):
    lot = seeded(seed)
    stack = CONV if seed % 6 == 5 else dense(SIZES[seed % 6])
    made = layers_of(stack)
    n_whole = lot.choice([0, 1]) if len(made) > 1 else 0
    prunable = made[: len(made) - n_whole]
    weights, squares, before = [], [], []
    for at, layer in enumerate(made):
        n, biases = layer.weight.numel(), layer.bias.numel()
        # Magnitudes repeat, so that some equal the threshold; squares of a layer are distinct, since equal ones have no
        # order that the authors name.
        weights += whole(lot, n, -24, 24) + whole(lot, biases, -9, 9)
        squares += [abs(it) for it in distinct(lot, n)] + [lot.randrange(9) for _ in range(biases)]
        if at < len(prunable):
            density = lot.choice([1, 0.75, 0.4])
            before += [1] + [int(lot.random() < density) for _ in range(n - 1)]
    case = {
        "model": stack,
        "n_whole": n_whole,
        "kappa": lot.choice([0.3, 0.5, 0.15, 1 / 3, 0.9]),
        "taus": [lot.choice([0.25, 0.5, 1, 2, 3, 5]) for _ in prunable],
        "constant": lot.choice([0, 1, 6.25, 40]),
        "max_density": None,
        "weights": weights,
        "squares": squares,
        "before": "".join(map(str, before)),
    }
    if seed % 4 == 3:
        # A whole number of weights, since they round down and we to the nearest.
        case["max_density"] = (before.count(1) * 2 // 3 + 1) / len(before)
    return case


def by_hand():
    """Two layers, A of |w| = 4, 3, 2, 1 and B of 2, 1, a dead 9 and a dead 0: Γ = 17.6 / 8 = 2.2."""
    squares = [1, 50, 30, 5, 5, 0, 0, 0, 10, 2, 80, 0, 0]
    return {
        "model": dense([1, 4, 1]),
        "n_whole": 0,
        "kappa": 0.5,
        "taus": [1, 2],
        "constant": 1,
        "max_density": None,
        "weights": [64, 48, 32, 16, 0, 0, 0, 0, 32, 16, 144, 0, 0],
        # In tenths, of which an eighth is the unit: 0.1, 5, 3, 0.5 | bias 0.5 | 1, 0.2, 8, 0 all times 8 / 10.
        "squares": [it * 0.8 for it in squares],
        "before": "11111100",
    }


def reconfigurations():
    cases, seed = [], 0
    hand = by_hand()
    cases.append(hand | {"after": reconfigured(hand)})
    # They index a mask by a list of lists, which later versions of PyTorch may read otherwise.
    assert cases[0]["after"] == "11101010"
    while len(cases) < 15:
        case = random_case(seed)
        after = reconfigured(case)
        seed += 1
        if after is not None:
            cases.append(case | {"after": after})
    return cases


def ended_after(alive):
    """After how many of these reconfigurations, each leaving so many of 1000 weights, initial pruning ends early."""
    layer = SimpleNamespace(num_weight=1000, mask=torch.ones(1000))
    left = iter(alive)

    def adjust(_):
        layer.num_weight = next(left)

    model = SimpleNamespace(
        prunable_layers=[layer],
        prunable_layer_prefixes=["layer"],
        calc_num_all_active_params=lambda _: 0,
        evaluate=lambda _: (0, 1),
        named_parameters=lambda: [],
    )
    config = SimpleNamespace(
        IP_DATA_BATCH=1,
        CLIENT_BATCH_SIZE=1,
        IP_MAX_ROUNDS=len(alive),
        EVAL_DISP_INTERVAL=1,
        ADJ_THR_ACC=0,
        IP_ADJ_INTERVAL=1,
        MAX_DEC_DIFF=0.3,
        IP_THR=0.1,
        NUM_CLASSES=10,
    )
    server = SimpleNamespace(
        config=config,
        model=model,
        ip_train_loader=SimpleNamespace(len_data=1, get_next_batch=lambda: (torch.zeros(1), torch.zeros(1))),
        ip_test_loader=None,
        ip_optimizer_wrapper=SimpleNamespace(step=lambda *_: []),
        ip_control=SimpleNamespace(adjust=adjust),
    )
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        AdaptiveServer.initial_pruning(server, [], [], [], [])
    return len(alive) - len(list(left)) if "Early-stopping" in printed.getvalue() else None


def endings():
    series = [
        [900, 800, 750, 700, 650, 640, 630, 620, 610],
        [900, 810, 729, 657, 591, 532, 479],
        [500, 400, 390, 380, 370, 300, 290, 280, 270, 265, 260, 255],
        [500, 400, 300, 200, 100, 80, 60, 40, 30, 20],
        [500, 500, 500, 500, 500, 500, 500],
        [500, 550, 500, 545, 500, 545, 500, 545, 545],
        [300, 330, 300, 329, 299, 325, 350, 380],
    ]
    return [{"alive": it, "ended_after": ended_after(it)} for it in series]


def make():
    return {"reconfigurations": reconfigurations(), "endings": endings()}
