"""The files that the tests read, written by the libraries whose formats they are.

    python Tests/InterchangeTests/Fixtures/make_fixtures.py            # everything but keras2
    python Tests/InterchangeTests/Fixtures/make_fixtures.py numpy      # one part

Written with NumPy 2.4.6, PyTorch 2.15.0, torchvision 0.29, timm, safetensors 0.8.0, h5py 3.16.0 and Keras 3.15.1 (backend
torch); the part keras2 with Keras 2.15.0 and TensorFlow 2.15.1, which the others do not stand beside. PyTorch writes both of its formats, h5py the oldest layout of HDF5 and that of version 1.10. Array number k of a file holds 0, 1, 2, ... divided by 8, plus k: exact in every type.
endless.h5 is none of theirs: it is small.h5 after the change 860 of `scripts/fuzz-readers` under seed 7.
"""

import sys
import zipfile
from pathlib import Path

import numpy

HERE = Path(__file__).resolve().parent


def counted(*shape: int, plus: float = 0.0) -> numpy.ndarray:
    return numpy.arange(numpy.prod(shape, dtype=int)).reshape(shape) / 8 + plus


def write_numpy() -> None:
    from numpy.lib import format as npy

    for name, array, version in [
        ("f4", counted(2, 3, 4).astype("<f4"), (1, 0)),
        ("f8-v2", counted(2, 3).astype("<f8"), (2, 0)),
        ("f2-v3", counted(2, 3).astype("<f2"), (3, 0)),
        ("f4-big", counted(2, 3).astype(">f4"), (1, 0)),
        ("f8-big-fortran", numpy.asfortranarray(counted(2, 3, 4).astype(">f8")), (1, 0)),
        ("f4-fortran", numpy.asfortranarray(counted(3, 5).astype("<f4")), (1, 0)),
        ("scalar", numpy.float64(2.5).reshape(()), (1, 0)),
        ("empty", numpy.zeros((0, 3), "f4"), (1, 0)),
        ("object", numpy.array([1, "a", None], dtype=object), (1, 0)),
        ("complex", counted(3).astype("<c16"), (1, 0)),
        ("record", numpy.zeros(2, dtype=[("a", "f4"), ("b", "i4")]), (1, 0)),
    ]:
        with open(HERE / f"{name}.npy", "wb") as file:
            npy.write_array(file, array, version=version)
    arrays = {"a": counted(2, 3).astype("f4"), "b/c": counted(4, plus=1).astype("f8")}
    for code in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"):
        arrays[code] = numpy.array([0, 1, 100, numpy.iinfo(code).max // 2 + 1], dtype=code)
    arrays["truth"] = numpy.array([True, False])
    numpy.savez(HERE / "stored.npz", **arrays)
    numpy.savez_compressed(HERE / "deflated.npz", **arrays, wide=numpy.tile(counted(8), 64).astype("f4"))
    # 100 MB of zeros in some hundred kilobytes.
    numpy.savez_compressed(HERE / "bomb.npz", zeros=numpy.zeros(100_000_000, "u1"))


def write_torch() -> None:
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(1)

    def tensor(*shape: int, plus: float = 0.0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        return torch.from_numpy(numpy.asarray(counted(*shape, plus=plus))).to(dtype)

    module = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3), torch.nn.BatchNorm2d(3), torch.nn.Linear(4, 2))
    with torch.no_grad():
        for position, value in enumerate(module.state_dict().values()):
            value.copy_(tensor(*value.shape, plus=position))
    state = module.state_dict()
    shared = tensor(4, 6)
    views = {
        "whole": shared, "transposed": shared.t(), "part": shared[1:3, 2:5], "every_second": shared[:, ::2],
        "row": shared[2], "element": shared[3, 5], "repeated": tensor(3).expand(2, 3), "empty": tensor(0, 3),
    }
    types = {str(dtype).removeprefix("torch."): tensor(2, 3, dtype=dtype) for dtype in (
        torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
        torch.uint8)}
    types["bool"] = torch.tensor([True, False, True])
    checkpoint = {
        "epoch": 3, "best": 0.5, "name": "run", "finished": False, "nothing": None, "sizes": torch.Size([2, 3]),
        "state_dict": state, "parameters": {"weight": torch.nn.Parameter(tensor(2, 2))}, "list": [1, (2, 3)],
    }
    for name, value in [("module", state), ("views", views), ("types", types), ("checkpoint", checkpoint)]:
        torch.save(value, HERE / f"{name}.pth")
        torch.save(value, HERE / f"{name}-legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(state, HERE / "module-protocol4.pth", pickle_protocol=4)
    torch.save(state, HERE / "module-legacy-protocol4.pth", pickle_protocol=4, _use_new_zipfile_serialization=False)
    torch.save({"unsigned": torch.tensor([1, 2, 3], dtype=torch.uint16)}, HERE / "unsigned.pth")
    torch.save(module, HERE / "whole-module.pth")

    class Attack:
        def __reduce__(self):
            import os
            return os.system, ("echo this must never run",)

    torch.save({"weight": tensor(2), "attack": Attack()}, HERE / "attack.pth")
    torch.save({"weight": tensor(2), "attack": Attack()}, HERE / "attack-legacy.pth", _use_new_zipfile_serialization=False)
    with zipfile.ZipFile(HERE / "inflated.pth", "w", zipfile.ZIP_DEFLATED) as archive:
        # No tensor, but a pickle of 4 MiB that deflates to some kilobytes.
        archive.writestr("inflated/data.pkl", (b"\x80\x02}" + b"(1" * (2 << 20))[: 4 << 20])
    torch.jit.script(torch.nn.Linear(2, 2)).save(HERE / "script.pt")
    save_file({key: value.contiguous() for key, value in types.items()}, HERE / "types.safetensors")


def write_shards() -> None:
    import json

    import torch
    from safetensors.torch import save_file

    parts = [
        {"a": torch.from_numpy(counted(2, 3)).float(), "b": torch.from_numpy(counted(4, plus=1)).half()},
        {"c": torch.from_numpy(counted(2, 2, plus=2)).bfloat16()},
    ]
    folder = HERE / "sharded"
    folder.mkdir(exist_ok=True)
    places = {}
    for number, part in enumerate(parts, 1):
        name = f"model-{number:05}-of-00002.safetensors"
        save_file(part, folder / name, metadata={"format": "pt"})
        places |= {key: name for key in part}
    size = sum(value.numel() * value.element_size() for part in parts for value in part.values())
    index = {"metadata": {"total_size": size}, "weight_map": places}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")


def write_names() -> None:
    """Names and shapes of every tensor of torchvision's, timm's and Keras' networks; no weights."""
    import json
    import os

    os.environ["KERAS_BACKEND"] = "torch"
    import keras
    import timm
    import torch
    import torchvision

    networks = {}
    with torch.device("meta"):
        for name in ["alexnet"] + [f"vgg{depth}{suffix}" for depth in (11, 13, 16, 19) for suffix in ("", "_bn")]:
            networks[f"torchvision {name}"] = torchvision.models.get_model(name, weights=None).state_dict()
            if name != "alexnet":
                networks[f"timm {name}"] = timm.create_model(name, pretrained=False).state_dict()
    listed = {name: {key: list(value.shape) for key, value in state.items()} for name, state in networks.items()}
    for name, make in [("vgg16", keras.applications.VGG16), ("vgg19", keras.applications.VGG19)]:
        model = make(weights=None)
        listed[f"keras {name}"] = {
            f"{layer.name}/{variable.name}": list(variable.shape) for layer in model.layers for variable in layer.weights}
    (HERE / "names.json").write_text(json.dumps(listed, separators=(",", ":")) + "\n")


def write_keras() -> None:
    import os

    os.environ["KERAS_BACKEND"] = "torch"
    import keras

    write_small_keras(keras, "small")


def write_keras2() -> None:
    """Of Keras 2, which needs an environment of its own: `pip install tensorflow-cpu==2.15.1`."""
    import h5py
    from tensorflow import keras

    model = write_small_keras(keras, "small-keras2")
    # What `save_weights` of a name in .h5 wrote before 2.13, which 2.15 still has under this name.
    from keras.src.saving.legacy import hdf5_format

    with h5py.File(HERE / "small-keras2-weights.h5", "w") as file:
        hdf5_format.save_weights_to_hdf5_group(file, model)


def write_small_keras(keras, name: str):
    """A convolution and a dense layer in the formats of a Keras."""
    inputs = keras.Input((4, 4, 2))
    x = keras.layers.Conv2D(3, 3, padding="same", name="block1_conv1")(inputs)
    x = keras.layers.Flatten(name="flatten")(x)
    model = keras.Model(inputs, keras.layers.Dense(2, name="fc1")(x), name="small")
    model.set_weights([counted(*value.shape, plus=position) for position, value in enumerate(model.get_weights())])
    model.save(HERE / f"{name}.keras")
    model.save(HERE / f"{name}.h5")
    model.save_weights(HERE / f"{name}.weights.h5")
    return model


def write_hdf5() -> None:
    import h5py

    for version in ("earliest", "v110"):
        with h5py.File(HERE / f"types-{version}.h5", "w", libver=("earliest", "v108") if version == "earliest" else ("v110", "v110")) as file:
            for code in ("<f2", "<f4", ">f4", "<f8", ">f8", "<i1", "<i4", ">i8", "<u2"):
                name = ("big/" if code[0] == ">" else "little/") + code[1:]
                file[name] = counted(2, 3).astype(code)
            file.create_dataset("deflated", data=counted(40, 30).astype("f4"), chunks=(7, 11), compression="gzip", shuffle=True)
            file["scalar"] = numpy.float32(2.5)
            file["empty"] = numpy.zeros((0, 3), "f4")
            file["text"] = "no tensor"
            file["soft"] = h5py.SoftLink("/scalar")
            file["again"] = file["scalar"]
    with h5py.File(HERE / "external-link.h5", "w") as file:
        file["elsewhere"] = h5py.ExternalLink("types-v110.h5", "/scalar")
    with h5py.File(HERE / "external-data.h5", "w") as file:
        file.create_dataset("elsewhere", (4,), "f4", external=[("/etc/hostname", 0, h5py.h5f.UNLIMITED)])
    with h5py.File(HERE / "circle.h5", "w") as file:
        file["a/value"] = numpy.zeros(3, "f4")
        for key in range(8):
            file[f"a/{key}"] = file["a"]
    with h5py.File(HERE / "null.h5", "w") as file:
        file["kernel"] = counted(2, 3).astype("f4")
        file["nothing"] = h5py.Empty("f4")
    with h5py.File(HERE / "unwritten.h5", "w") as file:
        # A terabyte that nobody wrote.
        file.create_dataset("huge", (1 << 38,), "f4", chunks=(1 << 20,))


def write_caffe() -> None:
    """Needs caffe_pb2, which protoc makes of Caffe's own src/caffe/proto/caffe.proto; protobuf 4.25.3 wrote the files."""
    import caffe_pb2

    def fill(blob, array, legacy: bool, double: bool = False) -> None:
        (blob.double_data if double else blob.data).extend(array.ravel().tolist())
        if legacy:
            extents = (1,) * (4 - array.ndim) + array.shape
            blob.num, blob.channels, blob.height, blob.width = extents
        else:
            blob.shape.dim.extend(array.shape)

    for name, legacy in [("present", False), ("v1", True)]:
        net = caffe_pb2.NetParameter(name="small")
        kinds = {"data": ("Data", 5), "conv1": ("Convolution", 4), "relu1": ("ReLU", 18), "fc2": ("InnerProduct", 14)}
        for number, (layer_name, (kind, code)) in enumerate(kinds.items()):
            layer = net.layers.add() if legacy else net.layer.add()
            layer.name, layer.type = layer_name, code if legacy else kind
            layer.bottom.append("below")
            layer.top.append(layer_name)
            if layer_name == "conv1":
                layer.convolution_param.num_output = 4
                fill(layer.blobs.add(), counted(4, 3, 2, 2), legacy)
                fill(layer.blobs.add(), counted(4, plus=1), legacy)
            if layer_name == "fc2":
                layer.inner_product_param.num_output = 5
                fill(layer.blobs.add(), counted(5, 16, plus=2), legacy, double=not legacy)
                fill(layer.blobs.add(), counted(5, plus=3), legacy)
        (HERE / f"{name}.caffemodel").write_bytes(net.SerializeToString())
    net = caffe_pb2.NetParameter(name="oldest")
    net.layers.add().layer.name = "conv1"
    (HERE / "v0.caffemodel").write_bytes(net.SerializeToString())


PARTS = {
    "numpy": write_numpy, "torch": write_torch, "shards": write_shards, "names": write_names, "keras": write_keras, "keras2": write_keras2,
    "hdf5": write_hdf5, "caffe": write_caffe,
}

if __name__ == "__main__":
    for part in sys.argv[1:] or [name for name in PARTS if name != "keras2"]:
        PARTS[part]()
