"""Figures: each says what it shows, weighs little, comes out the same every time, and shows the array's own numbers."""

from __future__ import annotations

import base64
import functools
import inspect
import io
import itertools
import os
import re
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text
from PIL import Image

import cnnlib
from cnncourse import explorers, plots
from cnncourse.plots import cells, picture
from cnnlib import BatchNorm2d, Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Residual, Sequential

RNG = np.random.default_rng(0)
DIGIT = np.clip(RNG.normal(0.3, 0.4, (1, 28, 28)), 0, 1).astype(np.float32)
COLOURED, WEIGHT = RNG.random((1, 3, 9, 5)), RNG.normal(size=(7, 3, 5, 5))
SIGNED = RNG.normal(size=(6, 9, 7))
NETWORK = Sequential(Conv2d(1, 3, 5, rng=0), ReLU(), MaxPool2d(2), Flatten(), Linear(432, 10, rng=0))
HISTORY = {"loss": [2.3, 0.9, 0.5], "accuracy": [0.1, 0.7, 0.9], "val_loss": [1.0, 0.6, 0.4], "val_accuracy": [0.5] * 3}
STAGES = {"image": DIGIT, "CONV": SIGNED, "FC": SIGNED[0, 0], "answer": np.array([0.1, 0.7, 0.2])}

# Each helper, called as a chapter would, and words that its alternative text must hold.
HELPERS = {
    "grids": (
        lambda: plots.grids(plots.grid(np.arange(6).reshape(2, 3), "x", padding=1), "⋆", plots.grid(np.eye(2), "w")),
        ["x, 2 by 3: 0 1 2; 3 4 5", "framed by padding of 1 with 0", "cross-correlated with", "w, 2 by 2: 1 0; 0 1"],
    ),
    "partial_maps": (
        lambda: plots.partial_maps(np.ones((2, 3, 4), int), np.ones((2, 2, 2), int), -1, marks=[(0, 1)]),
        ["x[1], 3 by 4", "partial map 0, 2 by 3: 4 4 4; 4 4 4", "sum minus 1", "net, 2 by 3: 7 7 7; 7 7 7"],
    ),
    "heat_map": (lambda: plots.heat_map(np.array([[1, 3], [2, 9]]), "use"), ["Use", "from 1 to 9", "1 3; 2 9"]),
    "confusion_matrix": (
        lambda: plots.confusion_matrix(np.array([3, 3, 5, 5, 5]), np.array([3, 8, 5, 3, 3])),
        ["5 images, 2 read right", "5 read as 3, 2 times", "3 read as 8, once"],
    ),
    "images": (lambda: plots.images([DIGIT, DIGIT], ["a 3", "a 5"]), ["2 images of 28 by 28", "a 3; a 5"]),
    "images in colours": (lambda: plots.images(COLOURED, light=True), ["image of 9 by 5"]),
    "image_numbers": (
        lambda: plots.image_numbers(np.arange(48, dtype=np.uint8).reshape(6, 8), (1, 2, 2, 3), title="a digit"),
        ["a digit, 6 by 8 pixels", "rows 1 to 2, columns 2 to 4: 10 11 12; 18 19 20"],
    ),
    "feature_maps": (lambda: plots.feature_maps(SIGNED, list("abcdef")), ["6 maps of 9 by 7", "a, b, c, d, e and f"]),
    "feature_maps in rows": (
        lambda: plots.feature_maps({"net": SIGNED, "ReLU": np.maximum(SIGNED, 0)}, title="Layer 1"),
        ["Layer 1", "net: 6 maps of 9 by 7", "ReLU: 6 maps of 9 by 7, values from 0 to"],
    ),
    "kernels": (
        lambda: plots.kernels(np.array([[[1, -1], [1, -1]], [[1, 1], [-1, -1]]])),
        ["2 kernels of 2 by 2", "kernel 0: 1 −1; 1 −1", "kernel 1: 1 1; −1 −1"],
    ),
    "kernels with depth": (lambda: plots.kernels(WEIGHT), ["7 kernels of 3 by 5 by 5"]),
    "layer_maps": (
        lambda: plots.layer_maps(STAGES, truth=1),
        ["image, 1 map of 28 by 28", "CONV, 6 maps of 9 by 7", "FC, 7 units", "that of 1 with 0.700", "True class: 1"],
    ),
    "probabilities": (
        lambda: plots.probabilities(np.array([0.1, 0.7, 0.2]), image=DIGIT, truth=2),
        ["3 classes: 1 with 0.700, then 2 with 0.200", "True class: 2", "An image"],
    ),
    "curves": (
        lambda: plots.curves(np.arange(1, 40), {"loops": np.arange(1, 40) ** 2.0}, xlabel="pixels", ylabel="seconds"),
        ["seconds against pixels, from 1 to 39", "loops: from 1 to 1500"],
    ),
    "activation_curves": (plots.activation_curves, ["sigmoid", "highest 0.25", "tanh", "ReLU: from 0 to 4"]),
    "learning_curves": (
        lambda: plots.learning_curves(HISTORY, epochs=9),
        ["3 epochs", "training from 2.3 to 0.5", "validation from 1 to 0.4", "from 10 % to 90 %"],
    ),
    "histogram": (
        lambda: plots.histogram({"first": SIGNED, "last": SIGNED * 0.1}, xlabel="net"),
        ["Histogram of net", "first: 378 values", "last: 378 values", "standard deviation"],
    ),
    "bars": (
        lambda: plots.bars({"dense": 100_000_100, "shared": 280}, xlabel="parameters", log=True, highlight=["shared"]),
        ["parameters, on a logarithmic scale", "dense: 100,000,100", "shared: 280"],
    ),
    "volumes": (
        lambda: plots.volumes([("in", (3, 8, 8), "", 3), ("CONV", (5, 6, 6), "5 kernels"), ("FC", (7,))]),
        ["in, 3 × 8 × 8", "CONV, 5 × 6 × 6, 5 kernels", "FC, 7 units"],
    ),
    "network_volumes": (
        lambda: plots.network_volumes(NETWORK, (1, 28, 28)),
        ["input, 1 × 28 × 28", "CONV, RELU, 3 × 24 × 24, 3 kernels of 5 × 5, 78 parameters", "FC, 10 units, 4,330"],
    ),
}


def texts(shown: plots.Picture) -> list[str]:
    """Return all texts drawn in a figure."""
    return [text.get_text() for text in shown.figure.findobj(matplotlib.text.Text) if text.get_text()]


def pixels(shown: plots.Picture) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(shown.png)).convert("RGB")).astype(int)


def painted(shown: plots.Picture, place: int = 0) -> np.ndarray:
    """Return the colours (H, W, 3) of an image in a figure."""
    return np.asarray(shown.figure.axes[0].images[place].get_array())


@functools.cache
def drawn(name: str) -> plots.Picture:
    return HELPERS[name][0]()


@pytest.fixture(params=HELPERS)
def helper(request: pytest.FixtureRequest) -> str:
    return request.param


# ---- every figure ---------------------------------------------------------------------------------------------------


def test_every_helper_is_tried_here() -> None:
    drawn = {name for name in plots.__all__ if name[0].islower()} - {"grid"}
    assert drawn == {name.split()[0] for name in HELPERS}


def test_the_alternative_text_names_what_is_seen(helper) -> None:
    alt = drawn(helper).alt
    assert [words for words in HELPERS[helper][1] if words not in alt] == []
    assert not re.search(r"\bnan\b|\bNone\b|\n|\d\.\d{5}|\d{7}", alt)
    assert alt.endswith(".")


def test_a_picture_is_small_and_readable(helper) -> None:
    shown = drawn(helper)
    assert len(shown.png) <= 50_000
    assert shown.width <= 900
    width, height = Image.open(io.BytesIO(shown.png)).size
    assert width >= shown.width  # at least one dot for each pixel of the page
    assert width / height == pytest.approx(shown.width / shown.height, rel=0.02)
    for text in shown.figure.findobj(matplotlib.text.Text):
        if text.get_text() and text.get_visible():
            assert text.get_fontsize() >= 6.5


def test_nothing_is_cut_off(helper) -> None:
    all_of_it = pixels(drawn(helper))
    edge = np.concatenate([all_of_it[0], all_of_it[-1], all_of_it[:, 0], all_of_it[:, -1]])
    assert edge.min() == 255


def test_texts_lie_inside_the_figure(helper) -> None:
    shown = drawn(helper)
    written = list(shown.figure.texts)
    for axes in shown.figure.axes:
        written += [*axes.texts, *([axes.title, axes.xaxis.label, axes.yaxis.label] if axes.axison else [])]
    with picture.style():
        renderer, sheet = shown.figure.canvas.get_renderer(), shown.figure.bbox
        for text in written:
            if text.get_text():
                box = text.get_window_extent(renderer)
                assert box.x0 >= sheet.x0 and box.x1 <= sheet.x1, text.get_text()
                assert box.y0 >= sheet.y0 and box.y1 <= sheet.y1, text.get_text()


def test_bytes_come_out_the_same(helper) -> None:
    assert HELPERS[helper][0]().png == drawn(helper).png


def test_alt_replaces_the_composed_text() -> None:
    assert plots.heat_map(np.eye(2), alt="two ones").alt == "two ones"
    assert repr(plots.heat_map(np.eye(2), alt="two ones")) == "[figure: two ones]"
    assert plots.curves([1, 2], {"a": [1, 2]}, xlabel="x", ylabel="y", alt="a line").alt == "a line"


# ---- how a notebook sees it -----------------------------------------------------------------------------------------


def test_the_bundle_has_text_html_and_png() -> None:
    shown = plots.heat_map(np.eye(2), alt='one < two & "three"')
    data, metadata = shown._repr_mimebundle_()
    assert set(data) == {"text/plain", "text/html", "image/png"}
    assert data["text/plain"] == '[figure: one < two & "three"]'
    assert 'alt="one &lt; two &amp; &quot;three&quot;"' in data["text/html"]
    assert base64.b64decode(data["image/png"]) == shown.png
    assert f'src="data:image/png;base64,{data["image/png"]}"' in data["text/html"]
    assert metadata["image/png"] == {"width": shown.width, "height": shown.height}


def test_a_figure_of_curves_keeps_their_numbers_in_the_metadata() -> None:
    ys = {"one": [4.0, 0.25, np.nan], "two": [-1, 1500, 0.00001], "elsewhere": ([7, 8], [1, 2])}
    shown = plots.curves([1, 2, 3], ys, xlabel="layers\nn", ylabel="loss")
    data, metadata = shown._repr_mimebundle_()
    assert [table.split("\n") for table in metadata["tables"]] == [
        ["loss against layers n", "layers n\tone\ttwo", "1\t4\t−1", "2\t0.25\t1500", "3\tNaN\t1e−05"],
        ["loss against layers n", "layers n\telsewhere", "7\t1", "8\t2"],
    ]
    assert "tables" not in plots.heat_map(np.eye(2))._repr_mimebundle_()[1]
    assert "table" not in data["text/html"]


def test_a_long_curve_gives_few_rows_with_both_ends_and_says_so() -> None:
    table = plots.curves(np.arange(801), {"square": np.arange(801) ** 2}, xlabel="x", ylabel="y").tables[0]
    assert table.caption == "y against x, 25 of 801 points"
    assert [row[0] for row in table.rows[::24]] == ["0", "800"] and len(table.rows) == 25
    steps = np.diff([int(row[0]) for row in table.rows])
    assert set(steps) <= {33, 34}


def test_learning_curves_and_histograms_have_tables_too() -> None:
    loss, share = plots.learning_curves(HISTORY).tables
    assert loss.columns == share.columns == ["epoch", "training", "validation"]
    assert loss.rows == [["1", "2.3", "1"], ["2", "0.9", "0.6"], ["3", "0.5", "0.4"]]
    assert [row[1] for row in share.rows] == ["10", "70", "90"]
    [histogram] = plots.histogram(np.array([1.0, 2.0, 2.0, 3.0]), xlabel="net", bins=2).tables
    assert histogram.columns == ["net from", "to", "how many"]
    assert histogram.rows == [["1", "2", "1"], ["2", "3", "3"]]


def test_a_picture_without_words_is_refused() -> None:
    with pytest.raises(ValueError, match="alt: got ' '"):
        plots.Picture(picture.blank(1, 1), " ")


def test_save_writes_the_png(tmp_path) -> None:
    shown = plots.heat_map(np.eye(2))
    shown.save(tmp_path / "eye.png")
    assert (tmp_path / "eye.png").read_bytes() == shown.png


def test_a_figure_too_rich_for_the_limit_gets_fewer_dots_and_then_an_error(monkeypatch) -> None:
    noise = RNG.random((6, 30, 30))
    usual = plots.feature_maps(noise)
    monkeypatch.setattr(picture, "SHARPNESS", ((2, 10_000), (1, 12_000), (0.5, 50_000)))
    assert len(plots.feature_maps(noise).png) < len(usual.png)
    monkeypatch.setattr(picture, "SHARPNESS", ((1, 100),))
    with pytest.raises(ValueError, match=r"figure: got [\d,]+ bytes"):
        plots.feature_maps(noise)


@pytest.mark.parametrize("name", ["activation_function", "padding_and_stride", "pixels_of_a_digit", "drawing_pad"])
def test_where_nobody_looks_an_explorer_is_drawn_once_and_says_the_same(name, monkeypatch) -> None:
    assert picture.COARSE not in os.environ  # these tests look
    usual, metadata = getattr(explorers, name)()._repr_mimebundle_()
    monkeypatch.setenv(picture.COARSE, "1")
    coarse, same = getattr(explorers, name)()._repr_mimebundle_()
    assert len(coarse["image/png"]) < len(usual["image/png"])
    assert coarse["text/plain"] == usual["text/plain"] and same == metadata


def test_where_nobody_looks_a_figure_is_drawn_once_and_says_the_same(monkeypatch) -> None:
    usual = plots.curves([1, 2], {"a": [1, 2], "b": [2, 4]}, xlabel="x", ylabel="y")
    monkeypatch.setenv(picture.COARSE, "1")
    asked, draw = [], picture.pixels
    monkeypatch.setattr(picture, "pixels", lambda figure, sharpness: asked.append(sharpness) or draw(figure, sharpness))
    coarse = plots.curves([1, 2], {"a": [1, 2], "b": [2, 4]}, xlabel="x", ylabel="y")
    assert asked == [picture.SHARPNESS[-1][0]]
    assert (coarse.alt, coarse.tables, coarse.width) == (usual.alt, usual.tables, usual.width)


def test_pyplot_and_the_readers_settings_stay_alone() -> None:
    program = (
        "import sys, matplotlib\n"
        "matplotlib.rcParams['font.size'] = 33\n"
        "from cnncourse import plots\n"
        "a = plots.activation_curves().png\n"
        "assert matplotlib.rcParams['font.size'] == 33\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "matplotlib.rcdefaults()\n"
        "assert plots.activation_curves().png == a\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_package_itself_does_not_import_matplotlib() -> None:
    program = "import sys, cnnlib; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_live_replaces_its_figure(monkeypatch) -> None:
    import IPython.display

    calls = []

    class Handle:
        def update(self, shown):
            calls.append(("update", shown))

    def display(shown, display_id):
        calls.append(("display", shown))
        return Handle()

    monkeypatch.setattr(IPython.display, "display", display)
    first, second = plots.heat_map(np.eye(2)), plots.heat_map(np.eye(3))
    live = plots.Live()
    live.show(first)
    live.show(second)
    assert calls == [("display", first), ("update", second)]


# ---- colours --------------------------------------------------------------------------------------------------------


def test_zero_is_white_and_the_ends_are_dark() -> None:
    values = np.array([-2.0, 0.0, 1.0, 4.0])
    signed = picture.colours(values, True)
    assert signed[1] == pytest.approx(1)
    assert signed[0][2] > signed[0][0]  # below zero: blue
    assert signed[3][0] > signed[3][2]  # above zero: red
    # -2 is half of the limit 4, so it is less dark than the end of the scale
    assert signed[0].sum() > picture.colours(np.array([-4.0]), True, 4.0)[0].sum()
    unsigned = picture.colours(values[1:], False)
    assert unsigned[0] == pytest.approx(1)
    assert unsigned[0].sum() > unsigned[1].sum() > unsigned[2].sum()
    assert np.ptp(unsigned, axis=1).max() == 0  # grey


def test_signed_maps_are_centred_however_unequal_their_ends_are() -> None:
    maps = np.zeros((1, 4, 4))
    maps[0, 0], maps[0, 1, 0] = 5, -1
    shown = plots.feature_maps(maps)
    assert painted(shown)[2, 0] == pytest.approx(1)
    assert {"5", "0", "−5"} <= set(texts(shown))


def test_signed_can_be_said() -> None:
    assert picture.is_signed(np.array([1.0]), None) is False
    assert picture.is_signed(np.array([-1.0]), None) is True
    assert picture.is_signed(np.array([1.0]), True) is True
    assert "−1" in texts(plots.feature_maps(np.ones((1, 3, 3)), signed=True))
    assert "−1" not in texts(plots.feature_maps(np.ones((1, 3, 3))))


def test_maps_share_a_scale_or_do_not() -> None:
    maps = np.stack([np.full((4, 4), 1.0), np.full((4, 4), 2.0)])
    shared = [image.get_array() for image in plots.feature_maps(maps).figure.axes[0].images[:2]]
    apart = [image.get_array() for image in plots.feature_maps(maps, shared=False).figure.axes[0].images[:2]]
    assert shared[0].mean() > shared[1].mean()
    assert apart[0].mean() == apart[1].mean()


def test_the_palette_keeps_rare_colours() -> None:
    drawn = np.full((60, 60, 3), 255, np.uint8)
    drawn[:, :40] = RNG.integers(100, 140, (60, 40, 3))  # 2,400 different greyish colours
    drawn[0, 59] = (200, 0, 0)
    for shades in (256, 64):
        back = np.asarray(Image.open(io.BytesIO(picture.palette_png(drawn, shades))).convert("RGB")).astype(int)
        assert back[0, 59].tolist() == [200, 0, 0]
        assert back[30, 50].tolist() == [255, 255, 255]
        assert np.abs(back - drawn).max() <= 40


def test_few_colours_stay_exact() -> None:
    drawn = RNG.integers(0, 4, (20, 30, 3)).astype(np.uint8) * 80
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(picture.palette_png(drawn, 64))).convert("RGB")), drawn)


# ---- grids ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        np.arange(-6, 6).reshape(3, 4),
        np.array([[0.5, -1.25], [1 / 3, 0.0], [1e-9, 0.004]]),
        np.array([[-1.008, 0.99], [-0.009, 1.0]]),
        np.array([[True, False]]),
        np.array([[np.nan, -np.inf]]),
    ],
)
def test_a_grid_writes_the_numbers_of_its_array_in_their_places(values) -> None:
    made = plots.grid(values)
    shown = plots.grids(made)
    found = {}
    for text in shown.figure.findobj(matplotlib.text.Text):
        if text.get_text():
            x, y = text.get_position()
            found[round(y, 3), round(x, 3)] = text.get_text()
    rows, columns = sorted({y for y, _ in found}), sorted({x for _, x in found})
    assert (len(rows), len(columns)) == values.shape
    for i, y in enumerate(rows):
        for j, x in enumerate(columns):
            number = float(found[y, x].replace("−", "-").replace("∞", "inf"))
            assert number == pytest.approx(float(values[i, j]), abs=0.0051, nan_ok=True)


def test_three_decimals_are_written_where_they_are_all_there_is() -> None:
    assert plots.grid(np.array([[-1.008, 0.99]])).texts() == [["−1.008", "0.99"]]
    assert plots.grid(np.array([[-1.008, 0.99]]), decimals=3).texts() == [["−1.008", "0.990"]]
    assert plots.grid(np.array([[1 / 3, 0.004]])).texts() == [["0.33", "0.004"]]


def test_padding_is_drawn_around_and_said() -> None:
    made = plots.grid(np.ones((2, 3), int), "x", padding=(1, 2), padding_value=-np.inf)
    assert made.padded.shape == (4, 7)
    assert made.padded[1, 2] == 1 and made.padded[0, 0] == -np.inf
    assert made.dashed.sum() == 4 * 7 - 6 and not made.dashed[1:3, 2:5].any()
    drawn = texts(plots.grids(made))
    assert (drawn.count("−∞"), drawn.count("1")) == (22, 6)
    assert "padding of 1 row and 2 columns with −∞" in plots.grids(made).alt


def test_marks_have_a_border_and_a_hatch_and_are_said() -> None:
    plain = plots.grids(plots.grid(np.zeros((4, 5), int), "x"))
    made = plots.grid(np.zeros((4, 5), int), "x", marks=[(1, 2, 2, 3), plots.Window(0, 0, 2, 2, step=2)])
    shown = plots.grids(made)
    hatches = {patch.get_hatch() for patch in shown.figure.findobj(matplotlib.patches.Rectangle)} - {None}
    assert len(hatches) == 2  # each mark has its own
    borders = [p for p in shown.figure.findobj(matplotlib.patches.Rectangle) if p.get_linewidth() > 2]
    assert len(borders) == 1 + 4  # one window in one piece, a dilated one cell by cell
    assert "marked rows 1 to 2, columns 2 to 4" in shown.alt
    assert "marked rows 0 and 2, columns 0 and 2" in shown.alt
    assert shown.png != plain.png


def test_lost_cells_are_crossed_out_and_said() -> None:
    shown = plots.grids(plots.grid(np.zeros((4, 5), int), "x", lost=(1, 2)))
    crosses = [p for p in shown.figure.findobj(matplotlib.patches.Polygon) if len(p.get_xy()) == 2]
    assert len(crosses) == 2 * (5 + 2 * 3)
    assert "never read: the last row and the last 2 columns" in shown.alt


def test_inserted_zeros_look_like_padding() -> None:
    faint = np.array([[False, True]])
    assert np.array_equal(plots.grid(np.zeros((1, 2)), faint=faint).dashed, faint)


def test_texts_can_stand_in_cells() -> None:
    shown = plots.grids(plots.grid(np.array([["w00", "0"], ["w10", "w11"]]), "W"), "×", np.ones((2, 1), int))
    assert {"w00", "w10", "w11", "×"} <= set(texts(shown))
    assert "W, 2 by 2: w00 0; w10 w11; times; grid, 2 by 1: 1; 1" in shown.alt


def test_an_operator_between_stacks_stands_in_every_row() -> None:
    x, w = np.ones((3, 4, 4), int), np.ones((3, 2, 2), int)
    assert texts(plots.grids(x, "⋆", w, "=", np.ones((1, 1), int))).count("⋆") == 3
    assert texts(plots.grids(list(x), "⋆", list(w), "=", np.ones((1, 1), int))).count("=") == 1


def test_wide_rows_shrink_to_the_page() -> None:
    wide = plots.grids(*[np.ones((3, 9), int)] * 4)
    assert wide.width <= 900


def test_large_grids_are_told_by_their_range() -> None:
    assert "values from 0 to 80" in plots.grids(np.arange(81).reshape(9, 9)).alt
    assert "1; 2" not in plots.grids(np.arange(81).reshape(9, 9)).alt


@pytest.mark.parametrize(
    ("error", "message", "call"),
    [
        (TypeError, "values: got list", lambda: plots.grid([[1]])),
        (ValueError, r"values: got shape \(3,\)", lambda: plots.grid(np.ones(3))),
        (ValueError, r"marks: got \(0, 2, 2, 2, 1\)", lambda: plots.grid(np.ones((3, 3)), marks=[(0, 2, 2, 2)])),
        (ValueError, r"marks: got \(-1, 0", lambda: plots.grid(np.ones((3, 3)), marks=[(-1, 0)])),
        (ValueError, "padding: got -1", lambda: plots.grid(np.ones((3, 3)), padding=-1)),
        (ValueError, "faint: got shape", lambda: plots.grid(np.ones((3, 3)), faint=np.ones((2, 2), bool))),
        (ValueError, "columns: got no grid", lambda: plots.grids("=")),
        (ValueError, "weight: got shape", lambda: plots.partial_maps(np.ones((2, 3, 3)), np.ones((3, 2, 2)))),
        (ValueError, "labels: got class numbers", lambda: plots.confusion_matrix(np.array([10]), np.array([1]))),
        (ValueError, "shown: got no image", lambda: plots.images([])),
        (ValueError, r"image: got shape \(2, 4, 4\)", lambda: plots.images([np.ones((2, 4, 4))])),
        (ValueError, "titles: got 1, expected one for each of the 2", lambda: plots.images([DIGIT, DIGIT], ["a"])),
        (ValueError, "window: got", lambda: plots.image_numbers(DIGIT, (20, 20, 9, 9))),
        (ValueError, "maps: got shape", lambda: plots.feature_maps(np.ones((2, 1, 4, 4)))),
        (ValueError, "maps: got shape", lambda: plots.feature_maps(np.ones((0, 4, 4)))),
        (ValueError, "weight: got shape", lambda: plots.kernels(np.ones((3, 3)))),
        (ValueError, r"stages\['a'\]: got shape", lambda: plots.layer_maps({"a": np.ones((3, 3))})),
        (ValueError, "p: got shape", lambda: plots.probabilities(np.ones((2, 3)))),
        (ValueError, r"ys\['a'\]: got shape", lambda: plots.curves([1, 2], {"a": [1]}, xlabel="x", ylabel="y")),
        (ValueError, "names: got 'swish'", lambda: plots.activation_curves(["swish"])),
        (ValueError, "values: got none", lambda: plots.histogram(np.zeros(0), xlabel="x")),
        (ValueError, "values: got 0", lambda: plots.bars({"a": 0}, xlabel="x", log=True)),
        (ValueError, "stages: got shape", lambda: plots.volumes([("a", (3, 3))])),
    ],
)
def test_wrong_arguments_are_named(error, message, call) -> None:
    with pytest.raises(error, match=message):
        call()


# ---- what the helpers compute ---------------------------------------------------------------------------------------


def test_partial_maps_are_those_of_the_package() -> None:
    x, w = RNG.integers(-3, 4, (3, 5, 6)), RNG.integers(-2, 3, (3, 3, 2))
    shown = plots.partial_maps(x, w, bias=2, stride=(2, 1), padding=(1, 0))
    net = cnnlib.conv2d(x[None], w[None], np.array([2]), (2, 1), (1, 0))[0, 0].astype(int)
    parts = [
        cnnlib.conv2d(x[d][None, None], w[d][None, None], None, (2, 1), (1, 0))[0, 0].astype(int) for d in range(3)
    ]
    assert np.array_equal(sum(parts) + 2, net)
    for name, part in zip(["partial map 0", "partial map 1", "partial map 2", "net"], [*parts, net], strict=True):
        assert plots.grid(part, name).spoken() in shown.alt
    assert "sum plus 2" in shown.alt


def test_marks_of_a_partial_map_are_its_windows() -> None:
    shown = plots.partial_maps(np.ones((1, 6, 7), int), np.ones((1, 2, 3), int), stride=(2, 3), marks=[(2, 1)])
    assert "marked rows 4 to 5, columns 3 to 5" in shown.alt
    assert "marked row 2, column 1" in shown.alt


def test_a_confusion_matrix_counts() -> None:
    labels, read = RNG.integers(0, 10, 300), RNG.integers(0, 10, 300)
    shown = plots.confusion_matrix(labels, read)
    counted = sorted(int(text) for text in texts(shown) if text.isdigit())
    expected = [sum((labels == i) & (read == j)) for i in range(10) for j in range(10)]
    assert counted == sorted([n for n in expected if n] + list(range(10)) * 2)
    assert f"300 images, {(labels == read).sum()} read right" in shown.alt


def test_image_numbers_are_the_images() -> None:
    image = RNG.integers(0, 256, (3, 12, 10), dtype=np.uint8)
    shown = plots.image_numbers(image, (3, 2, 4, 5))
    assert [t for t in texts(shown) if t.isdigit()] == [str(v) for v in image[:, 3:7, 2:7].ravel()]
    assert {"red", "green", "blue"} <= set(texts(shown))


def test_images_are_drawn_as_ink_or_as_light() -> None:
    ramp = np.linspace(0, 1, 9).reshape(1, 1, 9)
    ink, light = (painted(plots.images(ramp, light=light)) for light in (False, True))
    assert ink[0, 0] == pytest.approx(1) and ink[0, -1].max() < 0.1
    assert light[0, 0] == pytest.approx(0) and light[0, -1] == pytest.approx(1)
    assert painted(plots.images((ramp * 255).astype(np.uint8))) == pytest.approx(ink, abs=0.005)


def test_feature_maps_draws_every_map_unchanged() -> None:
    shown = plots.feature_maps(SIGNED, shared=False)
    drawn = [np.asarray(image.get_array()) for image in shown.figure.axes[0].images]
    assert len(drawn) == len(SIGNED)
    for values, rgb in zip(SIGNED, drawn):
        assert rgb == pytest.approx(picture.colours(values, True, np.abs(values).max()))


def test_layer_maps_takes_pairs_whose_names_occur_twice() -> None:
    pairs = [("POOL", SIGNED), ("POOL", SIGNED[None, :2]), ("FC", SIGNED[0, :1]), ("answer", np.array([1.0, 0.0]))]
    shown = plots.layer_maps(pairs)
    assert texts(shown).count("POOL") == 2
    assert "POOL, 6 maps of 9 by 7; POOL, 2 maps of 9 by 7; FC, 7 units; answer, 2 prob" in shown.alt


def test_layer_maps_points_to_the_left_for_a_way_back() -> None:
    stages = [("∂E/∂x", SIGNED), ("δ", SIGNED)]
    for backwards, arrow in ((False, "›"), (True, "‹")):
        shown = texts(plots.layer_maps(stages, backwards=backwards))
        assert [text for text in shown if text in ("‹", "›")] == [arrow]


def test_layer_maps_draws_all_units_of_a_vector_column_by_column() -> None:
    units = np.arange(1.0, 121.0)
    block = np.asarray(
        plots.layer_maps({"image": DIGIT, "FC": units, "p": np.ones(2) / 2}).figure.axes[0].images[1].get_array()
    )
    assert block.shape == (24, 5, 3)
    assert block.transpose(1, 0, 2).reshape(120, 3) == pytest.approx(picture.colours(units, False))


def test_stages_of_layer_maps_stand_beside_each_other_however_wide_they_are() -> None:
    stages = {"image": DIGIT, "FC 1": np.arange(480.0), "FC 2": np.arange(240.0), "p": np.ones(2) / 2}
    extents = [image.get_extent() for image in plots.layer_maps(stages).figure.axes[0].images]
    assert len(extents) == 3
    assert all(right < left for (_, right, *_), (left, *_) in itertools.pairwise(extents))


def test_a_wide_table_beside_an_image_shrinks_to_the_page() -> None:
    shown = plots.image_numbers(np.zeros((30, 30), np.uint8), (0, 0, 2, 28))
    assert shown.figure.get_figwidth() <= 1.05 * picture.WIDEST  # cells are rounded to whole pixels


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.0, "0.000"), (0.0004, "<0.001"), (0.0006, "0.001"), (0.97, "0.970"), (0.9996, ">0.999"), (1.0, "1.000")],
)
def test_a_probability_is_never_told_as_certain_when_it_is_not(value, told) -> None:
    assert told in texts(plots.probabilities(np.array([value, 1 - value])))


def test_probabilities_are_as_long_as_they_are_large() -> None:
    shown = plots.probabilities(np.array([0.25, 0.5, 0.125]))
    lengths = [bar.get_width() for bar in shown.figure.axes[0].patches]
    assert np.array(lengths) / lengths[1] == pytest.approx([0.5, 1, 0.25])
    assert [bool(bar.get_hatch()) for bar in shown.figure.axes[0].patches] == [False, True, False]


def test_a_few_whole_numbers_on_a_logarithmic_axis_are_written_as_they_are() -> None:
    sizes = [8, 16, 32, 64]
    [axes] = plots.curves(sizes, {"loops": sizes}, xlabel="size", ylabel="s", log_x=True, log_y=True).figure.axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["8", "16", "32", "64"]
    assert axes.get_xticks().tolist() == sizes and not axes.get_xticks(minor=True).size
    steps = 10.0 ** -np.arange(12)
    [axes] = plots.curves(steps, {"error": steps}, xlabel="h", ylabel="e", log_x=True).figure.axes
    assert axes.get_xticks(minor=True).size or len(axes.get_xticks()) < len(steps)


def test_curves_draw_the_numbers_given() -> None:
    x, y = np.arange(4.0), np.array([1.0, 0.1, 0.01, 0.001])
    shown = plots.curves(x, {"a": y, "b": (x[:2], y[:2])}, xlabel="n", ylabel="s", log_y=True)
    lines = shown.figure.axes[0].lines
    assert np.array_equal(lines[0].get_xydata(), np.stack([x, y], axis=1))
    assert np.array_equal(lines[1].get_xydata(), np.stack([x[:2], y[:2]], axis=1))
    assert shown.figure.axes[0].get_yscale() == "log"
    assert lines[0].get_linestyle() != lines[1].get_linestyle() and lines[0].get_marker() != lines[1].get_marker()
    assert (shown.figure.axes[0].get_xlabel(), shown.figure.axes[0].get_ylabel()) == ("n", "s")


def test_activation_curves_are_the_functions_of_the_package() -> None:
    left, right = plots.activation_curves(["tanh", "leaky ReLU"]).figure.axes
    z, y = left.lines[0].get_xydata().T
    assert y == pytest.approx(np.tanh(z))
    z, y = right.lines[1].get_xydata().T
    assert y == pytest.approx(cnnlib.leaky_relu_derivative(z))


def test_learning_curves_keep_their_axis_while_learning() -> None:
    first, later = ({key: values[:n] for key, values in HISTORY.items()} for n in (1, 3))
    limits = [plots.learning_curves(history, epochs=20).figure.axes[0].get_xlim() for history in (first, later)]
    assert limits == [(0.5, 20.5)] * 2
    right = plots.learning_curves(HISTORY).figure.axes[1].lines[0].get_ydata()
    assert right == pytest.approx([10, 70, 90])


def test_learning_curves_can_begin_before_the_first_epoch() -> None:
    empty = {name: [] for name in HISTORY}
    assert plots.learning_curves(empty, epochs=5).alt == "No epoch yet."


def test_a_histogram_counts() -> None:
    values = np.array([0.0, 0.1, 0.9, 1.0, 1.0])
    shown = plots.histogram(values, xlabel="x", bins=2)
    assert [bar.get_height() for bar in shown.figure.axes[0].patches] == [2, 3]


def test_bars_are_as_long_as_they_should_be() -> None:
    shown = plots.bars({"a": 10, "b": 10_000}, xlabel="n", log=True)
    ends = [bar.get_x() + bar.get_width() for bar in shown.figure.axes[0].patches]
    assert ends == pytest.approx([10, 10_000])
    for least, first in ((2, 1), (1, 0.1), (20, 10)):  # at a power of ten that leaves the shortest bar a length
        shown = plots.bars({"a": least, "b": 500}, xlabel="n", log=True)
        assert shown.figure.axes[0].get_xlim() == pytest.approx((first, 1000))
    shown = plots.bars({"a": 26.2, "b": 15.3}, xlabel="error (%)")
    assert [bar.get_width() for bar in shown.figure.axes[0].patches] == pytest.approx([26.2, 15.3])


def test_network_volumes_tells_what_the_summary_tells() -> None:
    network = cnnlib.lenet5(rng=0)
    alt = plots.network_volumes(network, (1, 28, 28)).alt
    for row in network.summary((1, 28, 28)):
        if row.parameters:
            shape = (
                " × ".join(map(str, row.output_shape)) if len(row.output_shape) == 3 else f"{row.output_shape[0]} units"
            )
            assert shape in alt
            assert f"{row.parameters:,} parameters" in alt


def test_network_volumes_draws_blocks_batch_normalisation_and_dropout() -> None:
    network = Sequential(
        Sequential(Conv2d(1, 2, 3, rng=0), BatchNorm2d(2), ReLU()),
        Residual(Conv2d(2, 2, 3, padding=1, rng=0), Residual(Conv2d(2, 2, 3, padding=1, rng=0)), BatchNorm2d(2)),
        MaxPool2d(2), Dropout(0.25), Residual(ReLU()), Flatten(), Linear(18, 10, rng=0),
    )  # fmt: skip
    shown = plots.network_volumes(network, (1, 8, 8))
    assert "CONV, BN, RELU, 2 × 6 × 6, 2 kernels of 3 × 3, 20 parameters, BN: 4 parameters" in shown.alt
    assert "CONV, ⊕, BN, ⊕, 2 × 6 × 6" in shown.alt
    assert "BN: 4 parameters, plus the box 1 to the left, plus the box 2 to the left" in shown.alt
    assert "POOL, RELU, ⊕, 2 × 3 × 3, windows of 2 × 2, dropout 0.25" in shown.alt
    inner, outer = [line.get_xydata() for line in shown.figure.axes[0].lines if line.get_color() == picture.INK]
    for start, over, above, end in (inner, outer):  # up from one box, over those between, down to another
        assert start[0] == over[0] < above[0] == end[0]
        assert over[1] == above[1] < min(start[1], end[1])
    assert outer[0, 0] < inner[0, 0] and outer[1, 1] < inner[1, 1] and outer[3, 0] < inner[3, 0]


@pytest.mark.parametrize("name", sorted({name.split()[0] for name in HELPERS}))
def test_the_docstring_of_a_helper_tells_all_its_parameters(name) -> None:
    helper = getattr(plots, name)
    told = inspect.getdoc(helper).partition("Examples\n--------")[0]
    named = {word.strip(" *") for line in told.split("\n") for word in line.partition(" :")[0].split(",")}
    missing = set(inspect.signature(helper).parameters) - named
    assert missing == set()


def test_a_window_is_the_cells_that_a_dilated_kernel_reads() -> None:
    assert cells.Window(1, 0, 2, 2, 3).cells() == [(1, 0), (1, 3), (4, 0), (4, 3)]


# ---- where things stand ---------------------------------------------------------------------------------------------


def drawn_text(shown: plots.Picture, words: str) -> matplotlib.text.Text:
    [found] = [text for text in shown.figure.findobj(matplotlib.text.Text) if text.get_text() == words]
    return found


def rectangles(shown: plots.Picture) -> list[matplotlib.patches.Rectangle]:
    patches = shown.figure.axes[0].patches
    return [patch for patch in patches if isinstance(patch, matplotlib.patches.Rectangle)]


def frames(shown: plots.Picture) -> list[matplotlib.transforms.Bbox]:
    """Return the outlines of the grids of a figure, in inches, from the left; y goes down."""
    boxes = [patch for patch in rectangles(shown) if patch.get_linewidth() == 1.2]
    return sorted((patch.get_bbox() for patch in boxes), key=lambda outline: outline.x0)


@pytest.mark.parametrize(
    ("sharpness", "allowed"), [(2, 30_000), (1.5, 40_000), (1.25, 50_000), (1, 50_000), (0.75, 50_000), (0.5, 50_000)]
)
def test_a_png_is_as_sharp_as_its_bytes_allow(monkeypatch, sharpness, allowed) -> None:
    """At what is sharper the PNG is too large here, at what is less sharp it has one byte."""
    monkeypatch.setattr(picture, "pixels", lambda figure, asked: asked)

    def drawn_with(size: int) -> int:
        sizes = {sharpness: size}
        png = lambda asked, shades: bytes(sizes.get(asked, 60_000 if asked > sharpness else 1))
        monkeypatch.setattr(picture, "palette_png", png)
        return len(picture.small_png(picture.blank(1, 1)))

    assert drawn_with(allowed) == allowed
    if sharpness > 0.5:
        assert drawn_with(allowed + 1) == 1
    else:
        with pytest.raises(ValueError, match="50,001 bytes at the lowest resolution, expected at most 50,000"):
            drawn_with(allowed + 1)


def test_fewer_colours_are_tried_where_they_may_suffice(monkeypatch) -> None:
    monkeypatch.setattr(picture, "pixels", lambda figure, asked: asked)
    for size, tried in ((60_000, [(2, 256), (2, 64), (1.5, 256)]), (60_001, [(2, 256), (1.5, 256)])):
        asked_for = []
        monkeypatch.setattr(
            picture,
            "palette_png",
            lambda asked, shades: asked_for.append((asked, shades)) or bytes(size if asked == 2 else 1),  # noqa: B023
        )
        picture.small_png(picture.blank(1, 1))
        assert asked_for == tried


def test_texts_are_measured_in_inches() -> None:
    # in DejaVu Sans a digit is 1303 of 2048 parts of the size wide, a bold one 1425; 72 points are an inch
    assert picture.text_width("0" * 20, 72) == pytest.approx(20 * 1303 / 2048, rel=2e-3)
    assert picture.text_width("0" * 20, 36, bold=True) == pytest.approx(10 * 1425 / 2048, rel=2e-3)
    assert picture.text_width("0\n000\n00", 72) == pytest.approx(3 * 1303 / 2048, rel=5e-3)


@pytest.mark.parametrize(("operator", "points"), [("⋆", 24), ("+", 17), ("so", 10.5), ("=", 17)])
def test_an_operator_stands_in_the_middle_between_two_grids(operator, points) -> None:
    shown = plots.grids(np.ones((4, 3), int), operator, np.ones((2, 2), int))
    left, right = frames(shown)
    text = drawn_text(shown, operator)
    x, y = text.get_position()
    assert x == pytest.approx((left.x1 + right.x0) / 2, abs=0.03)
    assert y == pytest.approx((left.y0 + left.y1) / 2, abs=0.03)
    assert (text.get_fontsize(), text.get_ha(), text.get_va()) == (points, "center", "center")
    room = picture.text_width(operator, points) + 2 * 16 / 96  # a third of a centimetre on each side
    assert right.x0 - left.x1 == pytest.approx(room, abs=0.05)


def test_lines_of_an_operator_stand_below_each_other() -> None:
    shown = plots.grids(np.ones((4, 3), int), "sum\n+ 2\n→", np.ones((4, 3), int))
    ys = [drawn_text(shown, line).get_position()[1] for line in ("sum", "+ 2", "→")]
    assert np.diff(ys) == pytest.approx(0.25)
    assert ys[1] == pytest.approx(frames(shown)[0].y0 + 2 * 0.375, abs=0.03)


@pytest.mark.parametrize(
    ("numbered", "labels", "title", "corner"),
    [  # in dots, 96 to the inch; the grid begins at whole fours of them
        (False, (None, None), None, (16, 16)),
        (False, ("row", "column"), None, (48, 40)),
        (True, (None, None), None, (64, 64)),
        (True, ("row", "column"), None, (72, 64)),
        (True, ("row", "column"), "how often", (72, 92)),
    ],
)
def test_a_table_leaves_room_for_its_names_and_no_more(numbered, labels, title, corner) -> None:
    row, column = labels
    shown = plots.heat_map(np.ones((2, 3), int), title, row_label=row, column_label=column, numbered=numbered)
    [outline] = frames(shown)
    assert (outline.x0 * 96, outline.y0 * 96) == pytest.approx(corner)
    for label in filter(None, labels):
        x, y = drawn_text(shown, label).get_position()
        assert (x, y) < (outline.x0, outline.y0) if label == row else y < outline.y0
    if row:
        assert drawn_text(shown, row).get_position() == pytest.approx((0.14, (outline.y0 + outline.y1) / 2))


def test_the_lines_of_a_window_end_in_a_cell_of_the_next_volume() -> None:
    shown = plots.volumes([("in", (2, 12, 12), "", 3), ("CONV", (4, 10, 10))])
    axes = shown.figure.axes[0]
    marked = [p for p in axes.patches if to_hex(p.get_facecolor()) == picture.COLOURS[1]]
    assert len(marked) == 1
    cell = marked[0].get_xy()
    width, height = np.ptp(cell, axis=0)
    # 12 rows are 1.7 inches high, and a cell is one row
    assert (width, height) == pytest.approx((1.7 / 12, 1.7 / 12))
    assert len(np.unique(cell, axis=0)) == 4
    leading = [line for line in axes.lines if line.get_color() == picture.COLOURS[1] and line.get_linestyle() == "-"]
    assert len(leading) == 2
    for line in leading:
        assert line.get_xydata()[1] == pytest.approx((cell.max(axis=0) + cell.min(axis=0)) / 2)
    # faces are below the slices, the window and its lines above them, the cell above all
    faces = [p.get_zorder() for p in axes.patches if p.get_linewidth() == 0.9]
    assert len(faces) == 2 * 3
    assert max(faces) < 2 < leading[0].get_zorder() < marked[0].get_zorder()
    assert to_hex(marked[0].get_edgecolor()) == picture.INK


def test_bars_take_a_third_of_an_inch_each_and_leave_room_for_names_and_title() -> None:
    names = ["a", "a longer name", "b", "c"]
    few, many, titled = (
        plots.bars(dict.fromkeys(names[:count], 1000), xlabel="x", title=title)
        for count, title in ((2, None), (4, None), (2, "Bars"))
    )
    assert (many.height - few.height) / 96 == pytest.approx(0.6, abs=0.03)
    assert (titled.height - few.height) / 96 == pytest.approx(0.32, abs=0.03)
    # 4.2 inches for the bars themselves, whatever stands beside them
    assert few.figure.axes[0].get_position().width * few.width / 96 == pytest.approx(4.2, abs=0.05)
    title = drawn_text(titled, "Bars")
    (x, y), (width, height) = title.get_position(), titled.figure.get_size_inches()
    assert (x * width, (1 - y) * height) == pytest.approx((0.12, 0.09), abs=0.005)
    assert (title.get_va(), title.get_fontweight(), title.get_fontsize()) == ("top", "bold", 10.5)


def test_numbers_beside_an_image_stand_in_cells_of_its_colours() -> None:
    image = np.array([[0, 51, 255], [102, 204, 153]], np.uint8)
    for values, limit in ((image, 255), (image / 255, 1.0)):
        shown = plots.image_numbers(values, (0, 0, 1, 3))
        cells_drawn = [patch for patch in rectangles(shown) if patch.get_linewidth() == 0.7]
        found = [patch.get_facecolor()[:3] for patch in cells_drawn]
        assert found == pytest.approx(picture.colours(values[0], False, limit, 0.45))
        assert np.ptp([patch.get_bbox().y0 for patch in cells_drawn]) == 0
        _, right, bottom, top = shown.figure.axes[0].images[0].get_extent()
        [outline] = frames(shown)
        assert (outline.y0 + outline.y1) / 2 == pytest.approx((bottom + top) / 2, abs=0.03)
        assert outline.x0 == pytest.approx(right + 3 * 12 / 96, abs=0.03)


def test_names_stand_beside_the_curves_in_the_order_of_their_ends() -> None:
    left, right = plots.learning_curves(HISTORY).figure.axes
    for axes in (left, right):
        assert [text.get_text() for text in axes.texts] == ["training", "validation"] and axes.get_legend() is None
    ys = {"low": [9, 1], "top": [0, 5], "just below": [3, 4.99], "outside": [2, 400], "nothing": [np.nan, np.nan]}
    shown = plots.curves([0, 1], ys, xlabel="n", ylabel="s", ylim=(0, 10))
    [axes] = shown.figure.axes
    renderer = shown.figure.canvas.get_renderer()
    # of the words alone: that of an annotation holds its line as well
    boxes = {text.get_text().replace("\n", " "): Text.get_window_extent(text, renderer) for text in axes.texts}
    assert min(box.x0 for box in boxes.values()) > axes.get_window_extent(renderer).x1  # never over the data
    assert max(box.x1 for box in boxes.values()) <= shown.figure.bbox.x1
    by_height = sorted(boxes, key=lambda name: boxes[name].y0)
    assert [name for name in by_height if name in ("low", "just below", "top")] == ["low", "just below", "top"]
    assert all(boxes[one].y1 <= boxes[next_one].y0 + 1 for one, next_one in itertools.pairwise(by_height))
    [axes] = plots.curves([1, 0], {"a": [5, 1], "b": [2, 9]}, xlabel="n", ylabel="s").figure.axes  # from right to left
    assert [text.xy[1] > 0.5 for text in axes.texts] == [True, False]  # where they lead to: the ends at the right
    alone = plots.curves([0, 1], {"a": [1, 2]}, xlabel="n", ylabel="s").figure.axes[0]
    assert not alone.texts


def test_an_alternative_text_counts_one_thing_as_one() -> None:
    """Every place that says how many: with one of each, the plural stands nowhere behind a 1."""
    one_and_two, one = plots.grid(np.eye(2), "x", padding=(1, 2)), {"loss": [2.3], "accuracy": [0.1]}
    kernel = Sequential(Conv2d(1, 1, 3, rng=0), Flatten(), Linear(16, 1, rng=0))
    told = [
        plots.grids(one_and_two),
        plots.heat_map(np.ones((1, 1)), "use"),
        plots.learning_curves(one, names=("training", "test")),
        plots.network_volumes(kernel, (1, 6, 6)),
        plots.histogram({"one": np.ones(1)}, xlabel="value"),
        plots.layer_maps([("CONV", np.ones((1, 4, 4))), ("FC", np.ones(1)), ("FC", np.ones(2))]),
        plots.confusion_matrix(np.array([3]), np.array([3])),
    ]
    texts = [picture.alt for picture in told]
    assert "framed by padding of 1 row and 2 columns with 0" in texts[0]
    assert "1 row, 1 column" in texts[1] and "after 1 epoch." in texts[2]
    assert "1 kernel of 3 × 3" in texts[3] and "1 unit" in texts[3]
    for text in texts:
        assert not re.search(r"\b1 (\w+ )?\w+s\b(?! of|')", text.replace("1 of its", "")), text
