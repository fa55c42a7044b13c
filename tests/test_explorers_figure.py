"""The explorers that Python draws: their numbers, their words, their pictures, and how their settings behave."""

from __future__ import annotations

import base64
import cmath
import io
import itertools
import math
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnlib import cross_correlate2d, explorers, leaky_relu, numerical_gradient, reference, relu, sigmoid, tanh
from cnnlib.explorers import (
    _activation,
    _architecture,
    _chain,
    _corrupted_digit,
    _deep_stack,
    _kernel_editor,
    _learning_rate,
    _lenet_layers,
    _parameter_calculator,
)
from cnnlib.explorers.figure import Explorer, FigureExplorer, Levels, Real, Scene, Stops

EXPLORERS = {
    room.EXPLORER.name: room.EXPLORER
    for room in (
        *(_activation, _chain, _parameter_calculator, _kernel_editor),
        *(_learning_rate, _deep_stack, _architecture, _lenet_layers, _corrupted_digit),
    )
}
OPEN = {
    "activation": explorers.activation_function,
    "chain": explorers.chain_of_units,
    "parameter_calculator": explorers.count_of_parameters,
    "kernel_editor": explorers.kernel_on_a_photograph,
    "learning_rate": explorers.learning_rate,
    "deep_stack": explorers.depth_of_a_stack,
    "architecture": explorers.network_architecture,
    "lenet_layers": explorers.layers_of_lenet,
    "corrupted_digit": explorers.corrupted_digit,
}
PLAIN = {"sigmoid": sigmoid, "tanh": tanh, "relu": relu, "leaky_relu": leaky_relu, "identity": lambda x: 1.0 * x}
each = pytest.mark.parametrize("explorer", EXPLORERS.values(), ids=EXPLORERS)
each_opened = pytest.mark.parametrize("name", OPEN)


def one_at_a_time(explorer: Explorer) -> list[dict[str, Any]]:
    """Return the start, and every value of every setting with the others as at the start."""
    start = explorer.start()
    return [start] + [start | {s.name: value} for s in explorer.settings for value in s.values()]


def sampled(explorer: Explorer, count: int, seed: int = 0) -> list[dict[str, Any]]:
    """Return settings at random, every second one in a corner: each setting at one of its ends."""
    rng = np.random.default_rng(seed)
    found = []
    for k in range(count):
        ends = [s.values() if k % 2 else [s.values()[0], s.values()[-1]] for s in explorer.settings]
        found.append({s.name: s.accept(v[rng.integers(len(v))]) for s, v in zip(explorer.settings, ends)})
    return found


# ---- numbers --------------------------------------------------------------------------------------------------------


def test_activation_at_every_setting() -> None:
    function, z = _activation.SETTINGS
    count = 0
    for name, value in itertools.product(function.values(), z.values()):
        numbers = _activation.scene(name, value).numbers
        f = PLAIN[name]
        assert numbers["value"] == f(np.array(value))
        if value or name not in ("relu", "leaky_relu"):
            slope = float(numerical_gradient(lambda x, f=f: f(x).sum(), np.array([value]), 1e-5)[0])
            assert numbers["slope"] == pytest.approx(slope, abs=1e-9)
            ends, heights = numbers["tangent"]
            assert ends.mean() == pytest.approx(value, abs=1e-12)
            assert heights.mean() == pytest.approx(numbers["value"], abs=1e-12)
            assert np.diff(heights)[0] == pytest.approx(numbers["slope"] * np.diff(ends)[0], abs=1e-12)
        else:
            assert numbers["slope"] == {"relu": 0.0, "leaky_relu": 0.01}[name]
            assert numbers["tangent"] is None
        assert numbers["slope"] <= numbers["steepest"]
        np.testing.assert_array_equal(numbers["curve"], f(numbers["x"]))
        count += 1
    assert count == 5 * 121


# On complex numbers: f(x + ih) = f(x) + ih f'(x) gives the derivative without a difference, so without its error.
COMPLEX = {
    "sigmoid": lambda net: 1 / (1 + cmath.exp(-net)),
    "tanh": cmath.tanh,
    "relu": lambda net: net if net.real > 0 else 0 * net,
    "leaky_relu": lambda net: net if net.real > 0 else 0.01 * net,
    "identity": lambda net: net,
}


def check_chain(numbers: dict[str, Any], function: str, depth: int, weight: float, start: float) -> None:
    tiny = 1e-150
    a = complex(start, tiny)
    for _ in range(depth):
        a = COMPLEX[function](weight * a)
    assert numbers["product"] == pytest.approx(a.imag / tiny, rel=1e-6, abs=1e-100)
    assert numbers["activations"][-1] == pytest.approx(a.real, rel=1e-9, abs=1e-12)
    assert len(numbers["factors"]) == len(numbers["nets"]) == len(numbers["products"]) == depth
    assert numbers["nets"][0] == weight * start
    assert numbers["products"][-1] == numbers["product"]
    assert numbers["product"] == pytest.approx(math.prod(numbers["factors"]), rel=1e-12)
    assert abs(numbers["product"]) <= numbers["bound"] * (1 + 1e-12)


def test_chain_at_every_value_and_many_combinations() -> None:
    for settings in one_at_a_time(_chain.EXPLORER) + sampled(_chain.EXPLORER, 1500):
        check_chain(_chain.scene(**settings).numbers, **settings)


@pytest.mark.parametrize("depth", range(1, 31))
def test_chain_of_sigmoids_stays_below_a_quarter_to_the_power(depth: int) -> None:
    for start in _chain.SETTINGS[3].values():
        numbers = _chain.scene("sigmoid", depth, 1.0, start).numbers
        assert numbers["bound"] == 0.25**depth
        assert 0 < numbers["product"] <= 0.25**depth
        assert _chain.scene("relu", depth, 1.0, start).numbers["product"] == (1.0 if start > 0 else 0.0)
        assert _chain.scene("identity", depth, 1.0, start).numbers["product"] == 1.0


@pytest.mark.parametrize("weight", [-4.0, -0.5, 2.0])
def test_chain_of_identities_is_a_power(weight: float) -> None:
    for depth in (1, 7, 30):
        numbers = _chain.scene("identity", depth, weight, 1.0).numbers
        assert numbers["product"] == weight**depth
        assert numbers["bound"] == abs(weight) ** depth


def test_counts_of_parameters() -> None:
    misfits = 0
    for settings in one_at_a_time(_parameter_calculator.EXPLORER) + sampled(_parameter_calculator.EXPLORER, 1500):
        scene = _parameter_calculator.scene(**settings)
        pixels = settings["size"] ** 2 * settings["depth"]
        assert scene.numbers["fully_connected"] == pixels * settings["units"] + settings["units"]
        assert scene.numbers["fully_connected"] < 10**_parameter_calculator.LARGEST
        if settings["kernel"] > settings["size"]:
            misfits += 1
            assert scene.numbers["convolution"] is None
            assert f"F of at most {settings['size']}" in scene.message
            assert scene.sentence == ""
            continue
        weights = settings["kernel"] ** 2 * settings["depth"] * settings["filters"]
        assert scene.numbers["convolution"] == weights + settings["filters"]
        assert scene.numbers["map_size"] == settings["size"] - settings["kernel"] + 1
        assert scene.message == ""
    assert misfits > 100


@pytest.mark.parametrize(
    ("preset", "fully_connected", "convolution"),
    [
        ("1000 × 1000 into 100 units", 100_000_100, 10_100),
        ("256 × 256 × 3 into 1000 units", 196_609_000, 280),
        ("3 × 3 kernels, 3 to 10 channels", 196_609_000, 280),
        ("AlexNet’s first layer", 154_588_000, 34_944),
    ],
)
def test_known_counts(preset: str, fully_connected: int, convolution: int) -> None:
    explorer = explorers.count_of_parameters()
    explorer.choose(preset)
    assert explorer.scene.numbers["fully_connected"] == fully_connected
    assert explorer.scene.numbers["convolution"] == convolution
    assert f"{fully_connected:,}" in explorer.text_alternative
    assert f"{convolution:,}" in explorer.text_alternative


def kernel_of(settings: dict[str, Any]) -> np.ndarray:
    return np.array([[settings[f"w{m}{n}"] for n in range(3)] for m in range(3)])


def test_kernel_editor_at_every_value_and_many_combinations() -> None:
    photo = _kernel_editor.photograph()
    centred = 0
    for settings in one_at_a_time(_kernel_editor.EXPLORER) + sampled(_kernel_editor.EXPLORER, 300):
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
    assert 100 < centred < 500


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


# ---- words ----------------------------------------------------------------------------------------------------------


@each
def test_text_alternative_names_settings_and_result(explorer: Explorer) -> None:
    for settings in one_at_a_time(explorer) + sampled(explorer, 100, seed=1):
        scene = explorer.scene(**settings)
        text = explorer.text_alternative(settings)
        assert text.startswith(f"[explorer: {explorer.title}; ")
        assert text.endswith("]")
        assert all(line in text for line in scene.lines)
        assert (scene.message or scene.sentence) in text
        assert bool(scene.message) != bool(scene.sentence)
        assert not re.search(r"\bnan\b|\binf\b|None|\d-\d|--|\s\s|\.\.", text), text
        for setting in explorer.settings:
            value = settings[setting.name]
            if isinstance(setting, Real):
                shown = (f"{value:g}", setting.said(value))
                assert any(s.replace("-", "−") in text for s in shown)
            elif isinstance(setting, Stops):
                assert f"{value:,}" in text or str(value) in text
            elif isinstance(setting, Levels):
                assert setting.said(value) in text
            else:
                assert dict(setting.options)[value] in text


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"function": "sigmoid", "z": 0.0}, "no slope is larger than 0.25"),
        ({"function": "tanh", "z": 6.0}, "1 − (0.9999877)² = 2.46·10⁻⁵"),
        ({"function": "relu", "z": -0.1}, "passes no gradient"),
        ({"function": "relu", "z": 0.0}, "by convention"),
        ({"function": "leaky_relu", "z": -2.0}, "0.01 · (−2) = −0.02"),
    ],
)
def test_what_the_activation_explorer_says(settings: dict[str, Any], said: str) -> None:
    assert said in _activation.EXPLORER.text_alternative(settings)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"function": "sigmoid", "depth": 10, "weight": 1.0, "start": 0.0}, "(1 · 0.25)¹⁰ = 9.54·10⁻⁷"),
        ({"function": "sigmoid", "depth": 10, "weight": 1.0, "start": 0.0}, "vanishes"),
        ({"function": "relu", "depth": 30, "weight": 1.0, "start": 1.0}, "keeps its size through 30 units"),
        ({"function": "relu", "depth": 3, "weight": 1.0, "start": -1.0}, "Unit 1 is off"),
        ({"function": "relu", "depth": 3, "weight": -1.0, "start": -1.0}, "Unit 2 is off"),
        ({"function": "identity", "depth": 10, "weight": 2.0, "start": 1.0}, "grown 1024-fold"),
        ({"function": "identity", "depth": 3, "weight": -2.0, "start": 1.0}, "negative"),
        ({"function": "tanh", "depth": 3, "weight": 0.0, "start": 1.0}, "The weight is 0"),
    ],
)
def test_what_the_chain_explorer_says(settings: dict[str, Any], said: str) -> None:
    assert said in _chain.EXPLORER.text_alternative(settings)


# ---- pictures -------------------------------------------------------------------------------------------------------


@each
def test_pictures_are_small_and_move(explorer: Explorer) -> None:
    drawing = explorer.drawing()
    start = drawing.small_png(explorer.scene(**explorer.start()))
    width, height = drawing.figure.get_size_inches()
    assert Image.open(io.BytesIO(start)).width >= 96 * width
    for settings in sampled(explorer, 6, seed=2):
        scene = explorer.scene(**settings)
        small, quick = drawing.small_png(scene), drawing.quick_png(scene)
        assert len(small) <= 50_000
        assert (small != start) == (settings != explorer.start())
        for png in (small, quick):
            image = Image.open(io.BytesIO(png))
            image.load()
            assert image.width / image.height == pytest.approx(width / height, rel=0.01)


@each
def test_a_kept_figure_draws_what_a_new_one_draws(explorer: Explorer) -> None:
    kept = explorer.drawing()
    everything = sampled(explorer, 4, seed=3)
    for settings in everything:
        kept.pixels(explorer.scene(**settings), kept.quick)
    for settings in reversed(everything):
        scene = explorer.scene(**settings)
        now = kept.pixels(scene, kept.quick).copy()
        np.testing.assert_array_equal(now, explorer.drawing().pixels(scene, kept.quick))


# ---- settings and the widget ----------------------------------------------------------------------------------------


@each_opened
def test_state_from_python(name: str) -> None:
    live, explorer = OPEN[name](), EXPLORERS[name]
    assert live.settings == explorer.start()
    for setting in explorer.settings:
        for value in (setting.values()[0], setting.values()[-1]):
            before = live.png
            old = getattr(live, setting.name)
            setattr(live, setting.name, value)
            assert getattr(live, setting.name) == value == live.settings[setting.name]
            assert live.answer["settings"] == live.settings
            assert live.answer["alt"] == live.text_alternative == explorer.text_alternative(live.settings)
            assert live.answer["message"] == live.scene.message
            assert (live.png != before) or old == value or same_picture(explorer, live.settings, setting.name, old)
            assert len(live.png) <= 50_000
        assert setting.name in dir(live)


def same_picture(explorer: Explorer, settings: dict[str, Any], name: str, old: Any) -> bool:
    """Say whether two settings show the same, as a number of filters does while the kernel does not fit."""
    scenes = [explorer.scene(**settings), explorer.scene(**settings | {name: old})]
    pixels = [explorer.drawing().pixels(scene, 1.0) for scene in scenes]
    return np.array_equal(*pixels)


@each_opened
def test_settings_that_are_not_allowed_change_nothing(name: str) -> None:
    live, explorer = OPEN[name](), EXPLORERS[name]
    before, png = live.settings, live.png
    for setting in explorer.settings:
        wrong: list[tuple[Any, type[Exception]]] = [(None, TypeError), ([1], TypeError), (True, TypeError)]
        if isinstance(setting, Real):
            wrong += [("1", TypeError), (math.nan, ValueError), (math.inf, ValueError), (setting.high + 1, ValueError)]
            wrong += [(setting.low - setting.step, ValueError), (setting.low + setting.step / 2, ValueError)]
        elif isinstance(setting, Levels):
            wrong += [("1", TypeError), (math.nan, ValueError), (0, ValueError), (-1.0, ValueError)]
            wrong += [(setting.stops[-1] * 1.001, ValueError), (setting.stops[0] * 0.999, ValueError)]
        elif isinstance(setting, Stops):
            wrong += [(1.5, TypeError), (setting.stops[0] - 1, ValueError), (setting.stops[-1] + 1, ValueError)]
        else:
            wrong += [(1, TypeError), ("softmax", ValueError)]
        for value, error in wrong:
            with pytest.raises(error, match=f"^{setting.name}: got .*, expected "):
                setattr(live, setting.name, value)
            with pytest.raises(error, match=f"^{setting.name}: got .*, expected "):
                OPEN[name](**{setting.name: value})
    with pytest.raises(AttributeError, match=r"^widht: not a setting of this explorer, expected one of "):
        live.widht = 3
    with pytest.raises(AttributeError, match="widht"):
        _ = live.widht
    with pytest.raises(TypeError, match=r"^widht: not a setting"):
        live.change(widht=3)
    assert live.settings == before
    assert live.png == png


def test_several_settings_change_together_or_not_at_all() -> None:
    live = explorers.chain_of_units()
    with pytest.raises(ValueError, match="weight"):
        live.change(depth=3, weight=99)
    assert live.depth == 10
    live.change(depth=3, weight=np.float32(0.3), start=-1)
    assert (live.depth, live.weight, live.start) == (3, 0.3, -1.0)


def test_numbers_between_the_stops_are_allowed_where_the_field_takes_them() -> None:
    live = explorers.count_of_parameters(size=227)
    live.size = np.int64(301)
    assert live.size == 301
    assert live.scene.numbers["fully_connected"] == (301 * 301 * 3 + 1) * 1000


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


@each_opened
def test_the_browser_asks_and_is_answered(name: str) -> None:
    live, explorer = OPEN[name](), EXPLORERS[name]
    for k, settings in enumerate(sampled(explorer, 4, seed=4)):
        live.request = {"client": "a", "serial": k, "settings": settings}
        assert live.settings == settings
        assert (live.answer["client"], live.answer["serial"]) == ("a", k)
        assert live.answer["settings"] == settings
        assert live.png.startswith(b"\x89PNG")
    last, png = live.settings, live.png
    live.request = {"client": "b", "serial": 1}  # "is there a Python?"
    assert (live.answer["client"], live.settings, live.png) == ("b", last, png)
    nonsense: Any
    for nonsense in ({"unknown": 1}, {explorer.settings[0].name: None}, [1], "x", None):
        live.request = {"client": "c", "serial": 2, "settings": nonsense}
        assert (live.answer["client"], live.settings, live.png) == ("c", last, png)
        live.request = {}
    live.request = {"client": "d", "serial": 3, "settings": {"unknown": 1}}
    assert "unknown" in live.answer["message"]
    live.request = {"client": "d", "serial": 4, "settings": last}
    assert live.answer["message"] == live.scene.message


@each_opened
def test_what_is_stored_in_a_notebook(name: str) -> None:
    live = OPEN[name]()
    data, metadata = live._repr_mimebundle_()
    assert data["text/plain"] == repr(live) == live.text_alternative
    assert "application/vnd.jupyter.widget-view+json" in data
    png = base64.b64decode(data["image/png"])
    assert len(png) <= 50_000
    assert png == live.png
    image = Image.open(io.BytesIO(png))
    assert image.width / image.height == pytest.approx(
        metadata["image/png"]["width"] / metadata["image/png"]["height"], rel=0.01
    )
    assert metadata["image/png"]["alt"] == live.text_alternative
    assert live.answer["client"] == ""
    assert live.request == {}
    assert OPEN[name]().png == live.png  # nothing is left to chance


def test_save(tmp_path: Any) -> None:
    live = explorers.activation_function(function="relu", z=-2)
    live.save(tmp_path / "relu.png")
    assert (tmp_path / "relu.png").read_bytes() == live.png


def test_a_scene_can_be_read() -> None:
    live = explorers.activation_function()
    assert isinstance(live, FigureExplorer)
    assert isinstance(live.scene, Scene)
    assert live.scene.numbers["slope"] == pytest.approx(0.19661193)
