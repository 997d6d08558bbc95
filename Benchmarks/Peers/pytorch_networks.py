"""The networks whose steps are timed, as usually written in PyTorch: LeNet-5, the five tanh layers, AlexNet and VGG-16."""

import torch
from torch import nn


def _initialized(network: nn.Module) -> nn.Module:
    """Glorot's uniform weights and zero biases."""
    for parameter in network.parameters():
        nn.init.xavier_uniform_(parameter) if parameter.dim() > 1 else nn.init.zeros_(parameter)
    return network


def lenet5() -> nn.Module:
    """Tanh, average pooling, softmax: 61,706 parameters."""
    return _initialized(nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10),
    ))


def mlp(depth: int = 5, width: int = 1000) -> nn.Module:
    """`depth` hidden tanh layers of `width` units between 1024 inputs and 9 outputs: Glorot and Bengio (2010)."""
    layers: list[nn.Module] = []
    for index in range(depth):
        layers += [nn.Linear(width if index else 1024, width), nn.Tanh()]
    return _initialized(nn.Sequential(*layers, nn.Linear(width, 9)))


def alexnet() -> nn.Module:
    """The paper's: two groups, local response normalization (PyTorch divides alpha by the size), overlapping pooling."""
    def normalized() -> nn.Module:
        return nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2)

    return _initialized(nn.Sequential(
        nn.Conv2d(3, 96, 11, stride=4), nn.ReLU(inplace=True), normalized(), nn.MaxPool2d(3, 2),
        nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(inplace=True), normalized(), nn.MaxPool2d(3, 2),
        nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(inplace=True),
        nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU(inplace=True),
        nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
        nn.Flatten(),
        nn.Linear(9216, 4096), nn.ReLU(inplace=True), nn.Dropout(0.5),
        nn.Linear(4096, 4096), nn.ReLU(inplace=True), nn.Dropout(0.5), nn.Linear(4096, 1000),
    ))


def vgg16() -> nn.Module:
    """Configuration D."""
    layers: list[nn.Module] = []
    channels = 3
    for outputs, count in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]:
        for _ in range(count):
            layers += [nn.Conv2d(channels, outputs, 3, padding=1), nn.ReLU(inplace=True)]
            channels = outputs
        layers.append(nn.MaxPool2d(2))
    return _initialized(nn.Sequential(
        *layers, nn.Flatten(),
        nn.Linear(25088, 4096), nn.ReLU(inplace=True), nn.Dropout(0.5),
        nn.Linear(4096, 4096), nn.ReLU(inplace=True), nn.Dropout(0.5), nn.Linear(4096, 1000),
    ))


# By name: how to make it, the shape of an input, the number of classes, and the learning rate, the momentum and the weight
# decay of its training.
NETWORKS = {
    "lenet5": (lenet5, (1, 28, 28), 10, 0.01, 0.9, 0.0),
    "mlp": (mlp, (1024,), 9, 0.01, 0.0, 0.0),
    "alexnet": (alexnet, (3, 227, 227), 1000, 1e-4, 0.9, 5e-4),
    "vgg16": (vgg16, (3, 224, 224), 1000, 1e-4, 0.9, 5e-4),
}


def batches(shape: tuple[int, ...], classes: int, size: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Random batches for steps to take in turn, at most 64 and at most 64 MB of them beyond the first."""
    numbers = size * torch.Size(shape).numel()
    count = max(1, min(64, (64 << 20) // (4 * numbers)))
    return [(torch.randn(size, *shape), torch.randint(classes, (size,))) for _ in range(count)]
