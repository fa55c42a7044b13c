"""The drawing pad in a real browser: JupyterLab, Notebook, a saved page; by mouse, finger and keyboard."""

from __future__ import annotations

import base64
import re
import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from left_in_english import left_in_english, left_in_explorers
from pages import RUN, in_lab, in_notebook, page_of, saved_page, wait_for, written
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

import cnnlib
from cnncourse import explorers
from cnncourse.explorers import pen
from cnncourse.explorers.drawing_pad import (
    described,
    listed,
    maps_of,
    percent_beside,
    probabilities_of,
    sentence,
    shipped_network,
    steps,
)
from cnncourse.explorers.sample_drawings import SAMPLES
from cnncourse.language import speaking

sys.path.append(str(Path(__file__).parents[1] / "tests"))  # the drawings of the other tests
pens, known = pytest.importorskip("pens"), pytest.importorskip("test_read_digit")

Strokes = list[Any]
CODE = """from cnncourse import explorers
from cnnlib import lenet5
from cnncourse.explorers.sample_drawings import SAMPLES
from cnncourse.explorers.drawing_pad import sentence
pad = explorers.drawing_pad()
network = lenet5(rng=0)
own = explorers.drawing_pad(network)
heard = []
pad.on_change(lambda changed: heard.append(changed.answer))
display(pad, own)"""
ALL_THERE = "document.querySelectorAll('.cnnx-pad[data-waiting=false]').length >= 2"
in_jupyter = pytest.mark.parametrize("place", ["pads_in_lab", "pads_in_notebook"])
everywhere = pytest.mark.parametrize("place", ["pads_in_lab", "pads_in_notebook", "saved_pads"])


# ---- pages ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pads_in_lab(browser: Browser, server: str, folder: Path) -> Iterator[Page]:
    written(folder / "pads.ipynb", CODE)
    page = in_lab(browser, server, "pads.ipynb", ALL_THERE)
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def pads_in_notebook(browser: Browser, server: str, folder: Path) -> Iterator[Page]:
    written(folder / "pads_again.ipynb", CODE)
    page = in_notebook(browser, server, "pads_again.ipynb", ALL_THERE)
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def saved_pads(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("pads")
    page = saved_page(browser, written(folder / "pads.ipynb", CODE), folder, 2, ".cnnx-pad")
    yield page
    page.context.close()


@pytest.fixture
def alone(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Yield a function that opens a page with one pad on it and nothing else."""
    pages = []

    def open_one(network: Any = None, width: int = 1100, **options: Any) -> Page:
        widget = explorers.drawing_pad(network)
        page = page_of(browser, widget, ("form", "_drawing", "_result", "weights", "_maps"), width, **options)
        pages.append(page)
        return page

    yield open_one
    for page in pages:
        page.context.close()


# ---- hands ----------------------------------------------------------------------------------------------------------


def pad_of(page: Page, own: bool = False) -> Locator:
    return page.locator(".cnnx-pad").nth(1 if own else 0)


def shown_by(pad: Locator) -> str:
    return pad.locator(".cnnx-sentence").inner_text().replace("\u00a0", " ")


def box_of(pad: Locator) -> dict[str, float]:
    paper = pad.locator(".cnnx-paper")
    paper.scroll_into_view_if_needed()
    return paper.bounding_box()


def draw_by_mouse(page: Page, pad: Locator, strokes: Strokes) -> None:
    box = box_of(pad)
    for stroke in strokes:
        places = [(box["x"] + c * box["width"], box["y"] + r * box["height"]) for r, c in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place)
        page.mouse.up()


def draw_by_finger(page: Page, pad: Locator, strokes: Strokes) -> None:
    box = box_of(pad)
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})
    for stroke in strokes:
        for k, (r, c) in enumerate(stroke):
            points = [{"x": box["x"] + c * box["width"], "y": box["y"] + r * box["height"]}]
            kind = "touchMove" if k else "touchStart"
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
    session.detach()


# A 7 and a 1 as keys: from the middle of the empty pad, and back to it.
SEVEN = "Delete ArrowUp*9 ArrowLeft*5 Space ArrowRight*10 ArrowDown*3 End*7 ArrowDown*8 Space Home*2 PageUp*7"
ONE = "Delete ArrowUp*8 Space ArrowDown*16 Space ArrowUp*8"


def press(page: Page, keys: str) -> None:
    for part in keys.split():
        key, _, times = part.partition("*")
        for _ in range(int(times or 1)):
            page.keyboard.press(key)


def clear(pad: Locator) -> None:
    button = pad.get_by_role("button", name="Clear")
    if button.is_enabled():
        button.click()
    wait_for(lambda: shown_by(pad) == "Nothing is drawn yet." and button.is_disabled(), 10, "the empty pad")


def assert_reads(pad: Locator, digit: int) -> None:
    wait_for(lambda: shown_by(pad).startswith(f"The network reads {digit},"), 10, f"a {digit}")
    wait_for(lambda: pad.get_attribute("data-waiting") == "false", 10, "rest")
    best = pad.locator("li.best")
    assert best.count() == 1 and best.locator(".cnnx-pad-digit").inner_text() == str(digit)
    assert pad.locator(".cnnx-pad-big").inner_text() == str(digit)


def painted(canvas: Locator) -> int:
    """Return how many of a canvas's points are dark."""
    return canvas.evaluate(
        """canvas => {
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let count = 0;
          for (let k = 0; k < data.length; k += 4) if (data[k + 3] > 128 && data[k] < 128) count += 1;
          return count;
        }"""
    )


# ---- what the page computes is what the package computes -------------------------------------------------------------


def drawings() -> list[Strokes]:
    rng = np.random.default_rng(11)
    found = [listed(strokes) for _, _, strokes in pens.drawings()]
    found += [
        listed([rng.random((int(rng.integers(1, 30)), 2)) for _ in range(int(rng.integers(1, 5)))]) for _ in range(60)
    ]
    found += [[], [[[0.5, 0.5]]], [[[0, 0]]], [[[1, 1], [1, 1]]], [[[0, 0], [1, 1]]], [[[0, 0.3], [0, 0.9]]]]
    found += [[[[0.5, 0.5], [0.51, 0.5]]], [[[0.2, 0.2], [0.2, 0.8]], [[0.21, 0.2], [0.21, 0.8]], [[0.9, 0.5]]]]
    return found


def test_the_image_in_the_page_is_that_of_the_package(alone: Any) -> None:
    page = alone()
    chosen = drawings()
    script = "(all) => all.map((strokes) => Array.from(module.digitImage(strokes, model.get('form')).values))"
    for strokes, values in zip(chosen, page.evaluate(script, chosen)):
        expected = pen.digit_image(strokes)
        np.testing.assert_allclose(np.array(values).reshape(28, 28), expected, atol=1e-6, err_msg=str(strokes)[:200])


def test_the_network_in_the_page_is_that_of_the_package(alone: Any) -> None:
    page = alone()
    images = [pen.digit_image(strokes) for strokes in drawings()[::8]]
    _, (x, _) = cnnlib.load_digits()
    images += list(x[:30, 0])
    script = """(all) => {
      const layers = module.network(model.get("form").layers, module.floats(model.get("weights")));
      const told = ({ name, shape, values }) => [name, shape, Array.from(values)];
      return all.map((image) => module.mapsOf(layers, new Float32Array(image), 28).map(told));
    }"""
    made = page.evaluate(script, [image.ravel().tolist() for image in images])
    for image, layers in zip(images, made):
        expected = maps_of(shipped_network(), image)
        assert [name for name, _, _ in layers] == [*expected]
        for (name, shape, values), wanted in zip(layers, expected.values()):
            assert tuple(shape) == wanted.shape
            largest = np.abs(wanted).max()
            assert np.abs(np.array(values).reshape(shape) - wanted).max() <= 1e-4 * max(largest, 1e-3), name
        assert np.argmax(layers[-1][2]) == shipped_network().predict(image[None, None])[0]


def test_other_sizes_than_those_of_the_shipped_network_too(alone: Any) -> None:
    """A kernel and maps that are not square, padding, a rest at the edge that no window reaches."""
    page, rng = alone(), np.random.default_rng(2)
    network = cnnlib.Sequential(
        cnnlib.Conv2d(1, 3, (4, 3), padding=1, rng=0), cnnlib.MaxPool2d(3), cnnlib.ReLU(), cnnlib.Flatten(),
        cnnlib.Linear(243, 10, rng=1),
    )  # fmt: skip
    image = rng.normal(size=(28, 28)).astype(np.float32)
    weights = np.concatenate([array.ravel() for array in network.parameters().values()])
    script = """([layers, weights, image]) => {
      const made = module.mapsOf(module.network(layers, new Float32Array(weights)), new Float32Array(image), 28);
      return made.map((maps) => Array.from(maps.values));
    }"""
    layers = [described(name, layer) for name, layer in steps(network)]
    made = page.evaluate(script, [layers, weights.tolist(), image.ravel().tolist()])
    for values, wanted in zip(made, maps_of(network, image).values(), strict=True):
        np.testing.assert_allclose(np.array(values), wanted.ravel(), rtol=1e-4, atol=1e-5)


def test_every_drawing_is_shown_with_the_words_of_the_package(alone: Any) -> None:
    page = alone()
    pad = pad_of(page)
    for name, _, strokes in pens.drawings()[::9]:
        page.evaluate("(strokes) => model.set('_drawing', { strokes })", listed(strokes))
        maps = maps_of(shipped_network(), pen.digit_image(listed(strokes)))
        assert shown_by(pad) == sentence(probabilities_of(maps)), name
        shares = [text.replace("\u00a0", " ") for text in pad.locator(".cnnx-pad-share").all_inner_texts()]
        assert shares == [percent_beside(share) for share in probabilities_of(maps)], name
    assert pad.locator(".cnnx-pad-maps figure").count() == len(maps)


# ---- drawing ---------------------------------------------------------------------------------------------------------


@everywhere
def test_a_digit_drawn_by_mouse_is_read(request: pytest.FixtureRequest, place: str) -> None:
    page = request.getfixturevalue(place)
    pad = pad_of(page)
    assert_reads(pad, 5)
    for digit in (3, 0, 7):
        clear(pad)
        draw_by_mouse(page, pad, SAMPLES[digit])
        assert_reads(pad, digit)
    assert page.problems == []


@everywhere
def test_a_digit_drawn_by_finger_is_read(request: pytest.FixtureRequest, place: str) -> None:
    page = request.getfixturevalue(place)
    pad = pad_of(page)
    for digit in (2, 4):
        clear(pad)
        scrolled = page.evaluate("scrollY")
        draw_by_finger(page, pad, [stroke[::2] for stroke in SAMPLES[digit]])
        assert_reads(pad, digit)
        assert page.evaluate("scrollY") == scrolled
    assert page.problems == []


@everywhere
def test_a_digit_drawn_by_keyboard_is_read(request: pytest.FixtureRequest, place: str) -> None:
    page = request.getfixturevalue(place)
    pad = pad_of(page)
    paper = pad.locator(".cnnx-paper")
    paper.scroll_into_view_if_needed()
    paper.focus()
    for keys, digit in ((SEVEN, 7), (ONE, 1)):
        press(page, keys)
        assert_reads(pad, digit)
        assert paper.evaluate("paper => document.activeElement === paper")
    page.keyboard.press("Backspace")
    wait_for(lambda: shown_by(pad) == "Nothing is drawn yet.", 10, "the empty pad")
    page.keyboard.press("Control+z")
    assert_reads(pad, 7)  # Delete is undone as well
    page.keyboard.press("Tab")
    assert not paper.evaluate("paper => document.activeElement === paper")  # nobody is caught here
    assert page.problems == []


@in_jupyter
def test_python_hears_what_is_drawn_and_draws(request: pytest.FixtureRequest, place: str) -> None:
    page = request.getfixturevalue(place)
    pad = pad_of(page)
    clear(pad)
    wait_for(lambda: page.evaluate(RUN, "print(pad.answer)") == "None\n", 10, "the empty pad in Python")
    draw_by_mouse(page, pad, SAMPLES[9])
    assert_reads(pad, 9)
    wait_for(lambda: page.evaluate(RUN, "print(pad.answer, len(pad.strokes))") == "9 2\n", 10, "the 9 in Python")
    assert page.evaluate(RUN, "print(sentence(pad.probabilities))").strip() == shown_by(pad)
    assert page.evaluate(RUN, "print(pad.image.shape, heard[-1])") == "(28, 28) 9\n"
    page.evaluate(RUN, "pad.draw(SAMPLES[6])")
    assert_reads(pad, 6)
    pad.get_by_role("button", name="Undo").click()
    assert_reads(pad, 9)
    wait_for(lambda: page.evaluate(RUN, "print(pad.answer)") == "9\n", 10, "the 9 in Python")
    page.evaluate(RUN, "pad.clear()")
    wait_for(lambda: shown_by(pad) == "Nothing is drawn yet.", 10, "the empty pad")
    page.evaluate(RUN, "pad.draw(SAMPLES[5])")
    assert_reads(pad, 5)
    assert page.problems == []


@in_jupyter
def test_an_own_network_answers_through_the_kernel(request: pytest.FixtureRequest, place: str) -> None:
    page = request.getfixturevalue(place)
    pad = pad_of(page, own=True)
    for digit in (8, 1):
        clear(pad)
        draw_by_mouse(page, pad, SAMPLES[digit])
        wait_for(lambda: pad.get_attribute("data-waiting") == "false", 10, "the answer")
        said = page.evaluate(RUN, "print(sentence(own.probabilities))").strip()
        wait_for(lambda said=said: shown_by(pad) == said, 10, "the answer")
    page.evaluate(RUN, "network.parameters()['11.bias'][4] = 9; own.refresh()")
    assert_reads(pad, 4)
    page.evaluate(RUN, "network.parameters()['11.bias'][4] = 0; own.draw(SAMPLES[5])")
    assert pad.locator(".cnnx-pad-maps figure").count() == 11
    assert not pad.locator(".cnnx-pad-note").is_visible()
    assert page.problems == []


def test_without_a_kernel_an_own_network_shows_the_stored_answer_and_says_why(saved_pads: Page) -> None:
    pad = pad_of(saved_pads, own=True)
    note = pad.locator(".cnnx-pad-note")
    wait_for(note.is_visible, 10, "the note")
    assert "open this notebook in Jupyter" in note.inner_text()
    assert shown_by(pad) == sentence(explorers.drawing_pad(cnnlib.lenet5(rng=0)).probabilities)
    assert pad.get_by_role("button", name="Clear").is_disabled()
    draw_by_mouse(saved_pads, pad, SAMPLES[1])
    assert pad.locator("select").input_value() == "5"
    assert saved_pads.problems == []


# ---- details ---------------------------------------------------------------------------------------------------------


def strokes_of(page: Page) -> Strokes:
    return page.evaluate("model.get('_drawing').strokes")


def test_the_first_stroke_replaces_the_example_and_undo_goes_all_the_way_back(alone: Any) -> None:
    page = alone()
    pad = pad_of(page)
    undo = pad.get_by_role("button", name="Undo")
    assert undo.is_disabled() and "Your first stroke replaces it" in pad.inner_text()
    four = SAMPLES[4]
    draw_by_mouse(page, pad, four[:1])
    wait_for(lambda: len(strokes_of(page)) == 1, 5, "one stroke")
    assert "Your first stroke replaces it" not in pad.inner_text()
    draw_by_mouse(page, pad, four[1:])
    assert_reads(pad, 4)
    assert len(strokes_of(page)) == 2
    clear(pad)
    assert strokes_of(page) == []
    assert painted(pad.locator(".cnnx-paper")) == 0 == painted(pad.locator(".cnnx-pad-square canvas"))
    for count in (2, 1):
        undo.click()
        wait_for(lambda count=count: len(strokes_of(page)) == count, 5, f"{count} strokes")
    undo.click()
    assert_reads(pad, 5)
    assert undo.is_disabled() and pad.locator("select").input_value() == "5"


def test_strokes_end_at_the_edge_of_the_pad(alone: Any) -> None:
    page = alone()
    pad = pad_of(page)
    draw_by_mouse(page, pad, [[(0.5, 0.5), (-0.2, 0.5), (0.5, 1.3), (0.5, 0.9)]])
    wait_for(lambda: len(strokes_of(page)[0]) == 4, 5, "the stroke")
    assert np.abs(np.array(strokes_of(page)[0]) - [[0.5, 0.5], [0, 0.5], [0.5, 1], [0.5, 0.9]]).max() < 0.01
    draw_by_mouse(page, pad, [[(0.02, 0.02), (0.98, 0.98)]])
    wait_for(lambda: len(strokes_of(page)) == 2, 5, "the second stroke")
    assert page.problems == []


def test_a_dot_is_drawn_and_other_buttons_and_fingers_are_left_alone(alone: Any) -> None:
    page = alone(has_touch=True)
    pad = pad_of(page)
    draw_by_mouse(page, pad, [[(0.3, 0.3)]])
    wait_for(lambda: len(strokes_of(page)) == 1, 5, "the dot")
    box = box_of(pad)
    page.mouse.click(box["x"] + 50, box["y"] + 50, button="right")
    session = page.context.new_cdp_session(page)
    first, second = ({"x": box["x"] + 40 * k, "y": box["y"] + 40 * k, "id": k} for k in (1, 2))
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [first]})
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [first, second]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    wait_for(lambda: len(strokes_of(page)) == 2, 5, "the finger")
    page.wait_for_timeout(100)
    assert len(strokes_of(page)) == 2


def test_the_pen_of_the_keyboard_is_seen_and_stays_on_the_pad(alone: Any) -> None:
    page = alone()
    pad = pad_of(page)
    paper = pad.locator(".cnnx-paper")
    blue = """canvas => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let k = 0; k < data.length; k += 4) if (data[k] < 60 && data[k + 2] > 150) count += 1;
      return count;
    }"""
    assert paper.evaluate(blue) == 0
    page.keyboard.press("Tab")
    assert paper.evaluate("paper => document.activeElement === paper && paper.matches(':focus-visible')")
    up = paper.evaluate(blue)
    assert up > 50
    assert paper.evaluate("paper => getComputedStyle(paper).outlineStyle") == "solid"
    press(page, "Delete Space")
    assert paper.evaluate(blue) > 1.1 * up  # filled while it is down
    press(page, "ArrowUp*40 ArrowLeft*40 Shift+ArrowDown Space")
    wait_for(
        lambda: len(strokes_of(page)[-1]) == 30, 5, "the stroke"
    )  # 14 steps up, 14 to the left, one small one down
    assert strokes_of(page)[-1][-2:] == [[0, 0], [round(1 / 112, 4), 0]]
    page.keyboard.press("Tab")
    assert paper.evaluate(blue) == 0
    assert page.problems == []


def test_two_arrow_keys_together_go_diagonally_and_leaving_lifts_the_pen(alone: Any) -> None:
    page = alone()
    pad_of(page).locator(".cnnx-paper").focus()
    press(page, "Delete Space")
    page.keyboard.down("ArrowDown")
    page.keyboard.down("ArrowRight")
    page.keyboard.up("ArrowDown")
    page.keyboard.up("ArrowRight")
    page.keyboard.press("Tab")
    wait_for(lambda: len(strokes_of(page)) == 1, 5, "the stroke")
    step = round(1 / 28, 4)
    expected = [[0.5, 0.5], [0.5 + step, 0.5], [0.5 + 2 * step, 0.5 + step]]
    np.testing.assert_allclose(strokes_of(page)[0], expected, atol=2e-4)
    pad_of(page).locator(".cnnx-paper").focus()
    page.keyboard.press("ArrowUp")
    page.wait_for_timeout(100)
    assert len(strokes_of(page)[0]) == 3  # the pen is up


def test_the_answer_is_read_out_after_a_pause(alone: Any) -> None:
    page = alone()
    pad = pad_of(page)
    spoken = pad.locator("[aria-live=polite]")
    assert spoken.inner_text() == ""
    pad.locator("select").select_option("3")
    wait_for(lambda: spoken.inner_text().replace("\u00a0", " ") == shown_by(pad) != "", 5, "the answer")
    assert "reads 3" in spoken.inner_text()
    pad.locator(".cnnx-paper").focus()
    page.keyboard.press("ArrowUp")
    wait_for(lambda: spoken.inner_text() == "46 % from the top, 50 % from the left.", 5, "the place of the pen")


def test_samples_maps_and_what_was_done_are_shown(alone: Any) -> None:
    page = alone()
    pad = pad_of(page)
    for digit in range(10):
        pad.locator("select").select_option(str(digit))
        assert_reads(pad, digit)
        assert "in a box of 20 × 20" in pad.locator(".cnnx-pad-seen figcaption").inner_text()
        maps = maps_of(shipped_network(), pen.digit_image(listed(SAMPLES[digit])))
        labels = [one.get_attribute("aria-label") for one in pad.locator(".cnnx-pad-maps canvas").all()]
        for label, (name, values) in zip(labels, maps.items(), strict=True):
            assert label.startswith(f"{name}, ")
            assert str(values.shape[0]) in label
    canvas = pad.locator(".cnnx-pad-maps canvas").first
    side = (canvas.evaluate("canvas => canvas.width") - 6) / 3  # three maps in a row, 3 px between them
    canvas.hover(position={"x": 1 + side + 3 + 1.5 / 28 * side, "y": 1 + 2.5 / 28 * side})
    value = maps["convolution 1"][1, 2, 1]
    said = f"convolution 1, map 1, row 2, column 1: {value:.3f}".replace("-", "−")
    assert pad.locator(".cnnx-pad-reading").inner_text() == said


def picture_files(folder: Path) -> dict[str, Path]:
    """Write pictures of a 3 as files, each with something of its own, and return them by their names."""
    ink = known.drawn(SAMPLES[3], 150, 0.08, (20, 60), 230)
    colours, turned = known.in_colours(ink, known.BLUE, known.YELLOW), Image.Exif()
    turned[0x0112] = 6  # a camera that was held upright: the picture is stored lying
    made: dict[str, tuple[np.ndarray, dict[str, Any]]] = {
        "dark.png": (np.uint8(255 - 255 * ink), {}),
        "light on dark.png": (np.uint8(255 * ink), {}),
        "colour.png": (colours, {}),
        "photograph.jpg": (known.photograph(ink[20:216, 20:216][::7, ::7]), {"quality": 95}),
        "turned.jpg": (np.rot90(colours), {"exif": turned, "quality": 95}),
        "transparent.png": (known.with_opacity(ink, known.WHITE), {}),
        "large.png": (np.kron(np.uint8(255 - 255 * ink), np.ones((4, 4), np.uint8)), {}),
    }
    for name, (pixels, options) in made.items():
        Image.fromarray(np.ascontiguousarray(pixels)).save(folder / name, **options)
    return {name: folder / name for name in made}


def image_on(page: Page) -> np.ndarray:
    return np.array(page.evaluate("model.get('_drawing').image ?? []"))


def choose(pad: Locator, path: Path) -> None:
    """Choose a file as a hand does: by the button, then in the dialogue that opens."""
    with pad.page.expect_file_chooser() as opened:
        pad.get_by_role("button", name="Picture…").press("Enter")
    opened.value.set_files(path)


def test_a_picture_file_is_read_as_cnnlib_reads_it(alone: Any, tmp_path: Path) -> None:
    page = alone()
    pad = pad_of(page)
    for name, path in picture_files(tmp_path).items():
        before = page.evaluate("model.get('_drawing').serial")
        choose(pad, path)
        wait_for(lambda old=before: page.evaluate("model.get('_drawing').serial") != old, 10, name)
        expected = cnnlib.read_digit(path).ravel()
        # A canvas keeps colours under half an opacity less exactly; two decoders of JPEG differ by a step or two.
        near = 1e-3 if name in ("dark.png", "light on dark.png", "colour.png", "large.png") else 0.05
        assert np.abs(image_on(page) - expected).max() <= near, name
        assert strokes_of(page) == []
        assert_reads(pad, int(shipped_network().predict(expected.reshape(1, 1, 28, 28).astype(np.float32))[0]))
        assert "cnnlib.read_digit" in pad.locator(".cnnx-pad-hint").inner_text()
        assert painted(pad.locator(".cnnx-paper")) > 100
    draw_by_mouse(page, pad, SAMPLES[1])  # the first stroke takes its place
    assert_reads(pad, 1)
    assert image_on(page).size == 0
    for _ in SAMPLES[1]:
        pad.get_by_role("button", name="Undo").click()
    wait_for(lambda: image_on(page).size == 784, 5, "the picture, back again")
    pad.get_by_role("button", name="Clear").click()
    wait_for(lambda: shown_by(pad) == "Nothing is drawn yet.", 5, "the empty pad")
    assert page.problems == []


DROP = """([text, name, kind]) => {
  const files = new DataTransfer();
  files.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name));
  const pad = document.querySelector(".cnnx-pad");
  const event = new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true });
  return pad.querySelector(".cnnx-paper").dispatchEvent(event);
}"""


def test_a_picture_is_dropped_and_what_is_no_digit_changes_nothing(alone: Any, tmp_path: Path) -> None:
    page = alone()
    pad = pad_of(page)

    def drop(path: Path) -> None:
        content = [base64.b64encode(path.read_bytes()).decode(), path.name]
        assert not page.evaluate(DROP, [*content, "dragover"])  # false: the page itself does not open the file
        assert "dropping" in (pad.get_attribute("class") or "")
        assert not page.evaluate(DROP, [*content, "drop"])
        assert "dropping" not in (pad.get_attribute("class") or "")

    drop(picture_files(tmp_path)["colour.png"])
    assert_reads(pad, 3)
    kept = image_on(page)
    refused = {
        "blank": np.full((40, 50), 255),
        "two": np.hstack([known.FIVE, known.FIVE]) * 255,
        "disc": known.DISC * 255,
    }
    refused |= {"dash": known.bar(slice(38, 42), slice(10, 70)), "small": np.full((4, 4), 7)}
    for name, pixels in refused.items():
        Image.fromarray(np.uint8(pixels)).save(tmp_path / f"{name}.png")
        drop(tmp_path / f"{name}.png")
        with pytest.raises(ValueError, match="got") as error:
            cnnlib.read_digit(tmp_path / f"{name}.png")
        came, _, expected = str(error.value).removeprefix("picture: got ").partition(", expected ")
        said = f"{name}.png was not read: it shows {came}. The pad reads {expected}."
        wait_for(lambda said=said: pad.locator(".cnnx-pad-hint").inner_text() == said, 5, said)
        wait_for(lambda said=said: pad.locator("[aria-live=polite]").inner_text() == said, 5, "the same, read out")
    (tmp_path / "words.png").write_text("not a picture")
    drop(tmp_path / "words.png")
    hint = pad.locator(".cnnx-pad-hint")
    wait_for(lambda: hint.inner_text().startswith("words.png cannot be read as a picture."), 5, "the sentence")
    assert np.array_equal(image_on(page), kept)
    assert_reads(pad, 3)
    assert page.problems == []


def test_a_picture_that_python_reads_is_shown(alone: Any) -> None:
    page, widget = alone(), explorers.drawing_pad()
    widget.read(255 - 255 * known.drawn(SAMPLES[4], 120))
    page.evaluate("(drawing) => model.set('_drawing', drawing)", widget._drawing)
    assert_reads(pad_of(page), 4)
    assert widget.answer == 4
    assert painted(pad_of(page).locator(".cnnx-paper")) > 1000


HEIGHTS = """() => [...document.querySelectorAll('.cnnx-pad, .cnnx-paper, ol, li, .cnnx-pad-maps')]
  .map((node) => node.getBoundingClientRect()).map(({ y, height }) => `${y} ${height}`)"""


@pytest.mark.parametrize("width", [320, 390, 736, 768, 1366])
def test_nothing_jumps_and_every_layer_is_large(alone: Any, width: int) -> None:
    page = alone(width=width)
    pad, before = pad_of(page), page.evaluate(HEIGHTS)
    for chosen in ("1", "8", ""):
        pad.locator("select").select_option(chosen)
        wait_for(lambda: pad.get_attribute("data-waiting") == "false", 5, "rest")
        assert page.evaluate(HEIGHTS) == before, chosen
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert pad.locator(".cnnx-paper").bounding_box()["width"] >= min(320, width - 24)
    maps = pad.locator(".cnnx-pad-line.maps canvas")
    for k, canvas in enumerate(maps.all()):
        assert canvas.bounding_box()["width"] >= (190 if width > 600 or k % 3 == 0 else 90), k
    for canvas in pad.locator(".cnnx-pad-line.units canvas").all()[:4]:
        assert canvas.bounding_box()["width"] >= 80
    assert pad.locator(".cnnx-pad-arrow").count() == pad.locator(".cnnx-pad-maps canvas").count() == 11


def test_ink_is_scaled_alike_on_pad_and_image(alone: Any) -> None:
    """The line on the pad is as thick, in parts of the drawing, as that of the image; a dot is seen on both."""
    page = alone()
    pad = pad_of(page)
    paper, square = pad.locator(".cnnx-paper"), pad.locator(".cnnx-pad-square canvas")
    shares = []
    for size in (0.3, 0.6):
        clear(pad)
        draw_by_mouse(page, pad, [[(0.5 - size / 2, 0.5), (0.5 + size / 2, 0.5)]])
        assert_reads(pad, 1)
        ink = painted(paper) / paper.evaluate("canvas => canvas.width ** 2")
        shares.append(ink / (size + size * 2.6 / 17.4) ** 2)  # of the square that the drawing fills
    assert shares[0] == pytest.approx(shares[1], rel=0.05)
    assert shares[0] == pytest.approx(float(pen.digit_image([[(0.2, 0.5), (0.8, 0.5)]]).sum()) / 20**2, rel=0.08)
    clear(pad)
    draw_by_mouse(page, pad, [[(0.5, 0.5)]])
    wait_for(lambda: painted(paper) > 30 and painted(square) > 0, 5, "the dot")


def test_paper_and_ink_are_seen_with_high_contrast(alone: Any) -> None:
    page = alone(forced_colors="active", color_scheme="dark")
    for part in (".cnnx-paper", ".cnnx-pad-square"):
        ground = page.locator(part).evaluate("node => getComputedStyle(node).backgroundColor")
        assert ground == "rgb(255, 255, 255)"
    fill = "node => getComputedStyle(node).backgroundColor"
    assert page.locator("li.best .cnnx-pad-bar > span").evaluate(fill) != page.locator(".cnnx-pad").evaluate(fill)


def test_a_python_that_is_busy_is_told_and_waited_for(alone: Any) -> None:
    network = cnnlib.lenet5(rng=0)
    page, widget = alone(network), explorers.drawing_pad(network)
    pad = pad_of(page)

    def answer() -> None:
        widget._drawing = page.evaluate("model.get('_drawing')")
        page.evaluate(
            """([result, maps]) => {
              model.set("_maps", new DataView(Uint8Array.from(atob(maps), (c) => c.charCodeAt(0)).buffer));
              model.set("_result", result);
            }""",
            [widget._result, base64.b64encode(widget._maps).decode()],
        )

    answer()  # to the question whether there is a Python
    before = shown_by(pad)
    draw_by_mouse(page, pad, SAMPLES[0])
    note = pad.locator(".cnnx-pad-note")
    wait_for(note.is_visible, 10, "the note")
    assert "busy" in note.inner_text() and shown_by(pad) == before
    assert len(strokes_of(page)) == 1  # what is drawn stays
    answer()
    assert not note.is_visible()
    assert shown_by(pad) == sentence(widget.probabilities)
    assert page.problems == []


# ---- in Chinese ------------------------------------------------------------------------------------------------------


def in_chinese(opened: Any, network: Any = None, **options: Any) -> Page:
    with speaking("zh_CN"):
        return opened(network, **options)


def test_the_pad_speaks_chinese_whatever_is_done_with_it(alone: Any, tmp_path: Path) -> None:
    page = in_chinese(alone)
    pad = pad_of(page)
    assert pad.get_attribute("lang") == "zh-CN"
    hint, spoken = pad.locator(".cnnx-pad-hint"), pad.locator("[aria-live=polite]")
    maps = maps_of(shipped_network(), pen.digit_image(list(SAMPLES[5])))
    with speaking("zh_CN"):
        wanted = sentence(probabilities_of(maps))
    assert shown_by(pad) == wanted
    assert left_in_english(page, "zh_CN") == left_in_explorers(page, "zh_CN") == []
    assert pad.locator(".cnnx-pad-maps b").first.inner_text() == "卷积 1"
    pad.locator(".cnnx-pad-maps canvas").first.hover(position={"x": 5, "y": 5})
    assert re.fullmatch(
        r"卷积 1，特征图 0，第 \d+ 行，第 \d+ 列：−?[\d.]+", pad.locator(".cnnx-pad-reading").inner_text()
    )
    pad.locator(".cnnx-paper").focus()
    page.keyboard.press("ArrowUp")
    wait_for(lambda: spoken.inner_text() == "离上边 46%，离左边 50%。", 5, "the place of the pen")
    page.keyboard.press("Space")
    wait_for(lambda: spoken.inner_text().startswith("网络读作"), 5, "the answer")
    pad.get_by_role("button", name="清空").click()
    wait_for(
        lambda: shown_by(pad) == "还没有画任何东西。" and hint.inner_text() == "手写板是空的。", 5, "the empty pad"
    )
    assert left_in_english(page, "zh_CN") == []
    for name, pixels in (("blank", np.full((40, 50), 255)), ("two", np.hstack([known.FIVE, known.FIVE]) * 255)):
        Image.fromarray(np.uint8(pixels)).save(tmp_path / f"{name}.png")
        pad.locator("input[type=file]").set_input_files(tmp_path / f"{name}.png")
        wait_for(lambda name=name: hint.inner_text().startswith(f"没有采用 {name}.png："), 5, name)
        assert left_in_english(page, "zh_CN") == []
    assert page.problems == []


def test_an_own_network_without_a_python_says_so_in_chinese(alone: Any) -> None:
    page = in_chinese(alone, cnnlib.lenet5_1998(rng=0))
    wait_for(page.locator(".cnnx-pad-note").is_visible, 10, "the note")
    assert page.locator(".cnnx-pad-note").inner_text().startswith("答案和特征图属于这里显示的笔迹。")
    assert left_in_english(page, "zh_CN") == []


# ---- for everyone ----------------------------------------------------------------------------------------------------


def test_it_fits_a_phone_and_leaves_nothing_behind(alone: Any) -> None:
    page = alone(width=375, has_touch=True, is_mobile=True, device_scale_factor=2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    draw_by_finger(page, pad_of(page), [stroke[::3] for stroke in SAMPLES[8]])
    assert_reads(pad_of(page), 8)
    small = page.evaluate(
        """() => [...document.querySelectorAll('select, button')].map((node) => node.getBoundingClientRect())
          .filter((box) => box.height < 24 || box.width < 40).length"""
    )
    assert small == 0
    page.evaluate("away()")
    assert page.locator(".cnnx").count() == 0
    assert page.evaluate("Object.values(model.heard).flat().length") == 0
    assert page.problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(alone: Any, axe: str, scheme: str) -> None:
    page = alone(color_scheme=scheme)
    page.evaluate(axe)
    for own in ("", "4", "empty"):
        if own == "empty":
            page.get_by_role("button", name="Clear").click()
        elif own:
            page.locator("select").select_option(own)
        found = page.evaluate("axe.run(document.querySelector('.cnnx'))")
        assert [(one["id"], one["nodes"][0]["html"][:100]) for one in found["violations"]] == []
        assert len(found["passes"]) > 10


def test_nothing_moves_by_itself(alone: Any) -> None:
    page = alone()
    moving = """() => [...document.querySelectorAll('.cnnx-pad, .cnnx-pad *')].filter((node) => {
      const style = getComputedStyle(node);
      return style.transitionDuration !== '0s' || style.animationName !== 'none';
    }).length"""
    assert page.evaluate(moving) == 0


def test_every_focusable_part_keeps_its_keys(alone: Any) -> None:
    page = alone()
    parts, own = (
        page.locator(".cnnx :is(button, select, [tabindex])"),
        page.locator("[data-lm-suppress-shortcuts=true]"),
    )
    assert parts.count() == own.count() == 5


@pytest.mark.parametrize("dark", [False, True])
def test_paper_stays_white_in_both_themes(alone: Any, dark: bool) -> None:
    page = alone(color_scheme="light" if dark else "dark")
    page.evaluate(f"document.documentElement.dataset.theme = '{'dark' if dark else 'light'}'")
    ground = "getComputedStyle(document.querySelector('.cnnx')).backgroundColor"
    assert page.evaluate(ground) == ("rgb(21, 24, 28)" if dark else "rgb(255, 255, 255)")
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.cnnx-paper')).backgroundColor") == "rgb(255, 255, 255)"
    )


# ---- speed -----------------------------------------------------------------------------------------------------------

LATENCY = """(number) => {
  const pad = document.querySelectorAll('.cnnx-pad')[number];
  const times = (window.latencies = []);
  let moved = 0;
  const paper = pad.querySelector('.cnnx-paper');
  paper.addEventListener('pointermove', () => (moved ||= performance.now()), { capture: true });
  new MutationObserver(() => {
    if (pad.dataset.waiting === 'true') return;
    const from = moved;
    moved = 0;
    const channel = new MessageChannel(); // the first task after the next frame has been painted
    channel.port1.onmessage = () => from && times.push(performance.now() - from);
    requestAnimationFrame(() => channel.port2.postMessage(0));
  }).observe(pad, { attributes: true, attributeFilter: ['data-drawn'] });
}"""


@pytest.mark.parametrize("own", [False, True], ids=["in the page", "own network"])
def test_the_time_from_a_move_to_the_answer_is_measured(
    pads_in_lab: Page, own: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Prints median and largest in JupyterLab, from the move of the pen to the painted answer; no bound is asserted."""
    page = pads_in_lab
    pad = pad_of(page, own)
    clear(pad)
    box = box_of(pad)
    page.evaluate(LATENCY, int(own))
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    for k in range(40):
        page.mouse.move(box["x"] + 40 + 4 * k, box["y"] + 40 + 30 * (k % 5))
        wait_for(lambda k=k: page.evaluate("latencies.length") > k, 5, "the answer")
    page.mouse.up()
    times = page.evaluate("latencies")
    with capsys.disabled():
        print(f"\ndrawing pad, {'own network' if own else 'in the page'}: {statistics.median(times):.1f} ms, ", end="")
        print(f"at most {max(times):.1f} ms")
