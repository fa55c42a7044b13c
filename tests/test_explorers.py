"""The grid explorers: the numbers of their scenes, what the browser is given, their settings, pictures and texts."""

from __future__ import annotations

import base64
import itertools
import json
import re
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets
from hatchling.builders.wheel import WheelBuilder
from tried_settings import BAD_ENGLISH

import cnnlib
from cnncourse import explorers
from cnncourse.explorers import (
    convolution_steps,
    one_dimension,
    padding_stride,
    pooling,
    pooling_back,
    receptive_field,
    sensitivity_steps,
    sensitivity_stride,
    sparse_matrix,
    stamps,
    still,
    transposed,
)
from cnncourse.explorers.scene import (
    BETWEEN,
    DROPPED,
    INPUT,
    LOST,
    PADDING,
    Choice,
    Explorer,
    Position,
    Range,
    Scene,
    Switch,
    combinations,
    text_of,
)
from cnncourse.explorers.widget import ExplorerWidget
from cnnlib import geometry, reference

PADDING_STRIDE, FIELD, STEPS = padding_stride.EXPLORER, receptive_field.EXPLORER, convolution_steps.STEPS
CHANNELS, POOLING, MATRIX = convolution_steps.DEPTH, pooling.EXPLORER, sparse_matrix.EXPLORER
STEPPER, BACK, TRANSPOSED = sensitivity_steps.EXPLORER, sensitivity_stride.EXPLORER, transposed.EXPLORER
POOLING_BACK, ONE_DIMENSION = pooling_back.EXPLORER, one_dimension.EXPLORER
STAMPS = [STEPPER, BACK, TRANSPOSED]
ALL = [PADDING_STRIDE, FIELD, STEPS, CHANNELS, POOLING, POOLING_BACK, MATRIX, ONE_DIMENSION, *STAMPS]

# What an older Matplotlib calls in a newer pyparsing is no fault of a picture.
without_warnings = pytest.mark.filterwarnings("error", "ignore:'.*deprecated.* use :DeprecationWarning")
every_explorer = pytest.mark.parametrize("explorer", ALL, ids=lambda explorer: explorer.name)


def opened(explorer: Explorer, **start: Any) -> ExplorerWidget:
    return getattr(explorers, explorer.name)(**start)


def values(scene: Scene, role: str, index: int = 0) -> np.ndarray:
    grid = scene.grid(role, index)
    return np.array([[-np.inf if v is None else v for v in row] for row in grid.values], float)


# ---- which settings are tried ---------------------------------------------------------------------------------------


def padding_stride_settings() -> Iterator[dict[str, Any]]:
    """Yield combinations with equal axes, all without dilation; all corners, and 500 drawn ones, with axes apart."""
    rest = {"apart": False, "letters": False, "counts": False, "position": [0, 0]}
    for w, f, p, s, d in itertools.product(range(4, 13), range(1, 6), range(4), range(1, 5), range(1, 4)):
        if d == 1 or w in (4, 7, 12):
            yield {"size": [w, w], "kernel": [f, f], "padding": [p, p], "stride": [s, s], "dilation": d} | rest
    ends = [(4, 12), (4, 12), (1, 5), (1, 5), (0, 3), (0, 3), (1, 4), (1, 4), (1, 3)]
    rng = np.random.default_rng(4)
    drawn = ([rng.integers(low, high + 1) for low, high in ends] for _ in range(500))
    for h, w, f, g, p, q, s, t, d in itertools.chain(itertools.product(*ends), drawn):
        yield {
            "size": [int(h), int(w)],
            "kernel": [int(f), int(g)],
            "padding": [int(p), int(q)],
            "stride": [int(s), int(t)],
            "dilation": int(d),
        } | (rest | {"apart": True})


def field_settings() -> Iterator[dict[str, Any]]:
    """Yield every combination up to two layers at some sizes, every value of every setting, and 1,000 drawn ones."""
    start = FIELD.start()
    for size, layers in itertools.product((4, 5, 12, 23, 24), (1, 2)):
        for f, s, g, t in itertools.product(range(1, 6), range(1, 4), range(1, 6), range(1, 4)):
            yield start | dict(size=size, layers=layers, kernel_1=f, stride_1=s, kernel_2=g, stride_2=t)
    ranges = [s for s in FIELD.settings if isinstance(s, Range)]
    for base in (start | {"size": 24, "layers": 5}, start):
        for setting in ranges:
            yield from (base | {setting.name: value} for value in setting.values())
    rng = np.random.default_rng(5)
    for _ in range(1000):
        yield start | {s.name: int(rng.integers(s.low, s.high + 1)) for s in ranges}
    for low in (True, False):
        yield start | {s.name: s.low if low else s.high for s in ranges}


def back_settings() -> Iterator[dict[str, Any]]:
    """Yield all 480 combinations with equal axes, all corners, every value of every axis, and 500 drawn ones."""
    start = BACK.start()
    for w, f, s, p in itertools.product(range(4, 10), range(1, 6), range(1, 5), range(4)):
        yield start | {"size": [w, w], "kernel": [f, f], "stride": [s, s], "padding": [p, p]}
    apart = start | {"apart": True}
    ranges = [s for s in BACK.settings if isinstance(s, Range)]
    for setting in ranges:
        yield from (apart | {setting.name: value} for value in setting.values())
    for corner in itertools.product(*[[s.low, s.high] for s in ranges for _ in range(2)]):
        yield apart | {s.name: list(corner[2 * k : 2 * k + 2]) for k, s in enumerate(ranges)}
    rng = np.random.default_rng(6)
    for _ in range(500):
        yield apart | {s.name: [int(n) for n in rng.integers(s.low, s.high + 1, 2)] for s in ranges}


def looked_at_from_one_side(explorer: Explorer, *sides: str) -> Iterator[dict[str, Any]]:
    """Yield all combinations of what changes the numbers, each with the `sides`, which change none, drawn at random."""
    rng = np.random.default_rng(7)
    values = {setting.name: setting.values() for setting in explorer.settings if setting.name in sides}
    for settings in combinations(tuple(setting for setting in explorer.settings if setting.name not in sides)):
        yield settings | {name: some[rng.integers(len(some))] for name, some in values.items()}


SETTINGS = {
    BACK.name: list(back_settings()),
    TRANSPOSED.name: list(looked_at_from_one_side(TRANSPOSED, "view", "counts", "letters")),
    STEPPER.name: list(looked_at_from_one_side(STEPPER, "direction", "letters")),
    PADDING_STRIDE.name: list(padding_stride_settings()),
    FIELD.name: list(field_settings()),
    **{
        explorer.name: list(combinations(explorer.settings))
        for explorer in (STEPS, CHANNELS, POOLING, POOLING_BACK, MATRIX, ONE_DIMENSION)
    },
}


class Scenes(dict):
    """All scenes of an explorer with their settings, by its name, made when a test asks for the first of them."""

    def __missing__(self, name: str) -> list[tuple[dict[str, Any], Scene]]:
        explorer = next(explorer for explorer in ALL if explorer.name == name)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            self[name] = [(settings, explorer.scene_of(settings)) for settings in SETTINGS[name]]
        return self[name]


@pytest.fixture(scope="module")
def scenes() -> Scenes:
    return Scenes()


def fitting(scenes: Scenes, explorer: Explorer) -> list[tuple[dict[str, Any], Scene]]:
    found = [(settings, scene) for settings, scene in scenes[explorer.name] if scene.output is not None]
    assert found
    return found


@every_explorer
def test_every_value_of_every_setting_is_tried(explorer: Explorer) -> None:
    for setting in explorer.settings:
        tried = {json.dumps(settings[setting.name]) for settings in SETTINGS[explorer.name]}
        if isinstance(setting, Range) and setting.pair:
            assert tried >= {json.dumps(value) for value in setting.values()}, setting.name
        elif isinstance(setting, Range | Choice):
            assert tried == {json.dumps(value) for value in setting.values()}, setting.name


# ---- numbers --------------------------------------------------------------------------------------------------------


def test_padding_and_stride_gives_the_numbers_of_the_reference(scenes: Scenes) -> None:
    for s, scene in fitting(scenes, PADDING_STRIDE):
        (H, W), (F_h, F_w), (P_h, P_w) = s["size"], s["kernel"], s["padding"]
        image, kernel = padding_stride.IMAGE[:H, :W], padding_stride.KERNEL[:F_h, :F_w]
        padded = np.pad(image, ((P_h, P_h), (P_w, P_w)))
        assert np.array_equal(values(scene, "input"), padded)
        assert np.array_equal(values(scene, "kernel"), kernel)
        # The sums once more, from the windows that the scene names and from nothing else.
        rows, columns = np.array(scene.rows), np.array(scene.columns)
        windows = padded[rows[:, np.newaxis, :, np.newaxis], columns[:, np.newaxis]]  # (H2, W2, F_h, F_w)
        assert np.array_equal(values(scene, "output"), (windows * kernel).sum(axis=(2, 3)) + padding_stride.BIAS), s
        sizes = zip(s["size"], s["kernel"], s["stride"], s["padding"])
        assert scene.output == tuple(geometry.output_size(*axis, s["dilation"]) for axis in sizes)
        assert scene.output == (len(scene.rows), len(scene.columns))


def test_windows_of_padding_and_stride_are_those_of_the_reference(scenes: Scenes) -> None:
    """With a kernel of ones, the derivative of the sum of all outputs by a pixel is how often it is read."""
    for s, scene in fitting(scenes, PADDING_STRIDE)[::7]:
        (H, W), (P_h, P_w) = s["size"], s["padding"]
        ones = np.ones((1, 1, *s["kernel"]))
        layer = tuple(s["stride"]), (P_h, P_w), s["dilation"]
        d_x, _, _ = reference.conv2d_backward(np.ones((1, 1, *scene.output)), np.ones((1, 1, H, W)), ones, *layer)
        counted = np.zeros((H + 2 * P_h, W + 2 * P_w))
        for i, j in itertools.product(range(scene.output[0]), range(scene.output[1])):
            for cell in scene.window(i, j):
                counted[cell] += 1
        inside = counted[P_h : P_h + H, P_w : P_w + W]
        assert np.array_equal(inside, d_x[0, 0]), s
        grid = scene.grid("input")
        assert np.array_equal(np.array(grid.counts)[P_h : P_h + H, P_w : P_w + W], inside)
        kinds = np.array([list(row) for row in grid.kinds])
        assert (kinds == PADDING).sum() == counted.size - H * W
        assert np.array_equal(kinds[P_h : P_h + H, P_w : P_w + W] == LOST, inside == 0)
        assert (f"in all {int((inside == 0).sum())} of the {H * W} pixels" in scene.sentence) == bool(
            (inside == 0).any()
        )


def test_the_receptive_field_is_the_one_of_the_package_and_of_a_chain_of_layers(scenes: Scenes) -> None:
    for s, scene in fitting(scenes, FIELD):
        layers = [(s[f"kernel_{l}"], s[f"stride_{l}"]) for l in range(1, s["layers"] + 1)]
        field = geometry.receptive_field(layers)
        assert scene.lines[-1].endswith(f" = {field}")
        assert scene.rows[0][-1] - scene.rows[0][0] + 1 == field
        # Back through the layers with kernels of ones: where the derivative is not zero, there the pixel looks.
        sizes = [s["size"]]
        for kernel, stride in layers:
            sizes.append(geometry.output_size(sizes[-1], kernel, stride))
        assert scene.output == (sizes[-1], sizes[-1])
        for k in {0, sizes[-1] // 2, sizes[-1] - 1}:
            delta = np.zeros(sizes[-1])
            delta[k] = 1
            for (kernel, stride), size in zip(reversed(layers), reversed(sizes[:-1])):
                back = np.zeros(size)
                for i, d in enumerate(delta):
                    back[i * stride : i * stride + kernel] += d
                delta = back
            assert np.array_equal(np.flatnonzero(delta), scene.rows[k]), s


def test_the_step_through_gives_the_feature_maps_of_the_course(scenes: Scenes) -> None:
    for s, scene in fitting(scenes, STEPS):
        image, kernel = convolution_steps.IMAGES[s["image"]], convolution_steps.KERNELS[s["kernel"]]
        net = reference.cross_correlate2d(np.array(image), np.array(kernel)) + s["bias"]
        assert np.array_equal(values(scene, "output"), np.maximum(net, 0) if s["f"] == "relu" else net)
        assert np.array_equal(values(scene, "input"), image)
    course = STEPS.scene_of(STEPS.start())
    assert course.grid("output").values == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]
    small = [
        STEPS.scene(image="four", kernel=k, bias=0, f="identity").grid("output").values for k in ("across", "down")
    ]
    assert small == [[[1, -1, 2], [1, -1, 2], [1, -2, 2]], [[-1, -1, 0], [1, 1, 0], [1, 0, 0]]]


def test_three_channels_give_the_worked_example_and_partial_maps_that_add_up(scenes: Scenes) -> None:
    for s, scene in fitting(scenes, CHANNELS):
        x, w = np.array(convolution_steps.X), np.array(convolution_steps.WEIGHTS[s["kernel"]])
        bias = convolution_steps.BIASES[s["kernel"]]
        net = reference.conv2d(x[None], w[None], np.array([bias]), s["stride"], s["padding"])[0, 0]
        assert np.array_equal(values(scene, "output"), np.maximum(net, 0) if s["f"] == "relu" else net)
        assert np.array_equal(sum(values(scene, "partial", d) for d in range(3)) + bias, net)
        for d, (rows, columns) in itertools.product(range(3), itertools.product(scene.rows, scene.columns)):
            part = (values(scene, "input", d)[np.ix_(rows, columns)] * w[d]).sum()
            assert part == values(scene, "partial", d)[scene.rows.index(rows), scene.columns.index(columns)]
    outputs = [CHANNELS.scene(kernel, 1, 2, "identity").grid("output").values for kernel in ("w0", "w1")]
    assert outputs == [[[6, 7, 5], [3, -1, -1], [2, -1, 4]], [[2, -5, -8], [1, -4, -4], [0, -5, -5]]]


def test_pooling_gives_the_numbers_of_the_reference_and_the_first_winner(scenes: Scenes) -> None:
    ties = 0
    for s, scene in fitting(scenes, POOLING):
        x = pooling.maps()[s["map"]][None, None]
        window = s["size"], s["stride"], s["padding"]
        pool = reference.max_pool2d if s["operation"] == "max" else reference.avg_pool2d
        assert np.array_equal(values(scene, "output"), pool(x, *window)[0, 0])
        padded = values(scene, "input")
        for i, j in itertools.product(range(scene.output[0]), repeat=2):
            seen = padded[np.ix_(scene.rows[i], scene.columns[j])]
            expected = seen.max() if s["operation"] == "max" else seen.mean()
            assert values(scene, "output")[i, j] == pytest.approx(expected)
            if s["operation"] == "mean":
                continue
            delta = np.zeros((1, 1, *scene.output))
            delta[0, 0, i, j] = 1
            d_x = reference.max_pool2d_backward(delta, x, *window)[0, 0]
            winner = scene.window(i, j)[scene.details["winners"][i][j]]
            assert d_x[winner[0] - s["padding"], winner[1] - s["padding"]] == 1
            ties += int((seen == seen.max()).sum() > 1)
    assert ties > 100  # else the maps say nothing about ties


def test_every_delta_goes_to_the_first_largest_number_or_to_all(scenes: Scenes) -> None:
    ties = 0
    for s, scene in fitting(scenes, POOLING_BACK):
        x, delta = values(scene, "input"), values(scene, "source")
        given, equal = np.zeros(x.shape), 0
        for i, j in np.ndindex(*delta.shape):
            cells = scene.window(i, j)
            if s["operation"] == "mean":
                for cell in cells:
                    given[cell] += delta[i, j] / len(cells)
                continue
            seen = [x[cell] for cell in cells]
            winner = seen.index(max(seen))
            assert scene.details["winners"][i][j] == winner
            given[cells[winner]] += delta[i, j]
            equal += seen.count(max(seen)) > 1
        assert np.allclose(values(scene, "output"), given)
        assert values(scene, "output").sum() == pytest.approx(delta.sum())
        lost = np.array([[kind == LOST for kind in row] for row in scene.grid("input").kinds])
        assert (f"; {lost.sum()} numbers, which get 0." in scene.sentence) == lost.any()
        assert (f"In {equal} of the {delta.size} windows several are largest" in scene.sentence) == (equal > 0)
        ties += equal
    assert ties > 15


def test_one_map_of_the_way_back_has_ties_in_a_quarter_of_its_windows_and_one_has_none(scenes: Scenes) -> None:
    shares: dict[str, set[float]] = {"different": set(), "ties": set()}
    for s, scene in fitting(scenes, POOLING_BACK):
        x = values(scene, "input")
        seen = [[x[cell] for cell in scene.window(i, j)] for i, j in np.ndindex(*values(scene, "source").shape)]
        shares[s["map"]].add(float(np.mean([window.count(max(window)) > 1 for window in seen])))
    assert shares["different"] == {0.0}
    assert 0.2 < np.mean(list(shares["ties"])) < 0.3


def test_the_matrix_gives_the_numbers_of_the_convolution(scenes: Scenes) -> None:
    for s, scene in fitting(scenes, MATRIX):
        P, n = s["padding"], s["size"]
        image = values(scene, "input")[P : P + n, P : P + n]
        matrix = values(scene, "matrix")
        assert np.array_equal(matrix @ image.ravel(), values(scene, "output").ravel())
        weight = values(scene, "kernel")[None, None]
        net = reference.conv2d(image[None, None], weight, None, s["stride"], P)[0, 0]
        assert np.array_equal(values(scene, "output"), net)
        held = np.array([[kind != sparse_matrix.ZERO for kind in row] for row in scene.grid("matrix").kinds])
        assert np.array_equal(held, matrix != 0)
        across = scene.output[1]
        for k, row in enumerate(held):
            inside = [(i - P, j - P) for i, j in scene.window(k // across, k % across)]
            expected = {i * n + j for i, j in inside if 0 <= i < n and 0 <= j < n}
            assert set(np.flatnonzero(row)) == expected
        zeros = f"of its {held.size} weights {(~held).sum()} are zero"
        assert zeros in scene.sentence


# ---- numbers that stamp a kernel on a map ---------------------------------------------------------------------------


def all_values(scene: Scene, role: str) -> np.ndarray:
    return np.array([grid.values for grid in scene.grids if grid.role == role], float)


def test_the_stepper_gives_the_gradient_of_the_reference_filter_by_filter(scenes: Scenes) -> None:
    """Whatever the direction: every partial map, and their sum, which is the gradient of all filters."""
    backward, found = reference.conv2d_backward, fitting(scenes, STEPPER)
    known: dict[tuple[int, ...], np.ndarray] = {}  # the loops are slow, and most scenes have a filter in common
    for k, (s, scene) in enumerate(found):
        n, N, D, F = s["size"], s["filters"], s["depth"], s["kernel"]
        delta, partial = all_values(scene, "source"), all_values(scene, "partial").reshape(N, D, n, n)
        weights = all_values(scene, "kernel").reshape(N, D, F, F)
        h = geometry.output_size(n, F, s["stride"], s["padding"])
        assert np.array_equal(delta, sensitivity_steps.DELTA[:N, :h, :h])
        assert np.array_equal(weights, sensitivity_steps.KERNEL[:N, :D, :F, :F])
        x, layer = np.zeros((1, D, n, n)), (s["stride"], s["padding"])
        for f in range(N):
            of_filter = (f, n, D, F, *layer)
            if of_filter not in known:
                known[of_filter] = backward(delta[None, f : f + 1], x, weights[f : f + 1], *layer)[0][0]
            assert np.array_equal(partial[f], known[of_filter]), s
        assert np.array_equal(all_values(scene, "output"), partial.sum(axis=0)), s
        if k % 5 == 0:
            assert np.array_equal(partial.sum(axis=0), backward(delta[None], x, weights, *layer)[0][0])
        assert scene.places == ((N, h, h) if s["direction"] == "from output" else (D, n, n))
    assert len(found) == 1296


def test_the_stride_explorer_gives_every_step_of_the_way(scenes: Scenes) -> None:
    for s, scene in fitting(scenes, BACK):
        delta, weight, output = (values(scene, role) for role in ("source", "kernel", "output"))
        d_x, _, _ = reference.conv2d_backward(
            delta[None, None], np.zeros((1, 1, *s["size"])), weight[None, None], tuple(s["stride"]), tuple(s["padding"])
        )
        assert np.array_equal(output, d_x[0, 0]), s
        restored = [w + 2 * p - f + 1 for w, p, f in zip(s["size"], s["padding"], s["kernel"])]
        expanded = reference.expand_sensitivity_map(delta, tuple(s["stride"]), tuple(restored))
        assert np.array_equal(values(scene, "expanded"), expanded), s
        around = [(f - 1, f - 1) for f in s["kernel"]]
        assert np.array_equal(values(scene, "padded"), np.pad(expanded, around))
        assert np.array_equal(values(scene, "turned"), weight[::-1, ::-1])
        full = values(scene, "full")
        assert np.array_equal(full, reference.convolve2d(expanded, weight, "full")), s
        (top, left), (H, W) = s["padding"], s["size"]
        assert np.array_equal(full[top : top + H, left : left + W], output)
        assert scene.places == full.shape
        turned, padded = values(scene, "turned"), values(scene, "padded")
        for r, c in {(0, 0), (full.shape[0] // 2, full.shape[1] - 1), (full.shape[0] - 1, 1)}:
            seen = np.ix_(scene.details["windows"][0][r], scene.details["windows"][1][c])
            assert (padded[seen] * turned).sum() == full[r, c]


def test_zeros_are_told_apart_by_what_they_stand_for(scenes: Scenes) -> None:
    """Between neighbours, for what the floor dropped, around: all others are numbers of δ, none of which is 0."""
    dropped = 0
    for s, scene in fitting(scenes, BACK):
        kinds = np.array([list(row) for row in scene.grid("padded").kinds])
        padded, delta = values(scene, "padded"), values(scene, "source")
        assert np.array_equal(padded[kinds == INPUT], delta.ravel()) and (delta != 0).all()
        assert np.array_equal(kinds != INPUT, padded == 0)
        (h, w), (F_h, F_w) = delta.shape, s["kernel"]
        last = (F_h - 1 + (h - 1) * s["stride"][0], F_w - 1 + (w - 1) * s["stride"][1])
        for r, c in np.argwhere(kinds == DROPPED):
            assert r > last[0] or c > last[1]
            dropped += 1
        for r, c in np.argwhere(kinds == BETWEEN):
            assert F_h - 1 <= r <= last[0] and F_w - 1 <= c <= last[1]
        assert (kinds == PADDING).sum() == padded.size - values(scene, "expanded").size
        rest = [(n + 2 * p - f) % t for n, p, f, t in zip(s["size"], s["padding"], s["kernel"], s["stride"])]
        assert bool((kinds == DROPPED).any()) == any(rest) == ("the floor dropped" in scene.sentence)
    assert dropped > 1000


@pytest.mark.parametrize("explorer", [STEPPER, BACK], ids=lambda explorer: explorer.name)
def test_inputs_that_no_window_covered_get_zero_and_are_said(scenes: Scenes, explorer: Explorer) -> None:
    tried = 0
    for s, scene in fitting(scenes, explorer):
        layer = [[s[n]] * 2 if isinstance(s[n], int) else s[n] for n in ("size", "kernel", "stride", "padding")]
        uses = [np.array(geometry.visit_counts(*axis)) for axis in zip(*layer)]
        lost = np.outer(*uses) == 0
        for grid in (grid for grid in scene.grids if grid.role in ("output", "partial")):
            assert np.array_equal(np.array([list(row) for row in grid.kinds]) == LOST, lost)
            assert not np.array(grid.values)[lost].any()
        assert (f"{lost.sum()} of the {lost.size} inputs get 0" in scene.sentence) == bool(lost.any())
        assert [[len(found) for found in index] for index in (scene.rows, scene.columns)] == [u.tolist() for u in uses]
        tried += bool(lost.any())
    assert tried > 100


def test_the_transposed_convolution_is_the_one_of_the_reference_in_both_views(scenes: Scenes) -> None:
    found = fitting(scenes, TRANSPOSED)
    for s, scene in found:
        n, F, layer = s["size"], s["kernel"], (s["stride"], s["padding"], s["output_padding"])
        x, weight = values(scene, "source"), values(scene, "kernel")
        assert np.array_equal(x, transposed.IMAGE[:n, :n]) and np.array_equal(weight, transposed.KERNEL[:F, :F])
        expected = reference.conv_transpose2d(x[None, None], weight[None, None], None, *layer)[0, 0]
        assert np.array_equal(values(scene, "output"), expected), s
        size = geometry.conv_transpose_output_size(n, F, *layer)
        assert scene.output == expected.shape == (size, size)
        assert scene.lines[0].endswith(f" = {size}")
        assert scene.places == ((n, n) if s["view"] == "stamps" else values(scene, "full").shape)
        if s["view"] == "expanded":
            full = reference.cross_correlate2d(values(scene, "padded"), values(scene, "turned"))
            assert np.array_equal(values(scene, "full"), full)
    assert len(found) > 1000


def test_stamps_are_counted_and_the_checkerboard_is_one(scenes: Scenes) -> None:
    boards = 0
    for s, scene in fitting(scenes, TRANSPOSED):
        n, F, layer = s["size"], s["kernel"], (s["stride"], s["padding"], s["output_padding"])
        if s["view"] == "expanded":
            continue
        counts = reference.conv_transpose2d(np.ones((1, 1, n, n)), np.ones((1, 1, F, F)), None, *layer)[0, 0]
        assert np.array_equal(scene.grid("output").counts, counts), s
        least, most = int(counts.min()), int(counts.max())
        if least == most:
            said = "The one stamp covers it." if n == most == 1 else f"gets {most} of the stamps."
        else:
            said = f"get {least} or {most} stamps: " if most - least == 1 else f"get from {least} to {most} stamps: "
        assert said in scene.sentence, s
        diagonal = np.diagonal(counts)
        inner = any(
            diagonal[k] < diagonal[:k].max() and diagonal[k] < diagonal[k + 1 :].max()
            for k in range(1, len(diagonal) - 1)
        )
        assert ("checkerboard" in scene.sentence) == (inner and least > 0), s
        if "checkerboard" in scene.sentence:
            assert F % s["stride"]
            boards += 1
    assert boards > 50


def test_a_transposed_convolution_that_leaves_nothing_says_what_would_fit(scenes: Scenes) -> None:
    tried = 0
    names = {
        "output padding": "output_padding",
        "padding": "padding",
        "kernel": "kernel",
        "input": "size",
        "stride": "stride",
    }
    for s, scene in scenes[TRANSPOSED.name][::3]:
        layer = s["size"], s["kernel"], s["stride"], s["padding"], s["output_padding"]
        if scene.output is not None:
            continue
        with pytest.raises(ValueError):
            geometry.conv_transpose_output_size(*layer)
        offers = re.findall(
            r"an? (output padding|padding|kernel|input|stride) of at (?:least|most) (\d+)", scene.message
        )
        assert offers
        for name, number in offers:
            changed = TRANSPOSED.scene_of(TRANSPOSED.changed(s, **{names[name]: int(number)}))
            # Two things may be wrong at once; the message speaks of the first.
            assert changed.output is not None or changed.message.split(":")[0] != scene.message.split(":")[0], s
            tried += 1
    assert tried > 200


def test_what_would_fit_a_map_of_sensitivities_does_fit(scenes: Scenes) -> None:
    tried = 0
    names = {"kernel": "kernel", "padding": "padding", "input size": "size"}
    for s, scene in scenes[BACK.name]:
        if scene.output is not None or s["apart"]:
            continue
        for name, number in re.findall(r"an? (kernel|padding|input size) of at (?:least|most) (\d+)", scene.message):
            assert BACK.scene_of(BACK.changed(s, **{names[name]: int(number)})).output is not None, s
            tried += 1
    assert tried >= 3 * 4


@pytest.mark.parametrize("explorer", [STEPPER, TRANSPOSED], ids=lambda explorer: explorer.name)
def test_all_stamps_together_are_the_result(scenes: Scenes, explorer: Explorer) -> None:
    for s, scene in fitting(scenes, explorer)[::97]:
        if scene.details["stage"] != "stamps":
            continue
        results, (top, left), (H, W) = all_values(scene, "output"), scene.details["border"], scene.output
        shape = np.shape(all_values(scene, "source"))
        for d, result in enumerate(results):
            maps = [stamps.handed_on(scene, k, d, i, j) for k, i, j in np.ndindex(*shape)]
            total = sum(np.array(grid.values) for grid in maps)
            assert np.array_equal(total[top : top + H, left : left + W], result), s
            for grid, (_, i, j) in zip(maps, np.ndindex(*shape)):
                inside = np.array([list(row) for row in grid.kinds])[top : top + H, left : left + W] == INPUT
                reached = [(p, q) for p, q in np.ndindex(H, W) if i in scene.rows[p] and j in scene.columns[q]]
                assert [tuple(cell) for cell in np.argwhere(inside)] == reached == scene.reached(i, j)


def test_a_position_may_choose_a_map_as_well() -> None:
    widget = explorers.sensitivity_stepper(depth=3, filters=2, position=(1, 2, 0))
    assert widget.position == (1, 2, 0)
    assert widget.output.shape == (3, 5, 5) and widget.output_size == (5, 5)
    with pytest.raises(
        ValueError, match=r"got \(2, 0, 0\), expected a map from 0 to 1, a row from 0 to 2 and a column"
    ):
        widget.position = 2, 0, 0
    widget.direction = "from input"
    widget.position = 2, 4, 4
    widget.depth = 1
    assert widget.position == (0, 4, 4)
    widget.direction = "from output"
    assert widget.position == (0, 2, 2)
    assert "position (0, 2, 2)" in repr(widget)


@without_warnings
def test_every_way_to_look_at_stamps_has_its_picture() -> None:
    pictures = {
        still.png(explorer, explorer.changed(explorer.start(), **settings))
        for explorer, settings in [
            (STEPPER, {"depth": 3}),
            (STEPPER, {"filters": 1}),
            (STEPPER, {"direction": "from input", "depth": 2}),
            (STEPPER, {"direction": "from input", "filters": 1}),
            (STEPPER, {"position": (1, 0, 2)}),
            (BACK, {"padding": 0, "stride": 4}),
            (TRANSPOSED, {"view": "expanded"}),
            (TRANSPOSED, {"counts": True}),
            (TRANSPOSED, {"padding": 3, "size": 1}),
        ]
    }
    assert len(pictures) == 9


# ---- scenes as data -------------------------------------------------------------------------------------------------


@every_explorer
def test_a_scene_that_fits_has_its_grids_and_a_sentence(scenes: Scenes, explorer: Explorer) -> None:
    for settings, scene in fitting(scenes, explorer):
        rows, columns = scene.output
        assert scene.message == ""
        assert len(scene.sentence) > 40 and scene.sentence.endswith("."), settings
        assert scene.lines
        for grid in scene.grids:
            assert [len(row) for row in grid.kinds] == [len(row) for row in grid.values]
        assert np.shape(scene.grid("output").values) == (rows, columns)
        height, width = np.shape(scene.grids[0].values)  # the padded input, or δ
        assert all(0 <= i < height for window in scene.rows for i in window)
        assert all(0 <= j < width for window in scene.columns for j in window)
        assert not re.search(r"[{}]|None|nan", scene.sentence + "".join(scene.lines).replace("{", "").replace("}", ""))


@every_explorer
def test_settings_that_do_not_fit_say_why_and_what_would(scenes: Scenes, explorer: Explorer) -> None:
    misfits = [(s, scene) for s, scene in scenes[explorer.name] if scene.output is None]
    assert bool(misfits) == (explorer not in (STEPS, CHANNELS, STEPPER, POOLING_BACK, ONE_DIMENSION))
    for settings, scene in misfits:
        assert scene.grids == scene.rows == scene.columns == scene.lines == []
        assert re.search(r"(does not fit|too large).+ What would fit: .+\.$", scene.message), settings
        assert "{" not in scene.message


def test_what_would_fit_does_fit(scenes: Scenes) -> None:
    """Whatever a message of padding and stride offers for both axes alike makes the window fit."""
    tried = 0
    names = {"kernel": "kernel", "padding": "padding", "input size": "size", "dilation": "dilation"}
    for settings, scene in scenes[PADDING_STRIDE.name]:
        if scene.output is not None or settings["apart"]:
            continue
        offers = re.findall(r"an? (kernel|padding|input size|dilation) of at (?:least|most) (\d+)", scene.message)
        assert offers
        for name, number in offers:
            changed = PADDING_STRIDE.changed(settings, **{names[name]: int(number)})
            assert PADDING_STRIDE.scene_of(changed).output is not None, (settings, name, number)
            tried += 1
    assert tried > 300


def test_what_would_fit_a_stack_pooling_and_a_matrix_does_fit(scenes: Scenes) -> None:
    tried = 0
    for settings, scene in scenes[FIELD.name]:
        wider = re.search(r"an input of at least (\d+)", scene.message)
        layer = re.match(r"Layer (\d)", scene.message)
        if wider and layer:
            changed = settings | {"size": int(wider[1]), "layers": int(layer[1])}
            assert FIELD.scene_of(changed).output == (1, 1)
            assert FIELD.scene_of(changed | {"size": int(wider[1]) - 1}).output is None
            tried += 1
    for explorer, words in (
        (POOLING, {"padding": "padding", "window": "size"}),
        (MATRIX, {"kernel": "kernel", "input": "size"}),
    ):
        for settings, scene in scenes[explorer.name]:
            for name, number in re.findall(
                r"an? (kernel|padding|window|input) of (?:at least |at most )?(\d+)", scene.message
            ):
                changed = explorer.changed(settings, **{words.get(name, name): int(number)})
                assert explorer.scene_of(changed).output is not None, (settings, name, number)
                tried += 1
    assert tried > 200


def test_pixels_and_outputs_belong_together_both_ways() -> None:
    scene = PADDING_STRIDE.scene_of(PADDING_STRIDE.changed(PADDING_STRIDE.start(), kernel=(3, 2), stride=(2, 1)))
    rows, columns = scene.output
    pairs = {((i, j), cell) for i in range(rows) for j in range(columns) for cell in scene.window(i, j)}
    height, width = np.shape(scene.grid("input").values)
    back = {(out, (r, c)) for r in range(height) for c in range(width) for out in scene.reached(r, c)}
    assert pairs == back
    assert scene.reached(0, 0) == [(0, 0)]


# ---- what the browser gets ------------------------------------------------------------------------------------------


@every_explorer
def test_all_that_is_sent_stays_below_the_limit(explorer: Explorer) -> None:
    state = opened(explorer).get_state()
    sent = {name: state[name] for name in ("data", "controls", "title", "_settings")}
    assert len(json.dumps(sent)) <= 300_000  # json.dumps leaves no character out: this is what a notebook stores


@pytest.mark.parametrize(
    "explorer", [STEPS, CHANNELS, POOLING, POOLING_BACK, MATRIX, ONE_DIMENSION], ids=lambda explorer: explorer.name
)
def test_the_table_of_scenes_holds_every_scene(scenes: Scenes, explorer: Explorer) -> None:
    data = explorer.data()
    names = data["keys"]
    found = {"|".join(json.dumps(s[name]) for name in names): scene.to_json() for s, scene in scenes[explorer.name]}
    assert data["scenes"] == found


def test_the_setting_as_code_computes_the_output(scenes: Scenes, capsys: pytest.CaptureFixture[str]) -> None:
    for s, scene in fitting(scenes, PADDING_STRIDE)[::97]:
        program = padding_stride.code(s, "cnnlib")
        found: dict[str, Any] = {}
        exec(program, found)
        assert np.array_equal(found["net"][0, 0], values(scene, "output")), program
        assert np.array_equal(found["x"], padding_stride.IMAGE[: s["size"][0], : s["size"][1]])
        compile(padding_stride.code(s, "torch"), "torch", "exec")
    assert "{" not in program
    capsys.readouterr()


def test_the_setting_as_code_runs_in_pytorch(scenes: Scenes, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    for s, scene in fitting(scenes, PADDING_STRIDE)[::97]:
        found: dict[str, Any] = {}
        exec(padding_stride.code(s, "torch"), found)
        assert np.array_equal(found["net"][0, 0].numpy(), values(scene, "output"))
    capsys.readouterr()


@every_explorer
def test_the_data_hold_nothing_but_json(explorer: Explorer) -> None:
    sent = opened(explorer).data
    assert json.dumps(json.loads(sent), allow_nan=False) == json.dumps(explorer.data())
    assert "\\u" not in sent  # a letter such as δ takes two bytes, not six
    json.dumps([setting.to_json() for setting in explorer.settings], allow_nan=False)


# ---- the widget -----------------------------------------------------------------------------------------------------


@every_explorer
def test_every_setting_can_be_read_and_set(explorer: Explorer) -> None:
    for setting in explorer.settings:
        if isinstance(setting, Position):
            continue
        widget = opened(explorer)
        for value in setting.values():
            setattr(widget, setting.name, tuple(value) if isinstance(value, list) else value)
            assert getattr(widget, setting.name) == setting.shown(value)
            assert widget.settings[setting.name] == setting.shown(value)


@every_explorer
def test_wrong_values_raise_and_change_nothing(explorer: Explorer) -> None:
    widget = opened(explorer)
    before = json.dumps(widget._settings)
    for setting in explorer.settings:
        if isinstance(setting, Range):
            wrong = [(setting.low - 1, ValueError), (setting.high + 1, ValueError), (1.5, TypeError), ("2", TypeError)]
            wrong += [(True, TypeError), (None, TypeError)]
            wrong += [((2, 3, 4), ValueError), ((2, 99), ValueError)] if setting.pair else [((2, 2), TypeError)]
        elif isinstance(setting, Choice):
            wrong = [("nothing of the kind", ValueError), (1, TypeError)]
        elif isinstance(setting, Switch):
            wrong = [(1, TypeError), ("yes", TypeError)]
        else:
            first = setting.start[:-2]
            wrong = [
                ((*first, 99, 0), ValueError),
                ((*first, 0, -1), ValueError),
                (3, TypeError),
                ((0,), ValueError),
                ((*first, 0.0, 1), TypeError),
            ]
        for value, error in wrong:
            with pytest.raises(error, match=rf"^{setting.name}\b.*: got .+, expected"):
                setattr(widget, setting.name, value)
            assert json.dumps(widget._settings) == before
            with pytest.raises(error, match=rf"^{setting.name}\b"):
                opened(explorer, **{setting.name: value})


def test_the_page_gets_what_it_shows_and_nobody_writes_over_it() -> None:
    widget = opened(PADDING_STRIDE)
    assert {"title", "controls", "data", "_settings"} <= set(widget.keys)
    for name in ("title", "controls", "data"):
        with pytest.raises(traitlets.TraitError, match="read-only"):
            setattr(widget, name, getattr(widget, name))


def test_a_misspelt_setting_is_an_error() -> None:
    widget = explorers.padding_and_stride()
    with pytest.raises(AttributeError, match="strid: not a setting of this explorer, expected one of size, kernel"):
        widget.strid = 2
    with pytest.raises(AttributeError, match="'strid'"):
        _ = widget.strid
    with pytest.raises(TypeError, match="strid: not a setting, expected one of size"):
        explorers.padding_and_stride(strid=2)


@every_explorer
def test_no_setting_hides_a_part_of_the_widget(explorer: Explorer) -> None:
    assert [setting.name for setting in explorer.settings if hasattr(ExplorerWidget, setting.name)] == []
    assert {setting.name for setting in explorer.settings} <= set(dir(opened(explorer)))


def test_the_output_follows_the_settings() -> None:
    widget = explorers.padding_and_stride(size=(7, 9), kernel=(3, 2), padding=(1, 0), stride=(2, 3))
    image, kernel = padding_stride.IMAGE[:7, :9], padding_stride.KERNEL[:3, :2]
    expected = cnnlib.conv2d(image[None, None], kernel[None, None], np.array([1]), (2, 3), (1, 0))[0, 0]
    assert np.array_equal(widget.output, expected)
    assert widget.output_size == (4, 3)
    widget.change(kernel=5, padding=0, dilation=3)
    assert widget.output is None and widget.output_size is None


def test_rows_and_columns_go_together_or_apart() -> None:
    widget = explorers.padding_and_stride()
    assert (widget.stride, widget.apart) == (2, False)
    widget.stride = 3, 1
    assert (widget.stride, widget.apart) == ((3, 1), True)
    widget.apart = False
    assert (widget.stride, widget.apart) == (3, False)


def test_a_position_stays_inside_the_output() -> None:
    widget = explorers.padding_and_stride(position=(3, 2))
    widget.stride = 4
    assert widget.output_size == (2, 2)
    assert widget.position == (1, 1)
    with pytest.raises(ValueError, match=r"position: got \(2, 0\), expected a row from 0 to 1 .* the output is 2 × 2"):
        widget.position = 2, 0


def test_messages_from_the_browser_move_the_settings() -> None:
    widget = explorers.padding_and_stride()
    widget.set_state({"_settings": widget._settings | {"stride": [3, 3]}})
    assert widget.stride == 3
    with pytest.raises(traitlets.TraitError, match="stride"):
        widget.set_state({"_settings": widget._settings | {"stride": [9, 9]}})
    assert widget.stride == 3


def test_the_explorers_are_not_imported_with_the_package() -> None:
    program = "import cnnlib, sys; print([m for m in ('anywidget', 'ipywidgets', 'matplotlib') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_a_wheel_carries_what_the_browser_needs(tmp_path: Path) -> None:
    root = Path(cnnlib.__file__).parent.parent
    wheel = next(iter(WheelBuilder(str(root)).build(directory=str(tmp_path), versions=["standard"])))
    with zipfile.ZipFile(wheel) as archive:
        bundles = ("bundle.js", "bundle_pictures.js", "bundle_pad.js")
        for name in (*bundles, "web/card.css", "web/curves.css", "web/pixels.css", "drawing_pad.css"):
            assert archive.read(f"cnncourse/explorers/{name}") == (root / "cnncourse" / "explorers" / name).read_bytes()


# ---- pictures and texts ---------------------------------------------------------------------------------------------


@every_explorer
def test_the_text_alternative_names_every_setting_and_the_result(scenes: Scenes, explorer: Explorer) -> None:
    for settings, scene in scenes[explorer.name][::11]:
        words = explorer.text_alternative(settings)
        assert words.startswith(f"[explorer: {explorer.title}; ") and words.endswith("]")
        assert not re.search(BAD_ENGLISH, words), words
        for setting in explorer.settings:
            if isinstance(setting, Range) and not setting.used(settings):
                continue
            value = settings[setting.name]
            assert setting.label[1:] in words
            if isinstance(setting, Range):
                for number in value if setting.pair else [value]:
                    assert re.search(rf"{re.escape(setting.label[1:])} (\d+ \(rows\), )?{text_of(number)}\b", words), (
                        setting.name
                    )
            if isinstance(setting, Choice):
                assert dict(setting.options)[value] in words
        if scene.output is None:
            assert scene.message in words
        else:
            assert scene.sentence in words
            size = f"{scene.output[0]} × {scene.output[1]}"
            if explorer is ONE_DIMENSION:  # a row: its numbers are told themselves
                size = f"{scene.grid('output').title} = ({', '.join(map(text_of, scene.grid('output').values[0]))})"
            assert size in words.replace("\u00a0", " ") or explorer in (FIELD, MATRIX, POOLING_BACK)


@every_explorer
def test_the_widget_brings_a_picture_and_a_text(explorer: Explorer) -> None:
    widget = opened(explorer)
    data, metadata = widget._repr_mimebundle_()
    assert set(data) == {"text/plain", "image/png", "application/vnd.jupyter.widget-view+json"}
    assert data["text/plain"] == repr(widget) == metadata["image/png"]["alt"]
    assert "0x" not in repr(widget)
    png = base64.b64decode(data["image/png"])
    assert png.startswith(b"\x89PNG") and len(png) <= 50_000
    if explorer in (PADDING_STRIDE, FIELD, STEPPER):  # each kind of picture comes out the same again
        assert opened(explorer)._repr_mimebundle_()[0]["image/png"] == data["image/png"]


@without_warnings
@every_explorer
def test_pictures_of_other_settings_are_drawn_without_warnings_and_stay_small(explorer: Explorer) -> None:
    some = SETTINGS[explorer.name]
    rng = np.random.default_rng(1)
    chosen = [some[int(k)] for k in rng.choice(len(some), 2, replace=False)]
    ends = [{s.name: s.accept(s.high) for s in explorer.settings if isinstance(s, Range)}]
    for settings in [*chosen, *(explorer.start() | end for end in ends)]:
        assert len(base64.b64decode(still.png(explorer, explorer.changed(settings)))) <= 50_000


def test_kinds_are_told_apart_in_the_padded_input() -> None:
    scene = PADDING_STRIDE.scene_of(PADDING_STRIDE.changed(PADDING_STRIDE.start(), size=6, padding=0))
    assert scene.grid("input").kinds == [INPUT * 5 + LOST] * 5 + [LOST * 6]
    assert "Never read: the last row, the last column; in all 11 of the 36 pixels." in scene.sentence


# ---- one dimension ---------------------------------------------------------------------------------------------------


def test_one_dimension_is_what_numpy_computes() -> None:
    for settings in combinations(ONE_DIMENSION.settings):
        scene = ONE_DIMENSION.scene_of(settings)
        A, B = (np.array(row) for row in one_dimension.ROWS[settings["example"]])
        full = np.convolve(A, B) if settings["way"] == "convolution" else np.correlate(A, B, "full")
        before, after = one_dimension.around(settings["extent"], len(B))
        cut = len(B) - 1 - before, len(B) - 1 - after
        expected = full[cut[0] : len(full) - cut[1]]
        assert scene.grid("output").values == [expected.tolist()]
        padded = np.array(scene.grid("input").values[0])
        sums = [padded[places] @ scene.details["turned"] for places in scene.columns]
        assert sums == expected.tolist()
        # The index of a place: that of the full convolution, or by how much A runs ahead.
        index = scene.details["first"]
        assert index == (cut[0] if settings["way"] == "convolution" else -before)


def test_one_dimension_says_when_turning_makes_no_difference() -> None:
    explorer = explorers.convolution_in_one_dimension()
    for example in ("dice", "polynomials", "smooth", "steps"):
        explorer.change(example=example, way="convolution")
        turned = explorer.output
        sentence = explorer.scene.sentence
        explorer.way = "correlation"
        assert np.array_equal(turned, explorer.output) == ("is the same turned" in sentence)
    assert explorers.convolution_in_one_dimension().output.tolist() == [[1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1]]
