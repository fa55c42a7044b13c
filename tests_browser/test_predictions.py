"""Predict, then see, in JupyterLab and Notebook 7: what comes out stays folded until the reader has said what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from pages import READY, ROOT, SLOW, TOKEN, listened, wait_for
from playwright.sync_api import Browser, Locator, Page

CHAPTER = "04_padding_and_stride.ipynb"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
ASKED = [
    cell
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
    for cell in nbformat.read(path, as_version=4).cells
    if "predicted" in cell.metadata
]


def all_questions() -> NotebookNode:
    """Return a notebook with the cells of all chapters that are asked about: each shows a line."""
    new = nbformat.v4
    cells = [new.new_code_cell("from cnncourse import explorers")]
    for k, cell in enumerate(ASKED):  # ids of questions are those of one chapter
        asked = cell.metadata.predicted | {"question": f"question {k}"}
        cells.append(new.new_code_cell(f"print('answer {k}')", metadata=cell.metadata | {"predicted": asked}))
        cells.append(new.new_markdown_cell(f"About the answer {k}.\n\n## Another step {k}"))
    return new.new_notebook(cells=cells, metadata=KERNEL)


@pytest.fixture(scope="module")
def course(folder: Path) -> Path:
    """Return the folder of the server, with a chapter and the notebook of all questions in it."""
    (folder / CHAPTER).write_bytes((ROOT / "notebooks" / CHAPTER).read_bytes())
    nbformat.write(all_questions(), folder / "questions.ipynb")
    nbformat.write(all_questions(), folder / "again.ipynb")
    return folder


def opened(browser: Browser, address: str) -> Page:
    """Return the page of a notebook all of whose cells are drawn, also those out of sight."""
    page = listened(browser)
    page.goto(address, timeout=SLOW)
    page.wait_for_function(READY, timeout=SLOW)
    page.evaluate(
        """() => {
          const { content } = jupyterapp.shell.currentWidget;
          content.notebookConfig = { ...content.notebookConfig, windowingMode: "none" };
        }"""
    )
    page.problems.clear()  # those of the front end itself, before there is anything of ours
    return page


def run(page: Page, *commands: str) -> None:
    for command in commands:
        page.evaluate(f"jupyterapp.commands.execute('notebook:{command}')")


def cell_of(page: Page, name: str) -> Locator:
    """Return the cell with this id, which becomes the active one."""
    place = page.evaluate(
        """(name) => {
          const { content } = jupyterapp.shell.currentWidget;
          return content.activeCellIndex = content.widgets.findIndex((cell) => cell.model.id === name);
        }""",
        name,
    )
    return page.locator(".jp-Notebook-cell").nth(place)


# Of every cell of code but the first: the choices, the fields and what is seen of it and of the cell below.
SEEN = """() => [...document.querySelectorAll(".jp-CodeCell")].slice(1).map((cell) => {
  const form = cell.querySelector("form.cnn-prediction");
  const seen = (node, words) => [...node.querySelectorAll(words)].filter((one) => one.checkVisibility()).length;
  return form && {
    choices: [...form.querySelectorAll("fieldset label")].map((label) => label.innerText),
    fields: seen(form, "input[type=text]"),
    answers: seen(cell, ".jp-OutputArea pre"),
    about: [seen(cell.nextElementSibling, "p"), seen(cell.nextElementSibling, "h2")],
  };
})"""


@pytest.mark.parametrize("front_end", ["lab/workspaces/questions/tree/questions.ipynb", "notebooks/again.ipynb"])
def test_every_question_with_a_definite_answer_is_asked(
    browser: Browser, server: str, course: Path, axe: str, front_end: str
) -> None:
    page = opened(browser, f"{server}/{front_end}?token={TOKEN}&reset")
    run(page, "run-all-cells")
    forms, answers = page.locator("form.cnn-prediction"), page.locator(".jp-OutputArea pre")
    wait_for(lambda: (forms.count(), answers.count()) == (len(ASKED), len(ASKED)), 120, "what all cells show")
    expected = [cell.metadata.predicted.get("choices", []) for cell in ASKED]
    assert len(expected) > 50
    assert page.evaluate(SEEN) == [
        {"choices": choices, "fields": int(not choices), "answers": 0, "about": [0, 1]} for choices in expected
    ]
    page.evaluate(axe)
    found = page.evaluate("axe.run('.cnn-prediction')")
    assert found["passes"] and [one["id"] for one in found["violations"]] == []
    forms.last.get_by_role("button", name="Show all answers").click()
    assert page.locator("form.cnn-prediction, .cnn-about").count() == 0
    assert answers.last.is_visible() and answers.first.is_visible()
    assert page.problems == []
    page.context.close()


@pytest.fixture(scope="module")
def chapter(browser: Browser, server: str, course: Path) -> Iterator[Page]:
    page = opened(browser, f"{server}/lab/workspaces/predict/tree/{CHAPTER}?token={TOKEN}&reset")
    yield page
    page.context.close()


def test_what_is_stored_is_folded_until_the_cell_runs(chapter: Page) -> None:
    for cell in nbformat.read(ROOT / "notebooks" / CHAPTER, as_version=4).cells:
        if "predicted" in cell.metadata:
            folded = cell_of(chapter, cell.id)
            folded.locator(".jp-OutputPlaceholder").wait_for(timeout=SLOW)
            assert folded.locator(".jp-OutputArea-child:visible").count() == 0


def test_an_answer_is_typed_and_what_was_said_stays(chapter: Page) -> None:
    cell = cell_of(chapter, "use-counts-loops")
    run(chapter, "run-all-above", "run-cell")
    form = cell.locator("form.cnn-prediction")
    form.wait_for(timeout=SLOW)
    field = form.get_by_label("Your number")
    field.press_sequentially("9 and a 1 below")  # letters are commands of JupyterLab elsewhere
    assert not cell.get_by_text("array(").is_visible()
    field.press("Enter")
    said = cell.locator(".cnn-predicted")
    assert said.inner_text() == "You said: 9 and a 1 below"
    assert chapter.evaluate("document.activeElement.className") == "cnn-predicted"
    assert cell.get_by_text("array(").is_visible()
    cell_of(chapter, "use-counts-loops")
    run(chapter, "run-cell")
    wait_for(lambda: said.count() and cell.get_by_text("array(").is_visible(), 30, "the cell once more")
    assert said.inner_text() == "You said: 9 and a 1 below" and form.count() == 0


def test_an_explorer_waits_for_the_answer_too(chapter: Page) -> None:
    explorer, figure = (cell_of(chapter, name) for name in ("explorer-padding-and-stride", "lost-figure"))
    run(chapter, "run-all-above", "run-cell")
    for cell in (figure, explorer):
        cell.locator("form.cnn-prediction").wait_for(timeout=SLOW)
        assert cell.locator(".cnnx:visible, img:visible").count() == 0
    choices = explorer.get_by_role("radio")
    choices.first.focus()
    choices.first.press("ArrowDown")
    assert choices.nth(1).is_checked()
    explorer.get_by_role("button", name="Show what comes out").press("Enter")
    explorer.locator(".cnnx").wait_for(timeout=SLOW)
    assert explorer.locator(".cnn-predicted").inner_text().startswith("You said: 2 wide")
    assert explorer.locator(".cnnx").bounding_box()["height"] > 300
    assert figure.locator("form").count() == 0 and figure.locator("img").is_visible()
    assert chapter.problems == []
