"""Small kernels stacked against one large kernel that sees as far: weights, work, and numbers that are kept.

The browser computes the same scenes in web/scenes/stacked_kernels.js.
"""

from __future__ import annotations

from typing import Any

from cnncourse.language import Texts, each_language, fill
from cnnlib import geometry

from .curves import WALK, CurveExplorer, CurveScene, Plot, axis, ticks, two_bars
from .scene import Settings
from .stops import Stops
from .words import WORDS

SETTINGS = (
    Stops("layers", "Layers of 3 × 3", "L", (1, 2, 3, 4, 5), 3),
    Stops("channels", "Channels", "N", (1, 4, 8, 16, 32, 64, 128, 256, 512), 64),
    Stops("size", "Map size", "W = H", (7, 8, 14, 16, 28, 32, 56, 112), 56),
)
PRESETS = (
    ("two for one 5 × 5", {"layers": 2}),
    ("three for one 7 × 7", {"layers": 3}),
    ("VGG’s last block", {"layers": 3, "channels": 512, "size": 14}),
)
MOST = {"weights": 125, "kept": 6}  # at the end of the axes

TEMPLATES: dict[str, Any] = {
    "weights": "weights",
    "weights_axis": "in N²",
    "weights_said": "{L} · 9 against {F} · {F}.",
    "kept": "numbers kept for the way back",
    "kept_axis": "in N · H · W",
    "kept_said": "{L} against 1.",
    "tag_weights_stack": "{L} of 3 × 3: {stack} N²",
    "tag_weights_one": "1 of {F} × {F}: {one} N²",
    "tag_kept_stack": "{L} of 3 × 3: {L} N · H · W",
    "tag_kept_one": "1 of {F} × {F}: 1 N · H · W",
    "reading": "Stack: {stack} weights. One layer: {one} weights.",
    "line_stack": "stack: L · 9 · N² = {L} · 9 · {N}² = {stack} weights, {stack_work} multiply-adds",
    "line_one": "one layer: {F}² · N² = {F}² · {N}² = {one} weights, {one_work} multiply-adds",
    "alone": "One layer of 3 × 3 is the one layer: nothing is stacked yet. Biases are not counted.",
    "sentence": "{L} layers of 3 × 3 see {F} × {F} pixels, as one layer of {F} × {F} does, with {share} % of its "
    "weights and of its work. They have {L} activations in place of one, and keep {L} times as many numbers: {kept} "
    "against {kept_one}. Biases are not counted.",
    # the setting as code
    "code_cnnlib": "import cnnlib\n\n"
    "stack = [cnnlib.Conv2d({N}, {N}, 3, padding=1) for _ in range({L})]\n"
    "one = cnnlib.Conv2d({N}, {N}, {F}, padding={L})\n"
    "print(sum(layer.weight.size for layer in stack), one.weight.size)\n",
    "code_torch": 'import torch\n\ntorch.set_default_device("meta")  # counts, and takes no memory\n'
    "stack = [torch.nn.Conv2d({N}, {N}, 3, padding=1) for _ in range({L})]\n"
    "one = torch.nn.Conv2d({N}, {N}, {F}, padding={L})\n"
    "print(sum(layer.weight.numel() for layer in stack), one.weight.numel())\n",
}
TEXTS = Texts(TEMPLATES)


def scene(layers: int, channels: int, size: int) -> CurveScene:
    """Return both counts for N channels in and out, stride 1 and maps that keep their size; biases are left out.

    >>> scene(3, 1, 7).numbers["weights"]
    [27, 49]
    """
    F = geometry.receptive_field([(3, 1)] * layers)
    weights = [layers * 9 * channels**2, F * F * channels**2]
    work = [count * size * size for count in weights]
    kept = [layers * channels * size * size, channels * size * size]
    numbers = {"field": F, "weights": weights, "multiply_adds": work, "kept": kept}
    gaps: dict[str, Any] = {"L": layers, "F": F, "N": channels, "share": round(900 * layers / (F * F))}
    gaps |= {"kept": f"{kept[0]:,}", "kept_one": f"{kept[1]:,}"}
    counts = {"stack": f"{weights[0]:,}", "one": f"{weights[1]:,}"}
    counts |= {"stack_work": f"{work[0]:,}", "one_work": f"{work[1]:,}"}
    parts = {"stack": 9 * layers, "one": F * F}
    return CurveScene(
        numbers=numbers,
        lines=[fill(TEXTS[name], **gaps, **counts) for name in ("line_stack", "line_one")],
        sentence=fill(TEXTS["alone" if layers == 1 else "sentence"], **gaps),
        plots=[_bars("weights", [9 * layers, F * F], gaps | parts), _bars("kept", [layers, 1], gaps | parts)],
        result=weights,
    )


def _bars(name: str, counts: list[int], gaps: dict[str, Any]) -> Plot:
    """Return the plot of two counts, the stack's above that of the one layer."""
    across = ticks(0, MOST[name])[1:]  # the axis begins at 0
    tags = [fill(TEXTS[f"tag_{name}_{which}"], **gaps) for which in ("stack", "one")]
    said = fill(TEXTS[f"{name}_said"], **gaps)
    x = axis(str(TEXTS[f"{name}_axis"]), 0.0, float(MOST[name]), across)
    return two_bars(str(TEXTS[name]), said, x, counts, tags, 0.0)


def code(settings: Settings, library: str) -> str:
    """Return a program that counts the weights of these settings; library: "cnnlib" or "torch"."""
    layers = settings["layers"]
    return fill(TEXTS[f"code_{library}"], L=layers, F=2 * layers + 1, N=settings["channels"])


@each_language
def data() -> dict[str, Any]:
    """Return what the browser computes any scene from."""
    presets = [[name, settings] for name, settings in PRESETS]
    return {"name": "stacked_kernels", "texts": TEXTS, "words": WORDS | WALK, "presets": presets}


EXPLORER = CurveExplorer("stacked_kernels", "small kernels stacked", SETTINGS, scene, data, PRESETS)
