"""Each prediction that a chapter asks for begins a paragraph, says what is asked, and where it is answered."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

import predicted_cells
import translations
from cnncourse import predictions

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
    definite = notebook.cells[asked_at].metadata["predict"].get("kind") != "words"
    if definite and not any(one.get("outputs") for one in (*between, cell)):
        return [f"the answer {answer!r} shows nothing, so no notebook would wait for the question"]
    headings = [one.id for one in between if one.cell_type == "markdown" and one.source.startswith("#")]
    return [f"the answer {answer!r} comes after {headings}"] if headings else []


@pytest.mark.parametrize("stem", READ)
def test_each_prediction_says_what_is_asked_and_where_it_is_answered(stem: str) -> None:
    assert faults(READ[stem]) == []


@pytest.mark.parametrize("stem", READ)
def test_a_chapter_asks_for_predictions(stem: str) -> None:
    assert sum("predict" in cell.metadata for cell in READ[stem].cells) >= 2


# ---- in a notebook -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stem", READ)
def test_the_cells_that_answer_say_what_is_asked_and_are_folded(stem: str) -> None:
    asked = {cell.id: cell.metadata["predicted"] for cell in READ[stem].cells if "predicted" in cell.metadata}
    folded = [cell.id for cell in READ[stem].cells if cell.metadata.get("jupyter", {}).get("outputs_hidden")]
    assert asked == predicted_cells.expected(READ[stem]), "run python tools/predicted_cells.py notebooks/*.ipynb"
    assert folded == list(asked)


def is_literal(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        return is_literal(node.left) and is_literal(node.right)
    if isinstance(node, ast.List | ast.Tuple):
        return all(map(is_literal, node.elts))
    try:
        return not isinstance(ast.literal_eval(node), bool | None)
    except ValueError:
        return False


def is_tolerance(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and abs(node.value) <= 0.01


def tells_a_result(test: ast.Assert) -> bool:
    """Return whether a test compares with a result that is written out."""
    compared: list[ast.expr] = []
    for node in ast.walk(test):
        if isinstance(node, ast.Compare):
            compared += [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"np.isclose", "np.allclose"}:
            compared += node.args
    return any(is_literal(one) and not is_tolerance(one) for one in compared)


def told_by_code(notebook: NotebookNode) -> list[str]:
    """Return the tests that name a result in the open, between a question and its answer."""
    found = []
    for k, asks in enumerate(notebook.cells):
        for cell in predicted_cells.cells_of_answer(notebook, k) if "predict" in asks.metadata else []:
            if cell.cell_type == "code" and not predicted_cells.tests_alone(cell):
                tests = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Assert)]
                found += [f"{cell.id}: {ast.unparse(test)}" for test in tests if tells_a_result(test)]
    return found


@pytest.mark.parametrize("stem", READ)
def test_the_line_that_a_folded_test_shows_is_a_comment(stem: str) -> None:
    folded = [cell for cell in READ[stem].cells if cell.metadata.get("jupyter", {}).get("source_hidden")]
    assert [cell.id for cell in folded if not cell.source.startswith("# ")] == []


@pytest.mark.parametrize("stem", READ)
def test_no_test_tells_the_answer_before_the_reader_has_predicted(stem: str) -> None:
    assert told_by_code(READ[stem]) == []


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("x = f()\nassert x == 5", ["assert x == 5"]),
        ("x = f()\nfor y in x:\n    assert 0.2 < y < 0.4", ["assert 0.2 < y < 0.4"]),
        ("x = f()\nassert np.allclose(x, [[1, -2]], atol=1e-3)", ["assert np.allclose(x, [[1, -2]], atol=0.001)"]),
        ("x = f()\nassert [round(y) for y in x] == [3, 10**4]", ["assert [round(y) for y in x] == [3, 10 ** 4]"]),
        ("x = f()\nassert np.array_equal(x, loops(2, [1])) and abs(x - y).max() < 1e-9", []),
        ("# what came out\nassert x == 5\nassert y == (2, 3)", []),
    ],
)
def test_a_result_that_is_written_out_is_found(source: str, told: list[str]) -> None:
    asks = nbformat.v4.new_markdown_cell("?", id="asks", metadata={"predict": {"kind": "number", "answer": "answer"}})
    notebook = nbformat.v4.new_notebook(cells=[asks, nbformat.v4.new_code_cell(source, id="answer")])
    assert told_by_code(notebook) == [f"answer: {one}" for one in told]


def test_what_is_folded_follows_the_questions() -> None:
    code, hidden = nbformat.v4.new_code_cell, {"outputs_hidden": True, "source_hidden": True}
    shown = [nbformat.v4.new_output("stream", text="1")]
    stale = {"jupyter": hidden, "predicted": {"question": "gone", "kind": "number"}}
    cells = [
        code("1", id="before", outputs=shown, metadata=stale),
        nbformat.v4.new_markdown_cell("?", id="asks", metadata={"predict": {"kind": "number", "answer": "answer"}}),
        code("x = 1", id="silent"),
        code("2", id="on-the-way", outputs=shown),
        code("3", id="answer", outputs=shown),
        code("4", id="drawn", outputs=shown),
        code("assert x == 1", id="tested"),
        nbformat.v4.new_markdown_cell("So it is.", id="told"),
        code("5", id="after", outputs=shown),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    predicted_cells.write_into(notebook)
    question = {"predicted": {"question": "asks", "kind": "number"}, "jupyter": {"outputs_hidden": True}}
    before, _, silent, *answer, tested, _, after = (cell.metadata for cell in cells)
    assert (silent, after) == ({}, {})
    assert before == tested == {"jupyter": {"source_hidden": True}}
    assert answer == [question] * 3


def test_an_explorer_behind_an_answer_is_not_folded() -> None:
    code, view = nbformat.v4.new_code_cell, {predicted_cells.VIEW: {"model_id": "1"}}
    moves = [nbformat.v4.new_output("display_data", data=view)]
    asks = nbformat.v4.new_markdown_cell("?", id="asks", metadata={"predict": {"kind": "number", "answer": "answer"}})
    notebook = nbformat.v4.new_notebook(cells=[asks, code("1", id="answer"), code("2", id="moves", outputs=moves)])
    assert [cell.id for cell in predicted_cells.cells_of_answer(notebook, 0)] == ["answer"]


@pytest.mark.parametrize("language", translations.languages(), ids=lambda language: language.folder.name)
def test_the_choices_are_in_the_language_of_the_notebook(language: translations.Language) -> None:
    choices = [
        choice
        for notebook in READ.values()
        for cell in predicted_cells.in_language(nbformat.from_dict(notebook), language.folder).cells
        for choice in cell.metadata.get("predicted", {}).get("choices", [])
    ]
    assert len(choices) > 50
    assert [one for one in choices if re.match("[a-z]", one)] == []


def test_the_form_holds_what_is_asked_and_no_markup_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"question": "asks", "kind": "choice", "choices": ["</script>", "no"]}
    text = predictions.form(asked, now=1.5)
    data = json.loads(text[text.rindex("parentElement, ") + len("parentElement, ") : text.rindex(");")])
    assert (data["choices"], data["at"], data["field"]) == (["</script>", "no"], 1500, "Your prediction")
    assert text.count("</script>") == 1
    monkeypatch.setenv("CNNCOURSE_LANGUAGE", "zh_CN")
    assert '"你猜的数"' in predictions.form({"question": "asks", "kind": "number"}, now=0.0)


class Kernel:
    """A kernel that says what a front end has sent along with a cell."""

    def __init__(self, parent: object) -> None:
        self.get_parent = lambda: parent


QUESTION_SENT = {"cellId": "one", "predicted": {"question": "asks", "kind": "number"}}


@pytest.mark.parametrize(
    ("kernel", "count"),
    [
        (Kernel({"metadata": QUESTION_SENT}), 1),
        (Kernel({"metadata": {"cellId": "one"}}), 0),
        (Kernel({"header": {}}), 0),
        (Kernel({"metadata": None}), 0),
        (Kernel(None), 0),
        (object(), 0),
    ],
)
def test_a_front_end_that_sends_no_question_gets_none(
    kernel: object, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr("IPython.get_ipython", lambda: SimpleNamespace(kernel=kernel))
    monkeypatch.setattr("IPython.display.display", lambda html: shown.append(html.data))
    predictions._ask(None)
    assert len(shown) == count


def test_the_hook_is_registered_once_and_only_in_a_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    callbacks: list[object] = []
    events = SimpleNamespace(callbacks={"pre_run_cell": callbacks}, register=lambda name, call: callbacks.append(call))
    shells = [None, SimpleNamespace(events=events), SimpleNamespace(events=events, kernel=object())]
    counts = []
    for shell in [*shells, shells[-1]]:
        monkeypatch.setattr("IPython.get_ipython", lambda shell=shell: shell)
        predictions.ask_when_run()
        counts.append(len(callbacks))
    assert counts == [0, 0, 1, 1]


def test_nobody_is_asked_where_no_reader_runs_the_cell() -> None:
    metadata = {"predicted": {"question": "asks", "kind": "number"}}
    cells = [nbformat.v4.new_code_cell(code, metadata=metadata) for code in ("import cnncourse", "print(7)")]
    NotebookClient(notebook := nbformat.v4.new_notebook(cells=cells), kernel_name="python3").execute()
    assert [[output.get("text") for output in cell.outputs] for cell in notebook.cells] == [[], ["7\n"]]
    code = "import sys, cnncourse; assert 'IPython' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


# ---- the tests of the tests -----------------------------------------------------------------------------------------

ASKED = {"kind": "choice", "answer": "code", "choices": ["yes", "no"]}


def notebook_of(prose: str, asked: dict | None, code: str = "print(1)", between: str = "") -> NotebookNode:
    markdown, more = nbformat.v4.new_markdown_cell, {"predict": asked} if asked is not None else {}
    cells = [markdown(prose, id="prose", metadata=more), *([markdown(between, id="between")] if between else [])]
    shown = [nbformat.v4.new_output("stream", text="1\n")] if code.startswith("print") else []
    return nbformat.v4.new_notebook(cells=[*cells, nbformat.v4.new_code_cell(code, id="code", outputs=shown)])


def test_a_good_prediction_has_no_faults() -> None:
    assert faults(notebook_of("Text.\n\n**Predict first:** is it?", ASKED, between="More.")) == []
    assert faults(notebook_of("Text alone.", None)) == []


@pytest.mark.parametrize(
    ("prose", "asked", "code", "between"),
    [
        ("**Predict first:** is it?", None, "print(1)", ""),
        ("No question.", ASKED, "print(1)", ""),
        ("Text. **Predict first:** is it?", ASKED, "print(1)", ""),
        ("**Predict first:** is it?\n\n**Predict first:** and this?", ASKED, "print(1)", ""),
        ("**Predict first:** is it?", ASKED | {"kind": "guess", "choices": []}, "print(1)", ""),
        ("**Predict first:** is it?", ASKED | {"choices": []}, "print(1)", ""),
        ("**Predict first:** is it?", ASKED | {"kind": "number"}, "print(1)", ""),
        ("**Predict first:** is it?", ASKED | {"answer": "nowhere"}, "print(1)", ""),
        ("**Predict first:** is it?", ASKED | {"answer": "prose"}, "print(1)", ""),
        ("**Predict first:** is it?", ASKED, "x = 1", ""),
        ("**Predict first:** is it?", ASKED, "assert True", ""),  # nothing to fold, so nobody would be asked
        ("**Predict first:** is it?", ASKED, "print(1)", "## Another step"),
    ],
)
def test_faults_are_found(prose: str, asked: dict | None, code: str, between: str) -> None:
    assert len(faults(notebook_of(prose, asked, code, between))) == 1
