"""What an eye finds on the cards: words that touch or are crossed, numbers that are missing, what a mouse breaks."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from pages import page_of
from PIL import Image
from playwright.sync_api import Page

from cnncourse import explorers
from cnncourse.explorers.curves_widget import CurveWidget
from cnncourse.explorers.widget import ExplorerWidget

NAMES = [name for name in explorers.__all__ if name != "drawing_pad"]
CURVES = [name for name in NAMES if isinstance(getattr(explorers, name)(), CurveWidget)]
every_explorer = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def shown(browser: Any) -> Any:
    """Yield a function that shows an explorer on one page for all tests here, at a width."""
    pages: dict[str, Page] = {}

    def show(name: str, width: int = 820) -> tuple[Page, ExplorerWidget]:
        widget = getattr(explorers, name)()
        traits = [one for one in ("title", "controls", "data", "_settings", "weights") if widget.has_trait(one)]
        if name not in pages:
            pages[name] = page_of(browser, widget, traits, width)
        pages[name].set_viewport_size({"width": width, "height": 1000})
        pages[name].evaluate("(settings) => model.set('_settings', settings)", dict(widget._settings))
        pages[name].wait_for_timeout(100)  # the card has measured itself
        return pages[name], widget

    yield show
    for page in pages.values():
        page.context.close()


def ends_and_some(widget: ExplorerWidget, count: int = 24) -> list[dict[str, Any]]:
    """Return settings at both ends of what has ends, each option of what has options, and drawn ones."""
    start, alone = dict(widget._settings), []
    for control in widget.controls:
        name, kind = control["name"], control["type"]
        if kind == "choice":
            alone += [{name: value} for value, _ in control["options"]]
        elif kind == "switch":
            alone += [{name: True}, {name: False}]
        elif "stops" in control or ("low" in control and kind != "edits"):
            values = control.get("stops", [control.get("low"), control.get("high")])
            ends = (values[0], values[-1])
            alone += [{name: [end, end] if control.get("pair") else end} for end in ends]
    rng = np.random.default_rng(8)
    drawn = [dict(item for k in rng.choice(len(alone), 3) for item in alone[k].items()) for _ in range(count)]
    return [start | changes for changes in [{}, *alone, *drawn]]


def test_all_cards_have_one_style_sheet() -> None:
    """Else the sheet of the card that came last would say how those before it look: on a phone it broke them."""
    assert len({str(getattr(explorers, name)()._css) for name in NAMES}) == 1


@pytest.mark.parametrize("share", [0, 1])
def test_nothing_of_the_track_looks_out_behind_a_thumb_at_its_end(shown: Any, share: int) -> None:
    page, _ = shown("count_of_parameters")
    slider = page.locator("input[data-name=kernel]")
    slider.press("End" if share else "Home")
    box = slider.bounding_box()
    assert box is not None
    page.mouse.move(2, 2)
    page.evaluate("document.activeElement.blur()")
    middle = {"x": box["x"], "y": box["y"] + box["height"] / 2 - 1, "width": box["width"], "height": 2}
    row = np.asarray(Image.open(io.BytesIO(page.screenshot(clip=middle))).convert("L"), dtype=int)[0]
    ink = np.flatnonzero(row < 200 if not share else row < 100)
    thumb = ink[0] if not share else ink[-1]  # where it begins at the low end, where it stops at the high one
    beyond = row[:thumb] if not share else row[thumb + 1 :]
    assert (np.diff(beyond) * (1 if share else -1) >= 0).all(), "from the thumb to the paper it only gets lighter"
    assert beyond.size and beyond[-1 if share else 0] > 240


@every_explorer
def test_a_pointer_on_any_grid_breaks_nothing_when_settings_move(shown: Any, name: str) -> None:
    """The mouse rests on the last cell of a grid while keys move a slider: the cell may be gone then."""
    page, widget = shown(name)
    page.evaluate(
        """(all) => {
          const card = document.querySelector('.cnnx-card');
          const point = (cell) => cell?.dispatchEvent(new PointerEvent('pointerover', {bubbles: true, clientX: 9}));
          for (const [k, settings] of all.entries()) {
            model.set('_settings', settings);
            const grids = [...card.querySelectorAll('[role=grid]')].filter((one) => one.getClientRects().length);
            const cells = (grids[k % grids.length]?.querySelectorAll('[role=gridcell]') ?? []);
            point([...cells].filter((one) => one.getClientRects().length).at(-1));
          }
        }""",
        [one for two in zip(ends_and_some(widget), ends_and_some(widget)[::-1]) for one in two],
    )
    assert page.problems == []


CROSSED = """(all) => all.flatMap((settings) => {
  model.set('_settings', settings);
  return [...document.querySelectorAll('.cnnx-plotwords')].flatMap((words) => {
    const lines = words.parentElement.querySelector('.cnnx-gridlines').getAttribute('d').match(/ -?[\\d.]+H/g) ?? [];
    const levels = lines.map((line) => parseFloat(line));
    return [...words.querySelectorAll('text')].filter((node) => node.getClientRects().length).flatMap((node) => {
      const middle = Number(node.getAttribute('y')) - 4; // of the small letters
      return levels.some((level) => Math.abs(level - middle) < 3) ? [[node.textContent, settings]] : [];
    });
  });
})"""


@pytest.mark.parametrize("name", CURVES)
def test_no_line_of_a_plot_goes_through_its_words(shown: Any, name: str) -> None:
    page, widget = shown(name)
    assert page.evaluate(CROSSED, ends_and_some(widget)) == []


TOUCHING = """() => {
  const found = [], card = document.querySelector('.cnnx-card');
  const shown = [...card.querySelectorAll('.cnnx-controls .cnnx-label, .cnnx-controls .cnnx-choice > span')]
    .filter((node) => node.getClientRects().length).map((node) => {
      const range = document.createRange();
      range.selectNodeContents(node);
      return [node.textContent, range.getBoundingClientRect()];
    });
  for (const [k, [words, a]] of shown.entries())
    for (const [others, b] of shown.slice(k + 1))
      if (Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4 && b.left < a.right + 4 && a.left < b.right + 4)
        found.push(`${words} | ${others}`);
  const pen = document.createElement('canvas').getContext('2d');
  for (const select of card.querySelectorAll('.cnnx-controls select')) {
    const style = getComputedStyle(select);
    pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const room = select.clientWidth - parseFloat(style.paddingLeft) - 20; // an arrow stands at the end
    for (const option of select.options) {
      const width = pen.measureText(option.text).width;
      if (room > 0 && width > room + 1) found.push(`${option.text}: ${width} in ${room}`);
    }
  }
  return found;
}"""


@every_explorer
@pytest.mark.parametrize("width", [390, 736, 820, 1000])
def test_names_of_controls_keep_apart_and_options_are_whole(shown: Any, name: str, width: int) -> None:
    page, _ = shown(name, width)
    assert page.evaluate(TOUCHING) == []


def test_what_joins_the_matrix_and_its_row_crosses_no_grid(shown: Any) -> None:
    page, widget = shown("matrix_of_a_convolution")
    crossed = page.evaluate(
        """(all) => all.flatMap((settings) => {
          model.set('_settings', settings);
          if (document.querySelector('.cnnx-card.misfit')) return [];
          const output = document.querySelector('.cnnx-cells.cnnx-output').getBoundingClientRect();
          const edge = document.querySelector('.cnnx-edge');
          const svg = edge.ownerSVGElement.getBoundingClientRect(), length = edge.getTotalLength();
          const hits = Array.from({length: 200}, (_, k) => edge.getPointAtLength(length * k / 199)).filter(({x, y}) =>
            x + svg.left < output.right && x + svg.left > output.left &&
            y + svg.top < output.bottom && y + svg.top > output.top);
          return hits.length ? [settings] : [];
        })""",
        ends_and_some(widget),
    )
    assert crossed == []


def test_the_products_of_the_photograph_are_always_written(shown: Any) -> None:
    page, widget = shown("kernel_on_a_photograph")
    start = dict(widget._settings)
    for weight in (-8, 8):
        page.evaluate("(s) => model.set('_settings', s)", start | {"w00": weight, "w11": weight})
        texts = page.locator(".cnnx-texts tspan:visible:not(.cnnx-note)").all_text_contents()
        assert len(texts) == 9 and all(texts)


def test_weights_stand_beside_the_numbers_not_on_them(shown: Any) -> None:
    page, widget = shown("padding_and_stride")
    start = dict(widget._settings)
    for size in range(4, 13):
        page.evaluate("(s) => model.set('_settings', s)", start | {"size": [size, size]})
        meet = page.evaluate(
            """() => {
              const boxes = (chosen) => [...document.querySelectorAll(chosen)]
                .filter((one) => one.getClientRects().length).map((one) => one.getBoundingClientRect());
              const numbers = boxes('.cnnx-texts tspan');
              return boxes('.cnnx-weights text').filter((weight) => numbers.some(({ left, right, top, bottom }) => {
                const half = (bottom - top) * 0.36, middle = (top + bottom) / 2; // a digit is lower than its line
                const beside = weight.left >= right || weight.right <= left;
                return !beside && weight.top + 3 < middle + half && middle - half < weight.bottom;
              })).length;
            }"""
        )
        assert meet == 0, size


def test_titles_fade_with_the_picture_of_a_setting_that_does_not_fit(shown: Any) -> None:
    page, widget = shown("stacked_receptive_field")
    page.evaluate("(s) => model.set('_settings', s)", dict(widget._settings) | {"size": 4})
    assert page.locator(".cnnx-card.misfit").count() == 1
    faded = "nodes => nodes.map((node) => Number(getComputedStyle(node).opacity))"
    assert max(page.locator(".cnnx-title:visible").evaluate_all(faded)) < 0.5
