"""The grid explorers in a real browser: JupyterLab, Notebook, a saved page; by keyboard, mouse and touch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from cards import assert_card, assert_grids, measured
from pages import NAMES, RUN, wait_for
from playwright.sync_api import Locator, Page

from cnncourse import explorers
from cnncourse.explorers.scene import Explorer, Range, text_of

EXPLORERS: dict[str, Explorer] = {name: getattr(explorers, name)()._explorer for name in NAMES}
every_explorer = pytest.mark.parametrize("name", NAMES)


def root(page: Page, name: str) -> Locator:
    return page.locator(f'.cnnx[aria-label="{EXPLORERS[name].title}"]').first


def assert_shows(explorer: Locator, name: str, settings: dict[str, Any]) -> None:
    """Compare the page with the scene of these settings: output size, numbers, words."""
    on_windows = name in ("padding_and_stride", "convolution_step_by_step")
    (assert_card if on_windows else assert_grids)(explorer, EXPLORERS[name].scene_of(settings), settings)


def sliders(name: str, settings: dict[str, Any]) -> Iterator[tuple[str, Range, int | None]]:
    """Yield (data-name, setting, axis) of every slider that is seen with these settings."""
    for setting in EXPLORERS[name].settings:
        if not isinstance(setting, Range) or not setting.used(settings):
            continue
        if setting.pair and settings["apart"]:
            yield f"{setting.name}-rows", setting, 0
            yield f"{setting.name}-columns", setting, 1
        else:
            yield setting.name, setting, None


def moved(name: str, settings: dict[str, Any], setting: Range, axis: int | None, value: int) -> dict[str, Any]:
    if axis is None:
        return EXPLORERS[name].changed(settings, **{setting.name: value})
    pair = list(settings[setting.name])
    pair[axis] = value
    # What `changed` makes of a pair of equal numbers is for Python's hands; a slider leaves rows and columns apart.
    return EXPLORERS[name].changed(settings | {"apart": True}, **{setting.name: pair}) | {"apart": True}


def go_through_sliders(page: Page, name: str, settings: dict[str, Any]) -> None:
    """Move every slider to both ends by keyboard and by mouse and compare what is shown."""
    explorer = root(page, name)
    start = settings
    for key, setting, axis in list(sliders(name, settings)):
        slider = explorer.locator(f'input[data-name="{key}"]')
        slider.scroll_into_view_if_needed()
        slider.focus()
        for press, value in (("End", setting.high), ("ArrowLeft", setting.high - 1), ("Home", setting.low)):
            before = explorer.inner_html()
            after = moved(name, settings, setting, axis, value)
            page.keyboard.press(press)
            assert slider.input_value() == str(value)
            assert slider.get_attribute("aria-valuetext") == text_of(value)
            if EXPLORERS[name].scene_of(after) != EXPLORERS[name].scene_of(settings):
                assert explorer.inner_html() != before
            settings = after
            assert_shows(explorer, name, settings)
        for share, value in ((1.0, setting.high), (0.0, setting.low)):
            box = slider.bounding_box()  # at the end of a page it moves when what is drawn grows
            now = settings[setting.name] if axis is None else settings[setting.name][axis]
            now = now[0] if isinstance(now, list) else now
            at = box["x"] + 9 + (box["width"] - 18) * (now - setting.low) / (setting.high - setting.low)
            page.mouse.move(at, box["y"] + box["height"] / 2)
            page.mouse.down()
            page.mouse.move(
                box["x"] + box["width"] * share + (6 if share else -6), box["y"] + box["height"] / 2, steps=4
            )
            page.mouse.up()
            assert slider.input_value() == str(value)
            settings = moved(name, settings, setting, axis, value)
            assert_shows(explorer, name, settings)
        # Back to where it was, by arrow keys, so that the next slider starts from a scene that fits.
        slider.focus()
        goal = start[setting.name] if axis is None else start[setting.name][axis]
        goal = goal[0] if isinstance(goal, list) else goal
        for _ in range(goal - setting.low):
            page.keyboard.press("ArrowRight")
        settings = moved(name, settings, setting, axis, goal)
        assert_shows(explorer, name, settings)


@pytest.mark.parametrize("place", ["lab", "notebook", "saved"])
@every_explorer
def test_every_slider_to_both_ends(request: pytest.FixtureRequest, place: str, name: str) -> None:
    page = request.getfixturevalue(place)
    settings = EXPLORERS[name].start()
    assert_shows(root(page, name), name, settings)
    go_through_sliders(page, name, settings)
    assert page.problems == []


@pytest.mark.parametrize("place", ["lab", "notebook", "saved"])
def test_rows_and_columns_apart(request: pytest.FixtureRequest, place: str) -> None:
    page = request.getfixturevalue(place)
    name = "padding_and_stride"
    settings = EXPLORERS[name].start()
    box = root(page, name).locator('input[data-name="apart"]')
    box.focus()
    page.keyboard.press("Space")
    assert box.is_checked()
    go_through_sliders(page, name, settings | {"apart": True})
    page.keyboard.press("Escape")
    box.focus()
    page.keyboard.press("Space")
    assert_shows(root(page, name), name, settings)
    assert page.problems == []


@pytest.mark.parametrize("place", ["lab", "notebook"])
def test_python_and_the_page_keep_in_step(request: pytest.FixtureRequest, place: str) -> None:
    page = request.getfixturevalue(place)
    explorer = root(page, "padding_and_stride")
    slider = explorer.locator('input[data-name="stride"]')
    slider.focus()
    page.keyboard.press("End")
    wait_for(
        lambda: page.evaluate(RUN, "print(padding_and_stride.stride)") == "4\n", 10, "the slider's value in Python"
    )
    page.evaluate(RUN, "padding_and_stride.stride = 3")
    wait_for(lambda: slider.input_value() == "3", 10, "the value set in Python")
    assert explorer.get_attribute("data-output") == "3 × 3"
    assert page.evaluate(RUN, "print(padding_and_stride.output_size)") == "(3, 3)\n"
    said = page.evaluate(RUN, "padding_and_stride.stride = 9")
    assert said == "ValueError: stride: got 9, expected an integer from 1 to 4"
    assert slider.input_value() == "3"
    page.evaluate(RUN, "padding_and_stride.stride = 2; padding_and_stride.position = 1, 1")
    wait_for(lambda: slider.input_value() == "2", 10, "the value set in Python")
    assert page.problems == []


# ---- room and names --------------------------------------------------------------------------------------------------


@every_explorer
def test_it_fits_a_phone_and_leaves_nothing_behind(alone: Any, name: str) -> None:
    page = alone(name, width=375)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.evaluate("away()")
    assert page.locator(".cnnx").count() == 0
    assert page.problems == []


@every_explorer
def test_controls_and_cells_have_names(alone: Any, name: str) -> None:
    page = alone(name)
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll('input, select, button, [role=gridcell], svg')]
          .filter((node) => !node.closest('[aria-hidden=true]'))
          .map((node) => [node, node.getAttribute('aria-label') ?? node.closest('label, button')?.textContent ?? ''])
          .filter(([, name]) => !name.trim()).map(([node]) => node)
          .map((node) => node.outerHTML.slice(0, 80))"""
    )
    assert unnamed == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@every_explorer
def test_axe_finds_nothing(alone: Any, axe: str, name: str, scheme: str) -> None:
    page = alone(name, options={"color_scheme": scheme})
    page.evaluate(axe)
    found = page.evaluate("axe.run(document.querySelector('.cnnx'))")
    assert [(one["id"], one["nodes"][0]["html"][:100]) for one in found["violations"]] == []
    assert len(found["passes"]) > 10


# ---- speed ----------------------------------------------------------------------------------------------------------


@every_explorer
def test_the_time_from_key_to_picture_is_measured(lab: Page, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Prints the median in JupyterLab; no bound is asserted, machines differ."""
    explorer = EXPLORERS[name]
    key = next((k for k, s, _ in sliders(name, explorer.start()) if s.name in ("size", "stride")), "position")
    selector = f'.cnnx[aria-label="{explorer.title}"] input[data-name="{key}"]'
    lab.locator(selector).focus()
    lab.keyboard.press("Home")  # then every press moves it, however few values it has
    said = measured(lab, selector)
    with capsys.disabled():
        print(f"\n{name}, {key}: {said}")
