"""Batch normalisation's running statistics over a few batches, and inference with them."""

from typing import Any

import torch
from reference import Draw, decode, encode


def running_statistics() -> list[dict[str, Any]]:
    """running <- keep * running + (1 - keep) * batch, from mean 0 and variance 1.

    PyTorch's running variance takes the unbiased variance of the batch, Keras's the biased one; both are here.
    """
    entries = []
    for name, shape, keep, unbiased in (
        ("images_biased", (2, 3, 3, 2), 0.99, False), ("images_unbiased", (2, 3, 3, 2), 0.9, True),
        ("rows_biased", (4, 3), 0.9, False), ("rows_unbiased", (4, 3), 0.9, True),
    ):
        draw, axes, epsilon = Draw(name), tuple(range(len(shape) - 1)), 1e-3
        mean, variance, steps = torch.zeros(shape[-1]), torch.ones(shape[-1]), []
        for _ in range(3):
            batch = decode(encode(draw.normal(*shape) * 2 + 1), torch.float64)
            batch_variance, batch_mean = torch.var_mean(batch, axes, correction=0)
            output = (batch - batch_mean) / torch.sqrt(batch_variance + epsilon)
            mean = keep * mean + (1 - keep) * batch_mean
            variance = keep * variance + (1 - keep) * torch.var(batch, axes, correction=int(unbiased))
            inference = (batch - mean) / torch.sqrt(variance + epsilon)
            steps.append({"input": encode(batch), "output": encode(output), "runningMean": encode(mean),
                          "runningVariance": encode(variance), "inference": encode(inference)})
        entries.append({"name": name, "keep": keep, "unbiased": unbiased, "epsilon": epsilon, "steps": steps})
    return entries
