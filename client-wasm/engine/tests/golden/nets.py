"""The models in PyTorch, at full size or really smaller: only the alive units of every space, cut out of the same w0."""

import numpy as np
import torch
from torch import nn

from words import alive, noise, uniform


class Rows:
    """The channels of an activation: how many there are at full size, and which of them are kept."""

    def __init__(self, full, kept=None):
        self.full, self.kept = full, np.arange(full) if kept is None else kept

    def blocks(self, size):
        """After flattening: `size` entries for every channel."""
        return Rows(self.full * size, (self.kept[:, None] * size + np.arange(size)).ravel())


class Maker:
    """Makes layers in the order in which weights travel. A space is numbered when its name first appears."""

    def __init__(self, half):
        self.half, self.spaces, self.n_params = half, [], 0

    def units(self, name, size):
        if name is None or not self.half:
            return Rows(size)
        if name not in self.spaces:
            self.spaces.append(name)
        return Rows(size, alive(self.spaces.index(name), size))

    def start(self, layer, rows, columns, full_shape, bound=None):
        """Weight and bias of a layer from w0, uniform in ±1/√fan_in without another bound being said."""
        bound = bound or np.float32(1) / np.sqrt(np.float32(np.prod(full_shape[1:])))
        full = uniform(self.n_params, full_shape, bound)[rows.kept]
        layer.weight.data = torch.tensor(full if columns is None else full[:, columns.kept])
        self.n_params += 1
        if layer.bias is not None:
            layer.bias.data = torch.tensor(uniform(self.n_params, full_shape[:1], bound)[rows.kept])
            self.n_params += 1
        return layer

    def linear(self, x, name, units):
        y = self.units(name, units)
        return self.start(nn.Linear(len(x.kept), len(y.kept)), y, x, [units, x.full]), y

    def conv(self, x, name, filters, size, bias=True, **window):
        y = self.units(name, filters)
        layer = nn.Conv2d(len(x.kept), len(y.kept), size, bias=bias, **window)
        return self.start(layer, y, x, [filters, x.full, size, size]), y

    def depthwise(self, x, size, **window):
        layer = nn.Conv2d(len(x.kept), len(x.kept), size, groups=len(x.kept), **window)
        return self.start(layer, x, None, [x.full, 1, size, size])

    def norm(self, x, affine=True):
        """Gains of 1 and shifts of 0, which need no random numbers, but count."""
        self.n_params += 2 * affine
        return nn.BatchNorm2d(len(x.kept), affine=affine)

    def layer_norm(self, x):
        self.n_params += 2
        return nn.LayerNorm(len(x.kept))


class Residual(nn.Module):
    def __init__(self, layers, shortcut):
        super().__init__()
        self.layers, self.shortcut = nn.Sequential(*layers), nn.Sequential(*shortcut)

    def forward(self, x):
        return self.layers(x) + self.shortcut(x)


def lenet_300_100(make):
    one, x = make.linear(Rows(784), "one", 300)
    (two, x) = make.linear(x, "two", 100)
    return nn.Sequential(nn.Flatten(), one, nn.ReLU(), two, nn.ReLU(), make.linear(x, None, 10)[0])


def lenet_5_caffe(make):
    one, x = make.conv(Rows(1), "one", 20, 5)
    two, x = make.conv(x, "two", 50, 5)
    three, x = make.linear(x.blocks(16), "three", 500)
    pool = nn.MaxPool2d(2)
    return nn.Sequential(one, pool, two, pool, nn.Flatten(), three, nn.ReLU(), make.linear(x, None, 10)[0])


def conv_2(make):
    return two_convolutions(make, 2048, 62)


def conv_2_512(make):
    return two_convolutions(make, 512, 10)


def two_convolutions(make, units, classes):
    one, x = make.conv(Rows(1), "one", 32, 5, padding=2)
    two, x = make.conv(x, "two", 64, 5, padding=2)
    three, x = make.linear(x.blocks(49), "three", units)
    ends = [nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(one, *ends, two, *ends, nn.Flatten(), three, nn.ReLU(), make.linear(x, None, classes)[0])


def small_cnn(make):
    one, x = make.conv(Rows(1), "one", 8, 5)
    two, x = make.conv(x, "two", 16, 5)
    three, x = make.linear(x.blocks(16), "three", 64)
    ends = [nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(one, *ends, two, *ends, nn.Flatten(), three, nn.ReLU(), make.linear(x, None, 10)[0])


def audio_cnn(make):
    x, layers = Rows(1), []
    for filters in [16, 32, 48]:
        conv, x = make.conv(x, f"conv{filters}", filters, 3, stride=2, padding=1)
        layers += [conv, nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), make.linear(x, None, 10)[0])


def vgg_11(make, normed=False, width=1):
    x, layers = Rows(3), []
    for stage in [[64], [128], [256, 256], [512, 512], [512, 512]]:
        for filters in stage:
            conv, x = make.conv(x, f"conv{len(layers)}", round(filters * width), 3, padding=1)
            layers += [conv, make.norm(x), nn.ReLU()] if normed else [conv, nn.ReLU()]
        layers.append(nn.MaxPool2d(2))
    layers.append(nn.Flatten())
    for name in ["full1", "full2"]:
        linear, x = make.linear(x, name, round(512 * width))
        layers += [linear, nn.ReLU()]
    return nn.Sequential(*layers, make.linear(x, None, 10)[0])


def vgg_11_bn(make):
    return vgg_11(make, normed=True)


def vgg_11_half(make):
    return vgg_11(make, width=1 / 2)


def narrow_vgg(make):
    return vgg_11(make, normed=True, width=1 / 8)


def resnet_18(make, width=64, activation=nn.ReLU, imagenet=False):
    def normed(x, name, filters, size, stride=1):
        conv, x = make.conv(x, name, filters, size, bias=False, stride=stride, padding=size // 2)
        return [conv, make.norm(x)], x

    layers, x = normed(Rows(3), "stage0", width, *[7, 2] if imagenet else [3])
    layers += [activation(), nn.MaxPool2d(3, 2, 1)] if imagenet else [activation()]
    for stage in range(4):
        filters = width * 2**stage
        for block in range(2):
            stride = 2 if stage > 0 and block == 0 else 1
            first, inner = normed(x, f"inner{stage}.{block}", filters, 3, stride)
            second, long = normed(inner, f"stage{stage}", filters, 3)
            shortcut = normed(x, f"stage{stage}", filters, 1, 2)[0] if stride == 2 else []
            layers += [Residual([*first, activation(), *second], shortcut), activation()]
            x = long
    classes = 1000 if imagenet else 10
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), make.linear(x, None, classes)[0])


def resnet_18_imagenet(make):
    return resnet_18(make, imagenet=True)


def narrow_resnet(make):
    return resnet_18(make, 5)


def smooth_resnet(make):
    """ResNet-18 at a quarter of its width and without kinks, so that no activation falls on another side in float32."""
    return resnet_18(make, 16, nn.SiLU)


def resnet_stack(side, width, activation, imagenet=False):
    """ResNet-18 spelled out as a recipe does it."""

    def normed(filters, size, stride=1):
        conv = {"kind": "conv2d", "filters": filters, "kernel": size, "padding": size // 2, "bias": False}
        return [conv | {"stride": stride}, {"kind": "batch_norm"}]

    activation = {"kind": activation}
    layers = [*normed(width, *[7, 2] if imagenet else [3]), activation]
    if imagenet:
        layers.append({"kind": "max_pool", "size": 3, "stride": 2, "padding": 1})
    for stage in range(4):
        filters = width * 2**stage
        for block in range(2):
            stride = 2 if stage > 0 and block == 0 else 1
            long = [*normed(filters, 3, stride), activation, *normed(filters, 3)]
            shortcut = normed(filters, 1, 2) if stride == 2 else []
            layers += [{"kind": "residual", "layers": long, "shortcut": shortcut}, activation]
    layers += [{"kind": "global_pool"}, {"kind": "linear", "units": 1000 if imagenet else 10}]
    return {"input": [3, side, side], "layers": layers}


EVERY_LAYER = {
    "input": [2, 12, 12],
    "layers": [
        {"kind": "conv2d", "filters": 12, "kernel": 3, "padding": 1, "bias": False},
        {"kind": "batch_norm"},
        {"kind": "swish"},
        {"kind": "max_pool", "size": 3, "stride": 2, "padding": 1},
        {
            "kind": "residual",
            "layers": [
                {"kind": "conv2d", "filters": 14, "kernel": 3, "stride": 2, "padding": 1},
                {"kind": "softplus"},
                {"kind": "conv2d", "filters": 16, "kernel": 1},
            ],
            "shortcut": [{"kind": "conv2d", "filters": 16, "kernel": 2, "stride": 2}],
        },
        {"kind": "depthwise", "kernel": 3, "padding": 1},
        {"kind": "relu"},
        {"kind": "residual", "layers": [{"kind": "conv2d", "filters": 16, "kernel": 3, "padding": 1}]},
        {"kind": "average_pool", "size": 2, "stride": 1},
        {"kind": "conv2d", "filters": 18, "kernel": 1, "bias": False},
        {"kind": "batch_norm", "affine": False},
        {"kind": "flatten"},
        {"kind": "dropout", "rate": 0},
        {"kind": "linear", "units": 24},
        {"kind": "layer_norm"},
        {"kind": "softplus"},
        {"kind": "linear", "units": 10},
        {"kind": "bce_with_logits"},
    ],
}


def every_layer(make):
    conv1, x = make.conv(Rows(2), "one", 12, 3, padding=1, bias=False)
    layers = [conv1, make.norm(x), nn.SiLU(), nn.MaxPool2d(3, 2, 1)]
    long1, inner = make.conv(x, "inner", 14, 3, stride=2, padding=1)
    long2, sum1 = make.conv(inner, "sum", 16, 1)
    short, x = make.conv(x, "sum", 16, 2, stride=2)
    layers += [Residual([long1, nn.Softplus(), long2], [short]), make.depthwise(x, 3, padding=1), nn.ReLU()]
    again, x = make.conv(x, "sum", 16, 3, padding=1)
    layers += [Residual([again], []), nn.AvgPool2d(2, 1)]
    pointwise, x = make.conv(x, "last", 18, 1, bias=False)
    layers += [pointwise, make.norm(x, affine=False), nn.Flatten()]
    full, x = make.linear(x.blocks(4), "full", 24)
    return nn.Sequential(*layers, full, make.layer_norm(x), nn.Softplus(), make.linear(x, None, 10)[0])


class TopicModel(nn.Module):
    """Srivastava & Sutton 2017 as PyTorchAVITM has it, but for the prior's variance, whose logarithm is learned."""

    def __init__(self, make, words=2000, topics=50):
        super().__init__()
        one, x = make.linear(Rows(words), "one", 100)
        two, x = make.linear(x, "two", 100)
        self.encoder = nn.Sequential(one, nn.Softplus(), two, nn.Softplus())
        kept = make.units("topics", topics)
        n = len(kept.kept)
        self.prior = nn.ParameterList([torch.zeros(n), torch.full([n], 1 - 1 / topics).log()])
        make.n_params += 2
        self.mean, self.log_variance = (make.linear(x, "topics", topics)[0] for _ in range(2))
        self.mean_norm, self.log_variance_norm = (nn.BatchNorm1d(n, affine=False) for _ in range(2))
        self.beta = self.decoder(make, Rows(words), kept, np.sqrt(np.float32(6 / (topics + words))))
        self.beta_norm = nn.BatchNorm1d(words, affine=False)

    def dropped(self, x, step, stream, rate=0.2):
        bits = noise(step, stream, x.numel()).reshape(x.shape)
        return x * torch.tensor(bits >= int(rate * 0xFFFF_FFFF)) / (1 - rate) if self.training else x

    def drawn(self, mean, log_variance, step, stream):
        bits = noise(step, stream, mean.numel()).astype(np.int64).reshape(mean.shape)
        uniform = torch.tensor(((bits >> 8) * 2 + 1 - 2**24) / 2**24)
        normal = (2**0.5 * torch.erfinv(uniform)).to(mean.dtype)
        return mean + (log_variance / 2).exp() * normal

    def loss(self, counts, step):
        encoded = self.dropped(self.encoder(counts), step, 5)
        mean = self.mean_norm(self.mean(encoded))
        log_variance = self.log_variance_norm(self.log_variance(encoded))
        shares = self.drawn(mean, log_variance, step, 10).softmax(1)
        spoken = self.spoken(self.dropped(shares, step, 12))
        reconstruction = -(counts * (spoken + 1e-10).log()).sum(1)
        posterior = torch.distributions.Normal(mean, (log_variance / 2).exp())
        prior = torch.distributions.Normal(self.prior[0], (self.prior[1] / 2).exp())
        return (reconstruction + torch.distributions.kl_divergence(posterior, prior).sum(1)).mean()


class ProdLda(TopicModel):
    """Topics are experts: their logits add up."""

    def decoder(self, make, words, topics, bound):
        layer = nn.Linear(len(topics.kept), words.full, bias=False)
        return make.start(layer, words, topics, [words.full, topics.full], bound)

    def spoken(self, shares):
        return self.beta_norm(self.beta(shares)).softmax(1)


class NeuralLda(TopicModel):
    """Topics are distributions over the words: they are mixed."""

    def decoder(self, make, words, topics, bound):
        layer = nn.Linear(words.full, len(topics.kept), bias=False)
        return make.start(layer, topics, None, [topics.full, words.full], bound)

    def spoken(self, shares):
        return shares @ self.beta_norm(self.beta.weight).softmax(1)
