"""What an optimizer makes of given gradients, step by step, and what gradient clipping makes of them before."""

from collections.abc import Callable
from typing import Any

import torch
from reference import Draw, decode, encode

STEPS = 5
SHAPES = ((2, 3), (3,))


def problem() -> tuple[list[torch.Tensor], list[list[torch.Tensor]]]:
    """Two parameters and their gradients at each step, the same for every optimizer."""
    draw = Draw("optimizers")
    def rounded(shape: tuple[int, ...]) -> torch.Tensor:
        return decode(encode(draw.normal(*shape)), torch.float64)
    parameters = [rounded(shape) for shape in SHAPES]
    gradients = [[rounded(shape) for shape in SHAPES] for _ in range(STEPS)]
    gradients[2][1][0] = 0.0  # an entry without a gradient: momentum alone moves it
    return parameters, gradients


def trajectory(name: str, optimizer: str, make: Callable, settings: dict[str, Any]) -> dict[str, Any]:
    """The parameters after each step of the optimizer that `make` builds on them."""
    initial, gradients = problem()
    parameters = [value.clone().requires_grad_() for value in initial]
    stepping = make(parameters)
    after = []
    for step in gradients:
        for parameter, gradient in zip(parameters, step):
            parameter.grad = gradient.clone()
        stepping.step()
        after.append([encode(parameter) for parameter in parameters])
    return {
        "name": name,
        "optimizer": optimizer,
        "settings": settings,
        "parameters": [encode(value) for value in initial],
        "gradients": [[encode(value) for value in step] for step in gradients],
        "after": after,
    }


def sgd(name: str, rate: float, momentum: float = 0.0, nesterov: bool = False, decay: float = 0.0) -> dict[str, Any]:
    """Weight decay is L2 in the loss: it is added to the gradient and so passes through the momentum."""
    settings = {"learningRate": rate, "momentum": momentum, "nesterov": nesterov, "weightDecay": decay}
    return trajectory(name, "sgd", lambda p: torch.optim.SGD(
        p, lr=rate, momentum=momentum, nesterov=nesterov, weight_decay=decay), settings)


def adagrad(name: str, rate: float = 0.01, epsilon: float = 1e-10, start: float = 0.0) -> dict[str, Any]:
    settings = {"learningRate": rate, "epsilon": epsilon, "initialAccumulator": start}
    return trajectory(name, "adaGrad", lambda p: torch.optim.Adagrad(
        p, lr=rate, eps=epsilon, initial_accumulator_value=start), settings)


def rmsprop(name: str, rate: float = 0.01, decay: float = 0.99, epsilon: float = 1e-8, momentum: float = 0.0,
            centered: bool = False) -> dict[str, Any]:
    """`decay` is PyTorch's alpha; epsilon is added outside the root."""
    settings = {"learningRate": rate, "decay": decay, "epsilon": epsilon, "momentum": momentum, "centered": centered}
    return trajectory(name, "rmsProp", lambda p: torch.optim.RMSprop(
        p, lr=rate, alpha=decay, eps=epsilon, momentum=momentum, centered=centered), settings)


def adam(name: str, rate: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), epsilon: float = 1e-8,
         decay: float = 0.0, decoupled: bool = False) -> dict[str, Any]:
    """Adam adds weight decay to the gradient; AdamW multiplies the weights by 1 - rate * decay."""
    settings = {"learningRate": rate, "beta1": betas[0], "beta2": betas[1], "epsilon": epsilon, "weightDecay": decay}
    kind = torch.optim.AdamW if decoupled else torch.optim.Adam
    return trajectory(name, "adamW" if decoupled else "adam", lambda p: kind(
        p, lr=rate, betas=betas, eps=epsilon, weight_decay=decay), settings)


def all_optimizers() -> list[dict[str, Any]]:
    """Each at PyTorch's defaults, and at a rate where a wrong rule moves the weights by far more than rounding."""
    return [
        sgd("sgd", 0.1),
        sgd("sgd_momentum", 0.1, 0.9),
        sgd("sgd_nesterov", 0.1, 0.9, True),
        sgd("sgd_weight_decay", 0.1, decay=0.05),
        sgd("sgd_momentum_weight_decay", 0.1, 0.9, decay=0.05),
        sgd("sgd_nesterov_weight_decay", 0.1, 0.9, True, 0.05),
        adagrad("adagrad_defaults"),
        adagrad("adagrad", 0.5),
        adagrad("adagrad_initial_accumulator", 0.5, start=0.1),
        rmsprop("rmsprop_defaults"),
        rmsprop("rmsprop", 0.1, 0.9),
        rmsprop("rmsprop_large_epsilon", 0.1, 0.9, 0.1),
        rmsprop("rmsprop_momentum", 0.1, 0.9, momentum=0.9),
        rmsprop("rmsprop_centered", 0.1, 0.9, centered=True),
        adam("adam_defaults"),
        adam("adam", 0.1),
        adam("adam_betas", 0.1, (0.5, 0.8), 0.1),
        adam("adam_weight_decay", 0.1, decay=0.1),
        adam("adamw_defaults", decay=1e-2, decoupled=True),
        adam("adamw", 0.1, decay=0.1, decoupled=True),
    ]


def clippings() -> list[dict[str, Any]]:
    """Gradients clipped by their joint norm (below and above the limit) and by value."""
    def case(name: str, kind: str, limit: float, clip: Callable) -> dict[str, Any]:
        _, gradients = problem()
        holders = [torch.zeros_like(gradient).requires_grad_() for gradient in gradients[0]]
        for holder, gradient in zip(holders, gradients[0]):
            holder.grad = gradient.clone()
        clip(holders, limit)
        return {"name": name, "kind": kind, "limit": limit, "gradients": [encode(value) for value in gradients[0]],
                "clipped": [encode(holder.grad) for holder in holders]}

    norm, value = torch.nn.utils.clip_grad_norm_, torch.nn.utils.clip_grad_value_
    return [case("norm_above", "norm", 0.5, norm), case("norm_below", "norm", 100.0, norm),
            case("value", "value", 0.3, value)]
