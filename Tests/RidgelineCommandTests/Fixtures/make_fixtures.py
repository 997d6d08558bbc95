"""What PyTorch says of torchvision's AlexNet with small weights, for the test of `features --as`.

    python Tests/RidgelineCommandTests/Fixtures/make_fixtures.py

Written with PyTorch 2.15.0, torchvision 0.29.2, safetensors 0.8.0 and NumPy 2.4.6. Every tensor of `alexnet.pth` is a view, with strides of its own,
of one storage of 125,000 half-precision numbers, so that a state dictionary of 57 million parameters is a file of 250 KB; a reader
or a mapping that exchanges axes, offsets or names gives other features. `alexnet-features.safetensors` holds what layers give for
two images, computed in double precision on these weights, in the order of Ridgeline: maps as [rows, columns, maps].
"""

from pathlib import Path

import numpy
import torch
import torchvision
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
LENGTH, CLASSES = 125_000, 10
# Strides of each weight; the last element still lies within the storage.
STRIDES = {
    "features.0": (363, 121, 11, 1), "features.3": (311, 97, 31, 1), "features.6": (211, 137, 17, 1),
    "features.8": (307, 101, 13, 1), "features.10": (281, 151, 19, 1), "classifier.1": (13, 7), "classifier.4": (17, 11),
    "classifier.6": (4099, 3),
}


def image(number: int) -> numpy.ndarray:
    """256 x 256 pixels by a formula that the test has too; torchvision's preparation crops their middle and resizes nothing."""
    row, column, channel = numpy.meshgrid(numpy.arange(256), numpy.arange(256), numpy.arange(3), indexing="ij")
    value = row * (2 + channel) + column * (5 - 2 * channel) + (row * column) // (7 + number) + 37 * channel * number
    return (value % 256).astype("u1")


def main() -> None:
    network = torchvision.models.alexnet(num_classes=CLASSES).eval()
    base = (0.018 * torch.randn(LENGTH, generator=torch.Generator().manual_seed(6))).half()
    state = {}
    for number, (name, value) in enumerate(network.state_dict().items()):
        layer = name.rsplit(".", 1)[0]
        strides = STRIDES[layer] if name.endswith("weight") else (1,)
        state[name] = base.as_strided(value.shape, strides, 100 * number)
    torch.save(state, HERE / "alexnet.pth")
    network.load_state_dict({name: value.double() for name, value in state.items()}, assign=True)
    levels = torch.from_numpy(numpy.stack([image(0), image(1)])[:, 16:240, 16:240]).permute(0, 3, 1, 2).double() / 255
    mean, deviation = (torch.tensor(x).double()[:, None, None] for x in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    with torch.no_grad():
        pool5 = network.features((levels - mean) / deviation)
        # Both after their rectifiers, which are part of the layers here.
        fc6 = network.classifier[:3](network.avgpool(pool5).flatten(1))
        fc7 = network.classifier[3:6](fc6)
    layers = {"pool5": pool5.permute(0, 2, 3, 1).flatten(1), "fc6": fc6, "fc7": fc7}
    for name, value in layers.items():
        print(name, tuple(value.shape), float(value.abs().max()), float((value > 0).double().mean()))
    save_file({name: value.float().contiguous() for name, value in layers.items()}, HERE / "alexnet-features.safetensors")


if __name__ == "__main__":
    main()
