"""The explorers without grids on their cards, in a real browser: they stay where they are and show their scenes."""

from __future__ import annotations

import base64
import re
from typing import Any

import numpy as np
import pytest
from cards import MEASURES, WIDTHS, measured
from pages import ROOT, page_of
from playwright.sync_api import Browser, Page
from test_card import PLACES, STYLES

from cnncourse import explorers
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
    small_net_words,
)
from cnncourse.explorers.live import Explorer
from cnncourse.explorers.scene import Position, Settings
from cnnlib.lenet import lenet5

EXPLORERS: dict[str, Explorer] = {
    "kernel_on_a_photograph": kernel_editor.EXPLORER,
    "layers_of_lenet": lenet_layers.EXPLORER,
    "corrupted_digit": _corrupted_digit.EXPLORER,
    "pixels_of_a_digit": _pixels_of_a_digit.EXPLORER,
    "canvas_of_digits": _canvas_of_digits.EXPLORER,
    "network_architecture": architecture.EXPLORER,
    "training_film": _training_film.EXPLORER,
    "training_step": _training_step.EXPLORER,
}
SLIDER = {  # whose key is timed
    "kernel_on_a_photograph": "bias",
    "layers_of_lenet": "example",
    "corrupted_digit": "rotation",
    "pixels_of_a_digit": "example",
    "canvas_of_digits": "position",
    "network_architecture": "filters",
    "training_film": "position",
    "training_step": "rate",
}
TRAITS = ("title", "controls", "data", "_settings")
every_card = pytest.mark.parametrize("name", EXPLORERS)


@pytest.fixture
def alone(browser: Browser) -> Any:
    """Yield a function that opens a page with one explorer on it and nothing else."""
    pages = []

    def open_one(name: str, width: int = 1100, options: dict[str, Any] | None = None, **start: Any) -> Page:
        widget = getattr(explorers, name)(**start)
        traits = (*TRAITS, "weights") if widget.has_trait("weights") else TRAITS
        pages.append(page_of(browser, widget, traits, width, **(options or {})))
        return pages[-1]

    yield open_one
    for page in pages:
        page.context.close()


def tried(explorer: Explorer) -> list[Settings]:
    """Return settings at both ends of every one, alone and all together, the presets, and fifty drawn ones."""
    start, rng = explorer.start(), np.random.default_rng(5)
    free = [s for s in explorer.settings if not isinstance(s, Position)]
    chosen = [start, *(start | values for _, values in explorer.presets)]
    chosen += [start | {s.name: s.values()[end]} for s in free for end in (0, -1)]
    chosen += [start | {s.name: s.values()[end] for s in free} for end in (0, -1)]
    chosen += [start | {s.name: s.values()[int(rng.integers(len(s.values())))] for s in free} for _ in range(50)]
    return chosen


LOOK = (
    f"(all) => {{ {MEASURES}"
    + """
  const card = document.querySelector(".cnnx-card"), found = [];
  const controls = [...card.querySelectorAll("input, select, button")];
  for (const settings of all) {
    model.set("_settings", settings);
    const frame = card.getBoundingClientRect(), stage = card.querySelector(".cnnx-stagebox").getBoundingClientRect();
    const outside = [], cut = [], small = [], meet = [], words = [];
    for (const node of card.querySelectorAll("text, rect, button, input, select, p, label")) {
      const box = node.getBoundingClientRect();
      if (!box.width || node.closest("defs")) continue;
      const room = node.closest("svg.cnnx-svg") ? stage : frame;
      const aside = box.left < room.left - 0.5 || box.right > room.right + 0.5;
      if (aside || box.top < room.top - 0.5 || box.bottom > room.bottom + 0.5)
        outside.push(node.outerHTML.slice(0, 200));
    }
    for (const name of ["reading", "panel", "sentence", "message", "legend", "foot", "controls", "presets"]) {
      const node = card.querySelector(`.cnnx-${name}`);
      if (node && isCut(node)) cut.push(name);
    }
    const written = "text, tspan, p, span, label, output, button, option, .cnnx-weightgrid input";
    for (const node of card.querySelectorAll(written)) {
      if (!(node.textContent || node.value || "").trim() || !node.getClientRects().length) continue;
      const scale = node.getScreenCTM ? node.getScreenCTM().a : 1;
      const size = parseFloat(getComputedStyle(node).fontSize) * scale;
      if (size < 10.95) small.push([size, node.outerHTML.slice(0, 120)]);
    }
    for (const node of card.querySelectorAll("svg.cnnx-svg text:not(.cnnx-saved), svg.cnnx-svg .cnnx-texts tspan")) {
      const box = node.getBoundingClientRect();
      const row = node.tagName === "text" && node.parentNode.classList.contains("cnnx-texts");
      if (!box.width || !node.textContent.trim() || row) continue;
      if (getComputedStyle(node).visibility === "hidden") continue;
      words.push([box, node.textContent]);
    }
    for (const [k, [a, one]] of words.entries()) {
      for (const [b, other] of words.slice(k + 1)) {
        if (across(a, b) > 1 && down(a, b) > 4) meet.push([one, other]);
      }
    }
    found.push({
      height: frame.height, controls: controls.map((one) => round(one.getBoundingClientRect())),
      outside, cut, small, meet,
      scroll: [document.documentElement.scrollHeight, document.documentElement.scrollWidth],
      said: ["message", "sentence"].map((name) => card.querySelector(`.cnnx-${name}`).textContent),
      lines: [...card.querySelectorAll(".cnnx-formulas p")].map((one) => one.textContent).filter(Boolean),
    });
  }
  return found;
}"""
)


@pytest.mark.parametrize("width", WIDTHS)
@every_card
def test_the_card_stays_as_it_is_and_says_what_the_scene_says(alone: Any, name: str, width: int) -> None:
    page, explorer = alone(name, width=width), EXPLORERS[name]
    chosen = tried(explorer)
    found = page.evaluate(LOOK, chosen)
    assert {one["height"] for one in found} == {found[0]["height"]}
    assert {tuple(one["scroll"]) for one in found} == {tuple(found[0]["scroll"])}
    assert found[0]["scroll"][1] <= width
    for settings, one in zip(chosen, found):
        scene = explorer.scene_of(settings)
        assert one["controls"] == found[0]["controls"], settings
        assert one["outside"] == [] and one["cut"] == [] and one["meet"] == [], settings
        assert one["said"] == [scene.message, scene.sentence], settings
        assert scene.message or one["lines"] == list(scene.lines), settings
        if page.locator(".cnnx-card").get_attribute("data-size") == "laptop":
            assert one["small"] == [], settings
    assert page.problems == []


@every_card
def test_other_explorers_on_the_page_change_nothing(alone: Any, name: str) -> None:
    page = alone("padding_and_stride", width=700)
    before = page.evaluate(STYLES)
    page.add_style_tag(content=str(getattr(explorers, name)()._css))
    assert page.evaluate(STYLES) == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
@every_card
def test_axe_finds_nothing_at_any_level(alone: Any, axe: str, name: str, scheme: str) -> None:
    page = alone(name, options={"color_scheme": scheme})
    page.evaluate(axe)
    found = page.evaluate("axe.run(document.querySelector('.cnnx'))")
    assert [(one["id"], one["nodes"][0]["html"][:100]) for one in found["violations"]] == []
    assert page.problems == []


@every_card
def test_everything_to_touch_is_large_enough_and_nothing_is_left_behind(alone: Any, name: str) -> None:
    page = alone(name, width=390, options={"has_touch": True, "is_mobile": True})
    small = page.evaluate(
        """() => [...document.querySelectorAll('.cnnx :is(button, select, input)')]
          .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
          .filter(([, box]) => box.width && (box.width < 24 || box.height < 24)).map(([text]) => text)"""
    )
    assert small == []
    page.evaluate("away()")
    assert page.locator(".cnnx").count() == 0
    assert page.evaluate("Object.values(model.heard).flat().length") == 0
    assert page.problems == []


@every_card
def test_the_picture_is_saved_with_its_pixels(alone: Any, name: str) -> None:
    page = alone(name)
    with page.expect_download() as svg:
        page.get_by_role("button", name="SVG").click()
    text = svg.value.path().read_text(encoding="utf-8")
    assert text.startswith("<svg ") and "class=" not in text and "var(" not in text
    with page.expect_download() as png:
        page.get_by_role("button", name="PNG").click()
    assert png.value.path().read_bytes().startswith(b"\x89PNG")
    assert page.problems == []


@every_card
def test_the_time_from_key_to_picture_is_measured(alone: Any, name: str, capsys: Any) -> None:
    """Prints the medians; no bound is asserted, machines differ."""
    page = alone(name)
    said = measured(page, f"[data-name={SLIDER[name]}]")
    with capsys.disabled():
        print(f"\n{name}: {said}")


# ---- the kernel editor ----------------------------------------------------------------------------------------------


def state(page: Page) -> dict[str, Any]:
    return page.evaluate("model.get('_settings')")


def test_weights_are_typed_stepped_and_dragged(alone: Any) -> None:
    page = alone("kernel_on_a_photograph")
    before = page.evaluate(PLACES)
    field = page.get_by_role("spinbutton", name="Weight, row 0, column 1", exact=True)
    field.fill("−2,5")
    assert state(page)["w01"] == -2.5
    field.press("ArrowUp")
    assert (state(page)["w01"], field.input_value()) == (-2, "−2")
    field.fill("99")
    field.press("Enter")
    assert (state(page)["w01"], field.input_value()) == (8, "8")
    field.fill("x")
    field.blur()
    assert (state(page)["w01"], field.input_value()) == (8, "8")
    box = page.locator("[data-name=w22]").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 20, box["y"] + 20 - 12, steps=3)
    page.mouse.up()
    assert state(page)["w22"] == 1
    assert page.locator("[data-name=w22]").get_attribute("aria-valuenow") == "1"
    assert page.evaluate(PLACES) == before
    page.get_by_label("Letters in the cells").check()
    assert page.locator("[data-name=w22]").input_value() == "w₂₂"
    assert page.problems == []


def test_the_window_follows_pointer_and_keys(alone: Any) -> None:
    page = alone("kernel_on_a_photograph", position=(10, 20))
    reading = page.locator(".cnnx-reading")
    photo = kernel_editor.photograph()
    for at in ((100, 60), (0, 0), (253, 253)):
        page.evaluate("(at) => model.set('_settings', { ...model.get('_settings'), position: at })", list(at))
        r, c = at
        assert (
            reading.inner_text()
            == f"Window at row {r}, column {c}: {photo[r + 1, c + 1]:g}·1 = {photo[r + 1, c + 1]:g}"
        )
    window = page.get_by_role("slider", name="window on the photograph")
    window.focus()
    for key in ("Home", "ArrowRight", "Shift+ArrowRight", "ArrowUp", "PageUp"):
        page.keyboard.press(key)
    assert state(page)["position"] == [242, 11]
    assert window.get_attribute("aria-valuetext").startswith("row 242, column 11: ")
    box = window.bounding_box()
    x, y = round(box["x"] + box["width"] / 2), round(box["y"] + box["height"] / 4)
    r, c = (int(256 * (at - start) / box["width"]) - 1 for at, start in ((y, box["y"]), (x, box["x"])))
    page.mouse.move(x, y)
    assert f"row {r}, column {c}: " in reading.inner_text()
    page.mouse.move(2, 2)
    assert "row 242, column 11" in reading.inner_text()
    page.mouse.click(x, y)
    assert state(page)["position"] == [r, c]
    assert page.problems == []


def test_presets_set_all_weights_and_say_so(alone: Any) -> None:
    page = alone("kernel_on_a_photograph")
    for label, values in kernel_editor.PRESETS:
        button = page.get_by_role("button", name=label, exact=True)
        button.click()
        assert button.get_attribute("aria-pressed") == "true"
        assert state(page).items() >= values.items()
    assert page.locator(".cnnx-presets [aria-pressed=true]").count() == 1


def test_the_result_is_painted(alone: Any) -> None:
    page = alone("kernel_on_a_photograph", width=1280, kernel=np.array([[0, 0, 0], [0, -1, 0], [0, 0, 0]]), bias=128)
    seen = page.evaluate(
        """() => {
          const canvas = document.querySelector(".cnnx-backdrop"), scale = canvas.width / canvas.clientWidth;
          const [photo, result] = document.querySelectorAll(".cnnx-area");
          const data = canvas.getContext("2d");
          const mean = (area) => {
            const box = ["x", "y", "width", "height"].map((name) => scale * (Number(area.getAttribute(name)) + 0));
            const bytes = data.getImageData(...box).data;
            let sum = 0;
            for (let k = 0; k < bytes.length; k += 4) sum += bytes[k];
            return sum / (bytes.length / 4);
          };
          return [mean(photo), mean(result)];
        }"""
    )
    numbers: dict[str, Any] = kernel_editor.scene(
        1, 128.0, **{f"w{m}{n}": -1.0 * (m == n == 1) for m in range(3) for n in range(3)}
    ).numbers
    assert seen == pytest.approx([kernel_editor.photograph().mean(), numbers["levels"].mean()], abs=2)


# ---- the layers of LeNet-5 ------------------------------------------------------------------------------------------


def test_a_map_is_framed_in_every_row_and_read(alone: Any) -> None:
    page = alone("layers_of_lenet", layer="conv1", width=1280)
    area = page.get_by_role("slider", name="look at a map or unit")
    area.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    frames = page.locator(".cnnx-same").get_attribute("d").count("M")
    assert frames == 5  # kernel, net, a, pool(a), delta
    reading = page.locator(".cnnx-reading").inner_text()
    assert reading.startswith("a = ReLU(net), map 2: from ") and area.get_attribute("aria-valuetext") == reading
    numbers: dict[str, Any] = explorers.layers_of_lenet(layer="conv1").scene.numbers
    area.blur()  # its frame is part of its box
    box = area.bounding_box()
    top = float(page.locator(".cnnx-rules").get_attribute("d").split("M")[9].split(" ")[1].split("h")[0])
    page.mouse.move(box["x"] + 1, box["y"] + top - float(area.get_attribute("y")) + 1)
    value = lenet_layers._number(numbers["net"][0, 0, 0])
    assert page.locator(".cnnx-reading").inner_text().startswith(f"net, map 0, row 0, column 0: {value};")
    assert page.problems == []


def test_a_network_that_has_learned_is_shown_as_it_is_now(alone: Any, browser: Browser) -> None:
    fresh = lenet5(rng=4)
    widget = explorers.layers_of_lenet(fresh, digit=7)
    page = page_of(browser, widget, (*TRAITS, "weights"), 1000)
    sentence = page.locator(".cnnx-sentence")
    assert sentence.inner_text() == widget.scene.sentence
    for array in fresh.parameters().values():
        array *= np.float32(1.2)
    widget.example = 1
    packed = base64.b64encode(widget.weights).decode()
    page.evaluate(
        """([settings, text]) => {
          model.set("weights", new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer));
          model.set("_settings", settings);
        }""",
        [widget._settings, packed],
    )
    assert sentence.inner_text() == widget.scene.sentence
    assert page.locator(".cnnx-formulas p").first.inner_text() == widget.scene.lines[0]
    page.context.close()


# ---- the corrupted digit --------------------------------------------------------------------------------------------


def test_the_curve_follows_the_change_and_a_click_on_it_sets_it(alone: Any) -> None:
    page = alone("corrupted_digit")
    for name in ("noise", "down"):
        page.locator(f"[data-name={name}]").focus()
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        assert state(page)["curve"] == name
        assert page.locator("select[data-name=curve]").input_value() == name
    assert (state(page)["noise"], state(page)["down"]) == (0.2, 4)
    assert "changed in 2 ways at once" in page.locator(".cnnx-sentence").inner_text()
    box = page.locator(".cnnx-area").bounding_box()
    page.mouse.click(box["x"] + box["width"] - 2, box["y"] + 40)
    assert state(page)["down"] == 10
    page.get_by_role("button", name="unchanged").click()
    assert page.locator(".cnnx-sentence").inner_text().startswith("Unchanged.")
    assert page.problems == []


# ---- the canvas of digits -------------------------------------------------------------------------------------------


def test_the_window_is_pointed_at_walked_to_and_played(alone: Any) -> None:
    page = alone("canvas_of_digits", width=1280)
    before, reading = page.evaluate(PLACES), page.locator(".cnnx-reading")
    area = page.get_by_role("slider", name="map of the windows")
    area.focus()
    for key in ("End", "ArrowDown", "ArrowLeft", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
    assert state(page)["position"] == [1, 18]
    shown: Any = explorers.canvas_of_digits(position=(1, 18)).scene.numbers["reading"]
    assert reading.inner_text() == area.get_attribute("aria-valuetext") == shown
    box = area.bounding_box()
    at = (box["x"] + box["width"] * 12.5 / 20, box["y"] + box["height"] * 0.5 / 6)
    page.mouse.move(*at)
    shown = explorers.canvas_of_digits(position=(0, 12)).scene.numbers["reading"]
    assert reading.inner_text() == shown and "row 0, column 12: a 0 with" in shown
    bars = page.locator(".cnnx-svg [role=img]").get_attribute("aria-label")
    assert bars == "probabilities: " + ", ".join(
        f"{k}: {digits.share(p)}"
        for k, p in enumerate(explorers.canvas_of_digits(position=(0, 12)).scene.numbers["ten"])
    )
    assert state(page)["position"] == [1, 18]
    page.mouse.click(*at)
    assert state(page)["position"] == [0, 12]
    page.get_by_role("button", name="Pin").click()
    page.get_by_role("button", name="Step on").click()
    assert state(page)["position"] == [0, 13]
    assert page.locator(".cnnx-compared").get_attribute("d").count("M") == 2
    assert page.evaluate(PLACES) == before
    assert page.problems == []


# Points of the beam's edges that lie in the words over the map.
STRUCK = """() => {
  const [, words] = document.querySelectorAll(".cnnx-over .cnnx-title"), edge = document.querySelector(".cnnx-edge");
  const { x, y, width, height } = words.getBBox();
  const all = Array.from({ length: Math.ceil(edge.getTotalLength()) }, (_, k) => edge.getPointAtLength(k));
  return all.filter((one) => one.x > x && one.x < x + width && one.y > y + 1 && one.y < y + height - 2).length;
}"""


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_no_edge_of_the_beam_strikes_through_the_words_over_the_map(alone: Any, width: int) -> None:
    page = alone("canvas_of_digits", width=width)
    for position in ([0, 0], [2, 3], [1, 4], [5, 7], [3, 1], [0, 19]):
        page.evaluate("(position) => model.set('_settings', { ...model.get('_settings'), position })", position)
        assert page.locator(".cnnx-edge").get_attribute("d").count("M") >= 2  # both edges are there
        assert page.evaluate(STRUCK) == 0, position


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_on_the_site_the_code_that_opens_an_explorer_is_no_wider_than_its_card(alone: Any, width: int) -> None:
    page = alone("training_film", width=width)
    page.add_style_tag(content=(ROOT / "docs" / "_static" / "site.css").read_text(encoding="utf-8"))
    ends = page.evaluate(
        """() => {
          const [cell, code] = ["cell", "cell_input"].map((name) => Object.assign(document.createElement("div"), {
            className: name,
          }));
          const place = document.querySelector("#place"), card = place.firstElementChild;
          place.append(cell);
          cell.append(code, card);
          return [code, card].map((node) => node.getBoundingClientRect().right);
        }"""
    )
    assert ends[0] == ends[1]


def test_a_digit_is_dragged_and_moved_by_keys(alone: Any) -> None:
    page = alone("canvas_of_digits", width=1280)
    digit = page.get_by_role("slider", name="digit 2 on the canvas")
    assert digit.get_attribute("aria-valuetext") == "an 8, row 22, column 26"
    digit.focus()
    for key in ("ArrowUp", "Shift+ArrowLeft", "ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    assert (state(page)["row_2"], state(page)["column_2"]) == (24, 23)  # it stays on the canvas
    digit.blur()  # its frame is part of its box
    box = digit.bounding_box()
    pixel = box["width"] / 24
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 10 * pixel, y - 6 * pixel, steps=4)
    page.mouse.up()
    page.mouse.move(x, y)
    assert (state(page)["row_2"], state(page)["column_2"]) == (18, 33)
    moved: Any = explorers.canvas_of_digits(row_2=18, column_2=33).scene
    assert page.locator(".cnnx-sentence").inner_text() == moved.sentence
    assert page.locator(".cnnx-classes text").all_text_contents() == [str(k) for k in moved.numbers["classes"].ravel()]
    page.locator("select[data-name=digit_2]").select_option("none")
    assert not digit.is_visible()
    page.get_by_role("button", name="one alone").click()
    assert page.locator(".cnnx-held:visible").count() == 1
    page.locator("select[data-name=map]").select_option("5")
    fives = [text for text in page.locator(".cnnx-classes text").all_text_contents() if text]
    alone_there: Any = explorers.canvas_of_digits()
    alone_there.choose("one alone")
    assert fives == ["5"] * int((alone_there.output == 5).sum())
    assert page.problems == []


# ---- the pixels of a digit ------------------------------------------------------------------------------------------


def pixel(area: Any, row: int, column: int) -> tuple[float, float]:
    """Return the middle of a pixel, in the window."""
    box = area.bounding_box()
    return box["x"] + box["width"] * (column + 0.5) / 28, box["y"] + box["height"] * (row + 0.5) / 28


def test_a_pixel_is_pointed_at_and_walked_to_and_its_number_is_said(alone: Any) -> None:
    page = alone("pixels_of_a_digit", width=1280)
    area, reading = page.get_by_role("slider", name="pixels of the digit"), page.locator(".cnnx-reading")
    before, shown = page.evaluate(PLACES), explorers.pixels_of_a_digit()
    page.mouse.move(*pixel(area, 12, 9))
    assert reading.inner_text() == "Row 12, column 9: 255 of 255, as dark as ink gets."
    cells = page.locator(".cnnx-lens [role=gridcell]")
    seen = cells.evaluate_all("(all) => all.map((one) => one.getAttribute('aria-label'))")
    numbers = shown.output[9:16, 6:13]
    assert seen == [f"row {9 + r}, column {6 + c}: {value}" for (r, c), value in np.ndenumerate(numbers)]
    cells.nth(7 * 5 + 2).hover()  # two rows under the middle of the lens, which is back around (8, 9)
    assert reading.inner_text() == f"Row 10, column 8: {shown.output[10, 8]} of 255, 68 % ink."
    assert state(page)["position"] == [8, 9]
    area.focus()
    for key in ("End", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    assert state(page)["position"] == [9, 26]
    assert reading.inner_text() == area.get_attribute("aria-valuetext") == "Row 9, column 26: 0 of 255, paper."
    assert page.evaluate(PLACES) == before and page.problems == []


def test_pixels_are_rubbed_out_drawn_and_had_back(alone: Any) -> None:
    page = alone("pixels_of_a_digit", width=1280)
    area, sentence = page.get_by_role("slider", name="pixels of the digit"), page.locator(".cnnx-sentence")
    undo = page.get_by_role("button", name="Undo")
    page.mouse.click(*pixel(area, 6, 3))  # without a tool a click only looks
    assert (state(page)["changes"], state(page)["position"]) == ("", [6, 3])
    page.get_by_role("button", name="Eraser").click()
    page.mouse.move(*pixel(area, 6, 1))
    page.mouse.down()
    page.mouse.move(*pixel(area, 6, 10))  # as one step: the pixels between are rubbed out as well
    page.mouse.up()
    rubbed = "e5.0-11_e6.0-11_e7.0-11"
    assert state(page)["changes"] == rubbed
    after: Any = explorers.pixels_of_a_digit(changes=rubbed).scene
    assert sentence.inner_text() == after.sentence
    bars = page.locator(".cnnx-svg [role=img]").get_attribute("aria-label")
    assert bars == "probabilities: " + ", ".join(
        f"{k}: {digits.share(p)}" for k, p in enumerate(after.numbers["probabilities"])
    )
    page.get_by_role("button", name="Pen").click()
    page.locator("select[data-name=brush]").select_option("1")
    area.focus()
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    assert state(page)["changes"] == "e5.0-11_p6.0_e6.1-11_e7.0-11"
    page.locator(".cnnx-lens [role=gridcell]").nth(7 * 2 + 3).click()  # the lens shows rows 3-9, columns 0-6
    assert state(page)["changes"] == "e5.0-2_p5.3_e5.4-11_p6.0_e6.1-11_e7.0-11"
    assert page.locator(".cnnx-reading").inner_text().startswith("Row 5, column 3: 255, drawn. It was ")
    page.keyboard.press("Control+z")
    undo.click()
    assert state(page)["changes"] == rubbed
    page.get_by_role("button", name="Whole digit").click()
    assert state(page)["changes"] == "" and sentence.inner_text() == explorers.pixels_of_a_digit().scene.sentence
    undo.click()
    assert state(page)["changes"] == rubbed
    page.locator("input[data-name=digit]").press("ArrowRight")
    assert (state(page)["digit"], state(page)["changes"]) == (6, "")
    assert undo.get_attribute("aria-disabled") == "true"
    assert page.problems == []


def test_a_finger_rubs_out(alone: Any) -> None:
    page = alone("pixels_of_a_digit", width=390, options={"has_touch": True}, tool="erase")
    area = page.get_by_role("slider", name="pixels of the digit")
    page.touchscreen.tap(*pixel(area, 8, 9))
    assert state(page)["changes"] == "e7.8-10_e8.8-10_e9.8-10"
    assert area.evaluate("(one) => getComputedStyle(one).touchAction") == "none"
    page.get_by_role("button", name="Look").tap()
    assert area.evaluate("(one) => getComputedStyle(one).touchAction") != "none"  # the page scrolls again
    assert page.problems == []


# ---- the training film ----------------------------------------------------------------------------------------------


def test_the_film_plays_to_its_end_and_is_scrubbed(alone: Any) -> None:
    page = alone("training_film", width=1280, epoch=17)
    before = page.evaluate(PLACES)
    page.locator("select[data-name=speed]").select_option("4")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("model.get('_settings').epoch === 20")
    page.get_by_role("button", name="Play").wait_for()  # it has stopped
    assert page.locator(".cnnx-sentence").inner_text() == explorers.training_film(epoch=20).scene.sentence
    page.get_by_role("button", name="Step back").click()
    assert (state(page)["epoch"], page.locator(".cnnx-at output").inner_text()) == (19, "19 of 20")
    box = page.get_by_role("slider", name="epoch on the curve").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 40)
    page.mouse.down()
    for epoch in (14, 6):
        page.mouse.move(box["x"] + box["width"] * epoch / 20, box["y"] + 40, steps=3)
        assert state(page)["epoch"] == epoch
    page.mouse.up()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    assert state(page)["epoch"] == 6
    assert page.locator(".cnnx-curve").first.get_attribute("d").count("L") == 6
    page.get_by_role("button", name="η = 1", exact=True).click()
    assert (state(page)["film"], state(page)["epoch"]) == ("fast", 6)
    assert page.locator(".cnnx-presets [aria-pressed=true]").all_inner_texts() == ["η = 1"]
    assert page.evaluate(PLACES) == before
    assert page.problems == []


def test_a_digit_of_the_film_is_looked_at_and_every_answer_is_written(alone: Any) -> None:
    page = alone("training_film", width=1280, film="fast", epoch=9)
    shown: dict[str, Any] = explorers.training_film(film="fast", epoch=9).scene.numbers
    labels = _training_film.stored()["labels"]
    wanted = [f"{read}" if read == k else f"{read}, not {k}" for read, k in zip(shown["reads"], labels)]
    assert page.locator(".cnnx-caption10").all_text_contents() == wanted
    digit = page.get_by_role("slider", name="look at a digit")
    digit.focus()
    for key in ("End", "ArrowLeft"):
        page.keyboard.press(key)
    assert state(page)["digit"] == 10
    shown = explorers.training_film(film="fast", epoch=9, digit=10).scene.numbers
    assert page.locator(".cnnx-reading").inner_text() == digit.get_attribute("aria-valuetext") == shown["reading"]
    digit.blur()
    box = digit.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 3.4 / 12, box["y"] + 20)
    assert state(page)["digit"] == 3
    bars = page.locator(".cnnx-svg [role=img]").get_attribute("aria-label")
    tens = explorers.training_film(film="fast", epoch=9, digit=3).scene.numbers["ten"]
    assert bars == "probabilities: " + ", ".join(f"{k}: {digits.share(p)}" for k, p in enumerate(tens))
    assert page.problems == []


# ---- the architecture -----------------------------------------------------------------------------------------------


def test_a_layer_is_framed_as_a_box_and_as_a_row_and_read(alone: Any) -> None:
    page = alone("network_architecture")
    page.get_by_role("slider", name="look at a layer").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".cnnx-same").get_attribute("d").count("M") == 2
    assert page.locator(".cnnx-reading").inner_text() == (
        "CONV 3 × 3, RELU: 8 filters, each of 3 · 3 · 1 weights and a bias: 80 parameters; "
        "each filter stands in 784 places: 56,448 multiply-adds."
    )


def test_a_network_that_does_not_fit_keeps_the_last_one_and_says_why(alone: Any) -> None:
    page = alone("network_architecture")
    before, height = page.locator(".cnnx-cell").all_text_contents(), page.locator(".cnnx-card").bounding_box()["height"]
    page.locator("[data-name=kernel]").focus()
    page.keyboard.press("ArrowRight")
    assert "cannot be padded evenly" in page.locator(".cnnx-message").inner_text()
    assert page.locator(".cnnx-cell").all_text_contents() == before
    assert page.locator(".cnnx-card").bounding_box()["height"] == height
    assert float(page.evaluate("getComputedStyle(document.querySelector('.cnnx-volumes')).opacity")) < 0.5


# ---- one training step ----------------------------------------------------------------------------------------------


def test_update_takes_a_step_and_start_again_goes_back(alone: Any) -> None:
    page = alone("training_step")
    before = page.evaluate(PLACES)
    update, said = page.get_by_role("button", name="update"), page.locator(".cnnx-state")
    for n in range(1, 4):
        update.click()
        losses = explorers.training_step(steps=n).scene.numbers["losses"]
        assert state(page)["steps"] == n
        assert said.inner_text() == f"Step {n}: E = {small_net_words.shown(losses[-1])}"
        assert page.locator(".cnnx-curve-dots").get_attribute("d").count("M") == n + 1
    assert page.evaluate(PLACES) == before
    page.get_by_role("button", name="start again").click()
    assert state(page)["steps"] == 0
    page.evaluate("model.set('_settings', { ...model.get('_settings'), steps: 20 })")
    update.click(force=True)  # it says that it is disabled, and why
    assert state(page)["steps"] == 20 and update.get_attribute("aria-disabled") == "true"
    page.wait_for_function("document.querySelector('.cnnx-live').textContent.startsWith('20 steps')")
    assert page.problems == []


def test_every_number_is_shown_and_says_how_it_is_made(alone: Any) -> None:
    page = alone("training_step", width=1366)
    for settings in (
        {"steps": 0},
        {"steps": 5, "image": "turns", "rate": 0.2},
        {"steps": 3, "rate": 2},
        {"letters": True},
    ):
        given = _training_step.EXPLORER.start() | settings
        page.evaluate("(settings) => model.set('_settings', settings)", given)
        numbers: dict[str, Any] = _training_step.EXPLORER.scene_of(given).numbers
        shown = page.evaluate(
            """() => [...document.querySelectorAll('.cnnx-stepcells rect')].map((rect, k) => {
              rect.focus();
              return [rect.dataset.look, document.querySelectorAll('.cnnx-steptexts text')[k].textContent,
                rect.getAttribute('aria-label'), document.querySelector('.cnnx-reading').textContent];
            })"""
        )
        looks = page.evaluate(
            "[...document.querySelectorAll('.cnnx-stepcells rect')].map((one) => one.className.baseVal)"
        )
        assert all(re.fullmatch("z|[pn][1-5]", look) for look in looks)
        assert [look for look, *_ in shown] == [small_net.known_as(*cell) for cell in small_net.CELLS]
        for (look, text, label, reading), (name, r, c) in zip(shown, small_net.CELLS):
            value = numbers["losses"][-1] if name == "E" else numbers[name][r, c]
            scene: dict[str, Any] = _training_step.EXPLORER.scene_of(given | {"look": look}).numbers
            assert reading == re.sub(r"_(\{([^}]*)\}|(\w))", r"\2\3", scene["reading"])
            assert label.endswith(f": {small_net_words.shown(value)}")
            assert given["letters"] or text == small_net_words.cell_text(value)
    assert state(page)["look"] == shown[-1][0]
    assert page.problems == []


FRAMED = """(names) => names.map((name) => document.querySelector(name).getAttribute("d").split("M").length - 1)"""


def test_a_number_is_pointed_at_walked_to_and_touched(alone: Any, browser: Browser) -> None:
    page = alone("training_step", width=1280)
    reading = page.locator(".cnnx-reading")
    page.locator("[data-look=d_w1_01]").hover()
    assert reading.inner_text().startswith("Kernel 1: ∂E/∂w01 = 0·0 + 0·1 + ")
    assert page.evaluate(FRAMED, [".cnnx-taps", ".cnnx-goes"]) == [18, 1]
    assert state(page)["look"] == "net0_00"
    page.mouse.move(2, 2)
    assert reading.inner_text().startswith("Map 0: net00")
    page.locator("[data-look=net0_00]").focus()
    walked = []
    for key in ("ArrowRight", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "End", "Home"):
        page.keyboard.press(key)
        walked.append(page.evaluate("document.activeElement.dataset.look"))
    assert walked == [
        "net0_01",
        "net0_11",
        "net0_12",
        "a0_10",
        "a0_11",
        small_net.known_as(*small_net.CELLS[-1]),
        "x_00",
    ]
    assert page.locator(".cnnx-stepcells [tabindex='0']").count() == 1
    assert page.locator("[aria-selected=true]").get_attribute("data-look") == "x_00" == state(page)["look"]
    phone = alone("training_step", width=390, options={"has_touch": True, "is_mobile": True})
    phone.locator("[data-look=p_10]").tap()
    assert phone.locator(".cnnx-reading").inner_text() == "Unit 1: p1 = exp(2) / (exp(3) + exp(2)) = 0.269"
    assert page.problems == phone.problems == []


def test_one_way_alone_leaves_the_cells_of_the_other_empty(alone: Any) -> None:
    page = alone("training_step", show="forward")
    texts = dict(
        page.evaluate(
            """() => [...document.querySelectorAll('.cnnx-stepcells rect')].map((rect, k) =>
              [rect.dataset.look, document.querySelectorAll('.cnnx-steptexts text')[k].textContent])"""
        )
    )
    assert all(bool(text) != look.startswith("d_") for look, text in texts.items())
    page.locator("select[data-name=show]").select_option("backward")
    assert page.locator(".cnnx-steptexts text").nth(0).text_content() == ""
    assert page.problems == []
