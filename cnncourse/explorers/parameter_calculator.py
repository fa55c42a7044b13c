"""Parameter calculator: a fully connected layer and a convolution on the same image, their parameters counted.

The browser computes the same scenes in web/scenes/count_of_parameters.js.
"""

from __future__ import annotations

from typing import Any

from cnncourse import architectures
from cnncourse.language import Texts, each_language, fill
from cnnlib import geometry

from .curves import WALK, CurveExplorer, CurveScene, axis, two_bars
from .scene import Settings
from .stops import Stops, raised
from .words import WORDS

SIZES = (3, 4, 5, 8, 12, 16, 20, 24, 28, 32, 48, 64, 100, 128, 160, 192, 224, 227, 256, 384, 512, 640, 800, 1000)
DEPTHS = (1, 2, 3, 4, 6, 8, 10, 16, 20, 32, 64, 96, 128, 256, 512)
UNITS = (1, 2, 5, 10, 20, 50, 84, 100, 120, 200, 500, 1000, 2000, 4096, 10_000, 20_000, 50_000, 100_000, 1_000_000)
FILTERS = (1, 2, 3, 5, 6, 8, 10, 16, 20, 32, 64, 96, 100, 128, 256, 384, 512)

SETTINGS = (
    Stops("size", "Image size", "W = H", SIZES, 256),
    Stops("depth", "Image depth", "D", DEPTHS, 3),
    Stops("units", "Units", "", UNITS, 1000),
    Stops("kernel", "Kernel size", "F", tuple(range(1, 12)), 3),
    Stops("filters", "Filters", "N", FILTERS, 10),
)
PRESETS = (
    ("1000 × 1000 into 100 units", {"size": 1000, "depth": 1, "units": 100, "kernel": 10, "filters": 100}),
    ("256 × 256 × 3 into 1000 units", {"size": 256, "depth": 3, "units": 1000}),
    ("3 × 3 kernels, 3 to 10 channels", {"depth": 3, "kernel": 3, "filters": 10}),
    ("AlexNet’s first layer", {"size": 227, "depth": 3, "kernel": 11, "filters": 96}),
)
LARGEST = 15  # power of ten at the end of the axis: 1000 · 1000 · 512 · 10⁶ is below

TEMPLATES: dict[str, Any] = {
    "title": "parameters, counted in powers of ten",
    "axis": "parameters",
    "said": "Fully connected layer: {dense}. Convolution: {shared}.",
    "tag_dense": "fully connected layer: {dense}",
    "tag_shared": "convolution: {shared}",
    "reading": "Fully connected layer: {dense} parameters. Convolution: {shared} parameters.",
    "line_dense": "fully connected: (W·H·D + 1) · units = ({size}·{size}·{depth} + 1) · {units} = {dense}",
    "line_shared": "convolution: (F·F·D + 1) · N = ({kernel}·{kernel}·{depth} + 1) · {filters} = {shared}",
    "same": "Both layers have the same number of parameters.",
    "dense_more": "The fully connected layer has {ratio} times as many parameters as the convolution.",
    "shared_more": "The convolution has {ratio} times as many parameters as the fully connected layer.",
    "maps": " The convolution gives {filters} maps of {maps} × {maps}. On a larger image it would have as many "
    "parameters as now, the fully connected layer more.",
    "one_map": " The convolution gives 1 map of {maps} × {maps}. On a larger image it would have as many parameters as "
    "now, the fully connected layer more.",
    "misfit": "The kernel does not fit: {kernel} × {kernel} is larger than the image of {size} × {size}. What would "
    "fit: F of at most {size}, or an image of at least {kernel} × {kernel}.",
    # the setting as code
    "code_cnnlib": "import cnnlib\n\ndense = cnnlib.Linear({inputs}, {units})\n"
    "shared = cnnlib.Conv2d({depth}, {filters}, {kernel})\n"
    "print(dense.weight.size + dense.bias.size, shared.weight.size + shared.bias.size)\n",
    "code_torch": 'import torch\n\ntorch.set_default_device("meta")  # counts, and takes no memory\n'
    "dense = torch.nn.Linear({inputs}, {units})\nshared = torch.nn.Conv2d({depth}, {filters}, {kernel})\n"
    "print(*(sum(p.numel() for p in layer.parameters()) for layer in (dense, shared)))\n",
}
TEXTS = Texts(TEMPLATES)


def scene(size: int, depth: int, units: int, kernel: int, filters: int) -> CurveScene:
    """Return the parameters of both layers on an image of size x size x depth, and the formulas with numbers put in.

    >>> scene(256, 3, 1000, 3, 10).numbers["fully_connected"]
    196609000
    """
    dense = architectures.linear_parameters(size * size * depth, units)
    numbers: dict[str, Any] = {"fully_connected": dense, "convolution": None}
    gaps: dict[str, Any] = {"size": size, "depth": depth, "kernel": kernel, "filters": filters}
    gaps |= {"units": f"{units:,}", "dense": f"{dense:,}"}
    lines = [fill(TEXTS["line_dense"], **gaps)]
    if kernel > size:
        return CurveScene(numbers=numbers, lines=lines, message=fill(TEXTS["misfit"], **gaps))
    shared = architectures.convolution_parameters(depth, filters, kernel)
    maps = geometry.output_size(size, kernel)
    numbers |= {"convolution": shared, "map_size": maps, "ratio": dense / shared}
    gaps |= {"shared": f"{shared:,}", "maps": maps}
    name = "same" if dense == shared else "dense_more" if dense > shared else "shared_more"
    compared = fill(TEXTS[name], ratio=times(max(dense, shared) / min(dense, shared)))
    ticks: list[list[Any]] = [[10.0**k, f"10{raised(k)}" if k else "1"] for k in range(0, LARGEST + 1, 3)]
    across = axis(str(TEXTS["axis"]), 1.0, 10.0**LARGEST, ticks, log=True)
    tags = [fill(TEXTS[name], **gaps) for name in ("tag_dense", "tag_shared")]
    return CurveScene(
        numbers=numbers,
        lines=[*lines, fill(TEXTS["line_shared"], **gaps)],
        sentence=compared + fill(TEXTS["one_map" if filters == 1 else "maps"], **gaps),
        plots=[two_bars(str(TEXTS["title"]), fill(TEXTS["said"], **gaps), across, (dense, shared), tags, 1.0)],
        result=[dense, shared],
    )


def times(ratio: float) -> str:
    """Return a ratio with about three digits.

    >>> times(1.234), times(9901.99)
    ('1.23', '9,900')
    """
    if ratio < 100:
        return f"{ratio:.3g}"
    rounded = float(f"{ratio:.3g}")
    return f"{rounded:,.0f}"


def code(settings: Settings, library: str) -> str:
    """Return a program that counts the parameters of these settings; library: "cnnlib" or "torch"."""
    inputs = settings["size"] ** 2 * settings["depth"]
    return fill(TEXTS[f"code_{library}"], inputs=inputs, **settings)


@each_language
def data() -> dict[str, Any]:
    """Return what the browser computes any scene from."""
    presets = [[name, settings] for name, settings in PRESETS]
    return {"name": "count_of_parameters", "texts": TEXTS, "words": WORDS | WALK, "presets": presets}


EXPLORER = CurveExplorer("count_of_parameters", "parameter calculator", SETTINGS, scene, data, PRESETS)
