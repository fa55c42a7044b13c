"""The explorers of curves: their numbers, words, code and pictures, and how their settings behave."""

from __future__ import annotations

import base64
import cmath
import io
import itertools
import json
import math
import re
from typing import Any

import numpy as np
import pytest
import traitlets
from PIL import Image
from tried_settings import BAD_ENGLISH, one_at_a_time, sampled

from cnncourse import explorers
from cnncourse.explorers import (
    _activation,
    _chain,
    _deep_stack,
    _learning_rate,
    _parameter_calculator,
    _stacked_kernels,
    curves_still,
)
from cnncourse.explorers.curves import CurveExplorer, CurveScene
from cnncourse.explorers.curves_widget import CurveWidget
from cnncourse.explorers.scene import Choice
from cnncourse.explorers.stops import Levels, Real, Stops
from cnnlib import Conv2d, leaky_relu, numerical_gradient, receptive_field, relu, sigmoid, tanh

MODULES: dict[str, Any] = {
    "activation_function": _activation,
    "chain_of_units": _chain,
    "count_of_parameters": _parameter_calculator,
    "learning_rate": _learning_rate,
    "depth_of_a_stack": _deep_stack,
    "stacked_kernels": _stacked_kernels,
}
EXPLORERS: dict[str, CurveExplorer] = {name: module.EXPLORER for name, module in MODULES.items()}
PLAIN = {"sigmoid": sigmoid, "tanh": tanh, "relu": relu, "leaky_relu": leaky_relu, "identity": lambda x: 1.0 * x}
each = pytest.mark.parametrize("name", EXPLORERS)


def opened(name: str, **start: Any) -> CurveWidget:
    return getattr(explorers, name)(**start)


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
    for settings in one_at_a_time(_chain.EXPLORER) + sampled(_chain.EXPLORER, 1000):
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
    for settings in one_at_a_time(_parameter_calculator.EXPLORER) + sampled(_parameter_calculator.EXPLORER, 1000):
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


def test_every_sentence_about_counts_is_true() -> None:
    """Who has more, how many times as many, and which layer gives the maps."""
    for settings in one_at_a_time(_parameter_calculator.EXPLORER) + sampled(_parameter_calculator.EXPLORER, 1000):
        scene = _parameter_calculator.scene(**settings)
        if scene.message:
            continue
        dense, shared = scene.numbers["fully_connected"], scene.numbers["convolution"]
        first, maps, *_ = scene.sentence.split(". ")
        n, side = settings["filters"], scene.numbers["map_size"]
        assert maps == f"The convolution gives {n} map{'' if n == 1 else 's'} of {side} × {side}"
        if dense == shared:
            assert first == "Both layers have the same number of parameters"
            continue
        more, less = (
            ("fully connected layer", "convolution") if dense > shared else ("convolution", "fully connected layer")
        )
        found = re.fullmatch(f"The {more} has ([0-9.,e+]+) times as many parameters as the {less}", first)
        assert found
        assert float(found[1].replace(",", "")) == pytest.approx(max(dense, shared) / min(dense, shared), rel=6e-3)
        larger = _parameter_calculator.scene(**settings | {"size": 2 * settings["size"]}).numbers
        assert larger["convolution"] == shared
        assert larger["fully_connected"] > dense


# ---- words ----------------------------------------------------------------------------------------------------------


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


@each
def test_text_alternative_names_settings_and_result(name: str) -> None:
    explorer = EXPLORERS[name]
    for settings in one_at_a_time(explorer) + sampled(explorer, 40, seed=1):
        scene: Any = explorer.scene_of(settings)
        text = explorer.text_alternative(settings)
        assert text.startswith(f"[explorer: {explorer.title}; ")
        assert text.endswith("]")
        assert (scene.message or scene.sentence) in text
        assert bool(scene.message) != bool(scene.sentence)
        assert not re.search(r"\bnan\b|\binf\b|None|--|\s\s|\.\.|[{}]|" + BAD_ENGLISH, text), text
        for setting in explorer.settings:
            value = settings[setting.name]
            assert (
                setting.value_text(value) in text if not isinstance(setting, Choice) else dict(setting.options)[value]
            )


# ---- what is drawn --------------------------------------------------------------------------------------------------


@each
def test_plots_hold_numbers_that_can_be_drawn(name: str) -> None:
    explorer = EXPLORERS[name]
    for settings in one_at_a_time(explorer) + sampled(explorer, 60, seed=2):
        form = explorer.scene_of(settings).to_json()
        text = json.dumps(form, allow_nan=False)  # raises for what JSON does not know
        assert json.loads(text) == form
        assert bool(form["plots"]) != bool(form["message"])
        for plot in form["plots"]:
            assert plot["said"]
            for axis in (plot["x"], plot["y"]):
                assert 0 <= len(axis["ticks"]) <= 11
                assert all(axis["low"] <= place <= axis["high"] * (1 + 1e-12) for place, _ in axis["ticks"])
            lengths = {len(one["items"]) for one in form["plots"]}
            assert len(lengths) == 1
            for mark in plot["marks"]:
                assert mark["look"] in {**curves_still.LINES, **curves_still.DOTS, **curves_still.BARS} or (
                    mark["mark"] == "label" and mark["look"] in ("", "strong")
                )


@pytest.mark.parametrize("start", ["small", "uniform"])  # where it is lost early, and where under the line's name
def test_labels_of_a_picture_stand_apart(start: str) -> None:
    explorer = EXPLORERS["depth_of_a_stack"]
    scene = explorer.scene_of(explorer.start() | {"function": "tanh", "depth": 30, "start": start})
    for axes in curves_still.drawn(scene).axes:
        boxes = [words.get_window_extent() for words in axes.texts]
        assert not any(one.overlaps(two) for one, two in itertools.combinations(boxes, 2))


@pytest.mark.filterwarnings("error", "ignore:'.*deprecated.* use :DeprecationWarning")
@each
def test_pictures_are_small_and_differ(name: str) -> None:
    explorer = EXPLORERS[name]
    start = curves_still.png(explorer, explorer.start())
    for settings in sampled(explorer, 5, seed=2):
        png = curves_still.png(explorer, settings)
        assert png != start
        data = base64.b64decode(png)
        assert len(data) <= 50_000
        assert Image.open(io.BytesIO(data)).width >= 700


@each
def test_the_page_is_sent_little(name: str) -> None:
    data = MODULES[name].EXPLORER.data()
    text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    assert data["name"] == name
    assert len(text.encode()) <= 300_000


# ---- settings and the widget ----------------------------------------------------------------------------------------


@each
def test_every_setting_can_be_read_and_set(name: str) -> None:
    live, explorer = opened(name), EXPLORERS[name]
    assert live.settings == explorer.start()
    for setting in explorer.settings:
        for value in setting.values():
            setattr(live, setting.name, value)
            assert getattr(live, setting.name) == value == live.settings[setting.name]
            assert live.text_alternative == repr(live) == explorer.text_alternative(live.settings)
        assert setting.name in dir(live)
    output = live.output
    assert (output is None) == bool(live.scene.message)


@each
def test_settings_that_are_not_allowed_change_nothing(name: str) -> None:
    live, explorer = opened(name), EXPLORERS[name]
    before = live.settings
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
                opened(name, **{setting.name: value})
            with pytest.raises(traitlets.TraitError):  # what a page might send
                live._settings = {**before, setting.name: value}
    with pytest.raises(AttributeError, match=r"^widht: not a setting of this explorer, expected one of "):
        live.widht = 3
    with pytest.raises(AttributeError, match="widht"):
        _ = live.widht
    with pytest.raises(TypeError, match=r"^widht: not a setting"):
        live.change(widht=3)
    assert live.settings == before


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


def test_the_output_is_what_the_explorer_is_about() -> None:
    assert opened("activation_function", z=0).output.tolist() == [0.5, 0.25]
    assert opened("chain_of_units", function="identity", depth=3, weight=2, start=1).output.tolist() == [2, 4, 8]
    assert opened("count_of_parameters").output.tolist() == [196_609_000, 280]
    assert opened("count_of_parameters", size=3, kernel=4).output is None
    assert opened("learning_rate", steps=5).output.shape == (6,)
    assert opened("depth_of_a_stack", depth=12).output.shape == (12,)


def test_presets_are_chosen_by_name() -> None:
    live = opened("learning_rate")
    assert live.presets == ["too small", "good", "to and fro", "too large"]
    live.choose("good")
    assert live.rate == 0.8
    with pytest.raises(ValueError, match="preset: got 'goood', expected one of 'too small'"):
        live.choose("goood")
    assert live.rate == 0.8


@each
def test_what_is_stored_in_a_notebook(name: str) -> None:
    live = opened(name)
    data, metadata = live._repr_mimebundle_()
    assert data["text/plain"] == repr(live) == metadata["image/png"]["alt"]
    assert "application/vnd.jupyter.widget-view+json" in data
    assert len(base64.b64decode(data["image/png"])) <= 50_000
    assert opened(name)._picture() == data["image/png"]  # nothing is left to chance


def test_save(tmp_path: Any) -> None:
    live = explorers.activation_function(function="relu", z=-2)
    live.save(tmp_path / "relu.png")
    assert (tmp_path / "relu.png").read_bytes() == base64.b64decode(live._picture())


def test_a_scene_can_be_read() -> None:
    live = explorers.activation_function()
    assert isinstance(live.scene, CurveScene)
    assert live.scene.numbers["slope"] == pytest.approx(0.19661193)


# ---- the setting as code --------------------------------------------------------------------------------------------

CODED: dict[str, list[dict[str, Any]]] = {
    "activation_function": [{"function": f, "z": z} for f in PLAIN for z in (-2.0, 1.3)],
    "chain_of_units": [{"function": f, "weight": -1.5, "start": -0.7} for f in PLAIN],
    "count_of_parameters": [{}, {"size": 20, "units": 3, "kernel": 11, "filters": 512}],
    "stacked_kernels": [{"layers": layers, "channels": 4} for layers in range(1, 6)],
    "learning_rate": [{"inputs": inputs, "momentum": 0.5, "rate": 0.02} for inputs in ("ink", "raw", "standard")],
    "depth_of_a_stack": [
        {"function": f, "start": start, "depth": 4}
        for f, start in (("tanh", "uniform"), ("relu", "he"), ("sigmoid", "small"))
    ]
    + [{"function": "tanh", "start": "xavier", "depth": 30}],
}


def expected_of(name: str, settings: dict[str, Any]) -> list[float]:
    """Return what the program of these settings prints."""
    result = np.atleast_1d(np.array(EXPLORERS[name].scene_of(settings).result)).tolist()  # type: ignore[attr-defined]
    if name in ("chain_of_units", "learning_rate"):
        return result[-1:]
    return result[::-1] if name == "depth_of_a_stack" else result


def ran(code: str, capsys: pytest.CaptureFixture[str]) -> list[float]:
    exec(code, {})
    return [float(word) for word in capsys.readouterr().out.split()]


@each
def test_the_setting_as_code_computes_the_numbers(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for start in CODED[name]:
        settings = EXPLORERS[name].changed(EXPLORERS[name].start(), **start)
        found = ran(MODULES[name].code(settings, "cnnlib"), capsys)
        assert found == pytest.approx(expected_of(name, settings), rel=2e-6, abs=1e-12), settings


@each
def test_the_setting_as_code_runs_in_pytorch(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    torch = pytest.importorskip("torch")
    for start in CODED[name]:
        settings = EXPLORERS[name].changed(EXPLORERS[name].start(), **start)
        try:
            found = ran(MODULES[name].code(settings, "torch"), capsys)
        finally:
            torch.set_default_device(None)
        assert found == pytest.approx(expected_of(name, settings), rel=2e-5, abs=1e-7), settings


# ---- small kernels stacked -------------------------------------------------------------------------------------------


def test_stacked_kernels_count_what_the_layers_hold() -> None:
    for layers, channels in itertools.product((1, 2, 3, 4, 5), (1, 4, 8)):
        numbers = _stacked_kernels.scene(layers, channels, 14).numbers
        stack = [Conv2d(channels, channels, 3, padding=1) for _ in range(layers)]
        one = Conv2d(channels, channels, numbers["field"], padding=layers)
        assert numbers["weights"] == [sum(layer.weight.size for layer in stack), one.weight.size]
        assert numbers["field"] == receptive_field([(3, 1)] * layers) == receptive_field([(2 * layers + 1, 1)])
        x = np.zeros((1, channels, 14, 14), np.float32)
        assert numbers["multiply_adds"] == [count * 14 * 14 for count in numbers["weights"]]
        assert numbers["kept"] == [layers * x.size, one.forward(x).size]
    assert "55 % of its weights" in opened("stacked_kernels").scene.sentence
