"""Writes reference.safetensors and half.safetensors with the reference implementation.

Needs: pip install safetensors numpy ml_dtypes. Made with safetensors 0.8.
"""

import pathlib

import ml_dtypes
import numpy
from safetensors.numpy import save_file

here = pathlib.Path(__file__).parent
save_file(
    {
        "dense/kernel": numpy.arange(6, dtype=numpy.float32).reshape(2, 3) / 4,
        "dense/bias": numpy.array([-1.5, numpy.inf, 1e-45], dtype=numpy.float32),
        "coefficients": numpy.array([0.1, -2.5e300], dtype=numpy.float64),
        "scalar": numpy.array(7.0, dtype=numpy.float64),
        "empty": numpy.zeros((0, 4), dtype=numpy.float32),
        'quoted "name" \\ \n \u00fc \u0001': numpy.ones(1, dtype=numpy.float32),
    },
    here / "reference.safetensors",
    metadata={"model": "caf\u00e9 \U0001f600"},
)
halves = numpy.array([0, 0x8000, 1, 0x3FF, 0x400, 0x3C00, 0xC000, 0x7BFF, 0x7C00, 0xFC00, 0x3555], dtype=numpy.uint16)
save_file(
    {
        "half": halves.view(numpy.float16),
        "half/widened": halves.view(numpy.float16).astype(numpy.float32),
        "brain": (halves * 3).view(ml_dtypes.bfloat16),
        "brain/widened": (halves * 3).view(ml_dtypes.bfloat16).astype(numpy.float32),
        "steps": numpy.array([3], dtype=numpy.int64),
    },
    here / "half.safetensors",
)
