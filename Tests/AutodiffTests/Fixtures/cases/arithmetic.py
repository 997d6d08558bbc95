"""Arithmetic with broadcasting, elementwise extremes and matrix products."""

import torch
from reference import Cases, Draw

BROADCASTS = {
    "same": ((3, 4), (3, 4)),
    "row": ((3, 4), (4,)),
    "column": ((3, 4), (3, 1)),
    "scalar_right": ((2, 3), ()),
    "scalar_left": ((), (2, 3)),
    "both_sides": ((3, 1), (1, 4)),
    "leading_axis": ((3, 2), (2, 3, 2)),
    "middle_axis": ((2, 3, 4), (2, 1, 4)),
}


def arithmetic(cases: Cases) -> None:
    operations = {"add": torch.add, "subtract": torch.subtract, "multiply": torch.multiply, "divide": torch.divide}
    for operation, function in operations.items():
        for broadcast, (left, right) in BROADCASTS.items():
            name = f"{operation}_{broadcast}"
            draw = Draw(name)
            b = draw.distinct(*right)
            if operation == "divide":
                b = b.sign() * (b.abs() + 0.5)
            cases.add(name, operation, {"a": draw.normal(*left), "b": b}, function)
    for operation, function in {"maximum": torch.maximum, "minimum": torch.minimum}.items():
        for broadcast in ("same", "row", "column", "scalar_right", "both_sides"):
            name = f"{operation}_{broadcast}"
            left, right = BROADCASTS[broadcast]
            draw = Draw(name)
            # Halves of a hundredth on one side only: no element of a equals one of b.
            cases.add(name, operation, {"a": draw.distinct(*left), "b": draw.distinct(*right) + 0.005}, function)


def powers_and_choices(cases: Cases) -> None:
    for broadcast in ("same", "row", "column", "scalar_right", "scalar_left", "both_sides"):
        left, right = BROADCASTS[broadcast]
        name = f"raise_{broadcast}"
        draw = Draw(name)
        cases.add(name, "raise", {"base": draw.uniform(0.2, 3.0, *left), "exponent": draw.normal(*right)}, torch.pow)
        name = f"select_{broadcast}"
        draw = Draw(name)
        cases.add(name, "select",
                  {"condition": draw.integers(2, *left), "a": draw.normal(*right), "b": draw.normal(*left)},
                  lambda condition, a, b: torch.where(condition != 0, a, b))


def product(transpose_a: bool, transpose_b: bool):
    """op(a) times op(b), transposing the last two axes."""
    def function(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return (a.mT if transpose_a else a) @ (b.mT if transpose_b else b)
    return function


def products(cases: Cases) -> None:
    shapes = {"": ((), ()), "batched_": ((2,), (2,))}
    for prefix, (outer_a, outer_b) in shapes.items():
        for transpose_a in (False, True):
            for transpose_b in (False, True):
                letters = ("t" if transpose_a else "n") + ("t" if transpose_b else "n")
                name = f"matmul_{prefix}{letters}"
                draw = Draw(name)
                a = draw.normal(*outer_a, *((4, 3) if transpose_a else (3, 4)))
                b = draw.normal(*outer_b, *((5, 4) if transpose_b else (4, 5)))
                cases.add(name, "matmul", {"a": a, "b": b}, product(transpose_a, transpose_b),
                          {"transposeA": transpose_a, "transposeB": transpose_b})
    for label, left, right in (
        ("rank3_times_rank2", (2, 3, 4), (4, 5)), ("rank4_times_rank2", (2, 1, 3, 2), (2, 3)),
        ("outer", (4, 1), (1, 3)), ("inner", (1, 5), (5, 1)), ("one_row", (1, 4), (4, 3)), ("one_column", (3, 4), (4, 1)),
    ):
        name = f"matmul_{label}"
        draw = Draw(name)
        cases.add(name, "matmul", {"a": draw.normal(*left), "b": draw.normal(*right)}, product(False, False),
                  {"transposeA": False, "transposeB": False})


def add_all(cases: Cases) -> None:
    arithmetic(cases)
    powers_and_choices(cases)
    products(cases)
