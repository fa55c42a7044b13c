"""What stands on the card of an explorer, read from the page and compared with the scene that Python computes."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from typing import Any

import numpy as np
from playwright.sync_api import Locator, Page

from cnncourse.explorers.scene import Scene, text_of

# The texts of the cells that are seen, row by row; nothing where cells are too fine for numbers.
TEXTS = """(card, role) => {
  const cells = card.querySelector(`.cnnx-cells.cnnx-${role}`);
  const rows = [...cells.children].filter((row) => row.style.display !== "none");
  const seen = (row) => [...row.children].filter((node) => node.style.display !== "none");
  const named = rows.map((row) => seen(row).map((cell) => cell.getAttribute("aria-label")));
  const all = [...card.querySelectorAll(".cnnx-cells")], k = all.indexOf(cells);
  const words = card.querySelectorAll(".cnnx-texts")[k];
  const shown = words.style.display === "none" ? null : [...words.children]
    .filter((row) => row.style.display !== "none")
    .map((row) => seen(row).filter((text) => !text.classList.contains("cnnx-note")).map((text) => text.textContent));
  return { named, shown };
}"""
LIT = """(card, [name, role]) => {
  const path = card.querySelector(`.cnnx-${name}`), svg = path.ownerSVGElement.getBoundingClientRect();
  const parts = path.getAttribute("d").split("M").filter(Boolean).map((part) => part.match(/-?[\\d.]+/g).map(Number));
  const middles = parts.map(([x, y, w, h]) => [svg.left + x + w / 2, svg.top + y + h / 2]);
  return [...card.querySelectorAll(`.cnnx-${role} rect`)].filter((cell) => {
    const box = cell.getBoundingClientRect();
    return box.width && middles.some(([x, y]) => x > box.left && x < box.right && y > box.top && y < box.bottom);
  }).map((cell) => cell.dataset.at.split(" ").map(Number));
}"""


# px of a page with one card, which is 16 px narrower. On the site cards are narrower than the window: of 288 px on a
# phone of 320, of 358 on one of 390, of 720 on a tablet, of 811 at 1366.
WIDTHS = (304, 356, 390, 640, 700, 736, 768, 796, 1024, 1280, 1366, 1440, 1920)
# What every look at a card asks: boxes in halves of a px, whether a part cuts its text, how far two boxes overlap.
MEASURES = """
  const round = (box) => [box.x, box.y, box.width, box.height].map((n) => Math.round(n * 2) / 2).join(" ");
  const isCut = (node) => {
    const end = node.getBoundingClientRect().bottom + 1;
    const last = Math.max(0, ...[...node.children].map((one) => one.getBoundingClientRect().bottom));
    return node.scrollHeight > node.clientHeight + 1 || node.scrollWidth > node.clientWidth + 1 || last > end;
  };
  const across = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const down = (a, b) => Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
"""


def lit(explorer: Locator, role: str, name: str = "reached") -> list[list[int]]:
    """Return the cells that are framed: those that are reached, or those that a window with gaps reads."""
    return explorer.evaluate(LIT, [name, role])


def cell(explorer: Locator, role: str, r: int, c: int) -> Locator:
    return explorer.locator(f'.cnnx-cells.cnnx-{role} rect[data-at="{r} {c}"]')


def framed(explorer: Locator) -> tuple[list[int], list[int]]:
    """Return the place of the window's first cell in the input and of the output cell that are framed."""
    found = explorer.evaluate(
        """card => {
          const frames = [...card.querySelectorAll('rect.cnnx-frame')];
          const [window, , cell] = frames.map((one) => one.getBoundingClientRect());
          const at = (role, box) => [...card.querySelectorAll(`.cnnx-${role} rect`)].find((one) => {
            const { left, top, width } = one.getBoundingClientRect();
            return width && Math.abs(left - box.left) < 3 && Math.abs(top - box.top) < 3;
          })?.dataset.at.split(' ').map(Number);
          return [at('input', window), at('output', cell)];
        }"""
    )
    return found[0], found[1]


def assert_numbers(
    explorer: Locator, role: str, expected: list[list[str]], rim: Sequence[int] = (0, 0), letters: bool = False
) -> None:
    """Compare a grid with its numbers, both as it is read aloud and, without letters, as it is seen.

    A rim around it holds none.
    """
    found = explorer.evaluate(TEXTS, role)
    top, left = rim
    for way, some in found.items():
        if some and (top or left):
            found[way] = [row[left : len(row) - left] for row in some[top : len(some) - top]]
    said = [[label.replace(" is ", ": ").rpartition(": ")[2] for label in row] for row in found["named"]]
    assert said == expected
    assert letters or found["shown"] in (None, expected)


def assert_card(explorer: Locator, scene: Scene, settings: dict[str, Any]) -> None:
    """Compare the card with the scene: numbers, products, sum, words; where nothing fits, what is said."""
    if scene.output is None:
        assert explorer.get_attribute("data-output") == ""
        assert explorer.locator(".cnnx-message").inner_text() == scene.message
        assert explorer.locator(".cnnx-overhang").is_visible()
        assert explorer.locator(".cnnx-svg").is_visible()
        return
    assert explorer.get_attribute("data-output") == f"{scene.output[0]} × {scene.output[1]}"
    assert explorer.locator(".cnnx-message").inner_text() == ""
    assert explorer.locator(".cnnx-sentence").inner_text() == scene.sentence
    assert [line for line in explorer.locator(".cnnx-formulas p").all_inner_texts() if line] == written(scene.lines)
    for role in ("input", "kernel", "output"):
        grid = scene.grid(role)
        assert explorer.locator(f"text[id$=-{role}]").text_content() == grid.title
        if not (settings["letters"] or (settings.get("counts") and role == "input")):
            assert_numbers(explorer, role, [[text_of(v) for v in row] for row in grid.values])
    row, column = settings["position"]
    window = np.array(scene.grid("input").values)[np.ix_(scene.rows[row], scene.columns[column])]
    products = window * np.array(scene.grid("kernel").values)
    if not settings["letters"]:
        assert_numbers(explorer, "products", [[text_of(int(v)) for v in line] for line in products])
        assert explorer.locator(".cnnx-equation").text_content() == equation(scene, int(products.sum()), row, column)


def written(lines: list[str]) -> list[str]:
    """Return formulas as they are read from the page, where indices stand lower and nothing else."""
    return [re.sub(r"_(\{([^}]*)\}|(\w))", r"\2\3", line) for line in lines]


def equation(scene: Scene, total: int, row: int, column: int) -> str:
    """Return the equation that a card shows: sum and bias, and f after them if it is ReLU."""
    bias, value = scene.details["bias"], scene.grid("output").values[row][column]
    added = f"{text_of(total)} {'−' if bias < 0 else '+'} {text_of(abs(bias))}"
    return f"ReLU({added}) = {text_of(value)}" if scene.details.get("f") == "ReLU" else f"{added} = {text_of(value)}"


def assert_grids(explorer: Locator, scene: Scene, settings: dict[str, Any]) -> None:
    """Compare a card on the stage of grids with the scene: every grid that is shown, the words, the chosen output."""
    if scene.output is None:
        assert explorer.get_attribute("data-output") == ""
        assert explorer.locator(".cnnx-message").inner_text() == scene.message
        assert explorer.locator(".cnnx-cells:visible").count() > 0  # the last picture stays
        return
    assert explorer.get_attribute("data-output") == f"{scene.output[0]} × {scene.output[1]}"
    assert explorer.locator(".cnnx-message").inner_text() == ""
    assert explorer.locator(".cnnx-sentence").text_content() == scene.sentence
    assert [line for line in explorer.locator(".cnnx-formulas p").all_inner_texts() if line] == written(scene.lines)
    roles = [grid.role for grid in scene.grids]
    shown = 0
    expanded = scene.details.get("stage") == "expanded"
    for k, (role, grid) in enumerate(zip(roles, scene.grids)):
        name = role if roles.count(role) == 1 else f"{role}{roles[:k].count(role)}"
        if not explorer.locator(f".cnnx-cells.cnnx-{name}:visible").count():
            continue
        if role == "kernel" and "by" in scene.details and len(scene.grids) > 4:
            continue  # of several kernels those stand there that belong to the position
        if expanded and role == "full" and settings.get("counts"):
            continue
        if role == "output" and "chain" in scene.details:
            continue  # a map of places without numbers
        values = grid.counts if settings.get("counts") and grid.counts else grid.values
        rim = scene.details["border"] if role == "output" and "border" in scene.details else (0, 0)
        assert_numbers(
            explorer, name, [[text_of(v) for v in row] for row in values], rim, settings.get("letters", False)
        )
        shown += 1
    assert shown


# ---- speed ----------------------------------------------------------------------------------------------------------

LATENCY = """(selector) => {
  const slider = document.querySelector(selector);
  let down = 0;
  window.latencies = [];
  slider.addEventListener('keydown', () => (down = performance.now()), { capture: true });
  slider.addEventListener('input', () => {
    const drawn = performance.now() - down;
    const channel = new MessageChannel(); // the first task after the next frame has been painted
    channel.port1.onmessage = () => latencies.push([drawn, performance.now() - down]);
    requestAnimationFrame(() => channel.port2.postMessage(0));
  });
}"""


def measured(page: Page, selector: str, keys: tuple[str, str] = ("ArrowRight", "ArrowLeft")) -> str:
    """Press two keys in turn on the first slider found, and say how long it took until the picture was there."""
    page.locator(selector).first.focus()
    page.evaluate(LATENCY, selector)
    for k in range(40):
        page.keyboard.press(keys[k % 2])
        page.wait_for_timeout(30)
    page.wait_for_function("latencies.length >= 35")
    drawn, painted = zip(*page.evaluate("latencies"))
    return f"DOM {statistics.median(drawn):.1f} ms, painted {statistics.median(painted):.1f} ms"
