"""Softmax and the losses, with LeNet-5's own (LeCun et al. 1998, equations 8 and 9)."""

import torch
from reference import Cases, Draw
from torch.nn import functional


def softmaxes(cases: Cases) -> None:
    functions = {"softmax": torch.softmax, "logSoftmax": torch.log_softmax}
    for operation, function in functions.items():
        for label, shape in (("rows", (3, 5)), ("one_row", (1, 4)), ("one_column", (3, 1)), ("rank3", (2, 3, 4)),
                             ("wide", (2, 33))):
            name = f"{operation}_{label}"
            cases.add(name, operation, {"x": Draw(name).normal(*shape, scale=2)}, lambda x, f=function: f(x, -1))
        extremes = torch.tensor([[1000.0, 0.0, -1000.0], [800.0, 800.0, 799.0], [-900.0, -900.5, -901.0]])
        cases.add(f"{operation}_extremes", operation, {"x": extremes}, lambda x, f=function: f(x, -1))
    for label, shape in (("rows", (3, 5)), ("one_column", (3, 1)), ("rank3", (2, 3, 4)), ("wide", (2, 33))):
        for keeping in (False, True):
            name = f"logSumExp_{label}{'_keeping' if keeping else ''}"
            cases.add(name, "logSumExp", {"x": Draw(name).normal(*shape, scale=2)},
                      lambda x, k=keeping: torch.logsumexp(x, -1, keepdim=k), {"keepingDimensions": keeping})
    cases.add("logSumExp_extremes", "logSumExp", {"x": extremes}, lambda x: torch.logsumexp(x, -1),
              {"keepingDimensions": False})


def cross_entropies(cases: Cases) -> None:
    def by_index(logits, labels):
        return functional.cross_entropy(logits, labels, reduction="none")

    def by_probability(logits, probabilities):
        return -(probabilities * torch.log_softmax(logits, -1)).sum(-1)

    for label, shape, scale in (("small", (3, 4), 1.0), ("batch1", (1, 10), 2.0), ("confident", (4, 3), 50.0)):
        name = f"softmaxCrossEntropy_indices_{label}"
        draw = Draw(name)
        cases.add(name, "softmaxCrossEntropy",
                  {"logits": draw.normal(*shape, scale=scale), "labels": draw.integers(shape[1], shape[0])}, by_index)
        name = f"softmaxCrossEntropy_probabilities_{label}"
        draw = Draw(name)
        cases.add(name, "softmaxCrossEntropy",
                  {"logits": draw.normal(*shape, scale=scale), "probabilities": draw.probabilities(*shape)},
                  by_probability)
    for label, shape, scale in (("column", (4, 1), 1.0), ("matrix", (3, 4), 2.0), ("confident", (2, 3), 50.0)):
        name = f"sigmoidCrossEntropy_{label}"
        draw = Draw(name)
        cases.add(name, "sigmoidCrossEntropy",
                  {"logits": draw.normal(*shape, scale=scale), "targets": draw.uniform(0, 1, *shape)},
                  lambda logits, targets: torch.logaddexp(logits, torch.zeros_like(logits)) - logits * targets)


def margins_and_squares(cases: Cases) -> None:
    def hinge(logits, labels):
        return functional.multi_margin_loss(logits, labels, p=1, margin=1.0, reduction="none")

    for label, shape in (("small", (4, 3)), ("ten_classes", (3, 10)), ("two_classes", (5, 2))):
        name = f"hinge_{label}"
        draw = Draw(name)
        cases.add(name, "hinge", {"logits": draw.distinct(*shape) * 1.001, "labels": draw.integers(shape[1], shape[0])},
                  hinge, {"margin": 1.0, "power": 1})
    for label, shape in (("column", (5, 1)), ("matrix", (3, 4)), ("rank4", (2, 2, 2, 2))):
        name = f"meanSquaredError_{label}"
        draw = Draw(name)
        cases.add(name, "meanSquaredError", {"prediction": draw.normal(*shape), "target": draw.normal(*shape)},
                  functional.mse_loss)


def lenet(cases: Cases) -> None:
    def radial_basis(x, centers):
        return (x.unsqueeze(1) - centers).pow(2).sum(-1)

    for label, rows, features, classes in (("small", 3, 4, 2), ("one_row", 1, 7, 3), ("ten_classes", 2, 6, 10)):
        name = f"radialBasis_{label}"
        draw = Draw(name)
        centers = (draw.integers(2, classes, features) * 2 - 1).double()
        cases.add(name, "radialBasis", {"input": draw.normal(rows, features), "centers": centers}, radial_basis)

    def own(distances, labels):
        return distances.gather(1, labels.unsqueeze(1)).squeeze(1)

    def maximum_a_posteriori(distances, labels, j):
        rubbish = torch.full((len(distances), 1), -j)
        return (own(distances, labels) + torch.logsumexp(torch.cat([rubbish, -distances], 1), 1)).mean()

    for label, shape, high in (("small", (3, 4), 5.0), ("batch1", (1, 10), 20.0), ("far", (4, 10), 900.0)):
        draw = Draw(f"lenet losses {label}")
        inputs = {"distances": draw.uniform(0, high, *shape), "labels": draw.integers(shape[1], shape[0])}
        cases.add(f"maximumLikelihood_{label}", "maximumLikelihood", inputs, lambda d, l: own(d, l).mean())
        for j in (0.1, 10.0):
            cases.add(f"maximumAPosteriori_{label}_j_{j}", "maximumAPosteriori", inputs,
                      lambda d, l, j=j: maximum_a_posteriori(d, l, j), {"j": j})


def add_all(cases: Cases) -> None:
    softmaxes(cases)
    cross_entropies(cases)
    margins_and_squares(cases)
    lenet(cases)
