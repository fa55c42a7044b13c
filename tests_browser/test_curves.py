"""The explorers of curves on their card in a real browser: nothing moves, and what is drawn is what Python computes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from cards import MEASURES, WIDTHS, measured
from pages import RUN, in_lab, saved_page, wait_for, written
from playwright.sync_api import Locator, Page

from cnncourse import explorers
from cnncourse.explorers import _learning_rate as learning_rate
from cnncourse.explorers import _stacked_kernels as stacked_kernels
from cnncourse.explorers import activation, chain, deep_stack, parameter_calculator
from cnncourse.explorers.curves import CurveExplorer
from cnncourse.explorers.scene import Settings

MODULES: dict[str, Any] = {
    "activation_function": activation,
    "chain_of_units": chain,
    "count_of_parameters": parameter_calculator,
    "learning_rate": learning_rate,
    "depth_of_a_stack": deep_stack,
    "stacked_kernels": stacked_kernels,
}
EXPLORERS: dict[str, CurveExplorer] = {name: module.EXPLORER for name, module in MODULES.items()}
every = pytest.mark.parametrize("name", EXPLORERS)


def card(page: Page) -> Locator:
    return page.locator(".cnnx-card")


def tried(explorer: CurveExplorer, count: int = 50) -> list[Settings]:
    """Return the start, both ends of every setting alone, all low, all high, and some drawn ones."""
    start, rng = explorer.start(), np.random.default_rng(5)
    values = {s.name: s.values() for s in explorer.settings}
    chosen = [start]
    chosen += [start | {name: end} for name, all_of in values.items() for end in (all_of[0], all_of[-1])]
    chosen += [{name: all_of[end] for name, all_of in values.items()} for end in (0, -1)]
    for _ in range(count):
        chosen.append({name: all_of[int(rng.integers(len(all_of)))] for name, all_of in values.items()})
    return chosen


# ---- nothing moves --------------------------------------------------------------------------------------------------

LOOK = (
    f"(all) => {{ {MEASURES}"
    + """
  const card = document.querySelector(".cnnx-card"), found = [];
  const hidden = ".cnnx-live, .cnnx-silent .cnnx-reading, defs *";
  for (const settings of all) {
    model.set("_settings", settings);
    const frame = card.getBoundingClientRect();
    const outside = [], cut = [], small = [], crossed = [];
    for (const node of card.querySelectorAll("text, circle, button, input, select, p, label, svg")) {
      const box = node.getBoundingClientRect();
      if (!box.width || node.matches(hidden)) continue;
      if (box.left < frame.left || box.right > frame.right + 0.5 || box.top < frame.top || box.bottom > frame.bottom)
        outside.push(node.outerHTML.slice(0, 150));
    }
    for (const name of ["reading", "panel", "sentence", "message", "foot", "controls", "bar", "presets", "stagebox"]) {
      const node = card.querySelector(`.cnnx-${name}`);
      if (!node || node.matches(hidden)) continue;
      if (isCut(node)) cut.push([name, node.textContent]);
    }
    for (const node of card.querySelectorAll("text, p, span, output, button, option, input")) {
      if (!node.getClientRects().length) continue;
      const size = parseFloat(getComputedStyle(node).fontSize);
      if (size < 11) small.push([size, node.outerHTML.slice(0, 120)]);
    }
    const words = [...card.querySelectorAll(".cnnx-plotwords text, .cnnx-plotframe text, .cnnx-svg .cnnx-title")]
      .map((node) => [node.textContent, node.getBoundingClientRect()]);
    for (const [k, [a, one]] of words.entries()) {
      for (const [b, two] of words.slice(k + 1)) {
        if (across(one, two) > 1 && down(one, two) > 3) crossed.push([a, b]);
      }
    }
    found.push({
      height: frame.height, outside, cut, small, crossed,
      controls: [...card.querySelectorAll("input, select, button")].map((one) => round(one.getBoundingClientRect())),
      stage: round(card.querySelector("svg.cnnx-svg").getBoundingClientRect()),
      scroll: [document.documentElement.scrollHeight, document.documentElement.scrollWidth],
    });
  }
  return found;
}"""
)


@pytest.mark.parametrize("width", WIDTHS)
@every
def test_the_card_stays_as_it_is_at_every_setting(alone: Any, name: str, width: int) -> None:
    page, chosen = alone(name, width=width), tried(EXPLORERS[name])
    found = page.evaluate(LOOK, chosen)
    for settings, one in zip(chosen, found):
        for what in ("outside", "cut", "small", "crossed"):
            assert one[what] == [], settings
        for what in ("height", "controls", "stage", "scroll"):
            assert one[what] == found[0][what], settings
    assert found[0]["scroll"][1] <= width
    assert page.problems == []


@pytest.mark.parametrize("name", ["chain_of_units", "learning_rate", "depth_of_a_stack"])
def test_play_bar_and_sliders_are_seen_with_the_stage_on_a_phone(alone: Any, name: str) -> None:
    page = alone(name, width=390)
    bar, top = page.locator(".cnnx-bar").bounding_box(), card(page).bounding_box()
    assert bar["y"] + bar["height"] - top["y"] <= 720


# ---- what is drawn --------------------------------------------------------------------------------------------------

# What a point of a plot should be at, from where the ticks of its axes stand; and where the ring and the dots are.
DRAWN = """() => [...document.querySelectorAll("svg.cnnx-svg > g")].map((plot) => {
  const place = (node) => [node.getAttribute("x"), node.getAttribute("y")].map(Number);
  const ticks = [...plot.querySelectorAll(".cnnx-plotframe text:not(.cnnx-title)")];
  const numbers = (path) => (path?.getAttribute("d").match(/-?[\\d.]+/g) ?? []).map(Number);
  const ring = plot.querySelector(".cnnx-ring");
  const points = (look) => [...plot.querySelectorAll(`path.cnnx-line.${look}`)].map(numbers);
  return {
    up: ticks.filter((node) => node.getAttribute("text-anchor") === "end")
      .map((node) => [node.textContent, place(node)[1] - 4]),
    across: ticks.filter((node) => node.getAttribute("text-anchor") === "middle")
      .map((node) => [node.textContent, place(node)[0]]),
    ring: ring.style.display === "none" ? null : ["cx", "cy"].map((name) => Number(ring.getAttribute(name))),
    main: points("main"), thin: points("thin"),
    bars: [...plot.querySelectorAll("path.cnnx-bars")].map(numbers),
    chosen: numbers(plot.querySelector("path.cnnx-dots.chosen")),
    said: plot.getAttribute("aria-label"),
    words: [...plot.querySelectorAll(".cnnx-plotwords text")].map((node) => node.textContent),
  };
})"""


def place_of(axis: dict[str, Any], seen: list[list[Any]], value: float) -> float:
    """Return where a value belongs on an axis, from two of its ticks as they are seen."""
    assert [words for words, _ in seen] == [words for _, words in axis["ticks"]]
    scale = math.log10 if axis["log"] else float
    (first, a), (last, b) = ((scale(axis["ticks"][k][0]), seen[k][1]) for k in (0, -1))
    return a + (b - a) * (scale(value) - first) / (last - first)


@every
def test_the_card_shows_the_numbers_of_the_scene(alone: Any, name: str) -> None:
    page, explorer = alone(name), EXPLORERS[name]
    for settings in tried(explorer, 20):
        page.evaluate("(settings) => model.set('_settings', settings)", settings)
        scene: Any = explorer.scene_of(settings)
        assert page.locator(".cnnx-message").inner_text() == scene.message
        assert page.locator(".cnnx-sentence").inner_text() == scene.sentence
        shown = [line for line in page.locator(".cnnx-formulas p").all_text_contents() if line]
        assert shown == [line.replace("_", "") for line in scene.lines]
        for plot, drawn in zip(scene.plots, page.evaluate(DRAWN)):
            assert drawn["said"] == f"{plot['title']}. {plot['said']}".replace("_", "")
            labels = [mark["text"] for mark in plot["marks"] if mark["mark"] == "label"]
            assert drawn["words"] == labels
            for look in ("main", "thin"):
                lines = [
                    m["points"] for m in plot["marks"] if m["mark"] == "line" and m["look"] == look and m["points"]
                ]
                for points, found in zip(lines, (one for one in drawn[look] if one), strict=True):
                    seen = [point for point in points if point]
                    assert len(found) == 2 * len(seen)
                    for k in (0, len(seen) // 2, len(seen) - 1):
                        x = place_of(plot["x"], drawn["across"], seen[k][0])
                        y = place_of(plot["y"], drawn["up"], seen[k][1])
                        if abs(x) < 1500 and abs(y) < 1500:  # where it can be seen
                            assert found[2 * k : 2 * k + 2] == pytest.approx([x, y], abs=0.6)
            boxes = [box for mark in plot["marks"] if mark["mark"] == "bars" for box in mark["boxes"]]
            ends = [one for path in drawn["bars"] for one in zip(path[1::5], path[2::5])]
            for box, (top, right) in zip(boxes, ends, strict=True):
                assert right == pytest.approx(place_of(plot["x"], drawn["across"], box[2]), abs=0.6)
                if plot["y"]["ticks"]:
                    assert top == pytest.approx(place_of(plot["y"], drawn["up"], box[3]), abs=0.6)
    assert page.problems == []


def test_the_point_is_moved_in_the_plot(alone: Any) -> None:
    page = alone("activation_function")
    across = {words: x for words, x in page.evaluate(DRAWN)[0]["across"]}
    stage = page.locator("svg.cnnx-svg").bounding_box()
    page.mouse.move(stage["x"] + across["2"], stage["y"] + 100)
    page.mouse.down()
    assert page.evaluate("model.get('_settings').z") == 2
    page.mouse.move(stage["x"] + across["−4"], stage["y"] + 150)
    assert page.evaluate("model.get('_settings').z") == -4
    page.mouse.move(stage["x"] + across["−4"] - 500, stage["y"] + 150)
    page.mouse.up()
    page.mouse.move(stage["x"] + across["0"], stage["y"] + 150)
    assert page.evaluate("model.get('_settings').z") == -4
    assert page.problems == []


def test_points_are_walked_played_and_pointed_at(alone: Any) -> None:
    page = alone("learning_rate", rate=0.5, steps=10)
    scene: Any = explorers.learning_rate(rate=0.5, steps=10).scene
    numbers = scene.numbers
    reading, walk = page.locator(".cnnx-reading"), page.locator("input[data-name=position]")
    assert reading.inner_text().startswith("After step 10: w = ")
    assert page.locator(".cnnx-at output").inner_text() == "10 of 10"
    walk.focus()
    page.keyboard.press("Home")
    assert reading.inner_text().startswith("At the start: w = 0, w")
    assert walk.get_attribute("aria-valuetext") == reading.text_content().replace("wb", "w_b")
    page.get_by_role("button", name="Step on").click()
    assert f"loss E = {learning_rate.digits(numbers['losses'][1])}." in reading.inner_text()
    page.wait_for_function("document.querySelector('[role=status]').textContent.startsWith('After step 1: ')")
    items = [numbers["path"][1], [1, numbers["losses"][1]]]
    for plot, drawn, (x, y) in zip(scene.plots, page.evaluate(DRAWN), items):
        expected = [place_of(plot["x"], drawn["across"], x), place_of(plot["y"], drawn["up"], y)]
        assert drawn["ring"] == pytest.approx(expected, abs=0.6)
    stage, drawn = page.locator("svg.cnnx-svg").bounding_box(), page.evaluate(DRAWN)[1]
    x, y = drawn["thin"][0][8:10]  # after step 4
    page.mouse.move(stage["x"] + x + 2, stage["y"] + y + 40)
    assert reading.inner_text().startswith("After step 4: ")
    page.mouse.move(2, 2)
    assert reading.inner_text().startswith("After step 1: ")
    page.get_by_label("Speed").select_option("4")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("document.querySelector('.cnnx-reading').textContent.startsWith('After step 3: ')")
    page.get_by_role("button", name="Pause").click()
    assert page.problems == []


# ---- controls -------------------------------------------------------------------------------------------------------


@every
def test_every_slider_to_both_ends_and_every_choice(alone: Any, name: str) -> None:
    page, explorer = alone(name), EXPLORERS[name]
    start = explorer.start()
    for setting in explorer.settings:
        control = page.locator(f"[data-name={setting.name}]")
        values = setting.values()
        assert control.get_attribute("aria-label") == f"{setting.label} {getattr(setting, 'symbol', '')}".strip()
        if control.evaluate("node => node.tagName") == "SELECT":
            for value in values:
                control.select_option(value)
                assert page.evaluate("model.get('_settings')") == start | {setting.name: value}
        else:
            control.focus()
            for key, value in (("End", values[-1]), ("ArrowLeft", values[-2]), ("Home", values[0])):
                page.keyboard.press(key)
                assert page.evaluate("model.get('_settings')") == start | {setting.name: value}
                assert control.get_attribute("aria-valuetext") == setting.value_text(value)
        page.evaluate("(settings) => model.set('_settings', settings)", start)
    assert page.problems == []


def test_presets_and_exact_numbers(alone: Any) -> None:
    page = alone("count_of_parameters")
    settings = parameter_calculator.EXPLORER.start()
    for label, values in parameter_calculator.PRESETS[::-1]:
        button = page.get_by_role("button", name=label)
        button.click()
        settings |= values
        assert page.evaluate("model.get('_settings')") == settings
        assert button.get_attribute("aria-pressed") == "true"
    field = page.get_by_label("Image size W = H, exact")
    for typed, value in (("301", 301), ("5000", 1000), ("", 1000), ("-3", 3), ("256", 256)):
        field.fill(typed)
        field.press("Enter")
        field.blur()
        assert page.evaluate("model.get('_settings').size") == value
        assert field.input_value() == str(value)
    assert page.problems == []


def test_a_kernel_that_does_not_fit_keeps_the_picture_and_says_why(alone: Any) -> None:
    page = alone("count_of_parameters", size=8)
    before, height = page.evaluate(DRAWN), card(page).bounding_box()["height"]
    page.locator("[data-name=kernel]").focus()
    page.keyboard.press("End")
    assert "What would fit: F of at most 8" in page.locator(".cnnx-message").inner_text()
    assert page.evaluate(DRAWN) == before
    assert float(page.evaluate("getComputedStyle(document.querySelector('svg.cnnx-svg')).opacity")) < 0.5
    assert card(page).bounding_box()["height"] == height
    page.keyboard.press("Home")
    assert page.locator(".cnnx-message").inner_text() == ""


@every
def test_a_sentence_sets_the_explorer(alone: Any, name: str) -> None:
    page, explorer = alone(name), EXPLORERS[name]
    settings = tried(explorer, 1)[-1]
    words = ",".join(f"{key}:{value}" for key, value in settings.items())
    page.evaluate(
        "(href) => document.body.insertAdjacentHTML('beforeend', `<a id=one href='${href}'>set</a>`)",
        f"#{name}={words}",
    )
    page.locator("#one").click()
    assert page.evaluate("model.get('_settings')") == settings
    page.evaluate(
        "(href) => document.querySelector('#one').setAttribute('href', href)",
        f"#{name}=nothing:1,{explorer.settings[0].name}:no",
    )
    page.locator("#one").click()
    assert page.evaluate("model.get('_settings')") == settings
    assert page.problems == []


# ---- for everybody --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@every
def test_axe_finds_nothing_at_any_level(alone: Any, axe: str, name: str, scheme: str) -> None:
    page = alone(name, width=900, options={"color_scheme": scheme})
    page.evaluate(axe)
    found = page.evaluate("axe.run(document.querySelector('.cnnx'))")
    assert [(one["id"], one["nodes"][0]["html"][:100]) for one in found["violations"]] == []
    assert len(found["passes"]) > 10


@every
def test_everything_to_touch_is_large_enough_and_the_values_are_heard(alone: Any, name: str) -> None:
    page = alone(name, width=390)
    small = page.evaluate(
        """() => [...document.querySelectorAll('.cnnx :is(button, select, input)')]
          .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
          .filter(([, box]) => box.width && (box.width < 24 || box.height < 24)).map(([text]) => text)"""
    )
    assert small == []
    slider = page.locator(".cnnx-knobs input[type=range]").first
    slider.focus()
    page.keyboard.press("ArrowLeft")
    heard = page.locator(".cnnx-reading").text_content() + " " + page.locator(".cnnx-sentence").text_content()
    page.wait_for_function("(heard) => document.querySelector('[role=status]').textContent === heard", arg=heard)
    assert page.locator("[aria-live], [role=status]").count() == 1


@every
def test_contrast_mode_keeps_what_has_no_colour(alone: Any, name: str) -> None:
    page = alone(name, options={"forced_colors": "active"})
    ground = page.evaluate("getComputedStyle(document.querySelector('.cnnx')).backgroundColor")
    for selector in ("path.cnnx-axis", "path.cnnx-line, path.cnnx-bars"):
        assert page.evaluate("(one) => getComputedStyle(document.querySelector(one)).stroke", selector) != ground


# ---- with Python, and without ---------------------------------------------------------------------------------------


CODE = "\n".join(
    [
        "from cnncourse import explorers",
        *(f"{name} = explorers.{name}()" for name in EXPLORERS),
        f"display({', '.join(EXPLORERS)})",
    ]
)


def test_python_and_the_page_keep_in_step_in_jupyterlab(browser: Any, server: str, folder: Any) -> None:
    written(folder / "curves.ipynb", CODE)
    there = f"document.querySelectorAll('.cnnx-curves').length >= {len(EXPLORERS)}"
    page = in_lab(browser, server, "curves.ipynb", there)
    chain_card = page.locator('.cnnx-curves[aria-label="chain of units"]')
    chain_card.locator("[data-name=depth]").focus()
    page.keyboard.press("End")
    said = lambda code: page.evaluate(RUN, code)
    wait_for(lambda: said("print(chain_of_units.depth, chain_of_units.output.shape)") == "30 (30,)\n", 10, "the depth")
    assert said("chain_of_units.depth = 31") == "ValueError: depth: got 31, expected an integer from 1 to 30"
    said("chain_of_units.change(depth=7, weight=-0.5)")
    sentence = explorers.chain_of_units(depth=7, weight=-0.5).scene.sentence
    wait_for(lambda: chain_card.locator(".cnnx-sentence").inner_text() == sentence, 10, "the sentence")
    said("learning_rate.rate = 0.0123456")
    rate = page.locator('.cnnx-curves[aria-label="learning rate"] [data-name=rate]')
    wait_for(lambda: rate.get_attribute("aria-valuetext") == "0.0123", 10, "the rate")
    page.locator('.cnnx-curves[aria-label="learning rate"] [data-name=momentum]').focus()
    page.keyboard.press("ArrowRight")  # leaves the rate as it is
    wait_for(
        lambda: said("print(learning_rate.momentum, learning_rate.rate)") == "0.05 0.0123456\n", 10, "the momentum"
    )
    assert page.problems == []
    page.context.close()


def test_a_saved_page_moves_without_a_kernel(browser: Any, tmp_path: Any) -> None:
    page = saved_page(browser, written(tmp_path / "curves.ipynb", CODE), tmp_path, len(EXPLORERS), ".cnnx-curves")
    for name, explorer in EXPLORERS.items():
        one = page.locator(f'.cnnx-curves[aria-label="{explorer.title}"]')
        slider = one.locator(".cnnx-knobs input[type=range]").first
        setting = next(s for s in explorer.settings if s.name == slider.get_attribute("data-name"))
        slider.focus()
        page.keyboard.press("Home")
        expected = explorer.scene_of(explorer.start() | {setting.name: setting.values()[0]}).sentence
        assert one.locator(".cnnx-sentence").inner_text() == expected, name
    assert page.problems == []
    page.context.close()


# ---- speed ----------------------------------------------------------------------------------------------------------


@every
def test_the_time_from_key_to_picture_is_measured(alone: Any, name: str, capsys: Any) -> None:
    """Prints the medians; no bound is asserted, machines differ."""
    start = {"steps": 200, "momentum": 0.9} if name == "learning_rate" else {}
    page = alone(name, **start)
    said = measured(page, ".cnnx-knobs input[type=range]", ("ArrowLeft", "ArrowRight"))
    with capsys.disabled():
        print(f"\n{name}: {said}")
