"""Assignments, instant checks, grading and feedback in other languages: the same tasks, numbers and points."""

from __future__ import annotations

import copy
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import catalogue
import leaks
import make_assignments
import nbformat
import pytest
from nbformat import NotebookNode
from said import left_in_english
from solutions import ALL, MASTERS, READ, STUDENT, TASKS, WRONG, cell_of, task_id

import catalogues
from cnncourse.language import FILE, METADATA
from cnngrader import grading, instant_checks, personal, report, submission
from cnngrader.__main__ import main
from cnngrader.results import TaskResult
from cnngrader.task import Task
from cnngrader.wording import ENGLISH, speaking, translated

LANGUAGES = catalogues.languages()
BOTH = pytest.mark.parametrize("language", LANGUAGES)
EACH = pytest.mark.parametrize("name", MASTERS)
SHOWN = re.compile(r"<style>.*?</style>|<pre>.*?</pre>|<code>.*?</code>|<[^>]+>", re.DOTALL)
CODE = re.compile(r"```.*?```|\$\$.*?\$\$|\$.*?\$", re.DOTALL)  # of a text, and its formulas
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def spoken(name: str, language: str) -> NotebookNode:
    """Return a master whose texts for students are in a language."""
    return make_assignments.in_language(READ[name], ALL[name], MASTERS[name].stem, language)


def handed_out(name: str, language: str, seed: str = "") -> NotebookNode:
    with speaking(language):
        return make_assignments.student_version(spoken(name, language), ALL[name], seed)


def handed_in(notebook: NotebookNode, folder: Path, student: str = "someone") -> submission.Submission:
    path = folder / f"{student}.ipynb"
    nbformat.write(notebook, path)
    return submission.read(student, path)


# ---- nothing is missing ---------------------------------------------------------------------------------------------


@BOTH
def test_every_sentence_is_translated_and_none_is_stale_or_torn(language: str) -> None:
    assert catalogues.faults(language, catalogue.BOOK) == []
    stored = catalogues.path_of(language, "po", catalogue.BOOK).read_bytes()
    assert stored == catalogues.as_po(catalogues.updated(language, catalogue.BOOK))


@BOTH
def test_every_text_for_students_is_translated_and_none_is_stale_or_torn(language: str) -> None:
    assert make_assignments.faults(language) == []


@BOTH
def test_a_changed_sentence_of_a_master_makes_its_piece_stale(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = {path: nbformat.read(path, as_version=4) for path in MASTERS.values()}
    cell_of(changed[MASTERS["2"]], "rows_seen", "-text").source += " And so on."
    monkeypatch.setattr(make_assignments.nbformat, "read", lambda path, as_version: changed[path])
    [found] = make_assignments.faults(language)
    assert found.startswith("2_pooling_shapes_counting: task-rows_seen-text: is stale")


# ---- what students get ----------------------------------------------------------------------------------------------


@BOTH
@EACH
def test_the_code_and_the_names_of_the_cells_stay(name: str, language: str) -> None:
    ours, theirs = STUDENT[name], handed_out(name, language)
    assert [cell.id for cell in ours.cells] == [cell.id for cell in theirs.cells]
    for one, other in zip(ours.cells, theirs.cells):
        named = {METADATA: language} if other.cell_type == "code" else {}
        assert one.metadata | named == other.metadata
        assert (one.source == other.source) == (one.cell_type == "code"), other.id
        if other.cell_type == "markdown":
            assert list(left_in_english(CODE.sub("", other.source))) == []


@BOTH
def test_what_is_handed_out_speaks_the_language(language: str, tmp_path: Path) -> None:
    make_assignments.make(MASTERS["4"], tmp_path, language=language)
    assert (tmp_path / FILE).read_text(encoding="utf-8") == f"{language}\n"
    notebook = nbformat.read(tmp_path / MASTERS["4"].name, as_version=4)
    assert notebook.metadata["cnnlib"] == {"language": language}


@BOTH
def test_no_key_is_in_what_is_handed_out(language: str, tmp_path: Path) -> None:
    for master in MASTERS.values():
        make_assignments.make(master, tmp_path, language=language).unlink()  # what else is in it, test_no_keys.py reads
    assert leaks.Scan().folder(tmp_path) == []


def sentences(stored: Any) -> Iterator[str]:
    """Yield the sentences of a data file of instant checks in their order, without code."""
    if isinstance(stored, dict):
        for key, value in stored.items():
            if key == "explained":
                yield from (text for _, parts in value for _, text in parts)
            elif key in ("name", "message", "cases_description") and isinstance(value, str):
                yield value
            else:
                yield from sentences(value)
    elif isinstance(stored, list):
        for one in stored:
            yield from sentences(one)


@BOTH
@EACH
def test_instant_checks_say_the_same_in_the_same_order(name: str, language: str) -> None:
    pair = [json.loads(instant_checks.text(ALL[name], language=one))["checks"] for one in (ENGLISH, language)]
    ours, theirs = (list(sentences(one)) for one in pair)
    assert len(ours) == len(theirs)
    for one, other in dict.fromkeys(zip(ours, theirs)):
        assert catalogues.sequence(one) == catalogues.sequence(other)
        assert list(left_in_english(other)) == []


@BOTH
@pytest.mark.parametrize(("name", "task"), [pair for pair in TASKS if pair[1].kind == "prediction"], ids=task_id)
def test_the_numbers_of_a_student_stand_in_the_text(name: str, task: Task, language: str, tmp_path: Path) -> None:
    seed = personal.seed_of("CNN", name, "ada")
    with speaking(language):
        pairs = personal.replacements(ALL[name], seed)[task.name]
    text = cell_of(handed_out(name, language, seed), task.name, "-text").source
    assert all(theirs in text and (theirs == ours or ours not in text) for ours, theirs in pairs)
    assert handed_in(handed_out(name, language, seed), tmp_path).seed == seed


# ---- grading --------------------------------------------------------------------------------------------------------


@BOTH
@EACH
def test_an_untouched_notebook_answers_no_question(name: str, language: str, tmp_path: Path) -> None:
    one = handed_in(handed_out(name, language), tmp_path)
    assert one.language == language
    assert [grading.written_text(task, one) for task in ALL[name].written] == [""] * len(ALL[name].written)


@BOTH
def test_an_answer_below_the_question_is_read(language: str, tmp_path: Path) -> None:
    notebook, [task] = handed_out("1", language), ALL["1"].written
    cell_of(notebook, task.name, "-text").source += "\n\nHalf of it is lost."
    assert grading.written_text(task, handed_in(notebook, tmp_path)) == "Half of it is lost."


def with_mistakes(notebook: NotebookNode) -> NotebookNode:
    """Return a solved notebook with a known mistake in each of its functions."""
    notebook = copy.deepcopy(notebook)
    for task, there, written, _ in WRONG:
        for cell in notebook.cells:
            if cell.id == f"task-{task}" and there in cell.source:
                cell.source = cell.source.replace(there, written)
    return notebook


@BOTH
@pytest.mark.parametrize("name", ["1", "2", "3"])  # the fourth trains for a minute
def test_a_submission_gets_the_same_in_every_language(name: str, language: str, tmp_path: Path) -> None:
    results, pages = [], []
    for spoken_here in (ENGLISH, language):
        right = handed_in(spoken(name, spoken_here), tmp_path)
        solved = grading.grade(ALL[name], right, 1)
        wanted = [0 if task.kind == "written" else task.points for task in ALL[name].tasks]
        assert [task.points for task in solved.tasks] == wanted
        wrong = handed_in(with_mistakes(spoken(name, spoken_here)), tmp_path)
        results.append(grading.grade(ALL[name], wrong, 1))
        path = report.write_feedback(tmp_path, ALL[name], results[-1], wrong)
        pages.append(path.read_text(encoding="utf-8"))
    for one, other in zip(*(result.tasks for result in results)):
        assert (one.status, one.points, one.mistake) == (other.status, other.points, other.mistake)
        assert one.parts == other.parts
        assert [catalogues.sequence(text) for text in one.paragraphs] == [
            catalogues.sequence(text) for text in other.paragraphs
        ]
    assert f'<html lang="{language.replace("_", "-")}">' in pages[1]
    texts = [html.unescape(SHOWN.sub("\n", page)) for page in pages]
    assert NUMBER.findall(texts[0]) == NUMBER.findall(texts[1])
    own = cell_of(READ[name], ALL[name].written[0].name).source.splitlines()  # written by the student
    assert [text for line in texts[1].splitlines() if line not in own for text in left_in_english(line)] == []


@BOTH
def test_the_command_speaks_the_language_that_it_is_given(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bob.ipynb").write_text("nothing", encoding="utf-8")
    handed_in(STUDENT["1"], tmp_path / "in", "ada")
    monkeypatch.setattr(grading, "_results", lambda tasks, *given: [TaskResult(one.name, one.points) for one in tasks])
    pages = {}
    for spoken_here in (ENGLISH, language):
        output = tmp_path / spoken_here
        more = ["--language", spoken_here] if spoken_here != ENGLISH else []
        assert main([str(tmp_path / "in"), "--assignment", "1", "--output", str(output), *more]) == 0
        for path in (output / "summary.html", output / "feedback" / "bob.html"):
            pages[path.name, spoken_here] = path.read_text(encoding="utf-8")
    with speaking(language):
        wanted = [translated(text) for text in ("Distribution", "Convolution", "The file is no notebook: no cells.")]
    assert all(text in pages["summary.html", language] for text in wanted[:2])
    for name in ("summary.html", "bob.html"):
        texts = [html.unescape(SHOWN.sub("\n", pages[name, one])) for one in (ENGLISH, language)]
        assert NUMBER.findall(texts[0]) == NUMBER.findall(texts[1])
        assert list(left_in_english(texts[1])) == []


@pytest.mark.parametrize("forged", [3, "xx", ["zh_CN"], None])
def test_a_language_that_there_is_not_is_english(forged: Any, tmp_path: Path) -> None:
    notebook = handed_out("1", ENGLISH)
    notebook.metadata["cnnlib"] = {"language": forged}
    assert handed_in(notebook, tmp_path).language == ENGLISH


def test_all_languages_are_made_at_once_each_in_its_folder(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(make_assignments, "masters", list)
    make_assignments.main(["--language", "all"])
    written = [line.removeprefix("written to ") for line in capsys.readouterr().out.splitlines()]
    assert written == [str(make_assignments.output(one)) for one in (ENGLISH, *LANGUAGES)] and len(set(written)) > 1
    with pytest.raises(SystemExit):
        make_assignments.main(["--language", "all", "--output", "somewhere"])
    assert "--language all takes no other options" in capsys.readouterr().err
