"""Functions of one tensor, element by element: powers, bounds and activations."""

import torch
from reference import Cases, Draw
from torch.nn import functional

SHAPE = (2, 3, 4)
# Far into the tails: saturation must give its limit and a gradient of 0, never a NaN.
EXTREMES = (-745.0, -100.0, -20.0, -5.0, -1e-4, 1e-4, 5.0, 20.0, 100.0, 745.0)


def scaled_tanh(x: torch.Tensor) -> torch.Tensor:
    """LeCun's squashing function, f(1) = 1 and f(-1) = -1 within 1e-4."""
    return 1.7159 * torch.tanh(2 / 3 * x)


def powers(cases: Cases) -> None:
    def positive(name: str) -> dict[str, torch.Tensor]:
        return {"x": Draw(name).uniform(0.2, 3.0, *SHAPE)}

    cases.add("exp", "exp", {"x": Draw("exp").normal(*SHAPE)}, torch.exp)
    cases.add("log", "log", positive("log"), torch.log)
    cases.add("sqrt", "sqrt", positive("sqrt"), torch.sqrt)
    cases.add("negate", "negate", {"x": Draw("negate").normal(*SHAPE)}, torch.neg)
    cases.add("abs", "abs", {"x": Draw("abs").distinct(*SHAPE)}, torch.abs)
    for label, exponent in (("1_5", 1.5), ("half", 0.5), ("minus_one", -1.0), ("minus_1_5", -1.5)):
        name = f"pow_{label}"
        cases.add(name, "pow", positive(name), lambda x, e=exponent: x.pow(e), {"exponent": exponent})
    for label, exponent in (("square", 2.0), ("cube", 3.0)):
        name = f"pow_{label}_of_negatives"
        cases.add(name, "pow", {"x": Draw(name).distinct(*SHAPE)}, lambda x, e=exponent: x.pow(e),
                  {"exponent": exponent})
    for label, lower, upper in (("unit", 0.0, 1.0), ("symmetric", -0.505, 0.505), ("nothing", -9.0, 9.0)):
        name = f"clamp_{label}"
        x = Draw(name).distinct(*SHAPE) + 0.0025
        cases.add(name, "clamp", {"x": x}, lambda x, l=lower, u=upper: x.clamp(l, u), {"lower": lower, "upper": upper})


def activations(cases: Cases) -> None:
    smooth = {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "scaledTanh": scaled_tanh,
        "softsign": functional.softsign,
        # logaddexp is exact for every x, where softplus switches to x at its threshold.
        "softplus": lambda x: torch.logaddexp(x, torch.zeros_like(x)),
    }
    for operation, function in smooth.items():
        cases.add(operation, operation, {"x": Draw(operation).normal(*SHAPE, scale=2)}, function)
        cases.add(f"{operation}_extremes", operation, {"x": torch.tensor(EXTREMES)}, function)
    cases.add("relu", "relu", {"x": Draw("relu").distinct(*SHAPE)}, torch.relu)
    cases.add("relu_at_zero", "relu", {"x": torch.tensor([-1.0, 0.0, 1.0])}, torch.relu)
    for slope in (0.01, 0.2):
        name = f"leakyRelu_{slope}"
        cases.add(name, "leakyRelu", {"x": Draw(name).distinct(*SHAPE)},
                  lambda x, s=slope: functional.leaky_relu(x, s), {"slope": slope})
    for alpha in (1.0, 0.5):
        name = f"elu_{alpha}"
        inputs = torch.cat([Draw(name).distinct(22), torch.tensor([-745.0, 745.0])])
        cases.add(name, "elu", {"x": inputs}, lambda x, a=alpha: functional.elu(x, a), {"alpha": alpha})


def add_all(cases: Cases) -> None:
    powers(cases)
    activations(cases)
