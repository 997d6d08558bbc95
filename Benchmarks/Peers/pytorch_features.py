"""Features of VGG-16's second dense layer for a folder of images in PyTorch, as `ridgeline features` gives them: to an npz.

    python pytorch_features.py WEIGHTS IMAGES OUTPUT --batch 32 --workers 2 --memory channels_last

Images are decoded by Pillow, their shorter side brought to 256 by torchvision with antialias, the centre of 224 taken, and levels
normalized with ImageNet's means, by the workers of a DataLoader; the network runs under `inference_mode`.
"""

import argparse
from pathlib import Path

import numpy
import torch
import torchvision
from PIL import Image
from torchvision.transforms import v2

ENDINGS = {".png", ".jpg", ".jpeg"}


class Pictures(torch.utils.data.Dataset):
    """The images under a folder in the order of their paths."""

    def __init__(self, folder: Path) -> None:
        self.paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)
        self.prepare = v2.Compose([
            v2.PILToTensor(), v2.ToDtype(torch.float32, scale=True), v2.Resize(256, antialias=True), v2.CenterCrop(224),
            v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ])

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> torch.Tensor:
        with Image.open(self.paths[index]) as image:
            return self.prepare(image.convert("RGB"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path, help="a state dictionary of torchvision's vgg16")
    parser.add_argument("images", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", choices=["contiguous", "channels_last"], default="channels_last")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    form = torch.channels_last if arguments.memory == "channels_last" else torch.contiguous_format
    with torch.device("meta"):
        network = torchvision.models.vgg16(weights=None)
    network.load_state_dict(torch.load(arguments.weights, mmap=True), assign=True)
    # Up to the rectifier behind the second dense layer.
    network.classifier = network.classifier[:5]
    network = network.eval().to(memory_format=form)
    data = Pictures(arguments.images)
    rows = []
    with torch.inference_mode():
        for images in torch.utils.data.DataLoader(data, arguments.batch, num_workers=arguments.workers):
            rows.append(network(images.contiguous(memory_format=form)).numpy())
    names = numpy.frombuffer("\0".join(str(path) for path in data.paths).encode(), numpy.uint8)
    numpy.savez(arguments.output, features=numpy.concatenate(rows), files=names)


if __name__ == "__main__":
    main()
