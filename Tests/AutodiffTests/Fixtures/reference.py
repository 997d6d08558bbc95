"""Reference values from PyTorch in double precision: inputs that do not depend on its generator, and compact JSON.

Layouts are Ridgeline's: activations NHWC, kernels HWIO. Inputs are rounded to what JSON holds before PyTorch sees them,
and come from a generator seeded by their case's name: a new case leaves the old ones as they are.
"""

import json
import math
import platform
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

torch.set_default_dtype(torch.float64)


class Draw:
    """A case's own inputs: tensors of four-decimal numbers."""

    def __init__(self, name: str):
        self.random = random.Random(name)

    def normal(self, *shape: int, scale: float = 1.0) -> torch.Tensor:
        """Normal numbers: for smooth functions."""
        values = [round(self.random.gauss(0, scale), 4) for _ in range(math.prod(shape))]
        return torch.tensor(values).reshape(shape)

    def uniform(self, low: float, high: float, *shape: int) -> torch.Tensor:
        """Uniform numbers: for functions with a bounded domain."""
        values = [round(self.random.uniform(low, high), 4) for _ in range(math.prod(shape))]
        return torch.tensor(values).reshape(shape)

    def distinct(self, *shape: int, limit: float = 2.0) -> torch.Tensor:
        """Numbers that differ from each other and from 0 by 0.01 at least: for functions with kinks and maxima."""
        grid = [step / 100 for step in range(-round(limit * 100), round(limit * 100) + 1) if abs(step) > 1]
        return torch.tensor(self.random.sample(grid, math.prod(shape))).reshape(shape)

    def integers(self, below: int, *shape: int) -> torch.Tensor:
        """Indices in 0..<below, as integers."""
        return torch.tensor([self.random.randrange(below) for _ in range(math.prod(shape))]).reshape(shape)

    def probabilities(self, *shape: int) -> torch.Tensor:
        """Positive numbers; each row along the last axis sums to 1."""
        raw = self.uniform(0.1, 1.0, *shape)
        rounded = (raw / raw.sum(-1, keepdim=True)).round(decimals=4)
        rounded[..., -1] = (1 - rounded[..., :-1].sum(-1)).round(decimals=4)
        return rounded


def encode(tensor: torch.Tensor) -> dict[str, Any]:
    """Shape and row-major values with 12 significant digits; below 1e-300 they are 0, as JSON readers may refuse them."""
    values = []
    for value in tensor.detach().double().flatten().tolist():
        if not math.isfinite(value):
            raise ValueError("a reference value is not finite, which JSON cannot hold")
        value = float(f"{value:.12g}") if abs(value) > 1e-300 else 0.0
        values.append(int(value) if value == int(value) else value)
    return {"shape": list(tensor.shape), "values": values}


def decode(encoded: dict[str, Any], kind: torch.dtype) -> torch.Tensor:
    """The tensor a reader of the JSON gets."""
    return torch.tensor(encoded["values"], dtype=kind).reshape(encoded["shape"])


@dataclass
class Cases:
    """The cases of a file, in the order they were added."""

    entries: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self,
        name: str,
        operation: str,
        inputs: dict[str, torch.Tensor],
        function: Callable[..., torch.Tensor],
        attributes: dict[str, Any] | None = None,
    ) -> None:
        """Records `function` of the inputs, an upstream gradient and the gradient of each floating-point input.

        `function` takes the inputs in order; integer inputs are indices and have no gradient (null).
        """
        if any(entry["name"] == name for entry in self.entries):
            raise ValueError(f"there are two cases named {name}")
        encoded = [encode(value) for value in inputs.values()]
        leaves = [decode(code, value.dtype) for code, value in zip(encoded, inputs.values())]
        leaves = [leaf.requires_grad_(leaf.is_floating_point()) for leaf in leaves]
        output = function(*leaves)
        upstream = Draw(f"{name} upstream").normal(*output.shape)
        wanted = [leaf for leaf in leaves if leaf.requires_grad]
        found = iter(torch.autograd.grad(output, wanted, upstream, allow_unused=True) if output.requires_grad else [])
        gradients = [next(found, None) if leaf.requires_grad else None for leaf in leaves]
        self.entries.append({
            "name": name,
            "operation": operation,
            "attributes": attributes or {},
            "inputs": [{"name": key, **code} for key, code in zip(inputs, encoded)],
            "output": encode(output),
            "upstream": encode(upstream),
            "gradients": [None if gradient is None else encode(gradient) for gradient in gradients],
        })


def write(path: Path, script: str, sections: dict[str, Sequence[dict[str, Any]]]) -> None:
    """Writes the sections as JSON, one entry a line so that a change shows as one line."""
    generator = {"script": script, "torch": torch.__version__.split("+")[0], "python": platform.python_version()}
    parts = [f'"generator":{json.dumps(generator)}']
    for name, entries in sections.items():
        lines = ",\n".join(json.dumps(entry, separators=(",", ":"), allow_nan=False) for entry in entries)
        parts.append(f'"{name}":[\n{lines}\n]')
    path.write_text("{" + ",\n".join(parts) + "}\n")
    counts = ", ".join(f"{len(entries)} {name}" for name, entries in sections.items())
    print(f"{path.name}: {counts}, {path.stat().st_size / 1024:.0f} KB")
