#!/usr/bin/env python3
"""Writes operations.json: every operation's values and gradients by PyTorch in double precision.

Made with Python 3.11 and torch 2.15.0 (requirements.txt):

    python -m venv .venv-fixtures && .venv-fixtures/bin/pip install -r Tests/AutodiffTests/Fixtures/requirements.txt
    .venv-fixtures/bin/python Tests/AutodiffTests/Fixtures/make_operations.py

README.md beside it says what the file holds; the cases themselves stand in the folder cases.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from cases import arithmetic, elementwise, losses, randomness, shaping, windows  # noqa: E402
from reference import Cases, write  # noqa: E402


def main() -> None:
    cases = Cases()
    for module in (arithmetic, elementwise, shaping, windows, losses, randomness):
        module.add_all(cases)
    write(HERE / "operations.json", "Tests/AutodiffTests/Fixtures/make_operations.py", {"cases": cases.entries})


if __name__ == "__main__":
    main()
