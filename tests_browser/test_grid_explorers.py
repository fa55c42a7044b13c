"""The grid explorers in a real browser: JupyterLab, Notebook, a saved page; by keyboard, mouse and touch."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pages import NAMES, RUN, wait_for
from playwright.sync_api import Locator, Page

from cnnlib import explorers
from cnnlib.explorers.scene import Explorer, Range, Scene, text_of
from cnnlib.explorers.stamps import handed_on

EXPLORERS: dict[str, Explorer] = {name: getattr(explorers, name)()._explorer for name in NAMES}
every_explorer = pytest.mark.parametrize("name", NAMES)


def root(page: Page, name: str) -> Locator:
    return page.locator(f'.cnnx[aria-label="{EXPLORERS[name].title}"]').first


def grid_texts(explorer: Locator, kind: str, index: int = 0) -> list[list[str]]:
    """Return the texts of a grid as they stand on the page."""
    return (
        explorer.locator(f".cnnx-{kind} svg")
        .nth(index)
        .evaluate(
            """svg => {
          const texts = [...svg.querySelectorAll('.texts text:not(.note)')].map((t) => t.textContent);
          const rows = svg.querySelectorAll('.cells > g').length, wide = texts.length / rows;
          return Array.from({ length: rows }, (_, r) => texts.slice(r * wide, (r + 1) * wide));
        }"""
        )
    )


def texts_of(scene: Scene, role: str, index: int = 0) -> list[list[str]]:
    grid = scene.grid(role, index)
    return [["" if kind in "s." else text_of(v) for v, kind in zip(*row)] for row in zip(grid.values, grid.kinds)]


def assert_shows(explorer: Locator, name: str, settings: dict[str, Any]) -> None:
    """Compare the page with the scene of these settings: output size, numbers, window, products, words."""
    scene = EXPLORERS[name].scene_of(settings)
    if scene.output is None:
        assert explorer.get_attribute("data-output") == ""
        assert explorer.locator(".cnnx-message").inner_text() == scene.message
        assert not explorer.locator(".cnnx-stage").is_visible()
        return
    assert explorer.get_attribute("data-output") == f"{scene.output[0]} × {scene.output[1]}"
    assert explorer.locator(".cnnx-message").inner_text() == ""
    assert explorer.locator(".cnnx-sentence").inner_text() == scene.sentence
    if "stage" in scene.details:
        return assert_stamps(explorer, scene, settings)
    assert grid_texts(explorer, "output") == texts_of(scene, "output")
    if name == "stacked_receptive_field":
        return
    position = settings["position"]
    rows, columns = scene.rows[position[0]], scene.columns[position[1]]
    for k, grid in enumerate(grid for grid in scene.grids if grid.role == "input"):
        if not settings.get("counts"):
            assert grid_texts(
                explorer, f"input{f',-channel-{k}' if scene_is_deep(scene) else ''}".replace(",", "\\,")
            ) == texts_of(scene, "input", k)
        if name == "pooling_step_by_step":
            continue
        window = np.array(grid.values)[np.ix_(rows, columns)]
        products = window * np.array(scene.grid("kernel", k).values)
        shown = grid_texts(explorer, f"products{f',-channel-{k}' if scene_is_deep(scene) else ''}".replace(",", "\\,"))
        assert shown == [[text_of(int(v)) for v in row] for row in products]
        total = f"Products, sum {text_of(int(products.sum()))}"
        assert (
            total in explorer.locator(".cnnx-products figcaption, [class*=cnnx-products] figcaption").all_inner_texts()
        )


def assert_stamps(explorer: Locator, scene: Scene, settings: dict[str, Any]) -> None:
    """Compare what stamps a kernel on a map: every grid, and the products that belong to the position."""
    assert_shows_grids = assert_stamp_by_stamp if scene.details["stage"] == "stamps" else assert_expanded
    assert_shows_grids(explorer, scene, settings)
    others = explorer.locator(".cnnx-stage")
    assert others.count() == 1


def result_texts(scene: Scene, settings: dict[str, Any], index: int = 0) -> list[list[str]]:
    if settings.get("counts"):
        return [[str(n) for n in row] for row in scene.grid("output", index).counts]
    return texts_of(scene, "output", index)


def assert_stamp_by_stamp(explorer: Locator, scene: Scene, settings: dict[str, Any]) -> None:
    N, D = (sum(grid.role == role for grid in scene.grids) for role in ("source", "output"))
    chosen, row, column = ([0] + settings["position"])[-3:]
    by_source = scene.details["by"] == "source"
    for name, count, most in (("source", N, 3), ("output", D, 3), ("kernel", D if by_source else N, 3)):
        shown = [k for k in range(most) if explorer.locator(f".cnnx-{name}-{k}").is_visible()]
        assert shown == list(range(count))
    for k in range(N):
        assert grid_texts(explorer, f"source-{k}") == texts_of(scene, "source", k)
    for d in range(D):
        assert grid_texts(explorer, f"output-{d}") == result_texts(scene, settings, d)
    reading = explorer.locator(".cnnx-reading").inner_text()
    if by_source:
        value = scene.grid("source", chosen).values[row][column]
        for d in range(D):
            given = handed_on(scene, chosen, d, row, column)
            expected = [
                ["" if kind in "se" else text_of(v) for v, kind in zip(*one)] for one in zip(given.values, given.kinds)
            ]
            assert grid_texts(explorer, f"part-{d}") == expected
            assert grid_texts(explorer, f"kernel-{d}") == texts_of(scene, "kernel", chosen * D + d)
        assert f", is {text_of(value)}: " in reading
        assert lit(explorer, "output-0") == [list(cell) for cell in scene.reached(row, column)]
        return
    sources = [(i, j) for i in scene.rows[row] for j in scene.columns[column]]
    for k in range(N):
        weights, delta = (
            np.array(scene.grid(role, n).values) for role, n in (("kernel", k * D + chosen), ("source", k))
        )
        at = [
            (
                scene.details["stamps"][0][i].index(row + settings["padding"]),
                scene.details["stamps"][1][j].index(column + settings["padding"]),
            )
            for i, j in sources
        ]
        products = [text_of(int(delta[one] * weights[w])) for one, w in zip(sources, at)]
        assert [text for line in grid_texts(explorer, f"products-{k}") for text in line if text] == products
        assert grid_texts(explorer, f"kernel-{k}") == texts_of(scene, "kernel", k * D + chosen)
        if N > 1:
            assert grid_texts(explorer, f"part-{k}") == texts_of(scene, "partial", k * D + chosen)
        assert lit(explorer, f"source-{k}") == [list(cell) for cell in sources]
    end = f"= {text_of(scene.grid('output', chosen).values[row][column])}" if sources else "so it is 0"
    assert reading.endswith(end)


def assert_expanded(explorer: Locator, scene: Scene, settings: dict[str, Any]) -> None:
    cut = any(scene.details["border"])
    assert explorer.locator(".cnnx-full").is_visible() == cut
    for role in ("source", "expanded", "padded", "kernel", "turned", *(["full"] if cut else [])):
        assert grid_texts(explorer, role) == texts_of(scene, role)
    assert grid_texts(explorer, "output") == result_texts(scene, settings)
    r, c = settings["position"]
    rows, columns = (index[k] for index, k in zip(scene.details["windows"], (r, c)))
    window = np.array(scene.grid("padded").values)[np.ix_(rows, columns)]
    products = window * np.array(scene.grid("turned").values)
    assert grid_texts(explorer, "products") == [[text_of(int(v)) for v in row] for row in products]
    total = text_of(scene.grid("full").values[r][c])
    assert explorer.locator(".cnnx-products figcaption").inner_text() == f"Products, sum {total}"
    assert lit(explorer, "padded") == [[i, j] for i in rows for j in columns]


def scene_is_deep(scene: Scene) -> bool:
    return sum(grid.role == "input" for grid in scene.grids) > 1


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


@pytest.mark.parametrize("place", ["lab", "notebook", "saved"])
@pytest.mark.parametrize(
    ("name", "key", "options"),
    [
        ("sensitivity_stepper", "direction", ("from input", "from output")),
        ("transposed_convolution", "view", ("expanded", "stamps")),
    ],
)
def test_stamps_are_looked_at_in_two_ways(
    request: pytest.FixtureRequest, place: str, name: str, key: str, options: tuple[str, str]
) -> None:
    """Chosen from the list; with the one that is not the first, all sliders once more, and the position by keys."""
    page = request.getfixturevalue(place)
    explorer = root(page, name)
    settings = page_settings(explorer, name, EXPLORERS[name].start())
    explorer.locator(f'select[data-name="{key}"]').select_option(options[0])
    settings = EXPLORERS[name].changed(settings, **{key: options[0]})
    assert_shows(explorer, name, settings)
    go_through_sliders(page, name, settings)
    settings = page_settings(explorer, name, settings)
    explorer.locator("input[data-name=position]").focus()
    places = EXPLORERS[name].scene_of(settings).places
    for press, position in (("Home", [0] * len(places)), ("End", [n - 1 for n in places])):
        page.keyboard.press(press)
        assert_shows(explorer, name, settings | {"position": position})
    settings["position"] = [n - 1 for n in places]
    explorer.locator(f'select[data-name="{key}"]').select_option(options[1])
    assert_shows(explorer, name, EXPLORERS[name].changed(settings, **{key: options[1]}))
    assert page.problems == []


def page_settings(explorer: Locator, name: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings with the position that the page has after its sliders were moved."""
    at = int(explorer.locator("input[data-name=position]").input_value())
    places = EXPLORERS[name].scene_of(settings).places
    return settings | {"position": [int(k) for k in np.unravel_index(at, places)]}


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


# ---- what the browser makes of the tables ---------------------------------------------------------------------------


@every_explorer
def test_scenes_put_together_in_the_browser_are_those_of_python(alone: Any, name: str) -> None:
    """The whole scene as data, in as many settings as there are, or 3,000 drawn ones with every axis combination."""
    explorer = EXPLORERS[name]
    rng = np.random.default_rng(3)
    chosen = []
    for _ in range(3000):
        settings = explorer.start()
        for setting in explorer.settings:
            if isinstance(setting, Range) or hasattr(setting, "options"):
                some = setting.values()
                settings[setting.name] = some[int(rng.integers(len(some)))]
        chosen.append(settings)
    page = alone(name)
    script = """(all) => {
      const data = JSON.parse(model.get("data"));
      return all.map((settings) => JSON.stringify(module.sceneOf(data, settings)));
    }"""
    made = page.evaluate(script, chosen)
    for settings, text in zip(chosen, made):
        assert json.loads(text) == json.loads(json.dumps(explorer.scene_of(settings).to_json())), settings


# ---- pointing, focus, touch -----------------------------------------------------------------------------------------


def cell(explorer: Locator, kind: str, r: int, c: int) -> Locator:
    return explorer.locator(f".cnnx-{kind} svg").first.locator("g[role=row]").nth(r).locator("rect").nth(c)


def lit(explorer: Locator, kind: str) -> list[list[int]]:
    return explorer.locator(f".cnnx-{kind} svg").first.evaluate(
        """svg => [...svg.querySelectorAll('g[role=row]')].flatMap((row, r) =>
          [...row.children].flatMap((cell, c) => (cell.matches('.w, .r') ? [[r, c]] : [])))"""
    )


def test_pointing_at_an_output_lights_its_window(alone: Any) -> None:
    page = alone("padding_and_stride", stride=(2, 3), dilation=2, size=9)
    explorer, scene = (
        root(page, "padding_and_stride"),
        explorers.padding_and_stride(stride=(2, 3), dilation=2, size=9).scene,
    )
    cell(explorer, "output", 2, 1).hover()
    assert lit(explorer, "input") == [list(one) for one in scene.window(2, 1)]
    value = scene.grid("output").values[2][1]
    assert explorer.locator(".cnnx-reading").inner_text().startswith("Output row 2, column 1: ")
    assert explorer.locator(".cnnx-reading").inner_text().endswith(f"+ 1 = {text_of(value)}")
    page.mouse.move(2, 2)  # away: back to the position
    assert lit(explorer, "input") == [list(one) for one in scene.window(1, 1)]


def test_pointing_at_an_input_lights_what_it_reaches(alone: Any) -> None:
    page = alone("padding_and_stride", kernel=(3, 2), stride=(1, 2))
    explorer, scene = root(page, "padding_and_stride"), explorers.padding_and_stride(kernel=(3, 2), stride=(1, 2)).scene
    for r, c in ((0, 0), (3, 4), (4, 8)):
        cell(explorer, "input", r, c).hover()
        reached = scene.reached(r, c)
        assert lit(explorer, "output") == [list(one) for one in reached]
        count = f"reaches {len(reached)} output{'' if len(reached) == 1 else 's'}" if reached else "reaches no output"
        assert count in explorer.locator(".cnnx-reading").inner_text()


def test_cells_are_walked_by_arrow_keys(alone: Any) -> None:
    page = alone("padding_and_stride", position=(0, 0))
    explorer, scene = root(page, "padding_and_stride"), explorers.padding_and_stride().scene
    assert explorer.locator(".cnnx-output rect[tabindex='0']").count() == 1
    explorer.locator(".cnnx-output rect[tabindex='0']").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowUp", "End"):
        page.keyboard.press(key)
    assert page.evaluate("model.get('_settings').position") == [0, 3]
    assert lit(explorer, "input") == [list(one) for one in scene.window(0, 3)]
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "output row 0, column 3: 0"
    cell(explorer, "input", 2, 2).focus()
    assert "reaches 1 output" not in explorer.locator(".cnnx-reading").inner_text()
    assert lit(explorer, "output") == [list(one) for one in scene.reached(2, 2)]
    assert explorer.locator("[aria-live=polite]").inner_text() == explorer.locator(".cnnx-reading").inner_text()
    assert page.problems == []


def test_a_delta_and_the_inputs_that_it_reaches_light_each_other(alone: Any) -> None:
    page = alone("sensitivity_stepper", depth=2, filters=2)
    explorer, scene = root(page, "sensitivity_stepper"), explorers.sensitivity_stepper(depth=2, filters=2).scene
    cell(explorer, "source-1", 0, 2).hover()
    assert lit(explorer, "source-0") == [] and lit(explorer, "source-1") == [[0, 2]]
    for d in range(2):
        assert lit(explorer, f"output-{d}") == [list(one) for one in scene.reached(0, 2)]
    reading = explorer.locator(".cnnx-reading")
    assert "rows 0 to 1, columns 3 to 4 of each of the 2 channels; on padding, cut off: 5 of 9" in reading.inner_text()
    cell(explorer, "output-1", 2, 3).hover()
    for k in range(2):
        assert lit(explorer, f"source-{k}") == [[i, j] for i in scene.rows[2] for j in scene.columns[3]]
    assert reading.inner_text().startswith("∂E/∂x, channel 1, row 2, column 3: filter 0: ")
    assert reading.inner_text().endswith(f" = {text_of(scene.grid('output', 1).values[2][3])}")
    assert explorer.locator(".cnnx-stage.idle").count() == 1  # the products belong to a δ that is not pointed at
    page.mouse.move(2, 2)
    assert explorer.locator(".cnnx-stage.idle").count() == 0
    assert page.problems == []


def test_a_map_is_chosen_by_keyboard(alone: Any) -> None:
    page = alone("sensitivity_stepper")
    explorer = root(page, "sensitivity_stepper")
    explorer.locator(".cnnx-source-0 rect[tabindex='0']").focus()
    for key in ("ArrowRight", "ArrowUp", "Home"):
        page.keyboard.press(key)
    assert page.evaluate("model.get('_settings').position") == [0, 0, 0]
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("model.get('_settings').position") == [1, 1, 0]
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith(
        "δ of filter 1, row 1, column 0: "
    )
    assert explorer.locator("input[data-name=position]").get_attribute("aria-valuetext") == "filter 1, row 1, column 0"
    assert_shows(explorer, "sensitivity_stepper", EXPLORERS["sensitivity_stepper"].start() | {"position": [1, 1, 0]})
    assert page.problems == []


def test_the_steps_from_delta_to_the_gradient_light_together(alone: Any) -> None:
    page = alone("sensitivity_through_stride")
    explorer = root(page, "sensitivity_through_stride")
    cell(explorer, "source", 1, 2).hover()
    marked = "svg => [...svg.querySelectorAll('.cells rect')].flatMap((cell, k) => (cell.matches('.r') ? [k] : []))"
    assert explorer.locator(".cnnx-expanded svg").evaluate(marked) == [2 * 6 + 4]
    assert lit(explorer, "padded") == [[4, 6]]
    assert lit(explorer, "full") == [[r, c] for r in (2, 3, 4) for c in (4, 5, 6)]
    assert lit(explorer, "output") == [[r, c] for r in (1, 2, 3) for c in (3, 4, 5)]
    cell(explorer, "output", 0, 5).click()
    assert page.evaluate("model.get('_settings').position") == [1, 6]
    page.mouse.move(2, 2)
    assert_shows(
        explorer, "sensitivity_through_stride", EXPLORERS["sensitivity_through_stride"].start() | {"position": [1, 6]}
    )
    cell(explorer, "full", 0, 0).click()
    page.mouse.move(2, 2)
    assert explorer.locator(".cnnx-reading").inner_text().endswith("on padding, cut off")
    assert page.problems == []


def test_touch_chooses_cells(alone: Any) -> None:
    page = alone("padding_and_stride", width=375, options={"has_touch": True, "is_mobile": True})
    explorer, scene = root(page, "padding_and_stride"), explorers.padding_and_stride().scene
    cell(explorer, "output", 3, 2).tap()
    assert page.evaluate("model.get('_settings').position") == [3, 2]
    cell(explorer, "input", 4, 4).tap()
    assert lit(explorer, "output") == [list(one) for one in scene.reached(4, 4)]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_window_is_moved_by_buttons_and_plays(alone: Any) -> None:
    page = alone("convolution_step_by_step")
    explorer = root(page, "convolution_step_by_step")
    explorer.get_by_role("button", name="One step on").click()
    assert page.evaluate("model.get('_settings').position") == [0, 1]
    explorer.get_by_role("button", name="One step back").click()
    assert explorer.get_by_role("button", name="One step back").is_disabled()
    explorer.get_by_role("button", name="Play").click()
    page.wait_for_function("model.get('_settings').position.join() === '0,2'", timeout=5000)
    explorer.get_by_role("button", name="Pause").click()
    assert explorer.get_by_role("button", name="Play").is_visible()
    explorer.locator("input[data-name=position]").focus()
    page.keyboard.press("End")
    assert page.evaluate("model.get('_settings').position") == [2, 2]
    assert "ReLU(4) = 4" in explorer.locator(".cnnx-reading").inner_text()


def test_nothing_slides_for_those_who_want_less_motion(alone: Any) -> None:
    look = "getComputedStyle(document.querySelector('.frame')).transitionDuration"
    assert alone("padding_and_stride", options={"reduced_motion": "reduce"}).evaluate(look) in ("0s", "")
    assert alone("padding_and_stride").evaluate(look) not in ("0s", "")


@pytest.mark.parametrize("dark", [False, True])
def test_the_theme_of_the_page_comes_before_that_of_the_system(alone: Any, dark: bool) -> None:
    page = alone("padding_and_stride", options={"color_scheme": "light" if dark else "dark"})
    ground = "getComputedStyle(document.querySelector('.cnnx')).backgroundColor"
    page.evaluate(f"document.documentElement.dataset.theme = '{'dark' if dark else 'light'}'")
    assert page.evaluate(ground) == ("rgb(21, 24, 28)" if dark else "rgb(255, 255, 255)")


def test_a_setting_that_does_not_fit_leaves_no_old_picture_and_no_jump(alone: Any) -> None:
    page = alone("padding_and_stride", dilation=3, padding=0)
    explorer = root(page, "padding_and_stride")
    height = explorer.bounding_box()["height"]
    explorer.locator("input[data-name=kernel]").focus()
    page.keyboard.press("End")
    assert "What would fit" in explorer.locator(".cnnx-message").inner_text()
    assert not explorer.locator(".cnnx-stage").is_visible()
    assert explorer.bounding_box()["height"] == height
    page.keyboard.press("Home")
    assert explorer.locator(".cnnx-stage").is_visible()


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
          .filter((node) => !(node.getAttribute('aria-label') ?? node.closest('label')?.textContent ?? '').trim())
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_the_ground(alone: Any, scheme: str) -> None:
    """Contrast of text and cells' numbers against what is behind them, by the rule of WCAG: at least 4.5."""
    page = alone("padding_and_stride", options={"color_scheme": scheme}, size=6, padding=0)
    worst = page.evaluate(
        """() => {
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
          const words = ['.cnnx-sentence', '.cnnx-reading', '.cnnx-legend', '.cnnx-label', 'figcaption'];
          const found = words.map((name) => [name, ratio(light(style(document.querySelector(name)).color), ground)]);
          const ink = light(style(document.querySelector('.texts text')).fill);
          for (const cell of document.querySelectorAll('.cells rect')) {
            found.push([cell.getAttribute('class'), ratio(ink, light(style(cell).fill))]);
          }
          return found.sort((a, b) => a[1] - b[1])[0];
        }"""
    )
    assert worst[1] >= 4.5, worst


# ---- speed ----------------------------------------------------------------------------------------------------------

LATENCY = """(selector) => new Promise((done) => {
  const slider = document.querySelector(selector);
  const times = [];
  let down = 0;
  slider.addEventListener('keydown', () => (down = performance.now()), { capture: true });
  slider.addEventListener('input', () => {
    const drawn = performance.now() - down;
    const channel = new MessageChannel(); // the first task after the next frame has been painted
    channel.port1.onmessage = () => times.push([drawn, performance.now() - down]);
    requestAnimationFrame(() => channel.port2.postMessage(0));
  });
  window.latencies = times;
  done();
})"""


@every_explorer
def test_the_time_from_key_to_picture_is_measured(lab: Page, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Prints the median in JupyterLab; no bound is asserted, machines differ."""
    explorer = EXPLORERS[name]
    key = next((k for k, s, _ in sliders(name, explorer.start()) if s.name in ("size", "stride")), "position")
    selector = f'.cnnx[aria-label="{explorer.title}"] input[data-name="{key}"]'
    slider = lab.locator(selector)
    slider.scroll_into_view_if_needed()
    slider.focus()
    lab.evaluate(LATENCY, selector)
    steps = 2
    for k in range(30):
        lab.keyboard.press("ArrowRight" if k // steps % 2 == 0 else "ArrowLeft")
        lab.wait_for_timeout(30)
    wait_for(lambda: lab.evaluate("latencies.length") >= 25, 5, "the measurements")
    drawn, painted = zip(*lab.evaluate("latencies"))
    with capsys.disabled():
        print(f"\n{name}, {key}: DOM {statistics.median(drawn):.1f} ms, painted {statistics.median(painted):.1f} ms")
