"""Convolution, pooling and normalisation over NHWC images."""

import torch
from reference import Cases, Draw
from torch.nn import functional


def nchw(x: torch.Tensor) -> torch.Tensor:
    return x.permute(0, 3, 1, 2)


def nhwc(x: torch.Tensor) -> torch.Tensor:
    return x.permute(0, 2, 3, 1)


def pad(x: torch.Tensor, padding: list[int], value: float = 0.0) -> torch.Tensor:
    """Pads an NCHW tensor by [top, bottom, left, right]."""
    top, bottom, left, right = padding
    return functional.pad(x, (left, right, top, bottom), value=value)


def same_padding(size: list[int], kernel: list[int], stride: list[int], dilation: list[int]) -> list[int]:
    """TensorFlow's "same": ceil(size / stride) outputs, the odd row and column at the bottom and right."""
    result = []
    for extent, window, step, spread in zip(size, kernel, stride, dilation):
        total = max((-(-extent // step) - 1) * step + spread * (window - 1) + 1 - extent, 0)
        result += [total // 2, total - total // 2]
    return result


def convolve(x, kernel, stride, padding, dilation, groups):
    """Convolution of NHWC `x` with an HWIO kernel (inputs counted per group)."""
    weight = kernel.permute(3, 2, 0, 1)
    return nhwc(functional.conv2d(pad(nchw(x), padding), weight, None, stride, 0, dilation, groups))


def convolutions(cases: Cases) -> None:
    def case(label, image, kernel, mode="explicit", padding=(0, 0, 0, 0), stride=(1, 1), dilation=(1, 1), groups=1):
        name = f"convolution_{label}"
        draw, padding = Draw(name), list(padding)
        if mode == "same":
            padding = same_padding(image[1:3], kernel[:2], stride, dilation)
        attributes = {"stride": list(stride), "padding": padding, "paddingMode": mode, "dilation": list(dilation),
                      "groups": groups}
        cases.add(name, "convolution", {"input": draw.normal(*image), "kernel": draw.normal(*kernel, scale=0.5)},
                  lambda x, w: convolve(x, w, stride, padding, dilation, groups), attributes)

    case("valid", (2, 4, 5, 2), (3, 3, 2, 3), "valid")
    case("same", (1, 4, 5, 2), (3, 3, 2, 3), "same")
    case("same_even_kernel", (1, 4, 4, 1), (2, 2, 1, 2), "same")
    case("one_channel_5x5", (1, 8, 8, 1), (5, 5, 1, 3), "valid")
    case("one_channel_5x5_same", (1, 6, 6, 1), (5, 5, 1, 2), "same")
    case("1x1", (2, 3, 3, 4), (1, 1, 4, 3), "valid")
    case("1x1_stride2", (1, 5, 4, 3), (1, 1, 3, 2), "valid", stride=(2, 2))
    case("stride2", (1, 7, 6, 2), (3, 3, 2, 2), "valid", stride=(2, 2))
    case("stride2_same", (1, 6, 6, 2), (3, 3, 2, 2), "same", stride=(2, 2))
    case("stride_2_1", (1, 6, 5, 2), (3, 2, 2, 2), "valid", stride=(2, 1))
    case("stride3_beyond_kernel", (1, 8, 8, 1), (2, 2, 1, 2), "valid", stride=(3, 3))
    case("padding_symmetric", (1, 4, 4, 2), (3, 3, 2, 2), padding=(1, 1, 1, 1))
    case("padding_asymmetric", (1, 4, 4, 2), (3, 3, 2, 2), padding=(0, 2, 1, 0))
    case("padding_wider_than_kernel", (1, 2, 2, 1), (2, 2, 1, 2), padding=(2, 2, 2, 2))
    case("dilation2", (1, 6, 6, 2), (3, 3, 2, 2), "valid", dilation=(2, 2))
    case("dilation2_same", (1, 5, 5, 1), (3, 3, 1, 2), "same", dilation=(2, 2))
    case("dilation_1_2_stride2", (1, 6, 7, 1), (3, 2, 1, 2), "valid", stride=(2, 2), dilation=(1, 2))
    case("groups2", (1, 4, 4, 4), (3, 3, 2, 4), "valid", groups=2)
    case("stride2_groups2", (1, 5, 5, 4), (3, 3, 2, 4), padding=(1, 1, 1, 1), stride=(2, 2), groups=2)
    case("depthwise", (1, 4, 4, 3), (3, 3, 1, 3), "same", groups=3)
    case("depthwise_multiplier2", (1, 4, 4, 2), (2, 2, 1, 4), "valid", groups=2)
    case("kernel_as_large_as_image", (2, 3, 3, 2), (3, 3, 2, 4), "valid")
    case("one_by_three", (1, 3, 5, 2), (1, 3, 2, 2), "same")


def pooled(x, size, stride, padding, kind, counts_padding=True):
    """Pooling of NHWC `x`; padding is -infinity for maxima and 0 for sums."""
    image = nchw(x)
    if kind == "max":
        return nhwc(functional.max_pool2d(pad(image, padding, -torch.inf), size, stride))
    def total(values):
        return functional.avg_pool2d(pad(values, padding), size, stride, divisor_override=1)
    count = size[0] * size[1] if counts_padding else total(torch.ones_like(image))
    return nhwc(total(image) / count)


GEOMETRIES = {
    "2": ((2, 4, 4, 2), (2, 2), (2, 2), (0, 0, 0, 0)),
    "overlapping": ((1, 7, 7, 2), (3, 3), (2, 2), (0, 0, 0, 0)),
    "stride1": ((1, 4, 4, 2), (2, 2), (1, 1), (0, 0, 0, 0)),
    "padded": ((1, 5, 5, 2), (3, 3), (2, 2), (1, 1, 1, 1)),
    "padded_asymmetric": ((1, 4, 5, 2), (3, 2), (2, 2), (0, 1, 1, 0)),
    "remainder": ((1, 5, 5, 1), (2, 2), (2, 2), (0, 0, 0, 0)),
    "2x3": ((1, 4, 6, 1), (2, 3), (2, 3), (0, 0, 0, 0)),
}


def poolings(cases: Cases) -> None:
    for label, (image, size, stride, padding) in GEOMETRIES.items():
        attributes = {"size": list(size), "stride": list(stride), "padding": list(padding)}
        name = f"maxPooling_{label}"
        cases.add(name, "maxPooling", {"input": Draw(name).distinct(*image)},
                  lambda x, g=(size, stride, padding): pooled(x, *g, "max"), attributes)
        for counts in (True, False) if any(padding) else (True,):
            name = f"averagePooling_{label}{'' if counts else '_not_counting_padding'}"
            cases.add(name, "averagePooling", {"input": Draw(name).normal(*image)},
                      lambda x, g=(size, stride, padding), c=counts: pooled(x, *g, "average", c),
                      attributes | {"countsPadding": counts})
    ties = torch.tensor([1.0, 1.0, 0.0, 2.0, 1.0, 1.0, 2.0, 2.0, 0.0, 0.0, -1.0, -1.0, 0.0, 0.0, -1.0, -1.0])
    cases.add("maxPooling_ties_go_to_the_first", "maxPooling", {"input": ties.reshape(1, 4, 4, 1)},
              lambda x: pooled(x, (2, 2), (2, 2), (0, 0, 0, 0), "max"),
              {"size": [2, 2], "stride": [2, 2], "padding": [0, 0, 0, 0]})
    name = "globalAveragePooling"
    cases.add(name, name, {"input": Draw(name).normal(2, 3, 4, 3)}, lambda x: x.mean((1, 2)))
    name = "globalMaxPooling"
    cases.add(name, name, {"input": Draw(name).distinct(2, 3, 4, 3)}, lambda x: x.amax((1, 2)))


def subsamplings(cases: Cases) -> None:
    for label, image in (("one_channel", (2, 4, 4, 1)), ("channels", (2, 4, 6, 3))):
        name = f"subsampling_{label}"
        draw = Draw(name)
        inputs = {"input": draw.normal(*image), "coefficient": draw.normal(image[3]), "bias": draw.normal(image[3])}
        cases.add(name, "subsampling", inputs,
                  lambda x, c, b: 4 * pooled(x, (2, 2), (2, 2), (0, 0, 0, 0), "average") * c + b,
                  {"size": [2, 2], "stride": [2, 2]})


def normalisations(cases: Cases) -> None:
    epsilon = 1e-3
    for label, shape in (("images", (2, 3, 2, 3)), ("rows", (5, 4))):
        axes = tuple(range(len(shape) - 1))

        def training(x, scale, offset, axes=axes):
            variance, mean = torch.var_mean(x, axes, correction=0)
            return (x - mean) / torch.sqrt(variance + epsilon) * scale + offset

        def inference(x, scale, offset, mean, variance):
            return (x - mean) / torch.sqrt(variance + epsilon) * scale + offset

        channels = shape[-1]
        for mode, function in (("training", training), ("inference", inference)):
            name = f"batchNormalization_{mode}_{label}"
            draw = Draw(name)
            inputs = {"input": draw.normal(*shape) + 0.5, "scale": draw.normal(channels), "offset": draw.normal(channels)}
            if mode == "inference":
                inputs |= {"mean": draw.normal(channels), "variance": draw.uniform(0.3, 2.0, channels)}
            cases.add(name, "batchNormalization", inputs, function,
                      {"training": mode == "training", "epsilon": epsilon, "axes": list(axes)})


def response_normalisations(cases: Cases) -> None:
    """PyTorch's own convention: alpha times the mean over `size` channels, an even size one channel longer before."""
    for label, shape, size, k, alpha, beta in (
        ("alexnet", (2, 2, 3, 8), 5, 2.0, 5e-4, 0.75), ("strong", (1, 3, 2, 9), 5, 1.0, 2.0, 0.75),
        ("even", (2, 2, 1, 6), 4, 1.0, 1.5, 0.5), ("few_channels", (1, 2, 2, 3), 7, 1.5, 3.0, 1.0),
        ("odd_power", (1, 2, 2, 5), 3, 1.0, 2.0, 0.6), ("one_channel", (2, 2, 2, 1), 1, 1.0, 1.0, 0.75),
    ):
        name = f"localResponseNormalization_{label}"
        cases.add(name, "localResponseNormalization", {"input": Draw(name).normal(*shape)},
                  lambda x, g=(size, alpha, beta, k): nhwc(functional.local_response_norm(nchw(x), *g)),
                  {"size": size, "k": k, "alpha": alpha, "beta": beta})


def add_all(cases: Cases) -> None:
    convolutions(cases)
    poolings(cases)
    subsamplings(cases)
    normalisations(cases)
    response_normalisations(cases)
