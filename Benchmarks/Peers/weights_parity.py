"""Weights across libraries: what torchvision and Keras write gives their logits here, and what is written here loads there.

    swift build -c release
    python Benchmarks/Peers/weights_parity.py alexnet vgg16 vgg16_bn keras-vgg16

Random weights are drawn by the library and written in each of its formats: PyTorch's two, safetensors, half precision and
bfloat16 as well; Keras' `.weights.h5`, model `.h5` and `.keras`; npz. `ridgeline convert --as` makes a file of ours of each,
`ridgeline predict` classifies two pictures with it, prepared as the file says, and the outputs are compared with the library's
own on the same weights (rounded as the file rounds them). Then our file goes back: `--names torchvision` must load strictly and
bit for bit, and an npz must hold the same bits.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")

import numpy
import torch
import torchvision
from PIL import Image
from safetensors.torch import load_file, save_file

ROOT = Path(__file__).resolve().parent.parent.parent
LIMIT = 1e-4

State = dict[str, torch.Tensor]


def run(program: str, *words: object) -> str:
    return subprocess.run([program, *map(str, words)], check=True, capture_output=True, text=True).stdout


def relative(found: numpy.ndarray, wanted: numpy.ndarray) -> float:
    return float(abs(found - wanted).max() / abs(wanted).max())


def outputs(program: str, weights: Path, pictures: list[Path]) -> numpy.ndarray:
    lines = run(program, "predict", *pictures, "--weights", weights, "--json").splitlines()
    return numpy.array([json.loads(line)["outputs"] for line in lines])


def pictures(folder: Path, side: int) -> tuple[list[Path], numpy.ndarray]:
    """Two smooth pictures as PNG, and their levels."""
    coarse = torch.rand(2, 3, 8, 8)
    smooth = torch.nn.functional.interpolate(coarse, size=(side, side), mode="bicubic", align_corners=False)
    levels = (smooth.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).numpy()
    paths = [folder / f"picture-{side}-{index}.png" for index in range(2)]
    for path, picture in zip(paths, levels, strict=True):
        Image.fromarray(picture).save(path)
    return paths, levels


def randomize(module: torch.nn.Module) -> None:
    """Running statistics and biases that are not their initial values, so that exchanging them shows."""
    for name, value in module.state_dict().items():
        if name.endswith("running_var"):
            value.uniform_(0.5, 1.5)
        elif name.endswith(("running_mean", "bias")):
            value.normal_(std=0.05)


def logits(module: torch.nn.Module, levels: numpy.ndarray) -> numpy.ndarray:
    images = torch.from_numpy(levels[:, 16:240, 16:240]).permute(0, 3, 1, 2).float() / 255
    mean, deviation = (torch.tensor(x)[:, None, None] for x in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    with torch.no_grad():
        return module((images - mean) / deviation).numpy()


def from_torchvision(name: str, program: str, folder: Path) -> list[dict]:
    own = "alexnet-torchvision" if name == "alexnet" else name.replace("_", "-")
    module = torchvision.models.get_model(name, weights=None).eval()
    randomize(module)
    full = {key: value.clone() for key, value in module.state_dict().items()}
    paths, levels = pictures(folder, 256)
    reports = []
    for kind, dtype in [("float32", None), ("float16", torch.float16), ("bfloat16", torch.bfloat16)]:
        state: State = {
            key: value.to(dtype) if dtype and value.is_floating_point() else value for key, value in full.items()}
        module.load_state_dict({key: value.to(full[key].dtype) for key, value in state.items()})
        wanted = logits(module, levels)
        for form in ("pth", "legacy pth", "safetensors"):
            given, ours = folder / f"given.{form.split()[-1]}", folder / "ours.safetensors"
            if form == "safetensors":
                save_file(state, given)
            else:
                torch.save(state, given, _use_new_zipfile_serialization=form == "pth")
            run(program, "convert", given, ours, "--as", own)
            given.unlink()
            report = {"network": name, "format": form, "type": kind,
                      "logits_relative": relative(outputs(program, ours, paths), wanted)}
            back = folder / "back.safetensors"
            run(program, "convert", ours, back, "--names", "torchvision")
            returned = load_file(back)
            module.load_state_dict(returned, strict=True)
            weights = [key for key in state if not key.endswith("num_batches_tracked")]
            report["back_bit_for_bit"] = set(returned) == set(state) and all(
                returned[key].dtype == state[key].dtype
                and returned[key].view(torch.uint8).equal(state[key].view(torch.uint8)) for key in weights)
            del returned
            back.unlink()
            if form == "pth" and kind != "bfloat16":
                archive = folder / "ours.npz"
                run(program, "convert", ours, archive)
                held = numpy.load(archive)
                own_tensors = load_file(ours)
                report["npz_bit_for_bit"] = sorted(held.files) == sorted(own_tensors) and all(
                    held[key].dtype == own_tensors[key].numpy().dtype
                    and held[key].tobytes() == own_tensors[key].numpy().tobytes() for key in held.files)
                del held, own_tensors
                archive.unlink()
            ours.unlink()
            print(json.dumps(report), flush=True)
            reports.append(report)
    return reports


def from_keras(name: str, program: str, folder: Path) -> list[dict]:
    import keras

    own = name.removeprefix("keras-")
    make = {"vgg16": keras.applications.VGG16, "vgg19": keras.applications.VGG19}[own]
    model = make(weights=None, classifier_activation=None)
    paths, levels = pictures(folder, 224)
    caffe = levels[..., ::-1].astype("float32") - numpy.array([103.939, 116.779, 123.68], "float32")
    wanted = numpy.asarray(model.predict(caffe, verbose=0))
    reports = []
    for form in ("weights.h5", "h5", "keras", "npz"):
        given, ours = folder / f"given.{form}", folder / "ours.safetensors"
        if form == "weights.h5":
            model.save_weights(given)
        elif form == "npz":
            numpy.savez(given, **{
                f"{layer.name}/{variable.name}": numpy.asarray(variable) for layer in model.layers
                for variable in layer.weights})
        else:
            model.save(given)
        run(program, "convert", given, ours, "--as", own)
        given.unlink()
        report = {"network": name, "format": form, "type": "float32",
                  "logits_relative": relative(outputs(program, ours, paths), wanted)}
        print(json.dumps(report), flush=True)
        reports.append(report)
        ours.unlink()
    return reports


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="+", help="torchvision's names, keras-vgg16 or keras-vgg19")
    parser.add_argument("--program", default=str(ROOT / ".build/release/ridgeline"))
    parser.add_argument("--folder", help="where the files go for a while; two gigabytes")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    failed = False
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        for name in arguments.networks:
            convert = from_keras if name.startswith("keras-") else from_torchvision
            for report in convert(name, arguments.program, Path(folder)):
                failed |= not report["logits_relative"] <= LIMIT
                failed |= not all(report.get(key, True) for key in ("back_bit_for_bit", "npz_bit_for_bit"))
    sys.exit(failed)


if __name__ == "__main__":
    main()
