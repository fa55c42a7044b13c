"""How the cost of a convolution grows with image size, channels, batch and kernel: time and memory, ours and PyTorch's.

    python -m benchmarks.growth                 measures, draws and writes docs/growth.md: about three minutes

Times are those of a forward and a backward pass in turn with PyTorch, on one thread. Memory is by how much a process of
its own grows during one such pass, at its largest, inputs and libraries not counted.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from cnncourse import plots

from . import machine, resources
from .operations import Convolution, our_step, torch_step
from .timing import Plan, in_turn, repeated

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "growth.md"
FIGURES = ROOT / "docs" / "_static"

BASE = Convolution(8, 16, 16, 32, 3, padding=1)
AXES: dict[str, dict[int, Convolution]] = {
    "image size": {n: BASE._replace(size=n) for n in (8, 16, 32, 64, 128, 256)},
    "channels, in and out": {n: BASE._replace(in_channels=n, out_channels=n) for n in (1, 4, 16, 64, 256)},
    "images in a batch": {n: BASE._replace(batch=n) for n in (1, 2, 8, 32, 128, 512)},
    "kernel size": {n: BASE._replace(kernel=n, padding=n // 2) for n in (1, 3, 5, 9, 15)},
}
SIDES = ("cnnlib", "PyTorch")
RESOLUTION = 0.1  # MB: below it a process grows by what it had over from before
Curves = dict[str, dict[str, list[float]]]  # {axis: {side: a figure for each setting}}


def main() -> None:
    """Measure everything, draw it and write the page."""
    times, memory = {}, {}
    for axis, settings in AXES.items():
        print(axis, file=sys.stderr, flush=True)
        times[axis] = in_columns([_times(layer) for layer in settings.values()])
        memory[axis] = in_columns([[_memory(side, layer) for side in SIDES] for layer in settings.values()])
    save_figures(times, memory)
    PAGE.write_text(page(times, memory, machine.description()), encoding="utf-8")


def save_figures(times: Curves, memory: Curves) -> None:
    """Write the figures of the page, each for a wide screen and for a phone."""
    for name, found, ylabel in (("time", times, "time of a pass (ms)"), ("memory", memory, "memory of a pass (MB)")):
        drawn(found, ylabel).save(FIGURES / f"growth_{name}.png")
        on_phone(drawn(found, ylabel)).save(FIGURES / f"growth_{name}_phone.png")


def in_columns(rows: Sequence[Sequence[float]]) -> dict[str, list[float]]:
    """Return {side: its figures} for rows of one figure for each side."""
    return {side: list(column) for side, column in zip(SIDES, zip(*rows, strict=True), strict=True)}


# ---- measuring ------------------------------------------------------------------------------------------------------


def _times(layer: Convolution) -> list[float]:
    """Return milliseconds of ours and PyTorch's."""
    import torch

    torch.set_num_threads(1)
    sides = {name: repeated(step) for name, step in _steps(layer).items()}
    with threadpool_limits(1, "blas"):
        timed = in_turn(sides, Plan(blocks=5, warm_up=1, steps=3))
    return [1000 * timed.seconds[side] for side in SIDES]


def _steps(layer: Convolution) -> dict[str, Any]:
    from torch import contiguous_format

    rng = np.random.default_rng(0)
    arrays = layer.arrays(rng)
    return {"cnnlib": our_step(*arrays, layer), "PyTorch": torch_step(*arrays, layer, contiguous_format)}


def _memory(side: str, layer: Convolution) -> float:
    """Return the megabytes by which a fresh process grows during a pass."""
    command = [sys.executable, "-m", "benchmarks.growth", side, json.dumps(layer)]
    grown = float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    return max(grown, RESOLUTION)


def in_child(side: str, layer: Convolution) -> float:
    """Return the megabytes of a pass in this process, which has made a small one before."""
    _steps(BASE._replace(size=8))[side]()  # libraries load what they need once
    step = _steps(layer)[side]
    grown = resources.growth_of_process(step)
    return grown if grown is not None else float("nan")


# ---- the page -------------------------------------------------------------------------------------------------------


def drawn(found: Curves, ylabel: str) -> plots.Picture:
    """Return a figure with a panel for each axis, both scales logarithmic, ticks at the settings that were measured.

    Every other tick has its number, or the panels' numbers would touch; the tables have them all.
    """
    panels = {
        axis: {side: (list(AXES[axis]), values) for side, values in curves.items()} for axis, curves in found.items()
    }
    alt = f"{ylabel}, four panels. {' '.join(crossing(axis, curves) for axis, curves in found.items())}"
    made = plots.curves([], panels, xlabel="", ylabel=ylabel, log_x=True, log_y=True, points=True, alt=alt)
    for place, (axes, settings) in enumerate(zip(made.figure.axes, AXES.values(), strict=True)):
        numbered = list(settings)[::-2]
        axes.set_xticks(list(settings), [str(setting) if setting in numbered else "" for setting in settings])
        axes.minorticks_off()
        axes.set_ylabel(ylabel if place == 0 else "")
        if place and (legend := axes.get_legend()):
            legend.remove()
    return plots.Picture(made.figure, made.alt)


def on_phone(wide: plots.Picture) -> plots.Picture:
    """Return the figure with its panels two by two, in the width of a phone: its letters keep their size there."""
    figure = wide.figure
    figure.set_size_inches(3.6, 4.4)
    figure.text(0.01, 0.965, figure.axes[0].get_ylabel())  # there is no room beside the panels
    for place, axes in enumerate(figure.axes):
        row, column = divmod(place, 2)
        axes.set_position((0.105 + 0.5 * column, 0.545 - 0.485 * row, 0.225, 0.345))
        axes.set_ylabel("")
    return plots.Picture(figure, wide.alt)


def size(picture: plots.Picture) -> str:
    """Return the attributes by which a page keeps the room of a figure before it comes."""
    return f'width="{picture.width}" height="{picture.height}"'


def crossing(axis: str, curves: dict[str, list[float]]) -> str:
    """Return a sentence: who needs less, and from which setting on it is the other one.

    >>> crossing("kernel size", {"cnnlib": [1, 2, 9, 9, 9], "PyTorch": [2, 3, 4, 5, 6]})
    'Kernel size: cnnlib needs less up to 3, PyTorch from 5 on, by a factor of 1.5 to 2.2.'
    """
    settings = list(AXES[axis])
    ours, theirs = (np.asarray(curves[side], float) for side in SIDES)
    less = ours <= theirs
    parts, start = [], 0
    for end in range(1, len(settings) + 1):
        if end == len(settings) or less[end] != less[start]:
            name, ratio = (SIDES[0], theirs / ours) if less[start] else (SIDES[1], ours / theirs)
            own = ratio[start:end]
            parts.append((name, _reach(settings, start, end), own))
            start = end
    texts = [f"{name} needs less {reach}" if k == 0 else f"{name} {reach}" for k, (name, reach, _) in enumerate(parts)]
    factors = dict.fromkeys(f"{factor:.1f}" for factor in (parts[-1][2].min(), parts[-1][2].max()))
    return f"{axis[0].upper()}{axis[1:]}: {', '.join(texts)}, by a factor of {' to '.join(factors)}."


def _reach(settings: Sequence[int], start: int, end: int) -> str:
    """Return in words which of the settings are those from `start` to before `end`."""
    if end - start == len(settings):
        return "at every setting"
    if end - start == 1:
        return f"at {settings[start]}"
    if start == 0:
        return f"up to {settings[end - 1]}"
    return f"from {settings[start]} on" if end == len(settings) else f"from {settings[start]} to {settings[end - 1]}"


def figure(value: float) -> str:
    """Return a figure of the tables, with three digits.

    >>> figure(0.2093), figure(1283.0)
    ('0.209', '1280')
    """
    return np.format_float_positional(value, 3, unique=False, fractional=False, trim="-")


def page(times: Curves, memory: Curves, about: dict[str, Any]) -> str:
    """Return the page of the site."""
    lines = ["# How cost grows", ""]
    lines += [
        f"A forward and a backward pass of one convolution, {BASE.in_channels} to {BASE.out_channels} channels, "
        f"{BASE.kernel}×{BASE.kernel}, {BASE.size}×{BASE.size} pixels, {BASE.batch} images, in float32 on one thread; "
        "in each panel one of these varies. "
        f"Measured {about['date']} on {about['processor']} (NumPy {about['numpy']} with {about['blas']['name']} "
        f"{about['blas']['version']}, kernels {about['blas']['kernels']}; PyTorch {about['torch']}) by "
        "`python -m benchmarks.growth`.",
        "",
    ]
    for title, file, found, unit in (("Time", "time", times, "ms"), ("Memory", "memory", memory, "MB")):
        wide = drawn(found, f"{title} of a pass ({unit})")
        alt, phone = wide.alt, on_phone(wide)
        lines += [f"## {title}", "", "<picture>"]
        lines += [
            f'<source media="screen and (max-width: 46em)" srcset="_static/growth_{file}_phone.png" {size(phone)}>'
        ]
        lines += [f'<img src="_static/growth_{file}.png" alt="{alt}" {size(wide)}>', "</picture>", ""]
        lines += [*(f"- {crossing(axis, curves)}" for axis, curves in found.items()), ""]
        for axis, curves in found.items():
            lines += [f"| {axis} | {' | '.join(map(str, AXES[axis]))} |", f"|---{'|---:' * len(AXES[axis])}|"]
            lines += [f"| {side}, {unit} | " + " | ".join(map(figure, curves[side])) + " |" for side in SIDES]
            lines += [""]
    return "\n".join(lines)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(in_child(sys.argv[1], Convolution(*json.loads(sys.argv[2]))))
    else:
        main()
