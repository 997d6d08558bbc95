"""Small networks: forward pass, loss, every gradient and the loss over a few steps of SGD."""

from collections.abc import Callable
from typing import Any

import torch
from reference import Draw, decode, encode
from torch.nn import functional

Parameters = dict[str, torch.Tensor]
Forward = Callable[[Parameters, torch.Tensor], torch.Tensor]


def same(x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    """Stride-1 convolution of NHWC with an odd HWIO kernel, output as large as the input."""
    return convolve(x, kernel, kernel.shape[0] // 2)


def convolve(x: torch.Tensor, kernel: torch.Tensor, padding: int = 0) -> torch.Tensor:
    return functional.conv2d(x.permute(0, 3, 1, 2), kernel.permute(3, 2, 0, 1), padding=padding).permute(0, 2, 3, 1)


def average(x: torch.Tensor, size: int = 2) -> torch.Tensor:
    return functional.avg_pool2d(x.permute(0, 3, 1, 2), size).permute(0, 2, 3, 1)


def scaled_tanh(x: torch.Tensor) -> torch.Tensor:
    return 1.7159 * torch.tanh(2 / 3 * x)


def draw_parameters(name: str, shapes: dict[str, tuple[int, ...]]) -> Parameters:
    """Weights of standard deviation 1 / sqrt(fan-in); scales and coefficients near 1, other vectors near 0."""
    draw, result = Draw(name), {}
    for key, shape in shapes.items():
        if len(shape) > 1:
            fan_in = torch.tensor(shape[:-1]).prod().item()
            value = draw.normal(*shape, scale=fan_in**-0.5)
        else:
            value = draw.normal(*shape, scale=0.1) + (1.0 if key.endswith(("scale", "coefficient")) else 0.0)
        result[key] = decode(encode(value), torch.float64)
    return result


def network(
    name: str, layers: list[str], shapes: dict[str, tuple[int, ...]], input_shape: tuple[int, ...], classes: int,
    forward: Forward, loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor], extras: dict[str, Any] | None = None,
    connections: dict[str, torch.Tensor] | None = None, rate: float = 0.1, momentum: float = 0.9, steps: int = 5,
) -> dict[str, Any]:
    """Output, loss and gradients at the initial parameters, then the losses of `steps` SGD steps on the same batch.

    `connections` holds 1 where a weight exists and 0 where it does not: such weights are 0 from the start.
    """
    initial = draw_parameters(name, shapes)
    for key, connected in (connections or {}).items():
        initial[key] = initial[key] * connected
    draw = Draw(f"{name} batch")
    images, labels = draw.normal(*input_shape), draw.integers(classes, input_shape[0])

    images.requires_grad_()
    leaves = {key: value.clone().requires_grad_() for key, value in initial.items()}
    output = forward(leaves, images)
    cost = loss(output, labels)
    *gradients, input_gradient = torch.autograd.grad(cost, [*leaves.values(), images])

    optimizer = torch.optim.SGD(leaves.values(), lr=rate, momentum=momentum)
    losses = []
    for _ in range(steps + 1):
        optimizer.zero_grad()
        current = loss(forward(leaves, images.detach()), labels)
        losses.append(float(f"{current.item():.12g}"))
        current.backward()
        if len(losses) <= steps:
            optimizer.step()
    return {
        "name": name,
        "layers": layers,
        **(extras or {}),
        "input": encode(images),
        "labels": encode(labels),
        "parameters": [{"name": key, **encode(value)} for key, value in initial.items()],
        "output": encode(output),
        "loss": losses[0],
        "gradients": [{"name": key, **encode(value)} for key, value in zip(leaves, gradients)],
        "inputGradient": encode(input_gradient),
        "training": {"learningRate": rate, "momentum": momentum, "losses": losses},
    }


def modern() -> dict[str, Any]:
    """LeNet-5 of today, scaled down: the flattening of [2, 2, 8] fixes its order."""
    def forward(p: Parameters, x: torch.Tensor) -> torch.Tensor:
        x = average(torch.tanh(same(x, p["c1.kernel"]) + p["c1.bias"]))
        x = average(torch.tanh(convolve(x, p["c3.kernel"]) + p["c3.bias"])).flatten(1)
        x = torch.tanh(x @ p["c5.kernel"] + p["c5.bias"])
        x = torch.tanh(x @ p["f6.kernel"] + p["f6.bias"])
        return x @ p["output.kernel"] + p["output.bias"]

    shapes = {"c1.kernel": (5, 5, 1, 4), "c1.bias": (4,), "c3.kernel": (5, 5, 4, 8), "c3.bias": (8,),
              "c5.kernel": (32, 24), "c5.bias": (24,), "f6.kernel": (24, 16), "f6.bias": (16,),
              "output.kernel": (16, 10), "output.bias": (10,)}
    layers = ["c1: convolution 4@5x5, same, tanh", "average pooling 2", "c3: convolution 8@5x5, valid, tanh",
              "average pooling 2", "flatten", "c5: dense 24, tanh", "f6: dense 16, tanh", "output: dense 10",
              "loss: mean softmax cross-entropy"]
    return network("lenet5_modern", layers, shapes, (2, 16, 16, 1), 10, forward, functional.cross_entropy)


def original() -> dict[str, Any]:
    """LeNet-5 of 1998, scaled down: connection table, trainable subsampling, radial basis output, equation 9."""
    table = [[0, 1], [1, 2], [2, 3], [0, 3], [0, 1, 2], [0, 1, 2, 3]]
    connected = torch.zeros(1, 1, 4, len(table))
    for target, sources in enumerate(table):
        connected[0, 0, sources, target] = 1
    codes = (Draw("codes").integers(2, 10, 12) * 2 - 1).double()
    j = 0.1

    def forward(p: Parameters, x: torch.Tensor) -> torch.Tensor:
        x = scaled_tanh(convolve(x, p["c1.kernel"]) + p["c1.bias"])
        x = scaled_tanh(4 * average(x) * p["s2.coefficient"] + p["s2.bias"])
        x = scaled_tanh(convolve(x, p["c3.kernel"] * connected) + p["c3.bias"])
        x = scaled_tanh(4 * average(x) * p["s4.coefficient"] + p["s4.bias"]).flatten(1)
        x = scaled_tanh(x @ p["f6.kernel"] + p["f6.bias"])
        return (x.unsqueeze(1) - codes).pow(2).sum(-1)

    def loss(distances: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        own = distances.gather(1, labels.unsqueeze(1)).squeeze(1)
        rubbish = torch.full((len(distances), 1), -j)
        return (own + torch.logsumexp(torch.cat([rubbish, -distances], 1), 1)).mean()

    shapes = {"c1.kernel": (5, 5, 1, 4), "c1.bias": (4,), "s2.coefficient": (4,), "s2.bias": (4,),
              "c3.kernel": (3, 3, 4, 6), "c3.bias": (6,), "s4.coefficient": (6,), "s4.bias": (6,),
              "f6.kernel": (6, 12), "f6.bias": (12,)}
    layers = ["c1: convolution 4@5x5, valid, scaled tanh", "s2: subsampling 2 (coefficient * sum + bias), scaled tanh",
              "c3: convolution 6@3x3, valid, connections from the table, scaled tanh", "s4: subsampling 2, scaled tanh",
              "flatten", "f6: dense 12, scaled tanh", "output: radial basis on fixed codes", "loss: equation 9, mean"]
    extras = {"connectionTable": table, "codes": encode(codes), "j": j}
    # A small rate: the loss is a sum of squares over twelve units and steps of 0.1 would overshoot.
    return network("lenet5_original", layers, shapes, (2, 12, 12, 1), 10, forward, loss, extras,
                   {"c3.kernel": connected}, rate=0.005)


def branches() -> dict[str, Any]:
    """Batch normalisation, overlapping padded max pooling, two concatenated branches and a global average."""
    epsilon = 1e-3

    def normalise(x: torch.Tensor, scale: torch.Tensor, offset: torch.Tensor) -> torch.Tensor:
        variance, mean = torch.var_mean(x, (0, 1, 2), correction=0)
        return (x - mean) / torch.sqrt(variance + epsilon) * scale + offset

    def forward(p: Parameters, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(normalise(same(x, p["stem.kernel"]), p["normalisation.scale"], p["normalisation.offset"]))
        x = functional.max_pool2d(x.permute(0, 3, 1, 2), 3, 2, 1).permute(0, 2, 3, 1)
        left = torch.relu(convolve(x, p["left.kernel"]) + p["left.bias"])
        right = functional.leaky_relu(same(x, p["right.kernel"]) + p["right.bias"], 0.1)
        return torch.cat([left, right], 3).mean((1, 2)) @ p["output.kernel"] + p["output.bias"]

    shapes = {"stem.kernel": (3, 3, 3, 4), "normalisation.scale": (4,), "normalisation.offset": (4,),
              "left.kernel": (1, 1, 4, 3), "left.bias": (3,), "right.kernel": (3, 3, 4, 2), "right.bias": (2,),
              "output.kernel": (5, 4), "output.bias": (4,)}
    layers = ["stem: convolution 4@3x3, same, no bias", f"normalisation: batch normalisation, epsilon {epsilon}, relu",
              "max pooling 3, stride 2, padding 1", "left: convolution 3@1x1, relu",
              "right (beside left): convolution 2@3x3, same, leaky relu 0.1", "concatenation over channels",
              "global average pooling", "output: dense 4", "loss: mean softmax cross-entropy"]
    return network("branches", layers, shapes, (3, 6, 6, 3), 4, forward, functional.cross_entropy)


def all_networks() -> list[dict[str, Any]]:
    return [modern(), original(), branches()]
