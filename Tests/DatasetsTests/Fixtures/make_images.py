"""Writes small PNGs and JPEGs and what a decoder has to make of them. Needs pillow 13.0.0 and numpy 2."""

import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

folder = Path(__file__).parent
random = np.random.default_rng(1)
expected = {}


def smooth(height, width, channels):
    """Slow waves with some noise: JPEG's chroma is not constant, and its coefficients are not all large."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [
        128 + 90 * np.sin(y / (3 + c) + c) * np.cos(x / (4 + c)) + random.normal(0, 8, (height, width))
        for c in range(channels)
    ]
    return np.clip(np.stack(planes, axis=2), 0, 255).astype(np.uint8)


def note(name, samples):
    samples = np.asarray(samples, dtype=np.float32)
    expected[name] = samples if samples.ndim == 3 else samples[:, :, None]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pack(samples, bits):
    """The rows of samples [height, width, channels] of so many bits, each begun with filter 0."""
    rows = []
    for row in samples.reshape(samples.shape[0], -1):
        if bits == 16:
            data = row.astype(">u2").tobytes()
        elif bits == 8:
            data = row.astype(np.uint8).tobytes()
        else:
            flags = ((row[:, None].astype(int) >> np.arange(bits)[::-1]) & 1).astype(np.uint8)
            data = np.packbits(flags.reshape(-1)).tobytes()
        rows.append(b"\0" + data)
    return b"".join(rows)


def png(name, samples, color, bits, extra=(), interlaced=False):
    """A PNG written by the specification, for kinds that Pillow does not write."""
    height, width = samples.shape[:2]
    if interlaced:
        data = b""
        for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
            part = samples[y0::dy, x0::dx]
            if part.size:
                data += pack(part, bits)
    else:
        data = pack(samples, bits)
    header = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, int(interlaced))
    (folder / name).write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunk(k, d) for k, d in extra)
        + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b""))


def over(colors, alpha, full, background):
    a = alpha[:, :, None].astype(np.float64) / full
    return a * colors + (1 - a) * np.asarray(background)


# PNG, one for each kind of samples. Names say what is in them.
grey = smooth(9, 13, 1)
rgb = smooth(9, 13, 3)
png("grey8.png", grey, 0, 8)
note("grey8.png", grey)
for bits in (1, 2, 4):
    few = grey >> (8 - bits)
    png(f"grey{bits}.png", few, 0, bits)
    note(f"grey{bits}.png", few.astype(int) * 255 // (2**bits - 1))
wide = random.integers(0, 65536, (5, 7, 1))
png("grey16.png", wide, 0, 16)
note("grey16.png", wide / 257)
wide = random.integers(0, 65536, (5, 7, 3))
png("rgb16.png", wide, 2, 16)
note("rgb16.png", wide / 257)
wide = random.integers(0, 65536, (5, 7, 4))
png("rgba16.png", wide, 6, 16)
note("rgba16.png", over(wide[:, :, :3] / 257, wide[:, :, 3], 65535, [255] * 3))
note("rgba16.png dropped", wide[:, :, :3] / 257)
Image.fromarray(rgb).save(folder / "rgb8.png")
note("rgb8.png", rgb)
png("interlaced.png", rgb, 2, 8, interlaced=True)
note("interlaced.png", rgb)
png("gamma.png", rgb, 2, 8, extra=[(b"gAMA", struct.pack(">I", 100000)), (b"tEXt", b"Title\0waves")])
note("gamma.png", np.asarray(Image.open(folder / "gamma.png").convert("RGB")))
rgba = smooth(9, 13, 4)
Image.fromarray(rgba, "RGBA").save(folder / "rgba8.png")
note("rgba8.png", np.floor(over(rgba[:, :, :3], rgba[:, :, 3], 255, [255] * 3) + 0.5))
note("rgba8.png dropped", np.asarray(Image.open(folder / "rgba8.png").convert("RGB")))
note("rgba8.png over 10 200 30", np.floor(over(rgba[:, :, :3], rgba[:, :, 3], 255, [10, 200, 30]) + 0.5))
la = smooth(9, 13, 2)
Image.fromarray(la, "LA").save(folder / "greyalpha8.png")
note("greyalpha8.png", np.floor(over(la[:, :, :1], la[:, :, 1], 255, [255]) + 0.5))
note("greyalpha8.png dropped", np.asarray(Image.open(folder / "greyalpha8.png").convert("L")))
palette = Image.fromarray(rgb).quantize(16)
palette.save(folder / "palette.png", bits=4)
note("palette.png", np.asarray(Image.open(folder / "palette.png").convert("RGB")))
palette.save(folder / "palettealpha.png", transparency=3)
colors = np.asarray(Image.open(folder / "palettealpha.png").convert("RGBA"))
note("palettealpha.png", over(colors[:, :, :3], colors[:, :, 3], 255, [255] * 3))
note("palettealpha.png dropped", colors[:, :, :3])
keyed = rgb.copy()
keyed[2, 3] = keyed[4, 5] = (1, 2, 3)
png("rgbkey.png", keyed, 2, 8, extra=[(b"tRNS", struct.pack(">HHH", 1, 2, 3))])
white = keyed.copy()
white[2, 3] = white[4, 5] = 255
note("rgbkey.png", white)
note("rgbkey.png dropped", keyed)
Image.fromarray(np.array([[[7, 200, 91]]], np.uint8)).save(folder / "one.png")
note("one.png", [[[7, 200, 91]]])

# JPEG as libjpeg-turbo writes and reads it.
photo = smooth(21, 19, 3)


def jpeg(name, image, **options):
    image.save(folder / name, "JPEG", **options)
    decoded = Image.open(folder / name)
    note(name, np.asarray(decoded.convert("RGB") if decoded.mode == "CMYK" else decoded))


jpeg("rgb444.jpg", Image.fromarray(photo), quality=90, subsampling=0)
jpeg("rgb422.jpg", Image.fromarray(photo), quality=80, subsampling=1)
jpeg("rgb420.jpg", Image.fromarray(photo), quality=75, subsampling=2)
jpeg("progressive.jpg", Image.fromarray(photo), quality=75, progressive=True)
jpeg("restarts.jpg", Image.fromarray(photo), quality=75, restart_marker_blocks=1)
jpeg("keptrgb.jpg", Image.fromarray(photo), quality=85, keep_rgb=True)
jpeg("grey.jpg", Image.fromarray(photo[:, :, 0]), quality=85)
jpeg("cmyk.jpg", Image.fromarray(smooth(21, 19, 4), "CMYK"), quality=85)
jpeg("one.jpg", Image.fromarray(np.array([[[7, 200, 91]]], np.uint8)), quality=90)
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    name = f"turned{orientation}.jpg"
    Image.fromarray(photo[:8, :6]).save(folder / name, "JPEG", quality=95, subsampling=0, exif=exif)
    note(name, np.asarray(ImageOps.exif_transpose(Image.open(folder / name))))
    note(name + " as stored", np.asarray(Image.open(folder / name)))

# Pillow's bilinear resizing with its antialias, in floating point, and of bytes.
source = smooth(23, 31, 3)
note("resize source", source)
for height, width in [(23, 31), (10, 14), (46, 62), (7, 40), (1, 1), (64, 5)]:
    planes = [
        np.asarray(Image.fromarray(source[:, :, c].astype(np.float32), "F").resize((width, height), Image.BILINEAR))
        for c in range(3)
    ]
    note(f"resize to {height}x{width}", np.stack(planes, axis=2))
    note(f"resize bytes to {height}x{width}", np.asarray(Image.fromarray(source).resize((width, height), Image.BILINEAR)))
note("luma", np.asarray(Image.fromarray(source).convert("L")))

header, data = {}, b""
for name in sorted(expected):
    values = expected[name].astype("<f4")
    header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [len(data), len(data) + values.nbytes]}
    data += values.tobytes()
text = json.dumps(header, separators=(",", ":")).encode()
text += b" " * (-len(text) % 8)
(folder / "expected.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
