"""The explorers on cards without grids: their numbers, their words, their pictures, and how their settings behave."""

from __future__ import annotations

import base64
import io
import itertools
import math
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tried_settings import BAD_ENGLISH

from cnncourse import explorers
from cnncourse.explorers import _kernel_editor
from cnncourse.explorers.live import Explorer, LiveExplorer, Scene
from cnncourse.explorers.scene import Levels, Position, Real, Stops, Switch
from cnnlib import cross_correlate2d, reference

OPEN = {
    "kernel_on_a_photograph": explorers.kernel_on_a_photograph,
    "layers_of_lenet": explorers.layers_of_lenet,
    "corrupted_digit": explorers.corrupted_digit,
    "pixels_of_a_digit": explorers.pixels_of_a_digit,
    "canvas_of_digits": explorers.canvas_of_digits,
    "training_film": explorers.training_film,
    "training_step": explorers.training_step,
    "network_architecture": explorers.network_architecture,
}
EXPLORERS: dict[str, Explorer] = {name: make()._explorer for name, make in OPEN.items()}
each = pytest.mark.parametrize("name", OPEN)


def free(explorer: Explorer) -> list[Any]:
    """Return the settings that have a list of values."""
    return [s for s in explorer.settings if not isinstance(s, Position)]


def one_at_a_time(explorer: Explorer, step: int = 1) -> list[dict[str, Any]]:
    """Return the start, and every value (or every so-manieth) of every setting with the others as at the start."""
    start = explorer.start()
    return [start] + [start | {s.name: value} for s in free(explorer) for value in s.values()[::step]]


def sampled(explorer: Explorer, count: int, seed: int = 0) -> list[dict[str, Any]]:
    """Return settings at random, every second one in a corner: each setting at one of its ends."""
    rng = np.random.default_rng(seed)
    found = []
    for k in range(count):
        ends = [s.values() if k % 2 else [s.values()[0], s.values()[-1]] for s in free(explorer)]
        drawn = {s.name: s.accept(v[rng.integers(len(v))]) for s, v in zip(free(explorer), ends)}
        found.append(explorer.start() | drawn)
    return found


# ---- all of them ----------------------------------------------------------------------------------------------------


@each
def test_text_alternative_names_settings_and_result(name: str) -> None:
    explorer = EXPLORERS[name]
    for settings in one_at_a_time(explorer, 5) + sampled(explorer, 40, seed=1):
        scene: Any = explorer.scene_of(settings)
        text = explorer.text_alternative(settings)
        assert text.startswith(f"[explorer: {explorer.title}; ") and text.endswith("]")
        assert all(line in text for line in scene.lines)
        assert (scene.message or scene.sentence) in text
        assert bool(scene.message) != bool(scene.sentence) == bool(scene.output)
        assert not re.search(r"\bnan\b|\binf\b|None|--|\s\s|\.\.|\{|" + BAD_ENGLISH, text), text


@each
def test_state_from_python(name: str) -> None:
    live, explorer = OPEN[name](), EXPLORERS[name]
    assert isinstance(live, LiveExplorer) and isinstance(live.scene, Scene)
    assert live.settings == {s.name: s.shown(explorer.start()[s.name]) for s in explorer.settings}
    for setting in free(explorer):
        for value in (setting.values()[0], setting.values()[-1]):
            setattr(live, setting.name, value)
            assert getattr(live, setting.name) == value == live.settings[setting.name]
            assert repr(live) == live.text_alternative == explorer.text_alternative(dict(live._settings))
        assert setting.name in dir(live)
    assert (live.output is None) == (live.output_size is None)


@each
def test_settings_that_are_not_allowed_change_nothing(name: str) -> None:
    live, explorer = OPEN[name](), EXPLORERS[name]
    before = live.settings
    for setting in free(explorer):
        wrong: list[tuple[Any, type[Exception]]] = [(None, TypeError), ([1], TypeError)]
        if isinstance(setting, Real):
            wrong += [("1", TypeError), (True, TypeError), (math.nan, ValueError), (setting.high + 1, ValueError)]
            wrong += [(setting.low - setting.step, ValueError), (setting.low + setting.step / 2, ValueError)]
        elif isinstance(setting, Levels):
            wrong += [("1", TypeError), (True, TypeError), (math.nan, ValueError), (2 * setting.stops[-1], ValueError)]
            wrong += [(setting.stops[0] / 2, ValueError)]
        elif isinstance(setting, Stops):
            wrong += [(1.5, TypeError), (setting.stops[0] - 1, ValueError), (setting.stops[-1] + 1, ValueError)]
        elif not isinstance(setting, Switch):
            wrong += [(1, TypeError), ("softmax", ValueError)]
        for value, error in wrong:
            with pytest.raises(error, match=f"^{setting.name}: got .*, expected "):
                setattr(live, setting.name, value)
            with pytest.raises(error, match=f"^{setting.name}: got .*, expected "):
                OPEN[name](**{setting.name: value})
            with pytest.raises(Exception, match=f"{setting.name}: got "):  # from the page
                live._settings = live._settings | {setting.name: value}
    with pytest.raises(AttributeError, match=r"^widht: not a setting of this explorer, expected one of "):
        live.widht = 3
    with pytest.raises(TypeError, match=r"^widht: not a setting"):
        live.change(widht=3)
    assert live.settings == before


@each
def test_what_is_stored_in_a_notebook(name: str, tmp_path: Any) -> None:
    live = OPEN[name]()
    data, metadata = live._repr_mimebundle_()
    assert data["text/plain"] == repr(live) == metadata["image/png"]["alt"]
    assert "application/vnd.jupyter.widget-view+json" in data
    assert len(live.data) <= 300_000
    start = base64.b64decode(data["image/png"])
    for settings in (EXPLORERS[name].start(), *sampled(EXPLORERS[name], 4, seed=2)):
        live._settings = settings
        live.save(tmp_path / "picture.png")
        png = (tmp_path / "picture.png").read_bytes()
        assert len(png) <= 50_000
        image = Image.open(io.BytesIO(png))
        image.load()
        assert image.width >= metadata["image/png"]["width"]
        assert (png == start) == (settings == EXPLORERS[name].start())


# ---- the kernel editor ----------------------------------------------------------------------------------------------


def kernel_of(settings: dict[str, Any]) -> np.ndarray:
    return np.array([[settings[f"w{m}{n}"] for n in range(3)] for m in range(3)])


def test_kernel_editor_at_every_value_and_many_combinations() -> None:
    photo = _kernel_editor.photograph()
    centred = 0
    for settings in one_at_a_time(_kernel_editor.EXPLORER, 3) + sampled(_kernel_editor.EXPLORER, 100):
        numbers = _kernel_editor.scene(**settings).numbers
        kernel = kernel_of(settings)
        by_hand = sum(kernel[m, n] * photo[m : m + 254, n : n + 254] for m, n in itertools.product(range(3), repeat=2))
        result = by_hand / settings["divisor"] + settings["bias"]
        np.testing.assert_allclose(numbers["result"], result, rtol=0, atol=1e-8)
        assert numbers["smallest"] == numbers["result"].min()
        assert numbers["largest"] == numbers["result"].max()
        assert numbers["centred"] == ((numbers["result"] < 0).mean() >= 0.25)
        levels = numbers["levels"].astype(float)
        if numbers["centred"]:
            centred += 1
            assert numbers["reach"] == max(abs(numbers["smallest"]), abs(numbers["largest"]))
            np.testing.assert_allclose(levels, 127.5 + result * 127.5 / numbers["reach"], atol=0.5 + 1e-6)
        else:
            np.testing.assert_allclose(levels, np.clip(result, 0, 255), atol=0.5 + 1e-6)
    assert 20 < centred < 200


def test_kernel_editor_agrees_with_the_loops() -> None:
    settings = sampled(_kernel_editor.EXPLORER, 2)[1]
    part = _kernel_editor.photograph()[None, None, 100:120, 90:117]
    looped = reference.conv2d(part, kernel_of(settings)[None, None]) / settings["divisor"] + settings["bias"]
    result = _kernel_editor.scene(**settings).numbers["result"]
    np.testing.assert_allclose(result[100:118, 90:115], looped[0, 0], atol=1e-8)


def test_presets_of_the_kernel_editor() -> None:
    editor = explorers.kernel_on_a_photograph()
    photo = _kernel_editor.photograph()
    assert photo.shape == (256, 256)
    assert 0 <= photo.min() < 20 < 240 < photo.max() <= 255
    results = {}
    for name in editor.presets:
        editor.choose(name)
        results[name] = editor.scene.numbers["result"]
    inside = photo[1:-1, 1:-1]
    np.testing.assert_array_equal(results["identity"], inside)
    windows = np.lib.stride_tricks.sliding_window_view(photo, (3, 3))
    np.testing.assert_allclose(results["blur"], windows.mean(axis=(2, 3)))
    np.testing.assert_array_equal(results["sharpen"], inside - results["Laplacian"])
    np.testing.assert_array_equal(results["Sobel y"], cross_correlate2d(photo.T, kernel_of(_sobel_x())).T)
    for name in ("Sobel x", "Sobel y", "Laplacian"):
        assert abs(results[name].mean()) < 5


def _sobel_x() -> dict[str, Any]:
    return dict(_kernel_editor.PRESETS)["Sobel x"]


def test_photograph_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        _kernel_editor.photograph()[0, 0] = 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "The weights add up to 1: where the picture is flat, it stays as it is."),
        (
            {"kernel": np.ones((3, 3)), "divisor": 9},
            "add up to 9, divided by 9 that is 1: where the picture is flat, it",
        ),
        (
            {"kernel": np.ones((3, 3)), "divisor": 2},
            "divided by 2 that is 4.5: where the picture is flat, the result is 4.5 ",
        ),
        ({"bias": 8}, "where the picture is flat, the result is the pixel plus the bias."),
        ({"kernel": np.zeros((3, 3))}, "All weights are 0: every result is the bias"),
        ({"w01": -1}, "where the picture is flat, the result is 0. Mid-grey is 0"),
    ],
)
def test_what_the_kernel_editor_says(change: dict[str, Any], said: str) -> None:
    assert said in explorers.kernel_on_a_photograph(**change).scene.sentence


def test_the_window_stays_inside() -> None:
    editor = explorers.kernel_on_a_photograph(position=(253, 0))
    np.testing.assert_array_equal(editor.scene.numbers["window"], _kernel_editor.photograph()[253:, :3])
    assert editor.scene.numbers["products"].sum() == editor.output[253, 0]
    with pytest.raises(ValueError, match=r"^position: got \(254, 0\), expected a row from 0 to 253"):
        editor.position = (254, 0)


def test_kernel_as_an_array() -> None:
    kernel = np.array([[0, 1, 0], [1.5, -4, 1], [0, 1, -8]])
    editor = explorers.kernel_on_a_photograph(kernel=kernel, divisor=2)
    np.testing.assert_array_equal(editor.kernel, kernel)
    np.testing.assert_array_equal(editor.scene.numbers["kernel"], kernel)
    editor.kernel = np.eye(3)
    assert editor.w22 == 1.0
    assert "kernel 1 0 0; 0 1 0; 0 0 1, divisor 2" in repr(editor)
    with pytest.raises(TypeError, match="kernel: got list"):
        editor.kernel = [[1]]
    with pytest.raises(ValueError, match=r"kernel: got shape \(2, 3\), expected \(3, 3\)"):
        editor.kernel = np.ones((2, 3))
    with pytest.raises(ValueError, match=r"w00: got 0\.25"):
        editor.kernel = np.full((3, 3), 0.25)
    with pytest.raises(ValueError, match="preset: got 'blurr', expected one of 'identity', 'blur'"):
        editor.choose("blurr")
    np.testing.assert_array_equal(editor.kernel, np.eye(3))
