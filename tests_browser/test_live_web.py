"""The explorers without grids: what their JavaScript computes against a table of cases that Python writes."""

from __future__ import annotations

import base64
import itertools
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from test_web import npm  # noqa: F401 (a fixture)

from cnncourse.explorers import (
    _canvas_of_digits,
    _corrupted_digit,
    _pixels_of_a_digit,
    _training_film,
    _training_step,
    architecture,
    digits,
    kernel_editor,
    lenet_layers,
    small_net,
)
from cnncourse.explorers.live import Explorer
from cnncourse.explorers.scene import Position, Settings
from cnncourse.language import speaking

ARCHITECTURE = ("parameters",)  # the other counts stand in the lines


def settings_of(explorer: Explorer, count: int) -> list[Settings]:
    """Return both ends and a few values of every setting, the others as at the start, and a number of drawn ones."""
    start, rng = explorer.start(), np.random.default_rng(8)
    free = [s for s in explorer.settings if not isinstance(s, Position)]
    alone = [start | {s.name: value} for s in free for value in {*s.values()[::7], s.values()[-1]}]
    drawn = [start | {s.name: s.values()[int(rng.integers(len(s.values())))] for s in free} for _ in range(count)]
    for settings in drawn if "position" in start else ():
        settings["position"] = rng.integers(explorer.scene_of(settings).output).tolist()
    return [start, *alone, *[start | values for _, values in explorer.presets], *drawn]


def tables_of(*case: Any) -> list[dict[str, Any]]:
    """Return the cases of one explorer in English, and a few of them in Chinese."""
    *given, count = case
    with speaking("zh_CN"):
        other = table(*given, max(count // 10, 100))
    return [table(*given, count), other]


def table(module: Any, numbers: tuple[str, ...], arrays: tuple[str, ...], slack: float, count: int) -> dict[str, Any]:
    """Return the cases of one explorer: words and numbers as they are, arrays by their sum and a weighted sum."""
    explorer: Explorer = module.EXPLORER
    chosen = settings_of(explorer, count)
    cases = []
    for settings in chosen:
        scene: Any = explorer.scene_of(settings)
        given = {name: np.asarray(scene.numbers[name], float).ravel() for name in arrays}
        weighted = {
            name: [values.sum(), (values * (np.arange(values.size) % 97)).sum()] for name, values in given.items()
        }
        kept = {name: scene.numbers[name] for name in numbers}
        cases.append({"settings": settings, "scene": scene.to_json(), "numbers": kept, "arrays": weighted})
    codes = [
        {"settings": settings, "library": library, "code": module.code(settings, library)}
        for settings, library in itertools.product(chosen[::5], ("cnnlib", "torch"))
    ]
    return {"data": explorer.page(), "cases": cases, "codes": codes, "slack": slack}


def half() -> str:
    """Return the parameters of the shipped network as the page gets them."""
    return base64.b64encode(digits.packed_weights(digits.lenet(), "<f2")).decode("ascii")


def test_the_page_computes_what_python_does(npm: Path, tmp_path: Path) -> None:  # noqa: F811
    kernel = ("smallest", "largest", "negative", "above", "centred", "reach")
    tables = tables_of(kernel_editor, kernel, ("result", "levels"), 1e-12, 100)
    layers = ("image", "input_sensitivity", "probabilities", "net", "a", "delta")
    tables += [one | {"weights": half()} for one in tables_of(lenet_layers, ("truth", "loss"), layers, 1e-9, 100)]
    changed = ("image", "before", "probabilities")
    tables += [
        one | {"weights": half()} for one in tables_of(_corrupted_digit, ("truth", "predicted"), changed, 1e-5, 200)
    ]
    seen = ("canvas", "scores", "probabilities", "classes", "shown", "window", "cropped", "ten")
    read = ("truth", "once", "each", "position", "reading")
    tables += [one | {"weights": half()} for one in tables_of(_canvas_of_digits, read, seen, 1e-9, 200)]
    pixels, words = ("before", "image", "pixels", "changed", "unchanged", "probabilities"), ("truth", "predicted")
    digits = tables_of(_pixels_of_a_digit, (*words, "position", "reading"), pixels, 1e-5, 100)
    tables += [one | {"weights": half()} for one in digits]
    tables += tables_of(architecture, ARCHITECTURE, (), 0.0, 1000)
    kept = ("loss", "kernels", "begin", "probabilities", "reads", "ten")
    told = ("film", "epoch", "digit", "right", "reach", "truth", "top", "reading")
    tables += tables_of(_training_film, told, kept, 1e-9, 300)
    step = ("E", "label", "top", "look", "reading", "sources", "targets")
    grids = (*(name for name in small_net.GRIDS if name != "E"), "losses")
    tables += tables_of(_training_step, step, grids, 1e-9, 300)
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(tables), encoding="utf-8")
    command = ["node", "--test", "tests_browser/web/live.cases.js"]
    done = subprocess.run(command, cwd=npm, capture_output=True, text=True, env=os.environ | {"CASES": str(path)})
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert f"# pass {2 * len(tables)}" in done.stdout or f"pass {2 * len(tables)}" in done.stdout
