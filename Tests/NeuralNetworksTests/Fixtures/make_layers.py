#!/usr/bin/env python3
"""Writes layers.json: optimizers, gradient clipping, batch normalisation and small networks by PyTorch.

Made with Python 3.11 and torch 2.15.0 (requirements.txt), in double precision:

    python -m venv .venv-fixtures && .venv-fixtures/bin/pip install -r Tests/AutodiffTests/Fixtures/requirements.txt
    .venv-fixtures/bin/python Tests/NeuralNetworksTests/Fixtures/make_layers.py

README.md beside it says what the file holds.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent / "AutodiffTests/Fixtures")]

from layers import networks, normalisation, optimizers  # noqa: E402
from reference import write  # noqa: E402


def main() -> None:
    write(HERE / "layers.json", "Tests/NeuralNetworksTests/Fixtures/make_layers.py", {
        "optimizers": optimizers.all_optimizers(),
        "clippings": optimizers.clippings(),
        "batchNormalizations": normalisation.running_statistics(),
        "networks": networks.all_networks(),
    })


if __name__ == "__main__":
    main()
