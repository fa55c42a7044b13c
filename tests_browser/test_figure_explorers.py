"""The explorers that Python draws, in a real browser: JupyterLab, Notebook, and a saved page where nobody draws."""

from __future__ import annotations

import base64
import json
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from pages import READY, RUN, TOKEN, listened, saved_page, wait_for
from playwright.sync_api import Browser, Locator, Page

from cnnlib import explorers
from cnnlib.explorers.figure import Drawing, Explorer, Levels, Real, Settings, Stops

NAMES = [
    "activation_function",
    "chain_of_units",
    "count_of_parameters",
    "kernel_on_a_photograph",
    "learning_rate",
    "depth_of_a_stack",
    "network_architecture",
    "layers_of_lenet",
    "corrupted_digit",
]
SLIDERS = (Real, Stops, Levels)
EXPLORERS: dict[str, Explorer] = {name: getattr(explorers, name)()._explorer for name in NAMES}
every_explorer = pytest.mark.parametrize("name", NAMES)
in_jupyter = pytest.mark.parametrize("place", ["figures_in_lab", "figures_in_notebook"])
ALL_THERE = f"document.querySelectorAll('.cnnx-figure[data-waiting=\"false\"]').length >= {len(NAMES)}"


def written(path: Path) -> nbformat.NotebookNode:
    """Write a notebook with all these explorers to `path` and return it."""
    lines = ["from cnnlib import explorers"]
    lines += [f"{name} = explorers.{name}()" for name in NAMES]
    lines += [f"display({', '.join(NAMES)})"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("\n".join(lines), id="figures")])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
    return notebook


def run(browser: Browser, address: str) -> Page:
    page = listened(browser)
    page.goto(address)
    page.wait_for_function(READY, timeout=60_000)
    page.problems.clear()  # those of the front end itself, before there is anything of ours
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function(ALL_THERE, timeout=60_000)
    return page


@pytest.fixture(scope="module")
def figures_in_lab(browser: Browser, server: str, folder: Path) -> Iterator[Page]:
    written(folder / "figures.ipynb")
    page = run(browser, f"{server}/lab/workspaces/figures/tree/figures.ipynb?token={TOKEN}&reset")
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def figures_in_notebook(browser: Browser, server: str, folder: Path) -> Iterator[Page]:
    written(folder / "figures_again.ipynb")
    page = run(browser, f"{server}/notebooks/figures_again.ipynb?token={TOKEN}")
    yield page
    page.context.close()


def root(page: Page, name: str) -> Locator:
    return page.locator(f'.cnnx-figure[aria-label="{EXPLORERS[name].title}"]').first


def assert_shows(explorer: Locator, name: str, settings: Settings) -> None:
    """Wait for the picture of these settings; compare its words, the read-outs and what is drawn."""
    expected = EXPLORERS[name].text_alternative(settings)
    image = explorer.locator("img")
    wait_for(lambda: image.get_attribute("alt") == expected, 15, f"the picture of {settings}")
    scene = EXPLORERS[name].scene(**settings)
    wait_for(lambda: explorer.get_attribute("data-waiting") == "false", 5, "the answer")
    assert explorer.locator(".cnnx-message").inner_text() == scene.message
    assert explorer.locator(".cnnx-sentence").inner_text() == scene.sentence
    assert explorer.locator(".cnnx-lines").inner_text().split("\n") == list(scene.lines)
    wait_for(lambda: image.evaluate("image => image.complete && image.naturalWidth > 700"), 5, "the picture")
    for setting in EXPLORERS[name].settings:
        control = explorer.locator(f'[data-name="{setting.name}"]')
        if isinstance(setting, SLIDERS):
            assert control.get_attribute("aria-valuetext") == setting.said(settings[setting.name])
        else:
            assert control.input_value() == settings[setting.name]
    assert not explorer.locator(".cnnx-note").is_visible()


def pixels(explorer: Locator) -> str:
    """Return a number that stands for the picture."""
    return explorer.locator("img").evaluate(
        """async (image) => {
          const bytes = new Uint8Array(await (await fetch(image.src)).arrayBuffer());
          return `${bytes.length} ${bytes.reduce((sum, byte) => (31 * sum + byte) >>> 0, 7)}`;
        }"""
    )


def alike(drawing: Drawing, name: str, before: Settings, after: Settings) -> bool:
    """Return whether two settings give the same picture, as two batches do where only a line of words tells of them."""
    shown = [drawing.quick_png(EXPLORERS[name].scene(**settings)) for settings in (before, after)]
    return shown[0] == shown[1]


@in_jupyter
@every_explorer
def test_every_slider_to_both_ends(request: pytest.FixtureRequest, place: str, name: str) -> None:
    page = request.getfixturevalue(place)
    explorer, settings = root(page, name), EXPLORERS[name].start()
    drawing = EXPLORERS[name].drawing()

    def moved(setting: Any, value: Any) -> Settings:
        return EXPLORERS[name].changed(settings, **{setting.name: value})

    assert_shows(explorer, name, settings)
    for setting in EXPLORERS[name].settings:
        if not isinstance(setting, SLIDERS):
            continue
        slider, values = explorer.locator(f'[data-name="{setting.name}"]'), setting.values()
        before = settings[setting.name]
        slider.scroll_into_view_if_needed()
        slider.focus()
        for key, value in (("End", values[-1]), ("ArrowLeft", values[-2]), ("Home", values[0]), ("ArrowUp", values[1])):
            old = pixels(explorer)
            page.keyboard.press(key)
            differ = not alike(drawing, name, settings, moved(setting, value))
            settings = moved(setting, value)
            assert_shows(explorer, name, settings)
            assert (pixels(explorer) != old) or not differ
            assert slider.evaluate("slider => document.activeElement === slider")
        box = slider.bounding_box()
        for share, value in ((1, values[-1]), (0, values[0])):
            page.mouse.click(box["x"] + (box["width"] - 2) * share + 1, box["y"] + box["height"] / 2)
            settings = moved(setting, value)
            assert_shows(explorer, name, settings)
        page.evaluate(RUN, f"{name}.{setting.name} = {before!r}")
        settings = moved(setting, before)
        assert_shows(explorer, name, settings)
    assert page.problems == []


@in_jupyter
def test_functions_presets_and_exact_numbers(request: pytest.FixtureRequest, place: str) -> None:
    page = request.getfixturevalue(place)
    name = "activation_function"
    for function in ("tanh", "relu", "leaky_relu", "identity", "sigmoid"):
        root(page, name).locator("select").select_option(function)
        assert_shows(root(page, name), name, EXPLORERS[name].start() | {"function": function})
    for name in ("count_of_parameters", "kernel_on_a_photograph", "learning_rate", "network_architecture"):
        settings, explorer = EXPLORERS[name].start(), root(page, name)
        for label, values in (*EXPLORERS[name].presets[1:], EXPLORERS[name].presets[0]):
            button = explorer.get_by_role("button", name=label)
            button.click()
            settings |= values
            assert_shows(explorer, name, settings)
            assert button.get_attribute("aria-pressed") == "true"
        page.evaluate(RUN, f"{name}.change(**{EXPLORERS[name].start()!r})")
        assert_shows(explorer, name, EXPLORERS[name].start())
    name = "count_of_parameters"
    field = root(page, name).get_by_label("Image size, exact")
    for typed, value in (("301", 301), ("5000", 1000), ("", 1000), ("-3", 3), ("256", 256)):
        field.fill(typed)
        field.press("Enter")
        field.blur()
        assert_shows(root(page, name), name, EXPLORERS[name].start() | {"size": value})
        assert field.input_value() == str(value)
    assert page.problems == []


@in_jupyter
@pytest.mark.parametrize("name", NAMES[4:])
def test_every_choice(request: pytest.FixtureRequest, place: str, name: str) -> None:
    page = request.getfixturevalue(place)
    explorer, start = root(page, name), EXPLORERS[name].start()
    page.evaluate(RUN, f"{name}.change(**{start!r})")
    for setting in EXPLORERS[name].settings:
        if not isinstance(setting, SLIDERS):
            for value in (*setting.values(), start[setting.name]):
                explorer.locator(f'[data-name="{setting.name}"]').select_option(value)
                assert_shows(explorer, name, start | {setting.name: value})
    assert page.problems == []


@in_jupyter
def test_the_curve_follows_the_slider(request: pytest.FixtureRequest, place: str) -> None:
    page, name = request.getfixturevalue(place), "corrupted_digit"
    explorer, settings = root(page, name), EXPLORERS[name].start()
    page.evaluate(RUN, f"{name}.change(**{settings!r})")
    assert_shows(explorer, name, settings)
    for slider in ("noise", "down"):
        explorer.locator(f'[data-name="{slider}"]').focus()
        for _ in range(4):  # faster than Python answers
            page.keyboard.press("ArrowRight")
        step = {"noise": 0.05, "down": 1}[slider]
        settings |= {slider: EXPLORERS[name].changed(settings, **{slider: round(4 * step, 2)})[slider], "curve": slider}
        assert_shows(explorer, name, settings)
    page.evaluate(RUN, f"{name}.change(**{EXPLORERS[name].start()!r})")
    assert page.problems == []


@in_jupyter
def test_a_learning_rate_between_the_stops(request: pytest.FixtureRequest, place: str) -> None:
    page, name = request.getfixturevalue(place), "learning_rate"
    explorer, start = root(page, name), EXPLORERS[name].start()
    page.evaluate(RUN, f"{name}.change(**{start | {'rate': 0.0123456}!r})")
    assert_shows(explorer, name, start | {"rate": 0.0123456})
    explorer.locator("[data-name=momentum]").focus()
    page.keyboard.press("ArrowRight")  # leaves the rate as it is
    assert_shows(explorer, name, start | {"rate": 0.0123456, "momentum": 0.05})
    assert page.evaluate(RUN, f"print({name}.rate)") == "0.0123456\n"
    page.evaluate(RUN, f"{name}.change(**{start!r})")
    assert_shows(explorer, name, start)
    assert page.problems == []


@in_jupyter
def test_python_and_the_page_keep_in_step(request: pytest.FixtureRequest, place: str) -> None:
    page, name = request.getfixturevalue(place), "chain_of_units"
    explorer, start = root(page, name), EXPLORERS[name].start()
    explorer.locator("[data-name=depth]").focus()
    page.keyboard.press("End")
    assert_shows(explorer, name, start | {"depth": 30})
    assert page.evaluate(RUN, f"print({name}.depth)") == "30\n"
    said = page.evaluate(RUN, f"{name}.depth = 31")
    assert said == "ValueError: depth: got 31, expected an integer from 1 to 30"
    page.evaluate(RUN, f"{name}.change(depth=10, weight=-0.5)")
    assert_shows(explorer, name, start | {"weight": -0.5})
    page.evaluate(RUN, f"{name}.weight = 1.0")
    assert_shows(explorer, name, start)
    assert page.problems == []


# ---- without a kernel -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def saved_figures(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Yield the notebook as a saved HTML page: no server, no kernel; its scripts come from packages."""
    folder = tmp_path_factory.mktemp("figures")
    page = saved_page(browser, written(folder / "figures.ipynb"), folder, len(NAMES), ".cnnx-figure")
    yield page
    page.context.close()


@every_explorer
def test_a_saved_page_shows_the_start_and_says_why_nothing_moves(saved_figures: Page, name: str) -> None:
    explorer, scene = root(saved_figures, name), EXPLORERS[name].scene(**EXPLORERS[name].start())
    image = explorer.locator("img")
    assert image.get_attribute("alt") == EXPLORERS[name].text_alternative(EXPLORERS[name].start())
    assert image.evaluate("image => image.naturalWidth") > 700
    assert explorer.locator(".cnnx-sentence").inner_text() == scene.sentence
    note = explorer.locator(".cnnx-note")
    wait_for(note.is_visible, 10, "the note")
    assert "open this notebook in Jupyter" in note.inner_text()
    for control in explorer.locator("input, select, button").all():
        assert control.is_disabled()
    assert saved_figures.problems == []


HOST = """async ([script, state, png]) => {
  const module = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  state.png = new DataView(Uint8Array.from(atob(png), (c) => c.charCodeAt(0)).buffer);
  const heard = {};
  window.model = {
    get: (name) => state[name],
    set(name, value) { state[name] = value; for (const act of heard["change:" + name] ?? []) act(); },
    on: (event, act) => (heard[event] ??= []).push(act),
    off(event, act) { heard[event] = (heard[event] ?? []).filter((one) => one !== act); },
    save_changes() {},
    heard,
  };
  window.away = module.default.render({ model: window.model, el: document.querySelector("#place") });
}"""


def alone(browser: Browser, name: str, width: int, **options: Any) -> Page:
    """Return a page with one explorer on it and nothing else."""
    widget = getattr(explorers, name)()
    page = listened(browser, **options)
    page.set_viewport_size({"width": width, "height": 900})
    page.set_content(f"<style>{widget._css}</style><body style='margin: 0'><div id='place'></div>")
    state = json.loads(json.dumps({"form": widget.form, "answer": widget.answer}))
    page.evaluate(HOST, [str(widget._esm), state, base64.b64encode(widget.png).decode()])
    return page


@every_explorer
def test_it_fits_a_phone_has_names_and_leaves_nothing_behind(browser: Browser, name: str) -> None:
    page = alone(browser, name, 375, has_touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll('input, select, button, img, fieldset')]
          .filter((node) => !(node.getAttribute('aria-label') ?? node.alt ?? node.textContent).trim())
          .map((node) => node.outerHTML.slice(0, 80))"""
    )
    assert unnamed == []
    small = page.evaluate(
        """() => [...document.querySelectorAll('input[type=range], select, button')]
          .filter((node) => node.getBoundingClientRect().height < 24 || node.getBoundingClientRect().width < 40)
          .map((node) => node.outerHTML.slice(0, 80))"""
    )
    assert small == []
    page.evaluate("away()")
    assert page.locator(".cnnx").count() == 0
    assert page.evaluate("Object.values(model.heard).flat().length") == 0
    assert page.problems == []
    page.context.close()


@every_explorer
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, axe: str, name: str, scheme: str) -> None:
    page = alone(browser, name, 900, color_scheme=scheme)
    page.evaluate(axe)
    found = page.evaluate("axe.run(document.querySelector('.cnnx'))")
    assert [(one["id"], one["nodes"][0]["html"][:100]) for one in found["violations"]] == []
    assert len(found["passes"]) > 10
    assert page.problems == []
    page.context.close()


def test_a_python_that_is_busy_is_told_and_waited_for(browser: Browser) -> None:
    name = "activation_function"
    page = alone(browser, name, 900)
    explorer, widget = root(page, name), explorers.activation_function()
    slider, note = explorer.locator("[data-name=z]"), explorer.locator(".cnnx-note")

    def answer() -> None:
        widget.request = page.evaluate("model.get('request')")
        page.evaluate("(answer) => model.set('answer', answer)", widget.answer)

    answer()  # to the question whether there is a Python
    slider.focus()
    page.keyboard.press("End")
    wait_for(note.is_visible, 10, "the note")
    assert "busy" in note.inner_text()
    assert slider.get_attribute("aria-valuetext") == "1.0"  # what the picture shows
    assert slider.is_enabled()
    answer()  # late
    assert slider.get_attribute("aria-valuetext") == "6.0"
    assert explorer.locator(".cnnx-sentence").inner_text() == widget.scene.sentence
    assert not note.is_visible()
    assert page.problems == []
    page.context.close()


# ---- speed ----------------------------------------------------------------------------------------------------------

LATENCY = """([name, selector]) => {
  const explorer = document.querySelector(`.cnnx-figure[aria-label="${name}"]`);
  const times = (window.latencies = []);
  let down = 0;
  explorer.querySelector(selector).addEventListener('keydown', () => (down = performance.now()), { capture: true });
  explorer.querySelector('img').addEventListener('load', () => {
    const channel = new MessageChannel(); // the first task after the next frame has been painted
    channel.port1.onmessage = () => times.push(performance.now() - down);
    requestAnimationFrame(() => channel.port2.postMessage(0));
  });
}"""


@every_explorer
def test_the_time_from_key_to_picture_is_measured(
    figures_in_lab: Page, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Prints the median in JupyterLab; no bound is asserted, machines differ."""
    explorer = EXPLORERS[name]
    sliders = [s for s in explorer.settings if isinstance(s, SLIDERS)]
    key = next(s.name for s in sliders if s.start != s.values()[0])  # there is room to the left
    slider = root(figures_in_lab, name).locator(f'[data-name="{key}"]')
    slider.scroll_into_view_if_needed()
    slider.focus()
    figures_in_lab.evaluate(LATENCY, [explorer.title, f'[data-name="{key}"]'])
    for k in range(20):
        figures_in_lab.keyboard.press("ArrowLeft" if k % 2 == 0 else "ArrowRight")
        wait_for(lambda k=k: figures_in_lab.evaluate("latencies.length") > k, 5, "the picture")
    median = statistics.median(figures_in_lab.evaluate("latencies"))
    with capsys.disabled():
        print(f"\n{name}, {key}: {median:.1f} ms")
