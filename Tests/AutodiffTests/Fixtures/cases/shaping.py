"""Reductions over axes and operations that only move elements."""

import torch
from reference import Cases, Draw

AXES = ([0], [1], [2], [0, 2], [1, 2], [0, 1, 2])


def reductions(cases: Cases) -> None:
    functions = {"sum": torch.sum, "mean": torch.mean, "max": torch.amax}
    for operation, function in functions.items():
        for axes in AXES:
            for keeping in (False, True):
                name = f"{operation}_axes_{''.join(map(str, axes))}{'_keeping' if keeping else ''}"
                cases.add(name, operation, {"x": Draw(name).distinct(2, 3, 4)},
                          lambda x, f=function, a=axes, k=keeping: f(x, dim=a, keepdim=k),
                          {"axes": axes, "keepingDimensions": keeping})
        for shape, axes in (((5,), [0]), ((1, 1), [1]), ((2, 3, 2, 2), [0, 1, 2]), ((2, 2, 3, 2), [1, 3])):
            name = f"{operation}_of_{'x'.join(map(str, shape))}"
            cases.add(name, operation, {"x": Draw(name).distinct(*shape)},
                      lambda x, f=function, a=axes: f(x, dim=a), {"axes": axes, "keepingDimensions": False})


def moves(cases: Cases) -> None:
    for label, source, target in (
        ("flatten", (2, 3, 4), (2, 12)), ("split", (6, 4), (2, 3, 4)), ("to_vector", (2, 3), (6,)), ("to_scalar", (1, 1), ()),
    ):
        name = f"reshape_{label}"
        cases.add(name, "reshape", {"x": Draw(name).normal(*source)}, lambda x, t=target: x.reshape(t),
                  {"shape": list(target)})
    for shape, order in (
        ((3, 4), (1, 0)), ((2, 3, 4), (2, 0, 1)), ((2, 3, 4), (0, 2, 1)), ((2, 3, 4), (2, 1, 0)),
        ((2, 3, 2, 4), (0, 3, 1, 2)), ((2, 3), (0, 1)),
    ):
        name = f"transpose_{'x'.join(map(str, shape))}_to_{''.join(map(str, order))}"
        cases.add(name, "transpose", {"x": Draw(name).normal(*shape)}, lambda x, o=order: x.permute(o),
                  {"permutation": list(order)})
    for axis, start, end in ((0, 0, 1), (0, 1, 3), (1, 1, 3), (1, 3, 4), (2, 0, 2), (2, 1, 2)):
        name = f"slice_axis_{axis}_{start}_to_{end}"
        cases.add(name, "slice", {"x": Draw(name).normal(3, 4, 2)},
                  lambda x, a=axis, s=start, e=end: x.narrow(a, s, e - s), {"axis": axis, "from": start, "to": end})
    for label, axis, shapes in (
        ("rows", 0, ((2, 3), (1, 3))), ("columns", 1, ((2, 3), (2, 2))), ("three", 1, ((2, 1), (2, 3), (2, 2))),
        ("channels", 3, ((1, 2, 2, 3), (1, 2, 2, 1))), ("middle", 1, ((2, 1, 3), (2, 2, 3))), ("one", 0, ((2, 2),)),
    ):
        name = f"concatenate_{label}"
        draw = Draw(name)
        cases.add(name, "concatenate", {f"x{index}": draw.normal(*shape) for index, shape in enumerate(shapes)},
                  lambda *xs, a=axis: torch.cat(xs, a), {"axis": axis})


def paddings(cases: Cases) -> None:
    for axis, before, after in ((0, 1, 0), (1, 0, 2), (1, 3, 1), (2, 2, 2)):
        name = f"padding_axis_{axis}_{before}_{after}"
        sides = [0, 0] * (2 - axis) + [before, after]
        cases.add(name, "padding", {"x": Draw(name).normal(2, 3, 4)},
                  lambda x, s=sides: torch.nn.functional.pad(x, s), {"axis": axis, "before": before, "after": after})


def lookups(cases: Cases) -> None:
    for label, table, indices in (
        ("rows", (5, 3), (4,)), ("repeated_rows", (2, 3), (6,)), ("matrix_of_indices", (5, 2), (2, 3)), ("wide", (3, 17), (5,)),
    ):
        name = f"gather_{label}"
        draw = Draw(name)
        cases.add(name, "gather", {"table": draw.normal(*table), "indices": draw.integers(table[0], *indices)},
                  lambda table, indices: table[indices])
    for label, depth, shape in (("vector", 4, (5,)), ("matrix", 3, (2, 3))):
        name = f"oneHot_{label}"
        cases.add(name, "oneHot", {"indices": Draw(name).integers(depth, *shape)},
                  lambda indices, d=depth: torch.nn.functional.one_hot(indices, d).double(), {"depth": depth})


def add_all(cases: Cases) -> None:
    reductions(cases)
    moves(cases)
    paddings(cases)
    lookups(cases)
