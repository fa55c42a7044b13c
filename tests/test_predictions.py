"""Each prediction that a chapter asks for begins a paragraph, says what is asked, and where it is answered."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
READ = {path.stem: nbformat.read(path, as_version=4) for path in sorted(FOLDER.glob("[0-9]*.ipynb"))}
QUESTION = re.compile(r"\*\*Predict\b")
PARAGRAPH = re.compile(r"(?:\A|\n\n)\*\*Predict first:\*\* \S")
KINDS = {"number", "shape", "words", "choice"}


def faults(notebook: NotebookNode) -> list[str]:
    """Return a sentence for everything that is wrong with the predictions of a notebook."""
    found = []
    places = {cell.id: k for k, cell in enumerate(notebook.cells)}
    for k, cell in enumerate(notebook.cells):
        asked = cell.metadata.get("predict")
        count = len(QUESTION.findall(cell.source)) if cell.cell_type == "markdown" else 0
        if bool(count) != (asked is not None):
            found.append(f"{cell.id}: has {count} questions, and the metadata {asked}")
        if not (count and asked):
            continue
        if count != 1 or len(PARAGRAPH.findall(cell.source)) != 1:
            found.append(f"{cell.id}: expected one question, at the beginning of a paragraph")
        if asked.keys() - {"choices"} != {"kind", "answer"} or asked["kind"] not in KINDS:
            found.append(f"{cell.id}: got {asked}, expected a kind of {sorted(KINDS)} and an answer")
        choices = asked.get("choices", [])
        if (asked.get("kind") == "choice") != bool(choices) or len(set(choices)) != len(choices) or len(choices) == 1:
            found.append(f"{cell.id}: got the choices {choices} for the kind {asked.get('kind')}")
        found += [f"{cell.id}: {what}" for what in faults_of_answer(notebook, places, k, asked.get("answer", ""))]
    return found


def faults_of_answer(notebook: NotebookNode, places: dict[str, int], asked_at: int, answer: str) -> list[str]:
    """Return what is wrong with the answer to a question: a cell of code below it, before the next but one heading."""
    at = places.get(answer, -1)
    if at <= asked_at:
        return [f"the answer {answer!r} is no cell below"]
    cell, between = notebook.cells[at], notebook.cells[asked_at + 1 : at]
    if cell.cell_type != "code" or not (cell.outputs or "assert" in cell.source or "def " in cell.source):
        return [f"the answer {answer!r} computes nothing"]
    headings = [one.id for one in between if one.cell_type == "markdown" and one.source.startswith("#")]
    return [f"the answer {answer!r} comes after {headings}"] if headings else []


@pytest.mark.parametrize("stem", READ)
def test_each_prediction_says_what_is_asked_and_where_it_is_answered(stem: str) -> None:
    assert faults(READ[stem]) == []


@pytest.mark.parametrize("stem", READ)
def test_a_chapter_asks_for_predictions(stem: str) -> None:
    assert sum("predict" in cell.metadata for cell in READ[stem].cells) >= 2


# ---- the tests of the tests -----------------------------------------------------------------------------------------

ASKED = {"kind": "choice", "answer": "code", "choices": ["yes", "no"]}


def notebook_of(prose: str, asked: dict | None, code: str = "assert True", between: str = "") -> NotebookNode:
    markdown, more = nbformat.v4.new_markdown_cell, {"predict": asked} if asked is not None else {}
    cells = [markdown(prose, id="prose", metadata=more), *([markdown(between, id="between")] if between else [])]
    return nbformat.v4.new_notebook(cells=[*cells, nbformat.v4.new_code_cell(code, id="code")])


def test_a_good_prediction_has_no_faults() -> None:
    assert faults(notebook_of("Text.\n\n**Predict first:** is it?", ASKED, between="More.")) == []
    assert faults(notebook_of("Text alone.", None)) == []


@pytest.mark.parametrize(
    ("prose", "asked", "code", "between"),
    [
        ("**Predict first:** is it?", None, "assert True", ""),
        ("No question.", ASKED, "assert True", ""),
        ("Text. **Predict first:** is it?", ASKED, "assert True", ""),
        ("**Predict first:** is it?\n\n**Predict first:** and this?", ASKED, "assert True", ""),
        ("**Predict first:** is it?", ASKED | {"kind": "guess", "choices": []}, "assert True", ""),
        ("**Predict first:** is it?", ASKED | {"choices": []}, "assert True", ""),
        ("**Predict first:** is it?", ASKED | {"kind": "number"}, "assert True", ""),
        ("**Predict first:** is it?", ASKED | {"answer": "nowhere"}, "assert True", ""),
        ("**Predict first:** is it?", ASKED | {"answer": "prose"}, "assert True", ""),
        ("**Predict first:** is it?", ASKED, "x = 1", ""),
        ("**Predict first:** is it?", ASKED, "assert True", "## Another step"),
    ],
)
def test_faults_are_found(prose: str, asked: dict | None, code: str, between: str) -> None:
    assert len(faults(notebook_of(prose, asked, code, between))) == 1
