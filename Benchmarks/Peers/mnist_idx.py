"""MNIST's IDX files, plain or gzipped, as numpy arrays."""

import gzip
from pathlib import Path

import numpy


def read_idx(directory: Path, name: str) -> numpy.ndarray:
    """The unsigned bytes of `directory/name` or `directory/name.gz`, in the shape its header gives."""
    plain, packed = directory / name, directory / f"{name}.gz"
    if plain.exists():
        content = plain.read_bytes()
    elif packed.exists():
        content = gzip.decompress(packed.read_bytes())
    else:
        raise SystemExit(f"neither {plain} nor {packed} exists: point --data-directory at MNIST's four IDX files")
    kind, rank = content[2], content[3]
    if content[:2] != b"\0\0" or kind != 8:
        raise SystemExit(f"{name} is not an IDX file of unsigned bytes: it begins with {content[:4].hex()}")
    dimensions = numpy.frombuffer(content, ">u4", rank, 4)
    return numpy.frombuffer(content, numpy.uint8, offset=4 + 4 * rank).reshape(dimensions)


def read_mnist(directory: Path, part: str) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Images [n, 28, 28] and labels [n] of `part`: "train" or "t10k"."""
    return read_idx(directory, f"{part}-images-idx3-ubyte"), read_idx(directory, f"{part}-labels-idx1-ubyte")
