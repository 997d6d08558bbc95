"""Dropout with the mask that Ridgeline draws: made here from the paper on Philox, so that PyTorch is given the same one."""

import torch
from reference import Cases, Draw

MASK32 = 2**32 - 1


def philox(counter: list[int], key: list[int]) -> list[int]:
    """Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC11): four random words of one counter."""
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [b >> 32 ^ c[1] ^ k[0], b & MASK32, a >> 32 ^ c[3] ^ k[1], a & MASK32]
        k = [(k[0] + 0x9E3779B9) & MASK32, (k[1] + 0xBB67AE85) & MASK32]
    return c


def kept(key: int, step: int, count: int, rate: float) -> list[bool]:
    """Element i is kept where word step * 2^40 + i of the key's stream is at least rate * 2^32."""
    words = []
    for place in range(count):
        counter = (step << 40) + place
        block = counter // 4
        words.append(philox([block & MASK32, block >> 32, 0, 0], [key & MASK32, key >> 32])[counter % 4])
    return [word >= rate * 2**32 for word in words]


def add_all(cases: Cases) -> None:
    for label, shape, rate, key, step, scale in (
        ("half", (4, 6), 0.5, 9, 0, None),
        # More elements than are drawn side by side, and not a multiple of the words of a block.
        ("long", (3, 7, 5), 0.3, 0x1234_5678_9ABC, 3, None),
        ("late", (3, 7, 5), 0.3, 0x1234_5678_9ABC, 70_001, None),
        ("original_scaling", (2, 3, 4), 0.25, 77, 1, 1.0),
    ):
        name = f"dropout_{label}"
        mask = torch.tensor([float(is_kept) for is_kept in kept(key, step, torch.Size(shape).numel(), rate)])
        factor = 1 / (1 - rate) if scale is None else scale
        cases.add(name, "dropout", {"x": Draw(name).normal(*shape)},
                  lambda x, m=mask.reshape(shape), f=factor: x * m * f,
                  {"rate": rate, "key": key, "step": step} | ({} if scale is None else {"scale": scale}))
