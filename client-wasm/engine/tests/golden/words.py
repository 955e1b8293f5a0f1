"""Random numbers, first weights, samples and masks as the rule book defines them, written again from its definitions."""

import numpy as np

U64 = np.uint64
GOLDEN = 0x9E37_79B9_7F4A_7C15
NOISE_SEED, MASK_SEED, SCATTER_SEED, WEIGHT_SEED, DROPOUT_SEED = 5, 3, 4, 1, 99


def mix(word):
    word = (word ^ (word >> U64(30))) * U64(0xBF58_476D_1CE4_E5B9)
    word = (word ^ (word >> U64(27))) * U64(0x94D0_49BB_1331_11EB)
    return word ^ (word >> U64(31))


def words(seed, stream, n):
    """The first n words of a stream (protocol/src/random.rs, `word`)."""
    with np.errstate(over="ignore"):
        inner = mix(np.array([stream], U64) + U64(GOLDEN))
        key = mix(np.array([seed], U64) ^ inner)
        return mix(key + np.arange(n, dtype=U64) * U64(GOLDEN))


def uniform(stream, shape, bound):
    """Entries of w0 (protocol/src/model.rs, `w0`): uniform in ±bound, every operation in float32."""
    unit = (words(WEIGHT_SEED, stream, int(np.prod(shape))) >> U64(40)).astype(np.float32) * np.float32(2.0**-24)
    return ((unit - np.float32(0.5)) * (np.float32(2.0) * bound)).reshape(shape)


def below(seed, stream, n, limit):
    """The first n numbers of a stream below a limit: the upper half of word · limit."""
    word = words(seed, stream, n)
    upper, lower = word >> U64(32), word & U64(0xFFFF_FFFF)
    return (upper * U64(limit) + (lower * U64(limit) >> U64(32))) >> U64(32)


def digits(samples, length, classes):
    """Bytes and labels: noise below 100, and 120 more at every feature of the sample's class (feature mod classes)."""
    labels = np.arange(samples) * 7 % classes
    noise = np.stack([below(NOISE_SEED, sample, length, 100) for sample in range(samples)]).astype(np.int64)
    return noise + 120 * (np.arange(length)[None] % classes == labels[:, None]), labels


def alive(space, size):
    """Units of a space that the half mask keeps: those whose word is even, or every other one should there be none."""
    even = np.flatnonzero(words(MASK_SEED, space, size) % U64(2) == 0)
    return even if len(even) else np.arange(0, size, 2)


def scattered(param, shape, density):
    """Entries of a parameter that a mask without structure keeps: all of them where they are no factors of products."""
    if len(shape) < 2:
        return np.ones(shape, bool)
    unit = (words(SCATTER_SEED, param, int(np.prod(shape))) >> U64(40)).astype(np.float32) * np.float32(2.0**-24)
    return (unit < np.float32(density)).reshape(shape)


def mix32(word):
    word = (word ^ (word >> np.uint32(16))) * np.uint32(0x7FEB_352D)
    word = (word ^ (word >> np.uint32(15))) * np.uint32(0x846C_A68B)
    return word ^ (word >> np.uint32(16))


def noise(step, stream, n):
    """The 32-bit words that dropout and draws take in a step (client-wasm/engine/src/kernels/dropout.rs); a stream is the number
    of the tensor that comes out, the model's input being 0."""
    one = lambda it: np.array([it], np.uint32)
    with np.errstate(over="ignore"):
        key = mix32(one(stream) ^ mix32(one(step) ^ mix32(one(DROPOUT_SEED))))
        return mix32(np.arange(n, dtype=np.uint32) ^ key)


assert words(0, 0, 1)[0] == 0x33FE_8BD4_F9C5_7863 and words(7, 1, 3)[2] == 0x828F_1FDE_795E_05D8
