"""The card of an explorer in a real browser: it stays where it is, shows what belongs together, and can be shared."""

from __future__ import annotations

import contextlib
import functools
import http.server
import io
import json
import re
import threading
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest
from cards import MEASURES, WIDTHS, assert_card, assert_grids, assert_numbers, cell, framed, lit, measured
from pages import HOST, RUN, in_lab, page_of, wait_for
from PIL import Image
from playwright.sync_api import Locator, Page

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
    transposed,
)
from cnncourse.explorers.scene import Choice, Explorer, Position, Range, Settings, Switch, text_of

EXPLORERS: dict[str, Explorer] = {
    "padding_and_stride": padding_stride.EXPLORER,
    "convolution_step_by_step": convolution_steps.STEPS,
    "convolution_over_channels": convolution_steps.DEPTH,
    "pooling_step_by_step": pooling.EXPLORER,
    "matrix_of_a_convolution": sparse_matrix.EXPLORER,
    "stacked_receptive_field": receptive_field.EXPLORER,
    "pooling_sensitivity": pooling_back.EXPLORER,
    "convolution_in_one_dimension": one_dimension.EXPLORER,
    "sensitivity_stepper": sensitivity_steps.EXPLORER,
    "sensitivity_through_stride": sensitivity_stride.EXPLORER,
    "transposed_convolution": transposed.EXPLORER,
}
ON_THE_WINDOW_STAGE = ("padding_and_stride", "convolution_step_by_step")  # the others stand on the stage of grids
every_card = pytest.mark.parametrize("name", EXPLORERS)
TRAITS = ("title", "controls", "data", "_settings")


def card(page: Page) -> Locator:
    return page.locator(".cnnx-card")


# ---- nothing moves --------------------------------------------------------------------------------------------------


def tried(explorer: Explorer) -> list[Settings]:
    """Return settings at both ends of every range, alone and all together, and fifty drawn ones."""
    ranges = [s for s in explorer.settings if isinstance(s, Range)]
    start, rng = explorer.start(), np.random.default_rng(5)
    chosen = [start]
    for s in ranges:
        chosen += [explorer.changed(start, **{s.name: end}) for end in (s.low, s.high)]
    for s in explorer.settings:
        chosen += [explorer.changed(start, **{s.name: one}) for one in s.values()] if isinstance(s, Choice) else []
    chosen += [start | {s.name: s.accept(end) for s, end in zip(ranges, ends)} for ends in two_ends(ranges)]
    for _ in range(50):
        settings = dict(start)
        for s in explorer.settings:
            if isinstance(s, Range):
                settings[s.name] = s.values()[int(rng.integers(len(s.values())))]
            elif isinstance(s, Switch):
                settings[s.name] = bool(rng.integers(2))
            elif isinstance(s, Choice):
                settings[s.name] = s.values()[int(rng.integers(len(s.values())))]
            elif isinstance(s, Position):
                settings[s.name] = [int(n) for n in rng.integers(0, 9, len(s.start))]
        chosen.append(explorer.changed(start | {"position": settings.pop("position")}, **settings))
    return chosen


def two_ends(ranges: list[Range]) -> list[list[int]]:
    """Return all ranges low, all high, and high with the ones low that make the output large."""
    large = {"stride": "low", "dilation": "low"}
    return [
        [s.low for s in ranges],
        [s.high for s in ranges],
        [s.low if s.name in large else s.high for s in ranges],
    ]


LOOK = (
    f"(all) => {{ {MEASURES}"
    + """
  const card = document.querySelector(".cnnx-card"), found = [];
  const controls = [...card.querySelectorAll("input, select, button")];
  for (const settings of all) {
    model.set("_settings", settings);
    const frame = card.getBoundingClientRect();
    const outside = [], cut = [], small = [];
    for (const node of card.querySelectorAll("text, rect, button, input, select, p, label")) {
      const box = node.getBoundingClientRect();
      if (!box.width || node.closest("defs")) continue;
      const aside = box.left < frame.left || box.right > frame.right + 0.5;
      if (aside || box.top < frame.top || box.bottom > frame.bottom + 0.5)
        outside.push(node.outerHTML.slice(0, 150));
    }
    for (const name of ["reading", "panel", "sentence", "message", "legend", "foot", "controls", "bar"]) {
      const node = card.querySelector(`.cnnx-${name}`);
      if (node.getClientRects().length && isCut(node)) cut.push(name);
    }
    for (const node of card.querySelectorAll("text, tspan, p, span, label, output, button, option")) {
      if (!node.textContent.trim() || !node.getClientRects().length) continue;
      const scale = node.getScreenCTM ? node.getScreenCTM().a : 1;
      const size = parseFloat(getComputedStyle(node).fontSize) * scale;
      if (size < 10.95) small.push([size, node.outerHTML.slice(0, 120)]);
    }
    const grids = [...card.querySelectorAll(".cnnx-cells")].filter((grid) => grid.getClientRects().length);
    const parts = grids.map((grid) => grid.getBoundingClientRect());
    found.push({
      height: frame.height, controls: controls.map((one) => round(one.getBoundingClientRect())), outside, cut, small,
      span: Math.max(...parts.map((box) => box.bottom)) - Math.min(...parts.map((box) => box.top)),
      over: parts.flatMap((a, k) => parts.slice(k + 1).filter((b) => across(a, b) > 1 && down(a, b) > 1)).length,
      titles: [...card.querySelectorAll(".cnnx-title")].map((node) => [node.textContent, node.getBoundingClientRect()])
        .flatMap(([words, a], k, all) => all.slice(k + 1).filter(([, b]) => across(a, b) > 1 && down(a, b) > 1)
          .map(([other]) => `${words} | ${other}`)),
      covered: [...card.querySelectorAll(".cnnx-equation, .cnnx-caption, .cnnx-part")].flatMap((node) => {
        const box = node.getBoundingClientRect();
        return box.width && parts.some((a) => across(a, box) > 2 && down(a, box) > 2) ? [node.outerHTML] : [];
      }),
      scroll: [document.documentElement.scrollHeight, document.documentElement.scrollWidth],
    });
  }
  return found;
}"""
)


@pytest.mark.parametrize("width", WIDTHS)
@every_card
def test_the_card_stays_as_it_is_at_every_setting(alone: Any, name: str, width: int) -> None:
    page = alone(name, width=width)
    chosen = tried(EXPLORERS[name])
    found = page.evaluate(LOOK, chosen)
    assert {one["height"] for one in found} == {found[0]["height"]}
    assert {tuple(one["scroll"]) for one in found} == {tuple(found[0]["scroll"])}
    assert found[0]["scroll"][1] <= width
    size = card(page).get_attribute("data-size")
    whole = size in ("tablet", "laptop")
    for settings, one in zip(chosen, found):
        # On a phone two ranges share the room of one as soon as rows and columns go apart: no other control moves.
        places = [box if whole else box.split(" ")[:2] for box in one["controls"]]
        first = next(two for s, two in zip(chosen, found) if s.get("apart") == settings.get("apart"))["controls"]
        assert places == [box if whole else box.split(" ")[:2] for box in first], settings
        assert one["outside"] == [] and one["cut"] == [], settings
        assert one["over"] == 0 and one["covered"] == one["titles"] == [], settings
        if size == "laptop":
            assert one["small"] == [], settings
            assert one["span"] <= 400, settings
    assert page.problems == []


STYLES = """() => [...document.querySelectorAll('.cnnx-card, .cnnx-card :not(svg *)')].map((node) => {
  const { color, background, font, border, opacity, visibility } = getComputedStyle(node);
  const { x, y, width, height } = node.getBoundingClientRect();
  return [node.className, color, background, font, border, opacity, visibility, x, y, width, height].join(" ");
})"""


@pytest.mark.parametrize("width", [390, 700, 1000])
def test_explorers_of_the_older_kind_on_the_page_change_nothing(alone: Any, width: int) -> None:
    page = alone("padding_and_stride", width=width)
    before = page.evaluate(STYLES)
    page.add_style_tag(content=str(explorers.drawing_pad()._css))
    assert page.evaluate(STYLES) == before


PLACES = """() => [...document.querySelectorAll('.cnnx-card :is(input, select, button)')].map((one) => {
  const { x, y } = one.getBoundingClientRect();
  return `${x} ${y}`;
})"""


def test_rows_and_columns_go_apart_without_a_jump(alone: Any) -> None:
    name = "padding_and_stride"
    for width in WIDTHS:
        page = alone(name, width=width)
        before = page.evaluate(PLACES)
        page.locator("input[data-name=apart]").click()
        after = page.evaluate(PLACES)
        assert all(one in (two, "0 0") for one, two in zip(before, after)), width
        page.context.close()


@every_card
def test_play_bar_and_sliders_are_seen_with_the_stage_on_a_phone(alone: Any, name: str) -> None:
    page = alone(name, width=390)
    bar, top = page.locator(".cnnx-bar").bounding_box(), card(page).bounding_box()
    assert bar["y"] + bar["height"] - top["y"] <= 720


@every_card
def test_the_card_shows_the_numbers_of_the_scene(alone: Any, name: str) -> None:
    page, explorer = alone(name), EXPLORERS[name]
    for settings in tried(explorer)[::4]:
        page.evaluate("(settings) => model.set('_settings', settings)", settings)
        compare = assert_card if name in ON_THE_WINDOW_STAGE else assert_grids
        compare(card(page), explorer.scene_of(settings), settings)
    assert page.problems == []


# ---- what belongs together ------------------------------------------------------------------------------------------


def settled(page: Page) -> None:
    """Wait until the window has glided to its place."""
    page.wait_for_timeout(400)


def test_an_output_has_its_window_and_its_products(alone: Any) -> None:
    start = dict(stride=(2, 3), dilation=2, size=9)
    page, scene = alone("padding_and_stride", **start), explorers.padding_and_stride(**start).scene
    cell(card(page), "output", 2, 1).hover()
    settled(page)
    assert framed(card(page)) == (list(scene.window(2, 1)[0]), [2, 1])
    assert lit(card(page), "input", "taps") == [list(one) for one in scene.window(2, 1)]
    value = text_of(scene.grid("output").values[2][1])
    assert page.locator(".cnnx-reading").inner_text().startswith("Output row 2, column 1: ")
    assert page.locator(".cnnx-reading").inner_text().endswith(f"+ 1 = {value}")
    assert page.locator(".cnnx-equation").text_content().endswith(f" = {value}")
    page.mouse.move(2, 2)  # away: back to the position
    settled(page)
    assert framed(card(page)) == (list(scene.window(1, 1)[0]), [1, 1])


def test_a_page_that_scrolls_under_a_resting_mouse_changes_nothing(alone: Any) -> None:
    start = dict(stride=(2, 3), dilation=2, size=9)
    page, scene = alone("padding_and_stride", **start), explorers.padding_and_stride(**start).scene
    at = cell(card(page), "output", 2, 1).bounding_box()
    page.evaluate("document.body.style.padding = '300px 0 900px'")
    page.mouse.move(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)  # over nothing, or over something else
    before = framed(card(page))
    page.evaluate("window.scrollTo({top: 300, behavior: 'instant'})")  # now the output's cell lies under the mouse
    page.wait_for_timeout(600)
    assert framed(card(page)) == before == (list(scene.window(1, 1)[0]), [1, 1])
    page.mouse.move(at["x"] + at["width"] / 2 + 2, at["y"] + at["height"] / 2)
    page.mouse.move(5, 5)
    page.mouse.move(at["x"] + at["width"] / 2 + 2, at["y"] + at["height"] / 2)  # a mouse that moves points
    settled(page)
    assert framed(card(page)) == (list(scene.window(2, 1)[0]), [2, 1])


def test_an_input_has_the_outputs_that_it_reaches(alone: Any) -> None:
    start = dict(kernel=(3, 2), stride=(1, 2))
    page, scene = alone("padding_and_stride", **start), explorers.padding_and_stride(**start).scene
    for r, c in ((0, 0), (3, 4), (4, 8)):
        cell(card(page), "input", r, c).hover()
        reached = scene.reached(r, c)
        assert lit(card(page), "output") == [list(one) for one in reached]
        assert lit(card(page), "input") == [[r, c]]
        count = f"reaches {len(reached)} output{'' if len(reached) == 1 else 's'}" if reached else "reaches no output"
        assert count in page.locator(".cnnx-reading").inner_text()


def test_a_weight_has_the_cell_that_it_meets(alone: Any) -> None:
    page, scene = alone("padding_and_stride"), explorers.padding_and_stride().scene
    cell(card(page), "kernel", 2, 0).hover()
    assert lit(card(page), "input") == [[scene.rows[1][2], scene.columns[1][0]]]
    assert lit(card(page), "products") == [[2, 0]]
    assert "Weight row 2, column 0, 0: here it meets 4, which gives 0" in page.locator(".cnnx-reading").inner_text()


def test_a_delta_and_the_inputs_that_it_reaches_light_each_other(alone: Any) -> None:
    page = alone("sensitivity_stepper", depth=2, filters=2)
    scene = explorers.sensitivity_stepper(depth=2, filters=2).scene
    cell(card(page), "source1", 0, 2).hover()
    settled(page)
    products = np.array(scene.grid("kernel", 2).values) * scene.grid("source", 1).values[0][2]
    assert_numbers(card(page), "lens0", [[text_of(int(v)) for v in row] for row in products])
    reading = page.locator(".cnnx-reading")
    assert "rows 0 to 1, columns 3 to 4 of each of the 2 channels; 5 of 9 products" in reading.inner_text()
    cell(card(page), "output1", 3, 4).hover()  # counted with the padding
    for k in range(2):
        assert lit(card(page), f"source{k}") == [[i, j] for i in scene.rows[2] for j in scene.columns[3]]
    assert reading.inner_text().startswith("∂E/∂x, channel 1, row 2, column 3: filter 0: ")
    assert reading.inner_text().endswith(f" = {text_of(scene.grid('output', 1).values[2][3])}")
    assert page.locator(".cnnx-svg.idle").count() == 1  # the products belong to a δ that is not pointed at
    page.mouse.move(2, 2)
    assert page.locator(".cnnx-svg.idle").count() == 0
    assert page.problems == []


def test_a_map_is_chosen_by_keyboard(alone: Any) -> None:
    page = alone("sensitivity_stepper")
    page.locator(".cnnx-source0 rect[tabindex='0']").focus()
    for key in ("ArrowRight", "ArrowUp", "Home"):
        page.keyboard.press(key)
    assert page.evaluate("model.get('_settings').position") == [0, 0, 0]
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("model.get('_settings').position") == [1, 1, 0]
    name = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert name.startswith("δ of filter 1, row 1, column 0: ")
    assert page.locator("input[data-name=position]").get_attribute("aria-valuetext") == "filter 1, row 1, column 0"


def test_all_that_adds_up_at_an_input_is_shown(alone: Any) -> None:
    page = alone("sensitivity_stepper", direction="from input", filters=2, position=(0, 2, 2))
    scene = explorers.sensitivity_stepper(direction="from input", filters=2, position=(0, 2, 2)).scene
    shown = page.locator(".cnnx-title:visible").all_text_contents()
    sums = [int(title.rpartition(" ")[2].replace("−", "-")) for title in shown if title.startswith("Products, Σ")]
    assert [*sums, sum(sums)] == [
        *(scene.grid("partial", k).values[2][2] for k in range(2)),
        scene.grid("output").values[2][2],
    ]


def test_the_steps_from_delta_to_the_gradient_light_together(alone: Any) -> None:
    page = alone("sensitivity_through_stride")
    cell(card(page), "source", 1, 2).hover()
    assert lit(card(page), "source") == [[1, 2]]
    assert lit(card(page), "padded") == [[4, 6]]
    assert lit(card(page), "full") == [[r, c] for r in (2, 3, 4) for c in (4, 5, 6)]
    cell(card(page), "full", 0, 0).click()
    page.mouse.move(2, 2)
    assert page.evaluate("model.get('_settings').position") == [0, 0]
    assert page.locator(".cnnx-reading").inner_text().endswith("on padding, cut off")
    assert page.problems == []


def test_a_result_that_is_chosen_shows_its_stamps_and_leaves_the_position(alone: Any) -> None:
    page, scene = alone("transposed_convolution"), explorers.transposed_convolution().scene
    cell(card(page), "output", 3, 3).click()  # counted with the border
    page.mouse.move(2, 2)
    assert page.evaluate("model.get('_settings').position") == [1, 1]
    assert lit(card(page), "source") == [[i, j] for i in scene.rows[2] for j in scene.columns[2]]
    value = text_of(scene.grid("output").values[2][2])
    assert page.locator(".cnnx-reading").inner_text().endswith(f" = {value}")


def test_the_checkerboard_of_stamps_is_seen(alone: Any) -> None:
    page = alone("transposed_convolution", size=5, counts=True)
    tones = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('.cnnx-paint.cnnx-output path[class^=c]')]
          .filter((path) => /^c\\d$/.test(path.getAttribute('class')) && path.getAttribute('d'))
          .map((path) => [path.getAttribute('class'), getComputedStyle(path).fill]))"""
    )
    assert len(set(tones.values())) == 3 and {"c1", "c3", "c5"} == set(tones)


def test_cells_are_walked_and_read_by_keyboard(alone: Any) -> None:
    page = alone("padding_and_stride", position=(0, 0))
    scene = explorers.padding_and_stride().scene
    for role in ("input", "kernel", "products", "output"):
        grid = page.get_by_role("grid", name=page.locator(f"text[id$=-{role}]").text_content(), exact=True)
        assert grid.locator("rect[tabindex='0']").count() == 1
    page.locator(".cnnx-output rect[tabindex='0']").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowUp", "End"):
        page.keyboard.press(key)
    assert page.evaluate("model.get('_settings').position") == [0, 3]
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "output row 0, column 3: 0"
    settled(page)
    assert framed(card(page))[0] == list(scene.window(0, 3)[0])
    before = page.locator(".cnnx-sentence").inner_text()
    cell(card(page), "input", 2, 2).focus()
    assert lit(card(page), "output") == [list(one) for one in scene.reached(2, 2)]
    page.wait_for_function("document.querySelector('[role=status]').textContent.startsWith('Input row 1, column 1')")
    assert page.locator("[aria-live], [role=status]").count() == 1
    assert page.locator(".cnnx-sentence").inner_text() == before
    assert page.problems == []


def test_touch_chooses_cells(alone: Any) -> None:
    page = alone("padding_and_stride", width=390, options={"has_touch": True, "is_mobile": True})
    scene = explorers.padding_and_stride().scene
    cell(card(page), "output", 3, 2).tap()
    assert page.evaluate("model.get('_settings').position") == [3, 2]
    cell(card(page), "input", 4, 4).tap()
    assert lit(card(page), "output") == [list(one) for one in scene.reached(4, 4)]


def test_the_window_steps_and_plays_at_a_speed(alone: Any) -> None:
    page = alone("padding_and_stride", position=(0, 0))
    page.get_by_role("button", name="Step on").click()
    assert page.evaluate("model.get('_settings').position") == [0, 1]
    page.get_by_role("button", name="Step back").click()
    assert page.get_by_role("button", name="Step back").get_attribute("aria-disabled") == "true"
    page.get_by_label("Speed").select_option("4")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("model.get('_settings').position.join() === '1,2'", timeout=10_000)
    page.get_by_role("button", name="Pause").click()
    assert page.get_by_role("button", name="Play").is_visible()
    page.locator("input[data-name=position]").focus()
    page.keyboard.press("End")
    assert page.evaluate("model.get('_settings').position") == [3, 3]


def test_a_pinned_window_stays_for_comparison(alone: Any) -> None:
    page, scene = alone("padding_and_stride", stride=1), explorers.padding_and_stride(stride=1).scene
    page.get_by_role("button", name="Pin").click()
    page.get_by_role("button", name="Step on").click()
    settled(page)
    assert framed(card(page)) == (list(scene.window(1, 2)[0]), [1, 2])
    assert lit(card(page), "output", "compared") == [[1, 1]]
    page.get_by_role("button", name="Pin").click()
    assert lit(card(page), "output", "compared") == []


def test_letters_stand_in_the_cells(alone: Any) -> None:
    page = alone("padding_and_stride")
    page.get_by_label("Letters in the cells").check()
    texts = page.locator(".cnnx-texts tspan:visible").all_text_contents()
    assert {"x₀₀", "w₂₂", "net₃₃", "·w₁₁"} <= set(texts)
    assert page.locator(".cnnx-reading").inner_text().replace("\n", "").startswith("net1,1 = w00·x11 + w01·x12")


LETTERS = {
    "convolution_in_one_dimension": ({"example": "polynomials"}, {"A₀", "A₃", "B₁", "A₂B₁", "s=4"}),
    "convolution_over_channels": ({}, {"x₀₀", "x₄₄", "w₂₂", "a₁₁", "0"}),
    "sensitivity_stepper": ({"filters": 1}, {"δ₀₁", "w₂₂", "∂x₄₄", "·w₀₁"}),
    "sensitivity_through_stride": ({}, {"δ₂₁", "w₂₀", "∂x₅₅", "0"}),
    "transposed_convolution": ({}, {"x₂₂", "w₀₂", "y₄₄", "·w₂₁"}),
}


@pytest.mark.parametrize("name", LETTERS)
def test_letters_stand_in_the_cells_of_grids(alone: Any, name: str) -> None:
    start, expected = LETTERS[name]
    page = alone(name, width=1280, **start)
    texts = page.locator(".cnnx-texts tspan:visible")
    before = texts.all_text_contents()
    page.get_by_label("Letters in the cells").check()
    found = set(texts.all_text_contents())
    assert expected <= found, found
    if name != "convolution_over_channels":  # its products have no room for letters, and stay numbers
        assert all(not text or text == "0" or text[0] in "ABxwδ∂ys·a" for text in found), found
    page.get_by_label("Letters in the cells").uncheck()
    assert texts.all_text_contents() == before
    assert page.problems == []


# ---- what does not fit, and what does not apply ---------------------------------------------------------------------


def test_what_does_not_fit_keeps_the_picture_and_says_why(alone: Any) -> None:
    page = alone("padding_and_stride", dilation=3, padding=0)
    before = page.locator(".cnnx-cells.cnnx-output").inner_html()
    height = card(page).bounding_box()["height"]
    page.locator("input[data-name=kernel]").focus()
    page.keyboard.press("End")
    assert "What would fit" in page.locator(".cnnx-message").inner_text()
    over = page.locator(".cnnx-overhang").bounding_box()
    image = page.locator(".cnnx-cells.cnnx-input").bounding_box()
    assert over["width"] > 1.5 * image["width"]
    assert page.locator(".cnnx-cells.cnnx-output").inner_html() == before
    assert float(page.evaluate("getComputedStyle(document.querySelector('.cnnx-paint.cnnx-output')).opacity")) < 0.5
    assert card(page).bounding_box()["height"] == height
    page.keyboard.press("Home")
    assert not page.locator(".cnnx-overhang").is_visible()


def test_a_range_that_does_not_apply_can_be_reached_and_says_why(alone: Any) -> None:
    page = alone("padding_and_stride", kernel=1)
    dilation = page.get_by_role("slider", name="Dilation d")
    assert dilation.get_attribute("aria-disabled") == "true"
    assert dilation.get_attribute("aria-description") == "A kernel of one cell has no gaps."
    dilation.focus()
    page.keyboard.press("End")
    assert dilation.input_value() == "1"
    page.wait_for_function("document.querySelector('[role=status]').textContent.includes('no gaps')")


def test_names_are_the_labels_that_are_seen(alone: Any) -> None:
    page = alone("padding_and_stride")
    for name in ("Input W", "Kernel F", "Padding P", "Stride S", "Dilation d", "Position"):
        assert page.get_by_role("slider", name=name, exact=True).count() == 1
        assert page.locator(".cnnx-label").get_by_text(name, exact=True).count() == 1
    page.get_by_label("Rows and columns apart").check()
    for name in ("Input W, rows", "Input W, columns"):
        assert page.get_by_role("slider", name=name, exact=True).count() == 1


# ---- looks ----------------------------------------------------------------------------------------------------------


def test_nothing_glides_for_those_who_want_less_motion(alone: Any) -> None:
    between = """() => new Promise((done) => {
      document.querySelector('[data-name=position]').value = 15;
      document.querySelector('[data-name=position]').dispatchEvent(new Event('input'));
      const y = () => Number(document.querySelector('rect.cnnx-frame').getAttribute('y'));
      const first = y();
      setTimeout(() => done(first === y()), 400);
    })"""
    assert alone("padding_and_stride", options={"reduced_motion": "reduce"}).evaluate(between) is True
    assert alone("padding_and_stride").evaluate(between) is False


@pytest.mark.parametrize("dark", [False, True])
def test_the_theme_of_the_page_comes_before_that_of_the_system(alone: Any, dark: bool) -> None:
    page = alone("padding_and_stride", options={"color_scheme": "light" if dark else "dark"})
    page.evaluate(f"document.documentElement.dataset.theme = '{'dark' if dark else 'light'}'")
    ground = page.evaluate("getComputedStyle(document.querySelector('.cnnx')).backgroundColor")
    assert ground == ("rgb(22, 25, 29)" if dark else "rgb(255, 255, 255)")


CONTRAST = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const light = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const style = (node) => getComputedStyle(node);
  const ground = light(style(document.querySelector('.cnnx')).backgroundColor);
  const found = [...document.querySelectorAll('.cnnx :is(p, .cnnx-label, button, .cnnx-legend)')]
    .map((node) => [node.className, ratio(light(style(node).color), ground)]);
  const written = ['.cnnx-texts text', '.cnnx-weights text'].map((name) => document.querySelector(name));
  const inks = written.map((node) => light(style(node).fill));
  for (const cell of document.querySelectorAll('.cnnx-paint path:not(.cnnx-rules, .cnnx-dashes)')) {
    for (const ink of inks) found.push([cell.getAttribute('class'), ratio(ink, light(style(cell).fill))]);
  }
  return found.sort((a, b) => a[1] - b[1])[0];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_and_numbers_stand_out(alone: Any, scheme: str) -> None:
    """By the rule of WCAG, at least 4.5, on every tint of a cell."""
    page = alone("padding_and_stride", options={"color_scheme": scheme}, size=6, padding=0)
    worst = page.evaluate(CONTRAST)
    assert worst[1] >= 4.5, worst


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_at_any_level(alone: Any, axe: str, scheme: str) -> None:
    for start in ({}, {"size": (6, 8)}, {"size": 4, "kernel": 5, "padding": 0}):
        page = alone("padding_and_stride", options={"color_scheme": scheme}, **start)
        page.evaluate(axe)
        found = page.evaluate("axe.run(document.querySelector('.cnnx'))")
        assert [(one["id"], one["nodes"][0]["html"][:100]) for one in found["violations"]] == []
        page.context.close()


def test_everything_to_touch_is_large_enough(alone: Any) -> None:
    page = alone("padding_and_stride", width=390)
    small = page.evaluate(
        """() => [...document.querySelectorAll('.cnnx :is(button, select, input)')]
          .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
          .filter(([, box]) => box.width && (box.width < 24 || box.height < 24)).map(([text]) => text)"""
    )
    assert small == []


def test_contrast_mode_keeps_what_has_no_colour(alone: Any) -> None:
    page = alone("padding_and_stride", options={"forced_colors": "active"}, size=6, padding=1, stride=3, kernel=2)
    frame = page.evaluate("getComputedStyle(document.querySelector('.cnnx-frame')).stroke")
    ground = page.evaluate("getComputedStyle(document.querySelector('.cnnx')).backgroundColor")
    assert frame != ground
    track = page.evaluate("getComputedStyle(document.querySelector('.cnnx input[type=range]')).forcedColorAdjust")
    assert track == "none"


# ---- what leaves the card, and what reaches it ----------------------------------------------------------------------


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Answers every address with the same empty page."""

    def do_GET(self) -> None:
        body = b"<!doctype html><meta charset=utf-8><body><section id=here><div id=place></div></section>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def served(alone: Any, browser: Any, host: str) -> Iterator[Any]:
    """Yield a function that opens a page with an address of its own and one explorer on it."""
    with contextlib.ExitStack() as stack:

        def open_one(query: str = "", **start: Any) -> Page:
            widget = explorers.padding_and_stride(**start)
            page = page_of(browser, widget, TRAITS, 1000, permissions=["clipboard-read", "clipboard-write"])
            stack.callback(page.context.close)
            page.goto(f"{host}/page.html{query}")
            page.add_style_tag(content=str(widget._css))
            state = {name: getattr(widget, name) for name in TRAITS}
            page.evaluate(HOST, [str(widget._esm), json.loads(json.dumps(state)), {}])
            page.wait_for_selector(".cnnx-card")
            return page

        yield open_one


def test_a_link_opens_the_page_with_the_setting(served: Any) -> None:
    page = served("?lang=en", size=9, kernel=(3, 2), letters=True, position=(2, 1))
    page.get_by_role("button", name="link", exact=True).click()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.endswith("/page.html?lang=en&padding_and_stride=W:9,F:3x2,P:1,S:2,d:1,apart:1,letters:1,at:2x1#here")
    other = served(link[link.index("?") :])
    expected = padding_stride.EXPLORER.changed(
        padding_stride.EXPLORER.start(), size=9, kernel=(3, 2), letters=True, position=(2, 1)
    )
    assert other.evaluate("model.get('_settings')") == expected
    short = served("?padding_and_stride=W:12,F:5")
    assert short.evaluate("[model.get('_settings').size, model.get('_settings').kernel]") == [[12, 12], [5, 5]]
    assert short.problems == []


@pytest.mark.parametrize("query", ["?padding_and_stride=W:99,F:x,Q", "?other=W:9", "?padding_and_stride="])
def test_an_address_without_sense_changes_nothing(served: Any, query: str) -> None:
    page = served(query)
    assert page.evaluate("model.get('_settings')") == padding_stride.EXPLORER.start()
    assert page.problems == []


def test_a_sentence_sets_the_explorer(served: Any) -> None:
    page = served()
    page.evaluate(
        """() => document.body.insertAdjacentHTML('beforeend', `
          <a id="one" href="#padding_and_stride=W:12,S:3">here</a>
          <a id="two" href="#nowhere=W:12">there</a> <a id="three" href="#here">section</a>`)"""
    )
    page.locator("#one").click()
    assert page.evaluate("[model.get('_settings').size, model.get('_settings').stride]") == [[12, 12], [3, 3]]
    assert page.locator("input[data-name=size]").input_value() == "12"
    assert "#" not in page.url
    page.locator("#two").click()
    assert page.url.endswith("#nowhere=W:12")
    page.locator("#three").click()
    assert page.url.endswith("#here")
    assert page.problems == []


@pytest.mark.parametrize(("button", "library"), [("cnnlib", "cnnlib"), ("PyTorch", "torch")])
def test_the_setting_is_copied_as_code(served: Any, button: str, library: str) -> None:
    page = served(size=5, stride=(2, 1))
    page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_function("document.querySelector('.cnnx-done').textContent === 'copied'")
    settings = page.evaluate("model.get('_settings')")
    assert page.evaluate("navigator.clipboard.readText()") == padding_stride.code(settings, library)


def test_the_picture_is_saved(served: Any) -> None:
    page = served(size=9, dilation=2)
    with page.expect_download() as svg:
        page.get_by_role("button", name="SVG").click()
    text = svg.value.path().read_text(encoding="utf-8")
    tree = ElementTree.fromstring(text)
    words = [node.text for node in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert "Input 9 × 9, padded to 11 × 11" in words and "Σ" in words
    assert "padding and stride: W:9" in tree.find("{http://www.w3.org/2000/svg}title").text
    assert not re.search(r"class=|var\(", text) and len(text) < 1_000_000
    with page.expect_download() as png:
        page.get_by_role("button", name="PNG").click()
    picture = Image.open(io.BytesIO(png.value.path().read_bytes()))
    assert picture.size == tuple(2 * int(float(tree.get(side))) for side in ("width", "height"))
    assert len(picture.convert("RGB").getcolors(100_000)) > 20


# ---- speed ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [{}, {"size": 11, "kernel": 5, "padding": 3, "stride": 1}], ids=["start", "largest"])
def test_the_time_from_key_to_picture_is_measured(alone: Any, start: dict[str, Any], capsys: Any) -> None:
    """Prints the medians; no bound is asserted, machines differ."""
    page = alone("padding_and_stride", **start)
    said = measured(page, "input[data-name=size]")
    with capsys.disabled():
        print(f"\n{start or 'start'}: {said}")


# ---- in JupyterLab --------------------------------------------------------------------------------------------------


def test_a_sentence_of_a_notebook_sets_the_explorer_in_jupyterlab(browser: Any, server: str, folder: Any) -> None:
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell('Set <a href="#padding_and_stride=W:12,S:3">the size to 12</a>.', id="words"),
            nbformat.v4.new_code_cell(
                "from cnncourse import explorers\nexplorer = explorers.padding_and_stride()\nexplorer", id="explorer"
            ),
        ]
    )
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / "sentence.ipynb")
    page = in_lab(browser, server, "sentence.ipynb", "document.querySelectorAll('.cnnx-card').length >= 1")
    page.get_by_role("link", name="the size to 12").click()
    wait_for(lambda: page.locator("input[data-name=size]").input_value() == "12", 10, "the size of the sentence")
    said = functools.partial(page.evaluate, RUN, "print(explorer.size, explorer.stride, explorer.output.shape)")
    wait_for(lambda: said() == "12 3 (4, 4)\n", 10, "the setting in Python")
    link = page.get_by_role("button", name="link", exact=True)
    assert link.get_attribute("aria-disabled") == "true"
    assert page.problems == []
    page.context.close()
